package app_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

func sorted(words []string) []string {
	slices.Sort(words)
	return words
}

func TestFindingsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		conform(t, s, resource{
			path: "/api/v1/findings", prefix: "FND",
			minimal: map[string]any{"title": "Sessions expire", "severity": "high"},
			full: map[string]any{
				"title": "Sessions expire early", "severity": "critical", "priority": "p1", "component": "sessions", "observed": "logged out",
				"expected": "stay", "detected_by": "qa", "detected_at": "2026-03-01T08:00:00Z", "attribution": "exposed_by_change",
				"attribution_basis": "drift", "workaround": "log in again", "tags": []string{"persistence"}, "visibility": "internal",
				"team": "shop", "sample": true, "assumption_ids": []string{},
			},
			patch:   map[string]any{"title": "Sessions end early", "priority": nil},
			patched: map[string]any{"title": "Sessions end early", "priority": nil, "component": "sessions"},
			bad: map[string]any{
				"severity": "dire", "priority": "p9", "attempt_id": "UPG-1", "service_id": "SVC-99", "assumption_ids": []string{"x"}, "nope": 1,
				"detected_at": "yesterday", "visibility": "restricted",
			},
			badFields: []string{"assumption_ids[0]", "attempt_id", "detected_at", "nope", "priority", "severity", "team", "title"},
			filter:    "severity=critical&tag=persistence&sample=true",
		})
	})
}

func TestAFindingMovesOnlyAlongItsStates(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		path := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Sessions expire", "severity": "high"}).Header.Get("Location")
		refused := s.Must(t, http.StatusConflict, "POST", path+"/transitions", map[string]any{"to": "verified"})
		if refused.Text("errors.0.code") != "transition_not_allowed" {
			t.Errorf("refused with %s, want transition_not_allowed", refused.Raw)
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", path+"/transitions", map[string]any{"to": "nowhere"})
		s.Must(t, http.StatusUnprocessableEntity, "POST", path+"/transitions", map[string]any{"to": "triaged", "at": "2100-01-01T00:00:00Z"})
		for _, to := range []string{"triaged", "confirmed", "resolved", "confirmed", "resolved", "verified"} {
			if got := s.Must(t, http.StatusOK, "POST", path+"/transitions", map[string]any{"to": to}); got.Text("status") != to {
				t.Errorf("after the move to %s the status is %s", to, got.Text("status"))
			}
		}
	})
}

func TestAnAttributionThatItsBasisContradictsIsRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		got := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/findings", map[string]any{
			"title": "Old bug", "severity": "low", "attribution": "caused_by_change", "attribution_basis": "reproduced_on_old_version",
		})
		if got.Text("errors.0.field") != "attribution" {
			t.Errorf("refused with %s, want attribution named", got.Raw)
		}
	})
}
