package record

import (
	"context"
	"fmt"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"

	"github.com/hindcast-kb/hindcast/ent/migrate"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/ent/recurrence"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxReferrers is how many referring records a refusal names.
const maxReferrers = 20

// unreferred is Conflict naming the records that refer to id. It follows the foreign keys of the schema, so that a new
// entity cannot be forgotten here.
func unreferred(ctx context.Context, tx *store.Tx, id vocab.ID) error {
	var names []string
	for _, table := range migrate.Tables {
		for _, key := range table.ForeignKeys {
			if key.RefTable.Name != id.Kind().Table || owned(table, key) {
				continue
			}
			found, err := referring(ctx, tx, table, key, id.N)
			if err != nil {
				return err
			}
			names = append(names, found...)
		}
	}
	again, err := recurring(ctx, tx, id)
	if err != nil {
		return err
	}
	names = append(names, again...)
	if len(names) == 0 {
		return nil
	}
	conflict := fault.New(fault.Conflict, "other records refer to %s", id)
	for _, name := range names[:min(len(names), maxReferrers)] {
		conflict.Fields = append(conflict.Fields, fault.Field{Field: "id", Code: "referenced", Message: name + " refers to it"})
	}
	return conflict
}

// owned holds for rows that are part of the record itself and go with it: the rows of its own lists.
func owned(table *schema.Table, key *schema.ForeignKey) bool {
	if key.OnDelete != schema.Cascade {
		return false
	}
	return !isJoin(table) || key.Columns[0] == table.Columns[0]
}

// isJoin holds for the table of a list of records, whose first column is the record that has the list.
func isJoin(table *schema.Table) bool { return len(table.Columns) == 2 && len(table.PrimaryKey) == 2 }

func referring(ctx context.Context, tx *store.Tx, table *schema.Table, key *schema.ForeignKey, n int) ([]string, error) {
	name, column := table.Name, "id"
	if isJoin(table) {
		name, column = table.ForeignKeys[0].RefTable.Name, table.Columns[0].Name
	}
	t := entsql.Dialect(tx.Dialect()).Table(table.Name)
	s := entsql.Dialect(tx.Dialect()).Select(t.C(column)).From(t).
		Where(entsql.EQ(t.C(key.Columns[0].Name), n)).OrderBy(t.C(column)).Limit(maxReferrers)
	numbers, err := numbersOf(ctx, tx.Client(), s)
	if err != nil {
		return nil, fmt.Errorf("looking for rows of %s that refer to it: %w", table.Name, err)
	}
	names := make([]string, len(numbers))
	for i, number := range numbers {
		if kind, known := vocab.KindOf(name); known {
			names[i] = kind.ID(number).String()
		} else {
			names[i] = "a " + strings.ReplaceAll(strings.TrimSuffix(name, "s"), "_", " ")
		}
	}
	return names, nil
}

func recurring(ctx context.Context, tx *store.Tx, id vocab.ID) ([]string, error) {
	numbers, err := tx.Client().Recurrence.Query().Where(recurrence.Or(
		recurrence.And(recurrence.FromKind(id.Prefix), recurrence.FromID(id.N)),
		recurrence.And(recurrence.ToKind(id.Prefix), recurrence.ToID(id.N)),
	)).Limit(maxReferrers).IDs(ctx)
	names := make([]string, len(numbers))
	for i, n := range numbers {
		names[i] = vocab.Recurrence.ID(n).String()
	}
	return names, err
}

// removeLinks removes the references of a record that is about to go: a link belongs to its record.
func removeLinks(ctx context.Context, tx *store.Tx, id vocab.ID) error {
	_, err := tx.Client().RecordReference.Delete().
		Where(recordreference.TargetKind(id.Prefix), recordreference.TargetID(id.N)).Exec(ctx)
	return err
}
