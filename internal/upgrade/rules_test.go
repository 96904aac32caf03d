package upgrade

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var monday = time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)

func minute(n int) time.Time { return monday.Add(time.Duration(n) * time.Minute) }

// Every state a record can be in, and the states that may follow; a move that is not here is refused.
func TestMoves(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		moves map[string][]string
		all   []string
		want  map[string][]string
	}{
		"an upgrade that was given up may be taken up again, a completed one may not": {upgradeMoves, vocab.UpgradeStatus("").Values(), map[string][]string{
			"proposed": {"active", "abandoned"}, "active": {"completed", "abandoned"}, "abandoned": {"active"}, "completed": nil,
		}},
		"an attempt goes one way, and nothing follows its end": {attemptMoves, vocab.AttemptStatus("").Values(), map[string][]string{
			"planned": {"ready", "cancelled"}, "ready": {"in_progress", "cancelled"}, "in_progress": {"watching", "rolled_back", "aborted"},
			"watching":  {"succeeded", "rolled_back", "fixed_forward"},
			"succeeded": nil, "rolled_back": nil, "fixed_forward": nil, "aborted": nil, "cancelled": nil,
		}},
		"a decision is accepted and superseded, and expires by the clock alone": {decisionMoves, vocab.DecisionStatus("").Values(), map[string][]string{
			"proposed": {"accepted", "superseded"}, "accepted": {"superseded"}, "superseded": nil, "expired": nil,
		}},
		"a tripwire is armed and cleared by hand; readings trip it and the clock ends it": {tripwireMoves, vocab.TripwireStatus("").Values(), map[string][]string{
			"draft": {"armed"}, "armed": {"cleared"}, "tripped": nil, "cleared": nil, "expired": nil,
		}},
	} {
		got := map[string][]string{}
		for _, state := range tc.all {
			got[state] = tc.moves[state]
		}
		if diff := cmp.Diff(got, tc.want); diff != "" {
			t.Errorf("%s (-got +want): %s", name, diff)
		}
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	var ended []string
	for _, status := range vocab.AttemptStatus("").Values() {
		if Ended(vocab.AttemptStatus(status)) {
			ended = append(ended, status)
		}
	}
	if diff := cmp.Diff(ended, []string{"succeeded", "rolled_back", "fixed_forward", "aborted", "cancelled"}); diff != "" {
		t.Errorf("ended states (-got +want): %s", diff)
	}
}

func codes(fields []fault.Field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.Field+" "+f.Code)
	}
	return all
}

func TestGuards(t *testing.T) {
	t.Parallel()
	end := minute(10)
	for name, tc := range map[string]struct {
		unmet []fault.Field
		want  []string
	}{
		"without a watch nothing is a success":        {watchGuards(nil, end), []string{"watch_until required"}},
		"the watch has to be over":                    {watchGuards(&end, end.Add(-time.Nanosecond)), []string{"watch_until watch_not_over"}},
		"a success at the end of the watch is one":    {watchGuards(&end, end), nil},
		"a decision that stopped to hold is too late": {expiredGuard(&end, end), []string{"expires_at expired"}},
		"a decision that still holds may be accepted": {expiredGuard(&end, end.Add(-time.Nanosecond)), nil},
		"a decision without an expiry always holds":   {expiredGuard(nil, end), nil},
	} {
		if diff := cmp.Diff(codes(tc.unmet), tc.want); diff != "" {
			t.Errorf("%s (-got +want): %s", name, diff)
		}
	}
}

func TestStatusesThatTheClockMoves(t *testing.T) {
	t.Parallel()
	end := minute(10)
	for name, tc := range map[string]struct{ got, want string }{
		"an accepted decision holds until it expires":   {string(DecisionStatus("accepted", &end, minute(9))), "accepted"},
		"an accepted decision expires":                  {string(DecisionStatus("accepted", &end, end)), "expired"},
		"an accepted decision without expiry stays":     {string(DecisionStatus("accepted", nil, end)), "accepted"},
		"a superseded decision does not expire":         {string(DecisionStatus("superseded", &end, minute(11))), "superseded"},
		"a proposed decision does not expire":           {string(DecisionStatus("proposed", &end, minute(11))), "proposed"},
		"an armed wire is armed until its deadline":     {string(TripwireStatus("armed", &end, minute(9))), "armed"},
		"an armed wire expires at its deadline":         {string(TripwireStatus("armed", &end, end)), "expired"},
		"an armed wire without a deadline stays":        {string(TripwireStatus("armed", nil, end)), "armed"},
		"a tripped wire stays tripped past a deadline":  {string(TripwireStatus("tripped", &end, minute(11))), "tripped"},
		"a draft stays a draft, whatever its deadline":  {string(TripwireStatus("draft", &end, minute(11))), "draft"},
		"a cleared wire stays cleared past a deadline":  {string(TripwireStatus("cleared", &end, minute(11))), "cleared"},
		"a proposed decision before its expiry is that": {string(DecisionStatus("proposed", &end, minute(9))), "proposed"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: %s, want %s", name, tc.got, tc.want)
		}
	}
}

func TestCrossed(t *testing.T) {
	t.Parallel()
	for comparator, want := range map[vocab.Comparator][3]bool{
		vocab.ComparatorGt: {false, false, true}, vocab.ComparatorGte: {false, true, true},
		vocab.ComparatorLt: {true, false, false}, vocab.ComparatorLte: {true, true, false},
	} {
		limit := Limit{Comparator: comparator, Threshold: 200}
		if got := [3]bool{limit.Crossed(199.5), limit.Crossed(200), limit.Crossed(200.5)}; got != want {
			t.Errorf("%s 200 by values below, at and above: %v, want %v", comparator, got, want)
		}
	}
}

func TestTrip(t *testing.T) {
	t.Parallel()
	deadline := minute(20)
	at := func(n int, value float64) Reading { return Reading{At: minute(n), Value: value} }
	for name, tc := range map[string]struct {
		forMinutes int
		deadline   *time.Time
		readings   []Reading
		want       time.Time
	}{
		"no reading trips nothing":                            {0, nil, nil, time.Time{}},
		"without a duration the first crossing trips":         {0, nil, []Reading{at(1, 9), at(2, 11), at(3, 12)}, minute(2)},
		"a value at the limit does not cross gt":              {0, nil, []Reading{at(1, 10)}, time.Time{}},
		"a run that is long enough trips at its end":          {10, nil, []Reading{at(0, 11), at(5, 12), at(10, 13), at(15, 13)}, minute(10)},
		"a run that is too short does not trip":               {10, nil, []Reading{at(0, 11), at(9, 12)}, time.Time{}},
		"one reading is no run":                               {10, nil, []Reading{at(0, 99)}, time.Time{}},
		"a reading within the limit breaks the run":           {10, nil, []Reading{at(0, 11), at(5, 9), at(10, 12), at(14, 12)}, time.Time{}},
		"a run starts anew after a break":                     {10, nil, []Reading{at(0, 11), at(5, 9), at(6, 12), at(16, 12)}, minute(16)},
		"readings that arrive late are put in their place":    {10, nil, []Reading{at(10, 13), at(0, 11)}, minute(10)},
		"a late reading that breaks the run is seen":          {10, nil, []Reading{at(10, 13), at(0, 11), at(5, 9)}, time.Time{}},
		"the earliest trip counts, whenever it arrived":       {0, nil, []Reading{at(10, 13), at(3, 11)}, minute(3)},
		"a reading at the deadline is too late":               {0, &deadline, []Reading{at(20, 11), at(25, 11)}, time.Time{}},
		"a reading before the deadline trips":                 {0, &deadline, []Reading{at(25, 11), at(19, 11)}, minute(19)},
		"a run that the deadline cuts short does not trip":    {10, &deadline, []Reading{at(15, 11), at(25, 11)}, time.Time{}},
		"of two at one time the break counts as the earlier":  {10, nil, []Reading{at(5, 11), at(5, 9), at(15, 11)}, minute(15)},
		"of two at one time the break ends the run before it": {10, nil, []Reading{at(0, 11), at(10, 11), at(10, 9)}, time.Time{}},
	} {
		limit := Limit{Comparator: vocab.ComparatorGt, Threshold: 10, ForMinutes: tc.forMinutes, Deadline: tc.deadline}
		got, tripped := Trip(limit, tc.readings)
		if !got.Equal(tc.want) || tripped != !tc.want.IsZero() {
			t.Errorf("%s: %v %v, want %v", name, got, tripped, tc.want)
		}
	}
}

func drawReadings(t *rapid.T) (Limit, []Reading) {
	limit := Limit{Comparator: vocab.ComparatorGt, Threshold: 10, ForMinutes: rapid.IntRange(0, 8).Draw(t, "for")}
	if rapid.Bool().Draw(t, "ends") {
		end := minute(rapid.IntRange(0, 40).Draw(t, "deadline"))
		limit.Deadline = &end
	}
	readings := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Reading {
		return Reading{At: minute(rapid.IntRange(0, 40).Draw(t, "at")), Value: float64(rapid.IntRange(9, 12).Draw(t, "value"))}
	}), 0, 30).Draw(t, "readings")
	return limit, readings
}

func TestTheOrderOfArrivalDoesNotMatterToATrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit, readings := drawReadings(t)
		at, tripped := Trip(limit, readings)
		shuffled := slices.Clone(readings)
		seed := rapid.Uint64().Draw(t, "seed")
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again, also := Trip(limit, shuffled); !again.Equal(at) || also != tripped {
			t.Fatalf("%v %v in one order, %v %v in another", at, tripped, again, also)
		}
	})
}

// A wire is only asked about the readings from the last break before the new one. That must not hide a trip.
func TestReadingsBeforeTheLastBreakDoNotMatterToANewReading(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		limit, readings := drawReadings(t)
		for n := range readings {
			before, now := readings[:n], readings[:n+1]
			if _, already := Trip(limit, before); already {
				return
			}
			var from time.Time
			for _, r := range before {
				if !limit.Crossed(r.Value) && r.At.Before(readings[n].At) && r.At.After(from) {
					from = r.At
				}
			}
			around := slices.DeleteFunc(slices.Clone(now), func(r Reading) bool { return r.At.Before(from) })
			wantAt, want := Trip(limit, now)
			if at, got := Trip(limit, around); got != want || !at.Equal(wantAt) {
				t.Fatalf("reading %d: %v %v of those around it, %v %v of all", n, at, got, wantAt, want)
			}
		}
	})
}

func TestWhatAnEndedAttemptLetsChange(t *testing.T) {
	t.Parallel()
	was := &ent.Attempt{ID: 1, UpgradeID: 1, EnvironmentID: 1, Status: vocab.AttemptStatusRolledBack, ChangedAreas: []string{"sessions"}}
	running := *was
	running.Status = vocab.AttemptStatusInProgress
	for name, tc := range map[string]struct {
		of     *ent.Attempt
		change func(*AttemptInput)
		want   []string
	}{
		"nothing at all":                   {was, func(*AttemptInput) {}, nil},
		"the outcome is still learned":     {was, func(in *AttemptInput) { in.OutcomeSummary = "reverted" }, nil},
		"the users are still counted":      {was, func(in *AttemptInput) { n := 12; in.UsersAffected = &n }, nil},
		"how it is filed":                  {was, func(in *AttemptInput) { in.Tags = []string{"persistence"}; in.Team = "shop" }, nil},
		"a plan of a running attempt":      {&running, func(in *AttemptInput) { in.Strategy = "slowly" }, nil},
		"the strategy stands":              {was, func(in *AttemptInput) { in.Strategy = "slowly" }, []string{"strategy attempt_ended"}},
		"the environment stands":           {was, func(in *AttemptInput) { in.EnvironmentID.N = 2 }, []string{"environment_id attempt_ended"}},
		"the release stands":               {was, func(in *AttemptInput) { in.ReleaseRef = "3" }, []string{"release_ref attempt_ended"}},
		"the areas stand":                  {was, func(in *AttemptInput) { in.ChangedAreas = nil }, []string{"changed_areas attempt_ended"}},
		"all that is refused is named":     {was, func(in *AttemptInput) { in.WindowStart, in.WindowEnd = &monday, &monday }, []string{"window_start attempt_ended", "window_end attempt_ended"}},
		"the watch stands":                 {was, func(in *AttemptInput) { in.WatchUntil = &monday }, []string{"watch_until attempt_ended"}},
		"when it began and ended stands":   {was, func(in *AttemptInput) { in.StartedAt, in.EndedAt = &monday, &monday }, []string{"started_at attempt_ended", "ended_at attempt_ended"}},
		"the upgrade can never be changed": {&running, func(in *AttemptInput) { in.UpgradeID.N = 2 }, []string{"upgrade_id immutable"}},
	} {
		in := attemptInputOf(tc.of)
		in.ChangedAreas = slices.Clone(in.ChangedAreas)
		tc.change(&in)
		var check fault.Check
		err := attemptChange(tc.of, in, &check)
		got := codes(check.Fields)
		if f, conflict := err.(*fault.Error); conflict {
			got = append(got, codes(f.Fields)...)
		}
		if diff := cmp.Diff(got, tc.want); diff != "" {
			t.Errorf("%s (-got +want): %s", name, diff)
		}
	}
}

func TestARecordWithoutAVisibilityIsSeenLikeTheOneAbove(t *testing.T) {
	t.Parallel()
	above := record.Knowledge{Visibility: vocab.VisibilityRestricted, Team: "database", Tags: []string{"not inherited"}, Sample: true}
	got := likeParent(record.Knowledge{Tags: []string{"own"}}, above)
	want := record.Knowledge{Visibility: vocab.VisibilityRestricted, Team: "database", Tags: []string{"own"}}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("(-got +want): %s", diff)
	}
}

func TestReversible(t *testing.T) {
	t.Parallel()
	attempt, other, reversed := 1, 2, 7
	was := ent.EffortEntry{AttemptID: &attempt, Hours: 8, Role: "developer", Phase: vocab.EffortPhasePrepare}
	again := was
	again.ReversesID = &reversed
	elsewhere := was
	elsewhere.AttemptID = &other
	in := EffortInput{AttemptID: vocab.Attempt.ID(1), Hours: -8, Role: "developer", Phase: vocab.EffortPhasePrepare}
	change := func(set func(*EffortInput)) EffortInput { changed := in; set(&changed); return changed }
	for name, tc := range map[string]struct {
		was  ent.EffortEntry
		in   EffortInput
		want []string
	}{
		"all of it":                      {was, in, nil},
		"a part of it":                   {was, change(func(in *EffortInput) { in.Hours = -3 }), nil},
		"no more than there was":         {was, change(func(in *EffortInput) { in.Hours = -8.5 }), []string{"hours out_of_range"}},
		"a reversal is not reversed":     {again, in, []string{"reverses_id invalid_choice"}},
		"work on another attempt is not": {elsewhere, in, []string{"reverses_id invalid_choice"}},
		"work of another phase is not":   {was, change(func(in *EffortInput) { in.Phase = vocab.EffortPhaseTest }), []string{"reverses_id invalid_choice"}},
		"work of another role is not":    {was, change(func(in *EffortInput) { in.Role = "tester" }), []string{"reverses_id invalid_choice"}},
	} {
		var check fault.Check
		reversible(&check, &tc.was, tc.in)
		if diff := cmp.Diff(codes(check.Fields), tc.want); diff != "" {
			t.Errorf("%s (-got +want): %s", name, diff)
		}
	}
}

func TestInputsNameEveryBadField(t *testing.T) {
	t.Parallel()
	later, earlier := minute(10), minute(0)
	risk := DecisionInput{Question: "q", Chosen: "c", Rationale: "r", DecidedBy: "CTO"}
	for name, tc := range map[string]struct {
		in   record.Input
		want []string
	}{
		"an upgrade needs a title, a kind and a service": {Input{}, []string{"title required", "kind required", "service_id required"}},
		"the window is in order": {AttemptInput{UpgradeID: vocab.Upgrade.ID(1), EnvironmentID: vocab.Environment.ID(1),
			WindowStart: &later, WindowEnd: &earlier, StartedAt: &later, EndedAt: &earlier}, []string{"window_end out_of_range", "ended_at out_of_range"}},
		"the watch is not over before the window": {AttemptInput{UpgradeID: vocab.Upgrade.ID(1), EnvironmentID: vocab.Environment.ID(1),
			WindowEnd: &later, WatchUntil: &earlier}, []string{"watch_until out_of_range"}},
		"the watch is not over before a window without an end": {AttemptInput{UpgradeID: vocab.Upgrade.ID(1), EnvironmentID: vocab.Environment.ID(1),
			WindowStart: &later, WatchUntil: &earlier}, []string{"watch_until out_of_range"}},
		"a waiver is for something and ends": {with(risk, vocab.DecisionKindWaiver), []string{"attempt_id required", "expires_at required"}},
		"a risk acceptance is for something": {with(risk, vocab.DecisionKindRiskAcceptance), []string{"attempt_id required"}},
		"another decision may be for itself": {with(risk, vocab.DecisionKindOther), nil},
		"a decision says what and why": {DecisionInput{}, []string{"kind required", "question required", "chosen required",
			"rationale required", "decided_by required"}},
		"a tripwire is complete": {TripwireInput{ForMinutes: -1}, []string{"signal required", "comparator required", "threshold required",
			"for_minutes out_of_range", "then required", "agreed_by required"}},
		"effort has a role and a place":   {EffortInput{Hours: 1}, []string{"role required", "phase required", "upgrade_id required"}},
		"effort is not for two places":    {EffortInput{Hours: 1, Role: "developer", Phase: "test", UpgradeID: vocab.Upgrade.ID(1), AttemptID: vocab.Attempt.ID(1)}, []string{"upgrade_id conflict"}},
		"only a reversal is negative":     {EffortInput{Hours: -1, Role: "developer", Phase: "test", UpgradeID: vocab.Upgrade.ID(1)}, []string{"hours out_of_range"}},
		"a reversal is always negative":   {EffortInput{Hours: 1, Role: "developer", Phase: "test", UpgradeID: vocab.Upgrade.ID(1), ReversesID: vocab.Effort.ID(1)}, []string{"hours out_of_range"}},
		"nothing was spent, nothing kept": {EffortInput{Role: "developer", Phase: "test", UpgradeID: vocab.Upgrade.ID(1)}, []string{"hours out_of_range"}},
		"a reading has a value":           {ReadingInput{}, []string{"value required"}},
	} {
		var check fault.Check
		tc.in.Check(&check)
		if diff := cmp.Diff(codes(check.Fields), tc.want); diff != "" {
			t.Errorf("%s (-got +want): %s", name, diff)
		}
	}
}

func with(in DecisionInput, kind vocab.DecisionKind) DecisionInput {
	in.Kind = kind
	return in
}
