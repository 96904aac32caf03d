// Package alertsync applies deliveries of Alertmanager: it writes the readings that package alert finds in them, in the
// transaction of the delivery. Taking deliveries in is left to package inbox.
package alertsync

import (
	"context"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/tripwire"
	"github.com/hindcast-kb/hindcast/internal/alert"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Processor applies deliveries.
type Processor struct {
	tripwires *upgrade.Tripwires
	now       func() time.Time
}

// New applies deliveries to tripwires.
func New(now func() time.Time, tripwires *upgrade.Tripwires) *Processor {
	return &Processor{tripwires, now}
}

// reasonNoChange is why a delivery that says what is known already was not applied.
const reasonNoChange = "no_change"

// Process applies one delivery. It has the form of inbox.Process.
func (p *Processor) Process(ctx context.Context, tx *store.Tx, d *ent.Delivery, source *ent.Source) (inbox.Outcome, error) {
	ctx = auth.With(ctx, auth.System("alertmanager"))
	delivery, err := inbox.Alerts(d)
	if err != nil {
		return inbox.Outcome{Status: vocab.DeliveryStatusQuarantined, Reason: inbox.ReasonNoAlerts}, nil
	}
	return p.apply(ctx, tx, source, delivery)
}

// apply finds the readings of a delivery and records them.
func (p *Processor) apply(ctx context.Context, tx *store.Tx, source *ent.Source, d alert.Delivery) (inbox.Outcome, error) {
	byWire := map[int][]upgrade.ReadingInput{}
	silence := reasonNoChange
	for _, a := range d.Alerts {
		r, why := alert.ReadingOf(source.Alerts, a)
		if why != "" {
			silence = quieter(silence, string(why))
			continue
		}
		wires, err := p.wires(ctx, tx, r)
		if err != nil {
			return inbox.Outcome{}, err
		}
		if len(wires) == 0 {
			silence = inbox.ReasonNoTripwire
		}
		for _, wire := range wires {
			at := p.within(r.At, wire)
			byWire[wire.ID] = append(byWire[wire.ID], upgrade.ReadingInput{Value: &r.Value, At: &at, SourceKey: r.Key})
		}
	}
	return p.record(ctx, byWire, silence)
}

// quieter keeps the reason that somebody can do most about: a missing tripwire before all, and any reason before none.
func quieter(had, why string) string {
	if had == reasonNoChange {
		return why
	}
	return had
}

func (p *Processor) record(ctx context.Context, byWire map[int][]upgrade.ReadingInput, silence string) (inbox.Outcome, error) {
	ids := make([]int, 0, len(byWire))
	for id := range byWire {
		ids = append(ids, id)
	}
	slices.Sort(ids) // two deliveries that read the same two must not wait for one another
	outcome := inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: silence}
	if silence == reasonNoChange {
		outcome.Status = vocab.DeliveryStatusNoop
	}
	for _, id := range ids {
		added := 0
		for chunk := range slices.Chunk(byWire[id], upgrade.MaxReadings) {
			_, n, err := p.tripwires.Take(ctx, id, chunk)
			if err != nil {
				return outcome, err
			}
			added += n
		}
		if added > 0 {
			outcome.Effects = append(outcome.Effects, vocab.Tripwire.ID(id).String())
		}
	}
	if len(outcome.Effects) > 0 {
		outcome.Status = vocab.DeliveryStatusApplied
		if silence != inbox.ReasonNoTripwire { // that one is kept, so that the rest is taken once there is a tripwire
			outcome.Reason = ""
		}
	}
	return outcome, nil
}

// wires are the tripwires that a reading is of: the one it names unless that is a draft, or the armed ones with its signal.
func (p *Processor) wires(ctx context.Context, tx *store.Tx, r alert.Reading) ([]*ent.Tripwire, error) {
	query := tx.Client().Tripwire.Query()
	if !r.Tripwire.IsZero() {
		return query.Where(tripwire.ID(r.Tripwire.N), tripwire.StatusNEQ(vocab.TripwireStatusDraft)).All(ctx)
	}
	return query.Where(tripwire.SignalEqualFold(r.Signal), tripwire.StatusEQ(vocab.TripwireStatusArmed),
		tripwire.Or(tripwire.DeadlineIsNil(), tripwire.DeadlineGT(p.now()))).Order(ent.Asc(tripwire.FieldID)).All(ctx)
}

// within is the time of a reading: when the alert began, or when the wire was armed if that was later, since the alert still held
// then; and never later than now, whatever the clock over there says.
func (p *Processor) within(at time.Time, wire *ent.Tripwire) time.Time {
	if wire.ArmedAt != nil && at.Before(*wire.ArmedAt) {
		at = *wire.ArmedAt
	}
	if now := p.now(); at.After(now) {
		at = now
	}
	return at.UTC()
}
