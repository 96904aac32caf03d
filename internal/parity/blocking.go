package parity

import (
	"context"
	"slices"

	"github.com/hindcast-kb/hindcast/ent"
	entassumption "github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// blockers says of a path whether a difference there blocks: a blocking assumption was made from it or names it in its areas,
// or the attempt changes it. Without an attempt, the assumptions are those of all that may still happen in one of the two
// environments.
func (s *Service) blockers(ctx context.Context, c *ent.Client, q Question, found Comparison) (func(path string) bool, error) {
	query := c.Assumption.Query().Where(entassumption.ImportanceEQ(vocab.ImportanceBlocking), entassumption.RetiredAtIsNil(),
		predicate.Assumption(record.ByTeam(auth.From(ctx))))
	var areas []string
	if q.Attempt != 0 {
		row, err := s.attempts.Load(ctx, c, q.Attempt)
		if err != nil {
			return nil, err
		}
		areas = row.ChangedAreas
		query.Where(entassumption.Or(entassumption.AttemptID(row.ID), entassumption.UpgradeID(row.UpgradeID)))
	} else {
		query.Where(open(), entassumption.Or(
			entassumption.EnvironmentIDIn(found.Base.ID, found.Target.ID),
			entassumption.HasAttemptWith(attempt.EnvironmentIDIn(found.Base.ID, found.Target.ID))))
	}
	rows, err := query.Select(entassumption.FieldAreas, entassumption.FieldDriftPath).All(ctx)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for _, row := range rows {
		if row.DriftPath != "" {
			paths[row.DriftPath] = true // its areas say where it lies, and are wider
			continue
		}
		areas = append(areas, row.Areas...)
	}
	slices.Sort(areas)
	areas = slices.Compact(areas)
	return func(path string) bool {
		return paths[path] || slices.ContainsFunc(areas, func(area string) bool { return drift.MatchArea(path, area) == drift.MatchName })
	}, nil
}

// open matches assumptions of attempts and upgrades that have not ended.
func open() predicate.Assumption {
	return entassumption.Or(
		entassumption.HasAttemptWith(attempt.StatusNotIn(vocab.AttemptStatusSucceeded, vocab.AttemptStatusRolledBack,
			vocab.AttemptStatusFixedForward, vocab.AttemptStatusAborted, vocab.AttemptStatusCancelled)),
		entassumption.HasUpgradeWith(upgrade.StatusNotIn(vocab.UpgradeStatusCompleted, vocab.UpgradeStatusAbandoned)))
}
