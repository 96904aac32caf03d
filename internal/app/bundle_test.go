package app_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const ndjson = "application/x-ndjson"

func TestABundleMovesEverythingToAnotherServer(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		for _, title := range []string{"Sessions expire", "Queue <b>stalls</b>"} {
			finding := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": title, "severity": "high", "tags": []string{"a", "b"}})
			s.Must(t, http.StatusOK, "POST", finding.Header.Get("Location")+"/transitions", map[string]any{"to": "triaged"})
			s.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": finding.Text("id"), "kind": "jira", "external_key": "SHOP-1"})
		}
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/references/REF-2", nil)
		was := s.Must(t, http.StatusOK, "GET", "/api/v1/exports/bundle", nil)
		if got := was.Header.Get("Content-Type"); got != ndjson {
			t.Errorf("the bundle is served as %s, want %s", got, ndjson)
		}
		other := apptest.Start(t, store.Config{DatabaseURL: dbtest.PostgresURL(t)})
		for _, step := range []struct{ query, want string }{
			{"?dry_run=true", "would_import"}, {"", "imported"}, {"", "unchanged"}, {"?dry_run=true", "unchanged"},
		} {
			got := other.Must(t, http.StatusOK, "POST", "/api/v1/imports/bundle"+step.query, string(was.Raw), "Content-Type", ndjson)
			if got.Text("status") != step.want || got.Text("counts.findings") != "2" {
				t.Errorf("import%s = %s, want %s with 2 findings", step.query, got.Raw, step.want)
			}
		}
		here, there := s.Must(t, http.StatusOK, "GET", "/api/v1/findings/FND-2?expand=references", nil), other.Must(t, http.StatusOK, "GET", "/api/v1/findings/FND-2?expand=references", nil)
		if string(here.Raw) != string(there.Raw) {
			t.Errorf("after the import a finding reads %s, want %s", there.Raw, here.Raw)
		}
		_, before, _ := strings.Cut(string(was.Raw), "\n")
		if _, after, _ := strings.Cut(string(other.Must(t, http.StatusOK, "GET", "/api/v1/exports/bundle", nil).Raw), "\n"); after != before {
			t.Errorf("the other server exports %s, want %s", after, before)
		}
		next := other.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": "FND-1", "kind": "jira", "external_key": "SHOP-2"})
		if next.Text("id") != "REF-3" {
			t.Errorf("after the import the next reference is %s, want REF-3: REF-2 was deleted and may be known outside", next.Text("id"))
		}
		refused := other.Must(t, http.StatusConflict, "POST", "/api/v1/imports/bundle", string(was.Raw), "Content-Type", ndjson)
		if !strings.Contains(refused.Text("detail"), "empty store") {
			t.Errorf("refused with %s, want the empty store named", refused.Raw)
		}
	})
}

func TestBundlesAreForAdminAndOfOneMediaType(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		writer := s.Grant(t, "writer", "", vocab.ScopeRead, vocab.ScopeWrite)
		for method, path := range map[string]string{"GET": "/api/v1/exports/bundle", "POST": "/api/v1/imports/bundle"} {
			if got := s.CallAs(t, writer, method, path, nil); got.Status != http.StatusForbidden {
				t.Errorf("%s %s without admin = %d, want 403", method, path, got.Status)
			}
		}
		s.Must(t, http.StatusUnsupportedMediaType, "POST", "/api/v1/imports/bundle", "{}")
		s.Must(t, http.StatusBadRequest, "POST", "/api/v1/imports/bundle", "{}", "Content-Type", ndjson)
		s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/imports/bundle?dry_run=perhaps", "", "Content-Type", ndjson)
		s.Must(t, http.StatusUnprocessableEntity, "GET", "/api/v1/exports/bundle?nope=1", nil)
		large := strings.Repeat("x", 2<<20) // over the limit of other routes
		if got := s.Must(t, http.StatusBadRequest, "POST", "/api/v1/imports/bundle", large, "Content-Type", ndjson); !strings.Contains(got.Text("detail"), "header") {
			t.Errorf("a large body is refused with %s, want its first line named", got.Raw)
		}
	})
}
