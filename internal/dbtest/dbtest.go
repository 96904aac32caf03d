// Package dbtest gives tests fresh, migrated databases of both kinds, real ones, in milliseconds: SQLite by copying a file that
// was migrated once, PostgreSQL by copying a template database. What a test puts into them is its own business.
package dbtest

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/dbtest/pgserver"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// Each runs test once per kind of database, as the subtests "sqlite" and "postgres", each on a database of its own.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite is a store on a fresh migrated file. It does without the synchronous writes of the default: nobody cuts the power of a test.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, SQLiteConfig(t))
}

// SQLiteConfig opens a fresh migrated SQLite file, for tests that open and close the store themselves.
func SQLiteConfig(t testing.TB) store.Config {
	t.Helper()
	file, err := sqliteTemplate()
	if err != nil {
		t.Fatalf("migrating a SQLite file: %v", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "hindcast.db"), file, 0o600); err != nil {
		t.Fatalf("copying the SQLite file: %v", err)
	}
	return store.Config{DataDir: dir, SQLiteSynchronous: "normal"}
}

// Postgres is a store on a fresh migrated PostgreSQL database.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return Open(t, PostgresConfig(t))
}

// PostgresConfig opens a fresh migrated PostgreSQL database, for tests that open and close the store themselves.
func PostgresConfig(t testing.TB) store.Config {
	t.Helper()
	template, err := postgresTemplate()
	if err != nil {
		t.Fatalf("migrating a PostgreSQL database: %v", err)
	}
	return store.Config{DatabaseURL: database(t, template)}
}

// PostgresURL is the address of an empty PostgreSQL database that is dropped when the test ends.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, "")
}

// Open opens a store with cfg and closes it when the test ends.
func Open(t testing.TB, cfg store.Config) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), cfg, time.Now)
	if err != nil {
		t.Fatalf("opening the store: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	return s
}

func database(t testing.TB, template string) string {
	t.Helper()
	server, err := server()
	if err != nil {
		t.Fatal(err)
	}
	address, drop, err := makeDatabase(server, template)
	if err == nil {
		address, err = patient(address)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("dropping the database: %v", err)
		}
	})
	return address
}

func makeDatabase(server *pgserver.Server, template string) (string, func() error, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return server.Database(ctx, template)
}

// patient gives a connection half a minute: a machine that runs all tests at once may need more than the second that a server
// allows itself so that it soon turns to another host.
func patient(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	query := u.Query()
	query.Set("connect_timeout", "30")
	u.RawQuery = query.Encode()
	return u.String(), nil
}
