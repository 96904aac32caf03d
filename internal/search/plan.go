package search

import (
	"math"
	"sort"
	"strings"
)

// queryTerm is one term that adds to scores. Expansions (prefixes, synonyms) have position -1.
type queryTerm struct {
	key      string
	term     uint32 // number in the index, when known
	known    bool
	weight   float32
	idf      float32
	position int
}

// plan is a query made ready for one state of the index.
type plan struct {
	terms      []queryTerm
	required   [][]uint32 // phrases as terms
	impossible bool       // something required is unknown
	excluded   [][]uint32
	filters    []fieldFilter
	words      int    // positions of plain words
	text       string // the words, for trigrams
	sums       sums
	exact      []uint32
	suggestion *Suggestion
	totals     averages
}

// sums over the query's words, from all terms a cursor holds, also those that are gone since.
type sums struct {
	weight float32
	idf    float32 // of plain words
}

func sumsOf(terms []queryTerm) (s sums) {
	for _, t := range terms {
		s.weight += t.weight
		if t.position >= 0 {
			s.idf += t.idf
		}
	}
	return s
}

type fieldFilter struct {
	name    string
	values  []string
	exclude bool
}

// averages are what BM25F needs of the collection.
type averages struct {
	docs        float64
	title, body float64
}

func (t totals) averages() averages {
	n := math.Max(1, float64(t.docs))
	return averages{float64(t.docs), math.Max(1, float64(t.title)/n), math.Max(1, float64(t.body)/n)}
}

// Bounds on the work of one query: terms that score, and unknown words that are looked up by edit
// distance, each of which may take two milliseconds.
const (
	maxTerms       = 96
	maxCorrections = 8
)

// idf is that of BM25 with one added under the logarithm, which keeps it positive.
func idf(docs float64, df uint32) float32 {
	return float32(math.Log(1 + (docs-float64(df)+0.5)/(float64(df)+0.5)))
}

// planner turns clauses into a plan for one viewer.
type planner struct {
	e        *Engine
	x        *index
	viewer   bitset // documents the viewer may read
	onlyOpen bool   // whether those are the open documents and no others
	literal  bool
	plan     plan
	before   []string
	after    []string
	fixed    bool
	tried    int
}

func (p *planner) build(query string) *plan {
	p.plan.totals = p.x.totals.averages()
	clauses := Parse(query)
	var text strings.Builder
	for _, c := range clauses {
		typed, used := c.Text, c.Text
		switch {
		case c.Kind == Field && p.filter(c):
			typed, used = c.raw, c.raw
		case c.Kind == Field && c.Exclude:
			typed, used = c.raw, c.raw
			p.exclude(c.Text)
		case c.Kind == Field:
			typed, used = c.raw, p.plainWords(c.raw, &text)
		case c.Exclude:
			if c.Kind == Prefix {
				p.prefix(c.Text, true)
			} else {
				p.exclude(c.Text)
			}
			typed, used = "-"+typed, "-"+used
		case c.Kind == Phrase:
			p.phrase(c.Text)
			p.wordsOf(c.Text, &text, false)
			typed, used = `"`+typed+`"`, `"`+used+`"`
		case c.Kind == Prefix:
			p.prefix(c.Text, false)
			typed, used = typed+"*", used+"*"
		default:
			used = p.plainWords(c.Text, &text)
		}
		if typed != "" {
			p.before = append(p.before, typed)
			p.after = append(p.after, used)
		}
	}
	p.plan.text = text.String()
	p.synonyms()
	p.limit()
	if p.fixed {
		p.plan.suggestion = &Suggestion{strings.Join(p.after, " "), strings.Join(p.before, " ")}
	}
	p.exact(query)
	return &p.plan
}

// plainWords adds the words of a text and gives the text back with corrections put in.
func (p *planner) plainWords(text string, all *strings.Builder) string {
	return p.wordsOf(text, all, !p.literal)
}

func (p *planner) wordsOf(text string, all *strings.Builder, correct bool) string {
	var used strings.Builder
	done := 0
	tokens(text, func(t token) {
		form := string(t.text)
		if correct && !t.part && !t.whole && p.tried < maxCorrections && p.correctable(t.text) {
			p.tried++
			if better, ok := p.correct(t.text); ok {
				used.WriteString(text[done:t.start])
				used.WriteString(better)
				done = t.end
				form = better
				p.fixed = true
			}
		}
		all.WriteString(form)
		all.WriteByte(' ')
		if classOf([]byte(form)) != stop {
			p.add(stem([]byte(form)), 1, p.plan.words)
			p.plan.words++
		}
	})
	used.WriteString(text[done:])
	return used.String()
}

// add puts a term into the plan; one that is there already gains weight.
func (p *planner) add(key string, weight float32, position int) {
	for i := range p.plan.terms {
		if t := &p.plan.terms[i]; t.key == key {
			if t.position < 0 && position >= 0 {
				t.weight, t.position = weight, position
			} else if position >= 0 {
				t.weight += weight
			}
			return
		}
	}
	q := queryTerm{key: key, weight: weight, position: position}
	// A term that no visible document has any more is as unknown as one that was never seen.
	if n, ok := p.x.terms.find([]byte(key)); ok && p.occurs(n) {
		q.term, q.known = n, true
		q.idf = idf(p.plan.totals.docs, p.x.lists[n].df)
	}
	p.plan.terms = append(p.plan.terms, q)
}

// limit keeps the rarest terms of a very long query.
func (p *planner) limit() {
	kept := p.plan.terms[:0]
	for _, t := range p.plan.terms {
		if t.known {
			kept = append(kept, t)
		}
	}
	if len(kept) > maxTerms {
		kept = rarest(kept, maxTerms)
	}
	p.plan.terms = kept
	p.plan.sums = sumsOf(kept)
}

func rarest(terms []queryTerm, n int) []queryTerm {
	sorted := append([]queryTerm(nil), terms...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].weight*sorted[i].idf > sorted[j].weight*sorted[j].idf })
	return sorted[:n]
}

// sequence gives the terms of a text in order; ok is false when one was never indexed. It is empty
// for function words alone, which only a look at every document could find.
func (p *planner) sequence(text string) (terms []uint32, ok bool) {
	ok = true
	topical := false
	tokens(text, func(t token) {
		n, found := p.x.terms.find([]byte(stem(t.text)))
		ok = ok && found
		topical = topical || classOf(t.text) != stop
		terms = append(terms, n)
	})
	if !topical {
		return nil, true
	}
	return terms, ok
}

func (p *planner) phrase(text string) {
	terms, ok := p.sequence(text)
	switch {
	case !ok:
		p.plan.impossible = true
	case len(terms) > 0:
		p.plan.required = append(p.plan.required, terms)
	}
}

func (p *planner) exclude(text string) {
	if terms, ok := p.sequence(text); ok && len(terms) > 0 {
		p.plan.excluded = append(p.plan.excluded, terms)
	}
}

// filter takes field:value as a filter when the viewer can know such a value, and says so.
func (p *planner) filter(c Clause) bool {
	n, ok := p.x.fieldByKey[c.Name]
	if !ok {
		return false
	}
	var values []string
	f := p.x.fields[n]
	for v := range f.docs {
		if s := f.values.str(uint32(v)); strings.EqualFold(s, c.Text) && p.anyVisible(f.docs[v]) {
			values = append(values, s)
		}
	}
	if len(values) == 0 {
		return false
	}
	p.plan.filters = append(p.plan.filters, fieldFilter{c.Name, values, c.Exclude})
	return true
}

// exact finds the documents that the query names by id or key, whole or in one of its words.
func (p *planner) exact(query string) {
	for _, w := range append(strings.Fields(query), strings.TrimSpace(query)) {
		w = strings.Trim(w, `"'.,;:()[]`)
		if w == "" {
			continue
		}
		for _, spelling := range []string{w, strings.ToUpper(w)} {
			if n, ok := p.x.ids.find([]byte(spelling)); ok {
				p.named(n)
			}
		}
		if k, ok := p.x.keys.find([]byte(normalKey(w))); ok {
			for _, n := range p.x.keyOwners[k] {
				if p.x.hasKey(n, k) {
					p.named(n)
				}
			}
		}
	}
}

func (p *planner) named(id uint32) {
	doc := p.x.current[id]
	if doc == 0 || !p.viewer.has(doc-1) {
		return
	}
	for _, d := range p.plan.exact {
		if d == doc-1 {
			return
		}
	}
	p.plan.exact = append(p.plan.exact, doc-1)
}

// hasKey says whether the live document of the id has the key now.
func (x *index) hasKey(id, key uint32) bool {
	if x.current[id] == 0 {
		return false
	}
	var r record
	r.decode(x.records.at(x.offsets[x.current[id]-1]))
	for _, k := range r.keys {
		if k == key {
			return true
		}
	}
	return false
}
