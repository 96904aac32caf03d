package store

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/migrations"
)

func openIn(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(context.Background(), Config{DataDir: dir, SQLiteSynchronous: "normal"}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// rebuild is what the planner writes when a column becomes optional on SQLite.
const rebuild = `-- +goose Up
PRAGMA foreign_keys = off;
CREATE TABLE new_parents (id integer PRIMARY KEY, name text NULL);
INSERT INTO new_parents (id, name) SELECT id, name FROM parents;
DROP TABLE parents;
ALTER TABLE new_parents RENAME TO parents;
PRAGMA foreign_keys = on;
`

func family(second string) fstest.MapFS {
	return fstest.MapFS{
		"0001_init.sql": {Data: []byte(`-- +goose Up
CREATE TABLE parents (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE children (id integer PRIMARY KEY, parent integer REFERENCES parents (id) ON DELETE SET NULL);
CREATE TABLE links (parent integer NOT NULL REFERENCES parents (id) ON DELETE CASCADE);
`)},
		"0002_change.sql": {Data: []byte(second)},
	}
}

func only(files fstest.MapFS, name string) fstest.MapFS { return fstest.MapFS{name: files[name]} }

func populate(t *testing.T, s *Store) {
	t.Helper()
	for _, statement := range []string{
		"INSERT INTO parents VALUES (1, 'a'), (2, 'b')", "INSERT INTO children VALUES (1, 1), (2, 2), (3, 1)", "INSERT INTO links VALUES (1), (1), (2)",
	} {
		if _, err := s.writer.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
}

func counts(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	got := map[string]int{}
	for name, query := range map[string]string{
		"parents": "SELECT count(*) FROM parents", "children with a parent": "SELECT count(parent) FROM children", "links": "SELECT count(*) FROM links",
	} {
		var n int
		if err := db.QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		got[name] = n
	}
	return got
}

var full = map[string]int{"parents": 2, "children with a parent": 3, "links": 3}

func TestRebuildOfASQLiteTableKeepsWhatRefersToIt(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openIn(t, t.TempDir())
	files := family(migrations.NoTransaction + "\n" + rebuild)
	if _, err := s.migrate(ctx, only(files, "0001_init.sql")); err != nil {
		t.Fatal(err)
	}
	populate(t, s)
	done, err := s.migrate(ctx, files)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0002_change.sql"}, done.Applied); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(full, counts(t, s.writer)); diff != "" {
		t.Errorf("rows afterwards (-want +got):\n%s", diff)
	}
	if _, err := s.writer.Exec("INSERT INTO links VALUES (99)"); err == nil {
		t.Error("foreign keys stayed off after the rebuild")
	}
}

func TestRebuildInsideATransactionIsRefusedBeforeItRuns(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openIn(t, t.TempDir())
	files := family(rebuild)
	if _, err := s.migrate(ctx, only(files, "0001_init.sql")); err != nil {
		t.Fatal(err)
	}
	populate(t, s)
	if _, err := s.migrate(ctx, files); err == nil || !strings.Contains(err.Error(), "0002_change.sql") {
		t.Errorf("migrate = %v, want an error that names the file", err)
	}
	if diff := cmp.Diff(full, counts(t, s.writer)); diff != "" {
		t.Errorf("rows afterwards (-want +got):\n%s", diff)
	}
}

func TestMigrationThatBreaksReferencesIsReported(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openIn(t, t.TempDir())
	files := family(migrations.NoTransaction + "\n-- +goose Up\nPRAGMA foreign_keys = off;\nDELETE FROM parents WHERE id = 2;\n")
	if _, err := s.migrate(ctx, only(files, "0001_init.sql")); err != nil {
		t.Fatal(err)
	}
	populate(t, s)
	if _, err := s.migrate(ctx, files); err == nil || !strings.Contains(err.Error(), "2 references are broken") {
		t.Errorf("migrate = %v, want an error that counts them", err)
	}
}

func TestMigrateCopiesAFileThatHoldsSomething(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openIn(t, t.TempDir())
	files := family("-- +goose Up\nDELETE FROM links;\n")
	first, err := s.migrate(ctx, only(files, "0001_init.sql"))
	if err != nil || first.Copy != "" {
		t.Fatalf("migrating an empty file = %+v, %v; want no copy", first, err)
	}
	populate(t, s)
	second, err := s.migrate(ctx, files)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(second.Copy)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("copy %q: %v, %v", second.Copy, info, err)
	}
	copied, err := sql.Open("sqlite", second.Copy)
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if diff := cmp.Diff(full, counts(t, copied)); diff != "" {
		t.Errorf("rows in the copy (-want +got):\n%s", diff)
	}
	third, err := s.migrate(ctx, files)
	if err != nil || third.Copy != "" || len(third.Applied) > 0 {
		t.Errorf("migrating once more = %+v, %v; want nothing done", third, err)
	}
}

func TestABinaryRefusesANewerSchema(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := openIn(t, t.TempDir())
	files := family("-- +goose Up\nSELECT 1;\n")
	if _, err := s.migrate(ctx, files); err != nil {
		t.Fatal(err)
	}
	older := only(files, "0001_init.sql")
	st, err := s.status(ctx, older)
	if err != nil || !st.Newer() || st.Current != 2 || st.Target != 1 {
		t.Errorf("status = %+v, %v; want newer", st, err)
	}
	if _, err := s.migrate(ctx, older); err == nil || !strings.Contains(err.Error(), "version 2") || !strings.Contains(err.Error(), "up to 1") {
		t.Errorf("migrate = %v, want an error with both versions", err)
	}
}

func TestStatusOfAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	s := openIn(t, t.TempDir())
	st, err := s.Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(migrations.For(SQLite), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Status{Target: int64(len(names)), Pending: names}, st); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}
