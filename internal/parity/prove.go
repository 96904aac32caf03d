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
	"github.com/hindcast-kb/hindcast/ent/snapshotitem"
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
	sides := map[*ent.Environment]json.RawMessage{found.Base: change.Base, found.Target: change.Target}
	for _, e := range []*ent.Environment{found.Base, found.Target} {
		if err := s.record(ctx, a.ID, e.ID, vocab.EvidenceResultContradicts, p.Kind, has(e.Name, sides[e])); err != nil {
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
	for _, a := range rows {
		pair, kind, err := s.pair(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if !slices.Contains(pair, environmentID) || len(pair) != 2 {
			continue
		}
		if err := s.recheck(ctx, tx, a, pair, kind); err != nil {
			return err
		}
	}
	return nil
}

// pair finds which two environments an assumption compares, and by what kind of snapshot.
func (s *Service) pair(ctx context.Context, tx *store.Tx, assumptionID int) ([]int, vocab.SnapshotKind, error) {
	rows, err := tx.Client().Evidence.Query().
		Where(evidence.AssumptionID(assumptionID), evidence.MethodHasPrefix(methodPrefix)).Order(ent.Asc(evidence.FieldID)).All(ctx)
	var pair []int
	var kind vocab.SnapshotKind
	for _, e := range rows {
		kind = vocab.SnapshotKind(strings.TrimPrefix(e.Method, methodPrefix))
		if !slices.Contains(pair, e.EnvironmentID) {
			pair = append(pair, e.EnvironmentID)
		}
	}
	return pair, kind, err
}

func (s *Service) recheck(ctx context.Context, tx *store.Tx, a *ent.Assumption, pair []int, kind vocab.SnapshotKind) error {
	var values [2]json.RawMessage
	for i, environmentID := range pair {
		item, err := tx.Client().SnapshotItem.Query().
			Where(snapshotitem.EnvironmentID(environmentID), snapshotitem.KindEQ(kind), snapshotitem.Path(a.DriftPath), snapshotitem.UntilSnapshotIDIsNil()).First(ctx)
		switch {
		case err == nil:
			values[i] = item.Value
		case !ent.IsNotFound(err):
			return err
		}
	}
	same, err := equal(kind, a.DriftPath, values[0], values[1])
	if err != nil {
		return err
	}
	status, _ := s.assumptions.StatusOf(a)
	result := vocab.EvidenceResultContradicts
	if same {
		result = vocab.EvidenceResultSupports
	}
	if (same && status == vocab.AssumptionStatusVerified) || (!same && status == vocab.AssumptionStatusFalsified) {
		return nil // nothing new is known
	}
	for i, environmentID := range pair {
		e, err := tx.Client().Environment.Get(ctx, environmentID)
		if err != nil {
			return err
		}
		if err := s.record(ctx, a.ID, environmentID, result, kind, has(e.Name, values[i])); err != nil {
			return err
		}
	}
	return nil
}

// equal compares two values of a path as package drift does: what moves by itself does not count.
func equal(kind vocab.SnapshotKind, path string, a, b json.RawMessage) (bool, error) {
	if a == nil || b == nil {
		return a == nil && b == nil, nil
	}
	one, err := drift.New(kind, map[string]json.RawMessage{path: a})
	if err != nil {
		return false, err
	}
	other, err := drift.New(kind, map[string]json.RawMessage{path: b})
	if err != nil {
		return false, err
	}
	return len(drift.Diff(one, other, drift.Names{})) == 0, nil
}
