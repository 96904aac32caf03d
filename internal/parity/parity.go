// Package parity compares environments by their newest snapshots, and turns what differs into assumptions that later
// snapshots prove or disprove by themselves. How two snapshots are compared is left to package drift.
package parity

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	entassumption "github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Service compares environments.
type Service struct {
	store        *store.Store
	now          func() time.Time
	environments *catalog.Environments
	attempts     *upgrade.Attempts
	snapshots    *snapshot.Service
	assumptions  *assumption.Service
	evidence     *assumption.EvidenceService
}

// New makes a Service over the services of the nouns it brings together.
func New(s *store.Store, now func() time.Time, environments *catalog.Environments, attempts *upgrade.Attempts,
	snapshots *snapshot.Service, assumptions *assumption.Service, evidence *assumption.EvidenceService,
) *Service {
	return &Service{s, now, environments, attempts, snapshots, assumptions, evidence}
}

// Question asks what differs between two environments.
type Question struct {
	Base int
	// Target is the environment to compare with; zero stands for the one that Base is meant to equal.
	Target int
	Kind   vocab.SnapshotKind
	// Attempt ranks what differs by what the attempt touches; zero ranks by the differences alone.
	Attempt int
}

// Comparison is the answer.
type Comparison struct {
	Base, Target Side
	// Changes are ranked, the one to look at first in front.
	Changes []Change
	// Hidden are the ignore rules in force, with how many differences each one hides.
	Hidden []drift.Hidden
}

// Side is one of the environments compared.
type Side struct {
	*ent.Environment
	// SeenAt is when the oldest of the snapshots that tell what it is like was last seen to hold.
	SeenAt time.Time
}

// Change is one difference.
type Change struct {
	drift.Change
	// Blocking is set where a blocking assumption names what differs, or the attempt asked about changes it.
	Blocking bool
}

// Compare gives what differs. It is NotFound without one of the records, Invalid without a target, and Conflict when one of
// the environments has no snapshot of the kind.
func (s *Service) Compare(ctx context.Context, q Question) (Comparison, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Comparison{}, err
	}
	answer, err := s.compare(ctx, s.store.Client(ctx), q)
	return answer, s.store.Fault(err)
}

func (s *Service) compare(ctx context.Context, c *ent.Client, q Question) (Comparison, error) {
	answer, err := s.sides(ctx, c, q)
	if err != nil {
		return answer, err
	}
	base, err := s.facts(ctx, c, &answer.Base, q.Kind)
	if err != nil {
		return answer, err
	}
	target, err := s.facts(ctx, c, &answer.Target, q.Kind)
	if err != nil {
		return answer, err
	}
	subject, err := s.subject(ctx, c, q.Attempt)
	if err != nil {
		return answer, err
	}
	names := drift.Names{Base: answer.Base.Name, Target: answer.Target.Name}
	changes, err := drift.DiffFacts(q.Kind, base, target, names)
	if err != nil {
		return answer, err
	}
	ranked := drift.Rank(changes, subject)
	rules, err := s.rules(ctx, c, answer, q.Kind)
	if err != nil {
		return answer, err
	}
	ranked, answer.Hidden = drift.Ignore(ranked, rules, s.now())
	blocks, err := s.blockers(ctx, c, q, answer)
	if err != nil {
		return answer, err
	}
	answer.Changes = make([]Change, len(ranked))
	for i, change := range ranked {
		answer.Changes[i] = Change{change, blocks(change.Path)}
	}
	return answer, nil
}

// sides finds the environments of a question.
func (s *Service) sides(ctx context.Context, c *ent.Client, q Question) (Comparison, error) {
	var answer Comparison
	var err error
	if answer.Base.Environment, err = s.environments.Load(ctx, c, q.Base); err != nil {
		return answer, err
	}
	if q.Target == 0 && answer.Base.ParityTargetID != nil {
		q.Target = *answer.Base.ParityTargetID
	}
	var check fault.Check
	if q.Target == 0 {
		check.Add("target", "required", "is required, since %s is not said to equal another environment", answer.Base.Name)
		return answer, check.Err()
	}
	if q.Target == q.Base {
		check.Add("target", "invalid_choice", "must be another environment")
		return answer, check.Err()
	}
	answer.Target.Environment, err = s.environments.Load(ctx, c, q.Target)
	return answer, err
}

// facts reads what a side is like, from the newest snapshot of each tool.
func (s *Service) facts(ctx context.Context, c *ent.Client, side *Side, kind vocab.SnapshotKind) (map[string]json.RawMessage, error) {
	current, err := s.snapshots.Current(ctx, c, side.ID, kind)
	if err != nil {
		return nil, err
	}
	if len(current) == 0 {
		return nil, fault.New(fault.Conflict, "%s has no snapshot of kind %s yet", side.Name, kind)
	}
	side.SeenAt = current[0].LastSeenAt.UTC()
	return s.snapshots.Facts(ctx, c, current...)
}

// subject is what makes a difference matter: the areas of the attempt, of what it rests on, and of what was found before.
func (s *Service) subject(ctx context.Context, c *ent.Client, attemptID int) (drift.Context, error) {
	if attemptID == 0 {
		return drift.Context{}, nil
	}
	row, err := s.attempts.Load(ctx, c, attemptID)
	if err != nil {
		return drift.Context{}, err
	}
	seen := record.ByTeam(auth.From(ctx))
	subject := drift.Context{Attempt: vocab.Attempt.ID(row.ID).String(), ChangedAreas: row.ChangedAreas}
	assumptions, err := c.Assumption.Query().
		Where(entassumption.Or(entassumption.AttemptID(row.ID), entassumption.UpgradeID(row.UpgradeID)), entassumption.RetiredAtIsNil(), predicate.Assumption(seen)).
		Order(ent.Asc(entassumption.FieldID)).All(ctx)
	if err != nil {
		return drift.Context{}, err
	}
	for _, a := range assumptions {
		subject.Assumptions = append(subject.Assumptions, drift.Record{ID: vocab.Assumption.ID(a.ID).String(), Areas: a.Areas})
	}
	findings, err := c.Finding.Query().
		Where(finding.HasAttemptWith(attempt.UpgradeID(row.UpgradeID)), finding.ComponentNEQ(""), predicate.Finding(seen)).
		Order(ent.Asc(finding.FieldID)).All(ctx)
	if err != nil {
		return drift.Context{}, err
	}
	for _, f := range findings {
		subject.Findings = append(subject.Findings, drift.Record{ID: vocab.Finding.ID(f.ID).String(), Areas: []string{f.Component}})
	}
	return subject, nil
}
