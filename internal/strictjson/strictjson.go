// Package strictjson decodes request bodies the way the API promises: what is not well-formed is refused
// at once with its position, and what is well-formed but does not fit is reported field by field, every
// bad field in one answer.
//
// It knows shapes, not meanings: whether a title is too long or a choice exists is for the input's own
// check. Limits on the size of a body belong to the server.
package strictjson

import (
	"fmt"
	"reflect"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 64

// maxFields bounds the answer to a body made of nothing but mistakes.
const maxFields = 100

// Codes of the field errors that Decode reports.
const (
	CodeUnknownField  = "unknown_field"
	CodeInvalidType   = "invalid_type"
	CodeInvalidFormat = "invalid_format"
)

// Malformed says that a body is not one strict JSON text: bad syntax, a repeated member name, data after
// the value, text that is not UTF-8, or nesting past MaxDepth.
type Malformed struct {
	Offset  int64 // bytes before the fault
	Message string
}

// Error gives the message with its offset.
func (m *Malformed) Error() string {
	return fmt.Sprintf("%s at byte %d", m.Message, m.Offset)
}

// Decode reads one JSON text into the value that into points to.
//
// It returns *Malformed for text that is not strict JSON, and a fault of kind Invalid with one field error
// for every unknown member and every value of the wrong type or format (at most 100). Names are compared
// exactly. A null member counts as absent, so that a client may send back what it read; a type with its own
// UnmarshalJSON sees the null. The json tag's name, "-" and embedded structs are honoured; ",string" is not.
// What was decoded before a fault stays in the target.
func Decode(data []byte, into any) error {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("decoding JSON into %T: a non-nil pointer is needed", into)
	}
	root, err := parse(data)
	if err != nil {
		return err
	}
	d := decoder{structs: map[reflect.Type]map[string][]int{}}
	d.assign(root, target.Elem(), "")
	check := fault.Check{Fields: d.faults}
	return check.Err()
}
