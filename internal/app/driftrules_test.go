package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// captures keeps a snapshot of an environment a minute later and gives its id.
func (s teller) captures(env, kind, tool string, items map[string]any) string {
	s.t.Helper()
	s.Clock.Move(time.Minute)
	answer := s.Call(s.t, "POST", api+"/environments/"+env+"/snapshots", map[string]any{"captured_at": s.Clock.Now(), "kind": kind, "tool": tool, "items": items})
	if answer.Status != http.StatusCreated && answer.Status != http.StatusOK {
		s.t.Fatalf("the snapshot is refused: %s", answer.Raw)
	}
	return answer.Text("id")
}

// differs gives the paths that differ.
func (s teller) differs(base, query string) string {
	s.t.Helper()
	answer := s.Must(s.t, http.StatusOK, "GET", api+"/environments/"+base+"/drift"+query, nil)
	var paths []string
	for _, item := range answer.Body["items"].([]any) {
		paths = append(paths, item.(map[string]any)["path"].(string))
	}
	return strings.Join(paths, " ")
}

func table() map[string]any { return map[string]any{"kind": "table"} }

func TestTwoEnvironmentsMayEqualTheSameOne(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		qa := s.add("/environments", map[string]any{"name": "QA", "kind": "test", "parity_target_id": g.prod})
		s.captures(g.prod, "schema", "", map[string]any{"table/a": table(), "table/b": table()})
		s.captures(g.dev, "schema", "", map[string]any{"table/a": table()})
		s.captures(qa, "schema", "", map[string]any{"table/b": table()})
		if dev, qa := s.differs(g.dev, ""), s.differs(qa, ""); dev != "table/b" || qa != "table/a" {
			t.Errorf("DEV lacks %q and QA %q, want table/b and table/a", dev, qa)
		}
	})
}

func TestEachToolSpeaksForItself(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		first := s.captures(g.prod, "settings", "database 1.0", map[string]any{"setting/a": "1", "setting/b": "1"})
		s.captures(g.prod, "settings", "env", map[string]any{"env/A": "x"})
		s.captures(g.dev, "settings", "database 1.1", map[string]any{"setting/a": "1", "setting/b": "1"})
		s.captures(g.dev, "settings", "env", map[string]any{"env/A": "x"})
		if got := s.differs(g.dev, "?kind=settings"); got != "" {
			t.Fatalf("%s differ, and each tool found the same on both sides", got)
		}
		if again := s.captures(g.prod, "settings", "database 1.2", map[string]any{"setting/b": "1", "setting/a": "1"}); again != first {
			t.Errorf("the next release of a tool found the same and made %s, want %s seen again", again, first)
		}
		s.captures(g.dev, "settings", "database 1.1", map[string]any{"setting/a": "1"})
		if got := s.differs(g.dev, "?kind=settings"); got != "setting/b" {
			t.Errorf("%q differ, want setting/b alone, which its own tool no longer finds", got)
		}
		whole := s.Must(t, http.StatusOK, "GET", api+"/snapshots/"+first, nil)
		if items := whole.Body["items"].(map[string]any); len(items) != 2 {
			t.Errorf("the first snapshot of a tool has %v, want its own two items", items)
		}
	})
}

func TestIgnoreRulesHideForAReasonAndForATime(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		s.captures(g.prod, "schema", "", map[string]any{"table/a": table(), "table/tmp_1": table(), "table/tmp_2": table()})
		s.captures(g.dev, "schema", "", map[string]any{"table/b": table()})
		ignores := "/environments/" + g.dev + "/drift/ignores"
		s.add(ignores, map[string]any{"pattern": "table/tmp_*/**", "reason": "scratch tables", "expires_at": s.Clock.Now().Add(time.Hour)})
		other := s.add(ignores, map[string]any{"pattern": "table/**", "reason": "about something else", "kind": "settings"})
		for name, body := range map[string]map[string]any{
			"no reason":     {"pattern": "table/a"},
			"everything":    {"pattern": "**", "reason": "x"},
			"no such kind":  {"pattern": "table/a", "reason": "x", "kind": "colours"},
			"unknown field": {"pattern": "table/a", "reason": "x", "environment_id": g.prod},
		} {
			if answer := s.Call(t, "POST", api+ignores, body); answer.Status != http.StatusUnprocessableEntity {
				t.Errorf("%s: a rule is %d, want 422", name, answer.Status)
			}
		}
		for _, base := range []string{g.dev, g.prod} { // a rule holds on either side
			answer := s.Must(t, http.StatusOK, "GET", api+"/environments/"+base+"/drift?target="+map[string]string{g.dev: g.prod, g.prod: g.dev}[base], nil)
			s.wants(answer, map[string]string{
				"hidden.count": "2", "hidden.rules.0.count": "2", "hidden.rules.0.reason": "scratch tables", "hidden.rules.1.id": "", "items.0.path": "table/a", "items.1.path": "table/b", "items.2.path": "",
			})
		}
		proposal := map[string]any{"target": g.prod, "attempt_id": s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod}), "paths": []string{"table/tmp_1"}}
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/environments/"+g.dev+"/drift/propose", proposal)
		s.wants(s.Must(t, http.StatusOK, "GET", api+"/drift-ignores/"+other, nil), map[string]string{"id": other})
		s.Must(t, http.StatusOK, "PATCH", api+"/drift-ignores/"+other, map[string]any{"kind": nil}, "Content-Type", "application/merge-patch+json")
		if got := s.differs(g.dev, ""); got != "" {
			t.Errorf("%s differ, and a rule without a kind hides them all", got)
		}
		s.Must(t, http.StatusNoContent, "DELETE", api+"/drift-ignores/"+other, nil)
		s.Clock.Move(2 * time.Hour)
		if got := s.differs(g.dev, ""); got != "table/a table/b table/tmp_1 table/tmp_2" {
			t.Errorf("%s differ, and the rule has expired", got)
		}
		list := s.Must(t, http.StatusOK, "GET", api+ignores, nil)
		if len(list.Body["items"].([]any)) != 1 {
			t.Errorf("the rules are %s, want the expired one kept", list.Raw)
		}
		s.Must(t, http.StatusForbidden, "POST", api+ignores, nil, "Authorization", "Bearer "+s.reader())
	})
}

func TestHistoryTellsBetweenWhichSnapshotsAPathBeganToDiffer(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		const index = "table/sessions/index/by_user"
		plain := map[string]any{"table/sessions": table(), "table/x": table(), "table/sessions2/index/by_user": table()}
		with := map[string]any{index: map[string]any{"columns": []string{"user_id"}}}
		for path, value := range plain {
			with[path] = value
		}
		s.captures(g.prod, "schema", "", plain)
		s.captures(g.dev, "schema", "", plain)
		delete(plain, "table/x")
		s.captures(g.prod, "schema", "", plain)
		before := s.captures(g.prod, "schema", "other", map[string]any{"view/v": "SELECT 1"})
		after := s.captures(g.prod, "schema", "", with)
		s.captures(g.dev, "schema", "", map[string]any{"table/sessions": table(), "table/y": table()})
		history := func(paths ...string) apptest.Answer {
			return s.Must(t, http.StatusOK, "GET", api+"/environments/"+g.dev+"/drift/history?"+url.Values{"path": paths}.Encode(), nil)
		}
		s.wants(history(index, "table/sessions", "table/x"), map[string]string{"items.0.path": index, "items.0.side": "target", "items.0.before.id": before, "items.0.after.id": after, "items.1.path": "table/x", "items.1.side": "base", "items.2.path": ""})
		s.captures(g.dev, "schema", "", with)
		s.wants(history(index), map[string]string{"items.0.path": ""})
		for query, want := range map[string]int{"": 422, "?path=a&target=ENV-99": 404, "?path=a&kind=x": 422, "?path=a&nope=1": 422, "?path=a&target=" + g.dev: 422} {
			s.Must(t, want, "GET", api+"/environments/"+g.dev+"/drift/history"+query, nil)
		}
	})
}

func TestWhatCannotBeReadProvesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		const index = "table/sessions/index/by_user"
		s.captures(g.prod, "schema", "", map[string]any{"table/sessions": table(), index: map[string]any{"columns": []string{"user_id"}}})
		s.captures(g.dev, "schema", "", map[string]any{"table/sessions": table()})
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod})
		made := s.Must(t, http.StatusCreated, "POST", api+"/environments/"+g.dev+"/drift/propose", map[string]any{"attempt_id": attempt, "paths": []string{index}})
		status := func() string {
			return s.Must(t, http.StatusOK, "GET", api+"/assumptions/"+made.Text("items.0.id"), nil).Text("status")
		}
		s.captures(g.prod, "schema", "", map[string]any{"table/sessions": table(), "index": map[string]any{"incomparable": "no right to read"}})
		if got := status(); got != "falsified" {
			t.Errorf("indexes cannot be read, and the assumption is %s, want it as it was", got)
		}
		s.captures(g.prod, "schema", "", map[string]any{"table/sessions": table()})
		if got := status(); got != "verified" {
			t.Errorf("the index is gone on both sides, and the assumption is %s", got)
		}
	})
}

func TestAnEqualSnapshotRenewsWhatIsAssumed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		facts := map[string]any{"table/sessions": table(), "table/x": table()}
		s.captures(g.prod, "schema", "", facts)
		s.captures(g.dev, "schema", "", map[string]any{"table/sessions": table()})
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod})
		made := s.Must(t, http.StatusCreated, "POST", api+"/environments/"+g.dev+"/drift/propose", map[string]any{"attempt_id": attempt, "paths": []string{"table/x"}})
		path := api + "/assumptions/" + made.Text("items.0.id")
		s.Must(t, http.StatusOK, "PATCH", path, map[string]any{"valid_for_days": 7}, "Content-Type", "application/merge-patch+json")
		s.captures(g.dev, "schema", "", facts)
		s.wants(s.Must(t, http.StatusOK, "GET", path, nil), map[string]string{"status": "verified"})
		s.Clock.Move(8 * 24 * time.Hour)
		s.wants(s.Must(t, http.StatusOK, "GET", path, nil), map[string]string{"status": "expired"})
		s.captures(g.dev, "schema", "", facts)
		s.wants(s.Must(t, http.StatusOK, "GET", path, nil), map[string]string{"status": "verified"})
	})
}
