package strictjson

import (
	"reflect"
	"strings"
)

// fieldsOf maps member names to the field's index path. As in encoding/json the fields of an embedded
// struct without a name of its own count as the outer struct's, and the shallower of two equal names wins.
func (d *decoder) fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := d.structs[t]; ok {
		return known
	}
	fields := map[string][]int{}
	seen := map[reflect.Type]bool{}
	type level struct {
		t     reflect.Type
		index []int
	}
	for next := []level{{t, nil}}; len(next) > 0; {
		current := next
		next = nil
		for _, l := range current {
			if seen[l.t] {
				continue
			}
			seen[l.t] = true
			for i := range l.t.NumField() {
				f := l.t.Field(i)
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				index := append(append([]int{}, l.index...), i)
				if inner, ok := embedded(f); ok && name == "" {
					next = append(next, level{inner, index})
					continue
				}
				if name == "-" || !f.IsExported() {
					continue
				}
				if name == "" {
					name = f.Name
				}
				if _, taken := fields[name]; !taken {
					fields[name] = index
				}
			}
		}
	}
	d.structs[t] = fields
	return fields
}

// embedded reports the struct whose fields f promotes. A pointer to an unexported struct could not be
// allocated through reflection, so it promotes nothing.
func embedded(f reflect.StructField) (reflect.Type, bool) {
	if !f.Anonymous {
		return nil, false
	}
	if f.Type.Kind() == reflect.Pointer {
		inner := f.Type.Elem()
		return inner, inner.Kind() == reflect.Struct && f.IsExported()
	}
	return f.Type, f.Type.Kind() == reflect.Struct
}

// fieldAt walks an index path, allocating embedded pointers on its way.
func fieldAt(v reflect.Value, index []int) reflect.Value {
	for _, i := range index {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(i)
	}
	return v
}
