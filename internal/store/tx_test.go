package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/service"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var at = time.Date(2026, 3, 29, 1, 30, 0, 123_456_000, time.UTC)

func newService(c *ent.Client, slug string) *ent.ServiceCreate {
	return c.Service.Create().SetName(slug).SetSlug(slug).SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test")
}

func newEnvironment(c *ent.Client, name string) *ent.EnvironmentCreate {
	return c.Environment.Create().SetName(name).SetKind(vocab.EnvironmentKindProduction).SetCreatedAt(at).SetUpdatedAt(at).SetCreatedBy("test")
}

func slugs(t *testing.T, s *store.Store) []string {
	t.Helper()
	got, err := s.Read().Service.Query().Order(service.BySlug()).Select(service.FieldSlug).Strings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func insert(t *testing.T, s *store.Store, slug string) *ent.Service {
	t.Helper()
	var made *ent.Service
	err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) (err error) {
		made, err = newService(tx.Client(), slug).Save(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestTxCommitsOnNilOnly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		insert(t, s, "kept")
		boom := errors.New("boom")
		err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return errors.Join(newService(tx.Client(), "undone").Exec(ctx), boom)
		})
		if !errors.Is(err, boom) {
			t.Errorf("Tx = %v, want the error of its function", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic did not come through")
				}
			}()
			_ = s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
				if err := newService(tx.Client(), "panicked").Exec(ctx); err != nil {
					t.Error(err)
				}
				panic("boom")
			})
		}()
		if diff := cmp.Diff([]string{"kept"}, slugs(t, s)); diff != "" {
			t.Errorf("services (-want +got):\n%s", diff)
		}
		insert(t, s, "after") // the connection came back
	})
}

func TestTxHooks(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		var calls []string
		err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() {
				calls = append(calls, "after, sees "+slugs(t, s)[0])
				insert(t, s, "from-after") // a hook may open a transaction of its own
			})
			tx.BeforeCommit(func(ctx context.Context, tx *store.Tx) error {
				calls = append(calls, "before")
				return newService(tx.Client(), "from-before").Exec(ctx)
			})
			calls = append(calls, "body")
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"body", "before", "after, sees from-before"}, calls); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		refused := errors.New("refused")
		err = s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			tx.AfterCommit(func() { t.Error("a step after the commit ran without one") })
			tx.BeforeCommit(func(context.Context, *store.Tx) error { return refused })
			return newService(tx.Client(), "undone").Exec(ctx)
		})
		if !errors.Is(err, refused) {
			t.Errorf("Tx = %v, want the error of the hook", err)
		}
		if diff := cmp.Diff([]string{"from-after", "from-before"}, slugs(t, s)); diff != "" {
			t.Errorf("services (-want +got):\n%s", diff)
		}
	})
}

func TestTxInsideTxUndoesOnlyItsOwnWrites(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		var after []string
		err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			if err := newService(tx.Client(), "outer").Exec(ctx); err != nil {
				return err
			}
			err := s.Tx(ctx, func(ctx context.Context, inner *store.Tx) error {
				inner.AfterCommit(func() { after = append(after, "undone") })
				if err := newService(inner.Client(), "undone").Exec(ctx); err != nil {
					return err
				}
				return newService(inner.Client(), "outer").Exec(ctx) // taken: fails in the database itself
			})
			if !fault.Is(err, fault.Conflict) {
				t.Errorf("inner Tx = %v, want a conflict", err)
			}
			return s.Tx(ctx, func(ctx context.Context, inner *store.Tx) error {
				inner.AfterCommit(func() { after = append(after, "inner") })
				return newService(s.Client(ctx), "inner").Exec(ctx)
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"inner", "outer"}, slugs(t, s)); diff != "" {
			t.Errorf("services (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"inner"}, after); diff != "" {
			t.Errorf("steps after the commit (-want +got):\n%s", diff)
		}
	})
}

func TestTxRunsAgainWhenAnotherGotInTheWay(t *testing.T) {
	t.Parallel()
	s := dbtest.Postgres(t)
	a, b := insert(t, s, "a"), insert(t, s, "b")
	touch := func(ctx context.Context, tx *store.Tx, id int) error {
		return tx.Client().Service.UpdateOneID(id).AddVersion(1).Exec(ctx)
	}
	runs, met := make(chan struct{}, 100), make(chan struct{}, 2)
	both := func(first, second int) error {
		once := true
		return s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			runs <- struct{}{}
			if err := touch(ctx, tx, first); err != nil {
				return err
			}
			if once { // both hold their first row before either asks for its second: a certain deadlock
				once = false
				met <- struct{}{}
				for len(met) < 2 {
					time.Sleep(time.Millisecond)
				}
			}
			return touch(ctx, tx, second)
		})
	}
	done := make(chan error, 2)
	go func() { done <- both(a.ID, b.ID) }()
	go func() { done <- both(b.ID, a.ID) }()
	if err := errors.Join(<-done, <-done); err != nil {
		t.Fatal(err)
	}
	if len(runs) < 3 {
		t.Errorf("the transactions ran %d times, want one of them to run again", len(runs))
	}
	for _, id := range []int{a.ID, b.ID} {
		if got := s.Read().Service.GetX(context.Background(), id).Version; got != 3 {
			t.Errorf("version = %d, want both changes", got)
		}
	}
}

func TestTxGivesUpAfterItsAttempts(t *testing.T) {
	t.Parallel()
	cfg := dbtest.PostgresConfig(t)
	cfg.TxAttempts = 3
	s := dbtest.Open(t, cfg)
	runs := 0
	err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		runs++
		_, err := tx.SQL().ExecContext(ctx, "DO $$ BEGIN RAISE serialization_failure; END $$")
		return err
	})
	if !fault.Is(err, fault.Unavailable) || runs != 3 {
		t.Errorf("Tx = %v after %d runs, want Unavailable after 3", err, runs)
	}
}

func TestNoConnectionInTimeIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]store.Config{"sqlite": dbtest.SQLiteConfig(t), "postgres": dbtest.PostgresConfig(t)} {
		t.Run(name, func(t *testing.T) {
			cfg.MaxConns, cfg.AcquireTimeout = 1, 50*time.Millisecond
			s := dbtest.Open(t, cfg)
			err := s.Tx(context.Background(), func(context.Context, *store.Tx) error {
				err := s.Tx(context.Background(), func(context.Context, *store.Tx) error { return nil })
				if !fault.Is(err, fault.Unavailable) {
					t.Errorf("a second writer got %v, want Unavailable", err)
				}
				if s.Dialect() == store.Postgres {
					_, err := s.Read().Service.Query().All(context.Background())
					if !fault.Is(s.Fault(err), fault.Unavailable) {
						t.Errorf("a reader got %v, want Unavailable", err)
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			insert(t, s, "after")
		})
	}
}

func TestWritesOutsideATransactionFail(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		made := insert(t, s, "kept")
		bulk := func(c *ent.Client) error {
			return c.Service.CreateBulk(newService(c, "one"), newService(c, "two")).Exec(ctx)
		}
		writes := map[string]func(*ent.Client) error{
			"create":      func(c *ent.Client) error { return newService(c, "new").Exec(ctx) },
			"create bulk": bulk,
			"upsert": func(c *ent.Client) error {
				return newService(c, "kept").OnConflictColumns("slug").UpdateNewValues().Exec(ctx)
			},
			"update one": func(c *ent.Client) error { return c.Service.UpdateOneID(made.ID).SetName("x").Exec(ctx) },
			"update":     func(c *ent.Client) error { return c.Service.Update().SetName("x").Exec(ctx) },
			"delete one": func(c *ent.Client) error { return c.Service.DeleteOneID(made.ID).Exec(ctx) },
			"delete":     func(c *ent.Client) error { _, err := c.Service.Delete().Exec(ctx); return err },
			"raw exec":   func(c *ent.Client) error { _, err := c.ExecContext(ctx, "DELETE FROM services"); return err },
			"raw query": func(c *ent.Client) error {
				rows, err := c.QueryContext(ctx, "DELETE FROM services RETURNING id")
				if err == nil {
					return errors.Join(rows.Err(), rows.Close())
				}
				return err
			},
			"own transaction": func(c *ent.Client) error { _, err := c.Tx(ctx); return err },
		}
		for name, write := range writes {
			if err := write(s.Read()); err == nil {
				t.Errorf("%s through Read went through", name)
			}
			err := s.Snapshot(ctx, func(_ context.Context, c *ent.Client) error { return write(c) })
			if err == nil {
				t.Errorf("%s through Snapshot went through", name)
			}
		}
		got := s.Read().Service.Query().OnlyX(ctx)
		if diff := cmp.Diff(made.String(), got.String()); diff != "" {
			t.Errorf("the record changed (-want +got):\n%s", diff)
		}
	})
}

func TestReadInsideATransactionFails(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			if _, err := s.Read().Service.Query().All(ctx); err == nil {
				t.Error("a query beside the transaction went through")
			}
			if err := s.Snapshot(ctx, func(context.Context, *ent.Client) error { return nil }); err == nil {
				t.Error("a snapshot beside the transaction went through")
			}
			_, err := s.Client(ctx).Service.Query().All(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestSnapshotSeesOneMoment(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		insert(t, s, "before")
		err := s.Snapshot(context.Background(), func(ctx context.Context, c *ent.Client) error {
			if n := c.Service.Query().CountX(ctx); n != 1 {
				t.Errorf("count = %d, want 1", n)
			}
			insert(t, s, "meanwhile")
			if n := c.Service.Query().CountX(ctx); n != 1 {
				t.Errorf("count after another's write = %d, want 1", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(slugs(t, s)); n != 2 {
			t.Errorf("count afterwards = %d, want 2", n)
		}
	})
}

func TestCancelledTxIsUndone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(context.Background())
		err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			err := newService(tx.Client(), "undone").Exec(ctx)
			cancel()
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Tx = %v, want context.Canceled", err)
		}
		if got := slugs(t, s); len(got) != 0 {
			t.Errorf("services = %v, want none", got)
		}
	})
}
