package timeline

import (
	"context"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/decision"
	"github.com/hindcast-kb/hindcast/ent/event"
	"github.com/hindcast-kb/hindcast/ent/evidence"
	"github.com/hindcast-kb/hindcast/ent/incident"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/transition"
	"github.com/hindcast-kb/hindcast/ent/tripwire"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Service tells timelines.
type Service struct{ store *store.Store }

// New tells the timelines of what s holds.
func New(s *store.Store) *Service { return &Service{s} }

// Of tells what happened on an attempt, oldest first: at most limit entries after a position. It is NotFound for an attempt that
// the actor may not know of; what lies on records that the actor may not know of is left out. The number of queries does not
// depend on how much there is, and each reads no more than a page.
func (s *Service) Of(ctx context.Context, attemptID int, after *Position, limit int) (page []Entry, more bool, err error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return nil, false, err
	}
	c := s.store.Client(ctx)
	if err := record.MustKnow(ctx, c, s.store.Dialect(), vocab.Attempt.ID(attemptID)); err != nil {
		return nil, false, err
	}
	r := reading{c: c, seen: record.ByTeam(auth.From(ctx)), after: after, limit: limit}
	if err := r.subject(ctx, attemptID); err != nil {
		return nil, false, s.store.Fault(err)
	}
	var sources [][]Entry
	for _, read := range []func(context.Context) ([]Entry, error){r.events, r.transitions, r.trips, r.evidence, r.decisions} {
		entries, err := read(ctx)
		if err != nil {
			return nil, false, s.store.Fault(err)
		}
		sources = append(sources, entries)
	}
	page, more = Merge(sources, after, limit)
	return page, more, s.store.Fault(r.markCorrected(ctx, page))
}

// reading reads the sources of one page.
type reading struct {
	c       *ent.Client
	seen    func(*entsql.Selector)
	after   *Position
	limit   int
	attempt *ent.Attempt
	// incidents and assumptions are those of the attempt that the actor may know of; wires are its tripwires.
	incidents, assumptions, wires []int
}

func (r *reading) subject(ctx context.Context, id int) error {
	var err error
	if r.attempt, err = r.c.Attempt.Get(ctx, id); err != nil {
		return err
	}
	if r.incidents, err = r.c.Incident.Query().Where(incident.AttemptID(id), r.seen).IDs(ctx); err != nil {
		return err
	}
	if r.wires, err = r.c.Tripwire.Query().Where(tripwire.AttemptID(id)).IDs(ctx); err != nil {
		return err
	}
	r.assumptions, err = r.c.Assumption.Query().
		Where(assumption.Or(assumption.AttemptID(id), assumption.UpgradeID(r.attempt.UpgradeID)), r.seen).IDs(ctx)
	return err
}

// following holds for the rows of a source, ordered by a time and their number, that come after the position.
func (r *reading) following(of Type, column string) func(*entsql.Selector) {
	return func(s *entsql.Selector) {
		s.OrderBy(s.C(column), s.C("id")).Limit(r.limit + 1)
		if r.after == nil {
			return
		}
		at := s.C(column)
		switch rank, last := vocab.Rank(of), vocab.Rank(r.after.Of); {
		case rank < last:
			s.Where(entsql.GT(at, r.after.At))
		case rank > last:
			s.Where(entsql.GTE(at, r.after.At))
		default:
			s.Where(entsql.CompositeGT([]string{at, s.C("id")}, r.after.At, r.after.Row))
		}
	}
}

func (r *reading) events(ctx context.Context) ([]Entry, error) {
	of := event.AttemptID(r.attempt.ID)
	if len(r.incidents) > 0 {
		of = event.Or(of, event.IncidentIDIn(r.incidents...))
	}
	rows, err := r.c.Event.Query().Where(of, r.following(TypeEvent, event.FieldOccurredAt)).All(ctx)
	entries := make([]Entry, len(rows))
	for i, e := range rows {
		acted, owner := e.ActedOn, record.RefOf(vocab.Attempt, e.AttemptID)
		if e.IncidentID != nil {
			owner = vocab.Incident.ID(*e.IncidentID)
		}
		entries[i] = Entry{
			At: e.OccurredAt.UTC(), Type: TypeEvent, Kind: string(e.Kind), Text: e.Text, Ref: vocab.Event.ID(e.ID), Of: owner, By: e.CreatedBy,
			RecordedAt: e.CreatedAt.UTC(), ActedOn: &acted, Source: e.Source, row: e.ID,
		}
	}
	return entries, err
}

// transitions are the moves of the attempt, its incidents and its tripwires; a trip is told as one.
func (r *reading) transitions(ctx context.Context) ([]Entry, error) {
	moved := []predicate.Transition{transition.And(transition.TargetKind(vocab.Attempt.Prefix), transition.TargetID(r.attempt.ID))}
	if len(r.incidents) > 0 {
		moved = append(moved, transition.And(transition.TargetKind(vocab.Incident.Prefix), transition.TargetIDIn(r.incidents...)))
	}
	if len(r.wires) > 0 {
		moved = append(moved, transition.And(transition.TargetKind(vocab.Tripwire.Prefix), transition.TargetIDIn(r.wires...),
			transition.ToStateNEQ(string(vocab.TripwireStatusTripped))))
	}
	rows, err := r.c.Transition.Query().Where(transition.Or(moved...), r.following(TypeTransition, transition.FieldAt)).All(ctx)
	entries := make([]Entry, len(rows))
	for i, e := range rows {
		id := vocab.ID{Prefix: e.TargetKind, N: e.TargetID}
		entries[i] = Entry{
			At: e.At.UTC(), Type: TypeTransition, Kind: e.ToState, Text: fmt.Sprintf("%s became %s, which was %s", id, e.ToState, e.FromState),
			Ref: id, Of: id, By: e.CreatedBy, RecordedAt: e.CreatedAt.UTC(), From: e.FromState, Reason: e.Reason, row: e.ID,
		}
	}
	return entries, err
}

func (r *reading) trips(ctx context.Context) ([]Entry, error) {
	rows, err := r.c.Tripwire.Query().
		Where(tripwire.AttemptID(r.attempt.ID), tripwire.TrippedAtNotNil(), r.following(TypeTrip, tripwire.FieldTrippedAt)).All(ctx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int, len(rows))
	for i, e := range rows {
		ids[i] = e.ID
	}
	moves, err := r.c.Transition.Query().Where(transition.TargetKind(vocab.Tripwire.Prefix), transition.TargetIDIn(ids...),
		transition.ToState(string(vocab.TripwireStatusTripped))).All(ctx)
	recorded := make(map[int]*ent.Transition, len(moves))
	for _, move := range moves {
		recorded[move.TargetID] = move
	}
	entries := make([]Entry, len(rows))
	for i, e := range rows {
		entries[i] = Entry{
			At: e.TrippedAt.UTC(), Type: TypeTrip, Kind: string(e.Then), Ref: vocab.Tripwire.ID(e.ID), Of: vocab.Attempt.ID(e.AttemptID),
			Text: fmt.Sprintf("%s crossed its limit (%s %g); agreed: %s", e.Signal, e.Comparator, e.Threshold, e.Then),
			By:   e.CreatedBy, RecordedAt: e.UpdatedAt.UTC(), row: e.ID,
		}
		if move := recorded[e.ID]; move != nil {
			entries[i].By, entries[i].RecordedAt = move.CreatedBy, move.CreatedAt.UTC()
		}
	}
	return entries, err
}

func (r *reading) evidence(ctx context.Context) ([]Entry, error) {
	if len(r.assumptions) == 0 {
		return nil, nil
	}
	rows, err := r.c.Evidence.Query().
		Where(evidence.AssumptionIDIn(r.assumptions...), evidence.WithdrawnAtIsNil(), r.following(TypeEvidence, evidence.FieldObservedAt)).All(ctx)
	entries := make([]Entry, len(rows))
	for i, e := range rows {
		entries[i] = Entry{
			At: e.ObservedAt.UTC(), Type: TypeEvidence, Kind: string(e.Result), Text: e.Summary, Ref: vocab.Evidence.ID(e.ID),
			Of: vocab.Assumption.ID(e.AssumptionID), By: e.CreatedBy, RecordedAt: e.CreatedAt.UTC(), Source: e.Method, row: e.ID,
		}
	}
	return entries, err
}

func (r *reading) decisions(ctx context.Context) ([]Entry, error) {
	rows, err := r.c.Decision.Query().
		Where(decision.AttemptID(r.attempt.ID), r.seen, r.following(TypeDecision, decision.FieldDecidedAt)).All(ctx)
	entries := make([]Entry, len(rows))
	for i, e := range rows {
		entries[i] = Entry{
			At: e.DecidedAt.UTC(), Type: TypeDecision, Kind: string(e.Kind), Text: e.Question + " " + e.Chosen, Ref: vocab.Decision.ID(e.ID),
			Of: vocab.Attempt.ID(r.attempt.ID), By: e.DecidedBy, RecordedAt: e.CreatedAt.UTC(), Reason: e.Rationale, row: e.ID,
		}
	}
	return entries, err
}

// markCorrected names, on events that were corrected, the event that corrects them.
func (r *reading) markCorrected(ctx context.Context, page []Entry) error {
	at := map[int]int{}
	var ids []int
	for i, e := range page {
		if e.Type == TypeEvent {
			at[e.row] = i
			ids = append(ids, e.row)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	later, err := r.c.Event.Query().Where(event.SupersedesIDIn(ids...)).All(ctx)
	for _, e := range later {
		page[at[*e.SupersedesID]].SupersededBy = vocab.Event.ID(e.ID)
	}
	return err
}
