package brief

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Reason is one thing that keeps the gate shut, or that a waiver lets pass.
type Reason struct {
	// Names the rule.
	Code vocab.GateCode `json:"code" example:"assumption_unverified"`
	// The record it is about.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"ASM-1"`
	// How much rests on it.
	Importance vocab.Importance `json:"importance" example:"blocking"`
	// What is missing.
	Why string `json:"why" example:"\"PROD and DEV behave the same for sessions\" has no evidence from PROD" maxLength:"2000"`
	// What to do about it.
	Next string `json:"next" example:"record evidence observed in PROD" maxLength:"2000"`
	// Why an assumption has its status.
	StatusReason vocab.StatusReason `json:"status_reason,omitempty" example:"no_evidence"`
	// The decision that lets it pass.
	WaivedBy *vocab.ID `json:"waived_by,omitempty" swaggertype:"string" example:"DEC-1"`
}

// GateCounts says how many things were looked at and how they stood.
type GateCounts struct {
	Assumptions int `json:"assumptions" example:"4" minimum:"0"`
	Lessons     int `json:"lessons" example:"2" minimum:"0"`
	Tripwires   int `json:"tripwires" example:"1" minimum:"0"`
	Findings    int `json:"findings" example:"3" minimum:"0"`
	Actions     int `json:"actions" example:"1" minimum:"0"`
	// Reasons that keep the gate shut.
	Unmet int `json:"unmet" example:"1" minimum:"0"`
	// Reasons that a waiver or risk acceptance lets pass.
	Waived int `json:"waived" example:"0" minimum:"0"`
}

// Verdict is the gate's answer.
type Verdict struct {
	Decision    vocab.GateDecision `json:"decision" example:"fail"`
	Reasons     []Reason           `json:"reasons" maxItems:"1000"`
	BriefHash   string             `json:"brief_hash" example:"0a1b2c" maxLength:"64"`
	EvaluatedAt time.Time          `json:"evaluated_at" format:"date-time"`
	Counts      GateCounts         `json:"counts"`
}

// Evaluate says whether the attempt may go, by the rules of the contract ("Gate" under "Computed rules"). Reasons come in a
// fixed order: unmet before waived, then by rule, then by the words of the records.
func Evaluate(f Facts) Verdict {
	reasons := []Reason{} // a list even when empty
	for _, rule := range []func(Facts) []Reason{assumptionReasons, lessonReasons, tripwireReasons, watchReasons, actionReasons, findingReasons} {
		reasons = append(reasons, rule(f)...)
	}
	v := Verdict{
		EvaluatedAt: f.At, Reasons: waive(f, reasons), BriefHash: Compose(f).Hash,
		Counts: GateCounts{
			Assumptions: len(f.Assumptions), Lessons: len(f.Lessons), Tripwires: len(f.Tripwires), Findings: len(f.Findings), Actions: len(f.Actions),
		},
	}
	for _, r := range v.Reasons {
		if r.WaivedBy != nil {
			v.Counts.Waived++
		} else {
			v.Counts.Unmet++
		}
	}
	v.Decision = decide(v.Counts)
	slices.SortStableFunc(v.Reasons, func(a, b Reason) int {
		return cmp.Or(compareBool(a.WaivedBy != nil, b.WaivedBy != nil), cmp.Compare(vocab.Rank(a.Code), vocab.Rank(b.Code)), cmp.Compare(a.Why, b.Why))
	})
	return v
}

func decide(c GateCounts) vocab.GateDecision {
	switch {
	case c.Unmet > 0:
		return vocab.GateDecisionFail
	case c.Waived > 0:
		return vocab.GateDecisionPassWithWaiver
	}
	return vocab.GateDecisionPass
}

// waive marks the reasons that a decision lets pass: one about their assumption, or a waiver of the whole attempt. A waiver
// that has expired lets nothing pass. Risk acceptance covers assumptions only.
func waive(f Facts, reasons []Reason) []Reason {
	for i, r := range reasons {
		for _, w := range f.Waivers {
			if w.ExpiresAt != nil && !f.At.Before(*w.ExpiresAt) {
				continue
			}
			whole := w.Assumption.IsZero() && w.Kind == vocab.DecisionKindWaiver
			if whole || (!w.Assumption.IsZero() && w.Assumption == r.Ref) {
				reasons[i].WaivedBy = &w.ID
				break
			}
		}
	}
	return reasons
}

var assumptionCodes = map[vocab.AssumptionStatus]vocab.GateCode{
	vocab.AssumptionStatusUnverified: vocab.GateCodeAssumptionUnverified,
	vocab.AssumptionStatusExpired:    vocab.GateCodeAssumptionExpired,
	vocab.AssumptionStatusFalsified:  vocab.GateCodeAssumptionFalsified,
	vocab.AssumptionStatusDisputed:   vocab.GateCodeAssumptionDisputed,
}

func assumptionReasons(f Facts) []Reason {
	var reasons []Reason
	for _, a := range f.Assumptions {
		code, unproven := assumptionCodes[a.Status]
		if !unproven || a.Importance != vocab.ImportanceBlocking {
			continue
		}
		reasons = append(reasons, Reason{
			Code: code, Ref: a.ID, Importance: a.Importance, StatusReason: a.Reason,
			Why: fmt.Sprintf("%q %s", a.Statement, standing(a)), Next: nextFor(a),
		})
	}
	return reasons
}

// standing says in words why an assumption is not verified.
func standing(a Assumption) string {
	where := environmentWords(a)
	switch a.Reason {
	case vocab.StatusReasonNoEvidence:
		return "has no evidence" + where
	case vocab.StatusReasonEvidenceWrongEnvironment:
		return "has evidence from other environments only, none" + where
	case vocab.StatusReasonEvidenceContradicts:
		return "is contradicted by the newest evidence" + where
	case vocab.StatusReasonEvidenceConflicts:
		return "has fresh evidence for and against it" + where
	case vocab.StatusReasonEvidenceTooOld:
		return "has only evidence that is too old" + where
	case vocab.StatusReasonAreaChanged:
		return "was verified before one of its areas changed" + where
	}
	return "is " + string(a.Status)
}

func environmentWords(a Assumption) string {
	if a.Environment == "" {
		return ""
	}
	return " from " + a.Environment
}

func nextFor(a Assumption) string {
	observe := "record evidence observed" + cmp.Or(inEnvironment(a), " where the attempt will run")
	if a.Status == vocab.AssumptionStatusFalsified {
		observe = "remove the cause and " + observe + ", or restate the assumption"
	}
	if a.FalsifiedIf != "" {
		observe += " (it is wrong if " + a.FalsifiedIf + ")"
	}
	return observe + "; or have somebody else accept the risk with an expiry"
}

func inEnvironment(a Assumption) string {
	if a.Environment == "" {
		return ""
	}
	return " in " + a.Environment
}

func lessonReasons(f Facts) []Reason {
	var reasons []Reason
	for _, l := range f.Lessons {
		if l.Response == "" {
			reasons = append(reasons, Reason{
				Code: vocab.GateCodeLessonUnanswered, Ref: l.ID, Importance: vocab.ImportanceBlocking,
				Why: fmt.Sprintf("the lesson %q matches and has no answer", l.Title), Next: "answer it: applied, skipped with a reason, or not applicable with a reason",
			})
		}
	}
	return reasons
}

func tripwireReasons(f Facts) []Reason {
	armed := slices.ContainsFunc(f.Tripwires, func(t Tripwire) bool { return t.Status == vocab.TripwireStatusArmed })
	if armed || !needsTripwire(f.Upgrade.Kind) {
		return nil
	}
	return []Reason{{
		Code: vocab.GateCodeTripwireMissing, Ref: f.Attempt.ID, Importance: vocab.ImportanceBlocking,
		Why:  fmt.Sprintf("no tripwire is armed, and an upgrade of kind %s needs one", f.Upgrade.Kind),
		Next: "agree on a signal, a limit and what happens when it is crossed, and arm it",
	}}
}

func watchReasons(f Facts) []Reason {
	reason := Reason{Code: vocab.GateCodeWatchTooShort, Ref: f.Attempt.ID, Importance: vocab.ImportanceBlocking}
	switch a := f.Attempt; {
	case a.WindowEnd == nil:
		reason.Why, reason.Next = "no window is planned, so nobody can tell how long to watch", "set window_end and watch_until"
	case a.WatchUntil == nil:
		peak := NextPeak(*a.WindowEnd, f.Zone)
		reason.Why = "no watch is planned, and the first business day after the change peaks at " + clock(peak, f.Zone)
		reason.Next = "set watch_until to " + peak.Format(time.RFC3339) + " or later"
	case a.WatchUntil.Before(NextPeak(*a.WindowEnd, f.Zone)):
		peak := NextPeak(*a.WindowEnd, f.Zone)
		reason.Why = "the watch ends " + clock(*a.WatchUntil, f.Zone) + ", before the first business day after the change peaks at " + clock(peak, f.Zone)
		reason.Next = "move watch_until to " + peak.Format(time.RFC3339) + " or later"
	default:
		return nil
	}
	return []Reason{reason}
}

// clock writes a time as people say it, in the zone of the business.
func clock(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("Monday 2 January 15:04 MST")
}

func actionReasons(f Facts) []Reason {
	var reasons []Reason
	for _, a := range f.Actions {
		if overdue(a, f.At) {
			reasons = append(reasons, Reason{
				Code: vocab.GateCodeActionOverdue, Ref: a.ID, Importance: vocab.ImportanceMajor,
				Why:  fmt.Sprintf("%q was due on %s and is %s", a.Title, a.DueOn.Format(time.DateOnly), a.Status),
				Next: "finish it, or agree on another day with " + a.Owner,
			})
		}
	}
	return reasons
}

// overdue holds from the day after the one it is due on, in UTC.
func overdue(a Action, at time.Time) bool {
	return a.DueOn != nil && !at.Before(a.DueOn.UTC().Truncate(24*time.Hour).Add(24*time.Hour))
}

func findingReasons(f Facts) []Reason {
	var reasons []Reason
	for _, x := range f.Findings {
		if vocab.Rank(x.Severity) > vocab.Rank(vocab.SeverityHigh) {
			continue
		}
		reasons = append(reasons, Reason{
			Code: vocab.GateCodeFindingOpen, Ref: x.ID, Importance: vocab.ImportanceBlocking,
			Why:  fmt.Sprintf("the %s finding %q, %s, is %s", x.Severity, x.Title, attributionWords(x.Attribution), x.Status),
			Next: "resolve it, or attribute it anew if it was there before",
		})
	}
	return reasons
}

func attributionWords(a vocab.Attribution) string {
	if a == vocab.AttributionCausedByChange {
		return "caused by the change"
	}
	return "exposed by the change"
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
