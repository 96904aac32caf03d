package inbox

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/ent/source"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// lease is how long a worker may take for one delivery before another takes it for dead.
	lease = 2 * time.Minute
	// maxAttempts is how often a delivery is tried before it is dead.
	maxAttempts = 8
	// maxPanics is how often a delivery may make a worker panic before it is quarantined.
	maxPanics = 2
	// firstPause and longestPause bound the wait between two attempts, which doubles.
	firstPause   = 5 * time.Second
	longestPause = time.Hour
	// poll is how often a worker looks for deliveries that another process took in, or whose time has come.
	poll = 500 * time.Millisecond
)

// reasonDryRun is why a delivery that would have been applied was not.
const reasonDryRun = "dry_run"

// Outcome says what became of a delivery.
type Outcome struct {
	Status  vocab.DeliveryStatus
	Reason  string
	Effects []string
}

// Process applies one delivery inside a transaction, which its error undoes.
type Process func(ctx context.Context, tx *store.Tx, d *ent.Delivery, source *ent.Source) (Outcome, error)

// Worker hands deliveries to a Process.
type Worker struct {
	// Settled is told what became of each delivery; it may be nil.
	Settled func(status string)

	inbox   *Inbox
	process Process
	log     *slog.Logger
	name    string
}

// NewWorker works on the deliveries of an inbox.
func NewWorker(b *Inbox, process Process, log *slog.Logger) *Worker {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	return &Worker{inbox: b, process: process, log: log, name: hex.EncodeToString(raw)}
}

// Run works until ctx ends, with several deliveries at once where the database allows it, and removes old bodies every hour.
func (w *Worker) Run(ctx context.Context) {
	lanes := 1
	if w.inbox.store.Dialect() == store.Postgres {
		lanes = 4
	}
	var all sync.WaitGroup
	for range lanes {
		all.Go(func() { w.loop(ctx) })
	}
	all.Go(func() { w.retain(ctx) })
	all.Wait()
}

func (w *Worker) loop(ctx context.Context) {
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	for ctx.Err() == nil {
		worked, err := w.One(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Error("working on deliveries", "cause", err.Error())
		}
		if worked && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-w.inbox.wake:
		}
	}
}

func (w *Worker) retain(ctx context.Context) {
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	for {
		if _, err := w.inbox.Retain(ctx, w.inbox.now().Add(-RawKept)); err != nil && ctx.Err() == nil {
			w.log.Error("removing old bodies", "cause", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Drain works until no delivery is due, and counts those it worked on.
func (w *Worker) Drain(ctx context.Context) (int, error) {
	for n := 0; ; n++ {
		worked, err := w.One(ctx)
		if err != nil || !worked {
			return n, err
		}
	}
}

// One works on one delivery and says whether there was one.
func (w *Worker) One(ctx context.Context) (bool, error) {
	ctx = auth.With(ctx, auth.System("jira"))
	id, err := w.claim(ctx)
	if err != nil || id == 0 {
		return false, err
	}
	panicked, err := w.apply(ctx, id)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil { // we are stopping; the lease ends by itself
		return true, ctx.Err()
	}
	return true, w.failed(ctx, id, panicked, err)
}

// claim takes the oldest delivery that is due, whose source is not paused and whose lane nobody works on; zero when there is none.
func (w *Worker) claim(ctx context.Context) (int, error) {
	claimed := 0
	err := w.inbox.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		claimed = 0
		now := store.UTC(w.inbox.now())
		query := tx.Client().Delivery.Query().Where(
			delivery.Or(
				delivery.And(delivery.StatusEQ(vocab.DeliveryStatusReceived), delivery.NextAttemptAtLTE(now)),
				delivery.And(delivery.StatusEQ(vocab.DeliveryStatusProcessing), delivery.LeaseUntilLT(now)),
			),
			delivery.HasSourceWith(source.ModeNEQ(vocab.SourceModePaused)),
			func(s *entsql.Selector) {
				busy := entsql.Dialect(s.Dialect()).Table(delivery.Table).As("busy")
				s.Where(entsql.NotExists(entsql.Dialect(s.Dialect()).Select(busy.C(delivery.FieldID)).From(busy).Where(entsql.And(
					entsql.ColumnsEQ(busy.C(delivery.FieldLane), s.C(delivery.FieldLane)),
					entsql.EQ(busy.C(delivery.FieldStatus), vocab.DeliveryStatusProcessing),
					entsql.GTE(busy.C(delivery.FieldLeaseUntil), now)))))
			},
		).Order(ent.Asc(delivery.FieldID))
		if tx.Dialect() == store.Postgres {
			query.ForUpdate(entsql.WithLockAction(entsql.SkipLocked))
		}
		id, err := query.FirstID(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		claimed = id
		return tx.Client().Delivery.UpdateOneID(id).SetStatus(vocab.DeliveryStatusProcessing).SetLeaseUntil(now.Add(lease)).
			SetLeaseBy(w.name).AddAttempts(1).SetUpdatedAt(now).Exec(ctx)
	})
	return claimed, err
}

// errUndo undoes what a dry run wrote.
var errUndo = errors.New("dry run")

// try applies a delivery. For a source in a dry run it undoes what that wrote, and keeps what it would have done.
func (w *Worker) try(ctx context.Context, tx *store.Tx, d *ent.Delivery) (outcome Outcome, err error) {
	if d.Edges.Source.Mode != vocab.SourceModeDryRun {
		return w.process(ctx, tx, d, d.Edges.Source)
	}
	err = w.inbox.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if outcome, err = w.process(ctx, tx, d, d.Edges.Source); err != nil {
			return err
		}
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		return outcome, err
	}
	if outcome.Status == vocab.DeliveryStatusApplied {
		outcome.Status, outcome.Reason = vocab.DeliveryStatusNoop, reasonDryRun
	}
	return outcome, nil
}

// errLost is a delivery that another worker has taken over.
var errLost = errors.New("the lease was lost")

// apply processes a delivery and settles it in one transaction, so that both happen or neither.
func (w *Worker) apply(ctx context.Context, id int) (panicked bool, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			w.log.Error("panic in a delivery", "delivery", vocab.Delivery.ID(id).String(), "stack", string(debug.Stack()))
			panicked, err = true, errors.New("panic")
		}
	}()
	var became vocab.DeliveryStatus
	err = w.inbox.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.Client().Delivery.Query().Where(delivery.ID(id), delivery.LeaseBy(w.name), delivery.StatusEQ(vocab.DeliveryStatusProcessing)).
			WithSource().Only(ctx)
		if ent.IsNotFound(err) {
			return errLost
		}
		if err != nil {
			return err
		}
		outcome, err := w.try(ctx, tx, d)
		if err != nil {
			return err
		}
		became = outcome.Status
		return w.settle(ctx, tx, id, outcome)
	})
	if errors.Is(err, errLost) {
		return false, nil
	}
	if err == nil && w.Settled != nil {
		w.Settled(string(became))
	}
	return false, err
}

func (w *Worker) settle(ctx context.Context, tx *store.Tx, id int, o Outcome) error {
	now := w.inbox.now()
	n, err := tx.Client().Delivery.Update().Where(delivery.ID(id), delivery.LeaseBy(w.name)).SetStatus(o.Status).SetReason(o.Reason).SetError("").
		SetEffects(append([]string{}, o.Effects...)).SetSettledAt(now).SetUpdatedAt(now).AddVersion(1).ClearLeaseUntil().SetLeaseBy("").Save(ctx)
	if err == nil && n == 0 {
		return errLost
	}
	return err
}

// failed puts a delivery back for later, or aside when there is no hope.
func (w *Worker) failed(ctx context.Context, id int, panicked bool, cause error) error {
	return w.inbox.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.Client().Delivery.Get(ctx, id)
		if err != nil || d.LeaseBy != w.name {
			return err
		}
		now := w.inbox.now()
		update := tx.Client().Delivery.UpdateOneID(id).SetUpdatedAt(now).AddVersion(1).ClearLeaseUntil().SetLeaseBy("").SetError(describeFailure(panicked, cause))
		if panicked {
			update.AddPanics(1)
		}
		switch kind := fault.KindOf(cause); {
		case panicked && d.Panics+1 >= maxPanics:
			update.SetStatus(vocab.DeliveryStatusQuarantined).SetReason("panic").SetSettledAt(now)
		case !panicked && (kind == fault.Invalid || kind == fault.Conflict):
			update.SetStatus(vocab.DeliveryStatusQuarantined).SetReason("rejected").SetSettledAt(now)
		case d.Attempts >= maxAttempts:
			update.SetStatus(vocab.DeliveryStatusDead).SetReason("attempts_exhausted").SetSettledAt(now)
		default:
			update.SetStatus(vocab.DeliveryStatusReceived).SetNextAttemptAt(now.Add(pause(d.Attempts)))
		}
		w.log.Warn("a delivery failed", "delivery", vocab.Delivery.ID(id).String(), "attempt", d.Attempts, "cause", fmt.Sprintf("%T", cause))
		return update.Exec(ctx)
	})
}

// pause is how long to wait after a number of attempts.
func pause(attempts int) time.Duration {
	wait := firstPause << max(0, min(attempts-1, 20))
	return min(wait, longestPause)
}

// describeFailure says what went wrong with constant words and the names of fields, never with anything of the body.
func describeFailure(panicked bool, cause error) string {
	if panicked {
		return "the worker panicked"
	}
	var f *fault.Error
	if !errors.As(cause, &f) {
		return "an internal error; the log has more"
	}
	var fields []string
	for _, bad := range f.Fields {
		fields = append(fields, bad.Field+" ("+bad.Code+")")
	}
	if len(fields) == 0 {
		return "the write was refused"
	}
	return clip("the write was refused: "+strings.Join(fields, ", "), 500)
}
