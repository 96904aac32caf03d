package record

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 200
)

// ListQuery asks for a page of a list.
type ListQuery struct {
	// Filters are the values of the noun's filters by name.
	Filters map[string][]string
	// CreatedSince and UpdatedSince leave out older records; the time itself is included.
	CreatedSince, UpdatedSince *time.Time
	// Sort is a column, with a minus in front for the reverse; -created_at when empty.
	Sort string
	// Limit is how many records the page may have, 1 to MaxLimit; DefaultLimit when zero.
	Limit int
	// Cursor is where the page before ended; empty for the first page.
	Cursor string
	// Within narrows the list to the records of one parent, by column.
	Within map[string]int
}

// Page is a part of a list.
type Page[E any] struct {
	Items []E
	// Next is the cursor of the page after, empty on the last page.
	Next string
}

// List reads a page of the records that the actor may know of. It is Invalid for filters or a sort that the noun does not
// have, and Malformed for a cursor that is damaged or came from another list.
func (r *Records[E, M, I]) List(ctx context.Context, q ListQuery) (Page[E], error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Page[E]{}, err
	}
	order, err := r.order(&q)
	if err != nil {
		return Page[E]{}, err
	}
	selection := Selection{Where: r.conditions(ctx, q), Order: order.by(), Limit: q.Limit + 1}
	if q.Cursor != "" {
		from, err := order.parse(q.Cursor, q.fingerprint())
		if err != nil {
			return Page[E]{}, err
		}
		selection.Where = append(selection.Where, from)
	}
	rows, err := r.noun.Table.query(ctx, r.store.Client(ctx), selection)
	if err != nil {
		return Page[E]{}, r.store.Fault(err)
	}
	if len(rows) <= q.Limit {
		return Page[E]{Items: rows}, nil
	}
	rows = rows[:q.Limit]
	next, err := order.cursor(rows[len(rows)-1], q.fingerprint())
	return Page[E]{Items: rows, Next: next}, err
}

// Each reads every record that matches, page by page, and gives it to do; it is for imports, exports and summaries.
func (r *Records[E, M, I]) Each(ctx context.Context, q ListQuery, do func(E) error) error {
	q.Sort, q.Limit = "id", MaxLimit
	for {
		page, err := r.List(ctx, q)
		if err != nil {
			return err
		}
		for _, e := range page.Items {
			if err := do(e); err != nil {
				return err
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return nil
		}
	}
}

// order checks the whole query and says how the list is ordered.
func (r *Records[E, M, I]) order(q *ListQuery) (order, error) {
	var check fault.Check
	for _, name := range sortedKeys(q.Filters) {
		i := slices.IndexFunc(r.noun.Filters, func(f Filter) bool { return f.Name == name })
		if i < 0 {
			check.Add(name, "unknown_parameter", "is not a parameter of this list")
			continue
		}
		r.noun.Filters[i].check(q.Filters[name], &check)
	}
	if q.Sort == "" {
		q.Sort = "-created_at"
	}
	o := order{column: strings.TrimPrefix(q.Sort, "-"), reverse: strings.HasPrefix(q.Sort, "-")}
	if sorts := r.Sorts(); !slices.Contains(sorts, o.column) {
		check.Add("sort", "invalid_choice", "must be one of %s, with a minus in front for the reverse", strings.Join(sorts, ", "))
	}
	if q.Limit == 0 {
		q.Limit = DefaultLimit
	}
	if q.Limit < 1 || q.Limit > MaxLimit {
		check.Add("limit", "out_of_range", "must be from 1 to %d", MaxLimit)
	}
	return o, check.Err()
}

func (r *Records[E, M, I]) conditions(ctx context.Context, q ListQuery) []func(*entsql.Selector) {
	now := r.now()
	where := []func(*entsql.Selector){r.noun.Visible(auth.From(ctx))}
	for _, filter := range r.noun.Filters {
		if values := q.Filters[filter.Name]; len(values) > 0 {
			where = append(where, func(s *entsql.Selector) { s.Where(filter.Where(s, values, now)) })
		}
	}
	for column, n := range q.Within {
		where = append(where, entsql.FieldEQ(column, n))
	}
	if q.CreatedSince != nil {
		where = append(where, entsql.FieldGTE("created_at", *q.CreatedSince))
	}
	if q.UpdatedSince != nil {
		where = append(where, entsql.FieldGTE("updated_at", *q.UpdatedSince))
	}
	return where
}

// fingerprint ties a cursor to the list it came from.
func (q ListQuery) fingerprint() []byte {
	q.Cursor, q.Limit = "", 0
	text, _ := json.Marshal(q) // a struct of texts, numbers and times cannot fail to marshal
	sum := sha256.Sum256(text)
	return sum[:8]
}

// order is the column a list is ordered by; the id breaks ties, so that the order is total.
type order struct {
	column  string
	reverse bool
}

func (o order) by() []func(*entsql.Selector) {
	direction := entsql.Asc
	if o.reverse {
		direction = entsql.Desc
	}
	by := func(column string) func(*entsql.Selector) {
		return func(s *entsql.Selector) { s.OrderBy(direction(s.C(column))) }
	}
	if o.column == "id" {
		return []func(*entsql.Selector){by("id")}
	}
	return []func(*entsql.Selector){by(o.column), by("id")}
}

// position is the content of a cursor: the last row of the page it came with.
type position struct {
	Of []byte     `json:"of"`
	At *time.Time `json:"at,omitempty"`
	ID int        `json:"id"`
}

func (o order) cursor(last Entity, fingerprint []byte) (string, error) {
	p := position{Of: fingerprint, ID: last.Meta().ID}
	if o.column != "id" {
		at, err := o.timeOf(last)
		if err != nil {
			return "", err
		}
		p.At = &at
	}
	text, err := json.Marshal(p)
	return base64.RawURLEncoding.EncodeToString(text), err
}

// timeOf reads the sort column of a row; all sort columns but the id are times.
func (o order) timeOf(row Entity) (time.Time, error) {
	switch meta := row.Meta(); o.column {
	case "created_at":
		return meta.CreatedAt, nil
	case "updated_at":
		return meta.UpdatedAt, nil
	}
	if sorted, ok := row.(interface{ SortTime(string) time.Time }); ok {
		return sorted.SortTime(o.column).UTC(), nil
	}
	return time.Time{}, fault.New(fault.Internal, "rows cannot be ordered by %s", o.column)
}

var errCursor = fault.New(fault.Malformed, "the cursor is damaged or belongs to another list")

// parse gives the condition that holds for rows after the cursor.
func (o order) parse(cursor string, fingerprint []byte) (func(*entsql.Selector), error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, errCursor
	}
	var p position
	if err := json.Unmarshal(text, &p); err != nil || !slices.Equal(p.Of, fingerprint) || (p.At == nil) != (o.column == "id") {
		return nil, errCursor
	}
	return func(s *entsql.Selector) {
		switch {
		case o.column == "id" && o.reverse:
			s.Where(entsql.LT(s.C("id"), p.ID))
		case o.column == "id":
			s.Where(entsql.GT(s.C("id"), p.ID))
		case o.reverse:
			s.Where(entsql.CompositeLT([]string{s.C(o.column), s.C("id")}, *p.At, p.ID))
		default:
			s.Where(entsql.CompositeGT([]string{s.C(o.column), s.C("id")}, *p.At, p.ID))
		}
	}, nil
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// ParseQuery turns the parameters of a list into a query; parameters that no list has are kept as filters, to be refused by
// name.
func ParseQuery(values url.Values) (ListQuery, error) {
	q := ListQuery{Filters: map[string][]string{}}
	var check fault.Check
	for name, given := range values {
		switch name {
		case "limit":
			q.Limit = parseLimit(given, &check)
		case "cursor":
			q.Cursor = single(name, given, &check)
		case "sort":
			q.Sort = single(name, given, &check)
		case "created_since":
			q.CreatedSince = parseTime(name, given, &check)
		case "updated_since":
			q.UpdatedSince = parseTime(name, given, &check)
		default:
			q.Filters[name] = given
		}
	}
	return q, check.Err()
}
