package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"
	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/dbtest/pgserver"
)

const root = "../../../migrations"

// TestMain starts one server for all tests, where scratch would start one for each database.
func TestMain(m *testing.M) {
	server, err := pgserver.Start(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if err := os.Setenv(pgserver.EnvURL, server.URL); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = server.Stop() // it ends with this process in any case
	os.Exit(code)
}

func TestSchemaAndMigrationsAgree(t *testing.T) {
	t.Parallel()
	plans, err := planAll(context.Background(), root, 9999, "check")
	if err != nil {
		t.Fatal(err)
	}
	for d, text := range plans {
		t.Errorf("%s: ent/schema is ahead of migrations, run make migration name=…; it would write:\n%s", d, text)
	}
}

// pets is a schema of one table; its name column may be optional.
func pets(optional bool) []*schema.Table {
	id := &schema.Column{Name: "id", Type: field.TypeInt, Increment: true}
	name := &schema.Column{Name: "name", Type: field.TypeString, Nullable: optional}
	return []*schema.Table{{Name: "pets", Columns: []*schema.Column{id, name}, PrimaryKey: []*schema.Column{id}}}
}

// history is a folder with the migration that made pets, followed by what was written by hand.
func history(t *testing.T, d, own string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("0001_init.sql", planIn(t, d, t.TempDir(), pets(false)))
	if own != "" {
		write("0002_own.sql", "-- +goose Up\n"+own+"\n")
	}
	return dir
}

func planIn(t *testing.T, d, dir string, tables []*schema.Table) string {
	t.Helper()
	ctx := context.Background()
	db, cleanup, err := scratch(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cleanup(); err != nil {
			t.Error(err)
		}
	}()
	text, err := plan(ctx, d, db, dir, tables)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestPlan(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d, func(t *testing.T) {
			if got := planIn(t, d, history(t, d, ""), pets(false)); got != "" {
				t.Errorf("no change planned:\n%s", got)
			}
			own := "CREATE INDEX own_pets_name ON pets (name); ALTER TABLE pets ADD COLUMN own_rank integer;"
			if got := planIn(t, d, history(t, d, own), pets(false)); got != "" {
				t.Errorf("hand-written index and column would go:\n%s", got)
			}
			got := planIn(t, d, history(t, d, "CREATE INDEX other ON pets (name);"), pets(false))
			if !strings.Contains(got, "DROP INDEX") {
				t.Errorf("an index that nobody declares stays:\n%s", got)
			}
			got = planIn(t, d, history(t, d, ""), pets(true))
			rebuilds := strings.HasPrefix(got, "-- +goose NO TRANSACTION\n-- +goose Up\n") && strings.Contains(got, "DROP TABLE")
			if got == "" || rebuilds != (d == dialect.SQLite) {
				t.Errorf("making a column optional:\n%s", got)
			}
			if strings.Contains(got, "+goose Down") {
				t.Error("a way down was written")
			}
		})
	}
}

func TestRunGivesBothDialectsTheSameNumber(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range dialects {
		if err := os.CopyFS(folder(dir, d), os.DirFS(folder(root, d))); err != nil {
			t.Fatal(err)
		}
	}
	next, err := nextNumber(folder(dir, dialect.SQLite))
	if err != nil {
		t.Fatal(err)
	}
	// one dialect lost an index, so only that one has something to plan
	last := filepath.Join(folder(dir, dialect.SQLite), "9000_lost.sql")
	if err := os.WriteFile(last, []byte("-- +goose Up\nDROP INDEX service_created_at_id;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(context.Background(), dir, "", true); err == nil {
		t.Error("check found no difference")
	}
	if err := run(context.Background(), dir, "again", false); err != nil {
		t.Fatal(err)
	}
	if next >= 9000 {
		t.Fatal("the test needs a higher number")
	}
	text := map[string]string{}
	for _, d := range dialects {
		raw, err := os.ReadFile(filepath.Join(folder(dir, d), "9001_again.sql"))
		if err != nil {
			t.Fatal(err)
		}
		text[d] = string(raw)
	}
	if !strings.Contains(text[dialect.SQLite], "CREATE INDEX `service_created_at_id`") {
		t.Errorf("sqlite: %s", text[dialect.SQLite])
	}
	if diff := cmp.Diff(nothing, text[dialect.Postgres]); diff != "" {
		t.Errorf("postgres (-want +got):\n%s", diff)
	}
	if err := run(context.Background(), dir, "", true); err != nil {
		t.Errorf("check afterwards: %v", err)
	}
	if err := run(context.Background(), dir, "Bad Name", false); err == nil {
		t.Error("a name with spaces was taken")
	}
}

func TestNextNumberRefusesNamesWithoutOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "init.sql"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := nextNumber(dir); err == nil {
		t.Error("no error")
	}
	if got, err := nextNumber(t.TempDir()); err != nil || got != 1 {
		t.Errorf("nextNumber of an empty folder = %d, %v; want 1", got, err)
	}
}

func TestRenderMarksOnlySQLite(t *testing.T) {
	t.Parallel()
	p := &migrate.Plan{Changes: []*migrate.Change{{Cmd: "DROP TABLE a", Comment: "drop a"}}}
	if got, want := render(dialect.Postgres, p), "-- +goose Up\n-- drop a\nDROP TABLE a;\n"; got != want {
		t.Errorf("postgres = %q, want %q", got, want)
	}
	if got, want := render(dialect.SQLite, p), "-- +goose NO TRANSACTION\n-- +goose Up\n-- drop a\nDROP TABLE a;\n"; got != want {
		t.Errorf("sqlite = %q, want %q", got, want)
	}
}
