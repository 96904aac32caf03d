package store_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// writeOne makes a function that commits one record per call.
func writeOne(b *testing.B, s *store.Store) func() {
	n := 0
	return func() {
		n++
		err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) error {
			return newService(tx.Client(), strconv.Itoa(n)).Exec(ctx)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func sqliteWith(b *testing.B, synchronous string) *store.Store {
	cfg := dbtest.SQLiteConfig(b)
	cfg.SQLiteSynchronous = synchronous
	return dbtest.Open(b, cfg)
}

func BenchmarkWrite(b *testing.B) {
	for name, open := range map[string]func(*testing.B) *store.Store{
		"sqlite full":   func(b *testing.B) *store.Store { return sqliteWith(b, "full") },
		"sqlite normal": func(b *testing.B) *store.Store { return sqliteWith(b, "normal") },
		"postgres":      func(b *testing.B) *store.Store { return dbtest.Postgres(b) },
	} {
		b.Run(name, func(b *testing.B) {
			write := writeOne(b, open(b))
			for b.Loop() {
				write()
			}
		})
	}
}

// BenchmarkWriteFullOverNormal alternates both settings, so that the load of the machine hits them alike, and reports how many
// times longer an acknowledged write takes when it must reach the disk.
func BenchmarkWriteFullOverNormal(b *testing.B) {
	full, normal := writeOne(b, sqliteWith(b, "full")), writeOne(b, sqliteWith(b, "normal"))
	var spent [2]time.Duration
	for b.Loop() {
		for i, write := range []func(){full, normal} {
			start := time.Now()
			write()
			spent[i] += time.Since(start)
		}
	}
	b.ReportMetric(float64(spent[0])/float64(spent[1]), "full/normal")
}

func BenchmarkRead(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			var made *ent.Service
			err := s.Tx(context.Background(), func(ctx context.Context, tx *store.Tx) (err error) {
				made, err = newService(tx.Client(), "x").Save(ctx)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := s.Read().Service.Get(context.Background(), made.ID); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
