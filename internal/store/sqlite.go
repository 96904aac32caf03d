package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

const (
	sqliteFile   = "hindcast.db"
	busyTimeout  = 5000     // milliseconds
	sqliteCache  = -32768   // KiB per connection when negative, see the cache_size pragma
	walLimit     = 64 << 20 // bytes the WAL is cut back to after a checkpoint
	tempInMemory = 2
)

// openSQLite takes the process lock first: without it two processes could both migrate the file.
func (s *Store) openSQLite(ctx context.Context) error {
	if err := prepareDir(s.cfg.DataDir); err != nil {
		return err
	}
	s.file = filepath.Join(s.cfg.DataDir, sqliteFile)
	var err error
	if s.lock, err = lockProcess(ctx, s.file+".lock", s.cfg.LockWait, s.now); err != nil && !s.cfg.Beside {
		return err
	}
	if err := ensureFile(s.file); err != nil {
		return err
	}
	if s.writer, err = s.openWriter(ctx); err != nil {
		return err
	}
	if s.reader, err = sql.Open("sqlite", s.sqliteDSN("_pragma=query_only(1)")); err != nil {
		return fmt.Errorf("opening %s: %w", s.file, err)
	}
	fixPool(s.reader, s.cfg.MaxConns)
	return nil
}

// openWriter opens one connection: SQLite has one writer at a time, and a queue in Go is fairer than its busy handler.
func (s *Store) openWriter(ctx context.Context) (*sql.DB, error) {
	db, err := sql.Open("sqlite", s.sqliteDSN("_txlock=immediate"))
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", s.file, err)
	}
	fixPool(db, 1)
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", s.file, err), db.Close())
	}
	return db, nil
}

// fixPool keeps every connection: with the default of two idle ones, SQLite would open the file and run all pragmas again and again.
func fixPool(db *sql.DB, n int) {
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
}

// sqliteDSN sets busy_timeout first, because switching to WAL may already have to wait.
func (s *Store) sqliteDSN(role string) string {
	name := url.URL{Path: filepath.ToSlash(s.file)}
	return "file:" + name.EscapedPath() + fmt.Sprintf("?_pragma=busy_timeout(%d)&_pragma=journal_mode(WAL)&_pragma=synchronous(%s)"+
		"&_pragma=foreign_keys(1)&_pragma=cache_size(%d)&_pragma=temp_store(%d)&_pragma=journal_size_limit(%d)&_time_format=sqlite&%s",
		busyTimeout, s.cfg.SQLiteSynchronous, sqliteCache, tempInMemory, walLimit, role)
}

// prepareDir makes the data directory for its owner alone. An existing one that others may look into is closed.
func prepareDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	if err := refuseNetworkDir(dir); err != nil {
		return err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("reading the data directory: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("closing the data directory to others: %w", err)
	}
	return nil
}

// ensureFile makes the file with mode 0600 before SQLite would make it with the umask; its WAL takes the mode from it.
func ensureFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("opening the database file: %w", err)
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil {
		return fmt.Errorf("closing the database file to others: %w", err)
	}
	return nil
}
