package story_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/transition"
	"github.com/hindcast-kb/hindcast/ent/tripwire"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/story"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// wednesday is an ordinary day to tell the story on.
var wednesday = time.Date(2026, 3, 18, 11, 30, 0, 0, time.UTC)

func tell(t *testing.T, s *store.Store, zone *time.Location, now time.Time) context.Context {
	t.Helper()
	if err := story.Tell(context.Background(), s, zone, now); err != nil {
		t.Fatalf("telling the story: %v", err)
	}
	return auth.With(context.Background(), auth.System("test"))
}

// askGate asks the gate of an attempt as it would be asked now.
func askGate(ctx context.Context, t *testing.T, s *store.Store, zone *time.Location, now time.Time, id int) brief.Verdict {
	t.Helper()
	clock := func() time.Time { return now }
	verdict, err := brief.New(s, clock, zone, upgrade.NewAttempts(s, clock), lesson.New(s, clock)).Ask(ctx, id)
	if err != nil {
		t.Fatalf("asking the gate: %v", err)
	}
	return verdict
}

func TestTheStoryIsComplete(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		c := s.Read()
		counts := map[string]func(context.Context) (int, error){
			"services": c.Service.Query().Count, "environments": c.Environment.Query().Count, "upgrades": c.Upgrade.Query().Count,
			"attempts": c.Attempt.Query().Count, "assumptions": c.Assumption.Query().Count, "findings": c.Finding.Query().Count,
			"incidents": c.Incident.Query().Count, "lessons": c.Lesson.Query().Count, "reviews": c.Review.Query().Count,
			"actions": c.Action.Query().Count, "runbooks": c.Runbook.Query().Count, "recurrences": c.Recurrence.Query().Count,
			"decisions": c.Decision.Query().Count, "tripwires": c.Tripwire.Query().Count, "snapshots": c.Snapshot.Query().Count,
			"lesson applications": c.LessonApplication.Query().Count,
		}
		got := map[string]int{}
		for name, count := range counts {
			n, err := count(ctx)
			if err != nil {
				t.Fatalf("counting %s: %v", name, err)
			}
			got[name] = n
		}
		want := map[string]int{
			"services": 2, "environments": 4, "upgrades": 2, "attempts": 4, "assumptions": 11, "findings": 26, "incidents": 2, "lessons": 4,
			"reviews": 2, "actions": 6, "runbooks": 3, "recurrences": 3, "decisions": 6, "tripwires": 2, "snapshots": 2, "lesson applications": 5,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what the store holds (-want +got):\n%s", diff)
		}
	})
}

func TestEveryRecordIsMarkedAsSample(t *testing.T) {
	s := dbtest.SQLite(t)
	tell(t, s, nil, wednesday)
	for _, table := range []string{
		"upgrades", "attempts", "assumptions", "findings", "incidents", "lessons", "reviews", "actions", "runbooks", "decisions", "effort_entries",
	} {
		var real int
		if err := s.Writer().QueryRow("SELECT count(*) FROM " + table + " WHERE NOT sample").Scan(&real); err != nil || real > 0 {
			t.Errorf("%s has %d rows that are no sample (%v)", table, real, err)
		}
	}
}

func TestAttemptsEndAsTold(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		type row struct {
			Number         int
			Status         vocab.AttemptStatus
			Started, Ended string
		}
		stamp := func(at *time.Time) string {
			if at == nil {
				return ""
			}
			return at.UTC().Format("Mon 2006-01-02 15:04")
		}
		var got []row
		for _, a := range s.Read().Attempt.Query().Order(ent.Asc(attempt.FieldUpgradeID, attempt.FieldNumber)).AllX(ctx) {
			got = append(got, row{a.Number, a.Status, stamp(a.StartedAt), stamp(a.EndedAt)})
		}
		want := []row{
			{1, vocab.AttemptStatusRolledBack, "Sat 2026-01-03 08:00", "Mon 2026-01-05 11:00"},
			{2, vocab.AttemptStatusRolledBack, "Fri 2026-03-06 05:00", "Mon 2026-03-09 18:00"},
			{3, vocab.AttemptStatusPlanned, "", ""},
			{1, vocab.AttemptStatusSucceeded, "Thu 2026-03-12 09:00", "Fri 2026-03-13 17:30"},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("attempts (-want +got):\n%s", diff)
		}
	})
}

func TestAssumptionsStandAsTheirEvidenceSays(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		service := assumption.New(s, func() time.Time { return wednesday })
		got := map[string]int{}
		for _, a := range s.Read().Assumption.Query().AllX(ctx) {
			status, reason := service.StatusOf(a)
			got[string(status)+" "+string(reason)]++
		}
		want := map[string]int{
			"unverified evidence_wrong_environment": 2, "unverified no_evidence": 1, "verified evidence_supports": 3,
			"falsified evidence_contradicts": 2, "expired evidence_too_old": 1, "disputed evidence_conflicts": 1, "retired retired": 1,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("assumptions (-want +got):\n%s", diff)
		}
	})
}

func TestFindingsAreAttributedApart(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		got := map[vocab.Attribution]int{}
		for _, f := range s.Read().Finding.Query().Order(ent.Asc(finding.FieldID)).AllX(ctx) {
			got[f.Attribution]++
		}
		want := map[vocab.Attribution]int{
			vocab.AttributionCausedByChange: 8, vocab.AttributionExposedByChange: 5, vocab.AttributionPreExisting: 9,
			vocab.AttributionUndetermined: 3, vocab.AttributionUnrelated: 1,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("findings (-want +got):\n%s", diff)
		}
	})
}

func TestTheTripwireTripsOnceOnMonday(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		wire := s.Read().Tripwire.Query().Where(tripwire.StatusEQ(vocab.TripwireStatusTripped)).OnlyX(ctx)
		if want := time.Date(2026, 3, 9, 10, 0, 0, 0, time.UTC); wire.TrippedAt == nil || !wire.TrippedAt.Equal(want) {
			t.Errorf("tripped at %v, want %v", wire.TrippedAt, want)
		}
		moves := s.Read().Transition.Query().Where(transition.TargetKind(vocab.Tripwire.Prefix), transition.ToState("tripped")).CountX(ctx)
		if moves != 1 {
			t.Errorf("it tripped %d times, want once", moves)
		}
	})
}

func TestTheThirdAttemptMayNotGo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		third := s.Read().Attempt.Query().Where(attempt.StatusEQ(vocab.AttemptStatusPlanned)).OnlyX(ctx)
		verdict := askGate(ctx, t, s, time.UTC, wednesday, third.ID)
		var codes []vocab.GateCode
		for _, r := range verdict.Reasons {
			codes = append(codes, r.Code)
		}
		want := []vocab.GateCode{
			vocab.GateCodeAssumptionUnverified, vocab.GateCodeAssumptionFalsified,
			vocab.GateCodeLessonUnanswered, vocab.GateCodeLessonUnanswered, vocab.GateCodeLessonUnanswered,
		}
		if diff := cmp.Diff(want, codes); diff != "" || verdict.Decision != vocab.GateDecisionFail {
			t.Errorf("the gate says %s, for (-want +got):\n%s", verdict.Decision, diff)
		}
	})
}

func TestTheSchemasDifferInAnIndexAndAColumn(t *testing.T) {
	s := dbtest.SQLite(t)
	ctx := tell(t, s, nil, wednesday)
	service := snapshot.New(s, func() time.Time { return wednesday }, nil)
	paths := map[string]int{}
	for _, row := range s.Read().Snapshot.Query().AllX(ctx) {
		items, err := service.Items(ctx, s.Read(), row)
		if err != nil {
			t.Fatalf("reading a snapshot: %v", err)
		}
		for path := range items {
			paths[path]++
		}
	}
	var apart []string
	for path, n := range paths {
		if n == 1 {
			apart = append(apart, path)
		}
	}
	slices.Sort(apart)
	if diff := cmp.Diff([]string{"table/sessions/column/user_last_seen", "table/sessions/index/sessions_user_last_seen"}, apart); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestAnyDayWillDo(t *testing.T) {
	tokyo, losAngeles := time.FixedZone("east", 9*3600), time.FixedZone("west", -8*3600)
	for day := range 7 {
		for name, zone := range map[string]*time.Location{"UTC": time.UTC, "east": tokyo, "west": losAngeles} {
			now := wednesday.AddDate(0, 0, day).Add(time.Duration(day) * 173 * time.Minute)
			t.Run(now.Weekday().String()+" "+name, func(t *testing.T) {
				t.Parallel()
				s := dbtest.SQLite(t)
				ctx := tell(t, s, zone, now)
				newest := s.Read().AuditEntry.Query().Order(ent.Desc(auditentry.FieldAt)).FirstX(ctx)
				if !newest.At.Before(now) {
					t.Errorf("the story ends at %s, after now (%s)", newest.At, now)
				}
				attempts := s.Read().Attempt.Query().Where(attempt.UpgradeID(1)).Order(ent.Asc(attempt.FieldNumber)).AllX(ctx)
				if since := now.Sub(*attempts[1].EndedAt); since < 6*24*time.Hour || since > 14*24*time.Hour {
					t.Errorf("the second attempt ended %s ago", since)
				}
				start := attempts[2].WindowStart.In(zone)
				if ahead := start.Sub(now); ahead < 5*24*time.Hour || ahead > 12*24*time.Hour || start.Weekday() != time.Friday || start.Hour() != 5 {
					t.Errorf("the third attempt begins on %s, told on %s", start, now)
				}
				if got := askGate(ctx, t, s, zone, now, attempts[2].ID); got.Counts.Unmet != 5 {
					t.Errorf("the gate has %d unmet reasons, want 5: %+v", got.Counts.Unmet, got.Reasons)
				}
			})
		}
	}
}

func TestAStoreThatHoldsSomethingIsRefused(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := tell(t, s, nil, wednesday)
		before := s.Read().Change.Query().CountX(ctx)
		if err := story.Tell(ctx, s, nil, wednesday); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second telling = %v, want a conflict", err)
		}
		if after := s.Read().Change.Query().CountX(ctx); after != before {
			t.Errorf("the refused telling wrote %d changes", after-before)
		}
	})
}
