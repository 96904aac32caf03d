package app_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

func TestDriftBecomesAssumptionsThatSnapshotsProve(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		const index = "table/sessions/index/user_last_seen"
		same := map[string]any{"table/sessions": map[string]any{"kind": "table"}, "table/courses": map[string]any{"kind": "table"}}
		withIndex := map[string]any{index: map[string]any{"columns": []string{"user_id", "last_seen"}}}
		for path, value := range same {
			withIndex[path] = value
		}
		capture := func(env string, items map[string]any) {
			t.Helper()
			s.Clock.Move(time.Minute)
			s.add("/environments/"+env+"/snapshots", map[string]any{"captured_at": s.Clock.Now(), "kind": "schema", "items": items})
		}
		attempt := s.add("/attempts", map[string]any{
			"upgrade_id": g.upgrade, "environment_id": g.prod, "changed_areas": []string{"sessions"},
			"window_end": day("2026-03-03 12:00"), "watch_until": day("2026-03-04 17:00"),
		})
		path := "/api/v1/environments/" + g.prod + "/drift"
		s.Must(t, http.StatusConflict, "GET", path+"?target="+g.dev, nil)
		capture(g.prod, withIndex)
		capture(g.dev, same)
		drift := s.Must(t, http.StatusOK, "GET", path+"?target="+g.dev+"&kind=schema&attempt_id="+attempt, nil)
		if items := drift.Body["items"].([]any); len(items) != 1 || drift.Text("items.0.path") != index || drift.Text("items.0.change") != "missing" || drift.Text("items.0.rank") != "1" {
			t.Fatalf("the drift is %s, want the index alone", drift.Raw)
		}
		if back := s.Must(t, http.StatusOK, "GET", "/api/v1/environments/"+g.dev+"/drift", nil); back.Text("items.0.change") != "added" {
			t.Errorf("compared the other way, with the environment it is meant to equal: %s", back.Raw)
		}
		for query, want := range map[string]int{"": 422, "?target=ENV-99": 404, "?target=ATT-1": 422, "?target=" + g.dev + "&kind=x": 422, "?nope=1": 422} {
			s.Must(t, want, "GET", path+query, nil)
		}
		s.wantGate(attempt, "pass")
		proposal := map[string]any{"target": g.dev, "attempt_id": attempt, "paths": []string{index}}
		made := s.Must(t, http.StatusCreated, "POST", path+"/propose", proposal)
		if made.Text("items.0.status") != "falsified" || made.Text("items.0.origin") != "drift" || made.Text("items.0.importance") != "blocking" {
			t.Errorf("the proposal made %s", made.Raw)
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", path+"/propose", map[string]any{"target": g.dev, "attempt_id": attempt, "paths": []string{"table/courses"}})
		s.wantGate(attempt, "fail", "assumption_falsified")
		brief := s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+attempt+"/brief", nil)
		if brief.Text("sections.drift.0.text") != index {
			t.Errorf("the brief shows the drift as %s", brief.Raw)
		}
		capture(g.dev, withIndex) // DEV is brought level, and nobody ticks a box
		s.wantGate(attempt, "pass")
		capture(g.dev, same)
		s.wantGate(attempt, "fail", "assumption_falsified")
	})
}
