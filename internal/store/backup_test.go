package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// empties are an empty database of each kind.
func empties(t *testing.T) map[string]store.Config {
	return map[string]store.Config{
		store.SQLite:   {DataDir: filepath.Join(t.TempDir(), "data"), SQLiteSynchronous: "normal"},
		store.Postgres: {DatabaseURL: dbtest.PostgresURL(t)},
	}
}

func TestABackupIsRestoredAsItWas(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := context.Background()
		insert(t, s, "before")
		file := filepath.Join(t.TempDir(), "kept")
		made, err := s.Backup(ctx, file)
		if err != nil {
			t.Fatal(err)
		}
		insert(t, s, "after")
		if made.Rows["services"] != 1 || made.Schema == 0 {
			t.Errorf("the manifest tells of %d services at schema %d, want one", made.Rows["services"], made.Schema)
		}
		if _, err := s.Backup(ctx, file); err == nil || !strings.Contains(err.Error(), "there already") {
			t.Errorf("a second backup to the file gives %v, want a refusal", err)
		}
		cfg := empties(t)[s.Dialect()]
		restored, err := store.Restore(ctx, cfg, file, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(restored.Rows, made.Rows); diff != "" {
			t.Errorf("rows restored (-got +want): %s", diff)
		}
		if _, err := store.Restore(ctx, cfg, file, time.Now); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("restoring over a database gives %v, want a refusal", err)
		}
		other := dbtest.Open(t, cfg)
		if got := slugs(t, other); cmp.Diff(got, []string{"before"}) != "" {
			t.Errorf("restored services %v, want the one from before the backup", got)
		}
		insert(t, other, "later")
	})
}

func TestADamagedOrForeignBackupIsRefused(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	file := filepath.Join(t.TempDir(), "kept")
	if _, err := dbtest.SQLite(t).Backup(ctx, file); err != nil {
		t.Fatal(err)
	}
	targets := empties(t)
	if _, err := store.Restore(ctx, targets[store.Postgres], file, time.Now); err == nil || !strings.Contains(err.Error(), "backup of sqlite") {
		t.Errorf("restoring a SQLite file to PostgreSQL gives %v, want a refusal that says so", err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(ctx, targets[store.SQLite], file, time.Now); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("restoring a file with one bit turned gives %v, want a refusal", err)
	}
	if _, err := os.Stat(filepath.Join(targets[store.SQLite].DataDir, "hindcast.db")); err == nil {
		t.Error("a refused backup left a database behind")
	}
}
