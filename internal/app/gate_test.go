package app_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// teller tells a story through the API.
type teller struct {
	*apptest.Server
	t *testing.T
}

func (s teller) add(path string, body map[string]any) string {
	s.t.Helper()
	return s.Must(s.t, http.StatusCreated, "POST", "/api/v1"+path, body).Text("id")
}

func (s teller) move(path, to string, at time.Time) {
	s.t.Helper()
	s.Must(s.t, http.StatusOK, "POST", "/api/v1"+path+"/transitions", map[string]any{"to": to, "at": at})
}

// codes asks the gate, and gives the decision with the codes of the reasons that are not waived.
func (s teller) codes(attempt string) (decision string, codes []string, answer apptest.Answer) {
	s.t.Helper()
	answer = s.Must(s.t, http.StatusOK, "POST", "/api/v1/attempts/"+attempt+"/gate", nil)
	for _, r := range answer.Body["reasons"].([]any) {
		if reason := r.(map[string]any); reason["waived_by"] == nil {
			codes = append(codes, reason["code"].(string))
		}
	}
	return answer.Text("decision"), sorted(codes), answer
}

func (s teller) wantGate(attempt, decision string, codes ...string) apptest.Answer {
	s.t.Helper()
	got, gotCodes, answer := s.codes(attempt)
	if got != decision || strings.Join(gotCodes, " ") != strings.Join(sorted(codes), " ") {
		s.t.Fatalf("the gate of %s says %s for %v, want %s for %v: %s", attempt, got, gotCodes, decision, codes, answer.Raw)
	}
	return answer
}

// stage is what every story begins with.
type stage struct{ prod, dev, service, upgrade string }

func (s teller) stage(kind string) stage {
	var g stage
	g.service = s.add("/services", map[string]any{"name": "Learning platform"})
	g.prod = s.add("/environments", map[string]any{"name": "PROD", "kind": "production"})
	g.dev = s.add("/environments", map[string]any{"name": "DEV", "kind": "development", "parity_target_id": g.prod})
	g.upgrade = s.add("/upgrades", map[string]any{"title": "Web framework 2 to 3", "kind": kind, "service_id": g.service})
	s.move("/upgrades/"+g.upgrade, "active", s.Clock.Now())
	return g
}

func day(text string) time.Time {
	at, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		panic(err)
	}
	return at
}

func TestTheStoryIsAnsweredAsItIsTold(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		s.Clock.Set(day("2026-03-02 09:00")) // a Monday
		g := s.stage("framework")

		// Attempt 1 rests on something that nobody checked.
		first := s.add("/attempts", map[string]any{
			"upgrade_id": g.upgrade, "environment_id": g.prod, "changed_areas": []string{"sessions"},
			"window_start": day("2026-03-07 09:00"), "window_end": day("2026-03-07 12:00"), "watch_until": day("2026-03-09 16:00"),
		})
		same := s.add("/assumptions", map[string]any{
			"statement": "PROD and DEV behave the same for sessions", "attempt_id": first, "environment_id": g.prod,
			"importance": "blocking", "category": "environment_parity", "areas": []string{"sessions"},
		})
		s.wantGate(first, "fail", "assumption_unverified", "tripwire_missing", "watch_too_short")
		s.Must(t, http.StatusConflict, "POST", "/api/v1/attempts/"+first+"/gate?enforce=true", nil)
		s.Must(t, http.StatusOK, "PATCH", "/api/v1/attempts/"+first, map[string]any{"watch_until": day("2026-03-09 17:00")})
		wire := s.add("/attempts/"+first+"/tripwires", map[string]any{
			"signal": "Logins a minute", "comparator": "gt", "threshold": 500, "then": "rollback", "agreed_by": "tech lead",
		})
		s.move("/tripwires/"+wire, "armed", s.Clock.Now())
		s.wantGate(first, "fail", "assumption_unverified")

		// Evidence from DEV does not open the gate, evidence from PROD does.
		evidence := "/assumptions/" + same + "/evidence"
		s.add(evidence, map[string]any{"result": "supports", "environment_id": g.dev, "observed_at": s.Clock.Now(), "summary": "sessions last in DEV"})
		answer := s.wantGate(first, "fail", "assumption_unverified")
		if !strings.Contains(string(answer.Raw), "evidence_wrong_environment") {
			t.Errorf("the gate does not say that the evidence is from the wrong environment: %s", answer.Raw)
		}
		refused := s.Must(t, http.StatusConflict, "POST", "/api/v1/attempts/"+first+"/transitions", map[string]any{"to": "ready"})
		if refused.Text("errors.0.code") != "assumption_unverified" {
			t.Errorf("ready is refused with %s, want the gate's reason", refused.Raw)
		}
		s.add(evidence, map[string]any{"result": "supports", "environment_id": g.prod, "observed_at": s.Clock.Now(), "summary": "a look at PROD"})
		s.wantGate(first, "pass")
		s.move("/attempts/"+first, "ready", s.Clock.Now())

		// It is deployed on Saturday and reverted on Monday.
		s.Clock.Set(day("2026-03-07 09:05"))
		s.move("/attempts/"+first, "in_progress", s.Clock.Now())
		s.add("/attempts/"+first+"/events", map[string]any{"occurred_at": day("2026-03-07 09:04"), "kind": "signal", "text": "Sessions expire", "source": "qa"})
		s.Clock.Set(day("2026-03-07 12:00"))
		s.move("/attempts/"+first, "watching", s.Clock.Now())
		s.Must(t, http.StatusConflict, "POST", "/api/v1/attempts/"+first+"/transitions", map[string]any{"to": "succeeded"})
		s.Clock.Set(day("2026-03-09 11:00"))
		incident := s.add("/incidents", map[string]any{
			"title": "Users are logged out", "severity": "critical", "attempt_id": first, "attempt_relation": "triggered_by",
			"impact_start": day("2026-03-09 07:00"), "detected_at": day("2026-03-09 07:10"), "detected_by": "user",
		})
		finding := s.add("/findings", map[string]any{
			"title": "Sessions expire early", "severity": "critical", "attempt_id": first, "incident_id": incident, "component": "sessions",
			"attribution": "exposed_by_change", "attribution_basis": "drift", "assumption_ids": []string{same},
		})
		s.add("/findings", map[string]any{"title": "Old export is slow", "severity": "low", "attempt_id": first, "attribution": "pre_existing"})
		s.add(evidence, map[string]any{"result": "contradicts", "environment_id": g.prod, "observed_at": s.Clock.Now(), "summary": "an index only PROD has"})
		s.move("/attempts/"+first, "rolled_back", s.Clock.Now())
		if got := s.Must(t, http.StatusOK, "GET", "/api/v1/assumptions?status=falsified", nil); got.Text("items.0.id") != same {
			t.Errorf("falsified assumptions are %s, want %s", got.Raw, same)
		}
		lesson := s.add("/lessons", map[string]any{
			"title": "Compare the schemas", "when": "a change touches persistence", "then": "compare PROD and DEV first",
			"applies_to": map[string]any{"service_ids": []string{g.service}}, "finding_ids": []string{finding},
		})
		s.move("/lessons/"+lesson, "active", s.Clock.Now())

		// The brief of attempt 2 names what nobody has looked at.
		s.Clock.Set(day("2026-03-30 09:00"))
		second := s.add("/attempts", map[string]any{
			"upgrade_id": g.upgrade, "environment_id": g.prod, "changed_areas": []string{"garbage-collection query"},
			"window_start": day("2026-04-03 05:00"), "window_end": day("2026-04-03 07:00"), "watch_until": day("2026-04-06 17:00"),
		})
		brief := s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+second+"/brief", nil)
		for path, want := range map[string]string{
			"sections.uncovered_areas.0.text": "garbage-collection query", "sections.previous_attempts.0.ref": first,
			"sections.assumptions.0.ref": same, "sections.findings.0.ref": finding, "sections.lessons.0.ref": lesson,
			"counts.pre_existing_findings": "1", "sections.tripwires.0.blocking": "true",
		} {
			if got := brief.Text(path); got != want {
				t.Errorf("the brief has %s = %q, want %q: %s", path, got, want, brief.Raw)
			}
		}
		page := s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+second+"/brief", nil, "Accept", "text/markdown")
		if !strings.Contains(string(page.Raw), "What nobody has looked at") {
			t.Errorf("the page of the brief is %s", page.Raw)
		}
		before := s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+second+"/brief?as_of="+brief.Text("generated_at"), nil)
		if before.Text("brief_hash") != brief.Text("brief_hash") {
			t.Errorf("the brief as of the same moment has another hash")
		}
		s.wantGate(second, "fail", "finding_open", "lesson_unanswered", "tripwire_missing")

		// It goes with a waiver that somebody else accepts, and the wire trips once.
		waiver := s.add("/decisions", map[string]any{
			"kind": "waiver", "attempt_id": second, "question": "Go?", "chosen": "Go", "rationale": "known issues are checked first",
			"decided_by": "director of engineering", "expires_at": day("2026-04-04 00:00"),
		})
		s.Must(t, http.StatusForbidden, "POST", "/api/v1/decisions/"+waiver+"/transitions", map[string]any{"to": "accepted"})
		other := s.Grant(t, "release board", "", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, other, "POST", "/api/v1/decisions/"+waiver+"/transitions", map[string]any{"to": "accepted"}); got.Status != http.StatusOK {
			t.Fatalf("another token accepts the waiver = %d %s", got.Status, got.Raw)
		}
		s.wantGate(second, "pass_with_waiver")
		wire2 := s.add("/attempts/"+second+"/tripwires", map[string]any{
			"signal": "Database processes", "comparator": "gt", "threshold": 200, "for_minutes": 10, "then": "rollback", "agreed_by": "database team",
		})
		s.move("/tripwires/"+wire2, "armed", s.Clock.Now())
		s.move("/attempts/"+second, "ready", s.Clock.Now())
		s.Clock.Set(day("2026-04-04 00:00"))
		s.wantGate(second, "fail", "finding_open", "lesson_unanswered") // the clock alone ended the waiver
		s.move("/attempts/"+second, "in_progress", day("2026-04-03 05:00"))
		s.move("/attempts/"+second, "watching", day("2026-04-03 07:00"))
		s.Clock.Set(day("2026-04-06 14:30"))
		for minute, value := range map[int]int{0: 250, 5: 300, 12: 412, 20: 500} {
			s.Must(t, http.StatusCreated, "POST", "/api/v1/tripwires/"+wire2+"/readings",
				map[string]any{"value": value, "at": day("2026-04-06 14:00").Add(time.Duration(minute) * time.Minute)})
		}
		tripped := s.Must(t, http.StatusOK, "GET", "/api/v1/tripwires/"+wire2, nil)
		if tripped.Text("status") != "tripped" {
			t.Errorf("the wire is %s, want tripped: %s", tripped.Text("status"), tripped.Raw)
		}
		s.Clock.Set(day("2026-04-06 18:00"))
		s.move("/attempts/"+second, "rolled_back", s.Clock.Now())

		// Attempt 3 waits until every matching lesson has an answer.
		third := s.add("/attempts", map[string]any{
			"upgrade_id": g.upgrade, "environment_id": g.prod, "window_end": day("2026-04-17 07:00"), "watch_until": day("2026-04-20 17:00"),
		})
		if !strings.Contains(string(s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+third+"/brief", nil).Raw), "Proposed: Database processes over 200") {
			t.Error("the brief of attempt 3 does not propose the wire of attempt 2")
		}
		wire3 := s.add("/attempts/"+third+"/tripwires", map[string]any{
			"signal": "Database processes", "comparator": "gt", "threshold": 200, "then": "rollback", "agreed_by": "database team",
		})
		s.move("/tripwires/"+wire3, "armed", s.Clock.Now())
		for _, to := range []string{"confirmed", "resolved"} {
			s.move("/findings/"+finding, to, s.Clock.Now())
		}
		s.wantGate(third, "fail", "lesson_unanswered")
		answerPath := "/api/v1/attempts/" + third + "/lessons/" + lesson
		s.Must(t, http.StatusUnprocessableEntity, "PUT", answerPath, map[string]any{"response": "skipped"})
		s.Must(t, http.StatusOK, "PUT", answerPath, map[string]any{"response": "applied"})
		s.wantGate(third, "pass")
	})
}

func TestAnOrdinaryUpgradePassesWithoutAWarning(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		attempt := s.add("/attempts", map[string]any{
			"upgrade_id": g.upgrade, "environment_id": g.prod, "window_end": day("2026-03-03 12:00"), "watch_until": day("2026-03-04 17:00"),
		})
		s.wantGate(attempt, "pass")
		brief := s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+attempt+"/brief", nil)
		for section, lines := range brief.Body["sections"].(map[string]any) {
			if len(lines.([]any)) != 0 {
				t.Errorf("the brief has lines in %s: %v", section, lines)
			}
		}
	})
}
