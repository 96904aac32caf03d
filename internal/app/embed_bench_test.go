package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// BenchmarkEmbed compares the view of a finding, in each form, with the same record and its links as JSON: x/record is how many times
// as long it takes.
func BenchmarkEmbed(b *testing.B) {
	s := apptest.Start(b, store.Config{DataDir: b.TempDir(), SQLiteSynchronous: "normal"})
	service := s.Must(b, http.StatusCreated, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
	id := s.Must(b, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{
		"title": "Sessions expire early", "severity": "critical", "service_id": service, "component": "sessions", "detected_by": "qa",
		"observed": strings.Repeat("Users are **logged out** in the middle of a course, see [the log](https://log.example/1).\n\n", 4),
		"expected": "A session lasts until the user logs out.", "workaround": "- log in again\n- wait",
	}).Text("id")
	s.Must(b, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": id, "kind": "jira", "external_key": "UPG-12", "url": "https://jira.example/browse/UPG-12"})
	u, err := url.Parse(s.Must(b, http.StatusCreated, "POST", "/api/v1/embeds", map[string]any{"target": id, "allowed_origins": []string{wiki}}).Text("embed_url"))
	if err != nil {
		b.Fatal(err)
	}
	badge := s.Must(b, http.StatusCreated, "POST", "/api/v1/embeds", map[string]any{"target": service}).Text("embed_url")
	badge = strings.Replace(strings.TrimPrefix(badge, "http://hindcast.test"), "/embed/", "/badge/", 1)
	record := 0.0 // what the record takes, in nanoseconds
	for _, one := range []struct{ name, path string }{
		{"record", "/api/v1/findings/" + id + "?expand=references"}, {"record without links", "/api/v1/findings/" + id},
		{"html", u.Path}, {"json", u.Path + ".json"}, {"svg", u.Path + ".svg"}, {"md", u.Path + ".md"}, {"confluence", u.Path + ".confluence.xml"},
		{"adf", u.Path + ".adf.json"}, {"badge", badge + "/open_findings.svg"},
	} {
		b.Run(one.name, func(b *testing.B) {
			for b.Loop() {
				get(b, s, one.path)
			}
			took := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if one.name == "record" {
				record = took
			}
			if record > 0 {
				b.ReportMetric(took/record, "x/record")
			}
		})
	}
}

// get asks for a path, without a token outside of the API. The answer is not held against the description, which takes longer than
// the server.
func get(b *testing.B, s *apptest.Server, path string) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), "GET", s.URL+path, nil)
	if err != nil {
		b.Fatal(err)
	}
	if strings.HasPrefix(path, "/api/") {
		request.Header.Set("Authorization", "Bearer "+s.Token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		b.Fatalf("%s answers %d: %v", path, answer.StatusCode, err)
	}
}
