package record

import (
	"slices"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqljson"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxFilterValues limits how often one parameter may be repeated.
const maxFilterValues = 50

// Filter is a parameter that a list can be narrowed by. A repeated parameter means any of its values.
type Filter struct {
	// Name is the name of the parameter, which is that of the field.
	Name string
	// Doc says what the parameter does, for the API description.
	Doc string
	// Words is the closed list of values, or nil.
	Words []string
	// Of is the kind of record whose id is expected, or the zero Kind.
	Of vocab.Kind
	// AnyKind says that the id of a record of any kind is expected.
	AnyKind bool
	// Where holds for rows with any of the values, at the time now; the values were checked against Words and Of.
	Where func(s *entsql.Selector, values []string, now time.Time) *entsql.Predicate
}

// Word is a filter on a column that holds a word of a closed list.
func Word[W vocab.Word](name string, _ W) Filter {
	var none W
	f := Text(name)
	f.Words = none.Values()
	return f
}

// Text is a filter on a column that holds free text; it matches the whole text.
func Text(name string) Filter {
	return Filter{Name: name, Doc: "Only records with this " + label(name) + ".", Where: anyOf(name, func(v string) any { return v })}
}

// Ref is a filter on a column that holds the number of another record.
func Ref(name string, kind vocab.Kind) Filter {
	return Filter{Name: name, Of: kind, Doc: "Only records of this " + kind.Name + ".", Where: anyOf(name, func(v string) any {
		id, _ := vocab.ParseID(v)
		return id.N
	})}
}

// Bool is a filter on a column that is true or false.
func Bool(name string) Filter {
	f := Filter{Name: name, Words: []string{"true", "false"}, Doc: "Only records whose " + label(name) + " is this."}
	f.Where = anyOf(name, func(v string) any { return v == "true" })
	return f
}

// List is a filter on a column that holds a list of texts.
func List(name string) Filter {
	return Filter{Name: name, Doc: "Only records that have this among their " + label(name) + ".",
		Where: func(s *entsql.Selector, values []string, _ time.Time) *entsql.Predicate {
			return entsql.Or(each(values, func(v string) *entsql.Predicate { return sqljson.ValueContains(s.C(name), v) })...)
		}}
}

// Linked is a filter on a list of records that is kept in a table of pairs, own column first.
func Linked(name string, kind vocab.Kind, table, own, other string) Filter {
	return Filter{Name: name, Of: kind, Doc: "Only records that name this " + kind.Name + ".",
		Where: func(s *entsql.Selector, values []string, _ time.Time) *entsql.Predicate {
			t := entsql.Dialect(s.Dialect()).Table(table)
			pairs := entsql.Dialect(s.Dialect()).Select(t.C(own)).From(t).Where(entsql.In(t.C(other), numbers(values)...))
			return entsql.In(s.C("id"), pairs)
		}}
}

// Computed is a filter on a value that no column holds: where is asked for each value.
func Computed[W vocab.Word](name string, words W, where func(s *entsql.Selector, word W, now time.Time) *entsql.Predicate) Filter {
	return Filter{Name: name, Words: words.Values(), Doc: "Only records with this " + label(name) + ", which is computed.",
		Where: func(s *entsql.Selector, values []string, now time.Time) *entsql.Predicate {
			return entsql.Or(each(values, func(v string) *entsql.Predicate { return where(s, W(v), now) })...)
		}}
}

// KnowledgeFilters are the filters of records that carry tags, visibility, team and sample.
func KnowledgeFilters(more ...Filter) []Filter {
	tag := List("tags")
	tag.Name, tag.Doc = "tag", "The same as tags."
	return append(more, List("tags"), tag, Word("visibility", vocab.Visibility("")), Text("team"), Bool("sample"))
}

func label(name string) string { return strings.ReplaceAll(strings.TrimSuffix(name, "_id"), "_", " ") }

func anyOf(column string, value func(string) any) func(*entsql.Selector, []string, time.Time) *entsql.Predicate {
	return func(s *entsql.Selector, values []string, _ time.Time) *entsql.Predicate {
		return entsql.In(s.C(column), each(values, value)...)
	}
}

func numbers(ids []string) []any {
	return each(ids, func(v string) any {
		id, _ := vocab.ParseID(v)
		return id.N
	})
}

func each[A, B any](values []A, of func(A) B) []B {
	out := make([]B, len(values))
	for i, v := range values {
		out[i] = of(v)
	}
	return out
}

// check notes the values that the filter cannot take.
func (f Filter) check(values []string, c *fault.Check) {
	if len(values) > maxFilterValues {
		c.Add(f.Name, "too_long", "is given %d times, at most %d are allowed", len(values), maxFilterValues)
	}
	for _, value := range values {
		switch {
		case f.Words != nil && !slices.Contains(f.Words, value):
			c.Add(f.Name, "invalid_choice", "must be one of %s", strings.Join(f.Words, ", "))
		case f.AnyKind:
			if _, err := vocab.ParseID(value); err != nil {
				c.Add(f.Name, "invalid_format", "must be the id of a record, such as FND-1")
			}
		case f.Of != vocab.Kind{}:
			id, err := vocab.ParseID(value)
			if err != nil || !id.Is(f.Of) {
				c.Add(f.Name, "invalid_format", "must be the id of a %s, such as %s-1", f.Of.Name, f.Of.Prefix)
			}
		default:
			c.Text(f.Name, value, fault.MaxTitle)
		}
	}
}

// AnyRef is a filter on a record of any kind, whose prefix is in one column and whose number in another.
func AnyRef(name, kindColumn, idColumn string) Filter {
	return Filter{Name: name, AnyKind: true, Doc: "Only records that belong to this one.",
		Where: func(s *entsql.Selector, values []string, _ time.Time) *entsql.Predicate {
			return entsql.Or(each(values, func(v string) *entsql.Predicate {
				id, _ := vocab.ParseID(v)
				return entsql.And(entsql.EQ(s.C(kindColumn), id.Prefix), entsql.EQ(s.C(idColumn), id.N))
			})...)
		}}
}
