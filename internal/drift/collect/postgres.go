package collect

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The queries answer rows of a path (kind, schema, name, then kind and name of what belongs to it) and a JSON value.
//
//go:embed postgres/*.sql
var postgresQueries embed.FS

// postgresTool names the readings of a PostgreSQL database.
const postgresTool = "hindcast snapshot postgres"

// schemaQueries are the parts of a schema; covers are the kinds of object that an unreadable part leaves unknown.
var schemaQueries = []struct {
	name   string
	covers []string
}{
	{"tables", []string{"table", "partition"}},
	{"columns", []string{"column"}},
	{"indexes", []string{"index"}},
	{"constraints", []string{"key", "foreign_key", "check", "exclusion"}},
	{"views", []string{"view", "materialized_view"}},
	{"functions", []string{"function", "procedure", "aggregate"}},
	{"triggers", []string{"trigger", "event_trigger"}},
	{"policies", []string{"policy", "rule"}},
	{"types", []string{"type"}},
	{"sequences", []string{"sequence"}},
	{"grants", []string{"grant"}},
	{"others", []string{"extension", "schema", "extended_statistics", "publication"}},
	{"row_bands", nil},
}

// Postgres reads schema and settings of the database that dsn names. It opens one connection, reads in one read-only
// transaction and sees what the role of the DSN may see of the catalogue.
func Postgres(ctx context.Context, dsn string, opts Options) ([]Result, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("reading the address of the database: %w", err)
	}
	// A pooler between us and the server may not keep prepared statements.
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.RuntimeParams["application_name"] = "hindcast"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("starting to read: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	r := postgresReader{tx: tx, opts: opts}
	return r.read(ctx)
}

type postgresReader struct {
	tx   pgx.Tx
	opts Options
}

func (r *postgresReader) read(ctx context.Context) ([]Result, error) {
	// The settings come first: they are read before our own limits are among them.
	settings := map[string]any{}
	if err := r.query(ctx, "settings", settings); err != nil {
		return nil, err
	}
	limits := fmt.Sprintf("SET LOCAL statement_timeout = %[1]d; SET LOCAL lock_timeout = %[1]d; SET LOCAL search_path = pg_catalog",
		r.opts.timeout().Milliseconds())
	for statement := range strings.SplitSeq(limits, ";") {
		if _, err := r.tx.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("limiting our own statements: %w", err)
		}
	}
	schema := map[string]any{}
	for _, part := range schemaQueries {
		if err := r.part(ctx, part.name, part.covers, schema); err != nil {
			return nil, err
		}
	}
	return []Result{
		{Kind: vocab.SnapshotKindSchema, Tool: postgresTool, Items: schema},
		{Kind: vocab.SnapshotKindSettings, Tool: postgresTool, Items: settings},
	}, nil
}

// part reads one part and goes on without it when the server refuses it: what it covers is then incomparable.
func (r *postgresReader) part(ctx context.Context, name string, covers []string, items map[string]any) error {
	if _, err := r.tx.Exec(ctx, "SAVEPOINT part"); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	err := r.query(ctx, name, items)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return err
	}
	if _, back := r.tx.Exec(ctx, "ROLLBACK TO SAVEPOINT part"); back != nil {
		return err
	}
	for _, kind := range covers {
		items[kind] = drift.Incomparable(name + " could not be read: " + strings.TrimPrefix(err.Error(), "reading "+name+": "))
	}
	return nil
}

func (r *postgresReader) query(ctx context.Context, name string, items map[string]any) error {
	text, err := postgresQuery(name)
	if err != nil {
		return err
	}
	rows, err := r.tx.Query(ctx, text)
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var parts []string
		var raw []byte
		if err := rows.Scan(&parts, &raw); err != nil {
			return fmt.Errorf("reading %s: %w", name, err)
		}
		if path, value, keep := r.fact(name, parts, raw); keep {
			items[path] = value
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	return nil
}

// ownObject says that no extension has made the object; the extension's version stands for all it makes.
var ownObject = regexp.MustCompile(`/\*own:(\w+):([\w.]+)\*/`)

func postgresQuery(name string) (string, error) {
	raw, err := postgresQueries.ReadFile("postgres/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("reading our query for %s: %w", name, err)
	}
	text := strings.ReplaceAll(string(raw), "/*user_schema*/", `n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'`)
	return ownObject.ReplaceAllString(text, `NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend ext WHERE ext.classid = 'pg_catalog.$1'::regclass`+
		` AND ext.objid = $2 AND ext.deptype = 'e')`), nil
}

// fact makes an item of a row.
func (r *postgresReader) fact(query string, parts []string, raw []byte) (path string, value any, keep bool) {
	kind := parts[0]
	segments := append([]string{kind, drift.Qualified(parts[1], "public", parts[2])}, parts[3:]...)
	switch {
	case query == "settings":
		name, text := parts[2], ""
		if json.Unmarshal(raw, &text) != nil {
			return "", nil, false
		}
		return drift.Path(kind, name), r.opts.Value(name, text), text != ""
	case query == "row_bands":
		var rows float64
		if json.Unmarshal(raw, &rows) != nil {
			return "", nil, false
		}
		value, keep = drift.RowBand(rows)
		return drift.Path(segments...), value, keep
	case len(parts) == 5 && parts[3] == "partition":
		schema, name, _ := strings.Cut(parts[4], ".")
		segments[3] = drift.Qualified(schema, "public", name)
	}
	return drift.Path(segments...), r.value(query, raw), true
}

// inPublic matches the default schema in front of a name. The server writes it out or not by what the reading role may
// see; without it the same object reads the same for every role.
var inPublic = regexp.MustCompile(`(^|[^\w."'])public\.`)

// value reads the JSON of a row and puts a hash in the place of a body, which may hold anything.
func (r *postgresReader) value(query string, raw []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return drift.Incomparable("the server answered " + err.Error())
	}
	fields, is := tree.(map[string]any)
	if !is {
		return tree
	}
	for name, value := range fields {
		// What people have written stays as it is.
		if name == "comment" || name == "body" && query == "functions" {
			continue
		}
		fields[name] = bare(value)
	}
	if body, has := fields["body"].(string); has {
		delete(fields, "body")
		language, _ := fields["language"].(string)
		exact := language != "" && language != "sql" && language != "plpgsql"
		fields["hash"] = definitionHash(body, exact)
	}
	return fields
}

// bare takes the default schema out of texts.
func bare(value any) any {
	switch v := value.(type) {
	case string:
		return inPublic.ReplaceAllString(v, "$1")
	case []any:
		for i, entry := range v {
			v[i] = bare(entry)
		}
	}
	return value
}
