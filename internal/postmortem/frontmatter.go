package postmortem

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// frontMatter reads the YAML block at the start of a file and returns the first line after it. A key that names no field,
// or a value that does not fit one, stays in the body as written.
func (p *parser) frontMatter(limit int) int {
	fence := strings.TrimRight(p.line(0), " \t")
	if fence != "---" && fence != "+++" {
		return 0
	}
	end := 1
	for end < limit && strings.TrimRight(p.line(end), " \t") != fence {
		end++
	}
	if end >= limit || p.blank(1) {
		return 0
	}
	var doc yaml.Node
	if fence == "+++" || yaml.Unmarshal([]byte(p.raw(1, end)), &doc) != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		if fence == "+++" || strings.Contains(p.line(1), ":") {
			p.notes.add(0, "the front matter cannot be read; it stays in the body")
			return end + 1
		}
		return 0
	}
	p.pairs(doc.Content[0].Content, end)
	p.claim(0, 1)
	p.claim(end, end+1)
	return end + 1
}

// pairs reads the pairs of a mapping. A value runs to the line of the next key.
func (p *parser) pairs(pairs []*yaml.Node, end int) {
	for i := 0; i+1 < len(pairs); i += 2 {
		from, to := pairs[i].Line, end
		if i+2 < len(pairs) {
			to = pairs[i+2].Line
		}
		text, ok := scalar(pairs[i+1])
		if from < 1 || to > end || !ok || strings.Contains(p.raw(from, to), "#") {
			p.notes.add(from, "the front matter key %q stays in the body", pairs[i].Value)
			continue
		}
		if p.label(strings.ReplaceAll(pairs[i].Value, "_", " "), text, from) {
			p.claim(from, to)
		} else {
			p.notes.add(from, "the front matter key %q stays in the body", pairs[i].Value)
		}
	}
}

// scalar is a value or a plain list of values as text.
func scalar(n *yaml.Node) (string, bool) {
	switch n.Kind {
	case yaml.ScalarNode:
		return n.Value, n.Anchor == ""
	case yaml.SequenceNode:
		var parts []string
		for _, c := range n.Content {
			if c.Kind != yaml.ScalarNode || strings.ContainsAny(c.Value, ",;\n") {
				return "", false
			}
			parts = append(parts, c.Value)
		}
		return strings.Join(parts, ", "), true
	}
	return "", false
}
