package finish

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Parameters that lists take; @x-list narrows them.
var listParameters = []string{"limit", "cursor", "sort", "created_since", "updated_since"}

// parameters gathers the parameters of one operation.
type parameters struct {
	o    operation
	list []any
}

func (p *parameters) fix() {
	p.list, _ = p.o.body["parameters"].([]any)
	for _, parameter := range p.list {
		holder := parameter.(object)
		delete(holder, "style")
		if holder["in"] == "path" {
			holder["required"] = true
		}
		fixSwag(child(holder, "schema"))
		if example, ok := holder["example"]; ok {
			delete(holder, "example")
			child(holder, "schema")["examples"] = []any{example}
		}
	}
}

var pathName = regexp.MustCompile(`\{([^}]+)\}`)

// path adds the ids in the path that no annotation describes.
func (p *parameters) path() {
	for _, match := range pathName.FindAllStringSubmatchIndex(p.o.path, -1) {
		name := p.o.path[match[2]:match[3]]
		if p.has(name) {
			continue
		}
		before := strings.Split(strings.TrimSuffix(p.o.path[:match[0]], "/"), "/")
		noun := strings.ReplaceAll(singular(before[len(before)-1]), "-", " ")
		p.list = append(p.list, object{
			"name": name, "in": "path", "required": true,
			"description": "The id of the " + noun + ".",
			"schema":      ref("schemas", "RecordID"),
		})
	}
}

func (p *parameters) has(name string) bool {
	return slices.ContainsFunc(p.list, func(parameter any) bool { return parameter.(object)["name"] == name })
}

func (p *parameters) share(names ...string) {
	for _, name := range names {
		p.list = append(p.list, ref("parameters", name))
	}
}

func (p *parameters) conventions(page bool, extensions object, versioned bool) error {
	if page {
		if err := p.listed(extensions); err != nil {
			return err
		}
	}
	if choices := texts(extensions["x-expand"]); len(choices) > 0 {
		p.list = append(p.list, object{
			"name": "expand", "in": "query", "style": "form", "explode": false,
			"description": "Related records to embed, separated by commas.",
			"schema":      object{"type": "array", "maxItems": len(choices), "items": object{"type": "string", "enum": anys(choices)}},
		})
	}
	switch p.o.method {
	case "get":
		if !p.has("min_seq") {
			p.share("min_seq")
		}
		if versioned {
			p.share("If-None-Match")
		}
	case "post":
		if !strings.Contains(p.o.path, "/webhooks/") {
			p.share("Idempotency-Key")
		}
		if strings.HasSuffix(p.o.path, "/transitions") {
			p.share("If-Match")
		}
	default:
		p.share("If-Match")
	}
	return nil
}

func (p *parameters) listed(extensions object) error {
	wanted := listParameters
	if narrowed, ok := extensions["x-list"]; ok {
		wanted = texts(narrowed)
	}
	for _, name := range wanted {
		switch {
		case !slices.Contains(listParameters, name):
			return fmt.Errorf("%s: @x-list names %q, which is no list parameter", p.o, name)
		case p.has(name):
		case name == "sort" && extensions["x-sort"] != nil:
			var choices []string
			for _, field := range texts(extensions["x-sort"]) {
				choices = append(choices, field, "-"+field)
			}
			p.list = append(p.list, object{
				"name": "sort", "in": "query",
				"description": "The field to sort by; a dash in front turns the order around.",
				"schema":      object{"type": "string", "enum": anys(choices), "default": "-" + texts(extensions["x-sort"])[0]},
			})
		default:
			p.share(name)
		}
	}
	return nil
}

func (p *parameters) store() {
	if len(p.list) > 0 {
		p.o.body["parameters"] = p.list
	}
}
