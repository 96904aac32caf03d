package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func items(answer apptest.Answer) []any { list, _ := answer.Body["items"].([]any); return list }

func TestTheAuditShowsWhoChangedWhatFromWhatToWhat(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := s.Must(t, http.StatusCreated, "POST", api+"/findings", map[string]any{"title": "one", "severity": "low"}).Text("id")
		other := s.Must(t, http.StatusCreated, "POST", api+"/findings", map[string]any{"title": "another", "severity": "low"}).Text("id")
		s.Must(t, http.StatusOK, "PATCH", api+"/findings/"+id, map[string]any{"severity": "high"}, "X-Request-Id", "request-of-the-test")
		later := s.Clock.Now()
		s.Must(t, http.StatusOK, "POST", api+"/findings/"+id+"/transitions", map[string]any{"to": "triaged", "reason": "seen by QA"})

		all := s.Must(t, http.StatusOK, "GET", api+"/audit?target="+id, nil)
		if n := len(items(all)); n != 3 {
			t.Fatalf("the audit of %s has %d entries, want 3: %s", id, n, all.Raw)
		}
		for path, want := range map[string]string{
			"items.0.action": "transition", "items.0.reason": "seen by QA", "items.0.actor": "test admin",
			"items.1.action": "update", "items.1.changes.0.field": "severity", "items.1.changes.0.from": "low", "items.1.changes.0.to": "high",
			"items.1.request_id": "request-of-the-test", "items.2.action": "create", "items.2.target": id,
		} {
			if got := all.Text(path); got != want {
				t.Errorf("%s = %q, want %q", path, got, want)
			}
		}
		for query, want := range map[string]int{
			"?target=" + id + "&action=update": 1, "?target=" + id + "&target=" + other: 4, "?target=" + id + "&actor=nobody": 0,
			"?target=" + id + "&since=" + later.Format("2006-01-02T15:04:05.000000Z"): 1,
		} {
			if got := s.Must(t, http.StatusOK, "GET", api+"/audit"+query, nil); len(items(got)) != want {
				t.Errorf("GET /audit%s has %d entries, want %d", query, len(items(got)), want)
			}
		}
		page := s.Must(t, http.StatusOK, "GET", api+"/audit?target="+id+"&limit=2", nil)
		next := s.Must(t, http.StatusOK, "GET", api+"/audit?target="+id+"&limit=2&cursor="+page.Text("next_cursor"), nil)
		if len(items(page)) != 2 || len(items(next)) != 1 || next.Body["next_cursor"] != nil || next.Text("items.0.action") != "create" {
			t.Errorf("pages of two are %s and %s", page.Raw, next.Raw)
		}
		if !strings.Contains(page.Header.Get("Link"), `rel="next"`) {
			t.Errorf("the first page has Link %q", page.Header.Get("Link"))
		}
		for query, want := range map[string]int{
			"?target=" + other + "&limit=2&cursor=" + page.Text("next_cursor"): http.StatusBadRequest, "?cursor=nonsense": http.StatusBadRequest,
			"?target=nothing": http.StatusUnprocessableEntity, "?colour=red": http.StatusUnprocessableEntity, "?limit=0": http.StatusUnprocessableEntity,
			"?since=yesterday": http.StatusUnprocessableEntity,
		} {
			if got := s.Call(t, "GET", api+"/audit"+query, nil).Status; got != want {
				t.Errorf("GET /audit%s = %d, want %d", query, got, want)
			}
		}
		reader := s.Grant(t, "reader", "", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, reader, "GET", api+"/audit", nil).Status; got != http.StatusForbidden {
			t.Errorf("GET /audit without admin = %d, want 403", got)
		}
	})
}

func TestATokenShowsItsTextOnceAndWorksUntilItIsRevoked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		body := map[string]any{"name": "pipeline", "scopes": []string{"read"}, "team": "shop"}
		made := s.Must(t, http.StatusCreated, "POST", api+"/tokens", body, "Idempotency-Key", "make-a-token")
		text, id := made.Text("token"), made.Text("id")
		if !strings.HasPrefix(text, "hc_") || made.Header.Get("Location") != api+"/tokens/"+id {
			t.Fatalf("made %s at %q", made.Raw, made.Header.Get("Location"))
		}
		if got := s.CallAs(t, text, "GET", api+"/findings", nil).Status; got != http.StatusOK {
			t.Errorf("the new token reads findings with %d, want 200", got)
		}
		again := s.Must(t, http.StatusCreated, "POST", api+"/tokens", body, "Idempotency-Key", "make-a-token")
		if again.Text("id") != id || again.Text("token") != "" {
			t.Errorf("the replay answers %s, want the same token without its text", again.Raw)
		}
		if got := s.Must(t, http.StatusOK, "GET", api+"/tokens/"+id, nil); got.Text("team") != "shop" || strings.Contains(string(got.Raw), "hc_") {
			t.Errorf("GET the token answers %s", got.Raw)
		}
		page := s.Must(t, http.StatusOK, "GET", api+"/tokens?limit=1", nil)
		if page.Text("items.0.id") != id || page.Text("next_cursor") == "" {
			t.Errorf("the newest token is not first: %s", page.Raw)
		}
		s.Must(t, http.StatusPreconditionFailed, "DELETE", api+"/tokens/"+id, nil, "If-Match", `"v9"`)
		s.Must(t, http.StatusNoContent, "DELETE", api+"/tokens/"+id, nil)
		if got := s.CallAs(t, text, "GET", api+"/findings", nil).Status; got != http.StatusUnauthorized {
			t.Errorf("the revoked token reads findings with %d, want 401", got)
		}
		if got := s.Must(t, http.StatusOK, "GET", api+"/tokens/"+id, nil); got.Text("revoked_at") == "" {
			t.Errorf("the revoked token is shown as %s", got.Raw)
		}
		deeds := s.Must(t, http.StatusOK, "GET", api+"/audit?target="+id, nil)
		if deeds.Text("items.0.action") != "revoke" || deeds.Text("items.1.action") != "create" || strings.Contains(string(deeds.Raw), text) {
			t.Errorf("the audit of the token is %s", deeds.Raw)
		}
	})
}

func TestTokensAreMadeByAdminAndWithWhatATokenNeeds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		bad := s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/tokens", map[string]any{"scopes": []string{"everything"}, "colour": "red"})
		for _, field := range []string{"name", "scopes[0]", "colour"} {
			if !strings.Contains(string(bad.Raw), `"`+field+`"`) {
				t.Errorf("the refusal does not name %s: %s", field, bad.Raw)
			}
		}
		writer := s.Grant(t, "writer", "", vocab.ScopeRead, vocab.ScopeWrite)
		for _, call := range [][2]string{{"GET", "/tokens"}, {"POST", "/tokens"}, {"DELETE", "/tokens/TOK-1"}, {"GET", "/tokens/TOK-1"}} {
			if got := s.CallAs(t, writer, call[0], api+call[1], "{}").Status; got != http.StatusForbidden {
				t.Errorf("%s %s without admin = %d, want 403", call[0], call[1], got)
			}
		}
		if got := s.Call(t, "DELETE", api+"/tokens/TOK-999", nil).Status; got != http.StatusNotFound {
			t.Errorf("revoking a token that is not there = %d, want 404", got)
		}
	})
}
