package collect

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// record is one row as texts by column; null is the empty text.
type record map[string]string

// rowReader reads rows in one transaction with a limit on each statement.
type rowReader struct {
	tx      *sql.Tx
	timeout time.Duration
}

// each calls visit for every row of a query.
func (r *rowReader) each(ctx context.Context, query string, args []any, visit func(record)) error {
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	rows, err := r.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("reading the catalogue: %w", err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("reading the catalogue: %w", err)
	}
	values := make([]sql.NullString, len(names))
	targets := make([]any, len(names))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("reading the catalogue: %w", err)
		}
		row := make(record, len(names))
		for i, name := range names {
			row[name] = values[i].String
		}
		visit(row)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the catalogue: %w", err)
	}
	return nil
}
