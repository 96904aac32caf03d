package search

import (
	"context"
	"sort"
	"strings"
)

// similarTerms of the document or text at hand are what similar items are looked for with.
const similarTerms = 60

// SimilarRequest asks for records like the one named or like a text.
type SimilarRequest struct {
	ID string // of a record; the ID is enough once the record is indexed
	// Title and Body are compared when there is no ID, or while its record is not indexed yet.
	Title  string
	Body   string
	Kinds  []string // of the answers; empty is all
	Filter map[string][]string
	Not    []string // ids that must not return, such as rejected pairs
	Viewer Viewer
	Limit  int
}

// SimilarItem is a record like the one asked for.
type SimilarItem struct {
	ID          string
	Kind        string
	Score       float64
	MatchedOn   []string // words in common, the weightiest first
	Explanation string
	Parts       []Part
}

// Similar answers the most similar records, best first; without a Title and Body none for an ID that
// does not exist or that the viewer may not read. Its only error is the context's.
func (e *Engine) Similar(ctx context.Context, r SimilarRequest) ([]SimilarItem, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	e.mu.RLock()
	defer e.mu.RUnlock()
	x := e.index
	s.viewer = x.visible(r.Viewer, s.viewer)
	var like source
	own := -1
	if n, ok := x.ids.find([]byte(r.ID)); ok && x.current[n] > 0 && s.viewer.has(x.current[n]-1) {
		own = int(x.current[n] - 1)
	}
	least := uint32(1)
	switch {
	case own >= 0:
		like = x.sourceOf(uint32(own))
		least = 2 // a term of one document is a term of its own
	case r.ID != "" && r.Title == "" && r.Body == "":
		return nil, nil
	default:
		like = source{formsOf(r.Title), formsOf(r.Body)}
	}
	q := &query{limit: r.Limit, plan: x.alike(like, least)}
	if q.limit <= 0 || q.limit > MaxLimit {
		q.limit = DefaultLimit / 2
	}
	q.request.Explain = true
	s.allowed = append(s.allowed[:0], s.viewer...)
	filters := requestFilters(r.Filter, nil)
	if len(r.Kinds) > 0 {
		filters = append(filters, fieldFilter{name: typeField, values: r.Kinds})
	}
	for _, f := range filters {
		x.filter(s.allowed, f)
	}
	if own >= 0 {
		s.allowed.clear(uint32(own))
	}
	for _, id := range r.Not {
		if n, ok := x.ids.find([]byte(id)); ok && x.current[n] > 0 {
			s.allowed.clear(x.current[n] - 1)
		}
	}
	return e.alike(s, q, like), nil
}

// source is what similar items are looked for with: surface forms of a record or a text.
type source struct{ title, body []string }

func formsOf(text string) (forms []string) {
	tokens(text, func(t token) { forms = append(forms, string(t.text)) })
	return forms
}

func (x *index) sourceOf(doc uint32) (s source) {
	var r record
	r.decodeText(x.records.at(x.offsets[doc]))
	for _, w := range r.title {
		s.title = append(s.title, x.words.str(w))
	}
	for _, w := range r.body {
		s.body = append(s.body, x.words.str(w))
	}
	return s
}

// terms counts the indexed terms and remembers how each was spelled first.
func (s source) terms() (tf map[string]float32, spelled map[string]string) {
	tf, spelled = map[string]float32{}, map[string]string{}
	for _, forms := range [][]string{s.title, s.body} {
		for _, f := range forms {
			if classOf([]byte(f)) == stop {
				continue
			}
			key := stem([]byte(f))
			if tf[key]++; tf[key] == 1 {
				spelled[key] = f
			}
		}
	}
	return tf, spelled
}

// alike makes a query of the source's best terms by tf-idf, of those that as many documents as least have.
func (x *index) alike(s source, least uint32) *plan {
	p := &plan{totals: x.totals.averages()}
	tf, _ := s.terms()
	for key, n := range tf {
		t, ok := x.terms.find([]byte(key))
		if !ok || x.lists[t].df < least {
			continue
		}
		p.terms = append(p.terms, queryTerm{
			key: key, term: t, known: true, position: -1, weight: n, idf: idf(p.totals.docs, x.lists[t].df),
		})
	}
	sort.Slice(p.terms, func(i, j int) bool {
		a, b := p.terms[i].weight*p.terms[i].idf, p.terms[j].weight*p.terms[j].idf
		if a != b {
			return a > b
		}
		return p.terms[i].key < p.terms[j].key
	})
	p.terms = p.terms[:min(len(p.terms), similarTerms)]
	p.sums = sumsOf(p.terms)
	title := s.title
	if len(title) == 0 {
		title = s.body[:min(len(s.body), 20)]
	}
	p.text = strings.Join(title, " ") + " "
	return p
}

func (e *Engine) alike(s *scratch, q *query, like source) []SimilarItem {
	x := e.index
	e.score(s, q)
	head := &best{x: x, n: rerankDepth}
	collect(s.scores, s.allowed, nil, head, nil)
	q.frozen = &cursor{}
	q.weights = similarWeights
	order := s.rerank.run(e, s, q, head.sorted())
	sort.Slice(order, func(i, j int) bool {
		if order[i].score != order[j].score {
			return order[i].score > order[j].score
		}
		return x.idLess(order[i].doc, order[j].doc)
	})
	_, spelled := like.terms()
	items := []SimilarItem{}
	for _, o := range order[:min(len(order), q.limit)] {
		h := x.hit(o.doc, o.score)
		words := x.common(o.doc, q.plan.terms, spelled)
		items = append(items, SimilarItem{
			ID: h.ID, Kind: h.Kind, Score: h.Score, MatchedOn: words, Parts: o.parts,
			Explanation: explainSimilar(words, o.parts),
		})
	}
	return items
}

// maxCommon words are named of what two records share.
const maxCommon = 6

// common are the query's terms that the document has, as the source spells them.
func (x *index) common(doc uint32, terms []queryTerm, spelled map[string]string) []string {
	has := map[uint32]bool{}
	var r record
	r.decodeText(x.records.at(x.offsets[doc]))
	for _, words := range [][]uint32{r.title, r.body} {
		for _, w := range words {
			has[x.wordTerm[w]] = true
		}
	}
	var shared []string
	for _, t := range terms {
		if has[t.term] && len(shared) < maxCommon {
			shared = append(shared, spelled[t.key])
		}
	}
	return shared
}

// Parts at or above these values are worth telling a reader.
const (
	closeMeaning = 0.6
	closeTitle   = 0.35
)

func explainSimilar(words []string, parts []Part) string {
	var b strings.Builder
	b.WriteString("shares ")
	b.WriteString(strings.Join(words, ", "))
	for _, p := range parts {
		switch {
		case p.Name == featureNames[featureMeaning] && p.Value >= closeMeaning:
			b.WriteString("; close in meaning")
		case p.Name == featureNames[featureTrigrams] && p.Value >= closeTitle:
			b.WriteString("; titles read alike")
		}
	}
	return b.String()
}
