package lesson

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The dimensions of a scope.
const (
	dimensionKind    = "kind"
	dimensionService = "service"
	dimensionArea    = "area"
	dimensionTag     = "tag"
	// dimensionLearnedOn takes the place of all others for a lesson that names none.
	dimensionLearnedOn = "learned_on"
)

// Scope is one value of a dimension, in the form that is compared.
type Scope struct{ Dimension, Value string }

// String is the scope for people, such as "kind framework" or "service SVC-1".
func (s Scope) String() string {
	switch s.Dimension {
	case dimensionService:
		return "service " + vocab.Service.Prefix + "-" + s.Value
	case dimensionLearnedOn:
		return "learned on " + vocab.Service.Prefix + "-" + s.Value
	}
	return s.Dimension + " " + s.Value
}

// Scopes are the values that a lesson applies to, sorted. A lesson that names none applies to the services, by number, that
// it was learned on.
func Scopes(a vocab.AppliesTo, learnedOn []int) []Scope {
	var all []Scope
	for _, kind := range a.Kinds {
		all = append(all, Scope{dimensionKind, string(kind)})
	}
	for _, id := range a.ServiceIDs {
		all = append(all, Scope{dimensionService, strconv.Itoa(id.N)})
	}
	all = append(all, texts(dimensionArea, a.Areas)...)
	all = append(all, texts(dimensionTag, a.Tags)...)
	if len(all) == 0 {
		for _, n := range learnedOn {
			all = append(all, Scope{dimensionLearnedOn, strconv.Itoa(n)})
		}
	}
	slices.SortFunc(all, func(a, b Scope) int { return strings.Compare(a.Dimension+"\x00"+a.Value, b.Dimension+"\x00"+b.Value) })
	return slices.Compact(all)
}

// Traits are the values that an attempt has in each dimension.
func Traits(attempt *ent.Attempt, upgrade *ent.Upgrade) []Scope {
	service := strconv.Itoa(upgrade.ServiceID)
	traits := []Scope{{dimensionKind, string(upgrade.Kind)}, {dimensionService, service}, {dimensionLearnedOn, service}}
	traits = append(traits, texts(dimensionArea, attempt.ChangedAreas)...)
	return append(traits, texts(dimensionTag, slices.Concat(upgrade.Tags, attempt.Tags))...)
}

// Matches holds when every dimension that the scopes name shares at least one value with the traits; no scope matches
// nothing. Shared are the values in common.
func Matches(scopes, traits []Scope) (shared []Scope, ok bool) {
	named, met := map[string]bool{}, map[string]bool{}
	for _, scope := range scopes {
		named[scope.Dimension] = true
		if slices.Contains(traits, scope) {
			met[scope.Dimension] = true
			shared = append(shared, scope)
		}
	}
	return shared, len(named) > 0 && len(named) == len(met)
}

// texts are scopes of free texts, of which case and surrounding spaces do not count.
func texts(dimension string, values []string) []Scope {
	all := make([]Scope, len(values))
	for i, value := range values {
		all[i] = Scope{dimension, fold(value)}
	}
	return all
}

func fold(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

func checkAppliesTo(c *fault.Check, a vocab.AppliesTo) {
	if len(a.Kinds) > len(vocab.UpgradeKind("").Values()) {
		c.Add("applies_to.kinds", "too_long", "names more kinds than there are")
		return
	}
	for i, kind := range a.Kinds {
		fault.RequiredChoice(c, fmt.Sprintf("applies_to.kinds[%d]", i), kind)
	}
	c.RefList("applies_to.service_ids", a.ServiceIDs, vocab.Service)
	c.List("applies_to.areas", a.Areas)
	c.List("applies_to.tags", a.Tags)
}

// Counts say how often a lesson was shown and what came of it.
type Counts struct {
	// On how many attempts it was shown.
	Surfaced int `json:"surfaced" example:"4" minimum:"0"`
	// On how many of them it was applied.
	Applied int `json:"applied" example:"2" minimum:"0"`
	// On how many it was left out with a reason.
	Skipped int `json:"skipped" example:"1" minimum:"0"`
	// On how many it was not applicable.
	NotApplicable int `json:"not_applicable" example:"0" minimum:"0"`
	// On how many it was not answered.
	Unanswered int `json:"unanswered" example:"1" minimum:"0"`
	// On how many of those where it was applied it prevented what it is about.
	Prevented int `json:"prevented" example:"2" minimum:"0"`
	// On how many of those where it was applied it made no difference.
	NoEffect int `json:"no_effect" example:"0" minimum:"0"`
	// On how many attempts what it is about came back, applied or not.
	Recurred int `json:"recurred" example:"0" minimum:"0"`
	// On how many of those where it was applied it came back all the same.
	RecurredThough int `json:"recurred_although_applied" example:"0" minimum:"0"`
}

// Application is an answer as far as the effectiveness of the lesson depends on it.
type Application struct {
	Response vocab.LessonResponse
	Outcome  vocab.LessonOutcome
}

// Effectiveness counts what became of a lesson and says what that makes of it. Only where it was applied can it have worked:
// effective when it prevented more often than it failed, ineffective when it did not, ignored when it was shown and never
// applied although somebody could have, untested as long as nothing can be said.
func Effectiveness(applications []Application) (Counts, vocab.LessonVerdict) {
	var c Counts
	for _, a := range applications {
		c.Surfaced++
		applied := a.Response == vocab.LessonResponseApplied
		switch a.Response {
		case vocab.LessonResponseApplied:
			c.Applied++
		case vocab.LessonResponseSkipped:
			c.Skipped++
		case vocab.LessonResponseNotApplicable:
			c.NotApplicable++
		default:
			c.Unanswered++
		}
		switch {
		case a.Outcome == vocab.LessonOutcomeRecurred && applied:
			c.Recurred++
			c.RecurredThough++
		case a.Outcome == vocab.LessonOutcomeRecurred:
			c.Recurred++
		case a.Outcome == vocab.LessonOutcomePrevented && applied:
			c.Prevented++
		case a.Outcome == vocab.LessonOutcomeNoEffect && applied:
			c.NoEffect++
		}
	}
	return c, verdict(c)
}

func verdict(c Counts) vocab.LessonVerdict {
	failed := c.NoEffect + c.RecurredThough
	switch {
	case c.Prevented > failed:
		return vocab.LessonVerdictEffective
	case failed > 0:
		return vocab.LessonVerdictIneffective
	case c.Applied == 0 && c.Skipped > 0:
		return vocab.LessonVerdictIgnored
	}
	return vocab.LessonVerdictUntested
}
