package search

import (
	"context"
	"fmt"

	"github.com/RoaringBitmap/roaring/v2"
)

// scratch is the working memory of one query, kept from one to the next.
type scratch struct {
	scores  []float32
	viewer  bitset
	allowed bitset
	matches bitset
	norms   norms
	rerank  reranker
}

// rerankDepth is how many of the best first-stage documents the second stage orders anew.
const rerankDepth = 200

// Search answers the request. The only errors are ErrCursor and those of the TextLoader and context.
func (e *Engine) Search(ctx context.Context, r Request) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	s := e.scratch.Get().(*scratch)
	defer e.scratch.Put(s)
	q, err := e.answer(s, r)
	if err != nil {
		return Result{}, err
	}
	if e.texts != nil && !r.NoTexts && len(q.result.Hits) > 0 {
		if err := e.addTexts(ctx, q); err != nil {
			return Result{}, fmt.Errorf("loading the texts of the hits: %w", err)
		}
	}
	return q.result, nil
}

// query is one request on its way through the stages.
type query struct {
	request Request
	plan    *plan
	filters []fieldFilter
	cursor  *cursor // of the page before
	frozen  *cursor // what makes the next page comparable
	limit   int
	weights weights
	result  Result
	marker  *marker // of the words to highlight
}

// answer does everything that needs the index, under one read lock.
func (e *Engine) answer(s *scratch, r Request) (*query, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	x := e.index
	q := &query{request: r, limit: r.Limit, weights: queryWeights}
	if q.limit <= 0 {
		q.limit = DefaultLimit
	}
	q.limit = min(q.limit, MaxLimit)
	s.viewer = x.visible(r.Viewer, s.viewer)
	p := planner{e: e, x: x, viewer: s.viewer, onlyOpen: !r.Viewer.All && r.Viewer.Team == "", literal: r.Literal}
	q.plan = p.build(r.Text)
	q.result.Seq = e.seq
	q.result.Suggestion = q.plan.suggestion
	if err := q.resume(x); err != nil {
		return nil, err
	}
	q.filters = requestFilters(r.Filters, q.plan.filters)
	s.allowed = append(s.allowed[:0], s.viewer...)
	x.restrict(s.allowed, q.plan, q.filters, r.Since, r.Until, "")

	e.score(s, q)
	s.matches = append(s.matches[:0], make(bitset, len(s.allowed))...)
	if q.wordless() {
		e.newest(s, q)
	} else {
		e.ranked(s, q)
	}
	e.facets(s, q)
	q.highlightTerms()
	return q, nil
}

// wordless queries list everything that passes the filters.
func (q *query) wordless() bool {
	for _, c := range Parse(q.request.Text) {
		if !c.Exclude && (c.Kind != Field) && c.Text != "" {
			return false
		}
	}
	return len(q.plan.terms) == 0 && len(q.plan.exact) == 0
}

func requestFilters(m map[string][]string, more []fieldFilter) []fieldFilter {
	var filters []fieldFilter
	for _, name := range sortedNames(m) {
		if len(m[name]) > 0 {
			filters = append(filters, fieldFilter{name: name, values: m[name]})
		}
	}
	return append(filters, more...)
}

// score fills s.scores with BM25F; documents named by the query get a score too.
func (e *Engine) score(s *scratch, q *query) {
	x := e.index
	n := len(s.allowed) * 64
	if cap(s.scores) < n {
		s.scores = make([]float32, n+n/4)
	}
	s.scores = s.scores[:n]
	clear(s.scores)
	s.norms.prepare(q.plan.totals, x.longestTitle, x.longestBody)
	for i := range q.plan.terms {
		t := &q.plan.terms[i]
		x.accumulate(s.scores, &x.lists[t.term], t.weight*t.idf, &s.norms)
	}
	for _, doc := range q.plan.exact {
		if s.scores[doc] == 0 {
			s.scores[doc] = tiny
		}
	}
}

// tiny marks a match that no word earned.
const tiny = 1e-6

// facets counts every facet asked for; one with a filter of its own is counted without it.
func (e *Engine) facets(s *scratch, q *query) {
	if len(q.request.Facets) == 0 {
		return
	}
	q.result.Facets = map[string][]Count{}
	all := roaring.FromDense(s.matches, false)
	for _, name := range q.request.Facets {
		matches := all
		if filtered(q.filters, name) {
			set := append(bitset(nil), s.viewer...)
			e.index.restrict(set, q.plan, q.filters, q.request.Since, q.request.Until, name)
			if !q.wordless() {
				collect(s.scores, set, set, &best{x: e.index}, nil)
			}
			matches = roaring.FromDense(set, false)
		}
		q.result.Facets[name] = e.index.facet(name, matches)
	}
}

func filtered(filters []fieldFilter, name string) bool {
	for _, f := range filters {
		if f.name == name && !f.exclude {
			return true
		}
	}
	return false
}

func (x *index) hit(doc uint32, score float64) Hit {
	return Hit{ID: x.ids.str(x.idOf[doc]), Kind: x.kind(doc), Score: score}
}

// kind is the document's value of the type field.
func (x *index) kind(doc uint32) string {
	n, ok := x.fieldByKey[typeField]
	if !ok {
		return ""
	}
	var r record
	r.decode(x.records.at(x.offsets[doc]))
	for _, v := range r.values {
		if v.field == n {
			return x.fields[n].values.str(v.value)
		}
	}
	return ""
}
