package analytics

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Name names a figure.
type Name string

// The figures.
const (
	ChangeFailure Name = "change-failure"
	Detection     Name = "detection"
	Recovery      Name = "recovery"
	EffortSpent   Name = "effort"
	Lessons       Name = "lessons"
	Assumptions   Name = "assumptions"
	Recurrence    Name = "recurrence"
	Actions       Name = "actions"
)

// Units of values.
const (
	unitPercent = "percent"
	unitHours   = "hours_per_attempt"
)

// year is how far back a figure looks when nothing else is asked for.
const year = 365 * 24 * time.Hour

// Ask says which figure is wanted.
type Ask struct {
	// From and To bound the window; without them it is the last 365 days.
	From, To *time.Time
	// GroupBy is what the groups have in common; "" for none.
	GroupBy string
	// IncludeSample counts demonstration data too.
	IncludeSample bool
}

// kind is how a figure is made.
type kind struct {
	definition, unit string
	groups           []string
	read             func(*reading, context.Context) ([]Case, error)
}

func kindOf(name Name) (kind, bool) {
	common := []string{byService, byKind, byEnvironment, byMonth}
	switch name {
	case ChangeFailure:
		return kind{
			"Attempts that ended in the window and failed, among all that ran and ended in it. An attempt failed when it was rolled back or fixed forward after users could be affected: when users_affected is above zero, or unknown and the attempt ran in production. Each attempt counts once, whatever the number of its incidents. An aborted attempt, or one taken back before users could be affected, is a near miss. Cancelled attempts never ran. Attempts without a time of their end are unknown.",
			unitPercent, common, (*reading).changeFailure,
		}, true
	case Detection:
		return kind{
			"Incidents whose harm began in the window, and how many of them have a time at which they were noticed. time_to_detect runs from the beginning of the harm to the first signal on the timeline of the incident or of the attempt that triggered it, or without a signal to detected_at; a signal from before the harm counts as at once. recognition_gap runs from the first signal to the first event that was acted on. The source is that of the first signal, or without one who noticed. Near misses are left out; incidents without a beginning are unknown.",
			unitPercent, append(common, bySource), (*reading).detection,
		}, true
	case Recovery:
		return kind{
			"Incidents whose harm began in the window, and how many of them are over. time_to_recover runs from the beginning of the harm to its end. Near misses are left out; incidents without a beginning are unknown.",
			unitPercent, common, (*reading).recovery,
		}, true
	case EffortSpent:
		return kind{
			"Hours spent in the window, reversals taken off, held against the attempts that hours were spent on. Hours spent on an upgrade as a whole count as hours, and as no attempt. Hours are broken down by phase and by role, never by person.",
			unitHours, common, (*reading).effort,
		}, true
	case Lessons:
		return kind{
			"Lessons shown to attempts in the window, each on each attempt, and how many of them were applied. Broken down by response and by outcome; each lesson once by its verdict over these.",
			unitPercent, common, (*reading).lessons,
		}, true
	case Assumptions:
		return kind{
			"Assumptions made in the window, and how many of them are verified now. Broken down by status; retired ones are left out.",
			unitPercent, common, (*reading).assumptions,
		}, true
	case Recurrence:
		return kind{
			"Findings and incidents seen in the window, and how many of them are confirmed to have been there before. The time is when it was noticed or when the harm began, or else when it was recorded. Duplicates are left out.",
			unitPercent, common, (*reading).recurrence,
		}, true
	case Actions:
		return kind{
			"Actions made in the window that were done or are overdue, and how many of them were done by the end of the day they were due, in UTC. Broken down by state: open, overdue, done_on_time, done_late, wont_do, and done where it is not known whether in time. Dropped actions, and open ones without a day or before it, are left out. The kind is that of the action.",
			unitPercent, []string{byKind, byMonth}, (*reading).actions,
		}, true
	}
	return kind{}, false
}

// Service works figures out.
type Service struct {
	store *store.Store
	now   func() time.Time
}

// New works figures out over s.
func New(s *store.Store, now func() time.Time) *Service { return &Service{s, now} }

// Figure works out one figure over the records that the actor may know of, with a number of queries that does not depend on how
// many there are. It is Invalid for a window that ends before it begins, or groups that the figure does not have.
func (s *Service) Figure(ctx context.Context, name Name, ask Ask) (*Figure, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return nil, err
	}
	figure, ok := kindOf(name)
	if !ok {
		return nil, fault.New(fault.NotFound, "%s is no figure", name)
	}
	now := s.now().UTC()
	window, err := ask.check(figure.groups, now)
	if err != nil {
		return nil, err
	}
	r := newReading(ctx, s.store.Client(ctx), window, now, ask.IncludeSample)
	cases, err := figure.read(r, ctx)
	if err != nil {
		return nil, s.store.Fault(err)
	}
	percent := figure.unit == unitPercent
	answer := &Figure{
		Definition: figure.definition, Unit: figure.unit, Window: window, AsOf: now, IncludesSample: ask.IncludeSample,
		Count: tally(cases, ask.IncludeSample, percent), GroupBy: ask.GroupBy,
	}
	if ask.GroupBy != "" {
		answer.Groups = groups(cases, ask.GroupBy, ask.IncludeSample, percent)
	}
	return answer, nil
}

func (a Ask) check(groups []string, now time.Time) (Window, error) {
	w := Window{To: now}
	if a.To != nil {
		w.To = a.To.UTC()
	}
	w.From = w.To.Add(-year)
	if a.From != nil {
		w.From = a.From.UTC()
	}
	var check fault.Check
	if w.To.Before(w.From) {
		check.Add("to", "out_of_range", "must not be before from")
	}
	if a.GroupBy != "" && !slices.Contains(groups, a.GroupBy) {
		check.Add("group_by", "invalid_choice", "must be one of %s", strings.Join(groups, ", "))
	}
	return w, check.Err()
}
