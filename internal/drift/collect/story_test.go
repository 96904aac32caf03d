package collect

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The session table of the story: the index and the combined column were made in PROD and nowhere else.
const (
	storyPlain = `
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(100));
CREATE TABLE courses (id INTEGER PRIMARY KEY, title VARCHAR(100));
CREATE TABLE sessions (id INTEGER PRIMARY KEY, user_id INTEGER, last_seen TIMESTAMP NULL);
`
	storyProd = `
ALTER TABLE sessions ADD COLUMN user_last_seen VARCHAR(80);
CREATE INDEX sessions_user_last_seen ON sessions (user_id, last_seen);
`
	// What differs as well and has nothing to do with sessions.
	storyElse = `
CREATE TABLE a_table_of_nobody (id INTEGER PRIMARY KEY);
CREATE INDEX courses_by_title ON courses (title);
`
)

// checkStory wants the two differences of the story ranked first, and silence on sessions once DEV has been brought level.
func checkStory(t *testing.T, prod, dev, level drift.Snapshot) {
	t.Helper()
	names := drift.Names{Base: "PROD", Target: "DEV"}
	ctx := drift.Context{Attempt: "ATT-1", ChangedAreas: []string{"sessions"}, Assumptions: []drift.Record{{ID: "ASM-1", Areas: []string{"sessions"}}}}
	changes := drift.Rank(drift.Diff(prod, dev, names), ctx)
	if len(changes) < 4 {
		t.Fatalf("%d changes, want the two of the story and those that have nothing to do with it", len(changes))
	}
	type line struct {
		Rank   int
		Path   string
		Change drift.Deed
		Why    string
	}
	var got []line
	for _, c := range changes {
		if strings.Contains(c.Why, "ATT-1") || c.Rank <= 2 {
			got = append(got, line{c.Rank, c.Path, c.Change, c.Why})
		}
	}
	want := []line{
		{1, "table/sessions/column/user_last_seen", drift.Missing, "column sessions.user_last_seen is missing in DEV; ATT-1 changes sessions; ASM-1 names sessions"},
		{2, "table/sessions/index/sessions_user_last_seen", drift.Missing, "index sessions_user_last_seen on sessions is missing in DEV; ATT-1 changes sessions; ASM-1 names sessions"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, c := range drift.Diff(prod, level, names) {
		if drift.MatchArea(c.Path, "sessions") != drift.MatchNone {
			t.Errorf("DEV is level, and still: %s", c.Why)
		}
	}
}

func postgresDatabase(t *testing.T, script string) string {
	t.Helper()
	address := postgresURL(t)
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), script); err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return address
}

func readAddress(t *testing.T, address string) []Result {
	t.Helper()
	results, err := Postgres(context.Background(), address, Options{})
	if err != nil {
		t.Fatalf("Postgres: %v", err)
	}
	return results
}

func TestStoryOnPostgres(t *testing.T) {
	read := func(script string) drift.Snapshot { return schemaOf(t, readAddress(t, postgresDatabase(t, script))) }
	checkStory(t, read(storyPlain+storyProd+storyElse), read(storyPlain), read(storyPlain+storyProd))
}

func TestStoryOnSQLite(t *testing.T) {
	read := func(script string) drift.Snapshot { return schemaOf(t, readSQLite(t, script)) }
	checkStory(t, read(storyPlain+storyProd+storyElse), read(storyPlain), read(storyPlain+storyProd))
}

func TestStoryOnMariaDB(t *testing.T) {
	read := func(name, script string) drift.Snapshot {
		return schemaOf(t, readMySQL(t, mysqlDatabase(t, name, script)))
	}
	checkStory(t, read("prod", storyPlain+storyProd+storyElse), read("dev", storyPlain), read("level", storyPlain+storyProd))
}

func TestPostgresNeedsNoRightOnTables(t *testing.T) {
	address := postgresDatabase(t, shop+"INSERT INTO users (email, age) VALUES ('never@read.example', 20);"+
		"DO $$ BEGIN CREATE ROLE drift_blind LOGIN PASSWORD 'x'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"+
		"REVOKE SELECT ON users FROM PUBLIC; REVOKE USAGE ON SCHEMA public FROM PUBLIC")
	config, err := pgx.ParseConfig(address)
	if err != nil {
		t.Fatal(err)
	}
	config.User, config.Password = "drift_blind", "x"
	conn, err := pgx.ConnectConfig(context.Background(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var blind drift.Snapshot
	inTransaction(t, conn, func(tx pgx.Tx) { blind = readPostgres(t, tx) })
	for _, c := range drift.Diff(schemaOf(t, readAddress(t, address)), blind, drift.Names{Base: "owner", Target: "reader"}) {
		t.Errorf("%s", c.Why)
	}
	for _, item := range blind.Items() {
		if strings.Contains(string(item.Value), "never@read") {
			t.Errorf("%s holds data: %s", item.Path, item.Value)
		}
	}
}

func TestPostgresSettings(t *testing.T) {
	address := postgresDatabase(t, `DO $$ BEGIN
		EXECUTE format('ALTER DATABASE %I SET work_mem = ''77MB''', current_database());
		EXECUTE format('ALTER DATABASE %I SET app.api_token = ''hunter2''', current_database()); END $$`)
	settings := kindOf(t, vocab.SnapshotKindSettings, readAddress(t, address))
	hash := Options{}.Hash("hunter2")
	for path, want := range map[string]string{
		"setting/work_mem": `"78848 kB"`,
		"role_setting/every role in this database: work_mem":      `"77MB"`,
		"role_setting/every role in this database: app.api_token": `"` + hash + `"`,
		"database/encoding": `"UTF8"`,
	} {
		if item, found := settings.Item(path); !found || string(item.Value) != want {
			t.Errorf("%s is %s, want %s", path, item.Value, want)
		}
	}
	if _, found := settings.Item("server/version"); !found {
		t.Error("the version of the server is left out")
	}
	for _, path := range []string{"setting/data_directory", "setting/port", "setting/statement_timeout", "setting/search_path"} {
		if _, found := settings.Item(path); found {
			t.Errorf("%s is no fact about the environment", path)
		}
	}
	target := kindOf(t, vocab.SnapshotKindSettings, readAddress(t, postgresDatabase(t, "SELECT 1")))
	var whys []string
	for _, c := range drift.Diff(settings, target, drift.Names{Base: "PROD", Target: "DEV"}) {
		whys = append(whys, c.Why)
	}
	if !strings.Contains(strings.Join(whys, "\n"), "setting work_mem is set in PROD and left at its default in DEV") {
		t.Errorf("got %q", whys)
	}
}

// A catalogue that is locked cannot be read in time: that part is incomparable, and the rest is compared.
func TestPostgresPartThatCannotBeReadHidesNothingElse(t *testing.T) {
	address := postgresDatabase(t, shop+"CREATE POLICY own_rows ON users USING (id > 0)")
	base := schemaOf(t, readAddress(t, address))
	conn, err := pgx.Connect(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(context.Background(), "DROP INDEX sessions_by_user; DROP POLICY own_rows ON users"); err != nil {
		t.Fatal(err)
	}
	inTransaction(t, conn, func(tx pgx.Tx) {
		mustExec(t, tx, "LOCK TABLE pg_catalog.pg_policy IN ACCESS EXCLUSIVE MODE")
		results, err := Postgres(context.Background(), address, Options{StatementTimeout: 2 * time.Second})
		if err != nil {
			t.Fatalf("Postgres: %v", err)
		}
		var got []string
		for _, c := range drift.Diff(base, schemaOf(t, results), drift.Names{Base: "PROD", Target: "DEV"}) {
			got = append(got, c.Path)
			if c.Incomparable && !strings.Contains(c.Why, "policies could not be read: ERROR: canceling statement due to statement timeout") {
				t.Errorf("got %s", c.Why)
			}
		}
		if diff := cmp.Diff([]string{"policy", "rule", "table/sessions/index/sessions_by_user"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestPostgresSaysWhatIsWrong(t *testing.T) {
	for name, dsn := range map[string]string{"no address": "postgres://%zz", "no server": "postgres://nobody@127.0.0.1:1/x?connect_timeout=1"} {
		t.Run(name, func(t *testing.T) {
			if _, err := Postgres(context.Background(), dsn, Options{}); err == nil {
				t.Error("got no error")
			}
		})
	}
}
