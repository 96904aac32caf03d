package record

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Set writes an optional value to a mutation: what is not given is cleared.
func Set[T any](value *T, set func(T), clear func()) {
	if value == nil {
		clear()
		return
	}
	set(*value)
}

// SetTime is Set for a time, in UTC.
func SetTime(value *time.Time, set func(time.Time), clear func()) {
	if value == nil {
		clear()
		return
	}
	set(value.UTC())
}

// SetWord is Set for a word, of which the empty one is not given.
func SetWord[W ~string](value W, set func(W), clear func()) {
	if value == "" {
		clear()
		return
	}
	set(value)
}

// SetRef is Set for the number of another record.
func SetRef(id vocab.ID, set func(int), clear func()) {
	if id.IsZero() {
		clear()
		return
	}
	set(id.N)
}

// RefOf is the id of a record whose number a row may hold; without one it is the zero ID.
func RefOf(kind vocab.Kind, n *int) vocab.ID {
	if n == nil {
		return vocab.ID{}
	}
	return kind.ID(*n)
}

// Numbers are the numbers of the ids.
func Numbers(ids []vocab.ID) []int { return each(ids, func(id vocab.ID) int { return id.N }) }

// IDsOf are the ids of rows that were read along with a record.
func IDsOf[E Entity](kind vocab.Kind, rows []E) []vocab.ID {
	return each(rows, func(e E) vocab.ID { return kind.ID(e.Meta().ID) })
}

// UTC is t in UTC, or nil.
func UTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}

// ListOf is never nil, so that an empty list is written as one.
func ListOf[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
