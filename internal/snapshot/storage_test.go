package snapshot_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// schema has a number of objects; in each step another hundredth of them is other than in the step before.
func schema(objects, step int) map[string]json.RawMessage {
	items := make(map[string]json.RawMessage, objects)
	for i := range objects {
		changed := 0
		if step >= i%100 {
			changed = 1 + (step-i%100)/100
		}
		items[fmt.Sprintf("table/billing.table_%04d/column/column_%02d", i/20, i%20)] =
			fmt.Appendf(nil, `{"type": "character varying(%d)", "nullable": true, "default": "'nobody'::character varying"}`, 50+changed)
	}
	return items
}

// captured keeps steps of a schema and tells how many bytes the database needs after the first and after the last.
func captured(t testing.TB, s *store.Store, objects, steps int) (one, all int64) {
	t.Helper()
	ctx := auth.With(context.Background(), auth.System("test"))
	now := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	environment, err := catalog.NewEnvironments(s, now).Add(ctx, catalog.EnvironmentInput{Name: "PROD", Kind: vocab.EnvironmentKindProduction})
	if err != nil {
		t.Fatal(err)
	}
	snapshots := snapshot.New(s, now, nil)
	empty := size(t, s)
	for step := range steps {
		at := now().Add(time.Duration(step-steps) * time.Hour)
		_, added, err := snapshots.Capture(ctx, snapshot.Input{
			EnvironmentID: vocab.Environment.ID(environment.ID), CapturedAt: &at, Kind: vocab.SnapshotKindSchema, Items: schema(objects, step),
		})
		if err != nil || !added {
			t.Fatalf("step %d: added %v, %v", step, added, err)
		}
		if step == 0 {
			one = size(t, s) - empty
		}
	}
	return one, size(t, s) - empty
}

// size is what the whole database needs on disk, with all indexes, once what was overwritten is cleared away.
func size(t testing.TB, s *store.Store) int64 {
	t.Helper()
	statement, question := "VACUUM", "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
	if s.Dialect() == store.Postgres {
		statement, question = "VACUUM FULL", "SELECT sum(pg_total_relation_size(c.oid))::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname = 'public'"
	}
	if _, err := s.Writer().Exec(statement); err != nil {
		t.Fatal(err)
	}
	var bytes int64
	if err := s.Writer().QueryRow(question).Scan(&bytes); err != nil {
		t.Fatal(err)
	}
	return bytes
}

func TestAHundredSnapshotsThatDifferLittleCostAboutTwo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		one, hundred := captured(t, s, 2_000, 100)
		t.Logf("one snapshot needs %d bytes, a hundred need %d", one, hundred)
		if float64(hundred) > 2.5*float64(one) {
			t.Errorf("a hundred snapshots that differ by 1%% need %d bytes and one needs %d: want two and a half times that at most", hundred, one)
		}
	})
}

// BenchmarkStorage captures a schema of 20,000 objects, a hundredth of which is other each time, and tells what it costs on disk:
// go test ./internal/snapshot -run '^$' -bench Storage -benchtime 1x
func BenchmarkStorage(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			var one, two, hundred int64
			for b.Loop() {
				one, two = captured(b, open(b), 20_000, 2)
				_, hundred = captured(b, open(b), 20_000, 100)
			}
			b.ReportMetric(float64(one), "bytes/1-snapshot")
			b.ReportMetric(float64(two), "bytes/2-snapshots")
			b.ReportMetric(float64(hundred), "bytes/100-snapshots")
			b.ReportMetric(float64(hundred)/float64(one), "snapshots'-worth")
		})
	}
}
