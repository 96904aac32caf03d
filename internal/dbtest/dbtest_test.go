package dbtest_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestEachGivesBothKindsFreshAndCurrent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2 { // the second round would find what the first one wrote, were they not fresh
		dbtest.Each(t, func(t *testing.T, s *store.Store) {
			ctx := context.Background()
			seen[s.Dialect()] = true
			st, err := s.Status(ctx)
			if err != nil || len(st.Pending) > 0 || st.Current == 0 {
				t.Errorf("status = %+v, %v; want current", st, err)
			}
			if n, err := s.Read().Service.Query().Count(ctx); err != nil || n != 0 {
				t.Errorf("%d services, %v; want none", n, err)
			}
			err = s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
				return tx.Client().Service.Create().SetName("x").SetSlug("x").SetCreatedAt(s.Now()).SetUpdatedAt(s.Now()).SetCreatedBy("test").Exec(ctx)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	if !seen[store.SQLite] || !seen[store.Postgres] {
		t.Errorf("seen %v, want both", seen)
	}
}

func TestDatabasesGoWithTheirTest(t *testing.T) {
	t.Parallel()
	var address, file string
	t.Run("inner", func(t *testing.T) {
		address = dbtest.PostgresURL(t)
		conn, err := pgx.Connect(context.Background(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(context.Background())
		var tables int
		err = conn.QueryRow(context.Background(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables)
		if err != nil || tables != 0 {
			t.Errorf("%d tables, %v; want an empty database", tables, err)
		}
		file = dbtest.SQLite(t).File()
	})
	if conn, err := pgx.Connect(context.Background(), address); err == nil {
		_ = conn.Close(context.Background())
		t.Error("the PostgreSQL database is still there")
	}
	if _, err := os.Stat(filepath.Dir(file)); !os.IsNotExist(err) {
		t.Errorf("the SQLite file is still there: %v", err)
	}
}

func BenchmarkFreshDatabase(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			open(b) // makes the template
			for b.Loop() {
				open(b)
			}
		})
	}
}
