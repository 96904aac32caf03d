package assumption

import (
	"cmp"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Claim is what the status of an assumption depends on beside its evidence.
type Claim struct {
	// EnvironmentID is the environment the assumption is about; zero lets evidence from any environment count.
	EnvironmentID int
	// ValidForDays is how long evidence stays fresh, in days of 24 hours; without it, evidence does not age.
	ValidForDays *int
	// AreaChangedAt is when a snapshot last showed a change in one of its areas.
	AreaChangedAt *time.Time
	// RetiredAt is when it was retired.
	RetiredAt *time.Time
}

// Evidence is an observation as far as the status depends on it.
type Evidence struct {
	Result        vocab.EvidenceResult
	EnvironmentID int
	ObservedAt    time.Time
	RecordedAt    time.Time
	// Method is how it was observed; without one, it answers nothing that was observed before.
	Method      string
	WithdrawnAt *time.Time
}

// ClaimOf reads a claim from a row.
func ClaimOf(e *ent.Assumption) Claim {
	c := Claim{ValidForDays: e.ValidForDays, AreaChangedAt: record.UTC(e.AreaChangedAt), RetiredAt: record.UTC(e.RetiredAt)}
	if e.EnvironmentID != nil {
		c.EnvironmentID = *e.EnvironmentID
	}
	return c
}

// EvidenceOf reads evidence from a row.
func EvidenceOf(e *ent.Evidence) Evidence {
	return Evidence{
		Result: e.Result, EnvironmentID: e.EnvironmentID, ObservedAt: e.ObservedAt.UTC(), RecordedAt: e.CreatedAt.UTC(), Method: e.Method,
		WithdrawnAt: record.UTC(e.WithdrawnAt),
	}
}

// Status says what the evidence is worth at the given time. Evidence from another environment, and evidence observed or
// recorded later, counts for nothing. The order of the evidence does not matter.
func Status(claim Claim, evidence []Evidence, at time.Time) (vocab.AssumptionStatus, vocab.StatusReason) {
	return Derive(claim, evidence, at).At(claim.RetiredAt, at)
}

// Standing is the status of an assumption as far as it does not depend on the clock: it moves with the evidence only.
type Standing struct {
	Status vocab.AssumptionStatus
	Reason vocab.StatusReason
	// Until is when a verified assumption expires by the clock; nil when it does not.
	Until *time.Time
}

// At says what the standing has become by the clock.
func (s Standing) At(retired *time.Time, at time.Time) (vocab.AssumptionStatus, vocab.StatusReason) {
	switch {
	case retired != nil && !retired.After(at):
		return vocab.AssumptionStatusRetired, vocab.StatusReasonRetired
	case s.Status == vocab.AssumptionStatusVerified && s.Until != nil && at.After(*s.Until):
		return vocab.AssumptionStatusExpired, vocab.StatusReasonEvidenceTooOld
	}
	return s.Status, s.Reason
}

// Derive weighs the evidence that was known at the given time. The newest decisive evidence rules; support is disputed by
// a contradiction that it does not answer, unless that one had aged out by then.
func Derive(claim Claim, evidence []Evidence, at time.Time) Standing {
	decisive, elsewhere := known(claim, evidence, at)
	if len(decisive) == 0 {
		if elsewhere {
			return Standing{Status: vocab.AssumptionStatusUnverified, Reason: vocab.StatusReasonEvidenceWrongEnvironment}
		}
		return Standing{Status: vocab.AssumptionStatusUnverified, Reason: vocab.StatusReasonNoEvidence}
	}
	newest := decisive[0]
	for _, e := range decisive[1:] {
		if newer(e, newest) {
			newest = e
		}
	}
	if newest.Result == vocab.EvidenceResultContradicts {
		return Standing{Status: vocab.AssumptionStatusFalsified, Reason: vocab.StatusReasonEvidenceContradicts}
	}
	if disputed(claim, decisive, newest) {
		return Standing{Status: vocab.AssumptionStatusDisputed, Reason: vocab.StatusReasonEvidenceConflicts}
	}
	if changed := claim.AreaChangedAt; changed != nil && !changed.After(at) && changed.After(newest.ObservedAt) {
		return Standing{Status: vocab.AssumptionStatusExpired, Reason: vocab.StatusReasonAreaChanged}
	}
	verified := Standing{Status: vocab.AssumptionStatusVerified, Reason: vocab.StatusReasonEvidenceSupports}
	if claim.ValidForDays != nil {
		until := newest.ObservedAt.Add(days(*claim.ValidForDays))
		verified.Until = &until
	}
	return verified
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// known is the decisive evidence that counts, and whether there is evidence that counts for another environment only.
func known(claim Claim, evidence []Evidence, at time.Time) (decisive []Evidence, elsewhere bool) {
	for _, e := range evidence {
		withdrawn := e.WithdrawnAt != nil && !e.WithdrawnAt.After(at)
		if withdrawn || e.ObservedAt.After(at) || e.RecordedAt.After(at) || e.Result == vocab.EvidenceResultInconclusive {
			continue
		}
		if claim.EnvironmentID != 0 && e.EnvironmentID != claim.EnvironmentID {
			elsewhere = true
			continue
		}
		decisive = append(decisive, e)
	}
	return decisive, elsewhere
}

// newer orders evidence by when it was observed; of two observations of one moment the contradiction counts, for safety.
func newer(a, b Evidence) bool {
	return cmp.Or(a.ObservedAt.Compare(b.ObservedAt), contradiction(a)-contradiction(b)) > 0
}

func contradiction(e Evidence) int {
	if e.Result == vocab.EvidenceResultContradicts {
		return 1
	}
	return 0
}

// disputed holds when a contradiction stands against the newest evidence, which supports.
func disputed(claim Claim, decisive []Evidence, newest Evidence) bool {
	for _, against := range decisive {
		if against.Result != vocab.EvidenceResultContradicts || answered(against, decisive) {
			continue
		}
		if claim.ValidForDays == nil || newest.ObservedAt.Sub(against.ObservedAt) <= days(*claim.ValidForDays) {
			return true
		}
	}
	return false
}

// answered holds when the same check in the same environment supports by now: it supersedes what it said before.
func answered(against Evidence, decisive []Evidence) bool {
	for _, e := range decisive {
		if e.Result == vocab.EvidenceResultSupports && e.EnvironmentID == against.EnvironmentID &&
			sameMethod(e.Method, against.Method) && e.ObservedAt.After(against.ObservedAt) {
			return true
		}
	}
	return false
}

func sameMethod(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && strings.EqualFold(a, b)
}
