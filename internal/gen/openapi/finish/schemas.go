package finish

import (
	"maps"
	"slices"
	"strings"
)

// typesFromSource adds to the schemas what swag leaves out: descriptions of types, times, null. It runs
// before schemas are renamed, while their names are still those of Go.
func (f *finisher) typesFromSource() {
	for name, s := range f.schemas {
		if isRecordID(name, s.(object)) {
			f.schemas[name] = recordIDSchema()
			continue
		}
		f.typeFromSource(name, s.(object))
	}
	// Null comes last: it copies schemas, which have to be complete by then.
	for name, s := range f.schemas {
		properties, _ := s.(object)["properties"].(object)
		for property, p := range properties {
			field, known := f.src.field(goName(name), property)
			_, marked := p.(object)["x-nullable"]
			delete(p.(object), "x-nullable")
			if known && field.Nullable || marked {
				properties[property] = f.nullable(p.(object))
			}
		}
	}
}

func (f *finisher) typeFromSource(name string, schema object) {
	if doc := f.src[goName(name)].Doc; doc != "" && schema["description"] == nil {
		schema["description"] = doc
	}
	for _, key := range []string{"x-enum-varnames", "x-enum-comments", "x-enum-descriptions"} {
		delete(schema, key)
	}
	properties, _ := schema["properties"].(object)
	var always []any
	for _, property := range slices.Sorted(maps.Keys(properties)) {
		p := properties[property].(object)
		describeProperty(p, property)
		field, known := f.src.field(goName(name), property)
		if known {
			propertyFromSource(p, field)
			// The example of an id in a part that all records share fits one kind only.
			if property != "id" {
				exampleFromSource(p, field)
			}
		}
		if known && field.Always {
			always = append(always, property)
		}
	}
	if len(always) > 0 {
		schema["x-always"] = always
	}
}

func propertyFromSource(p object, field Field) {
	if field.Time {
		p["format"] = "date-time"
	}
	if field.ID {
		asIDs(p)
	}
	if is(p, "array") && field.MinItems > 0 {
		p["minItems"] = field.MinItems
	}
	if is(p, "array") && field.MaxItems > 0 {
		p["maxItems"] = field.MaxItems
	}
	if to, ok := p["x-ref"].(string); ok {
		delete(p, "x-ref")
		if p["items"] != nil {
			p["items"] = object{"$ref": schemaRef + to}
		} else {
			p["$ref"] = schemaRef + to
		}
	}
}

// exampleFromSource keeps the example of a field that refers to a word or an id, which swag drops.
func exampleFromSource(p object, field Field) {
	if field.Example == "" {
		return
	}
	items, _ := p["items"].(object)
	switch {
	case p["$ref"] != nil:
		p["examples"] = []any{field.Example}
	case items["$ref"] != nil:
		p["examples"] = []any{splitExample(field.Example)}
	}
}

// goName is the Go type behind a schema, without its type arguments.
func goName(schema string) string {
	name, _, _ := strings.Cut(schema, "-")
	return name
}

// isRecordID recognises the type whose text form is an id; swag sees its Go fields only.
func isRecordID(name string, schema object) bool {
	properties, _ := schema["properties"].(object)
	return strings.HasSuffix(name, ".ID") && properties["prefix"] != nil
}

// describeProperty drops the Go name that a field's comment starts with.
func describeProperty(p object, property string) {
	doc, _ := p["description"].(string)
	first, _, ok := strings.Cut(doc, " ")
	if ok && strings.EqualFold(first, strings.ReplaceAll(property, "_", "")) {
		p["description"] = describe(first, doc)
	}
}

// nullable lets a schema take null too. Words and ids are written out, as a choice between a reference and
// null is harder on readers and on generated clients.
func (f *finisher) nullable(s object) object {
	if kind, ok := s["type"].(string); ok {
		s["type"] = []any{kind, "null"}
		if enum, ok := s["enum"].([]any); ok {
			s["enum"] = append(slices.Clone(enum), nil)
		}
		return s
	}
	if s["$ref"] == nil {
		return s
	}
	name, _ := refName(s)
	if target, ok := f.schemas[name].(object); ok && is(target, "string") {
		inner := clone(target).(object)
		for _, key := range []string{"description", "examples"} {
			if value, ok := s[key]; ok {
				inner[key] = value
			}
		}
		return f.nullable(inner)
	}
	wrapped := object{"anyOf": []any{object{"$ref": s["$ref"]}, object{"type": "null"}}}
	if doc, ok := s["description"]; ok {
		wrapped["description"] = doc
	}
	return wrapped
}

// sides notes which schemas clients send, and derives from every body of a PATCH its patch: nothing is
// required and null removes what may be absent.
func (f *finisher) sides() {
	f.bulks()
	var reach func(v any)
	reach = func(v any) {
		walk(v, func(o object) {
			if name, ok := refName(o); ok && !f.used[name] {
				f.used[name] = true
				reach(f.schemas[name])
			}
		})
	}
	_ = f.each(func(o operation) error {
		reach(o.body["requestBody"])
		return nil
	})
	_ = f.each(func(o operation) error {
		if o.method != "patch" {
			return nil
		}
		walk(o.body["requestBody"], func(body object) {
			if name, ok := refName(body); ok {
				body["$ref"] = schemaRef + f.patchOf(name)
			}
		})
		return nil
	})
}

// bulks says what the entries of a bulk create are, which their Go type leaves open: what the single
// create beside it takes.
func (f *finisher) bulks() {
	paths := child(f.doc, "paths")
	_ = f.each(func(o operation) error {
		single, ok := strings.CutSuffix(o.path, "/bulk")
		if !ok || o.method != "post" || paths[single] == nil {
			return nil
		}
		one, ok := refName(jsonBody(child(child(paths, single), "post")))
		many := jsonBody(o.body)
		name, named := refName(many)
		if !ok || !named {
			return nil
		}
		schema := clone(f.schemas[name]).(object)
		items := child(child(schema, "properties"), "items")
		fixSwag(items)
		items["items"] = ref("schemas", one)
		bulk := strings.TrimSuffix(one, "Input") + "Bulk"
		f.schemas[bulk] = schema
		many["$ref"] = schemaRef + bulk
		return nil
	})
}

// jsonBody is the schema of an operation's request.
func jsonBody(body object) object {
	request, _ := body["requestBody"].(object)
	content, _ := request["content"].(object)
	media, _ := content["application/json"].(object)
	schema, _ := media["schema"].(object)
	return schema
}

func (f *finisher) patchOf(name string) string {
	patch := strings.TrimSuffix(strings.TrimSuffix(name, "Input"), "Patch") + "Patch"
	if patch == name || f.schemas[patch] != nil {
		return patch
	}
	schema := clone(f.schemas[name]).(object)
	f.loosen(schema)
	schema["description"] = "The members to change; null removes one, a member that is absent stays as it is."
	f.schemas[patch], f.used[patch] = schema, true
	return patch
}

// loosen makes the schema of an object one of changes to it, and those of the objects inside too.
func (f *finisher) loosen(schema object) {
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(object)
	delete(schema, "required")
	delete(schema, "x-always")
	schema["additionalProperties"] = false
	for property, s := range properties {
		p := s.(object)
		if name, ok := refName(p); ok {
			if target, ok := f.schemas[name].(object); ok && target["properties"] != nil {
				inner := clone(target).(object)
				f.loosen(inner)
				if doc := p["description"]; doc != nil {
					inner["description"] = doc
				}
				p = inner
			}
		}
		if !slices.Contains(required, any(property)) {
			p = f.nullable(p)
		}
		properties[property] = p
	}
}

func clone(v any) any {
	switch v := v.(type) {
	case object:
		c := make(object, len(v))
		for key, value := range v {
			c[key] = clone(value)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, value := range v {
			c[i] = clone(value)
		}
		return c
	}
	return v
}
