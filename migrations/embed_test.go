package migrations_test

import (
	"io/fs"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/migrations"
)

func TestBothDialectsHaveTheSameNumbersWithoutGaps(t *testing.T) {
	t.Parallel()
	names := map[string][]string{}
	for _, dialect := range []string{"sqlite3", "postgres"} {
		files, err := fs.Glob(migrations.For(dialect), "*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no files: %v", dialect, err)
		}
		names[dialect] = files
	}
	if diff := cmp.Diff(names["sqlite3"], names["postgres"]); diff != "" {
		t.Errorf("files (-sqlite +postgres):\n%s", diff)
	}
	for i, name := range names["postgres"] {
		if !regexp.MustCompile(`^\d{4}_[a-z0-9_]+\.sql$`).MatchString(name) || name[:4] != number(i+1) {
			t.Errorf("file %d is named %s, want %s_name.sql", i+1, name, number(i+1))
		}
	}
}

func number(n int) string {
	digits := []byte("0000")
	for i := len(digits) - 1; n > 0; i, n = i-1, n/10 {
		digits[i] += byte(n % 10)
	}
	return string(digits)
}

func TestSQLiteFilesPassTheLint(t *testing.T) {
	t.Parallel()
	if err := migrations.Lint(migrations.For("sqlite3")); err != nil {
		t.Error(err)
	}
}

func TestLint(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		ok   bool
	}{
		"a new table passes":                      {"-- +goose Up\nCREATE TABLE a (id);", true},
		"a dropped table without the mark":        {"-- +goose Up\nDROP TABLE a;", false},
		"in small letters and over two lines":     {"-- +goose Up\ndrop\n  table if exists a;", false},
		"a dropped table with the mark passes":    {"-- +goose NO TRANSACTION\n-- +goose Up\nDROP TABLE a;", true},
		"the mark further down does not count":    {"-- +goose Up\nDROP TABLE a;\n-- +goose NO TRANSACTION\n", false},
		"a comment about dropping a table passes": {"-- +goose Up\n-- drop table a is for later\nSELECT 1;", true},
	} {
		err := migrations.Lint(fstest.MapFS{"0001_x.sql": {Data: []byte(tc.text)}})
		if (err == nil) != tc.ok {
			t.Errorf("%s: Lint = %v", name, err)
		}
	}
}
