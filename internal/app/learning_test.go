package app_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// scene is what most records need others of: a service, two environments, an upgrade and an attempt that is planned.
type scene struct{ service, production, development, upgrade, attempt string }

// set writes a scene; change may alter the attempt.
func set(t *testing.T, s *apptest.Server) scene {
	t.Helper()
	var made scene
	err := s.Store.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		at, c := s.Clock.Now(), tx.Client()
		service, err := c.Service.Create().SetName("shop").SetSlug("shop").SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").Save(ctx)
		if err != nil {
			return err
		}
		var environments []int
		for name, kind := range map[string]vocab.EnvironmentKind{"production": "production"} {
			e := c.Environment.Create().SetName(name).SetKind(kind).SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
			environments = append(environments, e.ID)
		}
		dev := c.Environment.Create().SetName("development").SetKind("development").SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
		up := c.Upgrade.Create().SetTitle("Framework 2 to 3").SetKind("framework").SetServiceID(service.ID).SetTags([]string{"Persistence"}).
			SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
		attempt := c.Attempt.Create().SetUpgradeID(up.ID).SetNumber(1).SetEnvironmentID(environments[0]).SetChangedAreas([]string{"Sessions"}).
			SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").SaveX(ctx)
		made = scene{
			vocab.Service.ID(service.ID).String(), vocab.Environment.ID(environments[0]).String(), vocab.Environment.ID(dev.ID).String(),
			vocab.Upgrade.ID(up.ID).String(), vocab.Attempt.ID(attempt.ID).String(),
		}
		return nil
	})
	if err != nil {
		t.Fatalf("setting the scene: %v", err)
	}
	return made
}

// end ends the attempt of a scene.
func end(t *testing.T, s *apptest.Server, attempt string, status vocab.AttemptStatus) {
	t.Helper()
	id, _ := vocab.ParseID(attempt)
	err := s.Store.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Client().Attempt.UpdateOneID(id.N).SetStatus(status).SetEndedAt(s.Clock.Now()).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

const api = "/api/v1"

// hidden makes a restricted record and checks that a token of another team learns nothing of it, nor of what lies below it.
func hidden(t *testing.T, s *apptest.Server, path string, body map[string]any, below ...string) string {
	t.Helper()
	body["visibility"], body["team"] = "restricted", "database"
	here := s.Must(t, http.StatusCreated, "POST", path, body).Header.Get("Location")
	other := s.Grant(t, "another team", "shop", vocab.ScopeRead, vocab.ScopeWrite)
	own := s.Grant(t, "own team", "database", vocab.ScopeRead, vocab.ScopeWrite)
	for _, at := range append([]string{""}, below...) {
		if got := s.CallAs(t, other, "GET", here+at, nil).Status; got != http.StatusNotFound {
			t.Errorf("GET %s by another team = %d, want 404", here+at, got)
		}
		if got := s.CallAs(t, own, "GET", here+at, nil).Status; got != http.StatusOK {
			t.Errorf("GET %s by its own team = %d, want 200", here+at, got)
		}
	}
	if list := s.CallAs(t, other, "GET", path+"?visibility=restricted", nil); len(list.Body["items"].([]any)) != 0 {
		t.Errorf("GET %s by another team shows %s", path, list.Raw)
	}
	if list := s.CallAs(t, own, "GET", path+"?visibility=restricted", nil); len(list.Body["items"].([]any)) != 1 {
		t.Errorf("GET %s by its own team shows %s", path, list.Raw)
	}
	return here
}

func TestAssumptionsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/assumptions", prefix: "ASM",
			minimal: map[string]any{"statement": "Sessions are alike", "upgrade_id": w.upgrade, "importance": "minor"},
			full: map[string]any{
				"statement": "Sessions are the same in both", "attempt_id": w.attempt, "environment_id": w.production, "importance": "blocking",
				"category": "environment_parity", "falsified_if": "an index differs", "valid_for_days": 30, "owner": "database team",
				"areas": []string{"sessions"}, "origin": "premortem", "tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:   map[string]any{"statement": "Sessions are equal", "valid_for_days": nil},
			patched: map[string]any{"statement": "Sessions are equal", "valid_for_days": nil, "owner": "database team"},
			bad: map[string]any{
				"importance": "dire", "attempt_id": w.attempt, "upgrade_id": w.upgrade, "environment_id": "ENV-99", "valid_for_days": 0, "nope": 1,
			},
			badFields: []string{"importance", "nope", "statement", "upgrade_id", "valid_for_days"},
			filter:    "status=unverified&importance=blocking&areas=sessions&environment_id=" + w.production,
		})
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/assumptions", map[string]any{"statement": "x", "importance": "minor"})
		hidden(t, s, api+"/assumptions", map[string]any{"statement": "hidden", "upgrade_id": w.upgrade, "importance": "minor"}, "/evidence")
	})
}

func TestEvidenceConforms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		path := assume(t, s, w) + "/evidence"
		conform(t, s, resource{
			path: path, prefix: "EVD", item: api + "/evidence", immutable: true,
			minimal: map[string]any{"result": "supports", "environment_id": w.production, "observed_at": "2026-03-01T08:00:00Z", "summary": "equal"},
			full: map[string]any{
				"result": "contradicts", "environment_id": w.development, "observed_at": "2026-03-01T09:00:00Z", "summary": "one index differs",
				"method": "schema comparison", "url": "https://ci.example.com/1",
			},
			bad: map[string]any{
				"result": "perhaps", "environment_id": "SVC-1", "observed_at": "yesterday", "url": "ftp://x", "nope": 1, "assumption_id": "ASM-1",
			},
			badFields: []string{"assumption_id", "environment_id", "nope", "observed_at", "result", "summary", "url"},
			filter:    "result=contradicts&withdrawn=false",
		})
		s.Must(t, http.StatusMethodNotAllowed, "PATCH", api+"/evidence/EVD-1", map[string]any{"summary": "x"})
		s.Must(t, http.StatusMethodNotAllowed, "DELETE", path+"/EVD-1", nil)
		s.Must(t, http.StatusOK, "GET", path+"/EVD-1?expand=assumption", nil)
		s.Must(t, http.StatusNotFound, "GET", assume(t, s, w)+"/evidence/EVD-1", nil)
		s.Must(t, http.StatusUnprocessableEntity, "POST", path, observed(w.production, "supports", s.Clock.Now().Add(time.Hour)))
		s.Must(t, http.StatusConflict, "DELETE", path[:len(path)-len("/evidence")], nil)
	})
}

// assume makes a blocking assumption about production that is good for a week of evidence.
func assume(t *testing.T, s *apptest.Server, w scene) string {
	t.Helper()
	return s.Must(t, http.StatusCreated, "POST", api+"/assumptions", map[string]any{
		"statement": "Sessions are alike", "attempt_id": w.attempt, "environment_id": w.production, "importance": "blocking", "valid_for_days": 7,
		"areas": []string{"sessions"},
	}).Header.Get("Location")
}

func observed(environment, result string, at time.Time) map[string]any {
	return map[string]any{"result": result, "environment_id": environment, "observed_at": at, "summary": "seen", "method": "schema comparison"}
}

// standing checks the status of an assumption, by itself and as a filter of the list.
func standing(t *testing.T, s *apptest.Server, path, status, reason string) {
	t.Helper()
	got := s.Must(t, http.StatusOK, "GET", path, nil)
	if got.Text("status") != status || got.Text("status_reason") != reason {
		t.Errorf("%s is %s (%s), want %s (%s)", path, got.Text("status"), got.Text("status_reason"), status, reason)
	}
	if list := s.Must(t, http.StatusOK, "GET", api+"/assumptions?status="+status, nil); list.Text("items.0.id") != got.Text("id") {
		t.Errorf("the list with status %s shows %s", status, list.Raw)
	}
}

func TestEvidenceRecordedInDevelopmentDoesNotVerifyAClaimAboutProduction(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		path := assume(t, s, w)
		standing(t, s, path, "unverified", "no_evidence")
		s.Must(t, http.StatusCreated, "POST", path+"/evidence", observed(w.development, "supports", s.Clock.Now()))
		standing(t, s, path, "unverified", "evidence_wrong_environment")
		wrong := s.Must(t, http.StatusCreated, "POST", path+"/evidence", observed(w.production, "contradicts", s.Clock.Now()))
		standing(t, s, path, "falsified", "evidence_contradicts")
		s.Must(t, http.StatusCreated, "POST", path+"/evidence", observed(w.production, "supports", s.Clock.Now()))
		standing(t, s, path, "verified", "evidence_supports")
		s.Clock.Move(8 * 24 * time.Hour)
		standing(t, s, path, "expired", "evidence_too_old")
		s.Must(t, http.StatusUnprocessableEntity, "POST", path+"/evidence/"+wrong.Text("id")+"/withdrawal", map[string]any{"reason": " "})
		gone := s.Must(t, http.StatusOK, "POST", path+"/evidence/"+wrong.Text("id")+"/withdrawal", map[string]any{"reason": "wrong host"})
		if gone.Text("withdrawn_reason") != "wrong host" || gone.Text("withdrawn_by") != "test admin" {
			t.Errorf("the withdrawal is kept as %s", gone.Raw)
		}
		s.Must(t, http.StatusConflict, "POST", path+"/evidence/"+wrong.Text("id")+"/withdrawal", map[string]any{"reason": "again"})
		s.Must(t, http.StatusUnprocessableEntity, "POST", path+"/transitions", map[string]any{"to": "verified"})
		s.Must(t, http.StatusOK, "POST", path+"/transitions", map[string]any{"to": "retired"})
		standing(t, s, path, "retired", "retired")
	})
}

func TestIncidentsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/incidents", prefix: "INC",
			minimal: map[string]any{"title": "Users are logged out", "severity": "low"},
			full: map[string]any{
				"title": "Users are thrown out", "severity": "critical", "priority": "p1", "service_id": w.service, "attempt_id": w.attempt,
				"attempt_relation": "triggered_by", "impact": "courses end early", "impact_start": "2026-03-01T06:40:00Z",
				"impact_end": "2026-03-01T11:20:00Z", "detected_at": "2026-03-01T07:00:00Z", "detected_by": "support", "near_miss": true,
				"tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:   map[string]any{"title": "Users lose sessions", "impact_end": nil},
			patched: map[string]any{"title": "Users lose sessions", "impact_end": nil, "severity": "critical"},
			bad: map[string]any{
				"title": "x\ny", "severity": "dire", "attempt_id": "UPG-1", "impact_start": "2026-03-01T06:40:00Z", "impact_end": "2026-03-01T06:00:00Z",
				"detected_by": "nobody", "nope": 1,
			},
			badFields: []string{"attempt_id", "detected_by", "impact_end", "nope", "severity", "title"},
			filter:    "severity=critical&near_miss=true&status=open&attempt_id=" + w.attempt,
		})
		here := hidden(t, s, api+"/incidents", map[string]any{"title": "hidden", "severity": "low"}, "/events")
		for _, to := range []string{"mitigated", "resolved", "open", "mitigated", "resolved", "closed"} {
			s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": to})
		}
		s.Must(t, http.StatusConflict, "POST", here+"/transitions", map[string]any{"to": "open"})
	})
}

func TestEventsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		path := api + "/attempts/" + w.attempt + "/events"
		signal := map[string]any{"occurred_at": "2026-03-01T05:20:00Z", "kind": "signal", "text": "sessions expire"}
		conform(t, s, resource{
			path: path, prefix: "EVT", item: api + "/events", immutable: true, minimal: signal,
			full: map[string]any{
				"occurred_at": "2026-03-01T05:10:00Z", "kind": "interpretation", "text": "read as unrelated", "source": "QA channel", "acted_on": true,
			},
			bad:       map[string]any{"occurred_at": 7, "kind": "rumour", "supersedes_id": "FND-1", "nope": 1},
			badFields: []string{"kind", "nope", "occurred_at", "supersedes_id", "text"}, filter: "kind=interpretation&acted_on=true",
		})
		if list := s.Must(t, http.StatusOK, "GET", path+"?sort=occurred_at&limit=1", nil); list.Text("items.0.kind") != "interpretation" {
			t.Errorf("in the order of what happened the list begins with %s", list.Raw)
		} else if next := s.Must(t, http.StatusOK, "GET", path+"?sort=occurred_at&limit=1&cursor="+list.Text("next_cursor"), nil); next.Text("items.0.kind") != "signal" {
			t.Errorf("the second page is %s", next.Raw)
		}
		s.Must(t, http.StatusMethodNotAllowed, "PATCH", api+"/events/EVT-1", signal)
		signal["supersedes_id"] = "EVT-1"
		later := s.Must(t, http.StatusCreated, "POST", path, signal)
		if was := s.Must(t, http.StatusOK, "GET", api+"/events/EVT-1", nil); was.Text("superseded_by") != later.Text("id") || later.Text("superseded_by") != "" {
			t.Errorf("the corrected event is %s", was.Raw)
		}
		if list := s.Must(t, http.StatusOK, "GET", path+"?sort=id", nil); list.Text("items.0.superseded_by") != later.Text("id") {
			t.Errorf("the list does not say what was corrected: %s", list.Raw)
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", path, signal)
		incident := s.Must(t, http.StatusCreated, "POST", api+"/incidents", map[string]any{"title": "x", "severity": "low"}).Header.Get("Location")
		signal["supersedes_id"] = later.Text("id")
		s.Must(t, http.StatusUnprocessableEntity, "POST", incident+"/events", signal)
		delete(signal, "supersedes_id")
		s.Must(t, http.StatusCreated, "POST", incident+"/events", signal)
		finding := s.Must(t, http.StatusCreated, "POST", api+"/findings", map[string]any{"title": "x", "severity": "low"}).Header.Get("Location")
		s.Must(t, http.StatusOK, "GET", finding+"/events", nil)
		s.Must(t, http.StatusMethodNotAllowed, "POST", finding+"/events", signal)
	})
}

func TestRecurrencesConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		finding := func(more map[string]any) string {
			body := map[string]any{"title": "Sessions expire", "severity": "high"}
			for k, v := range more {
				body[k] = v
			}
			return s.Must(t, http.StatusCreated, "POST", api+"/findings", body).Text("id")
		}
		a, b, c, d := finding(nil), finding(nil), finding(nil), finding(nil)
		conform(t, s, resource{
			path: api + "/recurrences", prefix: "REC",
			minimal:   map[string]any{"from": a, "to": b, "kind": "same_symptom"},
			another:   map[string]any{"to": d},
			full:      map[string]any{"from": a, "to": c, "kind": "same_cause", "explanation": "the same index"},
			patch:     map[string]any{"kind": "regression", "explanation": nil},
			patched:   map[string]any{"kind": "regression", "explanation": nil, "from": a},
			bad:       map[string]any{"from": "LES-1", "kind": "twin", "nope": 1},
			badFields: []string{"from", "kind", "nope", "to"}, filter: "kind=same_cause&status=suggested&to=" + c,
		})
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/recurrences", map[string]any{"from": a, "to": a, "kind": "same_cause"})
		pair := map[string]any{"from": b, "to": c, "kind": "same_cause"}
		here := s.Must(t, http.StatusCreated, "POST", api+"/recurrences", pair).Header.Get("Location")
		s.Must(t, http.StatusUnprocessableEntity, "PATCH", here, map[string]any{"to": a})
		s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "rejected"})
		s.Must(t, http.StatusConflict, "POST", here+"/transitions", map[string]any{"to": "confirmed"})
		s.Must(t, http.StatusConflict, "DELETE", here, nil)
		s.Must(t, http.StatusConflict, "POST", api+"/recurrences", pair)
		s.Must(t, http.StatusConflict, "POST", api+"/recurrences", map[string]any{"from": c, "to": b, "kind": "regression"})

		secret := finding(map[string]any{"visibility": "restricted", "team": "database"})
		hiddenPair := s.Must(t, http.StatusCreated, "POST", api+"/recurrences", map[string]any{"from": a, "to": secret, "kind": "same_cause"})
		other := s.Grant(t, "another team", "shop", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, other, "GET", hiddenPair.Header.Get("Location"), nil); got.Status != http.StatusNotFound {
			t.Errorf("a pair with a restricted finding is shown to another team: %s", got.Raw)
		}
		if list := s.CallAs(t, other, "GET", api+"/recurrences?to="+secret, nil); len(list.Body["items"].([]any)) != 0 {
			t.Errorf("a pair with a restricted finding is listed to another team: %s", list.Raw)
		}
	})
}
