package postmortem

import (
	"strings"

	"github.com/yuin/goldmark/ast"
)

// block is one top-level block with the lines it holds: from its first line to the first line of the next block.
type block struct {
	node     ast.Node
	from, to int
}

// section is a heading with the blocks up to the next heading. The section before the first heading has no heading.
type section struct {
	level  int
	line   int // of the heading; -1 without one
	title  string
	exact  bool // title holds every word of the heading
	from   int  // first line after the heading
	to     int
	blocks []block
	parent *section
	// field is what the section fills; own is true when its heading says so itself, false when its parent's does.
	field field
	own   bool
	// whole is true when the heading holds no other word than the name of the field.
	whole bool
}

// blocksOf cuts the lines from, to among the children of a node, so that each line belongs to one of them.
func (s *source) blocksOf(parent ast.Node, from, to int) []block {
	var blocks []block
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Type() != ast.TypeBlock || n.Pos() < 0 || n.Pos() >= len(s.text) {
			continue
		}
		start := s.lineAt(n.Pos())
		if start < from || start >= to || len(blocks) > 0 && start <= blocks[len(blocks)-1].from {
			continue
		}
		if len(blocks) > 0 {
			blocks[len(blocks)-1].to = start
		}
		blocks = append(blocks, block{node: n, from: start, to: to})
	}
	return blocks
}

// sectionsOf groups top-level blocks under their headings.
func (s *source) sectionsOf(blocks []block) []*section {
	root := &section{line: -1, from: 0, to: s.lines(), exact: true}
	sections, current := []*section{root}, root
	for i, b := range blocks {
		level, title, exact := s.heading(blocks, i)
		if level == 0 {
			current.blocks = append(current.blocks, b)
			current.to = b.to
			continue
		}
		if len(current.blocks) == 0 {
			current.to = b.from
		}
		next := &section{level: level, line: b.from, title: title, exact: exact, from: s.headingEnd(b), to: b.to}
		for next.parent = current; next.parent.level >= level && next.parent.parent != nil; {
			next.parent = next.parent.parent
		}
		sections, current = append(sections, next), next
	}
	return sections
}

// boldHeading is the level of a line that only looks like a heading: below every real one.
const boldHeading = 7

// heading reads a block as a heading; level 0 means it is none.
func (s *source) heading(blocks []block, i int) (level int, title string, exact bool) {
	b := blocks[i]
	if h, ok := b.node.(*ast.Heading); ok {
		title, exact := plainOf(h, s.text)
		return h.Level, title, exact
	}
	p, ok := b.node.(*ast.Paragraph)
	if !ok || p.ChildCount() == 0 || p.Lines().Len() != 1 {
		return 0, "", false
	}
	title, exact = plainOf(p, s.text)
	name := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(title), ":"))
	bold := p.ChildCount() == 1 || p.ChildCount() == 2 && strings.TrimSpace(s.rest(p.FirstChild())) == ":"
	_, emphasis := p.FirstChild().(*ast.Emphasis)
	bare := !emphasis && name != strings.TrimSpace(title) && i+1 < len(blocks) && opensItems(blocks[i+1].node)
	if (bold && emphasis || bare) && known(name) {
		return boldHeading, name, exact
	}
	return 0, "", false
}

func opensItems(n ast.Node) bool {
	return n.Kind() == ast.KindList || n.Kind().String() == "Table"
}

// rest is the plain text after an inline node.
func (s *source) rest(n ast.Node) string {
	var b strings.Builder
	for n = n.NextSibling(); n != nil; n = n.NextSibling() {
		t, _ := plainOf(n, s.text)
		b.WriteString(t)
	}
	return b.String()
}

// headingEnd is the first line after a heading: underlined headings have more than one line.
func (s *source) headingEnd(b block) int {
	h, ok := b.node.(*ast.Heading)
	if !ok || strings.HasPrefix(strings.TrimSpace(s.line(b.from)), "#") {
		return b.from + 1
	}
	end := b.from + h.Lines().Len() + 1
	return min(end, b.to)
}
