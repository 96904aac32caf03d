package parity

import (
	"context"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Onsets tells since when paths differ, in the order of the paths; one that does not differ now is left out. It fails as
// Compare does.
func (s *Service) Onsets(ctx context.Context, q Question, paths []string) (Comparison, []drift.Onset, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Comparison{}, nil, err
	}
	c := s.store.Client(ctx)
	found, err := s.sides(ctx, c, q)
	if err != nil {
		return found, nil, s.store.Fault(err)
	}
	var onsets []drift.Onset
	for _, path := range paths {
		base, err := s.snapshots.History(ctx, c, found.Base.ID, q.Kind, path)
		if err != nil {
			return found, nil, s.store.Fault(err)
		}
		target, err := s.snapshots.History(ctx, c, found.Target.ID, q.Kind, path)
		if err != nil {
			return found, nil, s.store.Fault(err)
		}
		onsets = append(onsets, drift.Onsets(base, target, []string{path})...)
	}
	return found, onsets, nil
}
