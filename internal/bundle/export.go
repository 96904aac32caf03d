package bundle

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// pageRows is how many rows are read by one statement, so that a slow reader does not hold one open.
const pageRows = 500

// Export writes everything the store knows, as it is at one moment. The actor must be admin.
func Export(ctx context.Context, s *store.Store, w io.Writer) error {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return err
	}
	status, err := s.Status(ctx)
	if err != nil {
		return err
	}
	all, err := tables()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<16)
	err = s.SnapshotTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		head := header{Format: Format, Version: Version, SchemaVersion: status.Current, ExportedAt: s.Now()}
		if err := writeLine(out, head); err != nil {
			return err
		}
		sum := newSums()
		if err := sum.write(ctx, tx, s.Dialect(), all, out); err != nil {
			return err
		}
		return writeLine(out, map[string]trailer{"trailer": sum.trailer()})
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

func writeLine(w io.Writer, v any) error {
	line, err := plain(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// sums counts rows and sums their lines up.
type sums struct {
	rows   int
	counts map[string]int
	hash   hash.Hash
}

func newSums() *sums { return &sums{counts: map[string]int{}, hash: sha256.New()} }

func (s *sums) add(t *table, line []byte) {
	s.rows++
	s.counts[t.name]++
	_, _ = s.hash.Write(line) // a hash never fails to write
}

func (s *sums) trailer() trailer {
	return trailer{Rows: s.rows, Counts: s.counts, SHA256: hex.EncodeToString(s.hash.Sum(nil))}
}

// write writes the rows of all tables.
func (s *sums) write(ctx context.Context, tx *sql.Tx, dialect string, all []*table, w io.Writer) error {
	for _, t := range all {
		var after []any
		for number := int64(1); ; {
			page, err := t.page(ctx, tx, dialect, after)
			if err != nil {
				return fmt.Errorf("reading table %s: %w", t.name, err)
			}
			if len(page) > 0 {
				after = t.keyOf(page[len(page)-1])
			}
			for _, row := range page {
				if t.history() {
					row[t.key[0]] = number
				}
				number++
				line, err := t.line(row)
				if err != nil {
					return err
				}
				s.add(t, line)
				if _, err := w.Write(line); err != nil {
					return err
				}
			}
			if len(page) < pageRows {
				break
			}
		}
	}
	return nil
}

// page reads the rows that come after a key.
func (t *table) page(ctx context.Context, tx *sql.Tx, dialect string, after []any) ([][]any, error) {
	from := entsql.Dialect(dialect).Table(t.name)
	query := entsql.Dialect(dialect).Select(from.Columns(t.names()...)...).From(from).Limit(pageRows)
	for _, name := range t.keyNames() {
		query.OrderBy(entsql.Asc(from.C(name)))
	}
	if after != nil {
		query.Where(entsql.CompositeGT(from.Columns(t.keyNames()...), after...))
	}
	if t.about != nil {
		query.Where(entsql.NotIn(from.C(t.about.Name), kindsLeftOut()...))
	}
	text, args := query.Query()
	rows, err := tx.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page [][]any
	for rows.Next() {
		row, err := t.scan(rows)
		if err != nil {
			return nil, err
		}
		page = append(page, row)
	}
	return page, rows.Err()
}

func (t *table) scan(rows *sql.Rows) ([]any, error) {
	cells, into := make([]cell, len(t.columns)), make([]any, len(t.columns))
	for i, c := range t.columns {
		cells[i].column = c
		into[i] = &cells[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	row := make([]any, len(cells))
	for i := range cells {
		row[i] = cells[i].value
	}
	return row, nil
}

func (t *table) keyOf(row []any) []any {
	key := make([]any, len(t.key))
	for i, place := range t.key {
		key[i] = row[place]
	}
	return key
}

// line writes a row, its columns in the order of the model.
func (t *table) line(row []any) ([]byte, error) {
	var out bytes.Buffer
	name, _ := json.Marshal(t.name) // a text cannot fail to marshal
	fmt.Fprintf(&out, `{"table":%s,"row":{`, name)
	for i, c := range t.columns {
		value, err := text(row[i])
		if err != nil {
			return nil, fmt.Errorf("writing column %s of table %s: %w", c.Name, t.name, err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%q:%s", c.Name, value)
	}
	out.WriteString("}}\n")
	return out.Bytes(), nil
}
