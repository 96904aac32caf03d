package postmortem

import "strings"

// body gathers every line that is in no field, in order, under the headings it stood under.
func (p *parser) body(sections []*section, limit int) {
	var out []string
	shown := map[*section]bool{}
	emit := func(text string) {
		text = strings.Trim(text, "\n")
		if n := len(out); n > 0 && tableRow(text) && tableRow(lastLine(out[n-1])) {
			out[n-1] += "\n" + text
		} else if strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	for i := 0; i < limit; {
		if p.claimed[i] || p.blank(i) {
			i++
			continue
		}
		from := i
		s := sectionAt(sections, i)
		for i < limit && (p.blank(i) || !p.claimed[i]) && sectionAt(sections, i) == s {
			i++
		}
		p.headingsAround(s, from, shown, emit)
		emit(p.raw(from, i))
		p.unknown(s)
	}
	if limit < p.lines() {
		emit(p.raw(limit+1, p.lines()))
	}
	p.d.Body = strings.Join(out, "\n\n")
}

// headingsAround emits the headings around a section that no earlier part of the body showed.
func (p *parser) headingsAround(s *section, from int, shown map[*section]bool, emit func(string)) {
	var chain []*section
	for ; s != nil && s.line >= 0; s = s.parent {
		chain = append(chain, s)
	}
	for i := len(chain) - 1; i >= 0; i-- {
		c := chain[i]
		if shown[c] {
			continue
		}
		shown[c] = true
		if c.field == fieldTitle && c.own && p.claimed[c.line] {
			continue
		}
		if from >= c.from && p.claimed[c.line] {
			emit(p.raw(c.line, c.from))
		}
	}
}

// tableRow reports whether a line looks like a row, which has to stand right under its table's head.
func tableRow(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "|") }

func lastLine(text string) string { return text[strings.LastIndexByte(text, '\n')+1:] }

// unknown notes once that a section has no field.
func (p *parser) unknown(s *section) {
	if s != nil && s.line >= 0 && s.field == "" {
		p.notes.add(s.line, "the section %q has no field; it stays in the body", s.title)
	}
}

// sectionAt is the section that holds a line, its heading included.
func sectionAt(sections []*section, line int) *section {
	lo, hi := 0, len(sections)
	for lo+1 < hi {
		mid := (lo + hi) / 2
		if sections[mid].line <= line {
			lo = mid
		} else {
			hi = mid
		}
	}
	return sections[lo]
}
