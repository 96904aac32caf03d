package search

import (
	"context"
	"fmt"
	"strings"
)

// SuggestRequest asks for completions of what was typed so far.
type SuggestRequest struct {
	Text   string
	Kinds  []string // of the titles; empty is all
	Viewer Viewer
	Limit  int // at most MaxSuggestions
}

// MaxSuggestions of one answer.
const MaxSuggestions = 20

// Completion is a title of a record (ID set) or a text with its last word completed.
type Completion struct {
	Text string
	ID   string
	Kind string // of the record; empty for a term
}

// Suggest answers titles that contain all words typed, the last one as a beginning, and then
// completions of the last word. Errors are those of the TextLoader and context.
func (e *Engine) Suggest(ctx context.Context, r SuggestRequest) ([]Completion, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	limit := r.Limit
	if limit <= 0 || limit > MaxSuggestions {
		limit = MaxSuggestions / 2
	}
	titles, terms := e.suggest(r, limit)
	items := make([]Completion, 0, limit)
	if len(titles) > 0 && e.texts != nil {
		ids := make([]string, len(titles))
		for i, h := range titles {
			ids[i] = h.ID
		}
		texts, err := e.texts(ctx, ids)
		if err != nil {
			return nil, fmt.Errorf("loading the titles of the suggestions: %w", err)
		}
		seen := map[string]bool{}
		// At least a third of the places is left for terms.
		for _, h := range titles {
			t, ok := texts[h.ID]
			if ok && !seen[t.Title] && len(items) < limit-min(len(terms), limit/3) {
				seen[t.Title] = true
				items = append(items, Completion{Text: t.Title, ID: h.ID, Kind: h.Kind})
			}
		}
	}
	for _, t := range terms {
		if len(items) < limit {
			items = append(items, Completion{Text: t})
		}
	}
	return items, nil
}

// suggest finds the documents and the completed texts.
func (e *Engine) suggest(r SuggestRequest, limit int) (titles []Hit, terms []string) {
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	e.mu.RLock()
	defer e.mu.RUnlock()
	x := e.index
	var forms []string
	last := 0
	tokens(r.Text, func(t token) {
		if !t.whole {
			forms = append(forms, string(t.text))
			last = t.start
		}
	})
	if len(forms) == 0 {
		return nil, nil
	}
	s.viewer = x.visible(r.Viewer, s.viewer)
	if len(r.Kinds) > 0 {
		x.filter(s.viewer, fieldFilter{name: typeField, values: r.Kinds})
	}
	p := planner{e: e, x: x, viewer: s.viewer, onlyOpen: !r.Viewer.All && r.Viewer.Team == ""}
	p.plan.totals = x.totals.averages()
	ends := strings.TrimRight(r.Text, " \t") != r.Text
	begun := forms[len(forms)-1]
	words := p.completions([]byte(begun), maxCompletions)
	if !ends {
		for _, w := range words[:min(len(words), limit)] {
			if form := x.words.str(w); form != begun {
				terms = append(terms, r.Text[:last]+form)
			}
		}
	}
	return x.titlesWith(s, forms[:len(forms)-1], words, limit), terms
}

// titlesWith finds the documents whose title has all the words and one of the last ones, short
// titles first.
func (x *index) titlesWith(s *scratch, words []string, last []uint32, limit int) []Hit {
	s.allowed = append(s.allowed[:0], s.viewer...)
	keep := func(terms []uint32) {
		has := make(bitset, len(s.allowed))
		for _, t := range terms {
			x.postings.each(x.lists[t], func(doc uint32, tf byte) bool {
				if tf > maxBodyTF {
					has[doc>>6] |= 1 << (doc & 63)
				}
				return true
			})
		}
		for i := range s.allowed {
			s.allowed[i] &= has[i]
		}
	}
	for _, w := range words {
		if classOf([]byte(w)) == stop {
			continue
		}
		t, ok := x.terms.find([]byte(stem([]byte(w))))
		if !ok {
			return nil
		}
		keep([]uint32{t})
	}
	var lasts []uint32
	for _, w := range last {
		lasts = append(lasts, x.wordTerm[w])
	}
	keep(lasts)
	h := &best{x: x, n: limit}
	s.allowed.each(func(doc uint32) bool {
		title, _ := unpackLengths(x.lengths[doc])
		h.offer(candidate{doc, 1 / float32(1+title)})
		return true
	})
	hits := []Hit{}
	for _, c := range h.sorted() {
		hits = append(hits, x.hit(c.doc, 0))
	}
	return hits
}
