package vocab

import (
	"errors"
	"strconv"
	"strings"
)

// ID is what people write in Jira and wikis: a kind's prefix and the record's number, as in FND-12.
// The zero ID stands for no record and is written as an empty string.
type ID struct {
	Prefix string
	N      int
}

// ErrID is returned for text that is not an id.
var ErrID = errors.New("an id is a prefix, a dash and a number, such as FND-12")

// ParseID reads an id; the prefix must be that of a known kind, in capitals, and the number positive without leading zeros.
func ParseID(text string) (ID, error) {
	prefix, digits, found := strings.Cut(text, "-")
	kind, known := KindOf(prefix)
	n, err := strconv.Atoi(digits)
	if !found || !known || kind.Prefix != prefix || err != nil || n < 1 || strconv.Itoa(n) != digits {
		return ID{}, ErrID
	}
	return ID{Prefix: prefix, N: n}, nil
}

// IsZero says that id names no record.
func (id ID) IsZero() bool { return id == ID{} }

// Kind is the kind of record that id names.
func (id ID) Kind() Kind {
	kind, _ := KindOf(id.Prefix)
	return kind
}

// Is says whether id names a record of kind.
func (id ID) Is(kind Kind) bool { return id.Prefix == kind.Prefix }

func (id ID) String() string {
	if id.IsZero() {
		return ""
	}
	return id.Prefix + "-" + strconv.Itoa(id.N)
}

// MarshalText writes the id as people do.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the id as ParseID does.
func (id *ID) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = ID{}
		return nil
	}
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}
