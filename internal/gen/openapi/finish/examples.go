package finish

import (
	"encoding/json"
	"slices"
	"strings"
)

// examples gives every body that has none an example made from its schema, so that readers and mock
// servers see a whole request and a whole answer.
func (f *finisher) examples() {
	_ = f.each(func(o operation) error {
		if request, ok := o.body["requestBody"].(object); ok {
			f.exampleBodies(o, request)
		}
		for _, response := range child(o.body, "responses") {
			if r, ok := response.(object); ok {
				f.exampleBodies(o, r)
			}
		}
		return nil
	})
	for _, parameter := range child(child(f.doc, "components"), "parameters") {
		exampleParameter(f, parameter.(object))
	}
	_ = f.each(func(o operation) error {
		list, _ := o.body["parameters"].([]any)
		for _, parameter := range list {
			p := parameter.(object)
			if p["$ref"] == nil {
				if p["in"] == "path" {
					p["example"] = pathExample(o.path, p)
				}
				exampleParameter(f, p)
			}
		}
		return nil
	})
}

func exampleParameter(f *finisher, p object) {
	if p["example"] == nil {
		name, _ := p["name"].(string)
		if e := f.example(child(p, "schema"), name, "", nil); e != nil {
			p["example"] = e
		} else {
			delete(p, "example")
		}
	}
}

// pathExample is an id of the kind that the segment before the parameter names.
func pathExample(path string, p object) any {
	name, _ := p["name"].(string)
	if to, _ := refName(child(p, "schema")); to != "RecordID" {
		return nil
	}
	before, _, _ := strings.Cut(path, "/{"+name+"}")
	segments := strings.Split(before, "/")
	return idOf(strings.ReplaceAll(singular(segments[len(segments)-1]), "-", "_"))
}

func (f *finisher) exampleBodies(o operation, holder object) {
	content, _ := holder["content"].(object)
	for media, m := range content {
		body := m.(object)
		if body["example"] != nil || body["examples"] != nil {
			continue
		}
		if !strings.Contains(media, "json") {
			body["example"] = textExample(media, o)
			continue
		}
		if schema, ok := body["schema"].(object); ok {
			body["example"] = f.example(schema, "", "", nil)
		}
	}
}

func textExample(media string, o operation) string {
	summary, _ := o.body["summary"].(string)
	switch media {
	case "text/html":
		return "<!doctype html><title>" + summary + "</title>"
	case "text/markdown":
		return "# " + summary + "\n"
	case "image/svg+xml":
		return `<svg xmlns="http://www.w3.org/2000/svg"></svg>`
	}
	return "ok"
}

const instant = "2026-03-02T17:00:00Z"

// example makes a value for a schema. within is the schema that the member belongs to, open those being
// made, so that a schema which holds itself ends.
func (f *finisher) example(s object, name, within string, open []string) any {
	if given, ok := s["examples"].([]any); ok && len(given) > 0 && !slices.Contains(given, any(anID)) {
		return given[0]
	}
	to, isRef := refName(s)
	if to == "RecordID" || s["pattern"] == recordIDPattern {
		return idExample(name, within)
	}
	if isRef {
		if slices.Contains(open, to) {
			return nil
		}
		target, _ := f.schemas[to].(object)
		return f.example(target, name, to, append(slices.Clone(open), to))
	}
	if value := s["default"]; value != nil {
		return value
	}
	if choices, ok := s["enum"].([]any); ok {
		return choices[0]
	}
	for _, key := range []string{"anyOf", "oneOf"} {
		if parts, ok := s[key].([]any); ok {
			return f.example(parts[0].(object), name, within, open)
		}
	}
	switch {
	case is(s, "object") || s["properties"] != nil:
		return f.exampleObject(s, within, open)
	case is(s, "array"):
		items, _ := s["items"].(object)
		item := f.example(items, singularField(name), within, open)
		if item == nil && s["minItems"] != nil {
			return nil
		}
		if item == nil {
			return []any{}
		}
		return []any{item}
	case is(s, "boolean"):
		return false
	case is(s, "integer"), is(s, "number"):
		return smallest(s)
	case is(s, "string"):
		return stringExample(s, name)
	}
	return nil
}

func (f *finisher) exampleObject(s object, within string, open []string) any {
	out := object{}
	properties, _ := s["properties"].(object)
	for property, p := range properties {
		value := f.example(p.(object), property, within, open)
		if value != nil {
			out[property] = value
		}
	}
	if extra, ok := s["additionalProperties"].(object); ok {
		out["name"] = f.example(extra, "", "", open)
	}
	return out
}

// smallest is 1 where the limits allow it.
func smallest(s object) any {
	low, okLow := asNumber(s["minimum"])
	high, okHigh := asNumber(s["maximum"])
	switch {
	case okLow && low > 1:
		return s["minimum"]
	case okHigh && high < 1:
		return s["maximum"]
	}
	return 1
}

func asNumber(v any) (float64, bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case float64:
		return v, true
	case json.Number:
		n, err := v.Float64()
		return n, err == nil
	}
	return 0, false
}

func stringExample(s object, name string) any {
	switch s["format"] {
	case "date-time":
		return instant
	case "date":
		return instant[:len("2006-01-02")]
	case "uri":
		return "https://example.com/page"
	case "uuid":
		return "0b0c6a52-5f2e-4a53-9d2e-7f8a4c1d9e10"
	}
	switch {
	case strings.HasSuffix(name, "_at") || strings.HasSuffix(name, "_since"):
		return instant
	case name == "url" || strings.HasSuffix(name, "_url"):
		return "https://example.com/page"
	case name == "cursor" || name == "next_cursor":
		return "eyJ2IjoxfQ"
	case name == "":
		return "text"
	}
	return strings.ReplaceAll(name, "_", " ")
}

func idExample(name, within string) any {
	noun := strings.TrimSuffix(strings.TrimSuffix(name, "_ids"), "_id")
	if name == "id" || relations[noun] {
		noun = snake(strings.TrimSuffix(strings.TrimSuffix(within, "Patch"), "Input"))
	}
	return idOf(noun)
}

func idOf(noun string) any {
	if kind, ok := kindNamed(noun); ok {
		return kind.ID(12).String()
	}
	return anID
}

func snake(camel string) string {
	var out strings.Builder
	for i, r := range camel {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				out.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		out.WriteRune(r)
	}
	return out.String()
}
