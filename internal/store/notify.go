package store

import (
	"context"
	"fmt"
)

// Notify announces on a channel, once the transaction has committed, that there is something to read. On SQLite, where
// readers share the process, it does nothing: they are told by AfterCommit.
func (t *Tx) Notify(ctx context.Context, channel string) error {
	if t.Dialect() != Postgres {
		return nil
	}
	if _, err := t.tx.ExecContext(ctx, "SELECT pg_notify($1, '')", channel); err != nil {
		return fmt.Errorf("announcing on %s: %w", channel, err)
	}
	return nil
}
