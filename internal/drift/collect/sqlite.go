package collect

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // the driver of the files read here

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// sqliteTool names the readings of a SQLite file.
const sqliteTool = "hindcast snapshot sqlite"

// SQLite reads schema and settings of the database file at path, without writing to it. Row bands are left out: SQLite has
// no estimate that could be had without reading rows.
func SQLite(ctx context.Context, path string, opts Options) (results []Result, err error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("opening the database file: %w", err)
	}
	address := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, fmt.Errorf("opening the database file: %w", err)
	}
	defer func() { _ = db.Close() }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("starting to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	r := sqliteReader{rowReader: rowReader{tx: tx, timeout: opts.timeout()}, schema: map[string]any{}}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	settings := map[string]any{}
	for _, name := range []string{"user_version", "application_id", "encoding", "page_size", "journal_mode", "auto_vacuum"} {
		err := r.each(ctx, "PRAGMA "+name, nil, func(row record) { settings[drift.Path("setting", name)] = row[name] })
		if err != nil {
			return nil, err
		}
	}
	return []Result{
		{Kind: vocab.SnapshotKindSchema, Tool: sqliteTool, Items: r.schema},
		{Kind: vocab.SnapshotKindSettings, Tool: sqliteTool, Items: settings},
	}, nil
}

type sqliteReader struct {
	rowReader
	schema map[string]any
}

func (r *sqliteReader) read(ctx context.Context) error {
	texts := map[string]string{}
	err := r.each(ctx, "SELECT type, name, tbl_name, COALESCE(sql, '') AS sql FROM sqlite_schema", nil, func(row record) {
		texts[row["name"]] = row["sql"]
		switch row["type"] {
		case "view":
			r.schema[drift.Path("view", row["name"])] = map[string]any{"hash": definitionHash(joined(scan(row["sql"])), false)}
		case "trigger":
			r.schema[drift.Path("table", row["tbl_name"], "trigger", row["name"])] = map[string]any{"hash": definitionHash(joined(scan(row["sql"])), false)}
		}
	})
	if err != nil {
		return err
	}
	tables := []record{}
	// pragma_table_list would fail as a whole for one virtual table whose module is not here.
	err = r.each(ctx, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'`, nil, func(row record) {
		tables = append(tables, row)
	})
	if err != nil {
		return err
	}
	shadows := shadowTables(texts)
	for _, row := range tables {
		name := row["name"]
		if shadows[name] {
			continue
		}
		if err := r.table(ctx, name, texts); err != nil {
			if ctx.Err() != nil {
				return err
			}
			r.schema[drift.Path("table", name)] = drift.Incomparable(err.Error())
		}
	}
	return nil
}

// shadowTables are those in which full-text tables keep their data.
func shadowTables(texts map[string]string) map[string]bool {
	shadows := map[string]bool{}
	for name, text := range texts {
		tokens := scan(text)
		if len(tokens) < 2 || !tokens[1].is("virtual") {
			continue
		}
		for _, end := range []string{"data", "idx", "content", "docsize", "config", "node", "parent", "rowid", "segments", "segdir", "stat"} {
			shadows[name+"_"+end] = true
		}
	}
	return shadows
}

func (r *sqliteReader) table(ctx context.Context, name string, texts map[string]string) error {
	tokens := scan(texts[name])
	if len(tokens) > 1 && tokens[1].is("virtual") {
		err := r.each(ctx, "SELECT name FROM pragma_table_xinfo(?)", []any{name}, func(record) {})
		for i, token := range tokens {
			if token.is("using") {
				r.schema[drift.Path("table", name)] = map[string]any{"kind": "virtual", "definition": source(texts[name], tokens[i:])}
				break
			}
		}
		return err
	}
	text := readTableText(texts[name])
	after := ""
	for i, token := range tokens {
		if token.text == "(" {
			after = strings.ToLower(joined(tokens[min(closing(tokens, i)+1, len(tokens)):]))
			break
		}
	}
	r.schema[drift.Path("table", name)] = compact(map[string]any{
		"kind": "table", "strict": strings.Contains(after, "strict"), "without_rowid": strings.Contains(after, "without rowid"),
		"autoincrement": text.autoincrement,
	})
	for check, expression := range text.checks {
		r.schema[drift.Path("table", name, "check", check)] = map[string]any{"definition": expression}
	}
	if err := r.columns(ctx, name, text); err != nil {
		return err
	}
	if err := r.indexes(ctx, name, texts); err != nil {
		return err
	}
	return r.foreignKeys(ctx, name)
}

func (r *sqliteReader) columns(ctx context.Context, table string, text tableText) error {
	var key []string
	err := r.each(ctx, `SELECT name, type, "notnull" AS not_null, dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY pk, cid`, []any{table}, func(row record) {
		name := row["name"]
		r.schema[drift.Path("table", table, "column", name)] = compact(map[string]any{
			"type": strings.ToLower(row["type"]), "nullable": row["not_null"] == "0", "default": row["dflt_value"],
			"collation": text.collations[name], "generated": text.generated[name], "stored": row["hidden"] == "3",
		})
		if row["pk"] != "0" {
			key = append(key, name)
		}
	})
	if len(key) > 0 {
		r.schema[drift.Path("table", table, "key", "primary")] = map[string]any{"definition": "PRIMARY KEY (" + strings.Join(key, ", ") + ")"}
	}
	return err
}

func (r *sqliteReader) indexes(ctx context.Context, table string, texts map[string]string) error {
	var indexes []record
	err := r.each(ctx, `SELECT name, "unique" AS is_unique, origin FROM pragma_index_list(?)`, []any{table}, func(row record) { indexes = append(indexes, row) })
	if err != nil {
		return err
	}
	for _, index := range indexes {
		written, where := indexText(texts[index["name"]])
		var columns []string
		err := r.each(ctx, `SELECT seqno, name, "desc" AS is_desc, coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno`, []any{index["name"]}, func(row record) {
			column := row["name"]
			if column == "" && len(columns) < len(written) { // an expression is told by the text only
				columns = append(columns, written[len(columns)])
				return
			}
			if row["coll"] != "BINARY" {
				column += " COLLATE " + row["coll"]
			}
			if row["is_desc"] == "1" {
				column += " DESC"
			}
			columns = append(columns, column)
		})
		if err != nil {
			return err
		}
		switch index["origin"] {
		case "u":
			r.schema[drift.Path("table", table, "key", index["name"])] = map[string]any{"definition": "UNIQUE (" + strings.Join(columns, ", ") + ")"}
		case "c":
			r.schema[drift.Path("table", table, "index", index["name"])] = compact(map[string]any{
				"columns": columns, "unique": index["is_unique"] == "1", "where": where,
			})
		}
	}
	return nil
}

// foreignKeys are told by their columns: SQLite does not keep their names.
func (r *sqliteReader) foreignKeys(ctx context.Context, table string) error {
	type key struct{ from, to, target, update, remove string }
	keys := map[string]*key{}
	err := r.each(ctx, `SELECT id, "table" AS target, "from" AS from_column, COALESCE("to", '') AS to_column, on_update, on_delete
		FROM pragma_foreign_key_list(?) ORDER BY id, seq`, []any{table}, func(row record) {
		k := keys[row["id"]]
		if k == nil {
			keys[row["id"]] = &key{row["from_column"], row["to_column"], row["target"], row["on_update"], row["on_delete"]}
			return
		}
		k.from, k.to = k.from+","+row["from_column"], k.to+","+row["to_column"]
	})
	for _, k := range keys {
		definition := fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (%s)", k.from, k.target, k.to)
		if k.update != "NO ACTION" {
			definition += " ON UPDATE " + k.update
		}
		if k.remove != "NO ACTION" {
			definition += " ON DELETE " + k.remove
		}
		r.schema[drift.Path("table", table, "foreign_key", k.from+" to "+k.target)] = map[string]any{"definition": definition}
	}
	return err
}
