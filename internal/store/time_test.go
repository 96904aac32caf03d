package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/service"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestTimesOfAnyZoneAreFoundAndComeBackInUTC(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		east := time.FixedZone("EAST", 2*60*60)
		kept := time.Date(2026, 3, 29, 1, 30, 0, 123_456_789, east) // 23:30 of the day before in UTC, finer than microseconds
		err := s.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return newService(tx.Client(), "x").SetCreatedAt(kept).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		for name, n := range map[string]int{
			"range in UTC":            s.Read().Service.Query().Where(service.CreatedAtGTE(kept.Add(-time.Minute).UTC()), service.CreatedAtLTE(kept.Add(time.Minute).UTC())).CountX(ctx),
			"range in the other zone": s.Read().Service.Query().Where(service.CreatedAtGT(kept.Add(-time.Minute)), service.CreatedAtLT(kept.Add(time.Minute))).CountX(ctx),
			"equal":                   s.Read().Service.Query().Where(service.CreatedAt(kept)).CountX(ctx),
			"one of":                  s.Read().Service.Query().Where(service.CreatedAtIn(kept.Add(time.Hour), kept)).CountX(ctx),
		} {
			if n != 1 {
				t.Errorf("%s found %d records, want 1", name, n)
			}
		}
		got := s.Read().Service.Query().OnlyX(ctx).CreatedAt
		if !got.Equal(store.UTC(kept)) || got.Location() != time.UTC {
			t.Errorf("created_at = %v in %v, want %v", got, got.Location(), store.UTC(kept))
		}
	})
}

func TestTimesSortByInstant(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		rapid.Check(t, func(rt *rapid.T) {
			times := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) time.Time {
				zone := time.FixedZone("", rapid.IntRange(-14*60, 14*60).Draw(rt, "minutes")*60)
				return time.UnixMicro(rapid.Int64Range(0, 1<<42).Draw(rt, "micro")).In(zone)
			}), 2, 5).Draw(rt, "times")
			var got []time.Time
			rollback := rollbackOf(rt, s, func(ctx context.Context, c *ent.Client) {
				for i, at := range times {
					newService(c, string(rune('a'+i))).SetCreatedAt(at).ExecX(ctx)
				}
				for _, one := range c.Service.Query().Order(service.ByCreatedAt()).AllX(ctx) {
					got = append(got, one.CreatedAt)
				}
			})
			if !rollback {
				rt.Fatal("the transaction went wrong")
			}
			slices.SortFunc(times, time.Time.Compare)
			if !slices.EqualFunc(times, got, time.Time.Equal) {
				rt.Errorf("order = %v, want %v", got, times)
			}
		})
	})
}

// rollbackOf runs fn in a transaction that leaves nothing behind.
func rollbackOf(rt *rapid.T, s *store.Store, fn func(context.Context, *ent.Client)) bool {
	err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
		fn(ctx, tx.Client())
		return context.Canceled
	})
	return err == context.Canceled
}
