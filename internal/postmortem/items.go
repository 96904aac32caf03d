package postmortem

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// item is one entry of a list, with its lines.
type item struct {
	node     ast.Node
	from, to int
}

// items cuts a list into its entries.
func (p *parser) items(list ast.Node, from, to int) []item {
	var out []item
	for _, b := range p.blocksOf(list, from, to) {
		out = append(out, item(b))
	}
	// Two entries on one line cannot be told apart by lines: the list is then read as one entry.
	if list.ChildCount() != len(out) {
		return nil
	}
	return out
}

var marker = regexp.MustCompile(`^(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|$)`)

// content is the text of an entry without its marker and indentation.
func (p *parser) content(it item) string {
	first := p.line(it.from)
	col := it.node.Pos() - p.starts[it.from]
	if col < 0 || col > len(first) {
		return p.raw(it.from, it.to)
	}
	rest := first[col:]
	m := marker.FindString(rest)
	width := len(m)
	if blanks := len(m) - len(strings.TrimRight(m, " \t")); blanks > 4 {
		width = len(m) - blanks + 1
	}
	lines := []string{rest[width:]}
	for i := it.from + 1; i < it.to; i++ {
		lines = append(lines, dedent(p.line(i), col+width))
	}
	return strings.Trim(strings.TrimRight(strings.Join(lines, "\n"), " \t\n"), "\n")
}

// dedent takes up to n columns of indentation from a line.
func dedent(line string, n int) string {
	col := 0
	for i := range len(line) {
		switch {
		case col >= n || (line[i] != ' ' && line[i] != '\t'):
			return line[i:]
		case line[i] == '\t':
			col += 4 - col%4
		default:
			col++
		}
	}
	return ""
}

// row is one row of a table.
type row struct {
	node  ast.Node
	line  int
	cells []string
}

// table reads the cells of a table as written.
func (p *parser) table(n ast.Node) (head []string, rows []row) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		r := row{node: c, line: p.lineAt(c.Pos())}
		for cell := c.FirstChild(); cell != nil; cell = cell.NextSibling() {
			r.cells = append(r.cells, p.cell(cell))
		}
		if _, ok := c.(*east.TableHeader); ok {
			head = r.cells
			continue
		}
		rows = append(rows, r)
	}
	return head, rows
}

func (p *parser) cell(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		b.Write(at.Value(p.text))
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), `\|`, "|"))
}

// tableRows claims what was read of a table: its head only when every row was, so that the rows left over keep theirs.
func (p *parser) tableRows(b block, rows []row, read func(row) bool) {
	all := true
	for _, r := range rows {
		if read(r) {
			p.claim(r.line, r.line+1)
		} else {
			all = false
		}
	}
	if all && len(rows) > 0 {
		p.claim(b.from, rows[0].line)
		p.mapped(b.from, strings.TrimSpace(p.line(b.from)), "columns")
	}
}

// emphasised reads a leading bold or italic label, "**Process**: text", and returns the text after it.
var emphasised = regexp.MustCompile(`^(?:\*\*((?:[^*\n\\]|\\.){1,120})\*\*|__((?:[^_\n\\]|\\.){1,120})__)(:?)\s*`)

func cutLabel(text string) (label, rest string) {
	m := emphasised.FindStringSubmatch(text)
	if m == nil {
		return "", text
	}
	label = m[1] + m[2]
	name, exact := plain(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(label), ":")))
	if rest = text[len(m[0]):]; strings.TrimSpace(rest) == "" || name == "" || !exact {
		return "", text
	}
	if m[3] == "" && !strings.HasSuffix(strings.TrimSpace(label), ":") {
		return "", text
	}
	return name, rest
}

// factors reads contributing factors: entries of lists, paragraphs, rows.
func (p *parser) factors(s *section) {
	category := ""
	if s.own {
		category = factorCategory(s.title)
	} else if s.exact {
		category = s.title
	}
	before := len(p.d.Factors)
	for i, b := range s.blocks {
		switch n := b.node.(type) {
		case *ast.List:
			p.factorList(n, b, category)
		case *ast.Paragraph:
			text := p.raw(b.from, b.to)
			leads := strings.HasSuffix(text, ":") && i+1 < len(s.blocks) && opensItems(s.blocks[i+1].node)
			if !leads {
				p.addFactor(category, text, b.from)
				p.claim(b.from, b.to)
			}
		}
	}
	read := len(p.d.Factors) > before
	p.head(s, read || len(s.blocks) == 0)
	if !s.own && read && s.exact {
		p.claim(s.line, s.from)
	}
}

func (p *parser) factorList(n *ast.List, b block, category string) {
	items := p.items(n, b.from, b.to)
	for _, it := range items {
		if text := p.content(it); text != "" {
			p.addFactor(category, text, it.from)
		}
		p.claim(it.from, it.to)
	}
}

func (p *parser) addFactor(category, text string, line int) {
	if category == "" {
		category, text = cutLabel(text)
	}
	p.d.Factors = append(p.d.Factors, Factor{Category: category, Text: text, Line: line + 1})
}

// factorCategory is what a heading says about its factors beyond that they are factors.
func factorCategory(title string) string {
	switch normalName(title) {
	case "trigger", "triggers":
		return "trigger"
	case "fault":
		return "fault"
	case "root cause", "root causes", "root cause analysis", "rca", "cause", "causes", "blameless root cause", "cause of incident", "root cause identification":
		return "cause"
	}
	return ""
}
