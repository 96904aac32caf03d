package finish

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// order puts what a reader looks for first; every other key follows by name.
var order = []string{"openapi", "info", "title", "summary", "name", "in", "operationId", "version", "description", "tags", "servers", "url", "paths",
	"get", "put", "post", "patch", "delete", "security", "required", "parameters", "requestBody", "responses", "components", "type", "properties"}

// Encode writes a document as JSON and as YAML, byte for byte the same for equal documents.
func Encode(doc map[string]any) (asJSON, asYAML []byte, err error) {
	node, err := toNode(doc, byRank)
	if err != nil {
		return nil, nil, err
	}
	var y bytes.Buffer
	enc := yaml.NewEncoder(&y)
	enc.SetIndent(2)
	if err := enc.Encode(node); err != nil {
		return nil, nil, fmt.Errorf("writing YAML: %w", err)
	}
	var j bytes.Buffer
	if err := writeJSON(&j, doc, byRank); err != nil {
		return nil, nil, fmt.Errorf("writing JSON: %w", err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, j.Bytes(), "", " "); err != nil {
		return nil, nil, fmt.Errorf("writing JSON: %w", err)
	}
	indented.WriteByte('\n')
	return indented.Bytes(), y.Bytes(), nil
}

// ordering says how the keys of an object are put in order. Objects whose keys are names, such as properties,
// are sorted by name alone; examples are so all the way down.
type ordering int

const (
	byRank ordering = iota
	byName
	byNameThroughout
)

// keys are the keys of o in the order they are written.
func keys(o object, by ordering) []string {
	sorted := slices.Sorted(maps.Keys(o))
	if by != byRank {
		return sorted
	}
	slices.SortStableFunc(sorted, func(a, b string) int { return rank(a) - rank(b) })
	return sorted
}

func rank(key string) int {
	if i := slices.Index(order, key); i >= 0 {
		return i
	}
	return len(order)
}

// below says how the object at key is ordered, in an object that is ordered by o.
func below(o ordering, key string) ordering {
	switch key {
	case "properties", "paths", "schemas", "parameters", "headers", "responses", "securitySchemes", "content":
		if o == byRank {
			return byName
		}
	case "example", "examples", "default":
		if o == byRank {
			return byNameThroughout
		}
	}
	if o == byNameThroughout {
		return o
	}
	return byRank
}

func writeJSON(out *bytes.Buffer, v any, by ordering) error {
	switch v := v.(type) {
	case object:
		out.WriteByte('{')
		for i, key := range keys(v, by) {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeScalar(out, key); err != nil {
				return err
			}
			out.WriteByte(':')
			if err := writeJSON(out, v[key], below(by, key)); err != nil {
				return err
			}
		}
		out.WriteByte('}')
	case []any:
		out.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				out.WriteByte(',')
			}
			if err := writeJSON(out, item, below(by, "")); err != nil {
				return err
			}
		}
		out.WriteByte(']')
	default:
		return writeScalar(out, v)
	}
	return nil
}

func writeScalar(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1)
	return nil
}

func toNode(v any, by ordering) (*yaml.Node, error) {
	switch v := v.(type) {
	case object:
		node := &yaml.Node{Kind: yaml.MappingNode}
		for _, key := range keys(v, by) {
			value, err := toNode(v[key], below(by, key))
			if err != nil {
				return nil, err
			}
			name := &yaml.Node{}
			name.SetString(key)
			if strings.Trim(key, "0123456789") == "" {
				name.Style = yaml.DoubleQuotedStyle
			}
			node.Content = append(node.Content, name, value)
		}
		return node, nil
	case []any:
		node := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range v {
			value, err := toNode(item, below(by, ""))
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, value)
		}
		return node, nil
	case json.Number:
		tag := "!!int"
		if strings.ContainsAny(v.String(), ".eE") {
			tag = "!!float"
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: v.String()}, nil
	}
	node := &yaml.Node{}
	if err := node.Encode(v); err != nil {
		return nil, fmt.Errorf("writing YAML: %w", err)
	}
	return node, nil
}
