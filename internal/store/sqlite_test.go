package store_test

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestSQLiteFilesAreForTheirOwnerOnly(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "with space & 100%", "data")
	s := dbtest.Open(t, store.Config{DataDir: dir})
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	insert(t, s, "x")
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		if err == nil && info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.File() + "-wal"); err != nil {
		t.Errorf("the file is not in WAL mode: %v", err)
	}
}

func TestSQLitePragmas(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]string{"": "2", "full": "2", "normal": "1"} {
		s := dbtest.Open(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: setting})
		for pragma, want := range map[string]string{
			"synchronous": want, "journal_mode": "wal", "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0",
		} {
			var got string
			if err := s.Writer().QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
				t.Errorf("synchronous %q: %s = %s (%v), want %s", setting, pragma, got, err, want)
			}
		}
	}
}

func TestASecondOpenNamesTheHolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := dbtest.Open(t, store.Config{DataDir: dir})
	_, err := store.Open(context.Background(), store.Config{DataDir: dir}, time.Now)
	if want := fmt.Sprintf("process %d on ", os.Getpid()); err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("Open = %v, want an error with %q", err, want)
	}
	go func() {
		time.Sleep(100 * time.Millisecond)
		_ = s.Close()
	}()
	dbtest.Open(t, store.Config{DataDir: dir, LockWait: 10 * time.Second})
}
