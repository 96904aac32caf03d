package parity

import (
	"context"
	"fmt"
	"slices"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

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
		changes, err := pick(found, p.Paths)
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
func pick(found Comparison, paths []string) ([]drift.Change, error) {
	var check fault.Check
	picked := make([]drift.Change, 0, len(paths))
	for i, path := range paths {
		at := slices.IndexFunc(found.Changes, func(c Change) bool { return c.Path == path })
		if at < 0 {
			check.Add(fmt.Sprintf("paths[%d]", i), "not_found", "does not differ between the environments, or is ignored")
			continue
		}
		picked = append(picked, found.Changes[at].Change)
	}
	return picked, check.Err()
}
