package finding

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/recurrence"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RecurrenceInput is what a client may set on a recurrence.
type RecurrenceInput struct {
	// The earlier finding or incident.
	From vocab.ID `json:"from" validate:"required" swaggertype:"string" example:"FND-1"`
	// The later finding or incident.
	To vocab.ID `json:"to" validate:"required" swaggertype:"string" example:"FND-2"`
	// In what way it came back.
	Kind vocab.RecurrenceKind `json:"kind" validate:"required" example:"same_cause"`
	// What the two have in common.
	Explanation string `json:"explanation,omitempty" example:"Both begin with the index on the session table" maxLength:"100000"`
}

// Check notes every field that breaks a rule by itself.
func (in RecurrenceInput) Check(c *fault.Check) {
	c.RequiredRef("from", in.From, vocab.Finding, vocab.Incident)
	c.RequiredRef("to", in.To, vocab.Finding, vocab.Incident)
	if !in.From.IsZero() && in.From == in.To {
		c.Add("to", "same", "must be another record than from")
	}
	fault.RequiredChoice(c, "kind", in.Kind)
	c.Text("explanation", in.Explanation, fault.MaxText)
}

// Recurrences keeps which finding or incident came back as which.
type Recurrences struct {
	*record.Records[*ent.Recurrence, *ent.RecurrenceMutation, RecurrenceInput]
}

// NewRecurrences keeps recurrences in s.
func NewRecurrences(s *store.Store, now func() time.Time) *Recurrences {
	return &Recurrences{record.New(s, now, recurrences)}
}

// recurrenceMoves is how people answer a suspicion; the answer stands.
var recurrenceMoves = record.MovesOf("suggested: confirmed rejected")

var recurrences = record.Noun[*ent.Recurrence, *ent.RecurrenceMutation, RecurrenceInput]{
	Kind:  vocab.Recurrence,
	Table: record.TableOf(func(c *ent.Client) *ent.RecurrenceClient { return c.Recurrence }, nil),
	Of: func(e *ent.Recurrence) RecurrenceInput {
		return RecurrenceInput{
			From: vocab.ID{Prefix: e.FromKind, N: e.FromID}, To: vocab.ID{Prefix: e.ToKind, N: e.ToID}, Kind: e.Kind, Explanation: e.Explanation,
		}
	},
	Apply: func(in RecurrenceInput, m *ent.RecurrenceMutation) {
		m.SetFromKind(in.From.Prefix)
		m.SetFromID(in.From.N)
		m.SetToKind(in.To.Prefix)
		m.SetToID(in.To.N)
		m.SetKind(in.Kind)
		m.SetExplanation(in.Explanation)
	},
	Visible: record.Both(record.ThroughKinds("from_kind", "from_id"), record.ThroughKinds("to_kind", "to_id")),
	Filters: []record.Filter{
		record.AnyRef("from", "from_kind", "from_id"), record.AnyRef("to", "to_kind", "to_id"),
		record.Word("kind", vocab.RecurrenceKind("")), record.Word("status", vocab.RecurrenceStatus("")),
	},
	Rule:  recurrenceRule,
	Guard: keepRejected,
	States: &record.States[*ent.Recurrence, *ent.RecurrenceMutation]{
		Of:    func(e *ent.Recurrence) string { return string(e.Status) },
		Set:   func(m *ent.RecurrenceMutation, to string) { m.SetStatus(vocab.RecurrenceStatus(to)) },
		Moves: recurrenceMoves,
	},
}

// recurrenceRule is Conflict for a pair that is known already, in either direction: a rejected pair never returns.
func recurrenceRule(ctx context.Context, tx *store.Tx, old *ent.Recurrence, in RecurrenceInput, check *fault.Check) error {
	if old != nil {
		if was := (vocab.ID{Prefix: old.FromKind, N: old.FromID}); was != in.From {
			check.Add("from", "immutable", "cannot be changed")
		}
		if was := (vocab.ID{Prefix: old.ToKind, N: old.ToID}); was != in.To {
			check.Add("to", "immutable", "cannot be changed")
		}
		return nil
	}
	for _, pair := range [][2]vocab.ID{{in.From, in.To}, {in.To, in.From}} {
		found, err := tx.Client().Recurrence.Query().Where(
			recurrence.FromKind(pair[0].Prefix), recurrence.FromID(pair[0].N), recurrence.ToKind(pair[1].Prefix), recurrence.ToID(pair[1].N)).First(ctx)
		if ent.IsNotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		conflict := fault.New(fault.Conflict, "%s and %s are a pair already: %s is %s", in.From, in.To, vocab.Recurrence.ID(found.ID), found.Status)
		conflict.Fields = []fault.Field{{Field: "to", Code: "pair_" + string(found.Status), Message: "see " + vocab.Recurrence.ID(found.ID).String()}}
		return conflict
	}
	return nil
}

// keepRejected refuses to delete a rejected pair, or it could be suggested again.
func keepRejected(_ context.Context, _ *store.Tx, old *ent.Recurrence, op vocab.ChangeOp) error {
	if op == vocab.ChangeOpDelete && old.Status == vocab.RecurrenceStatusRejected {
		return fault.New(fault.Conflict, "%s was rejected and is kept, so that the pair does not return", vocab.Recurrence.ID(old.ID))
	}
	return nil
}
