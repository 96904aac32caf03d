package collect

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestSecretsAreHashed(t *testing.T) {
	for name, tc := range map[string]struct {
		setting, value string
		hashed         bool
	}{
		"a password":                {"db_password", "hunter2", true},
		"a numeric password":        {"PASSWORD", "12345", true},
		"an API key":                {"api_key", "abc", true},
		"a token":                   {"github_token", "x", true},
		"a connection":              {"primary_conninfo", "host=a password=b", true},
		"a command":                 {"archive_command", "cp %p /x", true},
		"an address with a login":   {"upstream", "postgres://a:b@c/d", true},
		"a private key":             {"x", "-----BEGIN RSA PRIVATE KEY-----", true},
		"a web token":               {"x", "eyJhbGciOiJIUzI1NiJ9.eyJ", true},
		"a header":                  {"x", "Bearer abc", true},
		"an address without one":    {"upstream", "https://example.org/a", false},
		"an amount named after key": {"key_buffer_size", "134217728", false},
		"a switch named after key":  {"foreign_key_checks", "ON", false},
		"how passwords are hashed":  {"password_encryption", "scram-sha-256", false},
		"an ordinary setting":       {"work_mem", "64 MB", false},
		"an author":                 {"author", "somebody", false},
		"an empty secret":           {"password", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			got := Options{}.Value(tc.setting, tc.value)
			if hashed := got != tc.value; hashed != tc.hashed {
				t.Errorf("Value(%s, %s) = %s, want it hashed: %t", tc.setting, tc.value, got, tc.hashed)
			}
			if tc.hashed && (!strings.HasPrefix(got, "sha256:") || strings.Contains(got, tc.value) && len(tc.value) > 3) {
				t.Errorf("Value(%s, %s) = %s, want a hash", tc.setting, tc.value, got)
			}
		})
	}
}

func TestAKeyChangesEveryHash(t *testing.T) {
	plain, keyed, other := Options{}.Hash("x"), Options{HashKey: []byte("k")}.Hash("x"), Options{HashKey: []byte("l")}.Hash("x")
	if plain == keyed || keyed == other || keyed != (Options{HashKey: []byte("k")}).Hash("x") || !strings.HasPrefix(keyed, "hmac-sha256:") {
		t.Errorf("got %s, %s, %s", plain, keyed, other)
	}
}

func TestEnvTellsNamesAndHashesOnly(t *testing.T) {
	got := Env([]string{"MODE=production", "HOME=/root", "EMPTY=", "A/B=1", "broken", "=x"}, Options{})
	want := Result{vocab.SnapshotKindSettings, envTool, map[string]any{
		"env/MODE": Options{}.Hash("production"), "env/EMPTY": Options{}.Hash(""), "env/A%2FB": Options{}.Hash("1"),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCustomFlattensObjects(t *testing.T) {
	got, err := Custom([]byte(`{"queue": {"workers": 4, "tags": ["a", "b"], "none": {}}, "hosts": [{"name": "x", "size": 1.50}, {"name": "y"}],
		"mixed": [{"name": "x"}, 5], "db": {"password": "p", "pin_token": 12, "a/b": "postgres://u:p@h/d"}, "": true}`), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"queue/workers": `4`, "queue/tags": `["a","b"]`, "queue/none": `{}`, "hosts/x/name": `"x"`, "hosts/x/size": `1.5`, "hosts/y/name": `"y"`,
		"mixed": `[{"name":"x"},5]`, "db/password": `"` + Options{}.Hash("p") + `"`, "db/pin_token": `"` + Options{}.Hash("12") + `"`,
		"db/a%2Fb": `"` + Options{}.Hash("postgres://u:p@h/d") + `"`, "(empty)": `true`,
	}
	s, err := drift.New(got.Kind, got.Items)
	if err != nil {
		t.Fatal(err)
	}
	items := map[string]string{}
	for _, item := range s.Items() {
		items[item.Path] = string(item.Value)
	}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCustomRefusesWhatIsNoObject(t *testing.T) {
	for _, raw := range []string{"", "[]", "1", "{} {}", "{", strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)} {
		if got, err := Custom([]byte(raw), Options{}); err == nil {
			t.Errorf("%.20s gave %v, want an error", raw, got)
		}
	}
}

const manifests = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  template:
    spec:
      initContainers:
      - {name: setup, image: "setup:1"}
      containers:
      - name: app
        image: registry.example.org/app:1.2
        args: [--secret=x]
        resources: {limits: {cpu: 500m, memory: 1}}
        env:
        - {name: MODE, value: production}
        - {name: DB, valueFrom: {secretKeyRef: {name: db, key: url}}}
        - {name: BLANK}
---
kind: List
items:
- kind: CronJob
  metadata: {name: nightly}
  spec:
    schedule: "0 3 * * *"
    jobTemplate: {spec: {template: {spec: {containers: [{name: job, image: "job:3"}]}}}}
- kind: Service
  metadata: {name: web}
- kind: Secret
  metadata: {name: db}
  data: {url: cG9zdGdyZXM=}
`

func TestKubernetesReadsWhatRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "all.yaml")
	if err := os.WriteFile(path, []byte(manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := Kubernetes(Options{}, path)
	if err != nil {
		t.Fatal(err)
	}
	hash := Options{}.Hash
	want := map[string]any{
		"deployment/shop.web":                 map[string]any{"replicas": 2},
		"deployment/shop.web/container/setup": map[string]any{"image": "setup:1", "init": true},
		"deployment/shop.web/container/app": map[string]any{"image": "registry.example.org/app:1.2", "arguments_hash": hash("--secret=x"),
			"resources": map[string]any{"limits": map[string]any{"cpu": "500m", "memory": "1"}}},
		"deployment/shop.web/container/app/env/MODE":  hash("production"),
		"deployment/shop.web/container/app/env/DB":    map[string]any{"from": map[string]any{"secretKeyRef": map[string]any{"name": "db", "key": "url"}}},
		"deployment/shop.web/container/app/env/BLANK": hash(""),
		"cronjob/nightly":               map[string]any{"schedule": "0 3 * * *"},
		"cronjob/nightly/container/job": map[string]any{"image": "job:3"},
		"secret/db":                     map[string]any{"url": hash("cG9zdGdyZXM=")},
	}
	if diff := cmp.Diff(want, got.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if text := fmt.Sprint(got.Items); strings.Contains(text, "production") || strings.Contains(text, "--secret") || strings.Contains(text, "cG9z") {
		t.Errorf("a value has left the host: %s", text)
	}
}

func TestKubernetesWords(t *testing.T) {
	read := func(text string) drift.Snapshot {
		items := map[string]any{}
		if err := readManifests([]byte(text), items, Options{}); err != nil {
			t.Fatal(err)
		}
		s, err := drift.New(vocab.SnapshotKindSettings, items)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	target := strings.NewReplacer("app:1.2", "app:1.3", "production", "test", "replicas: 2", "replicas: 1", "cG9zdGdyZXM=", "eA==", "        - {name: BLANK}\n", "").Replace(manifests)
	var got []string
	for _, c := range drift.Diff(read(manifests), read(target), drift.Names{Base: "PROD", Target: "DEV"}) {
		got = append(got, c.Why)
	}
	want := []string{
		"container app on shop.web differs: image registry.example.org/app:1.2 in PROD, registry.example.org/app:1.3 in DEV",
		"environment variable BLANK of container app is missing in DEV",
		"environment variable MODE of container app has another value in DEV than in PROD",
		"deployment shop.web differs: replicas 2 in PROD, 1 in DEV",
		"secret db differs: url is not the same",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzKubernetes(f *testing.F) {
	f.Add([]byte(manifests))
	f.Fuzz(func(t *testing.T, raw []byte) {
		items := map[string]any{}
		if readManifests(raw, items, Options{}) != nil || len(items) == 0 {
			return
		}
		for path, value := range items {
			if _, err := drift.New(vocab.SnapshotKindSettings, map[string]any{path: value}); err != nil && !strings.Contains(err.Error(), "items.") {
				t.Fatalf("%s: %v", path, err)
			}
		}
	})
}

func FuzzCustom(f *testing.F) {
	f.Add([]byte(`{"a": {"b": [1, {"name": "x"}]}, "c/d": "e"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := Custom(raw, Options{})
		if err == nil && got.Kind != vocab.SnapshotKindCustom {
			t.Fatalf("kind is %s", got.Kind)
		}
	})
}
