package drift

import (
	"regexp"
	"slices"
	"strings"
)

// noiseFields are figures that a database moves by itself: they are kept in a snapshot and never compared.
var noiseFields = map[string]bool{
	"last_value": true, "is_called": true, "log_cnt": true, "auto_increment": true, "next_value": true,
	"reltuples": true, "relpages": true, "relallvisible": true, "n_live_tup": true, "n_dead_tup": true, "n_mod_since_analyze": true,
	"last_analyze": true, "last_autoanalyze": true, "last_vacuum": true, "last_autovacuum": true, "seq_scan": true, "idx_scan": true,
	"row_count": true, "table_rows": true, "row_estimate": true, "cardinality": true, "avg_row_length": true, "data_length": true,
	"index_length": true, "data_free": true, "size_bytes": true, "total_bytes": true, "n_distinct": true, "correlation": true,
	"null_frac": true, "most_common_vals": true, "oid": true, "relfilenode": true, "create_time": true, "update_time": true, "check_time": true,
	"statistics": true, "stats": true,
}

func isNoiseField(name string) bool { return noiseFields[strings.ToLower(name)] }

// isNoisePath says whether a whole item of a schema is a figure that moves by itself.
func isNoisePath(path string) bool {
	isKind := true // a table may be called statistics; a kind of that name holds figures
	for segment := range strings.SplitSeq(path, "/") {
		if isKind && (segment == "statistics" || segment == "statistic" || segment == "stats") {
			return true
		}
		isKind = !isKind
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	kind := group(path)
	// table/cardinality is a table of that name; table/x/cardinality is a figure.
	return isNoiseField(last) && strings.Count(kind, "/")%2 == 0 && kind != ""
}

// definitionKinds are the kinds whose plain text value is a definition.
var definitionKinds = []string{
	"view", "materialized_view", "function", "procedure", "aggregate", "trigger", "check", "index", "key", "foreign_key",
	"constraint", "exclusion", "rule", "policy", "column", "table", "event", "event_trigger", "type",
}

// definitionFields are the fields of a schema item that hold SQL.
var definitionFields = map[string]bool{
	"definition": true, "default": true, "expression": true, "generated": true, "predicate": true, "where": true, "check": true,
	"using": true, "body": true, "query": true, "sql": true, "ddl": true, "partition_by": true, "bound": true, "columns": true, "on_update": true,
}

func isDefinition(path, field string) bool {
	if field != "" {
		return definitionFields[strings.ToLower(field)]
	}
	return slices.Contains(definitionKinds, parse(path).kind())
}

// namedByDatabase are the kinds whose objects get a name from the database or a framework where nobody gives one.
var namedByDatabase = []string{"index", "key", "foreign_key", "check", "constraint", "exclusion", "trigger"}

// generatedName matches names that PostgreSQL, MySQL, MariaDB, SQLite and the usual frameworks make up: a table and its
// columns with a fixed ending, a numbered word, or a hash.
var generatedName = regexp.MustCompile(`(?i)^(` +
	`.+_(pkey|fkey|key|idx|check|excl|not_null|ibfk|chk|ukey)_?\d*` + // PostgreSQL and InnoDB
	`|(constraint|check|unique|foreign_key|key|index)_\d+` + // MariaDB, and our own numbering of unnamed ones
	`|sqlite_autoindex_.+_\d+` +
	`|sys_c\d+` +
	`|ri_constrainttrigger_[acn]_\d+` +
	`|fk_rails_[0-9a-f]{8,}` +
	`|(pk|fk|uk|uq|ix|idx|chk|df|rel)_?[0-9a-f]{16,}` + // Hibernate, TypeORM
	`|.+_[0-9a-f]{8}(_(fk|uniq|like|pk|check)(_.+)?)?` + // Django
	`)$`)

// isGenerated says whether path names an object with a made-up name; such a name is no fact.
func isGenerated(path string) bool {
	o := parse(path)
	return slices.Contains(namedByDatabase, o.kind()) && generatedName.MatchString(o.name())
}

// rowBands are the sizes of a table in steps of ten; the exact number of rows is no fact about an environment.
var rowBands = []string{
	"0", "1 to 9", "10 to 99", "100 to 999", "1,000 to 9,999", "10,000 to 99,999", "100,000 to 999,999",
	"1 to 9 million", "10 to 99 million", "100 to 999 million", "1 billion or more",
}

// RowBand is the band of an estimated number of rows; a negative estimate is unknown and has none.
func RowBand(rows float64) (band string, known bool) {
	if rows < 0 {
		return "", false
	}
	i := 0
	for ; rows >= 1 && i < len(rowBands)-1; i++ {
		rows /= 10
	}
	return rowBands[i], true
}

// rowBandPath ends the path of a table's row band.
const rowBandPath = "/row_band"

// sameBand says whether two bands are next to each other or the same: estimates wander across an edge.
func sameBand(a, b string) bool {
	i, j := slices.Index(rowBands, a), slices.Index(rowBands, b)
	return i >= 0 && j >= 0 && i-j <= 1 && j-i <= 1
}
