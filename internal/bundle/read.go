package bundle

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql/schema"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// maxNamed is how many bad lines one answer names.
const maxNamed = 20

// line is any line of a bundle but the first.
type line struct {
	Table   string                     `json:"table"`
	Row     map[string]json.RawMessage `json:"row"`
	Trailer *trailer                   `json:"trailer"`
}

// reader reads a bundle line by line.
type reader struct {
	lines  *bufio.Scanner
	n      int // the number of the line at hand
	tables map[string]*table
	header header
	sums   *sums
	bad    fault.Check
	// current and last are the table and key of the row before.
	current *table
	last    []int64
	done    map[string]bool
}

func newReader(r io.Reader, all []*table) *reader {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	byName := make(map[string]*table, len(all))
	for _, t := range all {
		byName[t.name] = t
	}
	return &reader{lines: lines, tables: byName, sums: newSums(), done: map[string]bool{}}
}

// read gives every row to do and checks the whole file: it is Malformed where the form of the file is wrong and Invalid, naming
// the lines, where rows do not fit the model.
func (r *reader) read(do func(t *table, row []any) error) error {
	if err := r.readHeader(); err != nil {
		return err
	}
	for {
		text, err := r.next()
		if err != nil {
			return err
		}
		var l line
		if err := strict(text, &l); err != nil {
			return r.malformed("is not a line of a bundle: %v", err)
		}
		if l.Trailer != nil {
			return r.finish(*l.Trailer)
		}
		t, row := r.row(l)
		if len(r.bad.Fields) >= maxNamed {
			return r.bad.Err()
		}
		if row == nil {
			continue
		}
		if err := do(t, row); err != nil {
			return err
		}
	}
}

func (r *reader) next() ([]byte, error) {
	if r.lines.Scan() {
		r.n++
		return r.lines.Bytes(), nil
	}
	err := r.lines.Err()
	switch {
	case errors.Is(err, bufio.ErrTooLong):
		r.n++
		return nil, r.malformed("is longer than %d bytes", maxLine)
	case fault.KindOf(err) != fault.Internal:
		return nil, err
	case err != nil:
		return nil, fault.Wrap(fault.Malformed, err, "the bundle could not be read to its end")
	case r.n == 0:
		return nil, fault.New(fault.Malformed, "the bundle is empty")
	}
	return nil, fault.New(fault.Malformed, "the bundle ends after line %d without its trailer: it was cut off", r.n)
}

func (r *reader) malformed(format string, args ...any) error {
	return fault.New(fault.Malformed, "line %d %s", r.n, fmt.Sprintf(format, args...))
}

func strict(text []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("there is more than one value")
	}
	return nil
}

func (r *reader) readHeader() error {
	text, err := r.next()
	if err != nil {
		return err
	}
	if err := strict(text, &r.header); err != nil || r.header.Format != Format {
		return r.malformed("is not the header of a %s", Format)
	}
	if r.header.Version != Version {
		return fault.New(fault.Malformed, "the bundle has version %d, and version %d is read here", r.header.Version, Version)
	}
	return nil
}

// row reads a row, or notes what is wrong with it and gives nil.
func (r *reader) row(l line) (*table, []any) {
	t, known := r.tables[l.Table]
	if !known {
		r.note("unknown_table", "table %q is not known here", l.Table)
		return nil, nil
	}
	for _, name := range slices.Sorted(maps.Keys(l.Row)) {
		if !slices.ContainsFunc(t.columns, func(c *schema.Column) bool { return c.Name == name }) {
			r.note("unknown_column", "table %s has no column %q", t.name, name)
		}
	}
	row := make([]any, len(t.columns))
	fine := true
	for i, c := range t.columns {
		value, err := r.value(c, l.Row)
		if err != nil {
			r.note("invalid_value", "column %s of table %s %v", c.Name, t.name, err)
			fine = false
		}
		row[i] = value
	}
	if !fine || !r.inOrder(t, row) {
		return nil, nil
	}
	text, err := t.line(row)
	if err != nil {
		r.note("invalid_value", "%v", err)
		return nil, nil
	}
	r.sums.add(t, text)
	return t, row
}

// value reads a column. A column that the bundle does not know yet gets what the model gives rows without it.
func (r *reader) value(c *schema.Column, row map[string]json.RawMessage) (any, error) {
	raw, given := row[c.Name]
	switch {
	case given:
		return parse(c, raw)
	case c.Nullable:
		return nil, nil
	case c.Default != nil:
		text, err := plain(c.Default)
		if err != nil {
			return nil, err
		}
		return parse(c, text)
	}
	return nil, errors.New("is missing")
}

func (r *reader) note(code, format string, args ...any) {
	r.bad.Add(fmt.Sprintf("line %d", r.n), code, format, args...)
}

// inOrder says whether the row comes after the one before; equal keys would mean that one row is there twice.
func (r *reader) inOrder(t *table, row []any) bool {
	if t != r.current {
		if r.done[t.name] {
			r.note("out_of_order", "the rows of table %s do not stand together", t.name)
			return false
		}
		r.current, r.last, r.done[t.name] = t, nil, true
	}
	key := make([]int64, len(t.key))
	for i, place := range t.key {
		key[i], _ = row[place].(int64)
		if key[i] < 1 {
			r.note("invalid_value", "column %s of table %s must be positive", t.columns[place].Name, t.name)
			return false
		}
	}
	if slices.Compare(key, r.last) <= 0 {
		r.note("out_of_order", "table %s has rows that are there twice or out of order", t.name)
		return false
	}
	r.last = key
	return true
}

// finish compares what was read with what the trailer says.
func (r *reader) finish(want trailer) error {
	if err := r.bad.Err(); err != nil {
		return err
	}
	got := r.sums.trailer()
	if !maps.Equal(got.Counts, want.Counts) || got.Rows != want.Rows {
		return fault.New(fault.Malformed, "the trailer counts other rows than the bundle has: %s", difference(got, want))
	}
	if got.SHA256 != want.SHA256 {
		return fault.New(fault.Malformed, "the bundle was changed after it was written: its rows have the SHA-256 %s, and the trailer says %s", got.SHA256, want.SHA256)
	}
	if r.lines.Scan() {
		r.n++
		return r.malformed("comes after the trailer")
	}
	return r.lines.Err()
}

func difference(got, want trailer) string {
	names := map[string]bool{}
	for name := range got.Counts {
		names[name] = true
	}
	for name := range want.Counts {
		names[name] = true
	}
	parts := []string{fmt.Sprintf("%d rows, counted %d", got.Rows, want.Rows)}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if got.Counts[name] != want.Counts[name] {
			parts = append(parts, fmt.Sprintf("%s has %d, counted %d", name, got.Counts[name], want.Counts[name]))
		}
	}
	return strings.Join(parts, "; ")
}
