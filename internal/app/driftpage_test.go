package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

func TestThePageOfAComparisonShowsWhatDiffersByArea(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		path := "/environments/" + g.dev + "/drift"
		if none := s.Must(t, http.StatusOK, "GET", path, nil); !strings.Contains(string(none.Raw), "cannot be compared yet: DEV has no snapshot") {
			t.Errorf("without snapshots the page is %s", none.Raw)
		}
		s.captures(g.prod, "schema", "", map[string]any{
			"table/sessions": table(), "table/sessions/index/<b>": table(), "table/sessions/column/x": table(), "table/courses": table(), "table/tmp": table(),
		})
		s.captures(g.dev, "schema", "", map[string]any{"table/sessions": table()})
		s.add("/environments/"+g.dev+"/drift/ignores", map[string]any{"pattern": "table/tmp", "reason": "a scratch table"})
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod, "changed_areas": []string{"sessions"}})
		page := string(s.Must(t, http.StatusOK, "GET", path+"?target="+g.prod+"&attempt_id="+attempt, nil).Raw)
		for _, want := range []string{
			"<h1>DEV against PROD</h1>", "3 differences, 2 blocking, 1 hidden by ignore rules", "ranked for <a href=\"/attempts/" + attempt + "\">", "<svg", "2, 2 blocking",
			"table/sessions/index/&lt;b&gt;", "a scratch table", "hides 1",
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page does not have %q: %s", want, page)
			}
		}
		if strings.Contains(page, "<b>") || strings.Contains(page, "<code>table/tmp</code></td>") {
			t.Errorf("the page has markup of a path, or what is hidden: %s", page)
		}
		same := string(s.Must(t, http.StatusOK, "GET", "/environments/"+g.prod+"/drift?target="+g.dev+"&kind=schema", nil).Raw)
		if !strings.Contains(same, "<h1>PROD against DEV</h1>") {
			t.Errorf("the other way round: %s", same)
		}
		for address, want := range map[string]int{"?target=ENV-99": 404, "?nope=1": 422, "?kind=x": 422, "?target=" + g.dev: 422} {
			s.Must(t, want, "GET", path+address, nil)
		}
		if out := s.CallAs(t, "", "GET", path, nil); strings.Contains(string(out.Raw), "sessions") || !strings.Contains(string(out.Raw), "/signin") {
			t.Errorf("without a token the page is %s, want to be sent to sign in", out.Raw)
		}
		ignore := s.Must(t, http.StatusOK, "GET", "/drift-ignores/IGN-1", nil)
		if !strings.Contains(string(ignore.Raw), "a scratch table") {
			t.Errorf("the page of a rule is %s", ignore.Raw)
		}
	})
}
