package collect

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// mysqlTool names the readings of a MySQL or MariaDB database.
const mysqlTool = "hindcast snapshot mysql"

var errNoDatabase = errors.New("the address of the database must name a database, as in user@tcp(host:3306)/shop")

// MySQL reads schema and settings of the MySQL or MariaDB database that dsn names, in the form of the Go driver
// (user:password@tcp(host:3306)/database), in one read-only transaction.
func MySQL(ctx context.Context, dsn string, opts Options) ([]Result, error) {
	config, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the database: %w", err)
	}
	if config.DBName == "" {
		return nil, errNoDatabase
	}
	config.ParseTime = false
	config.InterpolateParams = true
	if config.Timeout == 0 {
		config.Timeout = 10 * time.Second
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the database: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer func() { _ = conn.Close() }()
	limitMySQL(ctx, conn, opts.timeout())
	tx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("starting to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	r := mysqlReader{rowReader: rowReader{tx: tx, timeout: opts.timeout()}, opts: opts, database: config.DBName, schema: map[string]any{}, settings: map[string]any{}}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	return []Result{
		{Kind: vocab.SnapshotKindSchema, Tool: mysqlTool, Items: r.schema},
		{Kind: vocab.SnapshotKindSettings, Tool: mysqlTool, Items: r.settings},
	}, nil
}

// limitMySQL asks the server to end long statements. MariaDB knows one name for it and MySQL another, so one of the two is
// refused; our own deadline holds in any case.
func limitMySQL(ctx context.Context, conn *sql.Conn, limit time.Duration) {
	for _, statement := range []string{
		fmt.Sprintf("SET SESSION max_statement_time = %f", limit.Seconds()),
		fmt.Sprintf("SET SESSION max_execution_time = %d", limit.Milliseconds()),
		"SET SESSION lock_wait_timeout = 5",
	} {
		_, _ = conn.ExecContext(ctx, statement)
	}
}

type mysqlReader struct {
	rowReader
	opts             Options
	database         string
	mariadb          bool
	schema, settings map[string]any
}

func (r *mysqlReader) read(ctx context.Context) error {
	err := r.each(ctx, "SELECT VERSION() AS version, @@version_comment AS comment", nil, func(row record) {
		r.mariadb = strings.Contains(strings.ToLower(row["version"]+row["comment"]), "mariadb")
		version, _, _ := strings.Cut(row["version"], "-")
		product := "MySQL "
		if r.mariadb {
			product = "MariaDB "
		}
		r.settings["server/version"] = product + version
	})
	if err != nil {
		return err
	}
	for _, part := range []struct {
		covers []string
		read   func(context.Context) error
	}{
		{[]string{"table", "sequence"}, r.tables},
		{[]string{"column"}, r.columns},
		{[]string{"index", "key"}, r.indexes},
		{[]string{"foreign_key"}, r.foreignKeys},
		{[]string{"check"}, r.checks},
		{[]string{"view"}, r.views},
		{[]string{"function", "procedure"}, r.routines},
		{[]string{"trigger", "event"}, r.triggers},
		{[]string{"partition"}, r.partitions},
		{[]string{"grant"}, r.grants},
	} {
		if err := part.read(ctx); err != nil {
			if ctx.Err() != nil {
				return err
			}
			for _, kind := range part.covers {
				r.schema[kind] = drift.Incomparable(err.Error())
			}
		}
	}
	return r.variables(ctx)
}

// own is text without the name of the database in front of its objects: two environments may call theirs differently.
func (r *mysqlReader) own(text string) string {
	return strings.ReplaceAll(text, "`"+r.database+"`.", "")
}

func (r *mysqlReader) tables(ctx context.Context) error {
	return r.each(ctx, `SELECT TABLE_NAME AS name, TABLE_TYPE AS type, COALESCE(ENGINE, '') AS engine, COALESCE(TABLE_COLLATION, '') AS collation,
		COALESCE(CREATE_OPTIONS, '') AS options, COALESCE(TABLE_COMMENT, '') AS comment, COALESCE(TABLE_ROWS, -1) AS row_estimate
		FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?`, []any{r.database}, func(row record) {
		name := row["name"]
		switch row["type"] {
		case "SEQUENCE":
			r.schema[drift.Path("sequence", name)] = map[string]any{}
		case "BASE TABLE", "SYSTEM VERSIONED":
			options := strings.TrimSpace(strings.ReplaceAll(row["options"], "partitioned", ""))
			r.schema[drift.Path("table", name)] = compact(map[string]any{
				"kind": strings.ToLower(row["type"]), "engine": row["engine"], "collation": row["collation"], "options": options, "comment": row["comment"],
			})
			var rows float64
			if _, err := fmt.Sscan(row["row_estimate"], &rows); err == nil {
				if band, known := drift.RowBand(rows); known {
					r.schema[drift.Path("table", name, "row_band")] = band
				}
			}
		}
	})
}

func (r *mysqlReader) columns(ctx context.Context) error {
	return r.each(ctx, `SELECT c.TABLE_NAME AS table_name, c.COLUMN_NAME AS name, c.COLUMN_TYPE AS type, c.IS_NULLABLE AS nullable, c.COLUMN_DEFAULT AS dflt,
		COALESCE(c.COLLATION_NAME, '') AS collation, c.EXTRA AS extra, COALESCE(c.GENERATION_EXPRESSION, '') AS expression, c.COLUMN_COMMENT AS comment
		FROM information_schema.COLUMNS c JOIN information_schema.TABLES t USING (TABLE_SCHEMA, TABLE_NAME)
		WHERE c.TABLE_SCHEMA = ? AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')`, []any{r.database}, func(row record) {
		standard := row["dflt"]
		if standard == "NULL" { // MariaDB spells out that there is none
			standard = ""
		}
		r.schema[drift.Path("table", row["table_name"], "column", row["name"])] = compact(map[string]any{
			"type": row["type"], "nullable": row["nullable"] == "YES", "default": standard, "collation": row["collation"],
			"extra": strings.ToLower(row["extra"]), "generated": r.own(row["expression"]), "comment": row["comment"],
		})
	})
}

// indexes puts together what comes one column a row.
func (r *mysqlReader) indexes(ctx context.Context) error {
	expression := "''"
	if !r.mariadb {
		expression = "COALESCE(EXPRESSION, '')"
	}
	columns := map[string][]string{}
	facts := map[string]map[string]any{}
	err := r.each(ctx, `SELECT TABLE_NAME AS table_name, INDEX_NAME AS name, NON_UNIQUE AS non_unique, COALESCE(COLUMN_NAME, '') AS column_name,
		COALESCE(SUB_PART, '') AS part, COALESCE(COLLATION, '') AS direction, INDEX_TYPE AS method, `+expression+` AS expression
		FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`, []any{r.database}, func(row record) {
		kind := "index"
		if row["name"] == "PRIMARY" {
			kind = "key"
		}
		path := drift.Path("table", row["table_name"], kind, row["name"])
		column := row["column_name"]
		if row["expression"] != "" {
			column = "(" + row["expression"] + ")"
		}
		if row["part"] != "" {
			column += "(" + row["part"] + ")"
		}
		if row["direction"] == "D" {
			column += " DESC"
		}
		columns[path] = append(columns[path], column)
		facts[path] = compact(map[string]any{"unique": row["non_unique"] == "0", "method": strings.ToLower(row["method"])})
	})
	for path, fact := range facts {
		fact["columns"] = columns[path]
		r.schema[path] = fact
	}
	return err
}

func (r *mysqlReader) foreignKeys(ctx context.Context) error {
	type key struct{ path, from, target, to, rules string }
	var keys []*key
	byPath := map[string]*key{}
	err := r.each(ctx, `SELECT k.TABLE_NAME AS table_name, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS column_name, k.REFERENCED_TABLE_NAME AS target,
		k.REFERENCED_COLUMN_NAME AS target_column, k.REFERENCED_TABLE_SCHEMA AS target_schema, c.UPDATE_RULE AS on_update, c.DELETE_RULE AS on_delete
		FROM information_schema.KEY_COLUMN_USAGE k
		JOIN information_schema.REFERENTIAL_CONSTRAINTS c
		  ON c.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND c.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND c.TABLE_NAME = k.TABLE_NAME
		WHERE k.TABLE_SCHEMA = ? AND k.REFERENCED_TABLE_NAME IS NOT NULL
		ORDER BY k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION`, []any{r.database}, func(row record) {
		path := drift.Path("table", row["table_name"], "foreign_key", row["name"])
		if k := byPath[path]; k != nil {
			k.from, k.to = k.from+", "+row["column_name"], k.to+", "+row["target_column"]
			return
		}
		target := row["target"]
		if row["target_schema"] != r.database {
			target = row["target_schema"] + "." + target
		}
		k := &key{path, row["column_name"], target, row["target_column"], ""}
		for _, rule := range [][2]string{{"UPDATE", row["on_update"]}, {"DELETE", row["on_delete"]}} {
			if rule[1] != "RESTRICT" && rule[1] != "NO ACTION" { // the same thing here
				k.rules += " ON " + rule[0] + " " + rule[1]
			}
		}
		byPath[path], keys = k, append(keys, k)
	})
	for _, k := range keys {
		r.schema[k.path] = map[string]any{"definition": "FOREIGN KEY (" + k.from + ") REFERENCES " + k.target + " (" + k.to + ")" + k.rules}
	}
	return err
}

// checks come with their table in MariaDB; MySQL keeps that in another view and came to have checks with 8.0.16.
func (r *mysqlReader) checks(ctx context.Context) error {
	query := `SELECT t.TABLE_NAME AS table_name, c.CONSTRAINT_NAME AS name, c.CHECK_CLAUSE AS clause FROM information_schema.CHECK_CONSTRAINTS c
		JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME
		WHERE c.CONSTRAINT_SCHEMA = ?`
	if r.mariadb {
		query = `SELECT TABLE_NAME AS table_name, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause FROM information_schema.CHECK_CONSTRAINTS
			WHERE CONSTRAINT_SCHEMA = ?`
	}
	return r.each(ctx, query, []any{r.database}, func(row record) {
		r.schema[drift.Path("table", row["table_name"], "check", row["name"])] = map[string]any{"definition": "CHECK (" + row["clause"] + ")"}
	})
}

func (r *mysqlReader) views(ctx context.Context) error {
	return r.each(ctx, `SELECT TABLE_NAME AS name, VIEW_DEFINITION AS body, SECURITY_TYPE AS security, CHECK_OPTION AS check_option
		FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?`, []any{r.database}, func(row record) {
		path := drift.Path("view", row["name"])
		if row["body"] == "" {
			r.schema[path] = drift.Incomparable("its definition is not shown to this user")
			return
		}
		r.schema[path] = map[string]any{"hash": definitionHash(r.own(row["body"]), false), "security": strings.ToLower(row["security"]), "check_option": strings.ToLower(row["check_option"])}
	})
}
