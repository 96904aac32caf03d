package inbox

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RawKept is how long the body of a delivery is kept; its hash, its headers and what became of it stay.
const RawKept = 90 * 24 * time.Hour

// noInput is what a client may set on a delivery: nothing.
type noInput struct{}

// Check notes nothing.
func (noInput) Check(*fault.Check) {}

// Inbox keeps deliveries.
type Inbox struct {
	*record.Records[*ent.Delivery, *ent.DeliveryMutation, noInput]
	sources *Sources
	store   *store.Store
	now     func() time.Time
	rates   rates
	// nobody stands for a source that does not exist, so that asking for one does the same work as a wrong signature.
	nobody *ent.Source
	// wake tells a waiting worker that there is something to do.
	wake chan struct{}
}

// New keeps the deliveries of sources in s.
func New(s *store.Store, now func() time.Time, sources *Sources) *Inbox {
	nobody := &ent.Source{AuthKind: vocab.SourceAuthHMAC}
	if sources.box != nil {
		nobody.Secrets, _ = sources.rotated(0, nil, rand.Text(), 0) // without a secret it is refused all the same
	}
	return &Inbox{Records: record.New(s, now, deliveries), sources: sources, store: s, now: now, nobody: nobody, wake: make(chan struct{}, 1)}
}

var deliveries = record.Noun[*ent.Delivery, *ent.DeliveryMutation, noInput]{
	Kind:    vocab.Delivery,
	Table:   record.TableOf(func(c *ent.Client) *ent.DeliveryClient { return c.Delivery }, nil),
	Of:      func(*ent.Delivery) noInput { return noInput{} },
	Apply:   func(noInput, *ent.DeliveryMutation) {},
	Visible: record.ToAll,
	Filters: []record.Filter{
		record.Ref("source_id", vocab.Source), record.Word("status", vocab.DeliveryStatus("")), record.Text("reason"),
		record.Text("event"), record.Text("issue_id"), record.Text("issue_key"),
	},
	Sorts: []string{delivery.FieldLastSeenAt},
}

// Range says which deliveries are replayed together.
type Range struct {
	// From and To bound when they were received; To is left out of the range.
	From, To *time.Time
	Source   int
	Status   vocab.DeliveryStatus
}

// Replay lets a delivery be applied once more. It is Gone when its body is no longer kept.
func (b *Inbox) Replay(ctx context.Context, id int) (*ent.Delivery, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	var again *ent.Delivery
	err := b.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		row, err := b.Load(ctx, tx.Client(), id)
		if err != nil {
			return err
		}
		if row.RawGone {
			return fault.New(fault.Gone, "the body of %s is no longer kept", vocab.Delivery.ID(id))
		}
		if _, err := b.requeue(tx.Client().Delivery.Update().Where(delivery.ID(id))).Save(ctx); err != nil {
			return err
		}
		if again, err = b.Load(ctx, tx.Client(), id); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Target: vocab.Delivery.ID(id), Action: "replay", Changes: []vocab.FieldChange{}, At: b.now()})
	})
	if err == nil {
		b.Wake()
	}
	return again, err
}

// ReplayRange lets many deliveries be applied once more and counts them. Those whose body is gone, and those at work, are left out.
func (b *Inbox) ReplayRange(ctx context.Context, r Range) (int, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return 0, err
	}
	count := 0
	err := b.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		update := tx.Client().Delivery.Update().Where(delivery.RawGone(false), delivery.StatusNEQ(vocab.DeliveryStatusProcessing))
		if r.From != nil {
			update.Where(delivery.CreatedAtGTE(*r.From))
		}
		if r.To != nil {
			update.Where(delivery.CreatedAtLT(*r.To))
		}
		if r.Source != 0 {
			update.Where(delivery.SourceID(r.Source))
		}
		if r.Status != "" {
			update.Where(delivery.StatusEQ(r.Status))
		}
		var err error
		count, err = b.requeue(update).Save(ctx)
		return err
	})
	if err == nil {
		b.Wake()
	}
	return count, err
}

// requeue makes deliveries as they were when they came.
func (b *Inbox) requeue(update *ent.DeliveryUpdate) *ent.DeliveryUpdate {
	now := b.now()
	return update.SetStatus(vocab.DeliveryStatusReceived).SetReason("").SetError("").SetAttempts(0).SetPanics(0).SetNextAttemptAt(now).
		ClearLeaseUntil().SetLeaseBy("").SetUpdatedAt(now).AddVersion(1)
}

// Retain removes the bodies of deliveries that came before a time, and counts them.
func (b *Inbox) Retain(ctx context.Context, before time.Time) (int, error) {
	count := 0
	err := b.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		count, err = tx.Client().Delivery.Update().
			Where(delivery.CreatedAtLT(before), delivery.RawGone(false), delivery.StatusNotIn(vocab.DeliveryStatusReceived, vocab.DeliveryStatusProcessing)).
			ClearRaw().SetRawGone(true).SetUpdatedAt(b.now()).AddVersion(1).Save(ctx)
		return err
	})
	return count, err
}

// Wake tells the workers that there may be something to do.
func (b *Inbox) Wake() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}
