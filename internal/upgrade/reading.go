package upgrade

import (
	"context"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/reading"
	"github.com/hindcast-kb/hindcast/ent/tripwire"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// MaxReadings is how many readings one request may bring, and how many a list gives.
const MaxReadings = 1000

// ReadingInput is one measured value.
type ReadingInput struct {
	// The value, in the unit of the signal.
	Value *float64 `json:"value" validate:"required" example:"412"`
	// When it was measured; now when it is not given.
	At *time.Time `json:"at,omitempty" format:"date-time" example:"2026-03-09T14:05:00Z"`
	// SourceKey names what a source sent; a tripwire keeps one reading of each key. Empty for what clients record.
	SourceKey string `json:"-"`
}

// Check notes a reading without a value.
func (in ReadingInput) Check(c *fault.Check) { in.check(c, "") }

func (in ReadingInput) check(c *fault.Check, prefix string) {
	if in.Value == nil {
		c.Add(prefix+"value", "required", "is required")
	}
}

// CheckReading is Invalid for a reading that Read would refuse.
func (s *Tripwires) CheckReading(in ReadingInput) error {
	return checkReadings([]ReadingInput{in}, s.Now())
}

// Read records readings of a tripwire, and trips it if they are what it waits for. However many readings come at once, it
// trips once. It is Conflict for a wire that was never armed.
func (s *Tripwires) Read(ctx context.Context, id int, readings []ReadingInput) (*ent.Tripwire, error) {
	wire, _, err := s.Take(ctx, id, readings)
	return wire, err
}

// Take is Read, and counts the readings that were not kept before under their key.
func (s *Tripwires) Take(ctx context.Context, id int, readings []ReadingInput) (wire *ent.Tripwire, added int, err error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, 0, err
	}
	if err := checkReadings(readings, s.Now()); err != nil {
		return nil, 0, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		// The row is held until the commit, so that two readings see each other and one of them trips the wire.
		if _, err := tx.Client().Tripwire.Update().Where(tripwire.ID(id)).AddVersion(0).Save(ctx); err != nil {
			return fmt.Errorf("holding the tripwire: %w", err)
		}
		var err error
		if wire, err = s.Load(ctx, tx.Client(), id); err != nil {
			return err
		}
		if wire.Status == vocab.TripwireStatusDraft {
			return fault.New(fault.Conflict, "%s is a draft; arm it before it is read", vocab.Tripwire.ID(id))
		}
		fresh, err := unread(ctx, tx, wire, readings)
		if added = len(fresh); err != nil || added == 0 {
			return err
		}
		earliest, err := s.keepReadings(ctx, tx, wire, fresh)
		if err != nil {
			return err
		}
		if err := feed.Append(ctx, tx, vocab.Tripwire.ID(id), vocab.ChangeOpUpdate, s.Now()); err != nil {
			return err
		}
		wire, err = s.trip(ctx, tx, wire, earliest)
		return err
	})
	return wire, added, err
}

// unread leaves out readings whose key is kept already, and those that repeat a key among them.
func unread(ctx context.Context, tx *store.Tx, wire *ent.Tripwire, readings []ReadingInput) ([]ReadingInput, error) {
	var keys []string
	for _, in := range readings {
		if in.SourceKey != "" {
			keys = append(keys, in.SourceKey)
		}
	}
	if len(keys) == 0 {
		return readings, nil
	}
	known := map[string]bool{}
	rows, err := tx.Client().Reading.Query().Where(reading.TripwireID(wire.ID), reading.SourceKeyIn(keys...)).Select(reading.FieldSourceKey).All(ctx)
	for _, row := range rows {
		known[*row.SourceKey] = true
	}
	var fresh []ReadingInput
	for _, in := range readings {
		if in.SourceKey == "" || !known[in.SourceKey] {
			fresh = append(fresh, in)
		}
		known[in.SourceKey] = true
	}
	return fresh, err
}

func checkReadings(readings []ReadingInput, now time.Time) error {
	var check fault.Check
	if n := len(readings); n == 0 || n > MaxReadings {
		check.Add("items", "out_of_range", "must have 1 to %d entries", MaxReadings)
		return check.Err()
	}
	for i, in := range readings {
		prefix := ""
		if len(readings) > 1 {
			prefix = fmt.Sprintf("items[%d].", i)
		}
		in.check(&check, prefix)
		record.NotFuture(&check, prefix+"at", in.At, now)
	}
	return check.Err()
}

// keepReadings writes the readings and gives the time of the earliest.
func (s *Tripwires) keepReadings(ctx context.Context, tx *store.Tx, wire *ent.Tripwire, readings []ReadingInput) (time.Time, error) {
	now := s.Now()
	earliest := now
	rows := make([]*ent.ReadingCreate, len(readings))
	for i, in := range readings {
		at := now
		if in.At != nil {
			at = record.Happened(*in.At, now)
		}
		if at.Before(earliest) {
			earliest = at
		}
		rows[i] = tx.Client().Reading.Create().SetTripwireID(wire.ID).SetRevision(wire.Revision).SetValue(*in.Value).SetAt(at).
			SetCreatedAt(now).SetCreatedBy(auth.From(ctx).Name)
		if in.SourceKey != "" {
			rows[i].SetSourceKey(in.SourceKey)
		}
	}
	return earliest, tx.Client().Reading.CreateBulk(rows...).Exec(ctx)
}

// trip moves an armed wire to tripped when its readings, under the terms in force, say so. since is the earliest of the new
// readings: a run that none of them is part of has been looked at before.
func (s *Tripwires) trip(ctx context.Context, tx *store.Tx, wire *ent.Tripwire, since time.Time) (*ent.Tripwire, error) {
	if wire.Status != vocab.TripwireStatusArmed {
		return wire, nil
	}
	limit := Limit{Comparator: wire.Comparator, Threshold: wire.Threshold, ForMinutes: wire.ForMinutes, Deadline: wire.Deadline}
	readings, err := readingsAround(ctx, tx, wire, limit, since)
	if err != nil {
		return nil, err
	}
	at, tripped := Trip(limit, readings)
	if !tripped {
		return wire, nil
	}
	reason := fmt.Sprintf("a reading of %s crossed the limit", wire.Signal)
	move := record.Move{To: string(vocab.TripwireStatusTripped), Reason: reason, At: &at}
	return s.Force(ctx, wire.ID, move, func(m *ent.TripwireMutation) { m.SetTrippedAt(at) })
}

// readingsAround are the readings under the terms in force from the last one before since that broke a run, or from the
// first when none did.
func readingsAround(ctx context.Context, tx *store.Tx, wire *ent.Tripwire, limit Limit, since time.Time) ([]Reading, error) {
	inForce := tx.Client().Reading.Query().Where(reading.TripwireID(wire.ID), reading.Revision(wire.Revision))
	last, err := inForce.Clone().Where(reading.AtLT(since), breaks(limit)).Order(reading.ByAt(entsql.OrderDesc())).First(ctx)
	switch {
	case err == nil:
		inForce = inForce.Where(reading.AtGTE(last.At))
	case !ent.IsNotFound(err):
		return nil, err
	}
	rows, err := inForce.All(ctx)
	readings := make([]Reading, len(rows))
	for i, row := range rows {
		readings[i] = Reading{At: row.At.UTC(), Value: row.Value}
	}
	return readings, err
}

// breaks is the opposite of Limit.Crossed as a condition on rows.
func breaks(limit Limit) predicate.Reading {
	switch limit.Comparator {
	case vocab.ComparatorGt:
		return reading.ValueLTE(limit.Threshold)
	case vocab.ComparatorGte:
		return reading.ValueLT(limit.Threshold)
	case vocab.ComparatorLt:
		return reading.ValueGTE(limit.Threshold)
	}
	return reading.ValueGT(limit.Threshold)
}

// Readings gives the latest readings of a tripwire, newest first.
func (s *Tripwires) Readings(ctx context.Context, id int) ([]*ent.Reading, error) {
	if _, err := s.Get(ctx, id); err != nil {
		return nil, err
	}
	rows, err := s.store.Client(ctx).Reading.Query().Where(reading.TripwireID(id)).
		Order(reading.ByAt(entsql.OrderDesc()), reading.ByID(entsql.OrderDesc())).Limit(MaxReadings).All(ctx)
	return rows, s.store.Fault(err)
}
