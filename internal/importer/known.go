package importer

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/action"
	"github.com/hindcast-kb/hindcast/ent/event"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// known gives the records of a review that was imported before: of each kind the first as many as the text makes, since later
// ones were added by people.
func (s *Service) known(ctx context.Context, tx *store.Tx, found *ent.Review, plan Plan, result *Result) error {
	result.ReviewID, result.ReferenceIDs = vocab.Review.ID(found.ID), []vocab.ID{} // the transaction may run again
	if len(found.Edges.Incidents) > 0 {
		result.IncidentID = vocab.Incident.ID(found.Edges.Incidents[0].ID)
		ids, err := tx.Client().Event.Query().Where(event.IncidentID(result.IncidentID.N)).Order(ent.Asc("id")).Limit(max(1, len(plan.Events))).IDs(ctx)
		if err != nil {
			return err
		}
		result.EventIDs = idsOf(vocab.Event, ids, len(plan.Events))
	}
	ids, err := tx.Client().Action.Query().Where(action.ReviewID(found.ID)).Order(ent.Asc("id")).Limit(max(1, len(plan.Actions))).IDs(ctx)
	if err != nil {
		return err
	}
	result.ActionIDs = idsOf(vocab.Action, ids, len(plan.Actions))
	if err := s.knownLinks(ctx, tx, result, result.ReviewID, len(plan.References)); err != nil {
		return err
	}
	for i, id := range result.ActionIDs {
		if err := s.knownLinks(ctx, tx, result, id, len(plan.Actions[i].References)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) knownLinks(ctx context.Context, tx *store.Tx, result *Result, target vocab.ID, n int) error {
	ids, err := tx.Client().RecordReference.Query().
		Where(recordreference.TargetKind(target.Prefix), recordreference.TargetID(target.N)).
		Order(ent.Asc(recordreference.FieldID)).Limit(max(1, n)).IDs(ctx)
	if err != nil {
		return err
	}
	result.ReferenceIDs = append(result.ReferenceIDs, idsOf(vocab.Reference, ids, n)...)
	return nil
}

func idsOf(kind vocab.Kind, numbers []int, most int) []vocab.ID {
	ids := []vocab.ID{}
	for _, n := range numbers[:min(most, len(numbers))] {
		ids = append(ids, kind.ID(n))
	}
	return ids
}
