package finish

import (
	"encoding/json"
	"slices"
	"strings"
)

// Limits for what an annotation leaves open. They match what the server's own checks allow at most.
const (
	maxString = 20000
	maxItems  = 1000
	maxMap    = 10000
	maxSafe   = "9007199254740991" // 2^53-1, the largest number every JSON reader keeps exact
)

// completeSchemas gives every schema of the document its limits, formats and required members.
func (f *finisher) completeSchemas() {
	for name, s := range f.schemas {
		schema := s.(object)
		always := schema["x-always"]
		delete(schema, "x-always")
		if _, isObject := schema["properties"]; isObject {
			if f.used[name] {
				schema["additionalProperties"] = false
			} else if always != nil {
				schema["required"] = always
			}
		}
		f.completeSchema(schema, "")
	}
	walk(child(f.doc, "paths"), f.completeHolder)
	components := child(f.doc, "components")
	for _, kind := range []string{"parameters", "headers", "responses"} {
		walk(components[kind], f.completeHolder)
	}
}

// completeHolder completes the schema of a parameter, a header or a body.
func (f *finisher) completeHolder(holder object) {
	if schema, ok := holder["schema"].(object); ok {
		name, _ := holder["name"].(string)
		f.completeSchema(schema, name)
	}
}

func (f *finisher) completeSchema(s object, name string) {
	fixSwag(s)
	if takesRecordID(s, name) {
		recordID(s)
		return
	}
	switch {
	case is(s, "string"):
		if s["enum"] == nil && s["const"] == nil {
			setDefault(s, "maxLength", stringLimit(s, name))
		}
	case is(s, "integer"):
		setDefault(s, "format", "int64")
		if s["exclusiveMinimum"] == nil {
			setDefault(s, "minimum", 0)
		}
		if s["exclusiveMaximum"] == nil {
			setDefault(s, "maximum", json.Number(maxSafe))
		}
	case is(s, "number"):
		setDefault(s, "format", "double")
		setDefault(s, "minimum", json.Number("-"+maxSafe))
		setDefault(s, "maximum", json.Number(maxSafe))
	case is(s, "array"):
		setDefault(s, "maxItems", maxItems)
	}
	if items, ok := s["items"].(object); ok {
		f.completeSchema(items, singularField(name))
	}
	properties, _ := s["properties"].(object)
	for property, p := range properties {
		f.completeSchema(p.(object), property)
	}
	if extra, ok := s["additionalProperties"].(object); ok {
		setDefault(s, "maxProperties", maxMap)
		f.completeSchema(extra, "")
	} else if is(s, "object") && s["properties"] == nil && s["additionalProperties"] == nil {
		setDefault(s, "maxProperties", maxMap)
	}
	for _, key := range []string{"anyOf", "oneOf", "allOf"} {
		parts, _ := s[key].([]any)
		for _, part := range parts {
			f.completeSchema(part.(object), name)
		}
	}
}

// fixSwag undoes what swag says wrongly of one schema.
func fixSwag(s object) {
	if s["uniqueItems"] == false {
		delete(s, "uniqueItems")
	}
	if is(s, "array") && s["items"] == nil {
		if items, ok := s["additionalProperties"].(object); ok {
			s["items"] = items
			delete(s, "additionalProperties")
		}
	}
	if example, ok := s["x-example"]; ok {
		delete(s, "x-example")
		s["examples"] = []any{splitExample(example)}
	}
	if items, ok := s["items"].(object); ok && s["enum"] != nil {
		items["enum"] = s["enum"]
		delete(s, "enum")
	}
	if example, ok := s["example"]; ok {
		s["examples"] = []any{example}
		delete(s, "example")
	}
}

// splitExample reads the example of an array as swag does: entries separated by commas.
func splitExample(example any) any {
	text, _ := example.(string)
	return anys(strings.Split(text, ","))
}

// is reports whether a schema is of a type, alone or beside null.
func is(s object, kind string) bool {
	kinds, _ := s["type"].([]any)
	return s["type"] == kind || slices.Contains(kinds, any(kind))
}

func setDefault(s object, key string, value any) {
	if s[key] == nil {
		s[key] = value
	}
}

func stringLimit(s object, name string) int {
	switch s["format"] {
	case "date-time":
		return 35
	case "date":
		return 10
	case "uuid":
		return 36
	case "uri", "uri-reference":
		return 2000
	case "binary":
		return 26 << 20
	}
	switch {
	case name == "title":
		return 200
	case name == "url" || strings.HasSuffix(name, "_url"):
		return 2000
	case name == "cursor" || name == "next_cursor":
		return 1000
	}
	return maxString
}
