// Package vocab holds the closed word lists of Hindcast: every enumeration a field may take, the scopes of a token, the
// kinds of record with their id prefixes, and the ids people write. It knows no rule, no database and no HTTP.
package vocab

import (
	"slices"
	"strings"
)

// Word is a value from a closed list.
type Word interface {
	~string
	// Values lists the whole list in its natural order.
	Values() []string
}

// Valid says whether w is in its list.
func Valid[W Word](w W) bool { return slices.Contains(w.Values(), string(w)) }

// Rank is the place of w in its list, counted from zero; a word outside the list ranks after all others.
func Rank[W Word](w W) int {
	if i := slices.Index(w.Values(), string(w)); i >= 0 {
		return i
	}
	return len(w.Values())
}

func words(list string) []string { return strings.Fields(list) }
