package app_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// versionEvent writes an event about a version of project 10000.
func versionEvent(event, id, name string, released bool, at time.Time, more string) string {
	return fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"jira:version_%s","version":{"id":%q,"self":"https://x.atlassian.net/rest/api/2/version/%s","name":%q,"projectId":10000,"released":%t,"archived":false}%s}`,
		at.UnixMilli(), event, id, id, name, released, more)
}

// releases is a source whose project 10000 is a service with a production environment.
func releases(t *testing.T, s *apptest.Server) site {
	t.Helper()
	service := s.Must(t, 201, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
	s.Must(t, 201, "POST", "/api/v1/environments", map[string]any{"name": "PROD", "kind": "production"})
	return source(t, s, map[string]any{"projects": map[string]any{"10000": service}})
}

// attempt is the only attempt that deploys a release, with its references.
func (s site) attempt(t *testing.T, release string) apptest.Answer {
	t.Helper()
	list := s.Must(t, 200, "GET", "/api/v1/attempts?release_ref="+release, nil)
	if items, _ := list.Body["items"].([]any); len(items) != 1 {
		t.Fatalf("%d attempts deploy %s, want 1", len(items), release)
	}
	return s.Must(t, 200, "GET", "/api/v1/attempts/"+list.Text("items.0.id")+"?expand=references", nil)
}

func fixedIn(id, name string) string {
	return fmt.Sprintf(`,"fixVersions":[{"id":%q,"name":%q}]`, id, name)
}

func TestJira46AMergedVersionLeadsToTheOneThatTookItsPlace(t *testing.T) {
	for claim, into := range map[string]struct {
		before []string // what was told of the target before the merge
		merge  string
		after  []string // and after it
	}{
		"the target is known":             {[]string{versionEvent("created", "10", "24.4", false, morning, "")}, `,"mergedTo":10`, nil},
		"the event describes the target":  {nil, `,"mergedTo":{"id":"10","name":"24.4","projectId":10000,"released":false}`, nil},
		"the target is told of later":     {nil, `,"mergedTo":"10"`, []string{versionEvent("updated", "10", "24.4", false, morning.Add(time.Hour), "")}},
		"the event has the name of later": {nil, `,"mergedVersion":{"id":"10"},"mergedTo":{"id":10,"name":"24.4"}`, nil},
	} {
		t.Run(claim, func(t *testing.T) {
			apptest.Each(t, func(t *testing.T, s *apptest.Server) {
				src := releases(t, s)
				src.ok(t, "accepted", versionEvent("released", "9", "24.3.1", true, morning, ""))
				src.drain(t)
				src.ok(t, "accepted", issueEvent(change{id: "461", key: "UPG-461", fields: fixedIn("9", "24.3.1")}))
				src.drain(t)
				was := src.attempt(t, "24.3.1")
				if was.Text("released_at") == "" || was.Text("references.0.external_key") != "24.3.1" || !strings.HasSuffix(was.Text("references.0.url"), "projectId=10000&version=9") {
					t.Fatalf("the attempt is %s, want it released and linked to the version", was.Raw)
				}
				if got := src.found(t, "UPG-461").Text("attempt_id"); got != was.Text("id") {
					t.Fatalf("the finding belongs to %q, want %s", got, was.Text("id"))
				}
				for _, body := range into.before {
					src.ok(t, "accepted", body)
				}
				src.ok(t, "accepted", versionEvent("deleted", "9", "24.3.1", true, morning.Add(time.Minute), into.merge))
				for _, body := range into.after {
					src.ok(t, "accepted", body)
				}
				src.drain(t)
				now := src.attempt(t, "24.4")
				if now.Text("id") != was.Text("id") || now.Text("references.0.external_key") != "24.4" || now.Text("references.1.id") != "" ||
					now.Text("references.0.role") != "release in Jira" || (now.Text("references.0.url") != "" && !strings.HasSuffix(now.Text("references.0.url"), "version=10")) {
					t.Errorf("the attempt is %s, want it to lead to the version that took over", now.Raw)
				}
				// An issue that still names the version that is gone belongs to the one that took its place.
				src.ok(t, "accepted", issueEvent(change{id: "462", key: "UPG-462", fields: fixedIn("9", "24.3.1")}))
				src.drain(t)
				if got := src.found(t, "UPG-462").Text("attempt_id"); got != now.Text("id") {
					t.Errorf("an issue that comes later belongs to %q, want %s", got, now.Text("id"))
				}
			})
		})
	}
}

func TestJira46AMergeMovesIssuesToTheAttemptOfTheTarget(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := releases(t, s)
		src.ok(t, "accepted", versionEvent("released", "9", "24.3.1", true, morning, ""))
		src.drain(t)
		src.ok(t, "accepted", versionEvent("released", "10", "24.4", true, morning, ""))
		src.ok(t, "accepted", versionEvent("released", "11", "25.0", true, morning, ""))
		src.drain(t)
		src.ok(t, "accepted", issueEvent(change{id: "463", key: "UPG-463", fields: fixedIn("9", "24.3.1")}))
		src.ok(t, "accepted", issueEvent(change{id: "464", key: "UPG-464", fields: fixedIn("11", "25.0")}))
		src.drain(t)
		first, second, third := src.attempt(t, "24.3.1").Text("id"), src.attempt(t, "24.4").Text("id"), src.attempt(t, "25.0").Text("id")
		if got := src.found(t, "UPG-463").Text("attempt_id"); got != first || first == second {
			t.Fatalf("the finding belongs to %q, want %s", got, first)
		}
		merge := src.ok(t, "accepted", versionEvent("deleted", "9", "24.3.1", true, morning.Add(time.Minute), `,"mergedTo":{"id":"10"}`))
		src.drain(t)
		if d := src.became(t, merge, "applied", ""); !strings.Contains(d.Text("effects"), src.record(t, "UPG-463")) {
			t.Errorf("the merge tells of %s, want the finding it moved", d.Text("effects"))
		}
		if got := src.found(t, "UPG-463").Text("attempt_id"); got != second {
			t.Errorf("after the merge the finding belongs to %q, want %s", got, second)
		}
		if got := src.found(t, "UPG-464").Text("attempt_id"); got != third {
			t.Errorf("the finding of another version belongs to %q, want %s", got, third)
		}
		if got := src.attempt(t, "24.3.1"); got.Text("references.0.role") != "deleted in Jira" || got.Text("released_at") == "" {
			t.Errorf("the attempt of the version that is gone is %s, want it kept and marked", got.Raw)
		}
		// A merge into a version that was merged itself leads to the end of the chain.
		src.ok(t, "accepted", versionEvent("deleted", "11", "25.0", true, morning.Add(2*time.Minute), `,"mergedTo":9`))
		src.drain(t)
		if got := src.found(t, "UPG-464").Text("attempt_id"); got != second {
			t.Errorf("after the second merge the finding belongs to %q, want %s", got, second)
		}
	})
}

func TestJira46ADeletedVersionIsMarkedAndItsAttemptStays(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := releases(t, s)
		src.ok(t, "accepted", versionEvent("released", "9", "24.3.1", true, morning, ""))
		src.ok(t, "accepted", versionEvent("deleted", "9", "24.3.1", true, morning.Add(time.Minute), `,"mergedTo":null`))
		src.drain(t)
		got := src.attempt(t, "24.3.1")
		if got.Text("references.0.role") != "deleted in Jira" || got.Text("released_at") == "" || got.Text("release_ref") != "24.3.1" {
			t.Errorf("the attempt is %s, want it kept and its version marked as deleted", got.Raw)
		}
		again := src.ok(t, "accepted", versionEvent("deleted", "9", "24.3.1", true, morning.Add(2*time.Minute), ""))
		late := src.ok(t, "accepted", versionEvent("released", "9", "24.3.1", true, morning.Add(30*time.Second), ""))
		src.drain(t)
		src.became(t, again, "noop", "no_change")
		src.became(t, late, "noop", "no_change")
	})
}
