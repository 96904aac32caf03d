package analytics

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func at(hour, minute int) time.Time { return time.Date(2026, 3, 9, hour, minute, 0, 0, time.UTC) }

func when(hour, minute int) *time.Time { t := at(hour, minute); return &t }

func users(n int) *int { return &n }

func row(kind vocab.Kind, n int) Row { return Row{ID: kind.ID(n), At: at(8, 0)} }

func TestChangeFailure(t *testing.T) {
	const production, staging = vocab.EnvironmentKindProduction, vocab.EnvironmentKindStaging
	for claim, c := range map[string]struct {
		attempt Attempt
		failed  float64
		result  string
	}{
		"rolled back in production, users unknown": {Attempt{Status: "rolled_back", In: production}, 1, "failure"},
		"fixed forward in production":              {Attempt{Status: "fixed_forward", In: production}, 1, "failure"},
		"rolled back before any user was affected": {Attempt{Status: "rolled_back", In: production, UsersAffected: users(0)}, 0, "near_miss"},
		"rolled back in staging, users unknown":    {Attempt{Status: "rolled_back", In: staging}, 0, "near_miss"},
		"rolled back in staging that had users":    {Attempt{Status: "rolled_back", In: staging, UsersAffected: users(3)}, 1, "failure"},
		"aborted is a near miss":                   {Attempt{Status: "aborted", In: production, UsersAffected: users(3)}, 0, "near_miss"},
		"a success although some users noticed it": {Attempt{Status: "succeeded", In: production, UsersAffected: users(3)}, 0, "success"},
	} {
		t.Run(claim, func(t *testing.T) {
			c.attempt.Row, c.attempt.EndedAt = row(vocab.Attempt, 1), when(9, 0)
			got := tally(changeFailure([]Attempt{c.attempt}), false, true)
			if got.Numerator != c.failed || got.Denominator != 1 || got.Breakdown["result"][c.result] != 1 {
				t.Errorf("counted %+v, want %v failed and one %s", got, c.failed, c.result)
			}
		})
	}
	t.Run("without a time of its end it is unknown", func(t *testing.T) {
		got := tally(changeFailure([]Attempt{{Row: row(vocab.Attempt, 1), Status: "rolled_back", In: production}}), false, true)
		if got.Numerator != 0 || got.Denominator != 0 || got.Excluded["unknown"] != 1 {
			t.Errorf("counted %+v", got)
		}
	})
}

func TestDetection(t *testing.T) {
	signal := func(hour, minute int, source string, acted bool) Event {
		return Event{at(hour, minute), vocab.EventKindSignal, source, acted}
	}
	acted := func(hour, minute int) Event { return Event{at(hour, minute), vocab.EventKindAction, "", true} }
	for claim, c := range map[string]struct {
		incident    Incident
		seconds     map[string]float64
		source      string
		recognition string
	}{
		"the first signal, and the first event acted on": {
			Incident{ImpactStart: when(8, 0), Events: []Event{signal(8, 30, "log", false), signal(8, 10, "QA", false), acted(9, 10), acted(9, 0)}},
			map[string]float64{timeToDetect: 600, recognitionGap: 3000}, "QA", "recognised",
		},
		"a signal rules over detected_at": {
			Incident{ImpactStart: when(8, 0), DetectedAt: when(8, 1), DetectedBy: "user", Events: []Event{signal(8, 10, "", false)}},
			map[string]float64{timeToDetect: 600}, "user", "not_recognised",
		},
		"without a signal, when it was noticed": {
			Incident{ImpactStart: when(8, 0), DetectedAt: when(8, 1), DetectedBy: "user", Events: []Event{acted(9, 0)}},
			map[string]float64{timeToDetect: 60}, "user", "no_signal",
		},
		"a signal before the harm is at once": {
			Incident{ImpactStart: when(8, 0), Events: []Event{signal(5, 0, "QA", false), acted(8, 0)}},
			map[string]float64{timeToDetect: 0, recognitionGap: 10800}, "QA", "recognised",
		},
		"what was acted on before the signal recognised something else": {
			Incident{ImpactStart: when(8, 0), Events: []Event{acted(8, 5), signal(8, 10, "QA", false)}},
			map[string]float64{timeToDetect: 600}, "QA", "not_recognised",
		},
		"a signal that was acted on leaves no gap": {
			Incident{ImpactStart: when(8, 0), Events: []Event{signal(8, 10, "QA", true)}},
			map[string]float64{timeToDetect: 600, recognitionGap: 0}, "QA", "recognised",
		},
		"nobody noticed": {Incident{ImpactStart: when(8, 0)}, map[string]float64{}, "", "no_signal"},
	} {
		t.Run(claim, func(t *testing.T) {
			c.incident.Row = row(vocab.Incident, 1)
			got := detection([]Incident{c.incident})[0]
			if diff := cmp.Diff(c.seconds, got.Seconds); diff != "" {
				t.Errorf("seconds (-want +got):\n%s", diff)
			}
			if got.Keys[bySource] != c.source || got.Marks["recognition"] != c.recognition {
				t.Errorf("source %q and recognition %q, want %q and %q", got.Keys[bySource], got.Marks["recognition"], c.source, c.recognition)
			}
		})
	}
}

func TestIncidentsThatCannotBeMeasuredAreLeftOutWithTheReason(t *testing.T) {
	rows := []Incident{
		{Row: row(vocab.Incident, 1), ImpactStart: when(8, 0), ImpactEnd: when(9, 0)}, {Row: row(vocab.Incident, 2), ImpactStart: when(8, 0)},
		{Row: row(vocab.Incident, 3), NearMiss: true, DetectedAt: when(8, 0)}, {Row: row(vocab.Incident, 4), DetectedAt: when(8, 0)},
	}
	want := map[string]int{"sample": 0, "unknown": 1, "near_miss": 1}
	for name, cases := range map[string][]Case{"detection": detection(rows), "recovery": recovery(rows)} {
		got := tally(cases, false, true)
		if diff := cmp.Diff(want, got.Excluded); diff != "" || got.Denominator != 2 {
			t.Errorf("%s: denominator %d, want 2; excluded (-want +got):\n%s", name, got.Denominator, diff)
		}
	}
	if got := tally(recovery(rows), false, true); got.Numerator != 1 || got.Durations[timeToRecover] != (Spread{1, 3600, 3600}) {
		t.Errorf("recovery counts %+v", got)
	}
}

func TestEffortHoldsHoursAgainstAttempts(t *testing.T) {
	got := tally(effort([]Effort{
		{Row: row(vocab.Effort, 1), Hours: 8, Phase: "test", Role: "QA", Attempt: vocab.Attempt.ID(1)},
		{Row: row(vocab.Effort, 2), Hours: -2, Phase: "test", Role: "QA", Attempt: vocab.Attempt.ID(1)},
		{Row: row(vocab.Effort, 3), Hours: 5, Phase: "prepare", Role: "engineer"},
	}), false, false)
	want := map[string]map[string]float64{"phase": {"test": 6, "prepare": 5}, "role": {"QA": 6, "engineer": 5}}
	if diff := cmp.Diff(want, got.Breakdown); diff != "" || got.Numerator != 11 || got.Denominator != 1 {
		t.Errorf("%v hours on %d attempts, want 11 on 1; breakdown (-want +got):\n%s", got.Numerator, got.Denominator, diff)
	}
}

func TestLessonsCountAnswersAndEachLessonOnceByItsVerdict(t *testing.T) {
	answers := []Application{
		{Row: row(vocab.Attempt, 1), Lesson: vocab.Lesson.ID(1), Response: "applied", Outcome: "prevented"},
		{Row: row(vocab.Attempt, 2), Lesson: vocab.Lesson.ID(1), Response: "skipped"},
		{Row: row(vocab.Attempt, 1), Lesson: vocab.Lesson.ID(2)},
		{Row: Row{ID: vocab.Attempt.ID(3), Sample: true}, Lesson: vocab.Lesson.ID(1), Response: "applied", Outcome: "recurred"},
	}
	got := tally(lessons(answers, false), false, true)
	want := map[string]map[string]float64{
		"response": {"applied": 1, "skipped": 1, "unanswered": 1}, "outcome": {"prevented": 1, "not_assessed": 2},
		"verdict": {"effective": 1, "untested": 1},
	}
	if diff := cmp.Diff(want, got.Breakdown); diff != "" || got.Numerator != 1 || got.Denominator != 3 || got.Excluded["sample"] != 1 {
		t.Errorf("counted %+v; breakdown (-want +got):\n%s", got, diff)
	}
	if with := tally(lessons(answers, true), true, true); with.Breakdown["verdict"]["ineffective"] != 1 {
		t.Errorf("with sample data the verdicts are %v", with.Breakdown["verdict"])
	}
}

func TestAssumptionsLeaveOutTheRetired(t *testing.T) {
	got := tally(assumptions([]Assumption{
		{row(vocab.Assumption, 1), "verified"}, {row(vocab.Assumption, 2), "falsified"}, {row(vocab.Assumption, 3), "retired"},
	}), false, true)
	want := map[string]float64{"verified": 1, "falsified": 1, "retired": 1}
	if diff := cmp.Diff(want, got.Breakdown["status"]); diff != "" || got.Numerator != 1 || got.Denominator != 2 || got.Excluded["retired"] != 1 {
		t.Errorf("counted %+v; statuses (-want +got):\n%s", got, diff)
	}
}

func TestRecurrenceCountsWhatCameBackAndNoDuplicates(t *testing.T) {
	got := tally(recurrence([]Observed{
		{Row: row(vocab.Finding, 1)}, {Row: row(vocab.Finding, 2), CameBack: "same_cause"}, {Row: row(vocab.Incident, 1), CameBack: "regression"},
		{Row: row(vocab.Finding, 3), Duplicate: true, CameBack: "same_cause"},
	}), false, true)
	want := map[string]map[string]float64{"kind": {"same_cause": 1, "regression": 1}, "type": {"finding": 1, "incident": 1}}
	if diff := cmp.Diff(want, got.Breakdown); diff != "" || got.Numerator != 2 || got.Denominator != 3 || got.Excluded["duplicate"] != 1 {
		t.Errorf("counted %+v; breakdown (-want +got):\n%s", got, diff)
	}
}

func TestActions(t *testing.T) {
	due, now := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC), at(12, 0).AddDate(0, 0, 3)
	late := at(0, 0).AddDate(0, 0, 1)
	for claim, c := range map[string]struct {
		action   Action
		now      time.Time
		state    string
		excluded string
		adds     float64
	}{
		"done in the last hour of its day": {Action{Status: "done", Due: &due, DoneAt: when(23, 59)}, now, "done_on_time", "", 1},
		"done at the next midnight":        {Action{Status: "verified", Due: &due, DoneAt: &late}, now, "done_late", "", 0},
		"still to be done after its day":   {Action{Status: "in_progress", Due: &due}, now, "overdue", "", 0},
		"done and found to be of no use":   {Action{Status: "ineffective", Due: &due, DoneAt: when(9, 0)}, now, "overdue", "", 0},
		"still to be done on its day":      {Action{Status: "open", Due: &due}, at(12, 0), "open", "not_yet_due", 0},
		"without a day, open":              {Action{Status: "open"}, now, "open", "no_due_date", 0},
		"without a day, done":              {Action{Status: "done", DoneAt: when(9, 0)}, now, "done", "no_due_date", 0},
		"done without a word of when":      {Action{Status: "done", Due: &due}, now, "done", "unknown", 0},
		"dropped":                          {Action{Status: "wont_do", Due: &due}, now, "wont_do", "wont_do", 0},
	} {
		t.Run(claim, func(t *testing.T) {
			got := actions([]Action{c.action}, c.now)[0]
			if got.Marks["state"] != c.state || got.Excluded != c.excluded || got.Adds != c.adds {
				t.Errorf("state %q, excluded %q, adds %v; want %q, %q, %v", got.Marks["state"], got.Excluded, got.Adds, c.state, c.excluded, c.adds)
			}
		})
	}
}

func TestValue(t *testing.T) {
	for claim, c := range map[string]struct {
		numerator   float64
		denominator int
		percent     bool
		want        float64 // below zero for none
	}{
		"nine are too few":            {3, 9, true, -1},
		"nothing is too few":          {0, 0, true, -1},
		"ten are enough":              {3, 10, true, 30},
		"none of ten is zero percent": {0, 10, true, 0},
		"two decimals":                {1, 12, true, 8.33},
		"hours are a plain quotient":  {45, 10, false, 4.5},
	} {
		t.Run(claim, func(t *testing.T) {
			got, few := value(c.numerator, c.denominator, c.percent)
			if few != (c.want < 0) || (got == nil) != few || (got != nil && *got != c.want) {
				t.Errorf("value = %v, too few = %v, want %v", got, few, c.want)
			}
		})
	}
}

func TestSpreadIsByNearestRank(t *testing.T) {
	for want, seconds := range map[Spread][]float64{
		{1, 7, 7}: {7}, {2, 1, 9}: {9, 1}, {10, 5, 9}: {10, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 2, 3}: {3, 1, 2},
	} {
		if got := spread(seconds); got != want {
			t.Errorf("spread = %+v, want %+v", got, want)
		}
	}
}

func TestGroupsAddUpToTheWholeInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var cases []Case
		for i := range rapid.IntRange(0, 40).Draw(t, "n") {
			cases = append(cases, Case{
				Of: fmt.Sprint(i), Adds: float64(rapid.IntRange(0, 1).Draw(t, "adds")), Sample: rapid.Bool().Draw(t, "sample"),
				Excluded: rapid.SampledFrom([]string{"", "", excludedUnknown}).Draw(t, "excluded"),
				Keys:     map[string]string{byKind: rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "key")},
			})
		}
		sample := rapid.Bool().Draw(t, "include sample")
		whole := tally(cases, sample, true)
		if again := tally(rapid.Permutation(cases).Draw(t, "order"), sample, true); !cmp.Equal(whole, again) {
			t.Fatalf("in another order: %s", cmp.Diff(whole, again))
		}
		var sum Count
		for _, g := range groups(cases, byKind, sample, true) {
			sum.Numerator += g.Numerator
			sum.Denominator += g.Denominator
		}
		if sum.Numerator != whole.Numerator || sum.Denominator != whole.Denominator {
			t.Fatalf("groups add up to %v of %d, the whole is %v of %d", sum.Numerator, sum.Denominator, whole.Numerator, whole.Denominator)
		}
		if whole.Numerator > float64(whole.Denominator) || (whole.Value == nil) != (whole.Denominator < Enough) {
			t.Fatalf("counted %+v", whole)
		}
	})
}

func TestSampleDataCountsOnlyWhenAskedFor(t *testing.T) {
	cases := []Case{{Of: "1", Adds: 1, Sample: true, Keys: map[string]string{byKind: "framework"}, Marks: map[string]string{"status": "x"}}}
	got := tally(cases, false, true)
	if got.Numerator != 0 || got.Denominator != 0 || got.Excluded[excludedSample] != 1 || len(got.Breakdown) != 0 {
		t.Errorf("without sample data: %+v", got)
	}
	if parts := groups(cases, byKind, false, true); len(parts) != 0 {
		t.Errorf("a group of sample data alone is shown: %+v", parts)
	}
	got = tally(cases, true, true)
	want := map[string]int{excludedSample: 0, excludedUnknown: 0}
	if got.Numerator != 1 || !maps.Equal(got.Excluded, want) {
		t.Errorf("with sample data: %+v", got)
	}
}
