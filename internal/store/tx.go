package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
)

// Tx is one transaction. It ends with the function it was given to, and may only be used by one goroutine.
type Tx struct {
	store        *Store
	tx           *sql.Tx
	client       *ent.Client
	beforeCommit []func(context.Context, *Tx) error
	afterCommit  []func()
	depth        int
}

// Client is an ent client inside the transaction.
func (t *Tx) Client() *ent.Client { return t.client }

// SQL is the transaction itself, for the job queue. Times given to it are not normalised: pass UTC(t).
func (t *Tx) SQL() *sql.Tx { return t.tx }

// Dialect is SQLite or Postgres.
func (t *Tx) Dialect() string { return t.store.dialect }

// BeforeCommit adds a step that runs last in the transaction, in the order added; its error undoes everything.
func (t *Tx) BeforeCommit(hook func(ctx context.Context, tx *Tx) error) {
	t.beforeCommit = append(t.beforeCommit, hook)
}

// AfterCommit adds a step that runs once the writes are durable, in the order added, and never when they were undone.
func (t *Tx) AfterCommit(hook func()) { t.afterCommit = append(t.afterCommit, hook) }

type beforeCommitKey struct{}

// WithBeforeCommit is a context whose transactions end with hook, as if each had been given it by BeforeCommit.
func WithBeforeCommit(ctx context.Context, hook func(ctx context.Context, tx *Tx) error) context.Context {
	return context.WithValue(ctx, beforeCommitKey{}, hook)
}

type txKey struct{ store *Store }

// current is the transaction of this store that ctx carries, or nil.
func (s *Store) current(ctx context.Context) *Tx {
	tx, _ := ctx.Value(txKey{s}).(*Tx)
	return tx
}

// Tx runs fn in a transaction and commits it when fn returns nil; an error or a panic undoes it. Where another transaction got in
// the way, fn runs again, so it must have no effect outside tx but through AfterCommit. Called with the context of a transaction
// of this store it becomes a part of that one: it commits with it, and its error undoes only its own writes.
// Errors come as Fault makes them. An error of the commit itself may leave open whether it took place; that one is never retried.
func (s *Store) Tx(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if outer := s.current(ctx); outer != nil {
		return s.Fault(outer.nested(ctx, fn))
	}
	for attempt := 1; ; attempt++ {
		after, err := s.once(ctx, fn)
		if err == nil {
			for _, hook := range after {
				hook()
			}
			return nil
		}
		if attempt >= s.cfg.TxAttempts || !retryable(err) || !pause(ctx, attempt) {
			return s.Fault(err)
		}
	}
}

// pause waits a little longer before every attempt, and by chance, so that two transactions do not meet again.
func pause(ctx context.Context, attempt int) bool {
	step := 5 * time.Millisecond << attempt
	timer := time.NewTimer(step/2 + rand.N(step))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// once runs one attempt and reports what is to be done after the commit.
func (s *Store) once(ctx context.Context, fn func(context.Context, *Tx) error) (after []func(), err error) {
	conn, err := s.acquire(ctx, s.writer)
	if err != nil {
		return nil, &beginError{err}
	}
	defer conn.Close()
	raw, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return nil, &beginError{err}
	}
	committed := false
	defer func() {
		if committed {
			return
		}
		if undo := rollback(raw); undo != nil { // also on the way out of a panic
			err = errors.Join(err, undo)
		}
	}()
	tx := &Tx{store: s, tx: raw, client: ent.NewClient(ent.Driver(newTxDriver(raw, s.dialect)))}
	if hook, ok := ctx.Value(beforeCommitKey{}).(func(context.Context, *Tx) error); ok {
		tx.BeforeCommit(hook)
	}
	inner := context.WithValue(ctx, txKey{s}, tx)
	if err := fn(inner, tx); err != nil {
		return nil, err
	}
	for i := 0; i < len(tx.beforeCommit); i++ { // a hook may add another
		if err := tx.beforeCommit[i](inner, tx); err != nil {
			return nil, err
		}
	}
	if err := raw.Commit(); err != nil {
		return nil, &commitError{err}
	}
	committed = true
	return tx.afterCommit, nil
}

func rollback(tx *sql.Tx) error {
	err := tx.Rollback()
	if err == nil || errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return fmt.Errorf("rolling back: %w", err)
}

// nested runs fn between a savepoint and its release.
func (t *Tx) nested(ctx context.Context, fn func(context.Context, *Tx) error) (err error) {
	t.depth++
	name := fmt.Sprintf("nested_%d", t.depth)
	before, after := len(t.beforeCommit), len(t.afterCommit)
	defer func() { t.depth-- }()
	if _, err := t.tx.ExecContext(ctx, "SAVEPOINT "+name); err != nil {
		return fmt.Errorf("setting a savepoint: %w", err)
	}
	if err := fn(ctx, t); err != nil {
		t.beforeCommit, t.afterCommit = t.beforeCommit[:before], t.afterCommit[:after]
		if _, undo := t.tx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT "+name); undo != nil {
			return errors.Join(err, undo)
		}
		return err
	}
	if _, err := t.tx.ExecContext(ctx, "RELEASE SAVEPOINT "+name); err != nil {
		return fmt.Errorf("releasing a savepoint: %w", err)
	}
	return nil
}

// Snapshot runs fn with a client that sees the database as it is at one moment, however long fn takes, and refuses mutations.
func (s *Store) Snapshot(ctx context.Context, fn func(ctx context.Context, client *ent.Client) error) error {
	return s.SnapshotTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return fn(ctx, ent.NewClient(ent.Driver(&snapshotDriver{newTxDriver(tx, s.dialect)})))
	})
}

// beginError is a failure before the first statement, so that nothing can have happened yet.
type beginError struct{ cause error }

func (e *beginError) Error() string { return "beginning a transaction: " + e.cause.Error() }
func (e *beginError) Unwrap() error { return e.cause }

// commitError is a failure of the commit itself, which may or may not have taken place.
type commitError struct{ cause error }

func (e *commitError) Error() string { return "committing: " + e.cause.Error() }
func (e *commitError) Unwrap() error { return e.cause }
