package strictjson

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

var (
	typeTime            = reflect.TypeFor[time.Time]()
	typeRaw             = reflect.TypeFor[json.RawMessage]()
	typeJSONUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
	typeTextUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// decoder collects the faults of one body. structs remembers field tables for the length of one call.
type decoder struct {
	faults  []fault.Field
	structs map[reflect.Type]map[string][]int
}

func (d *decoder) report(path, code, message string) {
	if len(d.faults) < maxFields {
		d.faults = append(d.faults, fault.Field{Field: path, Code: code, Message: message})
	}
}

func (d *decoder) wrongType(path, want string) {
	d.report(path, CodeInvalidType, "must be "+want)
}

// assign decodes n into v, which is settable. It never stops at a fault.
func (d *decoder) assign(n node, v reflect.Value, path string) {
	t := v.Type()
	switch {
	case t == typeRaw:
		v.SetBytes(append([]byte(nil), n.raw...))
	case t == typeTime:
		d.assignTime(n, v, path)
	case t.Kind() == reflect.Pointer:
		d.assignPointer(n, v, path)
	case reflect.PointerTo(t).Implements(typeJSONUnmarshaler):
		d.unmarshalJSON(n, v, path)
	case reflect.PointerTo(t).Implements(typeTextUnmarshaler):
		d.unmarshalText(n, v, path)
	default:
		d.assignKind(n, v, path)
	}
}

func (d *decoder) assignPointer(n node, v reflect.Value, path string) {
	if n.kind == kindNull {
		v.SetZero()
		return
	}
	if v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	d.assign(n, v.Elem(), path)
}

func (d *decoder) assignKind(n node, v reflect.Value, path string) {
	switch kind := v.Kind(); kind {
	case reflect.Struct:
		d.assignStruct(n, v, path)
	case reflect.Map:
		d.assignMap(n, v, path)
	case reflect.Slice:
		d.assignSlice(n, v, path)
	case reflect.Interface:
		d.assignAny(n, v, path)
	case reflect.String:
		if text, ok := n.text(); ok {
			v.SetString(text)
		} else {
			d.wrongType(path, "a string")
		}
	case reflect.Bool:
		if n.kind != kindTrue && n.kind != kindFalse {
			d.wrongType(path, "true or false")
			return
		}
		v.SetBool(n.kind == kindTrue)
	default:
		d.assignNumber(n, v, path)
	}
}

func (d *decoder) assignStruct(n node, v reflect.Value, path string) {
	if n.kind != kindObject {
		d.wrongType(path, "an object")
		return
	}
	fields := d.fieldsOf(v.Type())
	for _, m := range n.members {
		at := join(path, m.name)
		index, known := fields[m.name]
		if !known {
			d.report(at, CodeUnknownField, unknownMessage(fields, m.name))
			continue
		}
		target := v.Type().FieldByIndex(index).Type
		if m.value.kind == kindNull && !seesNull(target) {
			continue
		}
		d.assign(m.value, fieldAt(v, index), at)
	}
}

// seesNull reports whether a null member reaches the field instead of counting as absent.
func seesNull(t reflect.Type) bool {
	if t == typeTime {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface:
		return true
	}
	return t == typeRaw || reflect.PointerTo(t).Implements(typeJSONUnmarshaler)
}

func unknownMessage(fields map[string][]int, name string) string {
	for known := range fields {
		if strings.EqualFold(known, name) {
			return "is not a known field; names are case-sensitive, use " + known
		}
	}
	return "is not a known field"
}

func (d *decoder) assignMap(n node, v reflect.Value, path string) {
	t := v.Type()
	if n.kind != kindObject || t.Key().Kind() != reflect.String {
		d.wrongType(path, "an object")
		return
	}
	v.Set(reflect.MakeMapWithSize(t, len(n.members)))
	for _, m := range n.members {
		value := reflect.New(t.Elem()).Elem()
		d.assign(m.value, value, join(path, m.name))
		v.SetMapIndex(reflect.ValueOf(m.name).Convert(t.Key()), value)
	}
}

func (d *decoder) assignSlice(n node, v reflect.Value, path string) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		if n.kind != kindString {
			d.wrongType(path, "a string")
		} else if json.Unmarshal(n.raw, v.Addr().Interface()) != nil {
			d.report(path, CodeInvalidFormat, "must be base64")
		}
		return
	}
	if n.kind != kindArray {
		d.wrongType(path, "an array")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.items), len(n.items)))
	for i, item := range n.items {
		d.assign(item, v.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
}

func (d *decoder) assignAny(n node, v reflect.Value, path string) {
	if err := json.Unmarshal(n.raw, v.Addr().Interface()); err != nil {
		d.report(path, CodeInvalidType, "has a number out of range")
	}
}

func (d *decoder) assignNumber(n node, v reflect.Value, path string) {
	if n.kind != kindNumber {
		if v.CanFloat() {
			d.wrongType(path, "a number")
		} else {
			d.wrongType(path, "a whole number")
		}
		return
	}
	number, err := strconv.ParseFloat(string(n.raw), 64)
	switch {
	case v.CanFloat():
		if err != nil || v.OverflowFloat(number) {
			d.wrongType(path, "a number in range")
			return
		}
		v.SetFloat(number)
	case v.CanInt():
		whole, ok := wholeNumber(string(n.raw), number)
		if !ok || v.OverflowInt(whole) {
			d.wrongType(path, fmt.Sprintf("a whole number of at most %d bits", v.Type().Bits()))
			return
		}
		v.SetInt(whole)
	case v.CanUint():
		whole, ok := wholeNumber(string(n.raw), number)
		if !ok || whole < 0 || v.OverflowUint(uint64(whole)) {
			d.wrongType(path, fmt.Sprintf("a whole number from 0 of at most %d bits", v.Type().Bits()))
			return
		}
		v.SetUint(uint64(whole))
	default:
		d.wrongType(path, "another kind of value")
	}
}

// wholeNumber accepts 7, and 7.0 or 7e0 too, which JSON Schema calls integers as well. Beyond 2^53 only the
// plain form is exact.
func wholeNumber(text string, number float64) (int64, bool) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return whole, true
	}
	if number != math.Trunc(number) || math.Abs(number) > 1<<53 {
		return 0, false
	}
	return int64(number), true
}

func (d *decoder) assignTime(n node, v reflect.Value, path string) {
	text, ok := n.text()
	if !ok {
		d.wrongType(path, "a string with an RFC 3339 time")
		return
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	// The standard parser also takes an hour of one digit and a decimal comma, which RFC 3339 does not know.
	if err != nil || text[len("2006-01-02T15")] != ':' || strings.Contains(text, ",") {
		d.report(path, CodeInvalidFormat, "must be an RFC 3339 time such as 2026-03-02T17:00:00Z")
		return
	}
	v.Set(reflect.ValueOf(at))
}

func (d *decoder) unmarshalJSON(n node, v reflect.Value, path string) {
	err := v.Addr().Interface().(json.Unmarshaler).UnmarshalJSON(append([]byte(nil), n.raw...))
	if err == nil {
		return
	}
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		d.report(path, CodeInvalidType, "must not be a JSON "+wrong.Value)
		return
	}
	d.report(path, CodeInvalidFormat, err.Error())
}

func (d *decoder) unmarshalText(n node, v reflect.Value, path string) {
	text, ok := n.text()
	if !ok {
		d.wrongType(path, "a string")
		return
	}
	if err := v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
		d.report(path, CodeInvalidFormat, err.Error())
	}
}

// text is the value of a JSON string.
func (n node) text() (string, bool) {
	if n.kind != kindString {
		return "", false
	}
	text, err := jsontext.AppendUnquote(nil, n.raw)
	return string(text), err == nil
}

// join extends a path, cutting names that only a hostile body would carry.
func join(path, name string) string {
	const longest = 100
	if len(name) > longest {
		name = strings.ToValidUTF8(name[:longest], "") + "…"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}
