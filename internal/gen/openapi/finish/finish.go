// Package finish turns the document that swag writes into the OpenAPI document we publish: valid, complete
// and with the conventions that every operation shares, so that handlers need not repeat them.
//
// It knows the conventions of the API and nothing of single resources. What an operation does, takes and
// gives is in its annotations; what its types look like is in their source.
package finish

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

type object = map[string]any

// Finish completes doc in place. It fails on a document that breaks a convention, naming the operation.
func Finish(doc object, src Source) error {
	f := &finisher{doc: doc, src: src, used: map[string]bool{}}
	f.top()
	f.schemas = child(child(doc, "components"), "schemas")
	f.typesFromSource()
	if err := f.rename(); err != nil {
		return err
	}
	f.sides()
	if err := f.operations(); err != nil {
		return err
	}
	f.shared()
	f.completeSchemas()
	f.examples()
	f.prune()
	return nil
}

// finisher is the state of one run.
type finisher struct {
	doc     object
	src     Source
	schemas object
	used    map[string]bool // schemas that request bodies reach
}

// top fixes what swag writes at the top of the document.
func (f *finisher) top() {
	delete(f.doc, "externalDocs")
	delete(f.doc, "security")
	f.doc["openapi"] = "3.1.0"
	f.doc["servers"] = []any{object{
		"url":         "/",
		"description": "The server that gives out this document, in production or a sandbox.",
		"x-internal":  false,
	}}
	if license, ok := child(f.doc, "info")["license"].(object); ok && license["url"] == nil {
		license["identifier"] = license["name"]
	}
}

// operation is one operation with the place it stands at.
type operation struct {
	path, method string
	body         object
}

func (o operation) String() string { return strings.ToUpper(o.method) + " " + o.path }

// each visits the operations in the order of their paths and methods.
func (f *finisher) each(visit func(operation) error) error {
	paths := child(f.doc, "paths")
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(object)
		for _, method := range slices.Sorted(maps.Keys(item)) {
			body, ok := item[method].(object)
			if !ok {
				return fmt.Errorf("%s: %s is not an operation", path, method)
			}
			if err := visit(operation{path, method, body}); err != nil {
				return err
			}
		}
	}
	return nil
}

// child is the object at key, made where it is missing.
func child(o object, key string) object {
	c, ok := o[key].(object)
	if !ok {
		c = object{}
		o[key] = c
	}
	return c
}

// walk visits every object below v, parents first.
func walk(v any, visit func(object)) {
	switch v := v.(type) {
	case object:
		visit(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			walk(v[key], visit)
		}
	case []any:
		for _, item := range v {
			walk(item, visit)
		}
	}
}

func ref(kind, name string) object { return object{"$ref": "#/components/" + kind + "/" + name} }

const schemaRef = "#/components/schemas/"

// refName is the name of the schema that o refers to.
func refName(o object) (string, bool) {
	to, _ := o["$ref"].(string)
	return strings.CutPrefix(to, schemaRef)
}

// prune drops what nothing refers to.
func (f *finisher) prune() {
	components := child(f.doc, "components")
	for {
		seen := map[string]bool{}
		walk(f.doc, func(o object) {
			if to, ok := o["$ref"].(string); ok {
				seen[to] = true
			}
		})
		dropped := false
		for _, kind := range []string{"schemas", "responses", "parameters", "headers"} {
			for name := range child(components, kind) {
				if !seen["#/components/"+kind+"/"+name] {
					delete(child(components, kind), name)
					dropped = true
				}
			}
		}
		if !dropped {
			return
		}
	}
}
