package collect

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// shop is what both environments have before one of them is changed.
const shop = `
CREATE SCHEMA billing;
CREATE TYPE mood AS ENUM ('calm', 'busy');
CREATE TYPE address AS (street text, city text);
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE SEQUENCE ticket_numbers;
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, name varchar(50) DEFAULT 'nobody',
  age integer, mood mood, CONSTRAINT adult CHECK (age >= 18), CONSTRAINT one_email UNIQUE (email));
CREATE INDEX users_by_age_and_id ON users (age, id);
CREATE TABLE sessions (id serial PRIMARY KEY, user_id bigint REFERENCES users (id), token text, data jsonb, last_seen timestamptz DEFAULT now(),
  kind text DEFAULT 'web', total numeric(10,2), doubled numeric GENERATED ALWAYS AS (total * 2) STORED);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_recent ON sessions (last_seen DESC) WHERE kind = 'web';
CREATE INDEX sessions_data ON sessions USING gin (data);
CREATE UNIQUE INDEX sessions_one_token ON sessions (lower(token));
CREATE INDEX ON sessions (total);
CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX events_at ON events (at);
CREATE TABLE billing.invoices (id integer, amount integer, CHECK (amount > 0), CHECK (id > 0));
CREATE VIEW active AS SELECT id, user_id FROM sessions WHERE last_seen > now() - interval '1 hour';
CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) AS total FROM sessions GROUP BY user_id;
CREATE INDEX totals_by_user ON totals (user_id);
CREATE FUNCTION half(n integer) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT n / 2 $$;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.last_seen = now(); RETURN NEW; END $$;
CREATE PROCEDURE tidy() LANGUAGE sql AS $$ DELETE FROM sessions $$;
CREATE TRIGGER touch_sessions BEFORE UPDATE ON sessions FOR EACH ROW EXECUTE FUNCTION touch();
CREATE STATISTICS sessions_kinds ON kind, user_id FROM sessions;
GRANT SELECT ON users TO PUBLIC;
ANALYZE billing.invoices;
`

func mustExec(t *testing.T, tx pgx.Tx, statement string) {
	t.Helper()
	if _, err := tx.Exec(context.Background(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// inTransaction runs work in a transaction that leaves nothing behind.
func inTransaction(t *testing.T, conn *pgx.Conn, work func(tx pgx.Tx)) {
	t.Helper()
	tx, err := conn.Begin(context.Background())
	if err != nil {
		t.Fatalf("Begin: %v", err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	work(tx)
}

// readPostgres reads the schema as the transaction sees it.
func readPostgres(t *testing.T, tx pgx.Tx) drift.Snapshot {
	t.Helper()
	mustExec(t, tx, "SAVEPOINT reading") // what the reading sets must not stay
	defer mustExec(t, tx, "ROLLBACK TO SAVEPOINT reading")
	r := postgresReader{tx: tx}
	results, err := r.read(context.Background())
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return schemaOf(t, results)
}

// schemaOf is the one schema among results, as a snapshot.
func schemaOf(t *testing.T, results []Result) drift.Snapshot {
	t.Helper()
	return kindOf(t, vocab.SnapshotKindSchema, results)
}

func kindOf(t *testing.T, kind vocab.SnapshotKind, results []Result) drift.Snapshot {
	t.Helper()
	for _, result := range results {
		if result.Kind == kind {
			s, err := drift.New(result.Kind, result.Items)
			if err != nil {
				t.Fatalf("what was read is no snapshot: %v", err)
			}
			return s
		}
	}
	t.Fatalf("nothing of kind %s was read", kind)
	return drift.Snapshot{}
}

// single is one difference: what is done to the target and what must be said of it, and of nothing else.
type single struct {
	change string
	path   string
	deed   drift.Deed
	why    string
}

func TestPostgresFindsEachDifference(t *testing.T) {
	conn := connect(t)
	inTransaction(t, conn, func(tx pgx.Tx) {
		mustExec(t, tx, shop)
		base := readPostgres(t, tx)
		for name, tc := range postgresDifferences {
			t.Run(name, func(t *testing.T) {
				mustExec(t, tx, "SAVEPOINT one")
				defer mustExec(t, tx, "ROLLBACK TO SAVEPOINT one")
				mustExec(t, tx, tc.change)
				changes := drift.Diff(base, readPostgres(t, tx), drift.Names{Base: "PROD", Target: "DEV"})
				checkSingle(t, tc, drift.Fold(changes))
			})
		}
	})
}

// checkSingle wants exactly one change.
func checkSingle(t *testing.T, want single, changes []drift.Change) {
	t.Helper()
	if len(changes) != 1 {
		t.Errorf("%d changes, want 1", len(changes))
		for _, c := range changes {
			t.Logf("%s %s: %s", c.Change, c.Path, c.Why)
		}
		return
	}
	c := changes[0]
	if c.Path != want.path || c.Change != want.deed || c.Why != want.why {
		t.Errorf("got  %q, drift.%s, %q\nwant %q, drift.%s, %q", c.Path, c.Change, c.Why, want.path, want.deed, want.why)
	}
}

func connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), postgresURL(t))
	if err != nil {
		t.Fatalf("connecting: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestPostgresIsSilentOnHarmlessDifferences(t *testing.T) {
	conn := connect(t)
	inTransaction(t, conn, func(tx pgx.Tx) {
		mustExec(t, tx, shop)
		base := readPostgres(t, tx)
		for name, change := range postgresHarmless {
			t.Run(name, func(t *testing.T) {
				mustExec(t, tx, "SAVEPOINT one")
				defer mustExec(t, tx, "ROLLBACK TO SAVEPOINT one")
				mustExec(t, tx, change)
				for _, c := range drift.Diff(base, readPostgres(t, tx), drift.Names{Base: "PROD", Target: "DEV"}) {
					t.Errorf("%s %s: %s", c.Change, c.Path, c.Why)
				}
			})
		}
	})
}

func TestPostgresTellsTheSizeOfTablesInBands(t *testing.T) {
	conn := connect(t)
	inTransaction(t, conn, func(tx pgx.Tx) {
		mustExec(t, tx, "CREATE TABLE visits (id integer); ANALYZE visits")
		base := readPostgres(t, tx)
		mustExec(t, tx, "INSERT INTO visits SELECT generate_series(1, 20000); ANALYZE visits")
		checkSingle(t, single{path: "table/visits/row_band", deed: drift.Changed, why: "table visits holds 0 rows in PROD and 10,000 to 99,999 in DEV"},
			drift.Diff(base, readPostgres(t, tx), drift.Names{Base: "PROD", Target: "DEV"}))
	})
}
