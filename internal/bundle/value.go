package bundle

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql/schema"
	"entgo.io/ent/schema/field"

	"github.com/hindcast-kb/hindcast/internal/store"
)

// form is how the values of a column are written in a bundle.
type form int

const (
	formUnknown form = iota
	formInt
	formFloat
	formBool
	formText
	formTime
	formBytes
	formJSON
)

func formOf(c *schema.Column) form {
	switch c.Type {
	case field.TypeInt, field.TypeInt8, field.TypeInt16, field.TypeInt32, field.TypeInt64, field.TypeUint8, field.TypeUint16, field.TypeUint32:
		return formInt
	case field.TypeFloat32, field.TypeFloat64:
		return formFloat
	case field.TypeBool:
		return formBool
	case field.TypeString, field.TypeEnum, field.TypeUUID:
		return formText
	case field.TypeTime:
		return formTime
	case field.TypeBytes:
		return formBytes
	case field.TypeJSON:
		return formJSON
	}
	return formUnknown
}

// cell reads one value of a column from a database.
type cell struct {
	column *schema.Column
	value  any // nil, int64, float64, bool, string, time.Time, []byte or json.RawMessage
}

// Scan takes the value as the driver gives it.
func (c *cell) Scan(src any) error {
	c.value = nil
	if src == nil {
		if !c.column.Nullable && formOf(c.column) == formBytes { // a driver may give no bytes as nothing
			c.value = []byte{}
		}
		return nil
	}
	var err error
	switch formOf(c.column) {
	case formInt:
		c.value, err = scan[int64](src)
	case formFloat:
		c.value, err = scan[float64](src)
	case formBool:
		c.value, err = scan[bool](src)
	case formText:
		c.value, err = scan[string](src)
	case formBytes:
		var raw []byte
		raw, err = scan[[]byte](src)
		c.value = slices.Clone(raw)
	case formTime:
		var at time.Time
		at, err = scan[time.Time](src)
		c.value = store.UTC(at)
	case formJSON:
		var raw []byte
		if raw, err = scan[[]byte](src); err == nil {
			c.value, err = canonical(raw)
		}
	default:
		err = errors.New("the type is not known")
	}
	if err != nil {
		return fmt.Errorf("reading column %s: %w", c.column.Name, err)
	}
	return nil
}

func scan[T any](src any) (T, error) {
	var v sql.Null[T]
	err := v.Scan(src)
	return v.V, err
}

// text writes a value as JSON.
func text(value any) (json.RawMessage, error) {
	switch v := value.(type) {
	case json.RawMessage:
		return v, nil
	case []byte:
		return plain(base64.StdEncoding.EncodeToString(v))
	case time.Time:
		return plain(v.Format(time.RFC3339Nano))
	default:
		return plain(v)
	}
}

var errNull = errors.New("must not be null")

// parse reads a value of a column from its JSON.
func parse(c *schema.Column, raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		if !c.Nullable {
			return nil, errNull
		}
		return nil, nil
	}
	switch formOf(c) {
	case formInt:
		return decode[int64](raw, "a whole number")
	case formFloat:
		return decode[float64](raw, "a number")
	case formBool:
		return decode[bool](raw, "true or false")
	case formTime:
		at, err := decode[time.Time](raw, "a time such as 2026-03-09T08:00:00Z")
		return store.UTC(at), err
	case formBytes:
		return decode[[]byte](raw, "bytes in base64")
	case formJSON:
		return canonical(raw)
	}
	word, err := decode[string](raw, "a text")
	if err != nil {
		return nil, err
	}
	if strings.ContainsRune(word, 0) {
		return nil, errors.New("must not contain a NUL character")
	}
	if c.Type == field.TypeEnum && !slices.Contains(c.Enums, word) {
		return nil, fmt.Errorf("must be one of %s", strings.Join(c.Enums, ", "))
	}
	return word, nil
}

func decode[T any](raw json.RawMessage, what string) (T, error) {
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, fmt.Errorf("must be %s", what)
	}
	return v, nil
}
