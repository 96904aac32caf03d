package upgrade

import (
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// upgradeMoves is how an upgrade moves between states; one that was given up may be taken up again.
var upgradeMoves = record.MovesOf(
	"proposed: active abandoned",
	"active: completed abandoned",
	"abandoned: active",
)

// attemptMoves is how an attempt moves between states. An ended attempt never reopens: the next try is the next attempt.
var attemptMoves = record.MovesOf(
	"planned: ready cancelled",
	"ready: in_progress cancelled",
	"in_progress: watching rolled_back aborted",
	"watching: succeeded rolled_back fixed_forward",
)

// decisionMoves is how a decision moves between states; expiry is left to the clock.
var decisionMoves = record.MovesOf(
	"proposed: accepted superseded",
	"accepted: superseded",
)

// tripwireMoves is how a tripwire moves between states by hand; readings trip it and the clock expires it.
var tripwireMoves = record.MovesOf(
	"draft: armed",
	"armed: cleared",
)

// Ended says whether an attempt in this state is over.
func Ended(status vocab.AttemptStatus) bool { return len(attemptMoves[string(status)]) == 0 }

// watchGuards gives what keeps a watched attempt from being called a success at a time.
func watchGuards(watchUntil *time.Time, at time.Time) []fault.Field {
	switch {
	case watchUntil == nil:
		return []fault.Field{{Field: "watch_until", Code: "required", Message: "no watch is planned; set watch_until and watch until then"}}
	case at.Before(*watchUntil):
		return []fault.Field{{Field: "watch_until", Code: "watch_not_over", Message: "the watch lasts until " + watchUntil.UTC().Format(time.RFC3339)}}
	}
	return nil
}

// likeParent is what a record whose visibility was left open takes over from the record above it: a restricted upgrade has
// restricted attempts, unless somebody says otherwise.
func likeParent(own, above record.Knowledge) record.Knowledge {
	own.Visibility = above.Visibility
	if own.Team == "" {
		own.Team = above.Team
	}
	return own
}

// planChanges names what differs between two states of an attempt, apart from what may still be learned after its end: the
// outcome and the users affected, and how the record is filed.
func planChanges(was, is AttemptInput) []fault.Field {
	var changed []fault.Field
	for _, f := range []struct {
		name string
		same bool
	}{
		{"environment_id", is.EnvironmentID == was.EnvironmentID},
		{"strategy", is.Strategy == was.Strategy},
		{"window_start", sameTime(is.WindowStart, was.WindowStart)},
		{"window_end", sameTime(is.WindowEnd, was.WindowEnd)},
		{"watch_until", sameTime(is.WatchUntil, was.WatchUntil)},
		{"release_ref", is.ReleaseRef == was.ReleaseRef},
		{"changed_areas", slices.Equal(is.ChangedAreas, was.ChangedAreas)},
		{"started_at", sameTime(is.StartedAt, was.StartedAt)},
		{"ended_at", sameTime(is.EndedAt, was.EndedAt)},
	} {
		if !f.same {
			changed = append(changed, fault.Field{Field: f.name, Code: "attempt_ended", Message: "cannot be changed once the attempt has ended"})
		}
	}
	return changed
}

func sameTime(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// DecisionStatus is the status of a decision at a time: an accepted one whose expiry has passed is expired.
func DecisionStatus(stored vocab.DecisionStatus, expiresAt *time.Time, at time.Time) vocab.DecisionStatus {
	if stored == vocab.DecisionStatusAccepted && expiresAt != nil && !at.Before(*expiresAt) {
		return vocab.DecisionStatusExpired
	}
	return stored
}

// expiredGuard gives what keeps a decision from being accepted at a time.
func expiredGuard(expiresAt *time.Time, at time.Time) []fault.Field {
	if expiresAt == nil || at.Before(*expiresAt) {
		return nil
	}
	return []fault.Field{{Field: "expires_at", Code: "expired", Message: "it stopped to hold at " + expiresAt.UTC().Format(time.RFC3339)}}
}

// TripwireStatus is the status of a tripwire at a time: an armed one whose deadline has passed is expired.
func TripwireStatus(stored vocab.TripwireStatus, deadline *time.Time, at time.Time) vocab.TripwireStatus {
	if stored == vocab.TripwireStatusArmed && deadline != nil && !at.Before(*deadline) {
		return vocab.TripwireStatusExpired
	}
	return stored
}

// Reading is a measured value.
type Reading struct {
	At    time.Time
	Value float64
}

// Limit is what a reading is held against.
type Limit struct {
	Comparator vocab.Comparator
	Threshold  float64
	ForMinutes int
	// Deadline ends the watch: readings at or after it do not count.
	Deadline *time.Time
}

// Crossed says whether a value is on the wrong side of the limit.
func (l Limit) Crossed(value float64) bool {
	switch l.Comparator {
	case vocab.ComparatorGt:
		return value > l.Threshold
	case vocab.ComparatorGte:
		return value >= l.Threshold
	case vocab.ComparatorLt:
		return value < l.Threshold
	}
	return value <= l.Threshold
}

// Trip says when readings trip a wire: at the first reading that ends a run of crossing readings at least ForMinutes long,
// without one in between that does not cross. The order in which readings arrived does not matter: of two at one time, the
// one that does not cross counts as the earlier.
func Trip(l Limit, readings []Reading) (at time.Time, tripped bool) {
	ordered := slices.Clone(readings)
	slices.SortFunc(ordered, func(a, b Reading) int {
		if order := a.At.Compare(b.At); order != 0 || l.Crossed(a.Value) == l.Crossed(b.Value) {
			return order
		}
		if l.Crossed(b.Value) {
			return -1
		}
		return 1
	})
	var since *time.Time
	for _, r := range ordered {
		if l.Deadline != nil && !r.At.Before(*l.Deadline) {
			break
		}
		if !l.Crossed(r.Value) {
			since = nil
			continue
		}
		if since == nil {
			since = &r.At
		}
		if r.At.Sub(*since) >= time.Duration(l.ForMinutes)*time.Minute {
			return r.At, true
		}
	}
	return time.Time{}, false
}
