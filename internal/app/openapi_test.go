package app_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/docs"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// operations are the operations of the API description, as "GET /path".
func operations(t *testing.T) map[string]map[string]any {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(docs.OpenAPIJSON(), &doc); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for path, item := range doc.Paths {
		for method, raw := range item {
			if method == "parameters" {
				continue
			}
			var operation map[string]any
			if err := json.Unmarshal(raw, &operation); err != nil {
				t.Fatal(err)
			}
			all[strings.ToUpper(method)+" "+path] = operation
		}
	}
	return all
}

var (
	pathParameter = regexp.MustCompile(`:(\w+)`)
	anyParameter  = regexp.MustCompile(`\{\w+\}`)
)

func TestTheRoutesAndTheDescriptionListTheSameOperations(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"})
	described := operations(t)
	scopes, want := map[string]string{}, map[string]string{}
	for _, route := range s.API.Routes() {
		if !route.Page() {
			scopes[route.Method+" "+pathParameter.ReplaceAllString(route.Path, "{$1}")] = string(route.Scope)
		}
	}
	for name, operation := range described {
		scope, _ := operation["x-required-scope"].(string)
		want[name] = scope
	}
	if diff := cmp.Diff(scopes, want); diff != "" {
		t.Errorf("routes and description differ in operations or scopes (-routes +description):\n%s", diff)
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for name, operation := range operations(t) {
		for _, member := range []string{"operationId", "summary", "tags", "responses"} {
			if operation[member] == nil {
				t.Errorf("%s has no %s", name, member)
			}
		}
		id, _ := operation["operationId"].(string)
		if seen[id] != "" {
			t.Errorf("%s and %s share the operationId %s", name, seen[id], id)
		}
		seen[id] = name
	}
}

func TestTheServerDescribesAndMeasuresItself(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"})
	for path, want := range map[string]string{"/openapi.json": `"openapi"`, "/openapi.yaml": "openapi:", "/metrics": "hindcast_"} {
		if got := s.Must(t, 200, "GET", path, nil); !strings.Contains(string(got.Raw), want) {
			t.Errorf("GET %s has no %s", path, want)
		}
	}
}
