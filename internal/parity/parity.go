// Package parity compares environments by their newest snapshots, and turns what differs into assumptions that later
// snapshots prove or disprove by themselves. How two snapshots are compared is left to package drift.
package parity

import (
	"context"
	"fmt"
	"slices"
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
	Base, Target *ent.Environment
	// Changes are ranked, the one to look at first in front.
	Changes []drift.Change
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
	var answer Comparison
	var err error
	if answer.Base, err = s.environments.Load(ctx, c, q.Base); err != nil {
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
	if answer.Target, err = s.environments.Load(ctx, c, q.Target); err != nil {
		return answer, err
	}
	base, err := s.facts(ctx, c, answer.Base, q.Kind)
	if err != nil {
		return answer, err
	}
	target, err := s.facts(ctx, c, answer.Target, q.Kind)
	if err != nil {
		return answer, err
	}
	subject, err := s.subject(ctx, c, q.Attempt)
	if err != nil {
		return answer, err
	}
	names := drift.Names{Base: answer.Base.Name, Target: answer.Target.Name}
	answer.Changes = drift.Rank(drift.Diff(base, target, names), subject)
	return answer, nil
}

func (s *Service) facts(ctx context.Context, c *ent.Client, e *ent.Environment, kind vocab.SnapshotKind) (drift.Snapshot, error) {
	newest, err := s.snapshots.Newest(ctx, c, e.ID, kind)
	if err != nil {
		return drift.Snapshot{}, err
	}
	if newest == nil {
		return drift.Snapshot{}, fault.New(fault.Conflict, "%s has no snapshot of kind %s yet", e.Name, kind)
	}
	return s.snapshots.Facts(ctx, c, newest)
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

// Proposal asks for assumptions about some of the differences.
type Proposal struct {
	// The environment compared with; the one that the first is meant to equal when it is not given.
	Target vocab.ID `json:"target,omitzero" swaggertype:"string" example:"ENV-2"`
	// What kind of snapshots are compared; schema when it is not given.
	Kind vocab.SnapshotKind `json:"kind,omitempty" example:"schema"`
	// The attempt that rests on the environments being equal.
	AttemptID vocab.ID `json:"attempt_id" validate:"required" swaggertype:"string" example:"ATT-1"`
	// The paths that differ.
	Paths []string `json:"paths" validate:"required" example:"table/sessions/index/user_last_seen" maxItems:"200"`
}

// Check notes every field that breaks a rule by itself.
func (p Proposal) Check(c *fault.Check) {
	c.Ref("target", p.Target, vocab.Environment)
	fault.Choice(c, "kind", p.Kind)
	c.RequiredRef("attempt_id", p.AttemptID, vocab.Attempt)
	if len(p.Paths) == 0 {
		c.Add("paths", "required", "must name at least one path that differs")
	}
	c.List("paths", p.Paths)
}

// Propose makes a blocking assumption of each path, with both sides as evidence against it. It is Invalid for a path that
// does not differ.
func (s *Service) Propose(ctx context.Context, base int, p Proposal) ([]*ent.Assumption, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	var check fault.Check
	p.Check(&check)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if p.Kind == "" {
		p.Kind = vocab.SnapshotKindSchema
	}
	var made []*ent.Assumption
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		made = nil
		found, err := s.compare(ctx, tx.Client(), Question{Base: base, Target: p.Target.N, Kind: p.Kind, Attempt: p.AttemptID.N})
		if err != nil {
			return err
		}
		changes, err := pick(found.Changes, p.Paths)
		if err != nil {
			return err
		}
		for _, change := range changes {
			a, err := s.assume(ctx, found, change, p)
			if err != nil {
				return err
			}
			made = append(made, a)
		}
		return nil
	})
	return made, err
}

// pick finds the changes of the paths, in the order of the paths.
func pick(changes []drift.Change, paths []string) ([]drift.Change, error) {
	var check fault.Check
	picked := make([]drift.Change, 0, len(paths))
	for i, path := range paths {
		at := slices.IndexFunc(changes, func(c drift.Change) bool { return c.Path == path })
		if at < 0 {
			check.Add(fmt.Sprintf("paths[%d]", i), "not_found", "does not differ between the environments")
			continue
		}
		picked = append(picked, changes[at])
	}
	return picked, check.Err()
}
