package app_test

import (
	"net/http"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

func TestAFindingIsKeptChangedMovedAndRemoved(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		added := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Sessions expire", "severity": "high"})
		path := added.Header.Get("Location")
		if added.Text("id") != "FND-1" || path != "/api/v1/findings/FND-1" || added.Header.Get("ETag") != `"v1"` || added.Header.Get("Hindcast-Seq") == "" {
			t.Fatalf("created %s at %s with %v", added.Raw, path, added.Header)
		}
		if got := s.Call(t, "GET", path, nil, "If-None-Match", `"v1"`); got.Status != http.StatusNotModified {
			t.Errorf("GET with the tag of what is there = %d, want 304", got.Status)
		}
		if got := s.Call(t, "PATCH", path, `{"title":"x"}`, "If-Match", `"v9"`); got.Status != http.StatusPreconditionFailed {
			t.Errorf("PATCH with a stale tag = %d, want 412", got.Status)
		}
		changed := s.Must(t, http.StatusOK, "PATCH", path, `{"component":"sessions","priority":null}`, "If-Match", `"v1"`)
		if changed.Text("component") != "sessions" || changed.Text("version") != "2" || changed.Text("title") != "Sessions expire" {
			t.Errorf("after the patch: %s", changed.Raw)
		}
		refused := s.Call(t, "POST", path+"/transitions", map[string]any{"to": "verified"})
		if refused.Status != http.StatusConflict || refused.Text("errors.0.code") != "transition_not_allowed" {
			t.Errorf("reported to verified = %d %s, want 409", refused.Status, refused.Raw)
		}
		s.Must(t, http.StatusOK, "POST", path+"/transitions", map[string]any{"to": "triaged"})
		listed := s.Must(t, http.StatusOK, "GET", "/api/v1/findings?status=triaged&severity=high&severity=low&limit=1", nil)
		if listed.Text("items.0.id") != "FND-1" || listed.Text("items.0.status") != "triaged" {
			t.Errorf("listed %s", listed.Raw)
		}
		s.Must(t, http.StatusNoContent, "DELETE", path, nil)
		s.Must(t, http.StatusNotFound, "GET", path, nil)
	})
}

func TestEveryBadFieldIsNamedAtOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		got := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/findings",
			`{"severity":"dire","attempt_id":"UPG-1","service_id":"SVC-99","assumption_ids":["x"],"nope":1,"detected_at":"yesterday"}`)
		t.Logf("%s", got.Raw)
	})
}
