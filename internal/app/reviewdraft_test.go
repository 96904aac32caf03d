package app_test

import (
	"encoding/xml"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// tried makes an attempt of an upgrade with a signal that was read as unrelated, an incident, a finding and an assumption.
func tried(t *testing.T, s *apptest.Server) (attempt string) {
	t.Helper()
	service := s.Must(t, http.StatusCreated, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
	env := s.Must(t, http.StatusCreated, "POST", "/api/v1/environments", map[string]any{"name": "Production", "kind": "production"}).Text("id")
	upgrade := s.Must(t, http.StatusCreated, "POST", "/api/v1/upgrades", map[string]any{"title": "Framework 2 to 3", "kind": "framework", "service_id": service}).Text("id")
	attempt = s.Must(t, http.StatusCreated, "POST", "/api/v1/attempts", map[string]any{
		"upgrade_id": upgrade, "environment_id": env, "started_at": "2026-02-27T05:00:00Z", "users_affected": 1200, "outcome_summary": "Reverted after four hours.",
	}).Text("id")
	events := "/api/v1/attempts/" + attempt + "/events"
	s.Must(t, http.StatusCreated, "POST", events, map[string]any{"occurred_at": "2026-02-27T05:20:00Z", "kind": "signal", "text": "QA sees that sessions expire", "acted_on": false})
	s.Must(t, http.StatusCreated, "POST", events, map[string]any{"occurred_at": "2026-02-27T05:30:00Z", "kind": "interpretation", "text": "It is read as unrelated", "acted_on": false})
	s.Must(t, http.StatusCreated, "POST", events, map[string]any{"occurred_at": "2026-02-27T09:00:00Z", "kind": "action", "text": "The old version is put back", "acted_on": true})
	s.Must(t, http.StatusCreated, "POST", "/api/v1/incidents", map[string]any{
		"title": "Users are thrown out", "severity": "critical", "attempt_id": attempt, "impact": "Users lost their place.",
		"impact_start": "2026-02-27T07:00:00Z", "detected_at": "2026-02-27T07:30:00Z", "impact_end": "2026-02-27T09:10:00Z", "detected_by": "support",
	})
	s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Sessions expire early", "severity": "critical", "attempt_id": attempt, "attribution": "exposed_by_change"})
	s.Must(t, http.StatusCreated, "POST", "/api/v1/assumptions", map[string]any{"statement": "Development and production are the same", "attempt_id": attempt, "importance": "blocking", "category": "environment_parity"})
	return attempt
}

func TestAReviewIsDraftedFromWhatIsRecorded(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		attempt := tried(t, s)
		got := s.Must(t, http.StatusCreated, "POST", "/api/v1/reviews/draft?attempt="+attempt, nil)
		for member, want := range map[string][]string{
			"title":       {"Review of Framework 2 to 3, attempt 1"},
			"status":      {"draft"},
			"summary":     {"started on 2026-02-27 05:00 UTC", "Reverted after four hours. (" + attempt + ")", "first recorded signal came on 2026-02-27 05:20 UTC: QA sees that sessions expire. (EVT-1)", "3 hours 40 minutes later", "(EVT-3, EVT-1)", "30 minutes after the impact began"},
			"impact":      {"severity critical", "(2 hours 10 minutes). (INC-1)", "Users affected: 1200", "Findings exposed by change: 1. (FND-1)"},
			"went_poorly": {"nothing was done because of it: It is read as unrelated. (EVT-2)"},
		} {
			for _, text := range want {
				if !strings.Contains(got.Text(member), text) {
					t.Errorf("%s reads %q, want %q in it", member, got.Text(member), text)
				}
			}
		}
		if got.Text("contributing_factors.0.category") != "environment parity" || got.Text("contributing_factors.0.refs.0") != "ASM-1" || got.Text("incident_ids.0") != "INC-1" {
			t.Errorf("the draft is %s", got.Raw)
		}
		sentences, _ := got.Body["sentences"].([]any)
		for _, one := range sentences {
			sentence := one.(map[string]any)
			if refs, _ := sentence["refs"].([]any); len(refs) == 0 {
				t.Errorf("a sentence names no record: %v", sentence)
			}
		}
		if len(sentences) < 10 || got.Body["warnings"] != nil {
			t.Errorf("there are %d sentences, and notes on their wording: %v", len(sentences), got.Body["warnings"])
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/reviews/draft?attempt=UPG-1", nil)
		s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/reviews/draft", nil)
		s.Must(t, http.StatusNotFound, "POST", "/api/v1/reviews/draft?attempt=ATT-99", nil)
		reader := s.Grant(t, "reader", "", vocab.ScopeRead)
		if got := s.CallAs(t, reader, "POST", "/api/v1/reviews/draft?attempt="+attempt, nil); got.Status != http.StatusForbidden {
			t.Errorf("drafting without write answers %d", got.Status)
		}
	})
}

func TestExportsOfUnchangedFactsAreEqual(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		path := s.Must(t, http.StatusCreated, "POST", "/api/v1/reviews/draft?attempt="+tried(t, s), nil).Header.Get("Location")
		s.Must(t, http.StatusCreated, "POST", "/api/v1/actions", map[string]any{"title": "Compare schemas", "done_criterion": "A difference fails the build", "owner": "database team", "review_id": path[strings.LastIndex(path, "/")+1:]})
		for _, form := range []string{"format=markdown", "format=confluence", "format=wiki", "format=json", "template=sre", "template=short", "format=confluence&template=sre"} {
			first, second := s.Must(t, http.StatusOK, "GET", path+"/export?"+form, nil), s.Must(t, http.StatusOK, "GET", path+"/export?"+form, nil)
			if string(first.Raw) != string(second.Raw) {
				t.Errorf("%s gives other bytes the second time", form)
			}
			if !strings.Contains(string(first.Raw), "sessions expire") && !strings.Contains(form, "short") {
				t.Errorf("%s lacks the timeline: %s", form, first.Raw)
			}
			if strings.HasPrefix(form, "format=confluence") {
				decoder := xml.NewDecoder(strings.NewReader(string(first.Raw)))
				for {
					if _, err := decoder.Token(); err == io.EOF {
						break
					} else if err != nil {
						t.Fatalf("%s does not parse: %v", form, err)
					}
				}
			}
		}
		sre := string(s.Must(t, http.StatusOK, "GET", path+"/export?template=sre", nil).Raw)
		if !strings.Contains(sre, "| Compare schemas |") || !regexp.MustCompile(`(?m)^Detected at 2026-02-27 07:30 UTC, 30m after the impact began\.$`).MatchString(sre) {
			t.Errorf("the template of reliability teams reads %s", sre)
		}
		for _, bad := range []string{"template=nope", "template=company", "format=pdf", "format=json&template=sre", "x=1"} {
			s.Must(t, http.StatusUnprocessableEntity, "GET", path+"/export?"+bad, nil)
		}
		s.Must(t, http.StatusOK, "POST", path+"/transitions", map[string]any{"to": "in_review"})
		s.Must(t, http.StatusOK, "POST", path+"/transitions", map[string]any{"to": "published"})
		amended := s.Must(t, http.StatusOK, "PATCH", path, map[string]any{"lucky": "No exam took place."}, "Content-Type", "application/merge-patch+json")
		if amended.Text("amendments.0.fields.0") != "lucky" {
			t.Errorf("the change of a published review reads %s", amended.Raw)
		}
	})
}

// house is a template as a company would write it.
const house = `# Report: {{title}}

| Severity | Began | Lasted |
|---|---|---|
| {{severity}} | {{impact_start}} | {{duration}} |

{{#lucky}}
## Luck

{{lucky}}
{{/lucky}}
{{#went_poorly}}
## To learn from

{{went_poorly}}
{{/went_poorly}}
## Hours

{{timeline}}
`

func TestACompanyWritesReviewsInItsOwnTemplate(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		path := s.Must(t, http.StatusCreated, "POST", "/api/v1/reviews/draft?attempt="+tried(t, s), nil).Header.Get("Location")
		first, second := s.Must(t, http.StatusOK, "GET", path+"/export?template=company", nil), s.Must(t, http.StatusOK, "GET", path+"/export?template=company", nil)
		text := string(first.Raw)
		if text != string(second.Raw) || !strings.HasPrefix(first.Header.Get("Content-Type"), "text/markdown") {
			t.Errorf("it is %s, and other bytes the second time", first.Header.Get("Content-Type"))
		}
		for _, want := range []string{
			"# Report: Review of Framework 2 to 3, attempt 1\n", "| critical | 2026-02-27 07:00 UTC | 2h10m |", "## To learn from\n\n", "nothing was done because of it", "QA sees that sessions expire",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not have %q: %s", want, text)
			}
		}
		if strings.Contains(text, "## Luck") || strings.Contains(text, "{{") {
			t.Errorf("it has a section without a text, or a field that is not filled: %s", text)
		}
		s.Must(t, http.StatusOK, "PATCH", path, map[string]any{"lucky": "No exam {{title}} took place."}, "Content-Type", "application/merge-patch+json")
		if text = string(s.Must(t, http.StatusOK, "GET", path+"/export?template=company", nil).Raw); !strings.Contains(text, "## Luck\n\nNo exam {{title}} took place.") {
			t.Errorf("with luck it reads %s", text)
		}
		storage := s.Must(t, http.StatusOK, "GET", path+"/export?template=company&format=confluence", nil)
		if !strings.Contains(string(storage.Raw), ">Luck</h") || !strings.Contains(string(storage.Raw), "<table>") {
			t.Errorf("as a page of Confluence it reads %s", storage.Raw)
		}
	}, func(o *app.Options) { o.ReviewTemplate = house })
}

func TestATemplateThatCannotBeReadStopsTheStart(t *testing.T) {
	t.Parallel()
	_, err := app.New(t.Context(), app.Options{
		Store: store.Config{DataDir: t.TempDir()}, PublicURL: "http://hindcast.test", Now: time.Now, Log: slog.New(slog.DiscardHandler), ReviewTemplate: "{{root_cause}}",
	})
	if err == nil || !strings.Contains(err.Error(), "root_cause") {
		t.Errorf("a template with a field that no review has is taken: %v", err)
	}
}
