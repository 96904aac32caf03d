package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// reverted tells of an attempt that began at 05:00 on a Friday and was rolled back the Monday after, and gives its id.
func (s teller) reverted(g stage) string {
	s.t.Helper()
	s.Clock.Set(day("2026-03-06 04:00"))
	id := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod, "watch_until": day("2026-03-09 19:00"), "window_end": day("2026-03-06 07:00")})
	s.state(id, vocab.AttemptStatusReady)
	s.move("/attempts/"+id, "in_progress", day("2026-03-06 04:00"))
	s.add("/attempts/"+id+"/events", map[string]any{"occurred_at": day("2026-03-06 04:00"), "kind": "signal", "text": "sessions expire", "source": "QA"})
	wire := s.add("/attempts/"+id+"/tripwires", map[string]any{"signal": "processes", "comparator": "gt", "threshold": 200, "then": "rollback", "agreed_by": "tech lead"})
	late := s.add("/attempts/"+id+"/tripwires", map[string]any{"signal": "logins", "comparator": "gt", "threshold": 9, "then": "page", "agreed_by": "tech lead", "deadline": day("2026-03-09 18:00")})
	s.move("/tripwires/"+wire, "armed", s.Clock.Now())
	s.move("/tripwires/"+late, "armed", s.Clock.Now())
	s.Clock.Set(day("2026-03-09 08:00"))
	s.move("/attempts/"+id, "watching", day("2026-03-06 07:00"))
	incident := s.add("/incidents", map[string]any{"title": "Users are logged out", "severity": "high", "attempt_id": id, "impact_start": day("2026-03-09 07:00")})
	s.add("/incidents/"+incident+"/events", map[string]any{"occurred_at": day("2026-03-09 07:30"), "kind": "action", "text": "support answers", "acted_on": true})
	s.add("/tripwires/"+wire+"/readings", map[string]any{"value": 412, "at": day("2026-03-09 07:45")})
	s.Clock.Set(day("2026-03-09 17:00"))
	return id
}

// state puts an attempt into a state that a gate would ask for more to allow.
func (s teller) state(attempt string, to vocab.AttemptStatus) {
	s.t.Helper()
	id, _ := vocab.ParseID(attempt)
	err := s.Store.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Client().Attempt.UpdateOneID(id.N).SetStatus(to).Exec(ctx)
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func decide(attempt string, at time.Time) map[string]any {
	return map[string]any{
		"kind": "rollback_or_patch", "attempt_id": attempt, "question": "Patch or revert?", "chosen": "Revert", "rationale": "known to be stable",
		"dissent": "the patch was tested", "decided_by": "CTO", "decided_at": at,
	}
}

func TestTheTimelineOfAnAttemptIsOneSequence(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("framework")
		id := s.reverted(g)
		claim := s.add("/assumptions", map[string]any{"statement": "indexes are equal", "upgrade_id": g.upgrade, "environment_id": g.prod, "importance": "blocking"})
		s.add("/assumptions/"+claim+"/evidence", map[string]any{"result": "contradicts", "environment_id": g.prod, "observed_at": day("2026-03-09 09:00"), "summary": "one index more"})
		s.add("/decisions", decide(id, day("2026-03-09 16:00")))
		s.move("/attempts/"+id, "rolled_back", day("2026-03-09 16:20"))
		correction := s.add("/attempts/"+id+"/events", map[string]any{"occurred_at": day("2026-03-06 04:05"), "kind": "signal", "text": "sessions expire at once", "supersedes_id": "EVT-1"})
		hidden := s.add("/incidents", map[string]any{"title": "breach", "severity": "high", "attempt_id": id, "visibility": "restricted", "team": "security"})
		s.add("/incidents/"+hidden+"/events", map[string]any{"occurred_at": day("2026-03-09 12:00"), "kind": "signal", "text": "only security knows"})

		reader := s.Grant(t, "reader", "shop", vocab.ScopeRead)
		path := api + "/attempts/" + id + "/timeline"
		whole := s.CallAs(t, reader, "GET", path+"?limit=200", nil)
		if whole.Status != http.StatusOK || strings.Contains(string(whole.Raw), "only security knows") {
			t.Fatalf("another team is told %s", whole.Raw)
		}
		var told []string
		for _, item := range items(whole) {
			entry := item.(map[string]any)
			if entry["type"] == "transition" && !strings.HasPrefix(entry["ref"].(string), "ATT") {
				continue // the wires were armed at the time of the clock
			}
			told = append(told, entry["at"].(string)[5:16]+" "+entry["type"].(string)+" "+entry["kind"].(string))
		}
		want := []string{
			"03-06T04:00 event signal", "03-06T04:00 transition in_progress", "03-06T04:05 event signal", "03-06T07:00 transition watching",
			"03-09T07:30 event action", "03-09T07:45 trip rollback", "03-09T09:00 evidence contradicts", "03-09T16:00 decision rollback_or_patch",
			"03-09T16:20 transition rolled_back",
		}
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("the timeline (-want +got):\n%s", diff)
		}
		if got := whole.Text("items.0.superseded_by"); got != correction {
			t.Errorf("the first signal is superseded by %q, want %s", got, correction)
		}
		if whole.Text("items.0.acted_on") != "false" || whole.Text("items.0.recorded_at") == "" || whole.Text("items.1.acted_on") != "" {
			t.Errorf("the first entries are %s", whole.Raw)
		}
		var paged []any
		for cursor := ""; ; {
			page := s.CallAs(t, reader, "GET", strings.TrimSuffix(path+"?limit=2&cursor="+cursor, "&cursor="), nil)
			paged = append(paged, items(page)...)
			if cursor = page.Text("next_cursor"); cursor == "" || page.Status != http.StatusOK {
				break
			}
		}
		if diff := cmp.Diff(items(whole), paged); diff != "" {
			t.Errorf("pages together (-whole +pages):\n%s", diff)
		}
		if all := s.Must(t, http.StatusOK, "GET", path+"?limit=200", nil); !strings.Contains(string(all.Raw), "only security knows") {
			t.Errorf("admin is not told of the restricted incident")
		}
		s.Must(t, http.StatusNotFound, "GET", api+"/attempts/ATT-999/timeline", nil)
		s.Must(t, http.StatusBadRequest, "GET", path+"?cursor=x", nil)
	})
}

func TestDecisionSupportShowsWhatIsKnownAndSetsTheHoursApart(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("framework")
		first := s.reverted(g)
		s.add("/decisions", decide(first, day("2026-03-09 16:00")))
		s.move("/attempts/"+first, "rolled_back", day("2026-03-09 16:20"))
		now := s.reverted(g)
		claim := s.add("/assumptions", map[string]any{"statement": "the patch holds", "attempt_id": now, "environment_id": g.prod, "importance": "major"})
		for env, at := range map[string]string{g.dev: "2026-03-09 15:00", g.prod: "2026-03-09 15:01"} {
			s.add("/assumptions/"+claim+"/evidence", map[string]any{"result": "supports", "environment_id": env, "observed_at": day(at), "summary": "it holds"})
		}
		s.add("/assumptions/"+claim+"/evidence", map[string]any{"result": "supports", "environment_id": g.dev, "observed_at": day("2026-03-05 15:00"), "summary": "before"})
		bug := s.add("/findings", map[string]any{"title": "Slow query", "severity": "high", "attempt_id": now})
		s.move("/findings/"+bug, "confirmed", s.Clock.Now())
		s.move("/findings/"+bug, "resolved", day("2026-03-09 16:30"))
		s.add("/effort", map[string]any{"hours": 40, "role": "engineer", "phase": "prepare", "upgrade_id": g.upgrade})
		s.add("/effort", map[string]any{"hours": 24, "role": "QA", "phase": "test", "attempt_id": now})
		secret := decide(first, day("2026-03-09 15:30"))
		secret["visibility"], secret["team"] = "restricted", "security"
		s.add("/decisions", secret)

		s.Clock.Set(day("2026-03-09 17:30"))
		reader := s.Grant(t, "reader", "shop", vocab.ScopeRead)
		got := s.CallAs(t, reader, "GET", api+"/attempts/"+now+"/decision-support", nil)
		for path, want := range map[string]string{
			"tripped.0.signal": "processes", "time_left": "1799", "next_limit.at": "2026-03-09T18:00:00Z",
			"reversibility.median_seconds": "1200", "reversibility.rollbacks.0.attempt": first,
			"patch_evidence.evidence.0.environment": g.dev, "patch_evidence.evidence.1": "", "patch_evidence.resolved.0.ref": bug,
			"earlier_decisions.0.attempt": first, "earlier_decisions.0.outcome": "rolled_back", "earlier_decisions.0.why": "same upgrade",
			"earlier_decisions.1.ref": "", "sunk_effort.hours": "64", "sunk_effort.hours_on_attempt": "24", "sunk_effort.by_phase.prepare": "40",
			"sunk_effort.by_role.QA": "24",
		} {
			if got.Text(path) != want {
				t.Errorf("%s = %q, want %q", path, got.Text(path), want)
			}
		}
		if !strings.Contains(got.Text("sunk_effort.note"), "no reason") {
			t.Errorf("the hours come without the note that they are no reason: %s", got.Raw)
		}
		early := s.Must(t, http.StatusOK, "GET", api+"/attempts/"+first+"/decision-support", nil)
		if early.Text("reversibility") != "" {
			t.Errorf("the first attempt knows of earlier rollbacks: %s", early.Raw)
		}
		s.Must(t, http.StatusNotFound, "GET", api+"/attempts/ATT-999/decision-support", nil)
	})
}
