package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// BenchmarkEmbed compares the view of a finding, in each form, with the same record as JSON.
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
	for name, path := range map[string]string{
		"record": "/api/v1/findings/" + id + "?expand=references", "record without links": "/api/v1/findings/" + id,
		"html": u.Path, "json": u.Path + ".json", "svg": u.Path + ".svg", "md": u.Path + ".md", "confluence": u.Path + ".confluence.xml",
		"badge": badge + "/open_findings.svg",
	} {
		token := s.Token
		if !strings.HasPrefix(path, "/api/") {
			token = ""
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if got := s.CallAs(b, token, "GET", path, nil); got.Status != http.StatusOK {
					b.Fatalf("%s answers %d: %s", path, got.Status, got.Raw)
				}
			}
		})
	}
}
