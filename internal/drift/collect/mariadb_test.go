package collect

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const shopMySQL = `
CREATE TABLE users (id BIGINT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(100) NOT NULL, name VARCHAR(50) DEFAULT 'nobody', age INT, mood ENUM('calm','busy'),
  CONSTRAINT adult CHECK (age >= 18), UNIQUE KEY one_email (email)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE sessions (id BIGINT AUTO_INCREMENT PRIMARY KEY, user_id BIGINT, token VARCHAR(64), total DECIMAL(10,2), doubled DECIMAL(12,2) AS (total * 2) STORED,
  last_seen TIMESTAMP NULL, KEY sessions_by_user (user_id, last_seen), FOREIGN KEY (user_id) REFERENCES users (id)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE visits (at DATE NOT NULL, what TEXT) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci PARTITION BY RANGE (YEAR(at)) (PARTITION p2024 VALUES LESS THAN (2025));
CREATE VIEW active AS SELECT id, user_id FROM sessions WHERE last_seen IS NOT NULL;
CREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n / 2;
CREATE PROCEDURE tidy() DELETE FROM sessions;
CREATE TRIGGER touch BEFORE UPDATE ON sessions FOR EACH ROW SET NEW.last_seen = NOW();
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM sessions;
CREATE SEQUENCE tickets;
GRANT SELECT ON * TO reader@localhost;
`

// mysqlDatabase makes a database of its own by the given statements and gives its address.
func mysqlDatabase(t *testing.T, name string, scripts ...string) string {
	t.Helper()
	address, err := mariadb()
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	statements := []string{"CREATE USER IF NOT EXISTS reader@localhost", "DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name, "USE " + name}
	for _, script := range scripts {
		statements = append(statements, strings.Split(script, ";\n")...)
	}
	for _, statement := range statements {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return address + name
}

func readMySQL(t *testing.T, address string) []Result {
	t.Helper()
	results, err := MySQL(context.Background(), address, Options{})
	if err != nil {
		t.Fatalf("MySQL: %v", err)
	}
	return results
}

func TestMySQLFindsEachDifference(t *testing.T) {
	base := schemaOf(t, readMySQL(t, mysqlDatabase(t, "prod", shopMySQL)))
	for name, tc := range map[string]single{
		"a table is added":       {"CREATE TABLE log (id INT)", "table/log", drift.Added, "table log is only in DEV, with one object that belongs to it"},
		"a column is added":      {"ALTER TABLE users ADD note TEXT", "table/users/column/note", drift.Added, "column users.note is only in DEV"},
		"a column is dropped":    {"ALTER TABLE users DROP name", "table/users/column/name", drift.Missing, "column users.name is missing in DEV"},
		"a type is changed":      {"ALTER TABLE users MODIFY age BIGINT", "table/users/column/age", drift.Changed, "column users.age differs: type int(11) in PROD, bigint(20) in DEV"},
		"an enum grows":          {"ALTER TABLE users MODIFY mood ENUM('calm','busy','angry')", "table/users/column/mood", drift.Changed, "column users.mood differs: type enum('calm','busy') in PROD, enum('calm','busy','angry') in DEV"},
		"a default is changed":   {"ALTER TABLE users ALTER name SET DEFAULT 'guest'", "table/users/column/name", drift.Changed, "column users.name differs: default 'nobody' in PROD, 'guest' in DEV"},
		"a column is mandatory":  {"ALTER TABLE users MODIFY age INT NOT NULL", "table/users/column/age", drift.Changed, "column users.age differs: nullable in PROD, not in DEV"},
		"a collation is changed": {"ALTER TABLE users MODIFY name VARCHAR(50) COLLATE utf8mb4_bin DEFAULT 'nobody'", "table/users/column/name", drift.Changed, "column users.name differs: collation utf8mb4_unicode_ci in PROD, utf8mb4_bin in DEV"},
		"an expression changes":  {"ALTER TABLE sessions MODIFY doubled DECIMAL(12,2) AS (total * 3) STORED", "table/sessions/column/doubled", drift.Changed, "column sessions.doubled differs: generated `total` * 2 in PROD, `total` * 3 in DEV"},
		"an index is added":      {"CREATE INDEX sessions_last_seen ON sessions (last_seen)", "table/sessions/index/sessions_last_seen", drift.Added, "index sessions_last_seen on sessions is only in DEV"},
		"an index is shorter": {"CREATE INDEX x ON sessions (user_id);\nDROP INDEX sessions_by_user ON sessions;\nCREATE INDEX sessions_by_user ON sessions (user_id);\nDROP INDEX x ON sessions", "table/sessions/index/sessions_by_user", drift.Changed,
			"index sessions_by_user on sessions differs: columns (user_id, last_seen) in PROD, (user_id) in DEV"},
		"an index turns round": {"CREATE INDEX x ON sessions (user_id);\nDROP INDEX sessions_by_user ON sessions;\nCREATE INDEX sessions_by_user ON sessions (user_id, last_seen DESC);\nDROP INDEX x ON sessions", "table/sessions/index/sessions_by_user", drift.Changed,
			"index sessions_by_user on sessions differs: columns (user_id, last_seen) in PROD, (user_id, last_seen DESC) in DEV"},
		"an index holds a prefix": {"DROP INDEX one_email ON users;\nCREATE UNIQUE INDEX one_email ON users (email(20))", "table/users/index/one_email", drift.Changed, "index one_email on users differs: columns (email) in PROD, (email(20)) in DEV"},
		"uniqueness is dropped":   {"DROP INDEX one_email ON users;\nCREATE INDEX one_email ON users (email)", "table/users/index/one_email", drift.Changed, "index one_email on users differs: unique in PROD, not in DEV"},
		"a foreign key cascades": {"ALTER TABLE sessions DROP FOREIGN KEY sessions_ibfk_1;\nALTER TABLE sessions ADD FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE", "table/sessions/foreign_key/sessions_ibfk_1", drift.Changed,
			"foreign key sessions_ibfk_1 on sessions differs: definition FOREIGN KEY (user_id) REFERENCES users (id) in PROD, FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE in DEV"},
		"a check is dropped":      {"ALTER TABLE users DROP CONSTRAINT adult", "table/users/check/adult", drift.Missing, "check adult on users is missing in DEV"},
		"a view changes":          {"ALTER VIEW active AS SELECT id, user_id FROM sessions", "view/active", drift.Changed, "view active differs: definition is not the same"},
		"a function changes":      {"DROP FUNCTION half;\nCREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n / 3", "function/half", drift.Changed, "function half differs: definition is not the same"},
		"a procedure is dropped":  {"DROP PROCEDURE tidy", "procedure/tidy", drift.Missing, "procedure tidy is missing in DEV"},
		"a trigger is dropped":    {"DROP TRIGGER touch", "table/sessions/trigger/touch", drift.Missing, "trigger touch on sessions is missing in DEV"},
		"an event is disabled":    {"ALTER EVENT nightly DISABLE", "event/nightly", drift.Changed, "event nightly differs: state enabled in PROD, disabled in DEV"},
		"a partition is added":    {"ALTER TABLE visits ADD PARTITION (PARTITION p2025 VALUES LESS THAN (2026))", "table/visits/partition/p2025", drift.Added, "partition p2025 on visits is only in DEV"},
		"a storage engine":        {"ALTER TABLE visits ENGINE=Aria", "table/visits", drift.Changed, "table visits differs: engine InnoDB in PROD, Aria in DEV"},
		"a sequence is dropped":   {"DROP SEQUENCE tickets", "sequence/tickets", drift.Missing, "sequence tickets is missing in DEV"},
		"a right is given":        {"GRANT INSERT ON users TO reader@localhost", "table/users/grant/reader", drift.Added, "grant to reader on table users is only in DEV"},
		"a right on everything":   {"GRANT DELETE ON * TO reader@localhost", "grant/reader", drift.Changed, "grant to reader is (select) in PROD and (delete, select) in DEV"},
		"a table comment is made": {"ALTER TABLE visits COMMENT = 'by year'", "table/visits", drift.Changed, "table visits differs: comment none in PROD, by year in DEV"},
	} {
		t.Run(name, func(t *testing.T) {
			target := schemaOf(t, readMySQL(t, mysqlDatabase(t, "dev", "REVOKE ALL, GRANT OPTION FROM reader@localhost;\n"+shopMySQL, tc.change)))
			checkSingle(t, tc, drift.Fold(drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"})))
		})
	}
}

func TestMySQLIsSilentOnHarmlessDifferences(t *testing.T) {
	base := schemaOf(t, readMySQL(t, mysqlDatabase(t, "prod", shopMySQL)))
	for name, change := range map[string]string{
		"another database name":        "SELECT 1",
		"numbering goes on":            "INSERT INTO users (email, age) VALUES ('a@example.org', 20);\nALTER TABLE users AUTO_INCREMENT = 5000",
		"a made-up foreign key name":   "ALTER TABLE sessions DROP FOREIGN KEY sessions_ibfk_1;\nALTER TABLE sessions ADD CONSTRAINT fk_rails_0123456789 FOREIGN KEY (user_id) REFERENCES users (id)",
		"a sequence moves on":          "SELECT NEXTVAL(tickets)",
		"statistics are gathered":      "ANALYZE TABLE users",
		"a function in another layout": "DROP FUNCTION half;\nCREATE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n  /\n 2",
		"columns in another order":     "ALTER TABLE users MODIFY mood ENUM('calm','busy') AFTER id",
		"a temporary table":            "CREATE TEMPORARY TABLE basket (id INT)",
	} {
		t.Run(name, func(t *testing.T) {
			target := schemaOf(t, readMySQL(t, mysqlDatabase(t, "dev", "REVOKE ALL, GRANT OPTION FROM reader@localhost;\n"+shopMySQL, change)))
			for _, c := range drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"}) {
				t.Errorf("%s %s: %s", c.Change, c.Path, c.Why)
			}
		})
	}
}

func TestMySQLCodeThatIsNotShownIsIncomparable(t *testing.T) {
	address := mysqlDatabase(t, "prod", shopMySQL, "CREATE USER IF NOT EXISTS blind@localhost;\nGRANT EXECUTE ON * TO blind@localhost;\nGRANT SELECT ON * TO blind@localhost")
	base := schemaOf(t, readMySQL(t, address))
	target := schemaOf(t, readMySQL(t, strings.Replace(address, "root@", "blind@", 1)))
	unread := map[string]bool{}
	for _, c := range drift.Diff(base, target, drift.Names{Base: "PROD", Target: "DEV"}) {
		unread[c.Path] = c.Incomparable
	}
	for _, path := range []string{"function/half", "procedure/tidy", "view/active"} {
		if !unread[path] {
			t.Errorf("%s is not reported as incomparable", path)
		}
	}
	if _, differs := unread["table/users"]; differs {
		t.Error("a table that both see is said to differ")
	}
}

func TestMySQLSettings(t *testing.T) {
	address := mysqlDatabase(t, "prod")
	settings := kindOf(t, vocab.SnapshotKindSettings, readMySQL(t, address))
	version, found := settings.Item("server/version")
	if !found || !strings.HasPrefix(string(version.Value), `"MariaDB 1`) {
		t.Errorf("version is %s", version.Value)
	}
	if _, found := settings.Item("setting/sql_mode"); !found {
		t.Error("sql_mode is left out")
	}
	if item, found := settings.Item("setting/innodb_buffer_pool_size"); !found || string(item.Value) != `"33554432"` {
		t.Errorf("innodb_buffer_pool_size is %s", item.Value)
	}
	for _, path := range []string{"setting/datadir", "setting/socket"} {
		if _, found := settings.Item(path); found {
			t.Errorf("%s names a place on the host", path)
		}
	}
}

func TestMySQLAsksForADatabase(t *testing.T) {
	for _, address := range []string{"root@tcp(127.0.0.1:1)/", "://"} {
		if _, err := MySQL(context.Background(), address, Options{}); err == nil {
			t.Errorf("%s gave no error", address)
		}
	}
}
