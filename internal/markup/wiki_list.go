package markup

import "strings"

// list reads the run of list lines at the reader. The marker of a line is its path: `#*` is a bullet inside a numbered item.
func (p *wiki) list() []*node {
	root := &node{kind: kindGroup}
	var open []*node // lists from outer to inner
	var marks []byte // the marker byte of each open list
	for p.at < len(p.lines) {
		m := listLine.FindStringSubmatch(p.lines[p.at])
		if m == nil || ruleLine.MatchString(p.lines[p.at]) {
			if !p.continues(open) {
				break
			}
			continue
		}
		p.at++
		path := m[1]
		if len(path) > 12 {
			path = path[:12]
		}
		// Keep the open lists that agree with the path, close the rest.
		keep := 0
		for keep < len(open) && keep < len(path) && marks[keep] == path[keep] {
			keep++
		}
		open, marks = open[:keep], marks[:keep]
		for i := keep; i < len(path); i++ {
			l := &node{kind: kindList, ordered: path[i] == '#'}
			parent := root
			if i > 0 {
				parent = lastItem(open[i-1])
			}
			parent.add(l)
			open, marks = append(open, l), append(marks, path[i])
		}
		open[len(open)-1].add(p.item(m[2]))
	}
	return root.children
}

// continues takes a plain line right after an item into that item, as Jira does; it answers false where the list ends.
func (p *wiki) continues(open []*node) bool {
	line := p.lines[p.at]
	if len(open) == 0 || strings.TrimSpace(line) == "" || startsMacro(line) || macroInside(line) >= 0 || headingLine.MatchString(line) ||
		quoteLine.MatchString(line) || ruleLine.MatchString(line) || strings.HasPrefix(strings.TrimSpace(line), "|") || strings.Contains(line, "{quote}") || strings.Contains(line, "{panel}") {
		return false
	}
	p.at++
	item := lastItem(open[len(open)-1])
	item.add(&node{kind: kindBreak})
	item.add(p.inlines(strings.TrimSpace(line), 0)...)
	return true
}

// lastItem is the item a nested list hangs under; a path that skips a level gets an empty one.
func lastItem(l *node) *node {
	if len(l.children) == 0 {
		l.add(&node{kind: kindItem})
	}
	return l.children[len(l.children)-1]
}

func (p *wiki) item(s string) *node {
	n := &node{kind: kindItem}
	if m := taskMark.FindStringSubmatch(s); m != nil {
		n.task, n.done = true, m[1] != " "
		s = s[len(m[0]):]
	}
	n.children = p.inlines(s, 0)
	return n
}

// table reads the run of lines that start with a bar. A line without a leading bar continues the last cell until a bar ends it.
func (p *wiki) table() *node {
	t := &node{kind: kindTable}
	for p.at < len(p.lines) {
		line := strings.TrimSpace(p.lines[p.at])
		if !strings.HasPrefix(line, "|") {
			break
		}
		p.at++
		for !strings.HasSuffix(line, "|") && p.at < len(p.lines) && len(line) < 20_000 {
			next := strings.TrimSpace(p.lines[p.at])
			if next == "" || strings.HasPrefix(next, "|") || startsMacro(next) {
				break
			}
			line += "\n" + next
			p.at++
		}
		row := &node{kind: kindRow}
		for _, c := range splitCells(line) {
			row.add(&node{kind: kindCell, header: c.header, children: p.inlines(strings.TrimSpace(c.text), 0)})
		}
		if len(row.children) > 0 {
			t.add(row)
		}
	}
	return t
}

type wikiCell struct {
	text   string
	header bool
}

// splitCells cuts a row at its bars, leaving alone those inside links, pictures and macros.
func splitCells(line string) []wikiCell {
	var cells []wikiCell
	header := false
	start := -1
	end := func(at int) {
		if start >= 0 {
			cells = append(cells, wikiCell{text: line[start:at], header: header})
		}
	}
	for i := 0; i < len(line); {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			i += 2
		case line[i] == '[' || line[i] == '{':
			i = skipBracket(line, i)
		case line[i] == '|':
			end(i)
			header = strings.HasPrefix(line[i:], "||")
			i++
			if header {
				i++
			}
			start = i
		default:
			i++
		}
	}
	if start >= 0 && strings.TrimSpace(line[start:]) != "" {
		end(len(line))
	}
	return cells
}

// skipBracket jumps over a short bracket on the same line so that bars inside it do not part cells.
func skipBracket(line string, i int) int {
	closing := byte(']')
	if line[i] == '{' {
		closing = '}'
	}
	window := line[i:min(len(line), i+2000)]
	if nl := strings.IndexByte(window, '\n'); nl >= 0 {
		window = window[:nl]
	}
	if j := strings.IndexByte(window, closing); j > 0 {
		return i + j + 1
	}
	return i + 1
}
