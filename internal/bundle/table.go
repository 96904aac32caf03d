package bundle

import (
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql/schema"

	"github.com/hindcast-kb/hindcast/ent/migrate"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// leftOut are the tables that belong to one server and not to what is known. Every server begins with synonyms of its own.
func leftOut(table string) bool {
	switch table {
	case "tokens", "idempotency_keys", "settings", "changes", "sources", "deliveries", "embeds", "issue_states", "site_states", "jobs", "synonyms":
		return true
	}
	return false
}

// table is a table of the model as a bundle sees it.
type table struct {
	name    string
	columns []*schema.Column
	// key are the places of the columns that order the rows and name each.
	key []int
	// self are the places of the columns that name another row of the same table.
	self []int
	// kind is the kind of record that the rows are, or the zero Kind.
	kind vocab.Kind
	// about is the column with the kind of record that a row is about, or nil.
	about *schema.Column
}

// history says whether the rows tell about records of several kinds and have no name outside. Those about records that are left
// out stay behind, so the rows are numbered anew in a bundle, and after those that are there in an import.
func (t *table) history() bool { return t.about != nil && t.kind == vocab.Kind{} && t.numbered() }

// kindsLeftOut are the prefixes of records that are left out.
func kindsLeftOut() []any {
	var prefixes []any
	for _, kind := range vocab.Kinds() {
		if leftOut(kind.Table) {
			prefixes = append(prefixes, kind.Prefix)
		}
	}
	return prefixes
}

// numbered says whether the rows have a number of their own.
func (t *table) numbered() bool { return len(t.key) == 1 && t.columns[t.key[0]].Increment }

func (t *table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.Name
	}
	return names
}

func (t *table) keyNames() []string {
	names := make([]string, len(t.key))
	for i, place := range t.key {
		names[i] = t.columns[place].Name
	}
	return names
}

// tables are the tables of a bundle, each after those it refers to.
func tables() ([]*table, error) {
	return order(migrate.Tables)
}

func order(all []*schema.Table) ([]*table, error) {
	var out []*table
	done := map[string]bool{}
	for len(out) < len(all) {
		before := len(out)
		for _, t := range all {
			if leftOut(t.Name) || done[t.Name] || !ready(t, done) {
				continue
			}
			made, err := tableOf(t)
			if err != nil {
				return nil, err
			}
			out, done[t.Name] = append(out, made), true
		}
		if len(out) == before {
			break
		}
	}
	for _, t := range all {
		if !leftOut(t.Name) && !done[t.Name] {
			return nil, fmt.Errorf("table %s refers to a table that is left out, or refers to it in a circle", t.Name)
		}
	}
	return out, nil
}

// ready says whether everything that a table refers to comes before it.
func ready(t *schema.Table, done map[string]bool) bool {
	for _, fk := range t.ForeignKeys {
		if fk.RefTable.Name != t.Name && !done[fk.RefTable.Name] {
			return false
		}
	}
	return true
}

func tableOf(t *schema.Table) (*table, error) {
	made := &table{name: t.Name, columns: t.Columns}
	place := func(c *schema.Column) int { return slices.Index(t.Columns, c) }
	for _, c := range t.Columns {
		if formOf(c) == formUnknown {
			return nil, fmt.Errorf("column %s of table %s has the type %s, which a bundle cannot hold", c.Name, t.Name, c.Type)
		}
	}
	if i := slices.IndexFunc(t.Columns, func(c *schema.Column) bool { return c.Name == "target_kind" }); i >= 0 {
		made.about = t.Columns[i]
	}
	for _, c := range t.PrimaryKey {
		made.key = append(made.key, place(c))
	}
	for _, fk := range t.ForeignKeys {
		if fk.RefTable.Name == t.Name {
			made.self = append(made.self, place(fk.Columns[0]))
		}
	}
	if kind, known := vocab.KindOf(t.Name); known && kind.Table == t.Name && made.numbered() {
		made.kind = kind
	}
	return made, nil
}
