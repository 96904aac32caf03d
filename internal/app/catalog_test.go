package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestServicesConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		conform(t, s, resource{
			path: api + "/services", prefix: "SVC", another: map[string]any{"name": "Another one"},
			minimal: map[string]any{"name": "Shop"},
			full: map[string]any{
				"name": "Learning platform", "slug": "learning", "tier": "1", "owner_team": "platform", "description": "courses",
				"catalog_ref": "component:default/learning",
			},
			patch:     map[string]any{"tier": "2", "description": nil},
			patched:   map[string]any{"tier": "2", "description": nil, "slug": "learning"},
			bad:       map[string]any{"slug": "Not A Slug", "tier": 1, "nope": 1},
			badFields: []string{"name", "nope", "slug", "tier"},
			filter:    "slug=learning&tier=1&owner_team=platform",
		})
	})
}

func TestASlugIsMadeFromTheNameAndIsTakenOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		made := s.Must(t, http.StatusCreated, "POST", api+"/services", map[string]any{"name": "Caisse (Été)"})
		if made.Text("slug") != "caisse-ete" {
			t.Errorf("the slug is %q, want caisse-ete", made.Text("slug"))
		}
		renamed := s.Must(t, http.StatusOK, "PATCH", made.Header.Get("Location"), map[string]any{"name": "Till"})
		if renamed.Text("slug") != "caisse-ete" {
			t.Errorf("after a new name the slug is %q, want the old one", renamed.Text("slug"))
		}
		taken := s.Must(t, http.StatusConflict, "POST", api+"/services", map[string]any{"name": "caisse été"})
		if taken.Text("errors.0.field") != "slug" || taken.Text("errors.0.code") != "taken" {
			t.Errorf("refused with %s, want slug taken", taken.Raw)
		}
		many := s.Must(t, http.StatusMultiStatus, "POST", api+"/services/bulk", map[string]any{"items": []any{
			map[string]any{"name": "Caisse été"}, map[string]any{"name": "Shop"},
		}})
		if many.Text("items.0.status") != "409" || many.Text("items.1.status") != "201" {
			t.Errorf("a bulk write answers %s, want the taken slug refused and the other kept", many.Raw)
		}
	})
}

func TestEnvironmentsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		prod := s.Must(t, http.StatusCreated, "POST", api+"/environments", map[string]any{"name": "PROD", "kind": "production"})
		conform(t, s, resource{
			path: api + "/environments", prefix: "ENV", another: map[string]any{"name": "Another one"},
			minimal:   map[string]any{"name": "TEST", "kind": "test"},
			full:      map[string]any{"name": "DEV", "kind": "development", "parity_target_id": prod.Text("id")},
			patch:     map[string]any{"kind": "staging", "parity_target_id": nil},
			patched:   map[string]any{"kind": "staging", "parity_target_id": nil, "name": "DEV"},
			bad:       map[string]any{"kind": "moon", "parity_target_id": "SVC-1", "nope": 1},
			badFields: []string{"kind", "name", "nope", "parity_target_id"},
			filter:    "kind=development&parity_target_id=" + prod.Text("id"),
		})
		here := prod.Header.Get("Location")
		refused := s.Must(t, http.StatusUnprocessableEntity, "PATCH", here, map[string]any{"parity_target_id": prod.Text("id")})
		if refused.Text("errors.0.field") != "parity_target_id" {
			t.Errorf("refused with %s, want parity_target_id named", refused.Raw)
		}
		taken := s.Must(t, http.StatusConflict, "POST", api+"/environments", map[string]any{"name": "PROD", "kind": "test"})
		if taken.Text("errors.0.field") != "name" {
			t.Errorf("refused with %s, want name named", taken.Raw)
		}
		s.Must(t, http.StatusCreated, "POST", api+"/environments", map[string]any{"name": "STAGE", "kind": "staging", "parity_target_id": prod.Text("id")})
		if was := s.Must(t, http.StatusOK, "GET", here, nil); was.Text("parity_target_id") != "" {
			t.Errorf("the environment that another is to equal is to equal %s itself", was.Text("parity_target_id"))
		}
		s.Must(t, http.StatusConflict, "DELETE", here, nil)
	})
}

func TestRunbooksConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/runbooks", prefix: "RBK",
			minimal: map[string]any{"title": "Revert", "url": "https://wiki.example.com/revert"},
			full: map[string]any{
				"title": "Restart", "url": "https://wiki.example.com/restart", "service_id": w.service, "areas": []string{"sessions"},
				"alert_names": []string{"SessionsExpire"}, "reviewed_at": "2026-03-01T08:00:00Z", "review_every_days": 30,
				"tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:   map[string]any{"title": "Restart it", "review_every_days": nil},
			patched: map[string]any{"title": "Restart it", "review_every_days": nil, "service_id": w.service, "health": "fresh"},
			bad: map[string]any{
				"title": "", "url": "javascript:1", "service_id": "ENV-1", "review_every_days": 0, "nope": 1, "areas": []string{""},
			},
			badFields: []string{"areas[0]", "nope", "review_every_days", "service_id", "title", "url"},
			filter:    "health=fresh&areas=sessions&alert_names=SessionsExpire&service_id=" + w.service,
		})
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/runbooks",
			map[string]any{"title": "x", "url": "https://wiki.example.com/x", "reviewed_at": "2100-01-01T00:00:00Z"})
		hidden(t, s, api+"/runbooks", map[string]any{"title": "hidden", "url": "https://wiki.example.com/h"})
	})
}

// The health in a view and the health that a list is narrowed by are one rule in two languages.
func TestTheHealthOfARunbookIsTheSameInViewAndFilter(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		now := s.Clock.Now()
		want := map[string]string{}
		for name, tc := range map[string]struct {
			link     vocab.LinkStatus
			reviewed *time.Time
			days     int
			health   string
		}{
			"fresh":      {vocab.LinkStatusOk, &now, 30, "fresh"},
			"ageless":    {vocab.LinkStatusUnchecked, &now, 0, "fresh"},
			"aging":      {vocab.LinkStatusOk, &now, 1, "stale"},
			"never":      {vocab.LinkStatusOk, nil, 1, "unverified"},
			"refused":    {vocab.LinkStatusRefused, &now, 1, "unverified"},
			"gone":       {vocab.LinkStatusBroken, &now, 30, "broken"},
			"gone never": {vocab.LinkStatusBroken, nil, 0, "broken"},
		} {
			body := map[string]any{"title": name, "url": "https://wiki.example.com/r"}
			if tc.reviewed != nil {
				body["reviewed_at"] = tc.reviewed
			}
			if tc.days > 0 {
				body["review_every_days"] = tc.days
			}
			id, _ := vocab.ParseID(s.Must(t, http.StatusCreated, "POST", api+"/runbooks", body).Text("id"))
			want[id.String()] = tc.health
			err := s.Store.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
				return tx.Client().Runbook.UpdateOneID(id.N).SetLinkStatus(tc.link).Exec(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.Clock.Move(48 * time.Hour)
		found := 0
		for _, health := range vocab.RunbookHealth("").Values() {
			page := s.Must(t, http.StatusOK, "GET", api+"/runbooks?health="+health, nil)
			for _, item := range page.Body["items"].([]any) {
				found++
				row := item.(map[string]any)
				if row["health"] != health || want[row["id"].(string)] != health {
					t.Errorf("%s is %s and listed as %s, want %s", row["title"], row["health"], health, want[row["id"].(string)])
				}
			}
		}
		if found != len(want) {
			t.Errorf("%d of %d runbooks are listed by their health", found, len(want))
		}
	})
}

func TestANewAddressOfARunbookHasNotBeenChecked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		made := s.Must(t, http.StatusCreated, "POST", api+"/runbooks", map[string]any{"title": "r", "url": "https://wiki.example.com/a", "reviewed_at": s.Clock.Now()})
		id, _ := vocab.ParseID(made.Text("id"))
		err := s.Store.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			return tx.Client().Runbook.UpdateOneID(id.N).SetLinkStatus(vocab.LinkStatusBroken).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		here := made.Header.Get("Location")
		if got := s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"title": "renamed"}); got.Text("health") != "broken" {
			t.Errorf("with a new title the health is %s, want broken", got.Text("health"))
		}
		if got := s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"url": "https://wiki.example.com/b"}); got.Text("health") != "fresh" {
			t.Errorf("with a new address the health is %s, want fresh", got.Text("health"))
		}
	})
}

func TestReferencesConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/references", prefix: "REF",
			minimal: map[string]any{"target": w.service, "kind": "wiki", "url": "https://wiki.example.com/shop"},
			full: map[string]any{
				"target": w.service, "kind": "jira", "url": "https://jira.example.com/browse/UPG-12", "external_key": "UPG-12",
				"title": "Sessions expire early", "role": "tracked in",
			},
			patch:     map[string]any{"title": "Sessions expire", "role": nil},
			patched:   map[string]any{"title": "Sessions expire", "role": nil, "external_key": "UPG-12"},
			bad:       map[string]any{"target": "QQQ-1", "kind": "nope", "url": "javascript:1", "nope": 1},
			badFields: []string{"kind", "nope", "target", "url"},
			filter:    "external_key=UPG-12&kind=jira&target=" + w.service,
		})
	})
}

func TestSourcesAreListedReadAndRemoved(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		here := api + "/sources/" + src.id
		if got := s.Must(t, http.StatusOK, "GET", api+"/sources", nil); got.Text("items.0.id") != src.id || strings.Contains(string(got.Raw), hookSecret) {
			t.Errorf("the list of sources is %s, want %s and no secret", got.Raw, src.id)
		}
		if got := s.Must(t, http.StatusOK, "GET", here, nil); got.Text("product") != "jira_cloud" || strings.Contains(string(got.Raw), hookSecret) {
			t.Errorf("the source reads %s, want its product and no secret", got.Raw)
		}
		s.Must(t, http.StatusNoContent, "DELETE", here, nil)
		s.Must(t, http.StatusNotFound, "GET", here, nil)
	})
}
