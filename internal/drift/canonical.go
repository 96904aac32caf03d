package drift

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxDepth bounds the nesting of a value; the API refuses deeper bodies before they come here.
const maxDepth = 64

var errTooDeep = errors.New("is nested too deeply")

// canonicalizer writes the two forms of a value: the one that is shown and the one that is compared. They differ in a
// schema only, where whitespace in definitions and figures that move by themselves are no facts.
type canonicalizer struct {
	schema bool
	path   string
	shown  bytes.Buffer
	key    bytes.Buffer
}

// canonical gives the shown and the compared form of value, which may be anything encoding/json can write.
func canonical(kind vocab.SnapshotKind, path string, value any) (shown, key []byte, err error) {
	tree, err := tree(value)
	if err != nil {
		return nil, nil, err
	}
	c := canonicalizer{schema: kind == vocab.SnapshotKindSchema, path: path}
	if err := c.write(tree, "", 0); err != nil {
		return nil, nil, err
	}
	return c.shown.Bytes(), c.key.Bytes(), nil
}

// tree brings a value into the shapes of encoding/json with numbers kept as text.
func tree(value any) (any, error) {
	switch v := value.(type) {
	case nil, bool, string, json.Number:
		return v, nil
	case json.RawMessage:
		return decode(v)
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("is no JSON value: %w", err)
	}
	return decode(raw)
}

func decode(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("is no JSON value: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("is no JSON value: it has trailing data")
	}
	return value, nil
}

func (c *canonicalizer) write(value any, field string, depth int) error {
	if depth > maxDepth {
		return errTooDeep
	}
	switch v := value.(type) {
	case nil:
		c.both("null")
	case bool:
		c.both(map[bool]string{true: "true", false: "false"}[v])
	case json.Number:
		c.both(canonicalNumber(v.String()))
	case string:
		c.text(v, field)
	case []any:
		return c.list(v, field, depth)
	case map[string]any:
		return c.fields(v, depth)
	}
	return nil
}

func (c *canonicalizer) list(values []any, field string, depth int) error {
	c.both("[")
	for i, value := range values {
		if i > 0 {
			c.both(",")
		}
		if err := c.write(value, field, depth+1); err != nil {
			return err
		}
	}
	c.both("]")
	return nil
}

func (c *canonicalizer) fields(values map[string]any, depth int) error {
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	c.both("{")
	shown, compared := 0, 0
	for _, name := range names {
		noise := c.schema && isNoiseField(name)
		if shown++; shown > 1 {
			c.shown.WriteByte(',')
		}
		before := c.key.Len()
		if compared > 0 {
			c.key.WriteByte(',')
		}
		c.both(quote(name))
		c.both(":")
		if err := c.write(values[name], name, depth+1); err != nil {
			return err
		}
		if noise {
			c.key.Truncate(before)
			continue
		}
		compared++
	}
	c.both("}")
	return nil
}

func (c *canonicalizer) text(text, field string) {
	if !c.schema || !isDefinition(c.path, field) {
		c.both(quote(text))
		return
	}
	c.shown.WriteString(quote(Definition(text)))
	c.key.WriteString(quote(definitionKey(text)))
}

func (c *canonicalizer) both(text string) {
	c.shown.WriteString(text)
	c.key.WriteString(text)
}

// quote writes a JSON string without the HTML escapes that encoding/json adds.
func quote(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= 0x7f }) {
		return `"` + text + `"`
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string in memory cannot fail to encode
	return strings.TrimSuffix(b.String(), "\n")
}
