package store_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestFaultsAreEqualOnBothDatabases(t *testing.T) {
	t.Parallel()
	type write func(ctx context.Context, tx *store.Tx) error
	upgrade := func(service int) write {
		return func(ctx context.Context, tx *store.Tx) error {
			return tx.Client().Upgrade.Create().SetTitle("t").SetKind(vocab.UpgradeKind("framework")).SetServiceID(service).
				SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test").Exec(ctx)
		}
	}
	raw := func(query string) write {
		return func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.Client().ExecContext(ctx, query)
			return err
		}
	}
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		used := insert(t, s, "used")
		if err := s.Tx(context.Background(), upgrade(used.ID)); err != nil {
			t.Fatal(err)
		}
		for name, tc := range map[string]struct {
			write  write
			want   fault.Kind
			fields []fault.Field
		}{
			"a value that is taken": {
				write:  func(ctx context.Context, tx *store.Tx) error { return newService(tx.Client(), "used").Exec(ctx) },
				want:   fault.Conflict,
				fields: []fault.Field{{Field: "slug", Code: "taken", Message: "is already in use"}},
			},
			"a reference to nothing": {write: upgrade(used.ID + 1000), want: fault.Invalid},
			"a delete of what others refer to": {
				write: func(ctx context.Context, tx *store.Tx) error {
					return tx.Client().Service.DeleteOneID(used.ID).Exec(ctx)
				},
				want: fault.Conflict,
			},
			"a record that does not exist": {
				write: func(ctx context.Context, tx *store.Tx) error {
					return tx.Client().Service.UpdateOneID(used.ID + 1000).SetName("x").Exec(ctx)
				},
				want: fault.NotFound,
			},
			"a word the schema does not know": {write: raw("UPDATE upgrades SET kind = 'magic'"), want: fault.Invalid},
			"a value that must be given":      {write: raw("UPDATE upgrades SET title = NULL"), want: fault.Invalid},
			"an error that has a kind": {
				write: func(context.Context, *store.Tx) error { return fault.New(fault.Forbidden, "no") }, want: fault.Forbidden,
			},
			"a statement that is wrong": {write: raw("UPDATE nowhere SET a = 1"), want: fault.Internal},
		} {
			err := s.Tx(context.Background(), tc.write)
			if got := fault.KindOf(err); err == nil || got != tc.want {
				t.Errorf("%s: kind = %v, want %v (%v)", name, got, tc.want, err)
			}
			var f *fault.Error
			if errors.As(err, &f) {
				if diff := cmp.Diff(tc.fields, f.Fields); diff != "" {
					t.Errorf("%s: fields (-want +got):\n%s", name, diff)
				}
			}
		}
		_, err := s.Read().Service.Get(context.Background(), 4711)
		if err = s.Fault(err); !fault.Is(err, fault.NotFound) || err.(*fault.Error).Message != "service not found" {
			t.Errorf("reading a missing record = %v, want NotFound", err)
		}
	})
}

func TestFaultOfADatabaseThatIsNotToBeHad(t *testing.T) {
	t.Parallel()
	s := dbtest.SQLite(t)
	for name, err := range map[string]error{
		"a refused connection":        &pgconn.ConnectError{},
		"a connection that died":      fmt.Errorf("x: %w", driver.ErrBadConn),
		"an answer cut short":         io.ErrUnexpectedEOF,
		"no time left":                context.DeadlineExceeded,
		"a statement that timed out":  &pgconn.PgError{Code: "57014"},
		"a server shutting down":      &pgconn.PgError{Code: "57P01"},
		"a server that lost its role": &pgconn.PgError{Code: "25006"},
		"a full disk":                 &pgconn.PgError{Code: "53100"},
		"too many connections":        &pgconn.PgError{Code: "53300"},
		"a lock not given in time":    &pgconn.PgError{Code: "55P03"},
		"a deadlock":                  &pgconn.PgError{Code: "40P01"},
	} {
		got := s.Fault(err)
		var f *fault.Error
		if !errors.As(got, &f) || f.Kind != fault.Unavailable || f.RetryAfter != time.Second {
			t.Errorf("%s: got %v, want Unavailable with a time to wait", name, got)
		}
		if !errors.Is(got, err) {
			t.Errorf("%s: the cause is lost", name)
		}
	}
	if got := s.Fault(context.Canceled); got != context.Canceled {
		t.Errorf("a caller that went away: got %v, want it unchanged", got)
	}
	if got := s.Fault(nil); got != nil {
		t.Errorf("no error: got %v", got)
	}
}

func TestAFullDiskIsUnavailableAndReadsGoOn(t *testing.T) {
	t.Parallel()
	s := dbtest.SQLite(t)
	ctx := context.Background()
	insert(t, s, "kept")
	var pages int
	if err := s.Writer().QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit := func(n int) {
		if _, err := s.Writer().ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", n)); err != nil {
			t.Fatal(err)
		}
	}
	limit(pages)
	err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return newService(tx.Client(), "large").SetDescription(string(make([]byte, 1<<20))).Exec(ctx)
	})
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("write = %v, want Unavailable", err)
	}
	if diff := cmp.Diff([]string{"kept"}, slugs(t, s)); diff != "" {
		t.Errorf("services (-want +got):\n%s", diff)
	}
	limit(pages * 100)
	insert(t, s, "room again")
}

func TestPingOfAServerThatIsGone(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	s := dbtest.Open(t, cfg)
	if err := s.Ping(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Ping(ctx); err == nil {
		t.Error("a cancelled ping succeeded")
	}
	_, err := store.Open(context.Background(), store.Config{DatabaseURL: "postgres://nobody@127.0.0.1:1/x?sslmode=disable"}, time.Now)
	if !fault.Is(s.Fault(err), fault.Unavailable) {
		t.Errorf("Open = %v, want Unavailable", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]store.Config{
		"nothing to open":            {},
		"an address of another kind": {DatabaseURL: "mysql://x"},
		"an unknown synchronous":     {DataDir: filepath.Join(t.TempDir(), "x"), SQLiteSynchronous: "off"},
	} {
		if s, err := store.Open(context.Background(), cfg, time.Now); err == nil {
			t.Errorf("%s: opened", name)
			_ = s.Close()
		}
	}
}
