package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var figures = []string{"change-failure", "detection", "recovery", "effort", "lessons", "assumptions", "recurrence", "actions"}

// figure reads a figure as a token of team shop, which may only read.
func (s teller) figure(query string) apptest.Answer {
	s.t.Helper()
	answer := s.CallAs(s.t, s.reader(), "GET", api+"/analytics/"+query, nil)
	if answer.Status != http.StatusOK {
		s.t.Fatalf("GET /analytics/%s = %d: %s", query, answer.Status, answer.Raw)
	}
	return answer
}

func (s teller) reader() string { return s.Grant(s.t, "reader", "shop", vocab.ScopeRead) }

// wants compares members of an answer.
func (s teller) wants(answer apptest.Answer, want map[string]string) {
	s.t.Helper()
	for path, text := range want {
		if got := answer.Text(path); got != text {
			s.t.Errorf("%s = %q, want %q in %s", path, got, text, answer.Raw)
		}
	}
}

// ended adds an attempt that ran and ended now.
func (s teller) ended(g stage, status vocab.AttemptStatus, more map[string]any) string {
	s.t.Helper()
	body := map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod}
	for name, v := range more {
		body[name] = v
	}
	id := s.add("/attempts", body)
	end(s.t, s.Server, id, status)
	return id
}

var secret = map[string]any{"visibility": "restricted", "team": "security"}

func TestChangeFailureCountsEachAttemptOnceAndNoneThatTheCallerMayNotKnowOf(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("framework")
		first := s.ended(g, "rolled_back", nil)
		for range 3 {
			s.add("/incidents", map[string]any{"title": "Users are logged out", "severity": "high", "attempt_id": first})
		}
		s.ended(g, "fixed_forward", map[string]any{"environment_id": g.dev})
		s.ended(g, "rolled_back", map[string]any{"users_affected": 0})
		s.ended(g, "aborted", nil)
		s.ended(g, "cancelled", nil)
		s.ended(g, "rolled_back", map[string]any{"sample": true})
		s.ended(g, "rolled_back", secret)
		s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod})
		s.wants(s.figure("change-failure"), map[string]string{
			"numerator": "1", "denominator": "4", "value": "", "too_few": "true", "excluded.sample": "1", "excluded.unknown": "0",
			"breakdown.result.near_miss": "3", "breakdown.outcome.aborted": "1", "unit": "percent", "group_by": "",
		})
		s.wants(s.figure("change-failure?include_sample=true"), map[string]string{"numerator": "2", "denominator": "5", "excluded.sample": "0"})
		if all := s.Must(t, http.StatusOK, "GET", api+"/analytics/change-failure", nil); all.Text("numerator") != "2" || all.Text("denominator") != "5" {
			t.Errorf("admin is told %s", all.Raw)
		}
		for range 6 {
			s.ended(g, "succeeded", nil)
		}
		s.wants(s.figure("change-failure"), map[string]string{"numerator": "1", "denominator": "10", "value": "10", "too_few": "false"})
		s.wants(s.figure("change-failure?group_by=environment"), map[string]string{
			"groups.0.key": g.prod, "groups.0.numerator": "1", "groups.0.denominator": "9", "groups.0.value": "", "groups.0.too_few": "true",
			"groups.1.key": g.dev, "groups.1.denominator": "1", "groups.2.key": "",
		})
		for by, key := range map[string]string{"service": g.service, "kind": "framework", "month": s.Clock.Now().Format("2006-01")} {
			s.wants(s.figure("change-failure?group_by="+by), map[string]string{"groups.0.key": key, "groups.0.denominator": "10", "group_by": by})
		}
		s.wants(s.figure("change-failure?to=2026-01-01T00:00:00Z"), map[string]string{
			"denominator": "0", "window.from": "2025-01-01T00:00:00Z", "window.to": "2026-01-01T00:00:00Z",
		})
	})
}

func TestDetectionAndRecoveryAreMeasuredFromTheTimelines(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		s.Clock.Set(day("2026-03-09 18:00"))
		g := s.stage("framework")
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod})
		incident := func(more map[string]any) string {
			body := map[string]any{"title": "Users are logged out", "severity": "high", "attempt_id": attempt, "impact_start": day("2026-03-09 07:00")}
			for name, v := range more {
				body[name] = v
			}
			return s.add("/incidents", body)
		}
		event := func(of, at, kind string, more map[string]any) string {
			body := map[string]any{"occurred_at": day(at), "kind": kind, "text": "something"}
			for name, v := range more {
				body[name] = v
			}
			return s.add(of+"/events", body)
		}
		triggered := incident(map[string]any{"attempt_relation": "triggered_by", "impact_end": day("2026-03-09 11:00")})
		wrong := event("/attempts/"+attempt, "2026-03-09 07:01", "signal", map[string]any{"source": "log"})
		event("/attempts/"+attempt, "2026-03-09 07:10", "signal", map[string]any{"source": "QA", "supersedes_id": wrong})
		event("/incidents/"+triggered, "2026-03-09 08:00", "action", map[string]any{"acted_on": true})
		incident(map[string]any{"attempt_relation": "coincident", "detected_at": day("2026-03-09 09:00"), "detected_by": "user"})
		incident(map[string]any{"near_miss": true})
		s.add("/incidents", map[string]any{"title": "when?", "severity": "low"})
		incident(map[string]any{"sample": true})
		incident(secret)

		s.wants(s.figure("detection?group_by=source"), map[string]string{
			"numerator": "2", "denominator": "2", "excluded.near_miss": "1", "excluded.unknown": "1", "excluded.sample": "1",
			"durations.time_to_detect.count": "2", "durations.time_to_detect.p50": "600", "durations.time_to_detect.p90": "7200",
			"durations.recognition_gap.count": "1", "durations.recognition_gap.p50": "3000", "breakdown.recognition.no_signal": "1",
		})
		groups := map[string]string{}
		for _, g := range s.figure("detection?group_by=source").Body["groups"].([]any) {
			group := g.(map[string]any)
			if durations, ok := group["durations"].(map[string]any); ok {
				groups[group["key"].(string)] = time.Duration(durations["time_to_detect"].(map[string]any)["p50"].(float64) * 1e9).String()
			}
		}
		if groups["QA"] != "10m0s" || groups["user"] != "2h0m0s" || len(groups) != 2 {
			t.Errorf("time to detect by source is %v", groups)
		}
		s.wants(s.figure("recovery?group_by=kind"), map[string]string{
			"numerator": "1", "denominator": "2", "durations.time_to_recover.p50": "14400", "groups.0.key": "framework", "groups.0.denominator": "2",
		})
	})
}

func TestFiguresOfWhatIsLearned(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("database")
		attempt := s.ended(g, "rolled_back", nil)
		hidden := s.ended(g, "rolled_back", secret)
		s.add("/effort", map[string]any{"hours": 8, "role": "QA", "phase": "test", "attempt_id": attempt})
		s.add("/effort", map[string]any{"hours": 4, "role": "engineer", "phase": "prepare", "upgrade_id": g.upgrade})
		s.add("/effort", map[string]any{"hours": 99, "role": "engineer", "phase": "repair", "attempt_id": hidden})
		s.wants(s.figure("effort?group_by=environment"), map[string]string{
			"numerator": "12", "denominator": "1", "breakdown.phase.test": "8", "breakdown.role.engineer": "4", "breakdown.phase.repair": "",
			"unit": "hours_per_attempt", "groups.0.key": g.prod, "groups.0.numerator": "8", "groups.1.key": "none",
		})

		lesson := s.add("/lessons", map[string]any{"title": "Compare the schemas", "when": "before a deploy", "then": "compare"})
		for _, on := range []string{attempt, hidden} {
			s.Must(t, http.StatusOK, "PUT", api+"/attempts/"+on+"/lessons/"+lesson, map[string]any{"response": "applied", "outcome": "prevented"})
		}
		s.wants(s.figure("lessons?group_by=kind"), map[string]string{
			"numerator": "1", "denominator": "1", "breakdown.verdict.effective": "1", "breakdown.outcome.prevented": "1", "groups.0.key": "database",
		})

		claim := s.add("/assumptions", map[string]any{"statement": "equal", "attempt_id": attempt, "environment_id": g.prod, "importance": "major", "valid_for_days": 1})
		s.add("/assumptions/"+claim+"/evidence", map[string]any{"result": "supports", "environment_id": g.prod, "observed_at": s.Clock.Now(), "summary": "seen"})
		s.wants(s.figure("assumptions?group_by=environment"), map[string]string{"numerator": "1", "denominator": "1", "breakdown.status.verified": "1", "groups.0.key": g.prod})

		before := s.add("/findings", map[string]any{"title": "one", "severity": "low", "attempt_id": attempt})
		after := s.add("/findings", map[string]any{"title": "one again", "severity": "low", "service_id": g.service})
		s.add("/findings", map[string]any{"title": "of security", "severity": "low", "visibility": "restricted", "team": "security"})
		pair := s.add("/recurrences", map[string]any{"from": before, "to": after, "kind": "same_cause"})
		s.wants(s.figure("recurrence"), map[string]string{"numerator": "0", "denominator": "2"})
		s.move("/recurrences/"+pair, "confirmed", s.Clock.Now())
		s.wants(s.figure("recurrence?group_by=service"), map[string]string{
			"numerator": "1", "denominator": "2", "breakdown.kind.same_cause": "1", "groups.0.key": g.service, "groups.0.denominator": "2",
		})

		act := func(title string, more map[string]any) string {
			body := map[string]any{"title": title, "done_criterion": "seen", "owner": "team", "kind": "prevent", "due_on": s.Clock.Now().Format(time.DateOnly)}
			for name, v := range more {
				body[name] = v
			}
			return s.add("/actions", body)
		}
		done := act("done", nil)
		s.move("/actions/"+done, "in_progress", s.Clock.Now())
		s.move("/actions/"+done, "done", s.Clock.Now())
		act("left", nil)
		act("of security", secret)
		act("no hurry", map[string]any{"due_on": "2027-01-01"})
		s.Clock.Move(48 * time.Hour)
		s.wants(s.figure("actions?group_by=kind"), map[string]string{
			"numerator": "1", "denominator": "2", "breakdown.state.done_on_time": "1", "breakdown.state.overdue": "1", "breakdown.state.open": "1",
			"excluded.not_yet_due": "1", "groups.0.key": "prevent",
		})
		s.wants(s.figure("assumptions"), map[string]string{"numerator": "0", "breakdown.status.expired": "1"})
	})
}

func TestEveryFigureSaysWhatItMeansAndRefusesWhatItDoesNotKnow(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		for _, name := range figures {
			answer := s.figure(name)
			for _, member := range []string{"definition", "window", "as_of", "numerator", "denominator", "excluded", "too_few", "unit"} {
				if answer.Body[member] == nil {
					t.Errorf("%s has no %s: %s", name, member, answer.Raw)
				}
			}
			if value, there := answer.Body["value"]; !there || value != nil {
				t.Errorf("%s of nothing has the value %v", name, value)
			}
			if empty := s.figure(name + "?group_by=month"); strings.Contains(string(empty.Raw), `"groups"`) {
				t.Errorf("%s of nothing has groups: %s", name, empty.Raw)
			}
			for _, query := range []string{
				"?group_by=colour", "?colour=red", "?from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "?from=yesterday", "?include_sample=perhaps",
			} {
				s.Must(t, http.StatusUnprocessableEntity, "GET", api+"/analytics/"+name+query, nil)
			}
			gate := s.Grant(t, "gate only", "", vocab.ScopeGate)
			if got := s.CallAs(t, gate, "GET", api+"/analytics/"+name, nil).Status; got != http.StatusForbidden {
				t.Errorf("%s without the scope read = %d, want 403", name, got)
			}
		}
		s.Must(t, http.StatusUnprocessableEntity, "GET", api+"/analytics/actions?group_by=service", nil)
		s.Must(t, http.StatusNotFound, "GET", api+"/analytics/velocity", nil)
	})
}
