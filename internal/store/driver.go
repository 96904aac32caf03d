package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
)

var (
	errWriteOutsideTx = errors.New("a write outside a transaction: use Store.Tx")
	errReadInsideTx   = errors.New("a read outside the transaction at hand: use the client of the Tx")
)

// normal passes statements on with every time argument in UTC microseconds. Postgres keeps no more than that, and SQLite compares
// times as text, where another zone or precision finds the wrong rows without an error.
type normal struct{ entsql.ExecQuerier }

func (n normal) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	count(ctx)
	res, err := n.ExecQuerier.ExecContext(ctx, query, utcArgs(args)...)
	return res, withVerb(query, err)
}

func (n normal) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	count(ctx)
	rows, err := n.ExecQuerier.QueryContext(ctx, query, utcArgs(args)...)
	return rows, withVerb(query, err)
}

// utcArgs copies args only when one of them is a time, so that the caller's slice stays as it was.
func utcArgs(args []any) []any {
	var out []any
	for i, arg := range args {
		changed, ok := utcArg(arg)
		if !ok {
			continue
		}
		if out == nil {
			out = append([]any(nil), args...)
		}
		out[i] = changed
	}
	if out == nil {
		return args
	}
	return out
}

func utcArg(arg any) (any, bool) {
	switch v := arg.(type) {
	case time.Time:
		return UTC(v), true
	case *time.Time:
		if v == nil {
			return nil, true
		}
		return UTC(*v), true
	case sql.NullTime:
		if !v.Valid {
			return nil, true
		}
		return UTC(v.Time), true
	case sql.Null[time.Time]:
		if !v.Valid {
			return nil, true
		}
		return UTC(v.V), true
	case sql.NamedArg:
		changed, ok := utcArg(v.Value)
		v.Value = changed
		return v, ok
	}
	return arg, false
}

// UTC is t as the store keeps it: in UTC, cut to microseconds.
func UTC(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// statementError remembers what kind of statement failed: a foreign key that stops a DELETE means something else than one that
// stops an INSERT, and SQLite's error does not tell them apart.
type statementError struct {
	verb  string
	cause error
}

func (e *statementError) Error() string { return e.cause.Error() }
func (e *statementError) Unwrap() error { return e.cause }

func withVerb(query string, err error) error {
	if err == nil {
		return nil
	}
	return &statementError{verb: verb(query), cause: err}
}

func verb(query string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(query), " ")
	return strings.ToUpper(word)
}

// txDriver lets ent work inside a transaction that somebody else begins and ends.
type txDriver struct {
	entsql.Conn
	name string
}

func newTxDriver(tx entsql.ExecQuerier, name string) *txDriver {
	return &txDriver{Conn: entsql.Conn{ExecQuerier: normal{tx}}, name: name}
}

func (d *txDriver) Dialect() string { return d.name }
func (d *txDriver) Close() error    { return nil }

// Tx gives ent the transaction it is already in, for the mutations that ent itself would wrap in one.
func (d *txDriver) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(d), nil }

// Query is the one of Conn, with times in UTC.
func (d *txDriver) Query(ctx context.Context, query string, args, v any) error {
	if err := d.Conn.Query(ctx, query, args, v); err != nil {
		return err
	}
	if rows, ok := v.(*entsql.Rows); ok {
		rows.ColumnScanner = utcRows{rows.ColumnScanner}
	}
	return nil
}

// utcRows gives times back in UTC: pgx gives them the zone of the process, and SQLite's driver one that depends on it.
type utcRows struct{ entsql.ColumnScanner }

func (r utcRows) Scan(dest ...any) error {
	if err := r.ColumnScanner.Scan(dest...); err != nil {
		return err
	}
	for _, d := range dest {
		switch v := d.(type) {
		case *sql.NullTime:
			v.Time = v.Time.UTC()
		case *time.Time:
			*v = v.UTC()
		}
	}
	return nil
}

// readDriver serves queries from a pool and refuses everything that writes.
type readDriver struct {
	store *Store
	pool  *sql.DB
}

func (d *readDriver) Dialect() string { return d.store.dialect }
func (d *readDriver) Close() error    { return nil }

func (d *readDriver) Tx(context.Context) (dialect.Tx, error) { return nil, errWriteOutsideTx }

func (d *readDriver) Exec(context.Context, string, any, any) error { return errWriteOutsideTx }

func (d *readDriver) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errWriteOutsideTx
}

func (d *readDriver) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := d.allow(ctx, query); err != nil {
		return nil, err
	}
	return normal{d.pool}.QueryContext(ctx, query, args...)
}

// Query waits for a connection no longer than the acquire timeout, and gives it back when the rows are closed.
func (d *readDriver) Query(ctx context.Context, query string, args, v any) error {
	if err := d.allow(ctx, query); err != nil {
		return err
	}
	rows, ok := v.(*entsql.Rows)
	if !ok {
		return fmt.Errorf("reading into %T, want *sql.Rows", v)
	}
	for attempt := 1; ; attempt++ {
		conn, err := d.store.acquire(ctx, d.pool)
		if err != nil {
			return err
		}
		err = (entsql.Conn{ExecQuerier: normal{conn}}).Query(ctx, query, args, rows)
		if err == nil {
			rows.ColumnScanner = connRows{ColumnScanner: utcRows{rows.ColumnScanner}, conn: conn}
			return nil
		}
		_ = conn.Close()
		if attempt == maxBadConns || !errors.Is(err, driver.ErrBadConn) {
			return err
		}
	}
}

// maxBadConns is how many connections that died in the pool one read may meet; database/sql allows the same.
const maxBadConns = 3

func (d *readDriver) allow(ctx context.Context, query string) error {
	if d.store.current(ctx) != nil {
		return errReadInsideTx
	}
	return onlyReads(query)
}

func onlyReads(query string) error {
	if v := verb(query); v != "SELECT" && v != "WITH" && v != "VALUES" {
		return errWriteOutsideTx
	}
	return nil
}

type connRows struct {
	entsql.ColumnScanner
	conn *sql.Conn
}

func (r connRows) Close() error {
	return errors.Join(r.ColumnScanner.Close(), ignoreDone(r.conn.Close()))
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrConnDone) {
		return nil
	}
	return err
}

// snapshotDriver serves queries from one read-only transaction.
type snapshotDriver struct{ *txDriver }

func (d *snapshotDriver) Tx(context.Context) (dialect.Tx, error)       { return nil, errWriteOutsideTx }
func (d *snapshotDriver) Exec(context.Context, string, any, any) error { return errWriteOutsideTx }

func (d *snapshotDriver) ExecContext(context.Context, string, ...any) (sql.Result, error) {
	return nil, errWriteOutsideTx
}

func (d *snapshotDriver) Query(ctx context.Context, query string, args, v any) error {
	if err := onlyReads(query); err != nil {
		return err
	}
	return d.txDriver.Query(ctx, query, args, v)
}
