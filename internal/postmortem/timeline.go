package postmortem

import (
	"regexp"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// timeline reads the entries of every timeline section: headings, lists, tables and lines that start with a time.
func (p *parser) timeline(sections []*section) {
	for i := 0; i < len(sections); i++ {
		s := sections[i]
		if s.field != fieldTimeline {
			continue
		}
		if s.own {
			p.head(s, true)
			p.timelineBlocks(s)
			continue
		}
		m, n := readMoment(s.title)
		if m == nil && blurredTime.MatchString(s.title) {
			m, n = &moment{}, 0
		}
		if m == nil {
			p.notes.add(s.line, "the heading %q within the timeline is no time", s.title)
			p.timelineBlocks(s)
			continue
		}
		if !m.hasTime && p.holdsTimes(s) {
			p.context(m, s.line)
			p.timelineBlocks(s)
			continue
		}
		to := s.to
		for i+1 < len(sections) && p.continues(s, sections[i+1]) {
			i++
			to = sections[i].to
		}
		p.headingEvent(s, m, n, to)
	}
}

var blurredTime = regexp.MustCompile(`^\W*[\dXx?]{1,2}:[\dXx?]{2}\b`)

// continues reports whether a section is a part of the entry before it: deeper, and no time of its own.
func (p *parser) continues(event, next *section) bool {
	if next.own || next.level <= event.level {
		return false
	}
	m, _ := readMoment(next.title)
	return m == nil
}

func (p *parser) headingEvent(s *section, m *moment, n, to int) {
	text := p.raw(s.from, to)
	left := strings.Trim(leftover(s.title, n), " ")
	if left != "" {
		text = strings.TrimSpace(left + "\n\n" + text)
	}
	if text == "" {
		p.notes.add(s.line, "an entry without text; it stays in the body")
		return
	}
	if p.event(m, s.title, text, "", s.line) && s.exact {
		p.claim(s.line, to)
	}
}

// leftover is what follows a time: the marks that close what was opened before it, and separators, are left out.
func leftover(s string, n int) string {
	head, rest := s[:n], s[n:]
	for _, pair := range [][2]string{{"`", "`"}, {"**", "**"}, {"__", "__"}, {"[", "]"}, {"(", ")"}, {"*", "*"}, {"_", "_"}} {
		opened := strings.Count(head, pair[0])
		if pair[0] == pair[1] {
			opened %= 2
		} else {
			opened -= strings.Count(head, pair[1])
		}
		if opened > 0 && strings.HasPrefix(strings.TrimLeft(rest, " :"), pair[1]) {
			rest = strings.TrimPrefix(strings.TrimLeft(rest, " :"), pair[1])
		}
	}
	return strings.TrimLeft(rest, " \t:–—-|,;·.")
}

// event places one entry and adds it. It reports false, after a note, when the entry cannot be placed.
func (p *parser) event(m *moment, written, text string, kind vocab.EventKind, line int) bool {
	at, approximate, ok := p.cal.place(m, line)
	if !ok {
		return false
	}
	if kind == "" {
		kind = guessKind(text)
	}
	p.d.Events = append(p.d.Events, Event{
		At: at, Until: p.cal.end(at, m, line), Approximate: approximate, Kind: kind, Text: text, Written: strings.Trim(written, " *_`[("), Line: line + 1,
	})
	return true
}

// holdsTimes reports whether the entries of a section start with times, so that its date heading only sets the day.
func (p *parser) holdsTimes(s *section) bool {
	for _, b := range s.blocks {
		switch n := b.node.(type) {
		case *ast.List:
			for _, it := range p.items(n, b.from, b.to) {
				if m, _ := readMoment(p.content(it)); m != nil && m.hasTime {
					return true
				}
			}
		case *ast.Paragraph:
			if m, _ := readMoment(p.line(b.from)); m != nil && m.hasTime {
				return true
			}
		}
		if b.node.Kind().String() == "Table" {
			return true
		}
	}
	return false
}

func (p *parser) timelineBlocks(s *section) {
	for _, b := range s.blocks {
		switch n := b.node.(type) {
		case *ast.List:
			p.timelineList(n, b.from, b.to)
		case *ast.Paragraph:
			p.timelineParagraph(b)
		default:
			if n.Kind().String() == "Table" {
				p.timelineTable(b)
				continue
			}
			if n.Kind() != ast.KindHTMLBlock && n.Kind() != ast.KindThematicBreak && n.Kind() != ast.KindLinkReferenceDefinition {
				p.notes.add(b.from, "text within the timeline without a time; it stays in the body")
			}
		}
	}
}

// context takes the day of a heading or line that only says which day follows.
func (p *parser) context(m *moment, line int) {
	for _, odd := range m.odd {
		p.notes.add(line, "%s", odd)
	}
	if !m.hasDay() {
		return
	}
	if day, _, ok := p.cal.dayOf(m, line); ok {
		p.cal.day, p.cal.dayFrom, p.cal.last = day, "the day written before", nil
	}
	if m.zone != nil {
		p.cal.lastZone = m.zone
	}
}

func (p *parser) timelineList(list ast.Node, from, to int) {
	for _, it := range p.items(list, from, to) {
		text := p.content(it)
		m, n := readMoment(text)
		if m == nil {
			if strings.TrimSpace(text) != "" {
				p.notes.add(it.from, "an entry of the timeline without a time; it stays in the body")
			}
			continue
		}
		if nested := lastList(it.node); nested != nil && !m.hasTime && p.nestedTimes(nested, it.to) {
			p.context(m, it.from)
			p.timelineList(nested, p.lineAt(nested.Pos()), it.to)
			continue
		}
		if p.textEvent(m, n, text, it.from) {
			p.claim(it.from, it.to)
		}
	}
}

func lastList(n ast.Node) ast.Node {
	if c := n.LastChild(); c != nil && c.Kind() == ast.KindList && c.PreviousSibling() != nil {
		return c
	}
	return nil
}

func (p *parser) nestedTimes(list ast.Node, to int) bool {
	for _, it := range p.items(list, p.lineAt(list.Pos()), to) {
		if m, _ := readMoment(p.content(it)); m != nil && m.hasTime {
			return true
		}
	}
	return false
}

// textEvent reads an entry whose text starts with its time, and perhaps its kind in brackets.
func (p *parser) textEvent(m *moment, n int, text string, line int) bool {
	written := text[:n]
	rest := leftover(text, n)
	kind, rest := cutKind(rest)
	rest = strings.TrimSpace(rest)
	if rest == "" {
		p.notes.add(line, "an entry without text; it stays in the body")
		return false
	}
	return p.event(m, written, balanced(text[:n], text[n:], rest), kind, line)
}

// balanced puts an emphasis mark back that was opened before the time and is closed after it: "**14:54 outage begins**".
func balanced(head, tail, rest string) string {
	for _, mark := range []string{"**", "__", "`"} {
		if strings.Count(head, mark)%2 == 1 && !strings.HasPrefix(strings.TrimLeft(tail, ":]) "), mark) && strings.Count(rest, mark)%2 == 1 {
			return mark + rest
		}
	}
	return rest
}

var kindMark = regexp.MustCompile(`^\((signal|interpretation|decision|action|communication)\)\s*`)

func cutKind(text string) (vocab.EventKind, string) {
	if m := kindMark.FindStringSubmatch(text); m != nil {
		return vocab.EventKind(m[1]), text[len(m[0]):]
	}
	return "", text
}

// timelineParagraph reads a paragraph whose lines start with times, or one that sets the day or the zone.
func (p *parser) timelineParagraph(b block) {
	type entry struct {
		m        *moment
		n        int
		from, to int
	}
	var entries []entry
	for i := b.from; i < b.to; i++ {
		if m, n := readMoment(p.line(i)); m != nil && (m.hasTime || m.hasDay()) {
			entries = append(entries, entry{m: m, n: n, from: i, to: b.to})
			if k := len(entries); k > 1 {
				entries[k-2].to = i
			}
		}
	}
	for _, e := range entries {
		text := p.raw(e.from, e.to)
		rest := strings.Trim(leftover(text, min(e.n, len(text))), " *_`()[].:")
		if !e.m.hasTime && (rest == "" || findZone(text) != nil) {
			p.context(e.m, e.from)
			continue
		}
		text = strings.TrimRight(text, "\\ ")
		if m, n := readMoment(text); m != nil && p.textEvent(m, n, text, e.from) {
			p.claim(e.from, e.to)
		}
	}
	if len(entries) == 0 && findZone(p.raw(b.from, b.to)) == nil {
		p.notes.add(b.from, "text within the timeline without a time; it stays in the body")
	}
}

// columns says which column of a timeline table holds what; -1 where there is none.
type columns struct{ date, time, kind, text int }

func timelineColumns(head []string) columns {
	c := columns{-1, -1, -1, -1}
	for i, h := range head {
		name, _ := plain(h)
		switch name = normalName(parenthetic.ReplaceAllString(name, " ")); {
		case name == "date" || name == "day":
			c.date = i
		case c.time < 0 && (strings.Contains(name, "time") || name == "when" || name == "utc" || name == "at" || name == "clock" || name == "date and hour"):
			c.time = i
		case name == "kind" || name == "type":
			c.kind = i
		case c.text < 0 && (strings.Contains(name, "event") || strings.Contains(name, "description") || name == "what" || name == "what happened" || name == "action" || name == "details" || name == "note" || name == "notes" || name == "activity" || name == "message"):
			c.text = i
		}
	}
	if c.time < 0 {
		c.time, c.date = c.date, -1
	}
	return c
}

func (p *parser) timelineTable(b block) {
	head, rows := p.table(b.node)
	cols := timelineColumns(head)
	if cols.time < 0 && len(rows) > 0 && len(head) > 1 {
		if m, _ := readMoment(rows[0].cells[0]); m != nil {
			cols.time = 0
		}
	}
	if cols.time < 0 {
		p.notes.add(b.from, "a table within the timeline without a column of times; it stays in the body")
		return
	}
	var header *zone
	if z := findZone(head[cols.time]); z != nil {
		header = z
	}
	p.tableRows(b, rows, func(r row) bool { return p.timelineRow(r, head, cols, header) })
}

func (p *parser) timelineRow(r row, head []string, cols columns, header *zone) bool {
	written := r.cells[cols.time]
	if cols.date >= 0 {
		written = strings.TrimSpace(r.cells[cols.date] + " " + written)
	}
	m, n := readMoment(written)
	if written == "" && p.cal.last != nil {
		m, n = &moment{blurred: true, hasTime: true, approximate: true}, 0
	}
	if m == nil {
		p.notes.add(r.line, "the time %q cannot be read; the row stays in the body", written)
		return false
	}
	if m.zone == nil {
		m.zone = header
	}
	kind, text := p.rowText(r, head, cols)
	if left := strings.TrimSpace(leftover(written, n)); left != "" {
		text = strings.TrimSpace(left + " " + text)
	}
	if text == "" {
		p.notes.add(r.line, "a row without text; it stays in the body")
		return false
	}
	return p.event(m, written, text, kind, r.line)
}

// rowText joins the other columns: the event first, then each with its head.
func (p *parser) rowText(r row, head []string, cols columns) (vocab.EventKind, string) {
	kind, parts := vocab.EventKind(""), []string{}
	text := cols.text
	for i, cell := range r.cells {
		if text < 0 && i != cols.time && i != cols.date && i != cols.kind {
			text = i
		}
		if i == cols.kind {
			if kind = vocab.EventKind(strings.ToLower(cell)); !oneOf(string(kind), kind.Values()) {
				kind = ""
			}
		}
	}
	if text >= 0 && text < len(r.cells) && r.cells[text] != "" {
		parts = append(parts, r.cells[text])
	}
	for i, cell := range r.cells {
		if cell == "" || i == cols.time || i == cols.date || i == text || i == cols.kind && kind != "" {
			continue
		}
		parts = append(parts, "("+strings.TrimSpace(head[i])+": "+cell+")")
	}
	return kind, strings.Join(parts, " ")
}

func oneOf(word string, words []string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// windowMarks are the words by which timelines mark the span of an incident.
var windowMarks = []struct {
	words *regexp.Regexp
	set   func(*Window) **time.Time
}{
	{regexp.MustCompile(`(?i)\b(?:outage|incident|impact) (?:begins|began|starts|started)\b|\((?:problem|issue) started\)`), func(w *Window) **time.Time { return &w.ImpactStart }},
	{regexp.MustCompile(`(?i)\b(?:outage|incident|impact) (?:ends|ended|is over)\b|\((?:resolved|problem resolved|issue resolved)\)`), func(w *Window) **time.Time { return &w.ImpactEnd }},
}

// window completes the span from entries that mark its ends in so many words.
func (d *Draft) window() {
	for _, mark := range windowMarks {
		target := mark.set(&d.Window)
		for _, e := range d.Events {
			if *target == nil && mark.words.MatchString(strings.NewReplacer("*", "", "_", "").Replace(e.Text)) {
				at := e.At
				*target = &at
			}
		}
	}
}
