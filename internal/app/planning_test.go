package app_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/ent/transition"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// post makes a record and gives where it is.
func post(t *testing.T, s *apptest.Server, path string, body map[string]any) string {
	t.Helper()
	return s.Must(t, http.StatusCreated, "POST", api+path, body).Header.Get("Location")
}

// move asks for a transition.
func move(t *testing.T, s *apptest.Server, path, to string) apptest.Answer {
	t.Helper()
	return s.Call(t, "POST", path+"/transitions", map[string]any{"to": to})
}

// unmet are the codes that an answer names.
func unmet(a apptest.Answer) []string {
	all := []string{}
	list, _ := a.Body["errors"].([]any)
	for _, f := range list {
		all = append(all, f.(map[string]any)["code"].(string))
	}
	return sorted(all)
}

// only checks that a list has exactly these records.
func only(t *testing.T, s *apptest.Server, path string, want ...string) {
	t.Helper()
	got := []string{}
	for _, item := range s.Must(t, http.StatusOK, "GET", path, nil).Body["items"].([]any) {
		got = append(got, item.(map[string]any)["id"].(string))
	}
	if diff := cmp.Diff(sorted(got), sorted(append([]string{}, want...))); diff != "" {
		t.Errorf("GET %s (-got +want): %s", path, diff)
	}
}

// open lets every attempt through the gate, which has tests of its own.
func open(s *apptest.Server) {
	s.Services.Attempts.Gate = func(context.Context, *store.Tx, *ent.Attempt) ([]fault.Field, error) { return nil, nil }
}

func TestUpgradesConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/upgrades", prefix: "UPG",
			minimal: map[string]any{"title": "Database 13 to 14", "kind": "database", "service_id": w.service},
			full: map[string]any{
				"title": "Runtime 8 to 9", "kind": "runtime", "service_id": w.service, "from_version": "8", "to_version": "9", "goal": "support",
				"tags": []string{"runtime"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:     map[string]any{"to_version": "10", "goal": nil},
			patched:   map[string]any{"to_version": "10", "goal": nil, "status": "proposed"},
			bad:       map[string]any{"kind": "moon", "service_id": "SVC-99", "visibility": "restricted", "nope": 1},
			badFields: []string{"kind", "nope", "team", "title"},
			filter:    "kind=runtime&status=proposed&tag=runtime&from_version=8",
		})
		hidden(t, s, api+"/upgrades", map[string]any{"title": "hidden", "kind": "other", "service_id": w.service})
		expanded := s.Must(t, http.StatusOK, "GET", api+"/upgrades/"+w.upgrade+"?expand=service", nil)
		if expanded.Text("service.id") != w.service {
			t.Errorf("GET with expand=service gives %s", expanded.Raw)
		}
	})
}

func TestAttemptsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/attempts", prefix: "ATT",
			minimal: map[string]any{"upgrade_id": w.upgrade, "environment_id": w.production},
			full: map[string]any{
				"upgrade_id": w.upgrade, "environment_id": w.development, "strategy": "at 05:00", "window_start": "2026-03-06T05:00:00Z",
				"window_end": "2026-03-06T07:00:00Z", "watch_until": "2026-03-09T17:00:00Z", "release_ref": "3.0.1",
				"changed_areas": []string{"sessions", "garbage collection"}, "users_affected": 0, "outcome_summary": "none yet",
				"tags": []string{"persistence"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			patch:   map[string]any{"strategy": "at 06:00", "release_ref": nil},
			patched: map[string]any{"strategy": "at 06:00", "release_ref": nil, "number": 3, "status": "planned"},
			bad: map[string]any{
				"environment_id": "SVC-1", "window_start": "2026-03-06T05:00:00Z", "window_end": "2026-03-05T05:00:00Z", "users_affected": -1,
				"number": 7, "status": "ready", "released_at": "2026-03-05T05:00:00Z",
			},
			badFields: []string{"environment_id", "number", "released_at", "status", "upgrade_id", "users_affected", "window_end"},
			filter:    "changed_areas=sessions&release_ref=3.0.1&status=planned&environment_id=" + w.development,
		})
		hidden(t, s, api+"/attempts", map[string]any{"upgrade_id": w.upgrade, "environment_id": w.production}, "/tripwires")
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/attempts",
			map[string]any{"upgrade_id": w.upgrade, "environment_id": w.production, "started_at": "2100-01-01T00:00:00Z"})
	})
}

func TestAttemptsOfARestrictedUpgradeAreRestrictedToo(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		up := s.Must(t, http.StatusCreated, "POST", api+"/upgrades", map[string]any{
			"title": "hidden", "kind": "other", "service_id": w.service, "visibility": "restricted", "team": "database",
		}).Text("id")
		attempt := s.Must(t, http.StatusCreated, "POST", api+"/attempts", map[string]any{"upgrade_id": up, "environment_id": w.production})
		decision := post(t, s, "/decisions", map[string]any{
			"kind": "other", "attempt_id": attempt.Text("id"), "question": "q", "chosen": "c", "rationale": "r", "decided_by": "CTO",
		})
		other := s.Grant(t, "another team", "shop", vocab.ScopeRead, vocab.ScopeWrite)
		for _, path := range []string{attempt.Header.Get("Location"), decision} {
			if got := s.CallAs(t, other, "GET", path, nil).Status; got != http.StatusNotFound {
				t.Errorf("GET %s by another team = %d, want 404", path, got)
			}
		}
		refused := s.CallAs(t, other, "POST", api+"/attempts", map[string]any{"upgrade_id": up, "environment_id": w.production})
		if refused.Status != http.StatusUnprocessableEntity || refused.Text("errors.0.code") != "not_found" {
			t.Errorf("an attempt of an upgrade that the caller may not know of: %s, want not_found", refused.Raw)
		}
		if list := s.CallAs(t, other, "GET", api+"/attempts?expand=upgrade&upgrade_id="+up, nil); len(list.Body["items"].([]any)) != 0 {
			t.Errorf("another team is shown %s", list.Raw)
		}
		open := s.Must(t, http.StatusCreated, "POST", api+"/attempts", map[string]any{
			"upgrade_id": up, "environment_id": w.production, "visibility": "internal",
		}).Header.Get("Location")
		if got := s.CallAs(t, other, "GET", open+"?expand=upgrade", nil); got.Status != http.StatusOK || got.Body["upgrade"] != nil {
			t.Errorf("an attempt that is open on purpose shows its restricted upgrade: %s", got.Raw)
		}
	})
}

func TestAttemptsMadeAtOnceGetNumbersOfTheirOwn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		var wait sync.WaitGroup
		answers := make([]apptest.Answer, 20)
		for i := range answers {
			wait.Go(func() {
				answers[i] = s.Call(t, "POST", api+"/attempts", map[string]any{"upgrade_id": w.upgrade, "environment_id": w.production})
			})
		}
		wait.Wait()
		numbers := map[string]bool{}
		for _, a := range answers {
			if a.Status != http.StatusCreated || numbers[a.Text("number")] {
				t.Errorf("%d with number %s, which was given before: %s", a.Status, a.Text("number"), a.Raw)
			}
			numbers[a.Text("number")] = true
		}
		for n := 2; n <= 21; n++ { // the scene has the first
			if !numbers[fmt.Sprint(n)] {
				t.Errorf("no attempt has number %d: %v", n, numbers)
			}
		}
	})
}

func TestAnAttemptIsNotReadyWithoutItsGate(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		here := api + "/attempts/" + w.attempt
		s.Services.Attempts.Gate = nil
		if got := move(t, s, here, "ready"); got.Status != http.StatusConflict || unmet(got)[0] != "gate_unavailable" {
			t.Errorf("without a gate the answer is %s, want gate_unavailable", got.Raw)
		}
		s.Services.Attempts.Gate = func(context.Context, *store.Tx, *ent.Attempt) ([]fault.Field, error) {
			return []fault.Field{{Field: "ASM-1", Code: "assumption_unverified"}, {Field: "attempt", Code: "tripwire_missing"}}, nil
		}
		got := move(t, s, here, "ready")
		if diff := cmp.Diff(unmet(got), []string{"assumption_unverified", "tripwire_missing"}); got.Status != http.StatusConflict || diff != "" {
			t.Errorf("a shut gate answers %s (-got +want): %s", got.Raw, diff)
		}
		s.Services.Attempts.Gate = func(context.Context, *store.Tx, *ent.Attempt) ([]fault.Field, error) {
			return nil, fault.New(fault.Unavailable, "the gate is down")
		}
		if got := move(t, s, here, "ready"); got.Status != http.StatusServiceUnavailable {
			t.Errorf("a gate that fails answers %s, want 503", got.Raw)
		}
		if got := s.Must(t, http.StatusOK, "GET", here, nil); got.Text("status") != "planned" {
			t.Errorf("the attempt is %s, want planned", got.Text("status"))
		}
	})
}

func TestAnAttemptIsASuccessOnceItsWatchIsOver(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		open(s)
		w := set(t, s)
		here := api + "/attempts/" + w.attempt
		began := s.Clock.Now()
		for _, to := range []string{"ready", "in_progress", "watching"} {
			if got := move(t, s, here, to); got.Status != http.StatusOK || got.Text("status") != to {
				t.Fatalf("the move to %s answers %s", to, got.Raw)
			}
		}
		if got := move(t, s, here, "succeeded"); got.Status != http.StatusConflict || unmet(got)[0] != "required" {
			t.Errorf("without a watch the answer is %s, want a conflict", got.Raw)
		}
		until := began.Add(time.Hour)
		s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"watch_until": until})
		s.Clock.Set(until.Add(-time.Minute))
		soon := s.Call(t, "POST", here+"/transitions", map[string]any{"to": "succeeded", "at": until.Add(time.Minute)})
		if soon.Status != http.StatusConflict || unmet(soon)[0] != "watch_not_over" {
			t.Errorf("a clock that is ahead ends the watch early: %s", soon.Raw)
		}
		s.Clock.Set(until.Add(time.Minute))
		done := s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "succeeded", "at": until})
		started, err := time.Parse(time.RFC3339, done.Text("started_at"))
		if err != nil || started.Before(began) || started.After(began.Add(time.Minute)) || done.Text("ended_at") != until.Format(time.RFC3339Nano) {
			t.Errorf("it began at %s and ended at %s, want about %s and %s", done.Text("started_at"), done.Text("ended_at"), began, until)
		}
		if got := move(t, s, here, "in_progress"); got.Status != http.StatusConflict || unmet(got)[0] != "transition_not_allowed" {
			t.Errorf("an ended attempt reopens: %s", got.Raw)
		}
		s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"outcome_summary": "fine", "users_affected": 0})
		refused := s.Must(t, http.StatusConflict, "PATCH", here, map[string]any{"strategy": "x", "changed_areas": []string{"y"}})
		if diff := cmp.Diff(unmet(refused), []string{"attempt_ended", "attempt_ended"}); diff != "" {
			t.Errorf("a change of the plan (-got +want): %s", diff)
		}
		s.Must(t, http.StatusUnprocessableEntity, "PATCH", here, map[string]any{"upgrade_id": "UPG-99"})
	})
}

func TestTimesThatWereGivenAreKept(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		open(s)
		w := set(t, s)
		here := post(t, s, "/attempts", map[string]any{"upgrade_id": w.upgrade, "environment_id": w.production, "started_at": "2026-02-01T05:00:00Z"})
		for _, to := range []string{"ready", "in_progress", "rolled_back"} {
			s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": to, "at": "2026-02-02T05:00:00Z"})
		}
		got := s.Must(t, http.StatusOK, "GET", here, nil)
		if got.Text("started_at") != "2026-02-01T05:00:00Z" || got.Text("ended_at") != "2026-02-02T05:00:00Z" {
			t.Errorf("it began at %s and ended at %s", got.Text("started_at"), got.Text("ended_at"))
		}
	})
}

func TestDecisionsConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/decisions", prefix: "DEC", immutable: true,
			minimal: map[string]any{"kind": "other", "question": "Go on?", "chosen": "yes", "rationale": "nothing speaks against it", "decided_by": "tech lead"},
			full: map[string]any{
				"kind": "rollback_or_patch", "attempt_id": w.attempt, "question": "Patch or revert?", "chosen": "Revert",
				"options":   []map[string]any{{"name": "Patch", "against": "untested"}, {"name": "Revert", "for": "known"}},
				"rationale": "known to be stable", "dissent": "developer: the patch was tested", "decided_by": "CTO",
				"decided_at": "2026-03-01T18:00:00Z", "expires_at": "2026-04-01T00:00:00Z", "brief_hash": "0a1b",
				"tags": []string{"revert"}, "visibility": "internal", "team": "shop", "sample": true,
			},
			bad: map[string]any{
				"kind": "waiver", "question": "", "chosen": "c", "rationale": "r", "decided_by": "", "options": []map[string]any{{"name": ""}}, "status": "accepted",
			},
			badFields: []string{"attempt_id", "decided_by", "expires_at", "options[0].name", "question", "status"},
			filter:    "kind=rollback_or_patch&decided_by=CTO&status=proposed&attempt_id=" + w.attempt,
		})
		here := post(t, s, "/decisions", map[string]any{"kind": "other", "question": "q", "chosen": "c", "rationale": "r", "decided_by": "CTO"})
		for _, method := range []string{"PATCH", "DELETE"} {
			s.Must(t, http.StatusMethodNotAllowed, method, here, map[string]any{"chosen": "d"})
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/decisions", map[string]any{
			"kind": "waiver", "attempt_id": w.attempt, "question": "q", "chosen": "c", "rationale": "r", "decided_by": "CTO", "expires_at": "2026-03-01T00:00:00Z",
		})
		hidden(t, s, api+"/decisions", map[string]any{"kind": "other", "question": "q", "chosen": "c", "rationale": "r", "decided_by": "CTO"})
	})
}

// waive makes a waiver and gives where it is.
func waive(t *testing.T, s *apptest.Server, token string, about map[string]any) string {
	t.Helper()
	body := map[string]any{
		"kind": "waiver", "question": "Go without evidence?", "chosen": "yes", "rationale": "r", "decided_by": "tech lead",
		"expires_at": s.Clock.Now().Add(24 * time.Hour),
	}
	for name, value := range about {
		body[name] = value
	}
	made := s.CallAs(t, token, "POST", api+"/decisions", body)
	if made.Status != http.StatusCreated {
		t.Fatalf("making a waiver: %s", made.Raw)
	}
	return made.Header.Get("Location")
}

func TestNobodyAcceptsTheirOwnRisk(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		maker := s.Grant(t, "maker", "", vocab.ScopeRead, vocab.ScopeWrite)
		asker := s.Grant(t, "asker", "", vocab.ScopeRead, vocab.ScopeWrite, vocab.ScopeGate)
		other := s.Grant(t, "other", "", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, asker, "POST", api+"/attempts/"+w.attempt+"/gate", nil); got.Status != http.StatusOK {
			t.Fatalf("asking the gate: %s", got.Raw)
		}
		assumption := s.Must(t, http.StatusCreated, "POST", api+"/assumptions", map[string]any{
			"statement": "the same", "importance": "blocking", "upgrade_id": w.upgrade,
		}).Text("id")
		accept := map[string]any{"to": "accepted"}
		for name, about := range map[string]map[string]any{
			"a waiver of an attempt":               {"attempt_id": w.attempt},
			"a waiver of an assumption":            {"assumption_id": assumption},
			"a risk acceptance of an attempt":      {"attempt_id": w.attempt, "kind": "risk_acceptance"},
			"a waiver decided by a token's name":   {"attempt_id": w.attempt, "decided_by": "maker"},
			"a waiver of both":                     {"attempt_id": w.attempt, "assumption_id": assumption},
			"a risk acceptance without expiry too": {"assumption_id": assumption, "kind": "risk_acceptance"},
		} {
			here := waive(t, s, maker, about)
			for who, token := range map[string]string{"who made it": maker, "who asked the gate": asker} {
				if got := s.CallAs(t, token, "POST", here+"/transitions", accept); got.Status != http.StatusForbidden {
					t.Errorf("%s is accepted by %s: %s", name, who, got.Raw)
				}
			}
			if got := s.CallAs(t, other, "POST", here+"/transitions", accept); got.Status != http.StatusOK || got.Text("status") != "accepted" {
				t.Errorf("%s is not accepted by another: %s", name, got.Raw)
			}
		}
		here := waive(t, s, other, map[string]any{"attempt_id": w.attempt, "decided_by": "maker"})
		if got := s.CallAs(t, maker, "POST", here+"/transitions", accept); got.Status != http.StatusForbidden {
			t.Errorf("a waiver is accepted by the one that it says decided: %s", got.Raw)
		}
		plain := post(t, s, "/decisions", map[string]any{"kind": "other", "question": "q", "chosen": "c", "rationale": "r", "decided_by": "CTO"})
		s.Must(t, http.StatusOK, "POST", plain+"/transitions", accept)
	})
}

func TestADecisionExpiresByTheClock(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		maker := s.Grant(t, "maker", "", vocab.ScopeRead, vocab.ScopeWrite)
		here := waive(t, s, maker, map[string]any{"attempt_id": w.attempt})
		late := waive(t, s, maker, map[string]any{"attempt_id": w.attempt})
		s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "accepted"})
		id := s.Must(t, http.StatusOK, "GET", here, nil).Text("id")
		only(t, s, api+"/decisions?status=accepted", id)
		only(t, s, api+"/decisions?status=expired")
		s.Clock.Move(25 * time.Hour)
		if got := s.Must(t, http.StatusOK, "GET", here, nil); got.Text("status") != "expired" {
			t.Errorf("a day later it is %s, want expired", got.Text("status"))
		}
		only(t, s, api+"/decisions?status=accepted")
		only(t, s, api+"/decisions?status=expired", id)
		if got := move(t, s, late, "accepted"); got.Status != http.StatusConflict || unmet(got)[0] != "expired" {
			t.Errorf("a waiver is accepted after it stopped to hold: %s", got.Raw)
		}
		s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "superseded"})
		only(t, s, api+"/decisions?status=superseded", id)
	})
}

var wireBody = map[string]any{"signal": "database processes", "comparator": "gt", "threshold": 200, "then": "rollback", "agreed_by": "tech lead"}

// wire makes a tripwire; armed says whether it guards.
func wire(t *testing.T, s *apptest.Server, attempt string, armed bool, change map[string]any) string {
	t.Helper()
	body := map[string]any{}
	for _, from := range []map[string]any{wireBody, change} {
		for name, value := range from {
			body[name] = value
		}
	}
	here := post(t, s, "/attempts/"+attempt+"/tripwires", body)
	if armed {
		s.Must(t, http.StatusOK, "POST", here+"/transitions", map[string]any{"to": "armed"})
	}
	return here
}

func TestTripwiresConform(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/attempts/" + w.attempt + "/tripwires", prefix: "TRP", item: api + "/tripwires",
			minimal: wireBody,
			full: map[string]any{
				"signal": "logins", "comparator": "lte", "threshold": 0.5, "for_minutes": 10, "deadline": "2026-03-09T18:00:00Z", "then": "page",
				"agreed_by": "tech lead and database team",
			},
			patch:     map[string]any{"threshold": 0, "deadline": nil},
			patched:   map[string]any{"threshold": 0, "deadline": nil, "revision": 1, "status": "draft", "attempt_id": w.attempt},
			bad:       map[string]any{"comparator": "near", "threshold": "many", "for_minutes": -1, "attempt_id": "ATT-2", "then": "pray", "agreed_by": "x"},
			badFields: []string{"attempt_id", "comparator", "for_minutes", "signal", "then", "threshold"},
			filter:    "then=page&signal=logins&status=draft",
		})
		s.Must(t, http.StatusNotFound, "GET", api+"/attempts/ATT-99/tripwires", nil)
		s.Must(t, http.StatusNotFound, "POST", api+"/attempts/ATT-99/tripwires", wireBody)
	})
}

func TestTripwiresAreSeenThroughTheirAttempt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		attempt := s.Must(t, http.StatusCreated, "POST", api+"/attempts", map[string]any{
			"upgrade_id": w.upgrade, "environment_id": w.production, "visibility": "restricted", "team": "database",
		}).Text("id")
		here := wire(t, s, attempt, true, nil)
		effort := post(t, s, "/effort", map[string]any{"hours": 2, "role": "developer", "phase": "test", "attempt_id": attempt})
		other := s.Grant(t, "another team", "shop", vocab.ScopeRead, vocab.ScopeWrite)
		own := s.Grant(t, "own team", "database", vocab.ScopeRead, vocab.ScopeWrite)
		for token, want := range map[string]int{other: http.StatusNotFound, own: http.StatusOK} {
			for _, path := range []string{here, here + "/readings", api + "/attempts/" + attempt + "/tripwires", effort} {
				if got := s.CallAs(t, token, "GET", path, nil).Status; got != want {
					t.Errorf("GET %s = %d, want %d", path, got, want)
				}
			}
		}
		if got := s.CallAs(t, other, "POST", here+"/readings", map[string]any{"value": 999}).Status; got != http.StatusNotFound {
			t.Errorf("a reading by another team = %d, want 404", got)
		}
		if list := s.CallAs(t, other, "GET", api+"/effort", nil); len(list.Body["items"].([]any)) != 0 {
			t.Errorf("another team is shown effort: %s", list.Raw)
		}
		if got := s.Must(t, http.StatusOK, "GET", here, nil); got.Text("status") != "armed" {
			t.Errorf("after the refused reading the wire is %s, want armed", got.Text("status"))
		}
	})
}

func TestATripwireTripsOnceUnderManyReadings(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		here := wire(t, s, w.attempt, true, map[string]any{"for_minutes": 10})
		began := s.Clock.Now().Truncate(time.Minute)
		s.Clock.Move(time.Hour)
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() {
				got := s.Call(t, "POST", here+"/readings", map[string]any{"value": 201 + i, "at": began.Add(time.Duration(i) * time.Minute)})
				if got.Status != http.StatusCreated || got.Header.Get("Hindcast-Seq") == "" {
					t.Errorf("reading %d: %d %s", i, got.Status, got.Raw)
				}
			})
		}
		wait.Wait()
		got := s.Must(t, http.StatusOK, "GET", here, nil)
		tripped, err := time.Parse(time.RFC3339, got.Text("tripped_at"))
		if got.Text("status") != "tripped" || err != nil {
			t.Fatalf("after fifty readings: %s", got.Raw)
		}
		if since := tripped.Sub(began); since < 10*time.Minute || since > 49*time.Minute || since%time.Minute != 0 {
			t.Errorf("it tripped at %s, want the time of a reading that ends a run of ten minutes", tripped)
		}
		id, _ := vocab.ParseID(got.Text("id"))
		c := s.Store.Client(context.Background())
		moves := c.Transition.Query().Where(transition.TargetKind(id.Prefix), transition.TargetID(id.N), transition.ToState("tripped")).AllX(context.Background())
		if len(moves) != 1 || !moves[0].At.Equal(tripped) {
			t.Errorf("recorded trips: %v, want one at %s", moves, tripped)
		}
		audited := c.AuditEntry.Query().Where(auditentry.TargetKind(id.Prefix), auditentry.TargetID(id.N), auditentry.Action("transition")).CountX(context.Background())
		if audited != 2 { // armed, tripped
			t.Errorf("%d transitions are audited, want 2", audited)
		}
		if readings := s.Must(t, http.StatusOK, "GET", here+"/readings", nil).Body["items"].([]any); len(readings) != 50 {
			t.Errorf("%d readings are kept, want 50", len(readings))
		}
		version := got.Header.Get("ETag")
		s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": 900})
		s.Must(t, http.StatusNotModified, "GET", here, nil, "If-None-Match", version)
		s.Must(t, http.StatusConflict, "PATCH", here, map[string]any{"threshold": 1})
		if again := move(t, s, here, "cleared"); again.Status != http.StatusConflict {
			t.Errorf("a tripped wire is cleared: %s", again.Raw)
		}
	})
}

func TestReadingsTripAWireOnlyWhenTheyCount(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		read := func(here string, value float64, at time.Time) string {
			t.Helper()
			return s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": value, "at": at}).Text("status")
		}
		draft := wire(t, s, w.attempt, false, nil)
		s.Must(t, http.StatusConflict, "POST", draft+"/readings", map[string]any{"value": 999})
		s.Must(t, http.StatusUnprocessableEntity, "POST", draft+"/readings", map[string]any{"at": "2026-03-01T00:00:00Z"})
		s.Must(t, http.StatusUnprocessableEntity, "POST", draft+"/readings", map[string]any{"value": 1, "at": "2100-01-01T00:00:00Z"})
		s.Must(t, http.StatusUnprocessableEntity, "POST", draft+"/readings/bulk", map[string]any{"items": []any{}})
		s.Must(t, http.StatusUnprocessableEntity, "GET", draft+"/readings?nope=1", nil)

		start := s.Clock.Now().Truncate(time.Second)
		s.Clock.Move(3 * time.Hour)
		minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

		run := wire(t, s, w.attempt, true, map[string]any{"for_minutes": 10})
		for _, step := range []struct {
			value float64
			at    int
			want  string
		}{
			{201, 0, "armed"}, {150, 5, "armed"}, {201, 10, "armed"}, // broken at 5
			{201, 30, "tripped"}, // late readings between may still come, but from 10 to 30 all crossed
		} {
			if got := read(run, step.value, minute(step.at)); got != step.want {
				t.Errorf("after %g at minute %d the wire is %s, want %s", step.value, step.at, got, step.want)
			}
		}

		late := wire(t, s, w.attempt, true, map[string]any{"for_minutes": 10})
		for _, step := range []struct {
			value float64
			at    int
			want  string
		}{{201, 20, "armed"}, {150, 18, "armed"}, {201, 29, "armed"}, {201, 19, "tripped"}} { // the last one completes 19 to 29
			if got := read(late, step.value, minute(step.at)); got != step.want {
				t.Errorf("after a late %g at minute %d the wire is %s, want %s", step.value, step.at, got, step.want)
			}
		}
		if got := s.Must(t, http.StatusOK, "GET", late, nil).Text("tripped_at"); got != minute(29).Format(time.RFC3339) {
			t.Errorf("it tripped at %s, want %s", got, minute(29).Format(time.RFC3339))
		}

		bulk := wire(t, s, w.attempt, true, map[string]any{"for_minutes": 10})
		items := []any{
			map[string]any{"value": 300, "at": minute(12)}, map[string]any{"value": 300, "at": minute(2)}, map[string]any{"value": 1, "at": minute(1)},
			map[string]any{"at": minute(3)}, map[string]any{"value": 1, "at": "2100-01-01T00:00:00Z"}, map[string]any{"value": 1, "nope": 1},
		}
		none := s.Must(t, http.StatusMultiStatus, "POST", bulk+"/readings/bulk?atomic=true", map[string]any{"items": items})
		if none.Text("items.0.status") != "424" || none.Text("items.3.status") != "422" || none.Text("tripwire.status") != "armed" {
			t.Errorf("one reading of an atomic request is bad, and the answer is %s", none.Raw)
		}
		if kept := s.Must(t, http.StatusOK, "GET", bulk+"/readings", nil); len(kept.Body["items"].([]any)) != 0 {
			t.Errorf("an atomic request with a bad reading kept %s", kept.Raw)
		}
		got := s.Must(t, http.StatusMultiStatus, "POST", bulk+"/readings/bulk", map[string]any{"items": items})
		for i, want := range []string{"201", "201", "201", "422", "422", "422"} {
			if status := got.Text(fmt.Sprintf("items.%d.status", i)); status != want || got.Text(fmt.Sprintf("items.%d.index", i)) != fmt.Sprint(i) {
				t.Errorf("reading %d is answered with %s, want %s: %s", i, status, want, got.Raw)
			}
		}
		if got.Text("items.3.problem.errors.0.field") != "value" || got.Text("items.5.problem.errors.0.field") != "nope" {
			t.Errorf("the problems do not name the fields: %s", got.Raw)
		}
		if got.Text("tripwire.status") != "tripped" || got.Text("tripwire.tripped_at") != minute(12).Format(time.RFC3339) {
			t.Errorf("readings in one request give %s, want a trip at %s", got.Raw, minute(12))
		}
		s.Must(t, http.StatusConflict, "POST", draft+"/readings/bulk", map[string]any{"items": items})
		s.Must(t, http.StatusNotFound, "POST", api+"/tripwires/TRP-999/readings/bulk", map[string]any{"items": items})
	})
}

func TestADeadlineEndsAWire(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		deadline := s.Clock.Now().Add(time.Hour).Truncate(time.Second)
		here := wire(t, s, w.attempt, true, map[string]any{"deadline": deadline})
		id := s.Must(t, http.StatusOK, "GET", here, nil).Text("id")
		list := api + "/attempts/" + w.attempt + "/tripwires"
		only(t, s, list+"?status=armed", id)
		only(t, s, list+"?status=expired")
		s.Clock.Set(deadline.Add(time.Minute))
		only(t, s, list+"?status=armed")
		only(t, s, list+"?status=expired", id)
		if got := s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": 999}); got.Text("status") != "expired" {
			t.Errorf("a reading after the deadline leaves the wire %s, want expired", got.Text("status"))
		}
		s.Must(t, http.StatusConflict, "PATCH", here, map[string]any{"deadline": nil})
		if got := move(t, s, here, "cleared"); got.Status != http.StatusConflict {
			t.Errorf("an expired wire is cleared: %s", got.Raw)
		}
		late := s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": 999, "at": deadline.Add(-time.Minute)})
		if late.Text("status") != "tripped" || late.Text("tripped_at") != deadline.Add(-time.Minute).Format(time.RFC3339) {
			t.Errorf("a reading from before the deadline that comes late leaves the wire %s at %s", late.Text("status"), late.Text("tripped_at"))
		}
	})
}

func TestEditingAnArmedWireKeepsTheEarlierTerms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		here := wire(t, s, w.attempt, true, nil)
		before := s.Must(t, http.StatusOK, "GET", here, nil)
		s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": 150})
		same := s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"threshold": 200})
		if same.Text("revision") != "1" || same.Text("earlier_terms") != "[]" {
			t.Errorf("a patch that changes nothing gives revision %s with %s", same.Text("revision"), same.Text("earlier_terms"))
		}
		after := s.Must(t, http.StatusOK, "PATCH", here, map[string]any{"threshold": 100, "agreed_by": "CTO"})
		if after.Text("id") != before.Text("id") || after.Text("revision") != "2" || after.Text("status") != "armed" {
			t.Errorf("the edited wire is %s", after.Raw)
		}
		if after.Text("earlier_terms.0.threshold") != "200" || after.Text("earlier_terms.0.agreed_by") != "tech lead" || after.Text("earlier_terms.0.replaced_at") == "" {
			t.Errorf("the earlier terms are %s", after.Text("earlier_terms"))
		}
		if got := s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": 90}); got.Text("status") != "armed" {
			t.Errorf("a reading under the old terms trips the new ones: %s", got.Raw)
		}
		if got := s.Must(t, http.StatusCreated, "POST", here+"/readings", map[string]any{"value": 101}); got.Text("status") != "tripped" {
			t.Errorf("a reading over the new limit leaves the wire %s", got.Text("status"))
		}
		cleared := wire(t, s, w.attempt, true, nil)
		s.Must(t, http.StatusOK, "POST", cleared+"/transitions", map[string]any{"to": "cleared"})
		s.Must(t, http.StatusConflict, "PATCH", cleared, map[string]any{"threshold": 1})
	})
}

func TestEffortConforms(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		conform(t, s, resource{
			path: api + "/effort", prefix: "EFF", immutable: true,
			minimal: map[string]any{"hours": 1, "role": "tester", "phase": "test", "upgrade_id": w.upgrade},
			full: map[string]any{
				"hours": 6.5, "role": "developer", "phase": "prepare", "attempt_id": w.attempt, "note": "old libraries",
				"spent_at": "2026-02-12T09:00:00Z", "sample": true,
			},
			bad:       map[string]any{"hours": -2, "phase": "rest", "attempt_id": "UPG-1", "reverses_id": "", "person": "x", "spent_at": "soon"},
			badFields: []string{"attempt_id", "hours", "person", "phase", "role", "spent_at"},
			filter:    "phase=prepare&role=developer&sample=true&attempt_id=" + w.attempt,
		})
		first := s.Must(t, http.StatusCreated, "POST", api+"/effort", map[string]any{"hours": 8, "role": "developer", "phase": "repair", "upgrade_id": w.upgrade})
		for _, method := range []string{"PATCH", "DELETE"} {
			s.Must(t, http.StatusMethodNotAllowed, method, first.Header.Get("Location"), map[string]any{"hours": 1})
		}
		back := map[string]any{"hours": -9, "role": "developer", "phase": "repair", "upgrade_id": w.upgrade, "reverses_id": first.Text("id")}
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/effort", back)
		back["hours"] = -8
		reversal := s.Must(t, http.StatusCreated, "POST", api+"/effort", back).Text("id")
		only(t, s, api+"/effort?reverses_id="+first.Text("id"), reversal)
		if was := s.Must(t, http.StatusOK, "GET", first.Header.Get("Location"), nil); was.Text("reverses_id") != "" {
			t.Errorf("an entry that was taken back takes back %s itself", was.Text("reverses_id"))
		}
		twice := s.Must(t, http.StatusConflict, "POST", api+"/effort", back)
		if twice.Text("errors.0.field") != "reverses_id" {
			t.Errorf("an entry is taken back twice: %s", twice.Raw)
		}
		s.Must(t, http.StatusUnprocessableEntity, "POST", api+"/effort",
			map[string]any{"hours": 1, "role": "tester", "phase": "test", "upgrade_id": w.upgrade, "spent_at": "2100-01-01T00:00:00Z"})
	})
}

// A correction leaves the event that it corrects as it was.
func TestACorrectedEventCorrectsNothingItself(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		w := set(t, s)
		path := api + "/attempts/" + w.attempt + "/events"
		body := map[string]any{"occurred_at": "2026-03-01T05:20:00Z", "kind": "signal", "text": "sessions expire"}
		first := s.Must(t, http.StatusCreated, "POST", path, body)
		body["supersedes_id"] = first.Text("id")
		second := s.Must(t, http.StatusCreated, "POST", path, body)
		was := s.Must(t, http.StatusOK, "GET", first.Header.Get("Location"), nil)
		now := s.Must(t, http.StatusOK, "GET", second.Header.Get("Location"), nil)
		if was.Text("supersedes_id") != "" || now.Text("superseded_by") != "" || was.Text("superseded_by") != second.Text("id") {
			t.Errorf("the corrected event is %s, the correction %s", was.Raw, now.Raw)
		}
	})
}
