package upgrade

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// TripwireInput is what a client may set on a tripwire.
type TripwireInput struct {
	// AttemptID is the attempt it guards, from the path.
	AttemptID vocab.ID `json:"-"`
	// What is measured.
	Signal string `json:"signal" validate:"required" example:"Database processes" maxLength:"200"`
	// How a reading is compared with the threshold.
	Comparator vocab.Comparator `json:"comparator" validate:"required" example:"gt"`
	// The limit, in the unit of the signal.
	Threshold *float64 `json:"threshold" validate:"required" example:"200"`
	// How long readings must cross the limit without a break; zero trips on the first.
	ForMinutes int `json:"for_minutes" example:"10" minimum:"0" maximum:"10080"`
	// When the watch ends.
	Deadline *time.Time `json:"deadline,omitempty" format:"date-time" example:"2026-03-09T18:00:00Z"`
	// What was agreed to happen on a trip.
	Then vocab.TripwireThen `json:"then" validate:"required" example:"rollback"`
	// Who agreed, by role.
	AgreedBy string `json:"agreed_by" validate:"required" example:"tech lead and database team" maxLength:"200"`
}

const maxForMinutes = 7 * 24 * 60

// Check notes every field that breaks a rule by itself.
func (in TripwireInput) Check(c *fault.Check) {
	c.Title("signal", in.Signal)
	fault.RequiredChoice(c, "comparator", in.Comparator)
	if in.Threshold == nil {
		c.Add("threshold", "required", "is required")
	}
	if in.ForMinutes < 0 || in.ForMinutes > maxForMinutes {
		c.Add("for_minutes", "out_of_range", "must be from 0 to %d", maxForMinutes)
	}
	fault.RequiredChoice(c, "then", in.Then)
	c.Title("agreed_by", in.AgreedBy)
}

// Tripwires keeps tripwires and their readings.
type Tripwires struct {
	*record.Records[*ent.Tripwire, *ent.TripwireMutation, TripwireInput]
	store *store.Store
}

// NewTripwires keeps tripwires in s.
func NewTripwires(s *store.Store, now func() time.Time) *Tripwires {
	return &Tripwires{record.New(s, now, tripwires(now)), s}
}

// StatusOf is the status of a tripwire now.
func (s *Tripwires) StatusOf(e *ent.Tripwire) vocab.TripwireStatus {
	return TripwireStatus(e.Status, e.Deadline, s.Now())
}

func tripwires(now func() time.Time) record.Noun[*ent.Tripwire, *ent.TripwireMutation, TripwireInput] {
	return record.Noun[*ent.Tripwire, *ent.TripwireMutation, TripwireInput]{
		Kind:    vocab.Tripwire,
		Table:   record.TableOf(func(c *ent.Client) *ent.TripwireClient { return c.Tripwire }, nil),
		Of:      tripwireInputOf,
		Apply:   applyTripwire,
		Visible: record.ThroughParent(vocab.Tripwire),
		Filters: []record.Filter{
			record.Ref("attempt_id", vocab.Attempt), record.Text("signal"), record.Word("then", vocab.TripwireThen("")),
			record.Computed("status", vocab.TripwireStatus(""), tripwireStatusIs),
		},
		Guard: func(_ context.Context, _ *store.Tx, old *ent.Tripwire, _ vocab.ChangeOp) error {
			if status := TripwireStatus(old.Status, old.Deadline, now()); status != vocab.TripwireStatusDraft && status != vocab.TripwireStatusArmed {
				return fault.New(fault.Conflict, "%s is %s, so its terms stand", vocab.Tripwire.ID(old.ID), status)
			}
			return nil
		},
		Fill: func(_ context.Context, _ *store.Tx, old *ent.Tripwire, in TripwireInput, m *ent.TripwireMutation) error {
			if old != nil && old.Status == vocab.TripwireStatusArmed && changed(old, in) {
				m.SetRevision(old.Revision + 1)
				m.SetEarlierTerms(append(old.EarlierTerms, termsOf(old, now())))
			}
			return nil
		},
		States: &record.States[*ent.Tripwire, *ent.TripwireMutation]{
			Of:    func(e *ent.Tripwire) string { return string(TripwireStatus(e.Status, e.Deadline, now())) },
			Set:   func(m *ent.TripwireMutation, to string) { m.SetStatus(vocab.TripwireStatus(to)) },
			Moves: tripwireMoves,
			Effect: func(_ context.Context, _ *store.Tx, _ *ent.Tripwire, move record.Move, m *ent.TripwireMutation) error {
				if move.To == string(vocab.TripwireStatusArmed) {
					m.SetArmedAt(record.Happened(*move.At, now()))
				}
				return nil
			},
		},
	}
}

func changed(old *ent.Tripwire, in TripwireInput) bool {
	was := tripwireInputOf(old)
	return in.Signal != was.Signal || in.Comparator != was.Comparator || *in.Threshold != *was.Threshold || in.ForMinutes != was.ForMinutes ||
		!sameTime(in.Deadline, was.Deadline) || in.Then != was.Then || in.AgreedBy != was.AgreedBy
}

// termsOf keeps what was agreed, at the moment that other terms take over.
func termsOf(e *ent.Tripwire, now time.Time) vocab.Terms {
	return vocab.Terms{
		Signal: e.Signal, Comparator: e.Comparator, Threshold: e.Threshold, ForMinutes: e.ForMinutes, Deadline: record.UTC(e.Deadline),
		Then: e.Then, AgreedBy: e.AgreedBy, ReplacedAt: now.UTC(),
	}
}

func tripwireStatusIs(s *entsql.Selector, want vocab.TripwireStatus, now time.Time) *entsql.Predicate {
	past := entsql.And(entsql.NotNull(s.C("deadline")), entsql.LTE(s.C("deadline"), now))
	armed := entsql.EQ(s.C("status"), string(vocab.TripwireStatusArmed))
	switch want {
	case vocab.TripwireStatusExpired:
		return entsql.And(armed, past)
	case vocab.TripwireStatusArmed:
		return entsql.And(armed, entsql.Or(entsql.IsNull(s.C("deadline")), entsql.GT(s.C("deadline"), now)))
	}
	return entsql.EQ(s.C("status"), string(want))
}

func tripwireInputOf(e *ent.Tripwire) TripwireInput {
	threshold := e.Threshold
	return TripwireInput{
		AttemptID: vocab.Attempt.ID(e.AttemptID), Signal: e.Signal, Comparator: e.Comparator, Threshold: &threshold, ForMinutes: e.ForMinutes,
		Deadline: record.UTC(e.Deadline), Then: e.Then, AgreedBy: e.AgreedBy,
	}
}

func applyTripwire(in TripwireInput, m *ent.TripwireMutation) {
	m.SetAttemptID(in.AttemptID.N)
	m.SetSignal(in.Signal)
	m.SetComparator(in.Comparator)
	m.SetThreshold(*in.Threshold)
	m.SetForMinutes(in.ForMinutes)
	record.SetTime(in.Deadline, m.SetDeadline, m.ClearDeadline)
	m.SetThen(in.Then)
	m.SetAgreedBy(in.AgreedBy)
}
