package incident

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/event"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EventInput is what a client may say about something that happened.
type EventInput struct {
	// Of is the attempt, incident or finding that the event belongs to; it comes from the path.
	Of vocab.ID `json:"-"`
	// When it happened, which may be long before it is recorded.
	OccurredAt *time.Time `json:"occurred_at" validate:"required" format:"date-time" example:"2026-03-06T05:20:00Z"`
	// What it records.
	Kind vocab.EventKind `json:"kind" validate:"required" example:"signal"`
	// What happened.
	Text string `json:"text" validate:"required" example:"QA sees that sessions expire after two minutes" maxLength:"100000"`
	// Where it was seen: a dashboard, a role, a channel.
	Source string `json:"source,omitempty" example:"QA channel" maxLength:"200"`
	// True when something was done because of it.
	ActedOn bool `json:"acted_on" example:"false"`
	// The event of the same timeline that this one corrects.
	SupersedesID vocab.ID `json:"supersedes_id,omitzero" swaggertype:"string" example:"EVT-1"`
	// ExternalKey is its name where it came from; no client sets it.
	ExternalKey string `json:"-"`
}

// Check notes every field that breaks a rule by itself.
func (in EventInput) Check(c *fault.Check) {
	if in.OccurredAt == nil {
		c.Add("occurred_at", "required", "is required")
	}
	fault.RequiredChoice(c, "kind", in.Kind)
	c.Required("text", in.Text)
	c.Text("text", in.Text, fault.MaxText)
	c.Text("source", in.Source, fault.MaxTitle)
	c.Ref("supersedes_id", in.SupersedesID, vocab.Event)
}

// Events keeps the timelines of attempts, incidents and findings. Events are only added; a correction supersedes.
type Events struct {
	*record.Records[*ent.Event, *ent.EventMutation, EventInput]
	store *store.Store
}

// NewEvents keeps events in s.
func NewEvents(s *store.Store, now func() time.Time) *Events {
	noun := events
	noun.Rule = func(ctx context.Context, tx *store.Tx, _ *ent.Event, in EventInput, check *fault.Check) error {
		record.NotFuture(check, "occurred_at", in.OccurredAt, now())
		if err := record.MustKnow(ctx, tx.Client(), tx.Dialect(), in.Of); err != nil {
			return err
		}
		return checkSupersedes(ctx, tx, in, check)
	}
	noun.Fill = func(_ context.Context, _ *store.Tx, _ *ent.Event, in EventInput, m *ent.EventMutation) error {
		m.SetOccurredAt(record.Happened(*in.OccurredAt, now()))
		return nil
	}
	return &Events{record.New(s, now, noun), s}
}

// checkSupersedes notes an event to correct that is of another timeline, or that was corrected before.
func checkSupersedes(ctx context.Context, tx *store.Tx, in EventInput, check *fault.Check) error {
	if in.SupersedesID.IsZero() {
		return nil
	}
	wrong, err := tx.Client().Event.Get(ctx, in.SupersedesID.N)
	if err != nil {
		return err
	}
	if timelineOf(wrong) != in.Of {
		check.Add("supersedes_id", "wrong_timeline", "%s is not an event of %s", in.SupersedesID, in.Of)
		return nil
	}
	later, err := tx.Client().Event.Query().Where(event.SupersedesID(wrong.ID)).FirstID(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err == nil {
		check.Add("supersedes_id", "superseded", "%s was superseded by %s; correct that one", in.SupersedesID, vocab.Event.ID(later))
	}
	return err
}

// AddOnce adds an event that came from outside, unless its timeline has one with the same external key, which it then gives.
func (s *Events) AddOnce(ctx context.Context, in EventInput) (*ent.Event, error) {
	var kept *ent.Event
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		rows, err := tx.Client().Event.Query().Where(event.ExternalKey(in.ExternalKey), event.ExternalKeyNEQ("")).All(ctx)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if timelineOf(row) == in.Of {
				kept = row
				return nil
			}
		}
		kept, err = s.Add(ctx, in)
		return err
	})
	return kept, err
}

// Corrected gives, for those of the events that were corrected, the number of the event that corrects each. The caller must
// have seen the events.
func (s *Events) Corrected(ctx context.Context, ids []int) (map[int]int, error) {
	rows, err := s.store.Client(ctx).Event.Query().Where(event.SupersedesIDIn(ids...)).All(ctx)
	by := make(map[int]int, len(rows))
	for _, row := range rows {
		by[*row.SupersedesID] = row.ID
	}
	return by, s.store.Fault(err)
}

var events = record.Noun[*ent.Event, *ent.EventMutation, EventInput]{
	Kind:    vocab.Event,
	Table:   record.TableOf(func(c *ent.Client) *ent.EventClient { return c.Event }, nil),
	Of:      eventInputOf,
	Apply:   applyEvent,
	Visible: record.ThroughParent(vocab.Event),
	Filters: []record.Filter{
		record.Word("kind", vocab.EventKind("")), record.Text("source"), record.Bool("acted_on"), record.Ref("supersedes_id", vocab.Event),
	},
	Sorts: []string{event.FieldOccurredAt},
}

func timelineOf(e *ent.Event) vocab.ID {
	switch {
	case e.AttemptID != nil:
		return vocab.Attempt.ID(*e.AttemptID)
	case e.IncidentID != nil:
		return vocab.Incident.ID(*e.IncidentID)
	case e.FindingID != nil:
		return vocab.Finding.ID(*e.FindingID)
	}
	return vocab.ID{}
}

func eventInputOf(e *ent.Event) EventInput {
	occurred := e.OccurredAt.UTC()
	return EventInput{
		Of: timelineOf(e), OccurredAt: &occurred, Kind: e.Kind, Text: e.Text, Source: e.Source, ActedOn: e.ActedOn,
		SupersedesID: record.RefOf(vocab.Event, e.SupersedesID), ExternalKey: e.ExternalKey,
	}
}

func applyEvent(in EventInput, m *ent.EventMutation) {
	switch {
	case in.Of.Is(vocab.Attempt):
		m.SetAttemptID(in.Of.N)
	case in.Of.Is(vocab.Incident):
		m.SetIncidentID(in.Of.N)
	case in.Of.Is(vocab.Finding):
		m.SetFindingID(in.Of.N)
	}
	m.SetKind(in.Kind)
	m.SetText(in.Text)
	m.SetSource(in.Source)
	m.SetActedOn(in.ActedOn)
	record.SetRef(in.SupersedesID, m.SetSupersedesID, m.ClearSupersedesID)
	m.SetExternalKey(in.ExternalKey)
}
