package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// viewForms are the forms of a view, by what stands behind its address.
var viewForms = []string{"", ".svg", ".json", ".md", ".confluence.xml", ".adf.json"}

// drifted has PROD and DEV differ in three ways, two of them at the sessions that an attempt changes.
func (s teller) drifted() (g stage, attempt string) {
	s.t.Helper()
	g = s.stage("dependency")
	s.captures(g.prod, "schema", "", map[string]any{
		"table/sessions": table(), "table/sessions/index/<b>": table(), "table/sessions/column/x": table(), "table/courses": table(), "table/tmp": table(),
	})
	s.captures(g.dev, "schema", "", map[string]any{"table/sessions": table()})
	return g, s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod, "changed_areas": []string{"sessions"}})
}

func TestAComparisonIsSharedInEveryForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g, attempt := s.drifted()
		rule := s.add("/environments/"+g.dev+"/drift/ignores", map[string]any{"pattern": "table/tmp", "reason": "a scratch table"})
		target := "drift:" + g.prod + ".." + g.dev
		grant, path := share(t, server, map[string]any{"target": target + "?attempt_id=" + attempt + "&kind=schema", "allowed_origins": []string{wiki}})
		if got := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds/"+grant, nil).Text("target"); got != target+"?attempt_id="+attempt {
			t.Errorf("the grant is for %s", got)
		}
		for _, form := range viewForms {
			got := anonymous(t, server, path+form)
			text := string(got.Raw)
			if got.Status != http.StatusOK {
				t.Fatalf("as %q it answers %d: %s", form, got.Status, text)
			}
			for _, want := range []string{"PROD against DEV", "2 blocking", "PROD as seen", s.Clock.Now().Format("2006-01-02 15:04 UTC"), "table/sessions/index/", "courses"} {
				if !strings.Contains(text, want) {
					t.Errorf("as %q it does not have %q: %s", form, want, text)
				}
			}
			if strings.Contains(text, "tmp") || strings.Contains(text, "<b>") {
				t.Errorf("as %q it has what is hidden, or markup of a path: %s", form, text)
			}
		}
		card := anonymous(t, server, path+".json")
		for name, want := range map[string]string{
			"compared.total": "3", "compared.areas.0.name": "sessions", "compared.areas.0.count": "2", "compared.areas.0.blocking": "2",
			"compared.areas.1.name": "courses", "compared.differences.0.change": "missing", "compared.differences.0.blocking": "true",
			"fields.1.label": "PROD as seen", "fields.1.value": s.Clock.Now().Add(-time.Minute).Format("2006-01-02 15:04 UTC"),
			"fields.2.label": "DEV as seen", "fields.2.value": s.Clock.Now().Format("2006-01-02 15:04 UTC"), "fields.3.value": attempt, "fields.4.value": "1",
		} {
			if got := card.Text(name); got != want {
				t.Errorf("%s is %q, want %q: %s", name, got, want, card.Raw)
			}
		}
		if bars := strings.Count(string(anonymous(t, server, path+".svg").Raw), `height="12" rx="2"`); bars != 2 {
			t.Errorf("the picture has %d bars, want 2", bars)
		}
		if few := anonymous(t, server, path+".md?max=1"); !strings.Contains(string(few.Raw), "1 of 3 differences") {
			t.Errorf("with one difference at most it reads %s", few.Raw)
		}
		_, narrow := share(t, server, map[string]any{"target": target, "fields": []string{"areas"}})
		if got := anonymous(t, server, narrow+".json"); strings.Contains(string(got.Raw), "table/") || got.Text("compared.areas.0.name") == "" {
			t.Errorf("narrowed to the picture it shows %s", got.Raw)
		}
		if got := anonymous(t, server, "/oembed?url=http%3A%2F%2Fhindcast.test"+path); got.Text("title") != "Drift: PROD against DEV" {
			t.Errorf("oEmbed answers %s", got.Raw)
		}
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/drift-ignores/"+rule, nil)
		s.Clock.Move(6 * time.Second)
		if got := anonymous(t, server, path+".json"); got.Text("compared.total") != "4" {
			t.Errorf("without the rule it shows %s", got.Raw)
		}
		s.captures(g.dev, "schema", "", map[string]any{
			"table/sessions": table(), "table/sessions/index/<b>": table(), "table/sessions/column/x": table(), "table/courses": table(), "table/tmp": table(),
		})
		if got := anonymous(t, server, path+".json"); got.Text("status") != "no difference" || got.Text("tone") != "good" || got.Text("compared.total") != "0" {
			t.Errorf("when they are level it shows %s", got.Raw)
		}
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/embeds/"+grant, nil)
		if got := anonymous(t, server, path); got.Status != http.StatusUnauthorized || strings.Contains(string(got.Raw), "PROD") {
			t.Errorf("a revoked comparison answers %d: %s", got.Status, got.Raw)
		}
	})
}

func TestASharedComparisonShowsWhatEverybodyMaySee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g, attempt := s.drifted()
		s.add("/assumptions", map[string]any{
			"statement": "The courses are the same", "attempt_id": attempt, "importance": "blocking", "areas": []string{"courses"}, "visibility": "restricted", "team": "shop",
		})
		question := "?target=" + g.dev + "&attempt_id=" + attempt
		if whole := s.Must(t, http.StatusOK, "GET", "/api/v1/environments/"+g.prod+"/drift"+question, nil); !strings.Contains(string(whole.Raw), "names courses") {
			t.Fatalf("the admin does not see the assumption: %s", whole.Raw)
		}
		target := "drift:" + g.prod + ".." + g.dev + "?attempt_id=" + attempt
		_, path := share(t, server, map[string]any{"target": target})
		if got := anonymous(t, server, path+".json"); got.Text("compared.total") != "4" || strings.Contains(string(got.Raw), "names courses") || got.Text("status") != "2 blocking" {
			t.Errorf("the view tells of a restricted assumption: %s", got.Raw)
		}
		s.Must(t, http.StatusOK, "PATCH", "/api/v1/attempts/"+attempt, map[string]any{"visibility": "restricted", "team": "shop"}, "Content-Type", "application/merge-patch+json")
		if got := anonymous(t, server, path); got.Status != http.StatusUnauthorized {
			t.Errorf("ranked for an attempt that was restricted it answers %d", got.Status)
		}
		if got := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/embeds", map[string]any{"target": target}); !strings.Contains(string(got.Raw), "is restricted") {
			t.Errorf("a new one is refused with %s", got.Raw)
		}
		outsider := s.Grant(t, "outsider", "other", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, outsider, "POST", "/api/v1/embeds", map[string]any{"target": target}); !strings.Contains(string(got.Raw), attempt+" does not exist") {
			t.Errorf("to another team it is refused with %s", got.Raw)
		}
	})
}

func TestTheTargetOfAComparisonIsChecked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g, attempt := s.drifted()
		pair := "drift:" + g.prod + ".." + g.dev
		for target, code := range map[string]string{
			"drift:": "invalid_format", "drift:" + g.prod: "invalid_format", "drift:" + g.prod + "..": "invalid_format", "drift:" + g.prod + ".." + attempt: "invalid_format",
			"drift:" + g.prod + ".." + g.prod: "invalid_choice", "drift:" + g.prod + "..ENV-99": "not_found", "drift:ENV-99.." + g.dev: "not_found",
			pair + "?kind=nope": "invalid_choice", pair + "?kind=": "required", pair + "?kind=schema&kind=packages": "invalid_format", pair + "?nope=1": "invalid_format",
			pair + "?attempt_id=ENV-1": "invalid_format", pair + "?attempt_id=ATT-99": "not_found", pair + "?%zz": "invalid_format", g.prod: "wrong_kind",
		} {
			if got := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/embeds", map[string]any{"target": target}); got.Text("errors.0.code") != code || got.Text("errors.0.field") != "target" {
				t.Errorf("%s is refused with %s, want %s", target, got.Raw, code)
			}
		}
		if got := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/embeds", map[string]any{"target": pair, "fields": []string{"areas", "severity"}}); got.Text("errors.0.field") != "fields[1]" {
			t.Errorf("a part that it does not have is refused with %s", got.Raw)
		}
		grant, path := share(t, server, map[string]any{"target": pair + "?kind=packages"})
		got := anonymous(t, server, path)
		if text := string(got.Raw); got.Status != http.StatusOK || !strings.Contains(text, "not compared") || !strings.Contains(text, "PROD has no snapshot of kind packages yet") {
			t.Errorf("without snapshots it answers %d: %s", got.Status, text)
		}
		if list := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds?target="+g.prod, nil); list.Text("items.0.id") != grant || list.Text("items.0.target") != pair+"?kind=packages" {
			t.Errorf("the grants of the environment are %s", list.Raw)
		}
		badge := strings.Replace(path, "/embed/", "/badge/", 1)
		if got := anonymous(t, server, badge+"/open_findings.svg?strict=1"); got.Status != http.StatusNotFound {
			t.Errorf("a badge of a comparison answers %d", got.Status)
		}
	})
}

func TestBrowserShowsAComparisonEverywhere(t *testing.T) {
	server := onSQLite(t)
	s := teller{server, t}
	deep := "table/a_table_with_quite_a_long_name/index/" + strings.Repeat("an_index_over_many_columns_", 6)
	items := map[string]any{deep: map[string]any{"columns": []string{"a", "b"}}}
	for _, name := range []string{"sessions", "courses", "users", "grades"} {
		items["table/"+name] = table()
		items["table/"+name+"/column/created_at"] = map[string]any{"type": "timestamp with time zone"}
	}
	s.captures("ENV-1", "schema", "hindcast snapshot", items)
	_, path := share(t, server, map[string]any{"target": "drift:ENV-1..ENV-2?attempt_id=ATT-3", "allowed_origins": []string{wiki}})
	c := newChrome(t, server)
	for _, width := range []int64{640, 320} {
		for _, scheme := range []string{"light", "dark"} {
			c.do(chromedp.EmulateViewport(width, 700))
			c.media("", scheme)
			c.open(path)
			if wide := ask[int64](c, `document.documentElement.scrollWidth`); wide > width {
				t.Errorf("at %d pixels it is %d wide", width, wide)
			}
			if drawn := ask[bool](c, `[...document.querySelectorAll(".hc-bar rect")].length > 1 && [...document.querySelectorAll(".hc-bar rect")].every(r => r.getBoundingClientRect().width > 0)`); !drawn {
				t.Errorf("at %d pixels the bars cannot be seen", width)
			}
			c.keep("embed-drift-" + scheme + "-" + map[int64]string{640: "640", 320: "320"}[width])
		}
	}
	c.media("print", "light")
	c.keep("embed-drift-print")
	c.media("", "light")
	c.do(chromedp.Navigate(server.URL + path + ".svg?width=320"))
	c.keep("embed-drift-svg")
	c.quiet("a comparison")
}
