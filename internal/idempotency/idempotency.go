// Package idempotency remembers the answers to requests that carry an Idempotency-Key, so that a request sent again after a
// lost answer changes nothing. It follows draft-ietf-httpapi-idempotency-key-header: the same key with another request is
// Invalid, with a request that still runs Conflict. Which headers make up an answer is the business of package handlers.
package idempotency

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/idempotencykey"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/store"
)

const (
	// Kept is how long an answer is remembered.
	Kept = 24 * time.Hour
	// lease is how long a running request is taken to be alive; it is longer than any request may take.
	lease = 2 * time.Minute
	// answering is how long a request that has committed is given to keep its answer, before the answer is taken to be lost.
	answering = 5 * time.Second
)

// Answer is a response as it was sent.
type Answer struct {
	Status  int
	Headers map[string]string
	Body    []byte
}

// Earlier is what is known of a request that was sent before.
type Earlier struct {
	// Answer is the response kept, or nil when the process ended between the write and its response.
	Answer *Answer
	// Location is the path of the record written, for a response that has to be made again.
	Location string
}

// Keeper keeps keys in a store.
type Keeper struct {
	store *store.Store
	now   func() time.Time
}

// New keeps keys in s.
func New(s *store.Store, now func() time.Time) *Keeper { return &Keeper{store: s, now: now} }

// Claim is the right to run a request under a key.
type Claim struct {
	keeper *Keeper
	id     int
}

// Begin claims the key of a principal for a request with the given fingerprint. Exactly one of the results is given: a
// claim for a request that is to run, or what is known of one that ran. It is Invalid when the key stands for another
// request and Conflict while that request runs.
func (k *Keeper) Begin(ctx context.Context, principal, key, fingerprint string) (*Claim, *Earlier, error) {
	var claim *Claim
	var earlier *Earlier
	err := k.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		claim, earlier = nil, nil
		found, err := tx.Client().IdempotencyKey.Query().
			Where(idempotencykey.Principal(principal), idempotencykey.Key(key)).Only(ctx)
		switch {
		case ent.IsNotFound(err):
			claim, err = k.insert(ctx, tx, principal, key, fingerprint)
			return err
		case err != nil:
			return err
		case !k.now().Before(found.ExpiresAt):
			if err := tx.Client().IdempotencyKey.DeleteOne(found).Exec(ctx); err != nil {
				return err
			}
			claim, err = k.insert(ctx, tx, principal, key, fingerprint)
			return err
		}
		claim, earlier, err = k.meet(ctx, tx, found, fingerprint)
		return err
	})
	if fault.Is(err, fault.Conflict) { // also when another request inserted the key first
		return nil, nil, running()
	}
	return claim, earlier, err
}

func running() error {
	f := fault.New(fault.Conflict, "a request with this Idempotency-Key is still running")
	f.RetryAfter = time.Second
	return f
}

func (k *Keeper) insert(ctx context.Context, tx *store.Tx, principal, key, fingerprint string) (*Claim, error) {
	now := k.now()
	row, err := tx.Client().IdempotencyKey.Create().
		SetPrincipal(principal).SetKey(key).SetFingerprint(fingerprint).
		SetCreatedAt(now).SetLeaseUntil(now.Add(lease)).SetExpiresAt(now.Add(Kept)).Save(ctx)
	if err != nil {
		return nil, err
	}
	return &Claim{k, row.ID}, nil
}

// meet decides what a key that is known means for a request that carries it again.
func (k *Keeper) meet(ctx context.Context, tx *store.Tx, found *ent.IdempotencyKey, fingerprint string) (*Claim, *Earlier, error) {
	if found.Fingerprint != fingerprint {
		var check fault.Check
		check.Add("Idempotency-Key", "key_reused", "stands for another request; use a new key")
		return nil, nil, check.Err()
	}
	switch found.State {
	case idempotencykey.StateAnswered:
		return nil, &Earlier{Answer: &Answer{found.Status, found.Headers, found.Body}, Location: found.Location}, nil
	case idempotencykey.StateCommitted:
		if k.now().Before(found.LeaseUntil) {
			return nil, nil, running()
		}
		return nil, &Earlier{Location: found.Location}, nil
	}
	if k.now().Before(found.LeaseUntil) {
		return nil, nil, running()
	}
	taken, err := tx.Client().IdempotencyKey.Update(). // its process ended before it wrote anything
								Where(idempotencykey.ID(found.ID), idempotencykey.LeaseUntil(found.LeaseUntil)).
								SetLeaseUntil(k.now().Add(lease)).Save(ctx)
	if err != nil {
		return nil, nil, err
	}
	if taken == 0 {
		return nil, nil, running()
	}
	return &Claim{k, found.ID}, nil, nil
}

// Forget removes the keys of requests that the last process was running when it ended, and gives up the answers that it had
// not kept yet. It is for a database that belongs to one process, at its start.
func (k *Keeper) Forget(ctx context.Context) error {
	return k.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		keys := tx.Client().IdempotencyKey
		if _, err := keys.Delete().Where(idempotencykey.StateEQ(idempotencykey.StateRunning)).Exec(ctx); err != nil {
			return err
		}
		return keys.Update().Where(idempotencykey.StateEQ(idempotencykey.StateCommitted)).SetLeaseUntil(k.now()).Exec(ctx)
	})
}

// Sweep removes the keys that have expired.
func (k *Keeper) Sweep(ctx context.Context) error {
	return k.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Client().IdempotencyKey.Delete().Where(idempotencykey.ExpiresAtLTE(k.now())).Exec(ctx)
		return err
	})
}

// Watch is a context in which the first write that commits notes, in its own transaction, that the request took effect.
// location turns the receipt of the write into the path of the record.
func (c *Claim) Watch(ctx context.Context, location func(feed.Receipt) string) context.Context {
	return store.WithBeforeCommit(ctx, func(ctx context.Context, tx *store.Tx) error {
		update := tx.Client().IdempotencyKey.UpdateOneID(c.id).SetState(idempotencykey.StateCommitted).
			SetLeaseUntil(c.keeper.now().Add(answering))
		if receipt := feed.ReceiptFrom(ctx); receipt != nil && !receipt.First.IsZero() {
			update.SetLocation(location(*receipt))
		}
		return update.Exec(ctx)
	})
}

// Answered keeps the answer.
func (c *Claim) Answered(ctx context.Context, answer Answer) error {
	return c.keeper.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Client().IdempotencyKey.UpdateOneID(c.id).SetState(idempotencykey.StateAnswered).
			SetStatus(answer.Status).SetHeaders(answer.Headers).SetBody(answer.Body).Exec(ctx)
	})
}

// Release gives the key back after a request that wrote nothing, so that it may be tried again. A key whose request took
// effect stays.
func (c *Claim) Release(ctx context.Context) error {
	return c.keeper.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Client().IdempotencyKey.Delete().
			Where(idempotencykey.ID(c.id), idempotencykey.StateEQ(idempotencykey.StateRunning)).Exec(ctx)
		return err
	})
}
