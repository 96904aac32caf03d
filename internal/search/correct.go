package search

import (
	"math"
	"unicode/utf8"
)

const (
	shortestCorrected = 4 // letters
	twoEditsFrom      = 8 // letters
)

// correctable says whether a query word may be a slip: a word of some length that nothing the
// viewer may read contains, and that is no synonym.
func (p *planner) correctable(form []byte) bool {
	if classOf(form) != plain || utf8.RuneCount(form) < shortestCorrected {
		return false
	}
	key := stem(form)
	if p.e.synonyms.known[key] {
		return false
	}
	n, ok := p.x.terms.find([]byte(key))
	return !ok || !p.occurs(n)
}

// correct finds the one word of open documents that was most likely meant: frequent, few edits
// away, and beginning with the same letter.
func (p *planner) correct(form []byte) (string, bool) {
	distance := 1
	if utf8.RuneCount(form) >= twoEditsFrom {
		distance = 2
	}
	best, found, chosen := math.Inf(-1), false, uint32(0)
	p.e.vocab.near(p.x.words, p.e.spelling, string(form), distance, func(n uint32, d int) {
		df := p.x.wordDF[n]
		if df == 0 {
			return
		}
		w := p.x.words.at(n)
		score := math.Log(1+float64(df)) - 4*float64(d)
		if w[0] != form[0] {
			score -= 2
		}
		if score > best || score == best && string(w) < string(p.x.words.at(chosen)) {
			best, found, chosen = score, true, n
		}
	})
	if !found {
		return "", false
	}
	return p.x.words.str(chosen), true
}
