package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// SnapshotTx is Snapshot for statements of the caller's own: fn is given the read-only transaction itself. Times come back as the
// driver gives them: pass them through UTC.
func (s *Store) SnapshotTx(ctx context.Context, fn func(ctx context.Context, tx *sql.Tx) error) error {
	if s.current(ctx) != nil {
		return errReadInsideTx
	}
	conn, err := s.acquire(ctx, s.reader)
	if err != nil {
		return s.Fault(err)
	}
	defer conn.Close()
	opts := &sql.TxOptions{ReadOnly: true}
	if s.dialect == Postgres { // SQLite has no other than this one, and its driver refuses to be asked for it
		opts.Isolation = sql.LevelRepeatableRead
	}
	tx, err := conn.BeginTx(ctx, opts)
	if err != nil {
		return s.Fault(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written, so there is nothing that could fail to be undone
	return s.Fault(fn(ctx, tx))
}

// LockTables keeps other transactions from writing to the tables until this one ends. On SQLite there is one writer anyway.
func (t *Tx) LockTables(ctx context.Context, tables ...string) error {
	if t.Dialect() != Postgres || len(tables) == 0 {
		return nil
	}
	if _, err := t.tx.ExecContext(ctx, `LOCK TABLE "`+strings.Join(tables, `", "`)+`" IN SHARE ROW EXCLUSIVE MODE`); err != nil {
		return fmt.Errorf("locking tables: %w", err)
	}
	return nil
}

// Lock makes other transactions that ask for the same name wait until this one ends. On SQLite there is one writer anyway.
func (t *Tx) Lock(ctx context.Context, name string) error {
	if t.Dialect() != Postgres {
		return nil
	}
	if _, err := t.tx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(hashtextextended($1, 5))", name); err != nil {
		return fmt.Errorf("waiting for %s: %w", name, err)
	}
	return nil
}

// AdvanceSequence makes sure that the numbers given to new rows of a table are greater than past. It is for rows that were written
// with numbers of their own. On PostgreSQL an undone transaction does not undo it, so it belongs at the end.
func (t *Tx) AdvanceSequence(ctx context.Context, table string, past int64) error {
	if past < 1 {
		return nil
	}
	var err error
	if t.Dialect() == Postgres {
		_, err = t.tx.ExecContext(ctx, `SELECT setval(s, greatest($2, coalesce(pg_sequence_last_value(s), 1))) FROM pg_get_serial_sequence($1, 'id') AS name, LATERAL (SELECT name::regclass AS s) AS sequence`, table, past)
	} else {
		_, err = t.tx.ExecContext(ctx, "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", past, table)
		if err == nil {
			_, err = t.tx.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = ?)", table, past, table)
		}
	}
	if err != nil {
		return fmt.Errorf("advancing the sequence of %s: %w", table, err)
	}
	return nil
}
