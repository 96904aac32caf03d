package app_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestAPageShowsTheDraftOfAReview(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		before := s.Must(t, http.StatusOK, "GET", "/api/v1/reviews?limit=200", nil)
		v := newVisitor(t, s).enter(s.Grant(t, "reader", "", vocab.ScopeRead))
		for _, path := range []string{"/attempts/ATT-2", "/reviews/REV-2"} {
			if body := v.open(path).body; !strings.Contains(body, `href="/attempts/ATT-2/draft"`) {
				t.Errorf("%s does not lead to the draft", path)
			}
		}
		s.Must(t, http.StatusOK, "PATCH", "/api/v1/attempts/ATT-2", map[string]any{"outcome_summary": "Reverted. The operator should have seen it."}, "Content-Type", "application/merge-patch+json", "If-Match", "*")
		got := v.open("/attempts/ATT-2/draft")
		text := html.UnescapeString(got.body)
		for _, want := range []string{"Review of Web framework 2 to 3, attempt 2", "<h2>Summary</h2>", "<h2>Contributing factors</h2>", "<h2>Timeline</h2>", `class="lint"`} {
			if got.status != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("the draft (%d) does not show %q", got.status, want)
			}
		}
		if !regexp.MustCompile(`<strong>“[^”]*should[^”]*”</strong>`).MatchString(text) {
			t.Error("the draft says nothing of a wording that blames somebody")
		}
		exports := regexp.MustCompile(`href="(/attempts/ATT-2/draft/export[^"]*)" download="(draft-ATT-2[^"]*)"`).FindAllStringSubmatch(got.body, -1)
		if len(exports) < 5 {
			t.Errorf("the draft can be had as %v", exports)
		}
		for _, export := range exports {
			first, again := v.open(html.UnescapeString(export[1])), v.open(html.UnescapeString(export[1]))
			if first.status != http.StatusOK || first.body != again.body || !strings.Contains(first.body, "attempt 2") {
				t.Errorf("%s = %d, twice alike: %v: %.300s", export[2], first.status, first.body == again.body, first.body)
			}
		}
		if after := s.Must(t, http.StatusOK, "GET", "/api/v1/reviews?limit=200", nil); string(before.Raw) != string(after.Raw) {
			t.Error("looking at a draft keeps a review")
		}
		for path, want := range map[string]int{
			"/attempts/ATT-99/draft": 404, "/attempts/ATT-99/draft/export": 404, "/attempts/ATT-2/draft?x=1": 422,
			"/attempts/ATT-2/draft/export?format=json": 422, "/attempts/ATT-2/draft/export?template=none": 422,
		} {
			if got := v.open(path); got.status != want {
				t.Errorf("%s = %d, want %d", path, got.status, want)
			}
		}
		if got := newVisitor(t, s).open("/attempts/ATT-2/draft/export"); got.status != http.StatusSeeOther {
			t.Errorf("a visitor's export = %d", got.status)
		}
		// A draft that was kept is exported as the preview was, but for what only a kept review has.
		kept := s.Must(t, http.StatusCreated, "POST", "/api/v1/reviews/draft?attempt=ATT-2", nil)
		preview := v.open("/attempts/ATT-2/draft/export?template=short").body
		stored := string(s.Must(t, http.StatusOK, "GET", "/api/v1/reviews/"+kept.Text("id")+"/export?template=short", nil).Raw)
		if stored != preview {
			t.Errorf("kept, the draft is\n%s\nand was\n%s", stored, preview)
		}
		for _, export := range regexp.MustCompile(`href="([^"]*/export[^"]*)" download="(REV-2[^"]*)"`).FindAllStringSubmatch(v.open("/reviews/REV-2").body, -1) {
			if got := v.open(html.UnescapeString(export[1])); got.status != http.StatusOK {
				t.Errorf("%s = %d", export[2], got.status)
			}
		}
	})
}

func TestPagesShowRunbooksAndWhy(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		book := s.Must(t, http.StatusCreated, "POST", "/api/v1/runbooks", map[string]any{
			"title": "Log users in again", "url": "https://wiki.example.com/again", "alert_names": []string{"SessionsExpire"},
		}).Text("id")
		hidden := s.Must(t, http.StatusCreated, "POST", "/api/v1/runbooks", map[string]any{
			"title": "Unspeakable", "url": "https://wiki.example.com/no", "alert_names": []string{"SessionsExpire"}, "visibility": "restricted", "team": "payments",
		}).Text("id")
		s.Must(t, http.StatusCreated, "POST", "/api/v1/runbooks/"+book+"/feedback", map[string]any{"verdict": "helped"})
		incident := s.Must(t, http.StatusCreated, "POST", "/api/v1/incidents", map[string]any{"title": "SessionsExpire fires", "severity": "high"}).Text("id")
		v := newVisitor(t, s).enter(s.Grant(t, "reader", "", vocab.ScopeRead))
		for _, path := range []string{"/findings/" + makeFinding(t, s, map[string]any{"title": "SessionsExpire fires"}), "/incidents/" + incident} {
			why := s.Must(t, http.StatusOK, "GET", "/api/v1"+path+"/runbooks", nil).Text("items.0.why")
			body := html.UnescapeString(v.open(path).body)
			for _, want := range []string{`<a href="/runbooks/` + book + `">Log users in again</a>`, why, "helped 1 time", `href="https://wiki.example.com/again"`} {
				if why == "" || !strings.Contains(body, want) {
					t.Errorf("%s does not show %q", path, want)
				}
			}
			if strings.Contains(body, hidden) || strings.Contains(body, "Unspeakable") {
				t.Errorf("%s shows a runbook of another team", path)
			}
		}
	})
}
