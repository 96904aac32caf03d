package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/hindcast-kb/hindcast/migrations"
)

// Status tells how the schema of the database stands to the migrations this binary carries.
type Status struct {
	// Current is the version of the database, 0 when it is empty; Target is the newest this binary knows.
	Current, Target int64
	// Pending are the files that Migrate would apply.
	Pending []string
}

// Newer says that a newer binary has changed the schema, so that this one must not write to it.
func (s Status) Newer() bool { return s.Current > s.Target }

// Migrated tells what Migrate did.
type Migrated struct {
	// Applied are the files that were run, in order; empty when the schema was current.
	Applied []string
	// Copy is the file that holds the database as it was before, empty when there was nothing to copy.
	Copy string
}

// Status reads the version of the schema. It is Unavailable when the database cannot be asked.
func (s *Store) Status(ctx context.Context) (Status, error) {
	return s.status(ctx, migrations.For(s.dialect))
}

func (s *Store) status(ctx context.Context, files fs.FS) (Status, error) {
	db, err := s.openMigrator(ctx)
	if err != nil {
		return Status{}, s.Fault(err)
	}
	defer db.Close()
	provider, err := s.provider(db, files)
	if err != nil {
		return Status{}, err
	}
	st, err := readStatus(ctx, provider)
	return st, s.Fault(err)
}

// Migrate brings the schema up to date and tells what it did. Any number of processes may call it at
// once: PostgreSQL gives an advisory lock to one after the other, SQLite's file has one process anyway. A SQLite file that already
// holds a schema is copied beside itself first. It is an error when the database is newer than this binary.
func (s *Store) Migrate(ctx context.Context) (Migrated, error) {
	return s.migrate(ctx, migrations.For(s.dialect))
}

func (s *Store) migrate(ctx context.Context, files fs.FS) (done Migrated, err error) {
	if s.dialect == SQLite {
		if err := migrations.Lint(files); err != nil {
			return Migrated{}, err
		}
		if s.lock == nil {
			return Migrated{}, s.requireCurrent(ctx, files)
		}
	}
	db, err := s.openMigrator(ctx)
	if err != nil {
		return Migrated{}, s.Fault(err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	unlock, err := s.lockSchema(ctx, db)
	if err != nil {
		return Migrated{}, s.Fault(err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	return s.apply(ctx, db, files)
}

// errHeld is for a command that would have to migrate a file that another process holds.
var errHeld = errors.New("another process holds the database and its schema is older than this binary: stop it first")

// requireCurrent makes sure that there is nothing to migrate.
func (s *Store) requireCurrent(ctx context.Context, files fs.FS) error {
	st, err := s.status(ctx, files)
	if err == nil && (len(st.Pending) > 0 || st.Newer()) {
		return errHeld
	}
	return err
}

func (s *Store) apply(ctx context.Context, db *sql.DB, files fs.FS) (done Migrated, err error) {
	provider, err := s.provider(db, files)
	if err != nil {
		return done, err
	}
	st, err := readStatus(ctx, provider)
	if err != nil {
		return done, s.Fault(err)
	}
	if st.Newer() {
		return done, fmt.Errorf("the database has schema version %d and this binary knows only up to %d: run a newer hindcast, or restore a copy from before the upgrade", st.Current, st.Target)
	}
	if s.dialect == SQLite && st.Current > 0 && len(st.Pending) > 0 {
		if done.Copy, err = s.copyFile(ctx, db, st.Pending[0]); err != nil {
			return done, s.Fault(err)
		}
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return done, fmt.Errorf("applying migrations: %w", err)
	}
	for _, r := range results {
		done.Applied = append(done.Applied, path.Base(r.Source.Path))
	}
	if s.dialect == SQLite {
		err = checkReferences(ctx, db)
	}
	return done, err
}

func (s *Store) provider(db *sql.DB, files fs.FS) (*goose.Provider, error) {
	dialect := goose.DialectSQLite3
	if s.dialect == Postgres {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("reading migrations: %w", err)
	}
	return p, nil
}

func readStatus(ctx context.Context, p *goose.Provider) (Status, error) {
	var st Status
	var err error
	if st.Current, st.Target, err = p.GetVersions(ctx); err != nil {
		return Status{}, fmt.Errorf("reading the schema version: %w", err)
	}
	for _, source := range p.ListSources() {
		if source.Version > st.Current {
			st.Pending = append(st.Pending, path.Base(source.Path))
		}
	}
	return st, nil
}

const (
	schemaLockPoll = 50 * time.Millisecond
	schemaLockWait = time.Minute
)

// lockSchema takes the advisory lock that goose uses by default. It asks again and again rather than waiting inside the server,
// because a waiting session would block CREATE INDEX CONCURRENTLY in the session it waits for.
func (s *Store) lockSchema(ctx context.Context, db *sql.DB) (unlock func() error, err error) {
	if s.dialect == SQLite {
		return func() error { return nil }, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	waiting, cancel := context.WithTimeout(ctx, schemaLockWait)
	defer cancel()
	for {
		var held bool
		if err := conn.QueryRowContext(waiting, "SELECT pg_try_advisory_lock($1)", lock.DefaultLockID).Scan(&held); err != nil {
			return nil, errors.Join(fmt.Errorf("waiting for the schema lock: %w", err), conn.Close())
		}
		if held {
			return conn.Close, nil // the server lets go with the session, which ends with the migrator's pool
		}
		select {
		case <-waiting.Done():
			return nil, errors.Join(fmt.Errorf("waiting for the schema lock: %w", waiting.Err()), conn.Close())
		case <-time.After(schemaLockPoll):
		}
	}
}

// copyFile keeps the database as it is before a migration. The name holds the first new file and the time, so an earlier copy stays.
func (s *Store) copyFile(ctx context.Context, db *sql.DB, next string) (string, error) {
	name := fmt.Sprintf("%s.before-%s-%s", s.file, next[:min(4, len(next))], s.now().UTC().Format("20060102T150405.000000Z"))
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // VACUUM INTO accepts an empty file, and keeps its mode
	if err != nil {
		return "", fmt.Errorf("copying the database before migrating: %w", err)
	}
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", name)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return "", errors.Join(fmt.Errorf("copying the database before migrating: %w", err), os.Remove(name))
	}
	return name, nil
}

// checkReferences finds rows whose reference names nothing, which a migration with foreign keys off can leave behind.
func checkReferences(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "PRAGMA foreign_key_check")
	if err != nil {
		return fmt.Errorf("checking references: %w", err)
	}
	defer rows.Close()
	var broken []string
	for rows.Next() {
		var table, parent string
		var row sql.NullInt64
		var key int
		if err := rows.Scan(&table, &row, &parent, &key); err != nil {
			return fmt.Errorf("checking references: %w", err)
		}
		broken = append(broken, fmt.Sprintf("%s row %d names a missing row of %s", table, row.Int64, parent))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("checking references: %w", err)
	}
	if len(broken) > 0 {
		return fmt.Errorf("%d references are broken after migrating, the first: %s; restore the copy made before", len(broken), broken[0])
	}
	return nil
}
