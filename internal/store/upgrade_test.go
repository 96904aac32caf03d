package store_test

import (
	"context"
	_ "embed"
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/migrations"
)

// populated fills tables of the first schema with records that refer to each other, by every kind of foreign key.
//
//go:embed testdata/populated.sql
var populated string

var populatedTables = []string{"services", "environments", "upgrades", "attempts", "incidents", "findings", "assumptions", "finding_assumptions", "evidence"}

// TestAPopulatedDatabaseKeepsItsRecords applies every migration after the first on a database that holds something.
func TestAPopulatedDatabaseKeepsItsRecords(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, cfg := range map[string]store.Config{store.SQLite: {DataDir: t.TempDir()}, store.Postgres: {DatabaseURL: dbtest.PostgresURL(t)}} {
		t.Run(name, func(t *testing.T) {
			s := dbtest.Open(t, cfg)
			steps := fstest.MapFS{}
			names, err := fs.Glob(migrations.For(name), "*.sql")
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]int
			for i, file := range names {
				text, err := fs.ReadFile(migrations.For(name), file)
				if err != nil {
					t.Fatal(err)
				}
				steps[file] = &fstest.MapFile{Data: text}
				if _, err := s.MigrateFiles(ctx, steps); err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					if _, err := s.Writer().Exec(populated); err != nil {
						t.Fatal(err)
					}
					want = rowCounts(t, s)
				}
				if diff := cmp.Diff(want, rowCounts(t, s)); diff != "" {
					t.Errorf("rows after %s (-want +got):\n%s", file, diff)
				}
			}
		})
	}
}

func rowCounts(t *testing.T, s *store.Store) map[string]int {
	t.Helper()
	got := map[string]int{}
	for _, table := range populatedTables {
		var n, references int
		if err := s.Writer().QueryRow("SELECT count(*) FROM " + table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			t.Errorf("%s is empty", table)
		}
		got[table] = n
		if table == "findings" {
			if err := s.Writer().QueryRow("SELECT count(attempt_id) + count(incident_id) + count(service_id) FROM findings").Scan(&references); err != nil {
				t.Fatal(err)
			}
			got["references of findings"] = references
		}
	}
	return got
}
