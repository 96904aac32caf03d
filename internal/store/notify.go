package store

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Notify announces on a channel, once the transaction has committed, that there is something to read.
func (t *Tx) Notify(ctx context.Context, channel string) error {
	if t.Dialect() != Postgres { // readers share the process
		t.AfterCommit(func() { t.store.wakers.wake(channel) })
		return nil
	}
	if _, err := t.tx.ExecContext(ctx, "SELECT pg_notify($1, '')", channel); err != nil {
		return fmt.Errorf("announcing on %s: %w", channel, err)
	}
	return nil
}

// listenAgain is how long Listen waits before it connects again.
const listenAgain = time.Second

// Listen tells wake of every announcement on the channel until ctx ends, and once at the start of every connection, because
// announcements made while there was none are lost. On PostgreSQL it has a connection of its own. Announcements may be lost at any
// time, so a reader that must not miss one also looks by itself now and then. wake must not block.
func (s *Store) Listen(ctx context.Context, channel string, wake func()) {
	if s.dialect != Postgres {
		defer s.wakers.add(channel, wake)()
		wake()
		<-ctx.Done()
		return
	}
	for ctx.Err() == nil {
		_ = s.listen(ctx, channel, wake) // whatever ended it, the way on is to connect again
		select {
		case <-ctx.Done():
		case <-time.After(listenAgain):
		}
	}
}

func (s *Store) listen(ctx context.Context, channel string, wake func()) error {
	cfg, err := s.pgConfig()
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is broken or no longer needed
	if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
		return err
	}
	for {
		wake()
		if _, err := conn.WaitForNotification(ctx); err != nil {
			return err
		}
	}
}

// wakers are the listeners of this process.
type wakers struct {
	mu   sync.Mutex
	next int
	by   map[int]waker
}

type waker struct {
	channel string
	wake    func()
}

// add makes a listener and gives what ends it.
func (w *wakers) add(channel string, wake func()) (remove func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.by == nil {
		w.by = map[int]waker{}
	}
	w.next++
	n := w.next
	w.by[n] = waker{channel, wake}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.by, n)
	}
}

func (w *wakers) wake(channel string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.by {
		if l.channel == channel {
			l.wake()
		}
	}
}
