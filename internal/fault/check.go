package fault

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Limits on what a record may hold. Lengths are in characters, not bytes.
const (
	MaxTitle    = 200
	MaxText     = 100_000
	MaxName     = 120
	MaxURL      = 2_000
	MaxListItem = 200
	MaxList     = 200
)

// Check collects what is wrong with an input, so that a caller learns of every bad field at once.
type Check struct {
	Fields []Field
	// Refs are the records the input names, to be looked up before it is written.
	Refs []Ref
}

// Ref is a field that names another record.
type Ref struct {
	Field string
	ID    vocab.ID
}

// Add notes that a field breaks a rule.
func (c *Check) Add(field, code, format string, args ...any) {
	c.Fields = append(c.Fields, Field{Field: field, Code: code, Message: fmt.Sprintf(format, args...)})
}

// Err is nil when nothing was noted, and otherwise an Invalid error with every noted field.
func (c *Check) Err() error {
	if len(c.Fields) == 0 {
		return nil
	}
	err := New(Invalid, "%s", summary(c.Fields))
	err.Fields = c.Fields
	return err
}

func summary(fields []Field) string {
	if len(fields) == 1 {
		return fields[0].Field + ": " + fields[0].Message
	}
	return fmt.Sprintf("%d fields are not valid", len(fields))
}

// Required notes a text that is empty.
func (c *Check) Required(field, value string) {
	if strings.TrimSpace(value) == "" {
		c.Add(field, "required", "is required")
	}
}

// Text notes a text longer than limit characters, or with a NUL, which PostgreSQL cannot keep. Other control characters are
// let in: what people paste from terminals holds them, and whatever shows a text escapes it.
func (c *Check) Text(field, value string, limit int) {
	if n := utf8.RuneCountInString(value); n > limit {
		c.Add(field, "too_long", "has %d characters, at most %d are allowed", n, limit)
	}
	if strings.ContainsRune(value, 0) {
		c.Add(field, "invalid_format", "holds a NUL character")
	}
}

// Title notes a title that is missing, too long or more than one line.
func (c *Check) Title(field, value string) {
	c.Required(field, value)
	c.Text(field, value, MaxTitle)
	if strings.ContainsAny(value, "\n\r") {
		c.Add(field, "invalid_format", "must be one line")
	}
}

// List notes a list with too many entries, or an entry that is empty or too long.
func (c *Check) List(field string, values []string) {
	if len(values) > MaxList {
		c.Add(field, "too_long", "has %d entries, at most %d are allowed", len(values), MaxList)
		return
	}
	for i, value := range values {
		at := fmt.Sprintf("%s[%d]", field, i)
		c.Required(at, value)
		c.Text(at, value, MaxListItem)
	}
}

// URL notes a text that is not an absolute http or https address; an empty one passes.
func (c *Check) URL(field, value string) {
	c.Text(field, value, MaxURL)
	if value == "" {
		return
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.User != nil {
		c.Add(field, "invalid_format", "must be an http or https address without credentials")
	}
}

// Positive notes a number that is given and not above zero.
func (c *Check) Positive(field string, value *int) {
	if value != nil && *value < 1 {
		c.Add(field, "out_of_range", "must be 1 or more")
	}
}

// Order notes a pair of times where the second comes before the first.
func (c *Check) Order(from string, start *time.Time, to string, end *time.Time) {
	if start != nil && end != nil && end.Before(*start) {
		c.Add(to, "out_of_range", "must not be before %s", from)
	}
}

// Ref notes an id of another kind and remembers the record to look up; the zero id passes.
func (c *Check) Ref(field string, id vocab.ID, kinds ...vocab.Kind) {
	if id.IsZero() {
		return
	}
	for _, kind := range kinds {
		if id.Is(kind) {
			c.Refs = append(c.Refs, Ref{Field: field, ID: id})
			return
		}
	}
	c.Add(field, "wrong_kind", "must be the id of %s", kindNames(kinds))
}

// RequiredRef is Ref for an id that must be given.
func (c *Check) RequiredRef(field string, id vocab.ID, kinds ...vocab.Kind) {
	if id.IsZero() {
		c.Add(field, "required", "is required")
		return
	}
	c.Ref(field, id, kinds...)
}

// RefList is Ref for every entry of a list.
func (c *Check) RefList(field string, ids []vocab.ID, kind vocab.Kind) {
	if len(ids) > MaxList {
		c.Add(field, "too_long", "has %d entries, at most %d are allowed", len(ids), MaxList)
		return
	}
	for i, id := range ids {
		c.RequiredRef(fmt.Sprintf("%s[%d]", field, i), id, kind)
	}
}

func kindNames(kinds []vocab.Kind) string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.Name + " (" + kind.Prefix + "-n)"
	}
	return strings.Join(names, " or ")
}

// Choice notes a word that is not in its list; an empty word passes.
func Choice[W vocab.Word](c *Check, field string, word W) {
	if word != "" && !vocab.Valid(word) {
		c.Add(field, "invalid_choice", "must be one of %s", strings.Join(word.Values(), ", "))
	}
}

// RequiredChoice notes a word that is missing or not in its list.
func RequiredChoice[W vocab.Word](c *Check, field string, word W) {
	c.Required(field, string(word))
	Choice(c, field, word)
}
