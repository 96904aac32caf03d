package postmortem

import (
	"regexp"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// labelLine is a line that starts with a label: "**Status**: draft", "- Severity: 2", "Authors: …".
var labelLine = regexp.MustCompile(`^\s*(?:[-*+]\s+)?[*_]{0,2}([A-Za-z][^:*_|\n]{0,40}?)\s*[*_]{0,2}\s*:[*_]{0,2}(?:\s+(.*))?$`)

// details reads the labelled values before the first section, and those of sections that hold nothing else.
func (p *parser) details(sections []*section) {
	for _, s := range sections {
		if s.line >= 0 && s.field != fieldTitle && s.field != fieldDetails {
			continue
		}
		for _, b := range s.blocks {
			switch n := b.node.(type) {
			case *ast.Paragraph:
				p.labelLines(b.from, b.to)
			case *ast.List:
				for _, it := range p.items(n, b.from, b.to) {
					p.labelLines(it.from, it.to)
				}
			default:
				if n.Kind().String() == "Table" {
					p.labelTable(b)
				}
			}
		}
		if s.field == fieldDetails {
			p.head(s, p.anyClaimed(s.from, s.to))
		}
	}
}

// labelLines reads lines that start with a known label; a value runs to the next label.
func (p *parser) labelLines(from, to int) {
	for i := from; i < to; {
		next := i + 1
		m := labelLine.FindStringSubmatch(p.line(i))
		if m == nil {
			i = next
			continue
		}
		for next < to && labelLine.FindStringSubmatch(p.line(next)) == nil && !p.blank(next) {
			next++
		}
		value := strings.TrimSpace(strings.Join(append([]string{m[2]}, p.rawLines(i+1, next)...), "\n"))
		if value = strings.TrimRight(value, "\\ "); value != "" && p.label(m[1], value, i) {
			p.claim(i, next)
		}
		i = next
	}
}

func (p *parser) rawLines(from, to int) []string {
	var out []string
	for i := from; i < to; i++ {
		out = append(out, p.line(i))
	}
	return out
}

// labelTable reads a table of two columns, a label and a value each row.
func (p *parser) labelTable(b block) {
	head, rows := p.table(b.node)
	if len(head) != 2 {
		return
	}
	all := strings.TrimSpace(head[0]+head[1]) == "" || p.cellLabel(head, b.from)
	for _, r := range rows {
		if len(r.cells) == 2 && p.cellLabel(r.cells, r.line) {
			p.claim(r.line, r.line+1)
			continue
		}
		all = false
	}
	if all && len(rows) > 0 {
		p.claim(b.from, rows[0].line)
	}
}

func (p *parser) cellLabel(cells []string, line int) bool {
	name, exact := plain(cells[0])
	return exact && cells[1] != "" && p.label(strings.TrimSuffix(name, ":"), cells[1], line)
}

// label sets the field a label stands for. It reports false when there is none, or the value does not fit.
func (p *parser) label(name, value string, line int) bool {
	f, whole := classify(name)
	if f == "" || f == fieldTimeline || f == fieldLessons || f == fieldLinks || f == fieldDetails {
		return false
	}
	text, exact := plain(value)
	ok := exact && whole
	switch f {
	case fieldActions:
		return false
	case fieldFactors:
		p.addFactor(factorCategory(name), value, line)
		ok = whole
	case fieldSummary, fieldImpact, fieldWell, fieldPoorly, fieldLucky:
		target := p.proseField(f)
		*target = strings.TrimSpace(*target + "\n\n" + value)
		ok = whole
	default:
		ok = p.value(f, normalName(name), text, line) && ok
	}
	p.mapped(line, name, f)
	return ok
}

// value sets a field of one value.
func (p *parser) value(f field, name, text string, line int) bool {
	switch f {
	case fieldTitle:
		title, cut := clip(text, fault.MaxTitle)
		if p.d.Title == "" || p.d.Title == title {
			p.d.Title = title
			return !cut
		}
		return false
	case fieldStatus:
		return once(&p.d.Status, text)
	case fieldSeverity:
		return once(&p.d.Severity, text)
	case fieldDate:
		return p.date(text, line)
	case fieldTags:
		p.d.Tags = append(p.d.Tags, words(text)...)
		return strings.ToLower(text) == text
	case fieldComponents:
		p.d.Components = append(p.d.Components, list(text)...)
		return true
	case fieldPeople:
		p.addPeople(name, text)
		return true
	case fieldImpactStart:
		return p.windowTime(&p.d.Window.ImpactStart, text, line)
	case fieldImpactEnd:
		return p.windowTime(&p.d.Window.ImpactEnd, text, line)
	case fieldDetectedAt:
		return p.windowTime(&p.d.Window.DetectedAt, text, line)
	}
	return false
}

// once sets a value the first time; a later one stays in the body.
func once(target *string, text string) bool {
	if *target != "" {
		return false
	}
	*target = text
	return true
}

func (p *parser) date(text string, line int) bool {
	m, n := readMoment(text)
	if m == nil || !m.hasDay() || m.year == 0 || p.d.Date != "" {
		p.notes.add(line, "the date %q cannot be read, or another one came before it", text)
		return false
	}
	p.d.Date = civil(m.year, m.month, m.day).Format(time.DateOnly)
	return !m.hasTime && strings.TrimSpace(text[n:]) == "" && strings.TrimSpace(text) == p.d.Date
}

// windowTime reads one end of the span. Words beside the time keep the line in the body.
func (p *parser) windowTime(target **time.Time, text string, line int) bool {
	m, n := readMoment(text)
	if m == nil || *target != nil {
		p.notes.add(line, "the time %q cannot be read, or another one came before it", text)
		return false
	}
	cal := &calendar{notes: p.notes, fallback: p.opts.Zone, day: p.cal.day, dayFrom: p.cal.dayFrom, year: p.cal.year, yearFrom: p.cal.yearFrom, lastZone: p.cal.lastZone}
	if day, err := time.Parse(time.DateOnly, p.d.Date); err == nil && cal.day.IsZero() {
		cal.day, cal.dayFrom = day, "the date stated"
	}
	at, approximate, ok := cal.place(m, line)
	if !ok {
		return false
	}
	*target = &at
	p.mapped(line, text, "window")
	if approximate {
		p.notes.add(line, "the time %q is approximate", text)
	}
	return !approximate && strings.TrimSpace(text[n:]) == ""
}

// list cuts "a, b and c" at its commas.
func list(text string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func words(text string) []string { return list(strings.ToLower(text)) }

func (p *parser) addPeople(role, text string) {
	for _, name := range list(text) {
		p.d.People = append(p.d.People, Person{Role: role, Text: name})
	}
}

// people reads a section that names who took part.
func (p *parser) people(s *section) {
	before := len(p.d.People)
	role := strings.ToLower(s.title)
	for _, b := range s.blocks {
		switch n := b.node.(type) {
		case *ast.List:
			for _, it := range p.items(n, b.from, b.to) {
				p.person(role, p.content(it), it.from, it.to)
			}
		case *ast.Paragraph:
			p.person(role, p.raw(b.from, b.to), b.from, b.to)
		}
	}
	if s.own {
		p.head(s, len(p.d.People) > before)
	}
}

func (p *parser) person(role, raw string, from, to int) {
	text, exact := plain(raw)
	if head, rest, ok := strings.Cut(text, ": "); ok && len(head) < 40 {
		role, text = strings.ToLower(head), rest
	}
	p.addPeople(role, text)
	if exact {
		p.claim(from, to)
	}
}

// valueSection reads a heading with one value under it, such as a section "Severity".
func (p *parser) valueSection(s *section) {
	for _, b := range s.blocks {
		if p.blank(b.from) {
			continue
		}
		var ok bool
		switch n := b.node.(type) {
		case *ast.Paragraph:
			text, exact := plain(p.raw(b.from, b.to))
			ok = p.value(s.field, normalName(s.title), text, b.from) && exact
		case *ast.List:
			ok = true
			for _, it := range p.items(n, b.from, b.to) {
				text, exact := plain(p.content(it))
				ok = p.value(s.field, normalName(s.title), text, it.from) && exact && ok
			}
		}
		if ok {
			p.claim(b.from, b.to)
		}
	}
	p.head(s, p.anyClaimed(s.from, s.to))
}
