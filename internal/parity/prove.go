package parity

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	entassumption "github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/evidence"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// methodPrefix begins the method of evidence that came from comparing snapshots; the kind of snapshot follows it. A later
// comparison is the same method again, and so answers the earlier one.
const methodPrefix = "snapshot comparison: "

// maxShown is how much of a value a summary shows.
const maxShown = 500

// assume records an assumption that two environments agree on a path, with what each of them has as evidence.
func (s *Service) assume(ctx context.Context, found Comparison, change drift.Change, p Proposal) (*ent.Assumption, error) {
	a, err := s.assumptions.Add(ctx, assumption.Input{
		Statement: fmt.Sprintf("%s and %s agree on %s", found.Base.Name, found.Target.Name, change.Path), AttemptID: p.AttemptID,
		Importance: vocab.ImportanceBlocking, Category: vocab.AssumptionCategoryEnvironmentParity, FalsifiedIf: change.What,
		Areas: []string{drift.AreaOf(change.Path)}, Origin: vocab.AssumptionOriginDrift, DriftPath: change.Path,
	})
	if err != nil {
		return nil, err
	}
	for _, side := range []struct {
		Side
		has json.RawMessage
	}{{found.Base, change.Base}, {found.Target, change.Target}} {
		if err := s.record(ctx, a.ID, side.ID, vocab.EvidenceResultContradicts, p.Kind, has(side.Name, side.has)); err != nil {
			return nil, err
		}
	}
	return s.assumptions.Get(ctx, a.ID)
}

func has(name string, value json.RawMessage) string {
	text := string(value)
	if text == "" || text == "null" {
		return name + " does not have it"
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return name + " has " + text
}

func (s *Service) record(ctx context.Context, assumptionID, environmentID int, result vocab.EvidenceResult, kind vocab.SnapshotKind, summary string) error {
	at := s.now().UTC()
	_, err := s.evidence.Add(ctx, assumption.EvidenceInput{
		AssumptionID: vocab.Assumption.ID(assumptionID), EnvironmentID: vocab.Environment.ID(environmentID), Result: result, ObservedAt: &at,
		Summary: summary, Method: methodPrefix + string(kind),
	})
	return err
}

// Recheck holds the assumptions that came from drift of an environment against its new snapshot: an equal path now supports
// them, another difference contradicts them. It runs in the transaction of the capture.
func (s *Service) Recheck(ctx context.Context, tx *store.Tx, environmentID int) error {
	ctx = auth.With(ctx, auth.System("snapshot")) // a snapshot speaks about assumptions of every team
	rows, err := tx.Client().Assumption.Query().
		Where(entassumption.OriginEQ(vocab.AssumptionOriginDrift), entassumption.DriftPathNEQ(""), entassumption.RetiredAtIsNil()).
		Order(ent.Asc(entassumption.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	compared := map[comparedBy][2]drift.Snapshot{}
	for _, a := range rows {
		by, err := s.pair(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if !slices.Contains(by.pair[:], environmentID) || by.pair[1] == 0 {
			continue
		}
		if _, read := compared[by]; !read {
			if compared[by], err = s.both(ctx, tx.Client(), by); err != nil {
				return err
			}
		}
		if err := s.recheck(ctx, a, by, compared[by]); err != nil {
			return err
		}
	}
	return nil
}

// comparedBy is what an assumption compares: two environments, by a kind of snapshot.
type comparedBy struct {
	pair [2]int
	kind vocab.SnapshotKind
}

// both reads what two environments are like now.
func (s *Service) both(ctx context.Context, c *ent.Client, by comparedBy) (sides [2]drift.Snapshot, err error) {
	for i, environmentID := range by.pair {
		current, err := s.snapshots.Current(ctx, c, environmentID, by.kind)
		if err != nil {
			return sides, err
		}
		facts, err := s.snapshots.Facts(ctx, c, current...)
		if err != nil {
			return sides, err
		}
		if len(facts) == 0 {
			sides[i] = drift.From(by.kind, nil)
			continue
		}
		if sides[i], err = drift.New(by.kind, facts); err != nil {
			return sides, err
		}
	}
	return sides, nil
}

// pair finds which two environments an assumption compares, and by what kind of snapshot.
func (s *Service) pair(ctx context.Context, tx *store.Tx, assumptionID int) (by comparedBy, err error) {
	rows, err := tx.Client().Evidence.Query().
		Where(evidence.AssumptionID(assumptionID), evidence.MethodHasPrefix(methodPrefix)).Order(ent.Asc(evidence.FieldID)).Limit(2).All(ctx)
	for i, e := range rows { // the first two are what was proposed, one for each side
		by.pair[i], by.kind = e.EnvironmentID, vocab.SnapshotKind(strings.TrimPrefix(e.Method, methodPrefix))
	}
	return by, err
}

func (s *Service) recheck(ctx context.Context, a *ent.Assumption, by comparedBy, sides [2]drift.Snapshot) error {
	differs, known := drift.Differs(sides[0], sides[1], a.DriftPath)
	if !known {
		return nil // nobody could read it, so nothing new is known
	}
	status, _ := s.assumptions.StatusOf(a)
	result := vocab.EvidenceResultSupports
	if differs {
		result = vocab.EvidenceResultContradicts
	}
	if (!differs && status == vocab.AssumptionStatusVerified) || (differs && status == vocab.AssumptionStatusFalsified) {
		return nil // nothing new is known
	}
	for i, environmentID := range by.pair {
		e, err := s.environments.Get(ctx, environmentID)
		if err != nil {
			return err
		}
		item, _ := sides[i].Item(a.DriftPath)
		if err := s.record(ctx, a.ID, environmentID, result, by.kind, has(e.Name, item.Value)); err != nil {
			return err
		}
	}
	return nil
}
