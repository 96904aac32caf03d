package search

import (
	"context"
	"html"
	"sort"
	"strings"
	"unicode/utf8"
)

const (
	snippetBytes  = 240
	scanBytes     = 64 << 10 // of a body; matches behind are found but not shown
	maxHighlights = 100      // for each hit
)

// match is a word of a text that the query asked for.
type match struct {
	start, end int
	mass       float32
}

// marker finds matches in texts. It remembers what it stemmed, since texts repeat words.
type marker struct {
	mass  map[string]float32 // by term
	forms map[string]float32 // by surface form; 0 is no match
}

// highlightTerms remembers what to mark before the lock is released.
func (q *query) highlightTerms() {
	q.marker = &marker{mass: map[string]float32{}, forms: map[string]float32{}}
	for _, t := range q.plan.terms {
		q.marker.mass[t.key] = t.weight * t.idf
	}
}

func (m *marker) find(text string) []match {
	var found []match
	tokens(text, func(t token) {
		mass, ok := m.forms[string(t.text)]
		if !ok {
			if classOf(t.text) != stop {
				mass = m.mass[stem(t.text)]
			}
			m.forms[string(t.text)] = mass
		}
		if mass <= 0 {
			return
		}
		if n := len(found); n > 0 && t.start < found[n-1].end { // a part of the compound before
			found[n-1].mass += mass
			return
		}
		found = append(found, match{t.start, t.end, mass})
	})
	return found
}

// addTexts fills in titles, snippets and highlights. Hits whose text is gone are dropped.
func (e *Engine) addTexts(ctx context.Context, q *query) error {
	ids := make([]string, len(q.result.Hits))
	for i, h := range q.result.Hits {
		ids[i] = h.ID
	}
	texts, err := e.texts(ctx, ids)
	if err != nil {
		return err
	}
	kept := q.result.Hits[:0]
	for _, h := range q.result.Hits {
		t, ok := texts[h.ID]
		if !ok {
			continue
		}
		q.marker.describe(&h, t)
		kept = append(kept, h)
	}
	q.result.Hits = kept
	return nil
}

func (m *marker) describe(h *Hit, t Text) {
	h.Title = t.Title
	body := strings.ToValidUTF8(t.Body, "\uFFFD")
	title := m.find(t.Title)
	found := m.find(cutText(body, scanBytes))
	from, to := snippetWindow(body, found)
	h.Snippet = renderSnippet(body, found, from, to)
	h.Highlights = appendHighlights(nil, "title", t.Title, title)
	if body == t.Body {
		h.Highlights = appendHighlights(h.Highlights, "body", body, found)
	}
}

// cutText keeps whole code points.
func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// appendHighlights counts offsets in code points.
func appendHighlights(to []Highlight, field, text string, found []match) []Highlight {
	at, runes := 0, 0
	for _, f := range found {
		if len(to) == maxHighlights {
			break
		}
		runes += utf8.RuneCountInString(text[at:f.start])
		length := utf8.RuneCountInString(text[f.start:f.end])
		to = append(to, Highlight{field, runes, runes + length})
		runes += length
		at = f.end
	}
	return to
}

// snippetWindow is the part of the text with the most mass of matches, the first one of equals.
// A word that occurs again counts a quarter, so that different words win over one repeated.
func snippetWindow(text string, found []match) (from, to int) {
	start, best := 0, float32(-1)
	for i := range found {
		var mass float32
		seen := map[string]bool{}
		for _, f := range found[i:] {
			if f.end > found[i].start+snippetBytes*3/4 {
				break
			}
			word := strings.ToLower(text[f.start:f.end])
			if seen[word] {
				mass += f.mass / 4
			} else {
				mass += f.mass
			}
			seen[word] = true
		}
		if mass > best*1.0001 {
			start, best = found[i].start, mass
		}
	}
	from = wordStart(text, max(0, start-snippetBytes/5))
	to = min(len(text), from+snippetBytes)
	if to < len(text) {
		if n := strings.LastIndexAny(text[from:to], " \t\r\n"); n > snippetBytes/2 {
			to = from + n
		}
		to = from + len(cutText(text[from:], to-from))
	}
	return from, to
}

// wordStart moves i forward behind the next blank, unless that is far.
func wordStart(text string, i int) int {
	if i == 0 {
		return 0
	}
	for i < len(text) && !utf8.RuneStart(text[i]) {
		i++
	}
	if n := strings.IndexAny(text[i:], " \t\r\n"); n >= 0 && n < 24 {
		return i + n + 1
	}
	return i
}

// renderSnippet is safe HTML: the text escaped, blanks run together, matches in <mark>.
func renderSnippet(text string, found []match, from, to int) string {
	var b strings.Builder
	if from > 0 {
		b.WriteString("…")
	}
	at := from
	first := sort.Search(len(found), func(i int) bool { return found[i].start >= from })
	for _, f := range found[first:] {
		if f.end > to {
			break
		}
		b.WriteString(html.EscapeString(squeeze(text[at:f.start])))
		b.WriteString("<mark>")
		b.WriteString(html.EscapeString(text[f.start:f.end]))
		b.WriteString("</mark>")
		at = f.end
	}
	b.WriteString(html.EscapeString(squeeze(text[at:to])))
	if to < len(text) {
		b.WriteString("…")
	}
	return b.String()
}

// squeeze makes every run of blanks one space.
func squeeze(s string) string {
	fields := strings.Fields(s)
	out := strings.Join(fields, " ")
	if s != "" && len(fields) == 0 {
		return " "
	}
	if s != "" && isBlank(s[0]) {
		out = " " + out
	}
	if s != "" && isBlank(s[len(s)-1]) {
		out += " "
	}
	return out
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
