package store

import (
	"context"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"
)

// Settled holds for rows written by a transaction that is older than every one still running; column is the number of the
// transaction. Whoever reads such rows in the order of that number never finds one that would have belonged before. On SQLite,
// where one transaction writes at a time, it holds for every row.
func (s *Store) Settled(column string) func(*entsql.Selector) {
	return func(sel *entsql.Selector) {
		if s.dialect == Postgres {
			sel.Where(entsql.ExprP(sel.C(column) + " < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint"))
		}
	}
}

// Behind holds for rows behind a place in the order of the number of the transaction and then the id. On SQLite the number is
// always zero. Its planner uses no more than the first column when two pairs are compared, and would walk the whole table.
func (s *Store) Behind(column, idColumn string, txid int64, id int) func(*entsql.Selector) {
	return func(sel *entsql.Selector) {
		if s.dialect == Postgres {
			sel.Where(entsql.CompositeGT([]string{sel.C(column), sel.C(idColumn)}, txid, id))
			return
		}
		sel.Where(entsql.And(entsql.EQ(sel.C(column), 0), entsql.GT(sel.C(idColumn), id)))
	}
}

// AdoptTransactions gives rows the number zero that carry the number of a transaction this server has not begun yet: they were
// written by another server and came with a copy of its data. Without it they would stand behind all that is written from now on.
func (s *Store) AdoptTransactions(ctx context.Context, table, column string) error {
	if s.dialect != Postgres {
		return nil
	}
	return s.Tx(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.tx.ExecContext(ctx, fmt.Sprintf(
			`UPDATE %[1]q SET %[2]q = 0 WHERE %[2]q >= (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint`, table, column))
		if err != nil {
			return fmt.Errorf("adopting rows of another server: %w", err)
		}
		return nil
	})
}
