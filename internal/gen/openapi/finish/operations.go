package finish

import (
	"fmt"
	"slices"
	"strings"
)

// apiBase is where the conventions hold. Pages, probes and embeds stand outside of it.
const apiBase = "/api/v1/"

// scopes may be named by @Security; "none" marks an operation open to everybody.
var scopes = []string{"read", "write", "gate", "ingest", "admin"}

func (f *finisher) operations() error {
	seen := map[string]operation{}
	return f.each(func(o operation) error {
		directions := takeExtensions(o)
		page := f.isPage(o)
		if err := f.identify(o, page, seen); err != nil {
			return err
		}
		if err := security(o); err != nil {
			return err
		}
		p := parameters{o: o}
		p.fix()
		p.path()
		if strings.HasPrefix(o.path, apiBase) {
			if err := p.conventions(page, directions, f.versioned(o)); err != nil {
				return err
			}
		}
		p.store()
		f.body(o)
		f.responses(o, page)
		return nil
	})
}

// identify sees to it that an operation has a name of its own and says what it does.
func (f *finisher) identify(o operation, page bool, seen map[string]operation) error {
	id, _ := o.body["operationId"].(string)
	if id == "" {
		id = operationID(o, page)
		o.body["operationId"] = id
	}
	if other, ok := seen[id]; ok {
		return fmt.Errorf("%s and %s are both named %s: give one an @ID", other, o, id)
	}
	seen[id] = o
	for _, key := range []string{"summary", "description", "tags"} {
		if o.body[key] == nil {
			return fmt.Errorf("%s has no %s", o, key)
		}
	}
	return nil
}

// takeExtensions moves the extensions, which swag leaves among the responses, to the operation, and gives
// out those that are directions to this package.
func takeExtensions(o operation) object {
	directions := object{}
	responses := child(o.body, "responses")
	for key, value := range responses {
		if !strings.HasPrefix(key, "x-") {
			continue
		}
		delete(responses, key)
		switch key {
		case "x-list", "x-sort", "x-expand":
			directions[key] = value
		default:
			o.body[key] = value
		}
	}
	return directions
}

// isPage reports whether the operation answers one page of a list.
func (f *finisher) isPage(o operation) bool {
	name, ok := refName(jsonSchema(o, "200"))
	if !ok || o.method != "get" {
		return false
	}
	properties := child(f.schemas[name].(object), "properties")
	return properties["items"] != nil && properties["next_cursor"] != nil
}

// versioned reports whether the operation answers one record with a version, thus with an ETag.
func (f *finisher) versioned(o operation) bool {
	for _, status := range []string{"200", "201"} {
		if name, ok := refName(jsonSchema(o, status)); ok {
			return child(f.schemas[name].(object), "properties")["version"] != nil
		}
	}
	return false
}

func jsonSchema(o operation, status string) object {
	response := child(o.body, "responses")[status]
	if response == nil {
		return object{}
	}
	media, _ := child(response.(object), "content")["application/json"].(object)
	schema, _ := media["schema"].(object)
	return schema
}

// security turns the scope that @Security names, or the method's usual one, into the two ways to show it.
// The scope itself stands beside them: linters still hold that only OAuth schemes may list scopes.
func security(o operation) error {
	scope := "write"
	if o.method == "get" {
		scope = "read"
	}
	if !strings.HasPrefix(o.path, apiBase) {
		scope = "none"
	}
	if given, _ := o.body["security"].([]any); len(given) > 0 {
		for name := range given[0].(object) {
			scope = name
		}
	}
	switch {
	case scope == "none" && strings.Contains(o.path, "/webhooks/"): // the source's own secret lets a delivery in
		o.body["security"] = []any{object{"webhookSignature": []any{}}}
		return nil
	case scope == "none":
		o.body["security"] = []any{}
		return nil
	}
	if !slices.Contains(scopes, scope) {
		return fmt.Errorf("%s: @Security %s is neither a scope nor none", o, scope)
	}
	o.body["security"] = []any{object{"serviceToken": []any{}}, object{"oidc": []any{}}}
	o.body["x-required-scope"] = scope
	description, _ := o.body["description"].(string)
	o.body["description"] = strings.TrimSpace(description) + "\n\nNeeds the scope `" + scope + "`."
	return nil
}

// body moves the media type of patches and drops what swag repeats.
func (f *finisher) body(o operation) {
	request, ok := o.body["requestBody"].(object)
	if !ok {
		return
	}
	content := child(request, "content")
	if plain, ok := content["text/plain"].(object); ok { // swag takes a body of any object for text
		if schema, ok := plain["schema"].(object); ok && is(schema, "object") {
			content["application/json"] = plain
			delete(content, "text/plain")
		}
	}
	for _, media := range content {
		if schema, ok := media.(object)["schema"].(object); ok {
			delete(schema, "title")
			if schema["$ref"] != nil {
				delete(schema, "description")
			}
		}
	}
	for media, m := range content {
		if schema := child(m.(object), "schema"); strings.HasPrefix(media, "text/") && (schema["$ref"] != nil || is(schema, "object")) {
			m.(object)["schema"] = object{"type": "string", "maxLength": 5_000_000}
		}
	}
	if o.method == "patch" && content["application/json"] != nil {
		content["application/merge-patch+json"] = clone(content["application/json"])
	}
}

func texts(v any) []string {
	var out []string
	list, _ := v.([]any)
	for _, item := range list {
		if text, ok := item.(string); ok {
			out = append(out, text)
		}
	}
	return out
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = item
	}
	return out
}
