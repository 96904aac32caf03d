package support

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/decision"
	"github.com/hindcast-kb/hindcast/ent/effortentry"
	"github.com/hindcast-kb/hindcast/ent/evidence"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/transition"
	"github.com/hindcast-kb/hindcast/ent/tripwire"
	"github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Limits of what is shown; the latest come first.
const (
	maxShown   = 200
	maxEarlier = 20
)

// Service gathers what helps to decide.
type Service struct {
	store *store.Store
	now   func() time.Time
}

// New gathers from s.
func New(s *store.Store, now func() time.Time) *Service { return &Service{s, now} }

// For gathers what is known about an attempt now, as far as the actor may know of it. It is NotFound for an attempt that the actor
// may not know of. The number of queries does not depend on how much there is.
func (s *Service) For(ctx context.Context, attemptID int) (*DecisionSupport, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return nil, err
	}
	c := s.store.Client(ctx)
	if err := record.MustKnow(ctx, c, s.store.Dialect(), vocab.Attempt.ID(attemptID)); err != nil {
		return nil, err
	}
	subject, err := c.Attempt.Query().Where(attempt.ID(attemptID)).WithUpgrade().Only(ctx)
	if err != nil {
		return nil, s.store.Fault(err)
	}
	g := gathering{
		c: c, seen: record.ByTeam(auth.From(ctx)), now: s.now().UTC(), attempt: subject,
		answer: &DecisionSupport{Attempt: vocab.Attempt.ID(attemptID), Tripped: []TrippedWire{}, EarlierDecisions: []EarlierDecision{}},
	}
	g.answer.AsOf = g.now
	g.answer.PatchEvidence = PatchEvidence{Evidence: []Observation{}, Resolved: []ResolvedFinding{}}
	for _, read := range []func(context.Context) error{g.wires, g.rollbacks, g.elsewhere, g.resolved, g.earlier, g.effort} {
		if err := read(ctx); err != nil {
			return nil, s.store.Fault(err)
		}
	}
	return g.answer, nil
}

type gathering struct {
	c       *ent.Client
	seen    func(*entsql.Selector)
	now     time.Time
	attempt *ent.Attempt
	answer  *DecisionSupport
}

func (g *gathering) wires(ctx context.Context) error {
	rows, err := g.c.Tripwire.Query().Where(tripwire.AttemptID(g.attempt.ID)).Order(ent.Asc(tripwire.FieldTrippedAt, tripwire.FieldID)).All(ctx)
	var limits []NextLimit
	for _, e := range rows {
		id := vocab.Tripwire.ID(e.ID)
		switch {
		case e.Status == vocab.TripwireStatusTripped && e.TrippedAt != nil && len(g.answer.Tripped) < maxShown:
			g.answer.Tripped = append(g.answer.Tripped, TrippedWire{
				Ref: id, Signal: e.Signal, Comparator: e.Comparator, Threshold: e.Threshold, Then: e.Then, AgreedBy: e.AgreedBy, TrippedAt: e.TrippedAt.UTC(),
			})
		case e.Status == vocab.TripwireStatusArmed && e.Deadline != nil:
			limits = append(limits, NextLimit{e.Deadline.UTC(), id})
		}
	}
	if g.attempt.WatchUntil != nil && g.attempt.EndedAt == nil {
		limits = append(limits, NextLimit{g.attempt.WatchUntil.UTC(), vocab.Attempt.ID(g.attempt.ID)})
	}
	g.answer.NextLimit, g.answer.TimeLeft = nextLimit(limits, g.now)
	return err
}

func (g *gathering) rollbacks(ctx context.Context) error {
	rows, err := g.c.Attempt.Query().Where(
		attempt.UpgradeID(g.attempt.UpgradeID), attempt.NumberLT(g.attempt.Number), attempt.StatusEQ(vocab.AttemptStatusRolledBack),
		attempt.EndedAtNotNil(), g.seen,
	).Order(ent.Desc(attempt.FieldNumber)).Limit(maxShown).All(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	ended, ids := make([]Ended, len(rows)), make([]int, len(rows))
	for i, e := range rows {
		ended[i], ids[i] = Ended{e.ID, e.EndedAt.UTC()}, e.ID
	}
	made, err := g.c.Decision.Query().
		Where(decision.AttemptIDIn(ids...), decision.KindEQ(vocab.DecisionKindRollbackOrPatch), g.seen).All(ctx)
	decided := make([]Decided, len(made))
	for i, e := range made {
		decided[i] = Decided{e.ID, *e.AttemptID, e.DecidedAt.UTC()}
	}
	g.answer.Reversibility = reversibility(ended, decided)
	return err
}

// elsewhere reads evidence observed in other environments since the attempt began; before that there is none.
func (g *gathering) elsewhere(ctx context.Context) error {
	if g.attempt.StartedAt == nil {
		return nil
	}
	rows, err := g.c.Evidence.Query().Where(
		evidence.HasAssumptionWith(assumption.Or(assumption.AttemptID(g.attempt.ID), assumption.UpgradeID(g.attempt.UpgradeID)), g.seen),
		evidence.EnvironmentIDNEQ(g.attempt.EnvironmentID), evidence.ObservedAtGTE(*g.attempt.StartedAt), evidence.WithdrawnAtIsNil(),
	).Order(ent.Desc(evidence.FieldObservedAt, evidence.FieldID)).Limit(maxShown).All(ctx)
	for _, e := range rows {
		g.answer.PatchEvidence.Evidence = append(g.answer.PatchEvidence.Evidence, Observation{
			Ref: vocab.Evidence.ID(e.ID), Assumption: vocab.Assumption.ID(e.AssumptionID), Environment: vocab.Environment.ID(e.EnvironmentID),
			Result: e.Result, Summary: e.Summary, ObservedAt: e.ObservedAt.UTC(),
		})
	}
	return err
}

// resolved reads the findings of the attempt that were resolved since it began, and are so still.
func (g *gathering) resolved(ctx context.Context) error {
	if g.attempt.StartedAt == nil {
		return nil
	}
	rows, err := g.c.Finding.Query().Where(
		finding.AttemptID(g.attempt.ID), finding.StatusIn(vocab.FindingStatusResolved, vocab.FindingStatusVerified), g.seen,
	).Order(ent.Desc(finding.FieldUpdatedAt, finding.FieldID)).Limit(maxShown).All(ctx)
	if err != nil || len(rows) == 0 {
		return err
	}
	ids := make([]int, len(rows))
	for i, e := range rows {
		ids[i] = e.ID
	}
	moves, err := g.c.Transition.Query().Where(
		transition.TargetKind(vocab.Finding.Prefix), transition.TargetIDIn(ids...), transition.ToState(string(vocab.FindingStatusResolved)),
		transition.AtGTE(*g.attempt.StartedAt),
	).Order(ent.Asc(transition.FieldAt)).All(ctx)
	last := make(map[int]time.Time, len(moves))
	for _, move := range moves {
		last[move.TargetID] = move.At.UTC()
	}
	for _, e := range rows {
		if at, ok := last[e.ID]; ok {
			g.answer.PatchEvidence.Resolved = append(g.answer.PatchEvidence.Resolved, ResolvedFinding{vocab.Finding.ID(e.ID), e.Title, e.Severity, at})
		}
	}
	return err
}

// earlier reads decisions of the kind on other attempts of this upgrade, and of upgrades of the same service or kind. Sample data
// speaks to sample data only.
func (g *gathering) earlier(ctx context.Context) error {
	up := g.attempt.Edges.Upgrade
	similar := []predicate.Attempt{
		attempt.IDNEQ(g.attempt.ID), g.seen,
		attempt.HasUpgradeWith(upgrade.Or(upgrade.ServiceID(up.ServiceID), upgrade.KindEQ(up.Kind)), g.seen),
	}
	if !g.attempt.Sample {
		similar = append(similar, attempt.Sample(false))
	}
	rows, err := g.c.Decision.Query().Where(
		decision.KindEQ(vocab.DecisionKindRollbackOrPatch), decision.DecidedAtLTE(g.now), g.seen, decision.HasAttemptWith(similar...),
	).WithAttempt(func(q *ent.AttemptQuery) { q.WithUpgrade() }).
		Order(ent.Desc(decision.FieldDecidedAt, decision.FieldID)).Limit(maxEarlier).All(ctx)
	for _, e := range rows {
		on := e.Edges.Attempt
		g.answer.EarlierDecisions = append(g.answer.EarlierDecisions, EarlierDecision{
			Ref: vocab.Decision.ID(e.ID), Attempt: vocab.Attempt.ID(on.ID), Question: e.Question, Chosen: e.Chosen, Dissent: e.Dissent,
			DecidedAt: e.DecidedAt.UTC(), Outcome: on.Status, OutcomeSummary: on.OutcomeSummary,
			Why: likeness(on.UpgradeID == up.ID, on.Edges.Upgrade.ServiceID == up.ServiceID, on.Edges.Upgrade.Kind == up.Kind),
		})
	}
	return err
}

func (g *gathering) effort(ctx context.Context) error {
	rows, err := g.c.EffortEntry.Query().Where(effortentry.Or(
		effortentry.AttemptID(g.attempt.ID), effortentry.UpgradeID(g.attempt.UpgradeID),
		effortentry.HasAttemptWith(attempt.UpgradeID(g.attempt.UpgradeID), g.seen),
	)).All(ctx)
	entries := make([]Spent, len(rows))
	for i, e := range rows {
		entries[i] = Spent{e.Hours, e.Phase, e.Role, e.AttemptID != nil && *e.AttemptID == g.attempt.ID}
	}
	g.answer.SunkEffort = sunk(entries)
	return err
}
