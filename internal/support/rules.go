// Package support gathers what a team needs at the moment it decides whether to roll back or to patch: which limits were crossed,
// how much time is left, how long rollbacks took, what speaks for a patch, and how earlier decisions of the kind went. What was
// spent so far is shown apart, since it is no reason. It decides nothing and writes nothing.
package support

import (
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DecisionSupport is what is known when somebody has to decide.
type DecisionSupport struct {
	// The attempt to decide about.
	Attempt vocab.ID `json:"attempt" swaggertype:"string" example:"ATT-2"`
	// The moment it is true for.
	AsOf time.Time `json:"as_of" format:"date-time" example:"2026-03-09T17:30:00Z"`
	// The tripwires that tripped, in the order they did.
	Tripped []TrippedWire `json:"tripped" maxItems:"200"`
	// Seconds to the nearest deadline of an armed tripwire or end of the watch; null when none lies ahead.
	TimeLeft *int64 `json:"time_left" extensions:"x-nullable" example:"1800" minimum:"0"`
	// What that time ends with; null when nothing lies ahead.
	NextLimit *NextLimit `json:"next_limit" extensions:"x-nullable"`
	// How long earlier rollbacks of this upgrade took; null when none is known.
	Reversibility *Reversibility `json:"reversibility" extensions:"x-nullable"`
	// What speaks for a patch: what was seen elsewhere and what was resolved since the attempt began.
	PatchEvidence PatchEvidence `json:"patch_evidence"`
	// Earlier decisions of this kind on similar upgrades, the latest first, with how their attempts ended.
	EarlierDecisions []EarlierDecision `json:"earlier_decisions" maxItems:"20"`
	// What was spent on the upgrade so far, apart from all reasons.
	SunkEffort SunkEffort `json:"sunk_effort"`
}

// TrippedWire is a limit agreed beforehand that was crossed.
type TrippedWire struct {
	// The tripwire.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"TRP-1"`
	// What is measured.
	Signal string `json:"signal" example:"Database processes" maxLength:"200"`
	// How a reading is compared with the limit.
	Comparator vocab.Comparator `json:"comparator" example:"gt"`
	// The limit, in the unit of the signal.
	Threshold float64 `json:"threshold" example:"200"`
	// What was agreed to happen.
	Then vocab.TripwireThen `json:"then" example:"rollback"`
	// Who agreed, by role.
	AgreedBy string `json:"agreed_by" example:"tech lead and database team" maxLength:"200"`
	// When it tripped.
	TrippedAt time.Time `json:"tripped_at" format:"date-time" example:"2026-03-09T14:05:00Z"`
}

// NextLimit is the nearest moment at which something agreed comes to its end.
type NextLimit struct {
	// When.
	At time.Time `json:"at" format:"date-time" example:"2026-03-09T18:00:00Z"`
	// The tripwire whose deadline it is, or the attempt whose watch ends.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"TRP-1"`
}

// nextLimit is the nearest of the limits that lies ahead of now, with the seconds until then; nil when none does.
func nextLimit(limits []NextLimit, now time.Time) (*NextLimit, *int64) {
	ahead := slices.DeleteFunc(slices.Clone(limits), func(l NextLimit) bool { return !l.At.After(now) })
	if len(ahead) == 0 {
		return nil, nil
	}
	nearest := slices.MinFunc(ahead, func(a, b NextLimit) int { return a.At.Compare(b.At) })
	seconds := int64(nearest.At.Sub(now) / time.Second)
	return &nearest, &seconds
}

// Rollback is how long one earlier rollback took.
type Rollback struct {
	// The attempt that was rolled back.
	Attempt vocab.ID `json:"attempt" swaggertype:"string" example:"ATT-1"`
	// The decision to do so.
	Decision vocab.ID `json:"decision" swaggertype:"string" example:"DEC-1"`
	// Seconds from the decision until it was done.
	Seconds int64 `json:"seconds" example:"1200" minimum:"0"`
}

// Reversibility says how long it took to go back before.
type Reversibility struct {
	// Seconds that the middle one of them took; of an even number, the longer of the two in the middle.
	MedianSeconds int64 `json:"median_seconds" example:"1200" minimum:"0"`
	// Seconds that the longest of them took.
	LongestSeconds int64 `json:"longest_seconds" example:"1200" minimum:"0"`
	// Each of them, the latest first.
	Rollbacks []Rollback `json:"rollbacks" maxItems:"200"`
}

// Ended is an earlier attempt that was rolled back.
type Ended struct {
	AttemptID int
	EndedAt   time.Time
}

// Decided is a decision made on an attempt.
type Decided struct {
	ID, AttemptID int
	At            time.Time
}

// reversibility measures each rollback from the last decision made on its attempt before it was done. Those without one are
// unknown; nil when all are.
func reversibility(ended []Ended, decided []Decided) *Reversibility {
	var r Reversibility
	var took []int64
	for _, e := range ended {
		var last *Decided
		for _, d := range decided {
			if d.AttemptID == e.AttemptID && !d.At.After(e.EndedAt) && (last == nil || d.At.After(last.At)) {
				last = &d
			}
		}
		if last == nil {
			continue
		}
		seconds := int64(e.EndedAt.Sub(last.At) / time.Second)
		took = append(took, seconds)
		r.Rollbacks = append(r.Rollbacks, Rollback{vocab.Attempt.ID(e.AttemptID), vocab.Decision.ID(last.ID), seconds})
	}
	if len(took) == 0 {
		return nil
	}
	slices.Sort(took)
	r.MedianSeconds, r.LongestSeconds = took[len(took)/2], took[len(took)-1]
	return &r
}

// PatchEvidence is what was learned elsewhere since the attempt began.
type PatchEvidence struct {
	// Evidence on what the attempt takes for granted, observed in other environments.
	Evidence []Observation `json:"evidence" maxItems:"200"`
	// Findings of the attempt that were resolved.
	Resolved []ResolvedFinding `json:"resolved" maxItems:"200"`
}

// Observation is evidence from elsewhere.
type Observation struct {
	// The evidence.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"EVD-3"`
	// The assumption it is about.
	Assumption vocab.ID `json:"assumption" swaggertype:"string" example:"ASM-1"`
	// Where it was observed.
	Environment vocab.ID `json:"environment" swaggertype:"string" example:"ENV-2"`
	// What it does to the assumption there.
	Result vocab.EvidenceResult `json:"result" example:"supports"`
	// What was seen.
	Summary string `json:"summary" example:"The patch holds in the sandbox" maxLength:"100000"`
	// When.
	ObservedAt time.Time `json:"observed_at" format:"date-time" example:"2026-03-09T17:10:00Z"`
}

// ResolvedFinding is a finding that was resolved.
type ResolvedFinding struct {
	// The finding.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"FND-4"`
	// What was seen.
	Title string `json:"title" example:"Sessions expire early" maxLength:"200"`
	// The impact.
	Severity vocab.Severity `json:"severity" example:"high"`
	// When it was resolved last.
	ResolvedAt time.Time `json:"resolved_at" format:"date-time" example:"2026-03-09T17:20:00Z"`
}

// EarlierDecision is a decision between rollback and patch made before.
type EarlierDecision struct {
	// The decision.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"DEC-1"`
	// The attempt it was made on.
	Attempt vocab.ID `json:"attempt" swaggertype:"string" example:"ATT-1"`
	// What had to be decided.
	Question string `json:"question" example:"Patch in place or revert?" maxLength:"100000"`
	// The choice made.
	Chosen string `json:"chosen" example:"Revert to the old version" maxLength:"200"`
	// What spoke against it.
	Dissent string `json:"dissent,omitempty" example:"Director of engineering: the patch was tested." maxLength:"100000"`
	// When.
	DecidedAt time.Time `json:"decided_at" format:"date-time" example:"2026-03-09T18:00:00Z"`
	// What became of the attempt.
	Outcome vocab.AttemptStatus `json:"outcome" example:"rolled_back"`
	// How its attempt ended, in words.
	OutcomeSummary string `json:"outcome_summary,omitempty" example:"Reverted after four hours." maxLength:"100000"`
	// Why it is shown.
	Why string `json:"why" example:"same upgrade" maxLength:"60"`
}

// likeness says what two upgrades have in common.
func likeness(sameUpgrade, sameService, sameKind bool) string {
	switch {
	case sameUpgrade:
		return "same upgrade"
	case sameService && sameKind:
		return "same service and kind"
	case sameService:
		return "same service"
	}
	return "same kind"
}

// sunkNote goes with every sum of what was spent.
const sunkNote = "What was spent is spent either way, and no reason for either choice."

// SunkEffort is what was spent on the upgrade so far.
type SunkEffort struct {
	// Hours spent on the upgrade and all its attempts.
	Hours float64 `json:"hours" example:"210"`
	// Those of them that were spent on this attempt.
	HoursOnAttempt float64 `json:"hours_on_attempt" example:"64"`
	// The hours by the part of the work.
	ByPhase map[string]float64 `json:"by_phase"`
	// The hours by role.
	ByRole map[string]float64 `json:"by_role"`
	// Why it stands apart.
	Note string `json:"note" example:"What was spent is spent either way, and no reason for either choice." maxLength:"200"`
}

// Spent is an entry of effort.
type Spent struct {
	Hours     float64
	Phase     vocab.EffortPhase
	Role      string
	OnAttempt bool
}

// sunk adds up what was spent.
func sunk(entries []Spent) SunkEffort {
	sum := SunkEffort{ByPhase: map[string]float64{}, ByRole: map[string]float64{}, Note: sunkNote}
	for _, e := range entries {
		sum.Hours += e.Hours
		if e.OnAttempt {
			sum.HoursOnAttempt += e.Hours
		}
		sum.ByPhase[string(e.Phase)] += e.Hours
		sum.ByRole[e.Role] += e.Hours
	}
	return sum
}
