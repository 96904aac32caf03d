package app_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/linkcheck"
	"github.com/hindcast-kb/hindcast/internal/outbound"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func makeRunbook(t *testing.T, s *apptest.Server, more map[string]any) string {
	t.Helper()
	body := map[string]any{"title": "Unrelated page", "url": "https://wiki.example.com/other"}
	for k, v := range more {
		body[k] = v
	}
	return s.Must(t, http.StatusCreated, "POST", "/api/v1/runbooks", body).Text("id")
}

func TestRunbooksAreFoundAndSayWhy(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		makeRunbook(t, s, nil)
		byText := makeRunbook(t, s, map[string]any{"title": "When sessions expire", "url": "https://wiki.example.com/text"})
		byRule := makeRunbook(t, s, map[string]any{"title": "Rule", "url": "https://wiki.example.com/rule", "match_rules": []any{map[string]any{"severities": []string{"critical"}, "contains": []string{"LOGGED OUT"}}}})
		byAlert := makeRunbook(t, s, map[string]any{"title": "Alert", "url": "https://wiki.example.com/alert", "alert_names": []string{"SessionsExpire"}})
		byLink := makeRunbook(t, s, map[string]any{"title": "Link", "url": "https://wiki.example.com/link"})
		makeRunbook(t, s, map[string]any{"title": "Hidden SessionsExpire", "alert_names": []string{"SessionsExpire"}, "visibility": "restricted", "team": "shop"})
		id := makeFinding(t, s, map[string]any{"title": "[FIRING] SessionsExpire", "observed": "Users are logged out when sessions expire"})
		s.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": id, "kind": "runbook", "url": "https://wiki.example.com/link/"})
		s.Must(t, http.StatusCreated, "POST", "/api/v1/runbooks/"+byLink+"/feedback", map[string]any{"verdict": "helped", "used_for": id, "note": "Step 2 did it."})
		reader := s.Grant(t, "reader", "", vocab.ScopeRead)
		got := s.CallAs(t, reader, "GET", "/api/v1/findings/"+id+"/runbooks", nil)
		items, _ := got.Body["items"].([]any)
		want := [][3]string{{byLink, "link", "linked by REF-1"}, {byAlert, "alert", "SessionsExpire is named"}, {byRule, "rule", "severity critical, it holds “LOGGED OUT”"}, {byText, "text", "both say expire, sessions"}}
		if len(items) != len(want) {
			t.Fatalf("found %s", got.Raw)
		}
		for i, w := range want {
			item := items[i].(map[string]any)
			if item["id"] != w[0] || item["matched_by"] != w[1] || !strings.Contains(item["why"].(string), w[2]) || item["health"] != "unverified" {
				t.Errorf("place %d has %v, want %v", i, item, w)
			}
		}
		if got.Text("items.0.feedback.helped") != "1" {
			t.Errorf("the first says %s", got.Raw)
		}
		incident := s.Must(t, http.StatusCreated, "POST", "/api/v1/incidents", map[string]any{"title": "SessionsExpire again", "severity": "low"}).Text("id")
		if got := s.CallAs(t, reader, "GET", "/api/v1/incidents/"+incident+"/runbooks", nil); got.Text("items.0.id") != byAlert {
			t.Errorf("for an incident it answers %s", got.Raw)
		}
		s.Must(t, http.StatusNotFound, "GET", "/api/v1/findings/FND-99/runbooks", nil)
	})
}

func TestFeedbackOnARunbook(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		path := "/api/v1/runbooks/" + makeRunbook(t, s, nil) + "/feedback"
		for _, verdict := range []string{"used", "helped", "helped", "did_not_help", "outdated"} {
			s.Must(t, http.StatusCreated, "POST", path, map[string]any{"verdict": verdict})
		}
		got := s.Must(t, http.StatusOK, "GET", path, nil)
		if got.Text("items.0.verdict") != "outdated" || got.Text("counts.helped") != "2" || got.Text("counts.did_not_help") != "1" {
			t.Errorf("it reads %s", got.Raw)
		}
		for _, bad := range []map[string]any{{}, {"verdict": "great"}, {"verdict": "used", "used_for": "FND-99"}, {"verdict": "used", "used_for": "LES-1"}, {"verdict": "used", "x": 1}} {
			s.Must(t, http.StatusUnprocessableEntity, "POST", path, bad)
		}
		s.Must(t, http.StatusNotFound, "POST", "/api/v1/runbooks/RBK-99/feedback", map[string]any{"verdict": "used"})
		s.Must(t, http.StatusNoContent, "DELETE", strings.TrimSuffix(path, "/feedback"), nil)
	})
}

func TestRunbooksAreImportedOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		shop := s.Must(t, http.StatusCreated, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
		files := []any{
			map[string]any{"name": "runbooks/node/NodeFull.md", "text": "---\ntitle: Node is full\n---\n## Meaning\n\nNo room."},
			map[string]any{"name": "catalog-info.yaml", "text": "kind: Component\nmetadata:\n  name: shop\n  links:\n  - {url: 'https://wiki.example.com/shop', type: runbook}\n"},
			map[string]any{"name": "_index.md", "text": "x"}, map[string]any{"name": "bad.md", "text": "---\ntitle: ["},
		}
		body := map[string]any{"base_url": "https://runbooks.example.com", "files": files}
		states := func(a apptest.Answer) string {
			return strings.Join([]string{a.Text("items.0.status"), a.Text("items.1.status"), a.Text("items.2.status"), a.Text("items.3.status")}, " ")
		}
		for _, step := range []struct{ query, want string }{
			{"?dry_run=true", "imported imported left_out refused"}, {"", "imported imported left_out refused"}, {"", "unchanged unchanged left_out refused"},
		} {
			if got := states(s.Must(t, http.StatusOK, "POST", "/api/v1/imports/runbooks"+step.query, body)); got != step.want {
				t.Errorf("%q answers %q, want %q", step.query, got, step.want)
			}
		}
		node := s.Must(t, http.StatusOK, "GET", "/api/v1/runbooks/RBK-1", nil)
		if node.Text("url") != "https://runbooks.example.com/runbooks/node/NodeFull" || node.Text("alert_names.0") != "NodeFull" || node.Text("areas.0") != "node" || !strings.Contains(node.Text("body"), "No room.") || node.Text("content_hash") == "" {
			t.Errorf("the page became %s", node.Raw)
		}
		if linked := s.Must(t, http.StatusOK, "GET", "/api/v1/runbooks/RBK-2", nil); linked.Text("service_id") != shop {
			t.Errorf("the link of the catalog became %s", linked.Raw)
		}
		files[0] = map[string]any{"name": "runbooks/node/NodeFull.md", "text": "---\ntitle: Node is full\n---\nMore."}
		if got := states(s.Must(t, http.StatusOK, "POST", "/api/v1/imports/runbooks", body)); got != "updated unchanged left_out refused" {
			t.Errorf("a changed page answers %q", got)
		}
		again := s.Must(t, http.StatusOK, "GET", "/api/v1/runbooks/RBK-1", nil)
		if again.Text("content_hash") == node.Text("content_hash") || again.Text("content_changed_at") == "" {
			t.Errorf("the change is not seen: %s", again.Raw)
		}
		writer := s.Grant(t, "writer", "", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, writer, "POST", "/api/v1/imports/runbooks", body); got.Status != http.StatusForbidden {
			t.Errorf("importing without admin answers %d", got.Status)
		}
	})
}

func TestLinksOfRunbooksAreCheckedInTheBackground(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		status := http.StatusOK
		page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		t.Cleanup(page.Close)
		policy, err := outbound.NewPolicy([]string{"127.0.0.1/32"})
		if err != nil {
			t.Fatal(err)
		}
		path := "/api/v1/runbooks/" + makeRunbook(t, s, map[string]any{"url": page.URL + "/x", "reviewed_at": "2026-03-01T00:00:00Z"})
		worker := linkcheck.NewWorker(s.Services.Runbooks, linkcheck.NewChecker(policy, s.Clock.Now), slog.New(slog.DiscardHandler))
		look := func(want int) {
			t.Helper()
			if n, err := worker.Once(t.Context()); err != nil || n != want {
				t.Fatalf("%d were looked at, want %d: %v", n, want, err)
			}
		}
		look(1)
		got := s.Must(t, http.StatusOK, "GET", path, nil)
		if got.Text("link_status") != "ok" || got.Text("health") != "fresh" || got.Text("link_detail") != "status 200" || got.Text("link_checked_at") == "" {
			t.Errorf("a page that is there reads %s", got.Raw)
		}
		look(0)
		status = http.StatusNotFound
		for range 3 {
			s.Clock.Move(25 * time.Hour)
			look(1)
		}
		got = s.Must(t, http.StatusOK, "GET", path, nil)
		if got.Text("link_status") != "broken" || got.Text("health") != "broken" {
			t.Errorf("a page that is gone reads %s", got.Raw)
		}
		if list := s.Must(t, http.StatusOK, "GET", "/api/v1/runbooks?health=broken", nil); list.Text("items.0.link_status") != "broken" {
			t.Errorf("the list of broken ones reads %s", list.Raw)
		}
		s.Must(t, http.StatusOK, "PATCH", path, map[string]any{"url": page.URL + "/y"}, "Content-Type", "application/merge-patch+json")
		status = http.StatusForbidden
		look(1)
		if got := s.Must(t, http.StatusOK, "GET", path, nil); got.Text("link_status") != "refused" || got.Text("health") != "unverified" {
			t.Errorf("a page behind a login reads %s", got.Raw)
		}
	})
}
