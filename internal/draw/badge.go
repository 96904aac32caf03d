package draw

import (
	"context"
	"slices"
	"strconv"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The badges there are.
const (
	BadgeAttemptStatus    = "attempt_status"
	BadgeGate             = "gate"
	BadgeAssumptionStatus = "assumption_status"
	BadgeOpenFindings     = "open_findings"
)

// Badges lists the names of badges.
func Badges() []string {
	return []string{BadgeAttemptStatus, BadgeGate, BadgeAssumptionStatus, BadgeOpenFindings}
}

// BadgesOf lists the badges that a kind of record has.
func BadgesOf(kind vocab.Kind) []string {
	return slices.DeleteFunc(Badges(), func(name string) bool { return !slices.Contains(badgeKinds(name), kind) })
}

// badgeKinds are the kinds of record that a badge can be about.
func badgeKinds(name string) []vocab.Kind {
	switch name {
	case BadgeAttemptStatus, BadgeGate:
		return []vocab.Kind{vocab.Attempt, vocab.Upgrade}
	case BadgeAssumptionStatus:
		return []vocab.Kind{vocab.Assumption}
	case BadgeOpenFindings:
		return []vocab.Kind{vocab.Attempt, vocab.Upgrade, vocab.Incident, vocab.Service}
	}
	return nil
}

// StatusBadgeOf is the badge that shows nothing but the status of a kind of record, or "".
func StatusBadgeOf(kind vocab.Kind) string {
	switch kind {
	case vocab.Attempt:
		return BadgeAttemptStatus
	case vocab.Assumption:
		return BadgeAssumptionStatus
	}
	return ""
}

// BadgePart is the part of a card that a badge shows, so that a grant narrowed to some parts shows no other by a badge.
func BadgePart(name string, kind vocab.Kind) string {
	if name == StatusBadgeOf(kind) {
		return "status"
	}
	return name
}

// Badge draws a badge of a record: of an upgrade, that of its newest attempt. The answer is false for a record that has no such
// badge. It is NotFound when there is no record that the actor may know of.
func (s *Service) Badge(ctx context.Context, id vocab.ID, name string) (card.Badge, bool, error) {
	if !slices.Contains(badgeKinds(name), id.Kind()) {
		return card.Badge{}, false, nil
	}
	if name == BadgeOpenFindings {
		return s.openFindings(ctx, id)
	}
	if id.Is(vocab.Assumption) {
		e, err := s.of.Assumptions.Get(ctx, id.N)
		if err != nil {
			return card.Badge{}, false, err
		}
		status, _ := s.of.Assumptions.StatusOf(e)
		return card.NewBadge("assumption", string(status), AssumptionTone(status)), true, nil
	}
	if id.Is(vocab.Upgrade) {
		page, err := s.of.Attempts.List(ctx, record.ListQuery{Filters: map[string][]string{"upgrade_id": {id.String()}}, Sort: "-id", Limit: 1})
		if err != nil {
			return card.Badge{}, false, err
		}
		if len(page.Items) == 0 {
			return card.NewBadge(badgeLabel(name), "no attempt", card.Neutral), true, nil
		}
		id = vocab.Attempt.ID(page.Items[0].ID)
	}
	return s.attemptBadge(ctx, id, name)
}

func badgeLabel(name string) string {
	if name == BadgeAttemptStatus {
		return "attempt"
	}
	return name
}

// asking is a context whose actor may look at the gate: its decision is shown and none of its reasons.
func asking(ctx context.Context) context.Context {
	actor := auth.From(ctx)
	actor.Scopes = append(slices.Clone(actor.Scopes), vocab.ScopeGate)
	return auth.With(ctx, actor)
}

func (s *Service) attemptBadge(ctx context.Context, id vocab.ID, name string) (card.Badge, bool, error) {
	if name == BadgeGate {
		verdict, err := s.of.Briefs.Look(asking(ctx), id.N, s.now())
		if err != nil {
			return card.Badge{}, false, err
		}
		tones := map[vocab.GateDecision]card.Tone{vocab.GateDecisionPass: card.Good, vocab.GateDecisionPassWithWaiver: card.Warn, vocab.GateDecisionFail: card.Bad}
		return card.NewBadge("gate", string(verdict.Decision), tones[verdict.Decision]), true, nil
	}
	e, err := s.of.Attempts.Get(ctx, id.N)
	if err != nil {
		return card.Badge{}, false, err
	}
	return card.NewBadge("attempt", string(e.Status), AttemptTone(e.Status)), true, nil
}

// openStates are the states of findings that are still to be dealt with.
var openStates = []string{string(vocab.FindingStatusReported), string(vocab.FindingStatusTriaged), string(vocab.FindingStatusConfirmed)}

// maxAttempts is how many attempts of an upgrade have their findings counted: the newest.
const maxAttempts = 50

func (s *Service) openFindings(ctx context.Context, id vocab.ID) (card.Badge, bool, error) {
	if _, err := s.read(ctx, id); err != nil {
		return card.Badge{}, false, err
	}
	filters := map[string][]string{"status": openStates, id.Kind().Name + "_id": {id.String()}}
	if id.Is(vocab.Upgrade) {
		delete(filters, "upgrade_id")
		page, err := s.of.Attempts.List(ctx, record.ListQuery{Filters: map[string][]string{"upgrade_id": {id.String()}}, Sort: "-id", Limit: maxAttempts})
		if err != nil {
			return card.Badge{}, false, err
		}
		for _, a := range page.Items {
			filters["attempt_id"] = append(filters["attempt_id"], vocab.Attempt.ID(a.ID).String())
		}
		if len(page.Items) == 0 {
			return card.NewBadge("open findings", "0", card.Good), true, nil
		}
	}
	page, err := s.of.Findings.List(ctx, record.ListQuery{Filters: filters, Limit: record.MaxLimit})
	if err != nil {
		return card.Badge{}, false, err
	}
	tone, message := card.Good, strconv.Itoa(len(page.Items))
	for _, f := range page.Items {
		tone = card.Warn
		if f.Severity == vocab.SeverityCritical || f.Severity == vocab.SeverityHigh {
			tone = card.Bad
			break
		}
	}
	if page.Next != "" {
		message += "+"
	}
	return card.NewBadge("open findings", message, tone), true, nil
}
