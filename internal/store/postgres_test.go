package store_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestPostgresSession(t *testing.T) {
	t.Parallel()
	base := dbtest.PostgresConfig(t)
	settings := func(cfg store.Config) map[string]string {
		s := dbtest.Open(t, cfg)
		got := map[string]string{}
		for _, name := range []string{"application_name", "statement_timeout", "idle_in_transaction_session_timeout", "TimeZone"} {
			var value string
			if err := s.Writer().QueryRow("SELECT current_setting($1)", name).Scan(&value); err != nil {
				t.Fatal(err)
			}
			got[name] = value
		}
		return got
	}
	want := map[string]string{
		"application_name": "hindcast", "statement_timeout": "10s", "idle_in_transaction_session_timeout": "30s", "TimeZone": "UTC",
	}
	if diff := cmp.Diff(want, settings(base)); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	configured := base
	configured.StatementTimeout, configured.IdleInTxTimeout = 3*time.Second, 4*time.Second
	want["statement_timeout"], want["idle_in_transaction_session_timeout"] = "3s", "4s"
	if diff := cmp.Diff(want, settings(configured)); diff != "" {
		t.Errorf("configured (-want +got):\n%s", diff)
	}
	configured.DatabaseURL += "&statement_timeout=1500&application_name=other"
	want["statement_timeout"], want["application_name"] = "1500ms", "other"
	if diff := cmp.Diff(want, settings(configured)); diff != "" {
		t.Errorf("said by the address (-want +got):\n%s", diff)
	}
}

func TestASlowStatementIsUnavailable(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	cfg.StatementTimeout = 50 * time.Millisecond
	s := dbtest.Open(t, cfg)
	runs := 0
	err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		runs++
		_, err := tx.SQL().ExecContext(ctx, "SELECT pg_sleep(10)")
		return err
	})
	if !fault.Is(err, fault.Unavailable) || runs != 1 {
		t.Errorf("Tx = %v after %d runs, want Unavailable after one", err, runs)
	}
}

func TestConnectionsThatDiedAreReplaced(t *testing.T) {
	t.Parallel()
	s := dbtest.Postgres(t)
	other := dbtest.Postgres(t)
	ctx := context.Background()
	insert(t, s, "before")
	var database string
	if err := s.Writer().QueryRow("SELECT current_database()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Writer().Exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", database); err != nil {
		t.Fatal(err)
	}
	// The pool may not know yet, so the first try may fail, but only as Unavailable, and not for long.
	for deadline := time.Now().Add(10 * time.Second); ; {
		_, err := s.Read().Service.Query().Count(ctx)
		if err == nil {
			break
		}
		if !fault.Is(s.Fault(err), fault.Unavailable) || time.Now().After(deadline) {
			t.Fatalf("read = %v, want Unavailable or a result", err)
		}
	}
	insert(t, s, "after")
}

func TestSeveralHostsAreTriedInOrder(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	u, err := url.Parse(cfg.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:1," + u.Host // nothing listens on the first
	query := u.Query()
	query.Set("target_session_attrs", "read-write")
	u.RawQuery = query.Encode()
	cfg.DatabaseURL = u.String()
	insert(t, dbtest.Open(t, cfg), "x")
}
