package collect

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const shopSQLite = `
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, name TEXT DEFAULT 'nobody' COLLATE NOCASE,
  age INTEGER CONSTRAINT adult CHECK (age >= 18) /* a comment, with a comma */, CHECK (length(email) > 2)); -- and another
CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), token TEXT, total REAL, doubled REAL AS (total * 2) STORED);
CREATE INDEX sessions_by_user ON sessions (user_id, token DESC);
CREATE UNIQUE INDEX sessions_token ON sessions (lower(token)) WHERE token IS NOT NULL;
CREATE TABLE pairs (a INT, b INT, PRIMARY KEY (b, a)) WITHOUT ROWID;
CREATE VIEW active AS SELECT id FROM sessions;
CREATE TRIGGER touch AFTER UPDATE ON sessions BEGIN UPDATE users SET age = 20 WHERE id = new.user_id; END;
CREATE VIRTUAL TABLE words USING fts5(title, body);
`

// sqliteFile makes a database file by the given statements.
func sqliteFile(t *testing.T, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a b?#%.db")
	db, err := sql.Open("sqlite", "file:"+strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23", " ", "%20").Replace(path))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return path
}

func readSQLite(t *testing.T, statements ...string) []Result {
	t.Helper()
	results, err := SQLite(context.Background(), sqliteFile(t, statements...), Options{})
	if err != nil {
		t.Fatalf("SQLite: %v", err)
	}
	return results
}

func TestSQLiteFindsEachDifference(t *testing.T) {
	base := schemaOf(t, readSQLite(t, shopSQLite))
	for name, tc := range map[string]single{
		"a table is added":         {"CREATE TABLE log (id INT)", "table/log", drift.Added, "table log is only in DEV, with one object that belongs to it"},
		"a column is added":        {"ALTER TABLE users ADD note TEXT", "table/users/column/note", drift.Added, "column users.note is only in DEV"},
		"a column is dropped":      {"ALTER TABLE users DROP name", "table/users/column/name", drift.Missing, "column users.name is missing in DEV"},
		"an index is dropped":      {"DROP INDEX sessions_by_user", "table/sessions/index/sessions_by_user", drift.Missing, "index sessions_by_user on sessions is missing in DEV"},
		"an index is added":        {"CREATE INDEX x ON users (age)", "table/users/index/x", drift.Added, "index x on users is only in DEV"},
		"an index turns round":     {"DROP INDEX sessions_by_user; CREATE INDEX sessions_by_user ON sessions (user_id, token)", "table/sessions/index/sessions_by_user", drift.Changed, "index sessions_by_user on sessions differs: columns (user_id, token DESC) in PROD, (user_id, token) in DEV"},
		"an index has a collation": {"DROP INDEX sessions_by_user; CREATE INDEX sessions_by_user ON sessions (user_id, token COLLATE NOCASE DESC)", "table/sessions/index/sessions_by_user", drift.Changed, "index sessions_by_user on sessions differs: columns (user_id, token DESC) in PROD, (user_id, token COLLATE NOCASE DESC) in DEV"},
		"an expression changes":    {"DROP INDEX sessions_token; CREATE UNIQUE INDEX sessions_token ON sessions (upper(token)) WHERE token IS NOT NULL", "table/sessions/index/sessions_token", drift.Changed, "index sessions_token on sessions differs: columns (lower(token)) in PROD, (upper(token)) in DEV"},
		"a condition is dropped":   {"DROP INDEX sessions_token; CREATE UNIQUE INDEX sessions_token ON sessions (lower(token))", "table/sessions/index/sessions_token", drift.Changed, "index sessions_token on sessions differs: where token IS NOT NULL in PROD, none in DEV"},
		"uniqueness is dropped":    {"DROP INDEX sessions_token; CREATE INDEX sessions_token ON sessions (lower(token)) WHERE token IS NOT NULL", "table/sessions/index/sessions_token", drift.Changed, "index sessions_token on sessions differs: unique in PROD, not in DEV"},
		"a view changes":           {"DROP VIEW active; CREATE VIEW active AS SELECT user_id FROM sessions", "view/active", drift.Changed, "view active differs: definition is not the same"},
		"a trigger is dropped":     {"DROP TRIGGER touch", "table/sessions/trigger/touch", drift.Missing, "trigger touch on sessions is missing in DEV"},
		"a full-text table changes": {"DROP TABLE words; CREATE VIRTUAL TABLE words USING fts5(title)", "table/words", drift.Changed,
			"table words differs: definition USING fts5(title, body) in PROD, USING fts5(title) in DEV"},
		"a key has another order": {"DROP TABLE pairs; CREATE TABLE pairs (a INT, b INT, PRIMARY KEY (a, b)) WITHOUT ROWID", "table/pairs/key/primary", drift.Changed,
			"key primary on pairs differs: definition PRIMARY KEY (b, a) in PROD, PRIMARY KEY (a, b) in DEV"},
		"a table has row ids": {"DROP TABLE pairs; CREATE TABLE pairs (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (b, a))", "table/pairs", drift.Changed,
			"table pairs differs: without rowid in PROD, not in DEV"},
	} {
		t.Run(name, func(t *testing.T) {
			target := schemaOf(t, readSQLite(t, shopSQLite, tc.change))
			checkSingle(t, tc, drift.Fold(drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"})))
		})
	}
}

func TestSQLiteFindsWhatOnlyTheTextOfATableTells(t *testing.T) {
	names := drift.Names{Base: "PROD", Target: "DEV"}
	const table = "CREATE TABLE t (a TEXT COLLATE NOCASE, b INT CHECK (b > 0), c INT AS (b + 1), d INT REFERENCES t (b) ON DELETE CASCADE)"
	base := schemaOf(t, readSQLite(t, table))
	for from, tc := range map[string]struct{ to, why string }{
		"NOCASE":     {"RTRIM", "column t.a differs: collation NOCASE in PROD, RTRIM in DEV"},
		"(b > 0)":    {"(b > 1)", "check check_1 on t differs: definition CHECK (b > 0) in PROD, CHECK (b > 1) in DEV"},
		"(b + 1)":    {"(b + 2)", "column t.c differs: generated (b + 1) in PROD, (b + 2) in DEV"},
		"CASCADE":    {"SET NULL", "foreign key d to t on t differs: definition FOREIGN KEY (d) REFERENCES t (b) ON DELETE CASCADE in PROD, FOREIGN KEY (d) REFERENCES t (b) ON DELETE SET NULL in DEV"},
		"a TEXT":     {"a BLOB", "column t.a differs: type text in PROD, blob in DEV"},
		"CASCADE)":   {"CASCADE) STRICT", "table t differs: strict in DEV, not in PROD"},
		"INT CHECK":  {"INT DEFAULT 5 CHECK", "column t.b differs: default none in PROD, 5 in DEV"},
		"b INT":      {"b INT NOT NULL", "column t.b differs: nullable in PROD, not in DEV"},
		"(a TEXT":    {"(a -- x (,\n /* ) */ TEXT", ""},
		"TEXT":       {"text", ""},
		"CHECK (b":   {"CHECK  (\n b", ""},
		"(b + 1), d": {"( b+1 ), d", ""},
	} {
		t.Run(from, func(t *testing.T) {
			target := schemaOf(t, readSQLite(t, strings.Replace(table, from, tc.to, 1)))
			var whys []string
			for _, c := range drift.Diff(base, target, names) {
				whys = append(whys, c.Why)
			}
			if got := strings.Join(whys, " & "); got != tc.why {
				t.Errorf("got  %s\nwant %s", got, tc.why)
			}
		})
	}
}

func TestSQLiteIsSilentOnHarmlessDifferences(t *testing.T) {
	base := schemaOf(t, readSQLite(t, shopSQLite))
	for name, change := range map[string]string{
		"rows":                     "INSERT INTO users (email, age) VALUES ('a@example.org', 20), ('b@example.org', 30); INSERT INTO words VALUES ('a', 'b')",
		"statistics":               "INSERT INTO users (email, age) VALUES ('a@example.org', 20); ANALYZE",
		"a view in another layout": "DROP VIEW active; CREATE VIEW active  AS\n\n SELECT id -- all\n FROM sessions",
		"an index made again":      "DROP INDEX sessions_by_user; CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions(user_id ASC,  token desc)",
		"a temporary table":        "CREATE TEMPORARY TABLE basket (id INT)",
		"free pages":               "VACUUM",
	} {
		t.Run(name, func(t *testing.T) {
			target := schemaOf(t, readSQLite(t, shopSQLite, change))
			for _, c := range drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"}) {
				t.Errorf("%s %s: %s", c.Change, c.Path, c.Why)
			}
		})
	}
}

func TestSQLiteObjectThatCannotBeReadHidesNothingElse(t *testing.T) {
	const strange = `PRAGMA writable_schema = ON;
		INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('table', 'maps', 'maps', 0, 'CREATE VIRTUAL TABLE maps USING nowhere(x)');`
	base := schemaOf(t, readSQLite(t, shopSQLite, strange))
	target := schemaOf(t, readSQLite(t, shopSQLite, "DROP INDEX sessions_by_user"))
	changes := drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"})
	if len(changes) != 2 {
		t.Fatalf("%d changes, want 2: %v", len(changes), changes)
	}
	if c := changes[0]; c.Path != "table/maps" || !c.Incomparable || !strings.Contains(c.Why, "table maps cannot be compared: in PROD, ") || !strings.Contains(c.Why, "no such module: nowhere") {
		t.Errorf("got %+v", c)
	}
	if c := changes[1]; c.Path != "table/sessions/index/sessions_by_user" || c.Change != drift.Missing {
		t.Errorf("got %+v", c)
	}
}

func TestSQLiteSettings(t *testing.T) {
	base := kindOf(t, vocab.SnapshotKindSettings, readSQLite(t, shopSQLite))
	target := kindOf(t, vocab.SnapshotKindSettings, readSQLite(t, shopSQLite, "PRAGMA user_version = 7"))
	checkSingle(t, single{path: "setting/user_version", deed: drift.Changed, why: "setting user_version is 0 in PROD and 7 in DEV"},
		drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"}))
}

func TestSQLiteDoesNotWrite(t *testing.T) {
	if _, err := SQLite(context.Background(), filepath.Join(t.TempDir(), "missing.db"), Options{}); err == nil {
		t.Error("a file that does not exist gave no error")
	}
	path := sqliteFile(t, "CREATE TABLE t (a INT)")
	before := fileText(t, path)
	if _, err := SQLite(context.Background(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	if fileText(t, path) != before {
		t.Error("the file has changed")
	}
}

func FuzzTableText(f *testing.F) {
	f.Add(shopSQLite)
	f.Add("CREATE TABLE t (a TEXT COLLATE [x]], b AS (1), CHECK ('it''s'")
	f.Fuzz(func(_ *testing.T, text string) {
		readTableText(text)
		indexText(text)
		joined(scan(text))
	})
}
