package search

import (
	"bytes"
	"math"
	"sort"
)

// ranking is one document in the final order.
type ranking struct {
	doc   uint32
	score float64
	parts []Part
}

// ranked makes the page of a query with words. The best documents of the first stage come first, in
// the order of the second; behind them the rest follows by its first-stage score, which is never
// higher, because every part of the second stage is at least zero.
func (e *Engine) ranked(s *scratch, q *query) {
	x := e.index
	c := q.cursor
	head := &best{x: x, n: rerankDepth}
	var keep func(candidate) bool
	if c != nil {
		head.n = 2 * rerankDepth
		keep = func(d candidate) bool { return !x.after(d, c.cutScore, c.cutID) }
		if c.tail {
			head.n = 0
		}
	}
	q.result.Total = collect(s.scores, s.allowed, s.matches, head, keep)
	var order []ranking
	if c == nil || !c.tail {
		order = e.order(s, q, head)
	}
	if c != nil && !c.tail {
		order = x.behind(order, c.score, c.id)
	}
	q.page(x, order)
	if len(q.result.Hits) < q.limit || len(order) == q.limit {
		e.tail(s, q)
	}
}

// order is the second stage over the head, and freezes what the next page needs.
func (e *Engine) order(s *scratch, q *query, head *best) []ranking {
	x := e.index
	top := head.sorted()
	if q.cursor == nil {
		q.frozen = &cursor{terms: q.plan.terms, totals: q.plan.totals}
		if len(top) > 0 {
			last := top[len(top)-1]
			q.frozen.cutScore, q.frozen.cutID = last.score, x.ids.str(x.idOf[last.doc])
			q.frozen.maxima[featureBM25F] = float64(top[0].score)
		}
	}
	top = withExact(top, q.plan.exact, s)
	if q.request.FirstStageOnly {
		return firstStage(top)
	}
	order := s.rerank.run(e, s, q, top)
	for i := range order {
		for _, doc := range q.plan.exact {
			if order[i].doc == doc {
				order[i].score += exactBonus
				order[i].parts = append(order[i].parts, Part{"exact id or key", exactBonus, 1})
			}
		}
	}
	sort.Slice(order, func(i, j int) bool {
		if order[i].score != order[j].score {
			return order[i].score > order[j].score
		}
		return x.idLess(order[i].doc, order[j].doc)
	})
	return order
}

// exactBonus is more than all other parts together.
const exactBonus = 10

// withExact adds the allowed documents that the query names.
func withExact(top []candidate, exact []uint32, s *scratch) []candidate {
	for _, doc := range exact {
		known := !s.allowed.has(doc)
		for _, c := range top {
			known = known || c.doc == doc
		}
		if !known {
			top = append(top, candidate{doc, s.scores[doc]})
		}
	}
	return top
}

func firstStage(top []candidate) []ranking {
	order := make([]ranking, len(top))
	for i, c := range top {
		order[i] = ranking{doc: c.doc, score: float64(c.score)}
	}
	return order
}

// page moves the first rankings into the result.
func (q *query) page(x *index, order []ranking) {
	for i := 0; i < len(order) && len(q.result.Hits) < q.limit; i++ {
		h := x.hit(order[i].doc, order[i].score)
		if q.request.Explain {
			h.Parts = order[i].parts
		}
		q.result.Hits = append(q.result.Hits, h)
	}
	if len(order) >= q.limit && q.limit > 0 {
		last := q.result.Hits[len(q.result.Hits)-1]
		q.result.Next = q.frozen.at(last.Score, last.ID, false).encode(q)
	}
}

// tail fills the page with documents behind the reranked ones.
func (e *Engine) tail(s *scratch, q *query) {
	x := e.index
	room := q.limit - len(q.result.Hits)
	f := q.frozen
	h := &best{x: x, n: room + 1}
	collect(s.scores, s.allowed, nil, h, func(d candidate) bool {
		if !x.after(d, f.cutScore, f.cutID) || contains(q.plan.exact, d.doc) {
			return false
		}
		return q.cursor == nil || !q.cursor.tail || x.after(d, float32(q.cursor.score), q.cursor.id)
	})
	rest := h.sorted()
	if room == 0 {
		if len(rest) == 0 {
			q.result.Next = ""
		}
		return
	}
	highest := math.Max(f.maxima[featureBM25F], tiny)
	for i := 0; i < len(rest) && i < room; i++ {
		score := float64(rest[i].score) / highest
		if q.request.FirstStageOnly {
			score = float64(rest[i].score)
		}
		hit := x.hit(rest[i].doc, score)
		if q.request.Explain {
			hit.Parts = []Part{{featureNames[featureBM25F], 1, score}}
		}
		q.result.Hits = append(q.result.Hits, hit)
	}
	q.result.Next = ""
	if len(rest) > room {
		last := rest[room-1]
		q.result.Next = f.at(float64(last.score), x.ids.str(x.idOf[last.doc]), true).encode(q)
	}
}

func contains(numbers []uint32, n uint32) bool {
	for _, m := range numbers {
		if m == n {
			return true
		}
	}
	return false
}

// after says whether d comes behind the place (score, id).
func (x *index) after(d candidate, score float32, id string) bool {
	if d.score != score {
		return d.score < score
	}
	return bytes.Compare(x.ids.at(x.idOf[d.doc]), []byte(id)) > 0
}

// behind are the rankings after the place (score, id).
func (x *index) behind(order []ranking, score float64, id string) []ranking {
	n := sort.Search(len(order), func(i int) bool {
		if order[i].score != score {
			return order[i].score < score
		}
		return bytes.Compare(x.ids.at(x.idOf[order[i].doc]), []byte(id)) > 0
	})
	return order[n:]
}

// newest makes the page of a query without words: all allowed documents by time.
func (e *Engine) newest(s *scratch, q *query) {
	x := e.index
	copy(s.matches, s.allowed)
	q.result.Total = s.allowed.count()
	h := newestHeap{x: x, n: q.limit + 1}
	s.allowed.each(func(doc uint32) bool {
		if q.cursor == nil || x.older(doc, int64(q.cursor.score), q.cursor.id) {
			h.offer(doc)
		}
		return true
	})
	docs := h.sorted()
	for i := 0; i < len(docs) && i < q.limit; i++ {
		q.result.Hits = append(q.result.Hits, x.hit(docs[i], 0))
	}
	if len(docs) > q.limit {
		last := docs[q.limit-1]
		c := cursor{totals: q.plan.totals}
		q.result.Next = c.at(float64(x.times[last]), x.ids.str(x.idOf[last]), true).encode(q)
	}
}

func (x *index) older(doc uint32, millis int64, id string) bool {
	if x.times[doc] != millis {
		return x.times[doc] < millis
	}
	return bytes.Compare(x.ids.at(x.idOf[doc]), []byte(id)) > 0
}

// newestHeap keeps the n newest documents; twice that many are held before the rest is cut.
type newestHeap struct {
	x    *index
	n    int
	docs []uint32
}

func (h *newestHeap) offer(doc uint32) {
	h.docs = append(h.docs, doc)
	if len(h.docs) >= 16*h.n {
		h.docs = h.sorted()
	}
}

func (h *newestHeap) sorted() []uint32 {
	sort.Slice(h.docs, func(i, j int) bool {
		a, b := h.docs[i], h.docs[j]
		if h.x.times[a] != h.x.times[b] {
			return h.x.times[a] > h.x.times[b]
		}
		return h.x.idLess(a, b)
	})
	return h.docs[:min(len(h.docs), h.n)]
}
