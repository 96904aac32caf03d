package analytics

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// What groups can have in common.
const (
	byService     = "service"
	byKind        = "kind"
	byEnvironment = "environment"
	byMonth       = "month"
	bySource      = "source"
)

// Row is what all value rows share.
type Row struct {
	ID     vocab.ID
	Sample bool
	// Place is where it belongs, as far as the caller may know.
	Place
	// At is the moment that decides about its month.
	At time.Time
}

// Place is the service, the kind and the environment of a record, "" for what is not known.
type Place struct{ Service, Kind, Environment string }

func (r Row) of() Case {
	return Case{Of: r.ID.String(), Sample: r.Sample, Keys: map[string]string{
		byService: r.Service, byKind: r.Kind, byEnvironment: r.Environment, byMonth: r.At.UTC().Format("2006-01"),
	}}
}

// Attempt is an attempt that ran and ended, in an environment of a kind.
type Attempt struct {
	Row
	Status        vocab.AttemptStatus
	In            vocab.EnvironmentKind
	UsersAffected *int
	EndedAt       *time.Time
}

// Affected says whether users could be affected: by the count where there is one; without, by having run in production.
func (a Attempt) Affected() bool {
	if a.UsersAffected != nil {
		return *a.UsersAffected > 0
	}
	return a.In == vocab.EnvironmentKindProduction
}

// changeFailure counts each attempt once: a failure when it was rolled back or fixed forward after users could be affected (the
// change failure rate of DORA), a near miss when it was aborted or taken back before that.
func changeFailure(attempts []Attempt) []Case {
	cases := make([]Case, len(attempts))
	for i, a := range attempts {
		c := a.of()
		result := "success"
		switch a.Status {
		case vocab.AttemptStatusAborted:
			result = "near_miss"
		case vocab.AttemptStatusRolledBack, vocab.AttemptStatusFixedForward:
			if result = "near_miss"; a.Affected() {
				result, c.Adds = "failure", 1
			}
		}
		if a.EndedAt == nil {
			c.Excluded = excludedUnknown
		} else {
			c.Marks = map[string]string{"outcome": string(a.Status), "result": result}
		}
		cases[i] = c
	}
	return cases
}

// Incident is an incident with what its timeline, and that of the attempt it came from, say.
type Incident struct {
	Row
	ImpactStart, ImpactEnd, DetectedAt *time.Time
	DetectedBy                         vocab.DetectedBy
	NearMiss                           bool
	Events                             []Event
}

// Event is an event of a timeline.
type Event struct {
	At      time.Time
	Kind    vocab.EventKind
	Source  string
	ActedOn bool
}

const (
	excludedNearMiss = "near_miss"
	timeToDetect     = "time_to_detect"
	recognitionGap   = "recognition_gap"
	timeToRecover    = "time_to_recover"
)

// harmed is the case of an incident; near misses, and harm of which nobody knows when it began, are left out.
func (in Incident) harmed() Case {
	c := in.of()
	switch {
	case in.NearMiss:
		c.Excluded = excludedNearMiss
	case in.ImpactStart == nil:
		c.Excluded = excludedUnknown
	}
	return c
}

// firstSignal is the earliest signal, or nil.
func (in Incident) firstSignal() *Event {
	var first *Event
	for _, e := range in.Events {
		if e.Kind == vocab.EventKindSignal && (first == nil || e.At.Before(first.At)) {
			first = &e
		}
	}
	return first
}

// recognised is the first event from the signal on that something was done because of, or nil.
func (in Incident) recognised(signal Event) *time.Time {
	var first *time.Time
	for _, e := range in.Events {
		if e.ActedOn && !e.At.Before(signal.At) && (first == nil || e.At.Before(*first)) {
			first = &e.At
		}
	}
	return first
}

// detection measures from the beginning of the harm to the first signal, or without one to when it was noticed; a signal from
// before the harm counts as at once. The recognition gap runs from the first signal to the first event that was acted on.
func detection(incidents []Incident) []Case {
	cases := make([]Case, len(incidents))
	for i, in := range incidents {
		c := in.harmed()
		c.Seconds = map[string]float64{}
		seen, source, recognition := in.DetectedAt, string(in.DetectedBy), "no_signal"
		if signal := in.firstSignal(); signal != nil {
			seen, recognition = &signal.At, "not_recognised"
			if signal.Source != "" {
				source = signal.Source
			}
			if acted := in.recognised(*signal); acted != nil {
				recognition = "recognised"
				c.Seconds[recognitionGap] = acted.Sub(signal.At).Seconds()
			}
		}
		if seen != nil && in.ImpactStart != nil {
			c.Adds = 1
			c.Seconds[timeToDetect] = max(0, seen.Sub(*in.ImpactStart).Seconds())
		}
		c.Keys[bySource] = source
		if c.Excluded == "" {
			c.Marks = map[string]string{"recognition": recognition}
		}
		cases[i] = c
	}
	return cases
}

// recovery measures from the beginning of the harm to its end.
func recovery(incidents []Incident) []Case {
	cases := make([]Case, len(incidents))
	for i, in := range incidents {
		c := in.harmed()
		if c.Excluded == "" && in.ImpactEnd != nil {
			c.Adds = 1
			c.Seconds = map[string]float64{timeToRecover: in.ImpactEnd.Sub(*in.ImpactStart).Seconds()}
		}
		cases[i] = c
	}
	return cases
}

// Effort is an entry of effort; Attempt is zero for work on an upgrade as a whole.
type Effort struct {
	Row
	Hours   float64
	Phase   vocab.EffortPhase
	Role    string
	Attempt vocab.ID
}

// effort adds up hours, and holds them against the attempts that hours were spent on.
func effort(entries []Effort) []Case {
	cases := make([]Case, len(entries))
	for i, e := range entries {
		c := e.of()
		c.Of, c.Adds, c.Weight = e.Attempt.String(), e.Hours, e.Hours
		c.Marks = map[string]string{"phase": string(e.Phase), "role": e.Role}
		cases[i] = c
	}
	return cases
}

// Application is a lesson shown to an attempt; the attempt says where it belongs.
type Application struct {
	Row
	Lesson   vocab.ID
	Response vocab.LessonResponse
	Outcome  vocab.LessonOutcome
}

// lessons counts which lessons that were shown were applied. The verdict is that of package lesson over the applications that
// count.
func lessons(applications []Application, sample bool) []Case {
	byLesson := map[vocab.ID][]lesson.Application{}
	for _, a := range applications {
		if !a.Sample || sample {
			byLesson[a.Lesson] = append(byLesson[a.Lesson], lesson.Application{Response: a.Response, Outcome: a.Outcome})
		}
	}
	verdicts := make(map[vocab.ID]string, len(byLesson))
	for id, all := range byLesson {
		_, verdict := lesson.Effectiveness(all)
		verdicts[id] = string(verdict)
	}
	cases := make([]Case, len(applications))
	for i, a := range applications {
		c := a.of()
		c.Of = a.Lesson.String() + " " + a.ID.String()
		c.OnceOf, c.Once = a.Lesson.String(), map[string]string{"verdict": verdicts[a.Lesson]}
		c.Marks = map[string]string{"response": orElse(string(a.Response), "unanswered"), "outcome": orElse(string(a.Outcome), "not_assessed")}
		if a.Response == vocab.LessonResponseApplied {
			c.Adds = 1
		}
		cases[i] = c
	}
	return cases
}

func orElse(word, other string) string {
	if word == "" {
		return other
	}
	return word
}

// Assumption is an assumption with its status now.
type Assumption struct {
	Row
	Status vocab.AssumptionStatus
}

// assumptions counts which assumptions are verified; retired ones are asked about no more.
func assumptions(rows []Assumption) []Case {
	cases := make([]Case, len(rows))
	for i, a := range rows {
		c := a.of()
		c.Marks = map[string]string{"status": string(a.Status)}
		switch a.Status {
		case vocab.AssumptionStatusRetired:
			c.Excluded = string(a.Status)
		case vocab.AssumptionStatusVerified:
			c.Adds = 1
		}
		cases[i] = c
	}
	return cases
}

// Observed is a finding or incident; CameBack says as what it is known to have been there before, "" for one that is new.
type Observed struct {
	Row
	Duplicate bool
	CameBack  vocab.RecurrenceKind
}

// recurrence counts which findings and incidents had been there before.
func recurrence(rows []Observed) []Case {
	cases := make([]Case, len(rows))
	for i, o := range rows {
		c := o.of()
		switch {
		case o.Duplicate:
			c.Excluded = "duplicate"
		case o.CameBack != "":
			c.Adds = 1
			c.Marks = map[string]string{"kind": string(o.CameBack), "type": o.ID.Kind().Name}
		}
		cases[i] = c
	}
	return cases
}

// Action is an action; DoneAt is when it was last said to be done, nil for one that never was.
type Action struct {
	Row
	Status      vocab.ActionStatus
	Due, DoneAt *time.Time
}

// actions counts which actions were done by the end of the day they were due, among those that were done or are overdue.
func actions(rows []Action, now time.Time) []Case {
	cases := make([]Case, len(rows))
	for i, a := range rows {
		c := a.of()
		state := a.state(now)
		c.Marks = map[string]string{"state": state}
		switch {
		case state == "wont_do":
			c.Excluded = state
		case a.Due == nil:
			c.Excluded = "no_due_date"
		case state == "open":
			c.Excluded = "not_yet_due"
		case state == "done":
			c.Excluded = excludedUnknown
		case state == "done_on_time":
			c.Adds = 1
		}
		cases[i] = c
	}
	return cases
}

// state is open, overdue, done_on_time, done_late, wont_do, or done where it is not known whether in time.
func (a Action) state(now time.Time) string {
	switch a.Status {
	case vocab.ActionStatusWontDo:
		return string(a.Status)
	case vocab.ActionStatusDone, vocab.ActionStatusVerified:
		switch {
		case a.Due == nil || a.DoneAt == nil:
			return "done"
		case record.Midnight(*a.DoneAt).After(*a.Due):
			return "done_late"
		}
		return "done_on_time"
	}
	if review.Overdue(a.Status, a.Due, now) {
		return "overdue"
	}
	return "open"
}
