// Package brief tells a team what earlier attempts taught before the next one, and answers whether it may go. Compose and
// Evaluate are pure: they see Facts and nothing else. Service gathers the Facts, keeps what was answered, and is where the
// domain packages meet.
package brief

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Facts are all that a brief and the gate are made from. Every time is UTC; At is the moment they are true for.
type Facts struct {
	At time.Time
	// Zone is where business hours are counted.
	Zone    *time.Location
	Attempt Attempt
	Upgrade Upgrade
	// Earlier are the ended attempts of this upgrade and of similar ones.
	Earlier     []EarlierAttempt
	Assumptions []Assumption
	// Falsified are assumptions of earlier attempts that were shown to be wrong.
	Falsified []Assumption
	Waivers   []Waiver
	Findings  []Finding
	// PreExisting counts the findings of this upgrade that were there before it.
	PreExisting int
	Lessons     []Lesson
	Actions     []Action
	Tripwires   []Tripwire
	// EarlierTripwires are those of earlier attempts of this upgrade.
	EarlierTripwires []Tripwire
	Runbooks         []Runbook
}

// Attempt is the attempt asked about.
type Attempt struct {
	ID           vocab.ID
	Number       int
	Status       vocab.AttemptStatus
	Environment  string
	ChangedAreas []string
	WindowEnd    *time.Time
	WatchUntil   *time.Time
}

// Upgrade is the upgrade it is a try of.
type Upgrade struct {
	ID      vocab.ID
	Title   string
	Kind    vocab.UpgradeKind
	Service string
}

// EarlierAttempt is a try that has ended.
type EarlierAttempt struct {
	ID      vocab.ID
	Upgrade string
	// Same says that it was a try of this upgrade.
	Same      bool
	Number    int
	Status    vocab.AttemptStatus
	StartedAt *time.Time
	EndedAt   *time.Time
	Summary   string
	// NoticedBy says who noticed first that something was wrong, and After how long after the start.
	NoticedBy   vocab.DetectedBy
	NoticedAt   *time.Time
	SharedAreas []string
}

// Assumption is what the attempt, its upgrade, or an earlier attempt rests on.
type Assumption struct {
	ID          vocab.ID
	Statement   string
	Environment string
	Importance  vocab.Importance
	Status      vocab.AssumptionStatus
	Reason      vocab.StatusReason
	Areas       []string
	Owner       string
	FalsifiedIf string
	// DriftPath is where two environments differ, for an assumption made from a difference.
	DriftPath string
}

// Waiver is an accepted decision to go on although something is not proven.
type Waiver struct {
	ID vocab.ID
	// Assumption is the one whose risk is taken; the zero ID stands for everything the gate asks of the attempt.
	Assumption vocab.ID
	Kind       vocab.DecisionKind
	DecidedBy  string
	Rationale  string
	ExpiresAt  *time.Time
}

// Finding is an open finding of an attempt of this upgrade that is attributed to the change.
type Finding struct {
	ID          vocab.ID
	Title       string
	Severity    vocab.Severity
	Attribution vocab.Attribution
	Status      vocab.FindingStatus
	Component   string
	Number      int // of the attempt it was seen on; zero when that is not known
}

// Lesson is an active lesson that matches the attempt.
type Lesson struct {
	ID    vocab.ID
	Title string
	When  string
	Then  string
	Check string
	// Matched are the dimensions that matched, such as "service" and "area sessions".
	Matched  []string
	Response vocab.LessonResponse // empty until answered
	Past     Past
	Stale    bool
}

// Past is what became of a lesson on other attempts.
type Past struct{ Surfaced, Applied, Skipped, Prevented, Recurred int }

// Action is an open follow-up of this upgrade.
type Action struct {
	ID     vocab.ID
	Title  string
	Owner  string
	DueOn  *time.Time
	Status vocab.ActionStatus
}

// Tripwire is a limit of this attempt or of an earlier one.
type Tripwire struct {
	ID         vocab.ID
	Signal     string
	Comparator vocab.Comparator
	Threshold  float64
	Then       vocab.TripwireThen
	Status     vocab.TripwireStatus
	Number     int // of the attempt
	// Extreme is the worst reading there was, nil without readings.
	Extreme *float64
}

// Runbook is a runbook of the service or the areas.
type Runbook struct {
	ID     vocab.ID
	Title  string
	Health vocab.RunbookHealth
	Why    string
}
