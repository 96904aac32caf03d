// Package store opens the database, keeps its schema current and runs transactions, equally on SQLite and PostgreSQL. It knows
// connections, locks, pragmas and driver errors, so that no package above names a dialect. What a record means, and which records
// a write touches, is left to the domain packages; who may do it, to package auth.
package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"

	"entgo.io/ent/dialect"

	"github.com/hindcast-kb/hindcast/ent"
)

// Names of the dialects, as Dialect reports them.
const (
	SQLite   = dialect.SQLite
	Postgres = dialect.Postgres
)

// Config says where the records are kept and how hard the store tries. Zero values take the documented defaults.
type Config struct {
	// DatabaseURL is a PostgreSQL address (`postgres://…`, several hosts allowed); empty means SQLite in DataDir.
	DatabaseURL string
	// DataDir is the folder of the SQLite file; it is made with mode 0700.
	DataDir string
	// SQLiteSynchronous is "full" (default: an acknowledged write survives a power cut) or "normal" (it survives only a crash of the process).
	SQLiteSynchronous string
	// LockWait is how long to wait for another process to let go of the SQLite file; 0 means not at all.
	LockWait time.Duration
	// Beside opens a SQLite file that another process holds, for a command that works beside a running server; SQLite's own locks keep
	// the two apart. Such a store does not migrate.
	Beside bool
	// MaxConns limits the connections to PostgreSQL (default: four per core, at least eight) or the readers of SQLite (default: one
	// per core, at least four).
	MaxConns int
	// AcquireTimeout limits the wait for a connection from the pool; past it the caller gets Unavailable. Default 2 s on PostgreSQL
	// and 5 s on SQLite, where writers queue for one connection.
	AcquireTimeout time.Duration
	// StatementTimeout limits one statement on PostgreSQL; migrations are exempt. Default 10 s.
	StatementTimeout time.Duration
	// IdleInTxTimeout limits how long a PostgreSQL transaction may wait for us. Default 30 s.
	IdleInTxTimeout time.Duration
	// TxAttempts limits how often a transaction runs that another one got in the way of. Default 5.
	TxAttempts int
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	cfg     Config
	now     func() time.Time
	dialect string
	file    string // SQLite only
	lock    *processLock
	writer  *sql.DB
	reader  *sql.DB // on PostgreSQL the same pool as writer
	read    *ent.Client
	wakers  wakers // SQLite only
}

// Open opens the database that cfg names; it does not touch the schema (see Migrate). A SQLite file is locked against other
// processes until Close. now gives the time that names copies and marks the lock.
func Open(ctx context.Context, cfg Config, now func() time.Time) (*Store, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg, now: now, dialect: SQLite}
	open := s.openSQLite
	if cfg.DatabaseURL != "" {
		s.dialect, open = Postgres, s.openPostgres
	}
	if err := open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.read = ent.NewClient(ent.Driver(&readDriver{store: s, pool: s.reader}))
	return s, nil
}

func (c *Config) check() error {
	c.SQLiteSynchronous = cmp.Or(c.SQLiteSynchronous, "full")
	c.StatementTimeout = cmp.Or(c.StatementTimeout, 10*time.Second)
	c.IdleInTxTimeout = cmp.Or(c.IdleInTxTimeout, 30*time.Second)
	c.TxAttempts = cmp.Or(c.TxAttempts, 5)
	switch {
	case c.SQLiteSynchronous != "full" && c.SQLiteSynchronous != "normal":
		return fmt.Errorf("sqlite synchronous is %q, must be full or normal", c.SQLiteSynchronous)
	case c.DatabaseURL == "" && c.DataDir == "":
		return errors.New("a database address or a data directory is needed")
	case c.DatabaseURL != "" && !isPostgresURL(c.DatabaseURL):
		return errors.New("the database address must begin with postgres:// (for SQLite give a data directory instead)")
	case c.DatabaseURL != "":
		c.AcquireTimeout = cmp.Or(c.AcquireTimeout, 2*time.Second)
		c.MaxConns = cmp.Or(c.MaxConns, max(8, 4*runtime.NumCPU()))
	default:
		c.MaxConns = cmp.Or(c.MaxConns, max(4, runtime.NumCPU()))
		c.AcquireTimeout = cmp.Or(c.AcquireTimeout, 5*time.Second)
	}
	return nil
}

// Dialect is SQLite or Postgres.
func (s *Store) Dialect() string { return s.dialect }

// Read is a client for queries outside a transaction. It refuses every mutation, and every query made with the context of a
// transaction: that one would wait for a second connection and miss what the transaction wrote.
func (s *Store) Read() *ent.Client { return s.read }

// Client is the client of the transaction that ctx carries, and otherwise Read.
func (s *Store) Client(ctx context.Context) *ent.Client {
	if tx := s.current(ctx); tx != nil {
		return tx.client
	}
	return s.read
}

// Writer is the pool that writes go through: one connection on SQLite. It is meant for the job queue, which brings its own SQL.
func (s *Store) Writer() *sql.DB { return s.writer }

// File is the path of the SQLite file, empty on PostgreSQL.
func (s *Store) File() string { return s.file }

// Now is the time as the store keeps it, see UTC. A record that was just written shows the times it was given, not what a later read
// will find, so use this one for them.
func (s *Store) Now() time.Time { return UTC(s.now()) }

// Ping asks the database for a sign of life; it is Unavailable when none comes within a second.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	var one int
	return s.Fault(s.reader.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Stats are the figures of the pools for metrics, by pool name ("writer" and "reader"; on PostgreSQL only "writer").
func (s *Store) Stats() map[string]sql.DBStats {
	stats := map[string]sql.DBStats{"writer": s.writer.Stats()}
	if s.reader != s.writer {
		stats["reader"] = s.reader.Stats()
	}
	return stats
}

// Close ends all connections and, on SQLite, lets go of the file.
func (s *Store) Close() error {
	var errs []error
	if s.reader != nil && s.reader != s.writer {
		errs = append(errs, s.reader.Close())
	}
	if s.writer != nil {
		errs = append(errs, s.writer.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

// acquire takes a connection from pool within the acquire timeout.
func (s *Store) acquire(ctx context.Context, pool *sql.DB) (*sql.Conn, error) {
	waiting, cancel := context.WithTimeout(ctx, s.cfg.AcquireTimeout)
	defer cancel()
	conn, err := pool.Conn(waiting)
	if err != nil && waiting.Err() != nil && ctx.Err() == nil {
		return nil, &acquireError{after: s.cfg.AcquireTimeout, cause: err}
	}
	return conn, err
}

type acquireError struct {
	after time.Duration
	cause error
}

func (e *acquireError) Error() string {
	return fmt.Sprintf("no database connection within %s: %v", e.after, e.cause)
}
func (e *acquireError) Unwrap() error { return e.cause }
