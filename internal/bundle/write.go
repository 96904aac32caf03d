package bundle

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxBatch is how many values one statement may write; SQLite allows 32,766.
const maxBatch = 10_000

// writer writes rows as they are, in batches.
type writer struct {
	tx      *store.Tx
	now     time.Time
	table   *table
	batch   [][]any
	waiting []pending
	shift   int64            // added to the numbers of the table at hand
	past    map[string]int64 // the greatest number of each table, deleted rows included as far as the audit knows them
}

// pending is a reference to a row of the same table that is written later.
type pending struct {
	id     int64
	column string
	to     any
}

func (w *writer) add(ctx context.Context, t *table, row []any) error {
	if t != w.table {
		if err := w.flush(ctx); err != nil {
			return err
		}
		w.table = t
		if err := w.start(ctx); err != nil {
			return err
		}
	}
	if t.numbered() {
		id := row[t.key[0]].(int64) + w.shift
		row[t.key[0]] = id
		w.past[t.name] = max(w.past[t.name], id)
		for _, place := range t.self {
			if to, named := row[place].(int64); named && to > id {
				w.waiting = append(w.waiting, pending{id, t.columns[place].Name, to})
				row[place] = nil
			}
		}
	}
	w.audited(t, row)
	w.batch = append(w.batch, row)
	if (len(w.batch)+1)*len(t.columns) > maxBatch {
		return w.insert(ctx)
	}
	return nil
}

// start finds out where the rows of a table begin: history goes on after what is there.
func (w *writer) start(ctx context.Context) error {
	w.shift = 0
	if !w.table.history() {
		return nil
	}
	var last sql.NullInt64
	from := entsql.Dialect(w.tx.Dialect()).Table(w.table.name)
	text, args := entsql.Dialect(w.tx.Dialect()).Select(entsql.Max(from.C("id"))).From(from).Query()
	if err := w.tx.SQL().QueryRowContext(ctx, text, args...).Scan(&last); err != nil {
		return fmt.Errorf("reading the last number of table %s: %w", w.table.name, err)
	}
	w.shift = last.Int64
	return nil
}

// audited notes the numbers of records that are gone or left out, so that none is given out again and gets their history.
func (w *writer) audited(t *table, row []any) {
	if t.name != "audit_entries" {
		return
	}
	var prefix string
	var id int64
	for i, c := range t.columns {
		switch c.Name {
		case "target_kind":
			prefix, _ = row[i].(string)
		case "target_id":
			id, _ = row[i].(int64)
		}
	}
	if kind, known := vocab.KindOf(prefix); known {
		w.past[kind.Table] = max(w.past[kind.Table], id)
	}
}

// flush writes what is left of a table, then the references that had to wait.
func (w *writer) flush(ctx context.Context) error {
	if err := w.insert(ctx); err != nil {
		return err
	}
	for _, p := range w.waiting {
		text, args := entsql.Dialect(w.tx.Dialect()).Update(w.table.name).Set(p.column, p.to).Where(entsql.EQ("id", p.id)).Query()
		if _, err := w.tx.SQL().ExecContext(ctx, text, args...); err != nil {
			return fmt.Errorf("writing column %s of row %d of table %s: %w", p.column, p.id, w.table.name, err)
		}
	}
	w.waiting = nil
	return nil
}

func (w *writer) insert(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	insert := entsql.Dialect(w.tx.Dialect()).Insert(w.table.name).Columns(w.table.names()...)
	for _, row := range w.batch {
		insert.Values(row...)
	}
	text, args := insert.Query()
	if _, err := w.tx.SQL().ExecContext(ctx, text, args...); err != nil {
		return fmt.Errorf("writing table %s: %w", w.table.name, err)
	}
	if kind := w.table.kind; kind != (vocab.Kind{}) {
		for _, row := range w.batch {
			id := kind.ID(int(row[w.table.key[0]].(int64)))
			if err := feed.Append(ctx, w.tx, id, vocab.ChangeOpCreate, w.now); err != nil {
				return err
			}
		}
	}
	w.batch = w.batch[:0]
	return nil
}

// advance makes new records get numbers that no record of the bundle had.
func (w *writer) advance(ctx context.Context) error {
	for name, past := range w.past {
		if err := w.tx.AdvanceSequence(ctx, name, past); err != nil {
			return err
		}
	}
	return nil
}
