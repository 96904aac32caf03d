package search

import "sort"

// maxCompletions bounds the words that one beginning stands for.
const maxCompletions = 64

// completions are the forms with the beginning that the viewer may know of, most frequent first.
// Function words are left out.
func (p *planner) completions(beginning []byte, n int) []uint32 {
	var found []uint32
	p.e.vocab.starting(p.x.words, beginning, func(w uint32) {
		if p.x.wordStop[w] {
			return
		}
		if p.x.wordDF[w] > 0 || !p.onlyOpen && p.written(w) {
			found = append(found, w)
		}
	})
	sort.Slice(found, func(i, j int) bool {
		a, b := found[i], found[j]
		if p.x.wordDF[a] != p.x.wordDF[b] {
			return p.x.wordDF[a] > p.x.wordDF[b]
		}
		return string(p.x.words.at(a)) < string(p.x.words.at(b))
	})
	return found[:min(len(found), n)]
}

// written says whether a document that the viewer may read has this very form of the word.
func (p *planner) written(w uint32) bool {
	found := false
	var r record
	p.x.postings.each(p.x.lists[p.x.wordTerm[w]], func(doc uint32, _ byte) bool {
		if p.viewer.has(doc) {
			r.decodeText(p.x.records.at(p.x.offsets[doc]))
			found = contains(r.title, w) || contains(r.body, w)
		}
		return !found
	})
	return found
}

// prefix adds every completion of the last word of text; words before it are plain words.
func (p *planner) prefix(text string, exclude bool) {
	var forms []string
	tokens(text, func(t token) {
		if !t.whole {
			forms = append(forms, string(t.text))
		}
	})
	if len(forms) == 0 {
		return
	}
	last := len(forms) - 1
	words := p.completions([]byte(forms[last]), maxCompletions)
	if exclude {
		for _, w := range words {
			p.plan.excluded = append(p.plan.excluded, []uint32{p.x.wordTerm[w]})
		}
		return
	}
	for _, f := range forms[:last] {
		if classOf([]byte(f)) != stop {
			p.add(stem([]byte(f)), 1, p.plan.words)
			p.plan.words++
		}
	}
	var df uint32
	counted := map[uint32]bool{}
	for _, w := range words {
		if t := p.x.wordTerm[w]; !counted[t] {
			counted[t] = true
			df += p.x.lists[t].df
		}
	}
	together := idf(p.plan.totals.docs, min(df, uint32(p.plan.totals.docs)))
	for _, w := range words {
		key := p.x.terms.str(p.x.wordTerm[w])
		before := len(p.plan.terms)
		p.add(key, 1, -1)
		if len(p.plan.terms) > before { // completions share the rarity of the beginning
			p.plan.terms[before].idf = together
		}
	}
}
