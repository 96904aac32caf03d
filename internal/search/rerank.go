package search

import (
	"math"
	"sort"
)

// The features of the second stage. All are at least zero and, but for the cosine, divided by their
// largest value among the candidates or at most one by nature.
const (
	featureBM25F = iota
	featureTitle
	featureFeedback
	featureMeaning
	featureCoverage
	featureProximity
	featureTrigrams
	featureBody
	features
)

var featureNames = [features]string{
	"bm25f", "title bm25", "pseudo feedback", "meaning", "title coverage", "proximity", "title trigrams", "body bm25",
}

// weights make the order of the second stage from the features.
type weights [features]float64

// queryWeights and similarWeights were fitted on whole collections other than the ones they are
// judged by; see the design notes on search.
var (
	queryWeights   = weights{1, 0.2, 0.2, 0.5, 0.2, 0.2, 0.2, 0.2}
	similarWeights = weights{featureBM25F: 1, featureTitle: 0.5, featureFeedback: 0.1, featureMeaning: 0.5, featureTrigrams: 0.1}
)

// scaled features are divided by the largest value.
var scaled = [features]bool{featureBM25F: true, featureTitle: true, featureFeedback: true, featureProximity: true, featureBody: true}

// reranker holds the working memory of the second stage.
type reranker struct {
	slots   []uint16 // by term: slot plus one
	terms   []slot
	pairs   []float32
	last    []int32 // by slot: position seen last
	values  [][features]float64
	rec     record
	grams   trigrams
	meaning meaning
}

// slot counts one interesting term in the document at hand.
type slot struct {
	term           uint32
	query          float32 // weight times idf in the query
	feedback       float32 // the same in the expanded query
	position       int
	titleTF, tf    uint32
	idf            float32
	previous, next int // slots of the neighbours in the query; -1 is none
}

// run scores the candidates and gives them back in the same order.
func (rr *reranker) run(e *Engine, s *scratch, q *query, top []candidate) []ranking {
	x := e.index
	if len(top) == 0 {
		return nil
	}
	rr.prepare(x, q.plan.terms)
	if q.cursor == nil {
		q.frozen.feedback = rr.feedbackTerms(x, q, top)
	}
	rr.expand(x, q.plan.sums, q.frozen.feedback)
	rr.grams.query(q.plan.text)
	rr.meaning.prepare(x, q.plan.terms)
	if cap(rr.values) < len(top) {
		rr.values = make([][features]float64, len(top))
	}
	rr.values = rr.values[:len(top)]
	for i, c := range top {
		rr.values[i] = rr.features(x, &s.norms, q.plan.sums, c)
	}
	rr.release()
	if q.cursor == nil {
		q.frozen.maxima = maxima(rr.values)
	}
	return combine(top, rr.values, q.frozen.maxima, q.weights, q.request.Explain)
}

func maxima(values [][features]float64) (m [features]float64) {
	for _, v := range values {
		for f := range v {
			m[f] = math.Max(m[f], v[f])
		}
	}
	return m
}

func combine(top []candidate, values [][features]float64, m [features]float64, w weights, explain bool) []ranking {
	order := make([]ranking, len(top))
	for i, c := range top {
		order[i].doc = c.doc
		for f, v := range values[i] {
			if scaled[f] {
				if m[f] <= 0 {
					continue
				}
				v /= m[f]
			}
			order[i].score += w[f] * v
			if explain && w[f] > 0 {
				order[i].parts = append(order[i].parts, Part{featureNames[f], w[f], v})
			}
		}
	}
	return order
}

// prepare makes a slot for every query term and links those that stand side by side.
func (rr *reranker) prepare(x *index, terms []queryTerm) {
	for len(rr.slots) < x.terms.len() {
		rr.slots = append(rr.slots, 0)
	}
	rr.terms = rr.terms[:0]
	at := map[int]int{}
	for _, t := range terms {
		n := len(rr.terms)
		rr.slots[t.term] = uint16(n + 1)
		rr.terms = append(rr.terms, slot{term: t.term, query: t.weight * t.idf, position: t.position, idf: t.idf, previous: -1, next: -1})
		if t.position >= 0 {
			at[t.position] = n
		}
	}
	for i := range rr.terms {
		t := &rr.terms[i]
		if t.position < 0 {
			continue
		}
		if n, ok := at[t.position+1]; ok {
			t.next = n
			rr.terms[n].previous = i
		}
	}
}

func (rr *reranker) release() {
	for _, t := range rr.terms {
		rr.slots[t.term] = 0
	}
}

// slotOf is the slot of a term, or -1.
func (rr *reranker) slotOf(term uint32) int { return int(rr.slots[term]) - 1 }

const (
	feedbackDocs   = 5
	feedbackTerms  = 20
	feedbackWeight = 0.3 // of the expansion; the query keeps the rest
)

// feedbackTerms is the relevance model RM3 of the best documents (Lavrenko and Croft, in the form
// of Jaleel and others): the words they have in common, weighed by the documents' scores.
func (rr *reranker) feedbackTerms(x *index, q *query, top []candidate) []weighted {
	type entry struct {
		term uint32
		p    float64
	}
	probability := map[uint32]float64{}
	var sum float64
	docs := top[:min(len(top), feedbackDocs)]
	for _, c := range docs {
		sum += float64(c.score)
	}
	for _, c := range docs {
		rr.rec.decodeText(x.records.at(x.offsets[c.doc]))
		x.count(&rr.rec, &rr.meaning.counts)
		title, body := unpackLengths(x.lengths[c.doc])
		length := float64(max(1, title+body))
		for _, t := range rr.meaning.counts.touched {
			tf := float64(rr.meaning.counts.title[t]) + float64(rr.meaning.counts.body[t])
			probability[t] += float64(c.score) / sum * tf / length
		}
	}
	entries := make([]entry, 0, len(probability))
	for t, p := range probability {
		if x.lists[t].df > 1 {
			entries = append(entries, entry{t, p})
		}
	}
	sort.Slice(entries, func(i, j int) bool {
		if entries[i].p != entries[j].p {
			return entries[i].p > entries[j].p
		}
		return string(x.terms.at(entries[i].term)) < string(x.terms.at(entries[j].term))
	})
	entries = entries[:min(len(entries), feedbackTerms)]
	var mass float64
	for _, en := range entries {
		mass += en.p
	}
	terms := make([]weighted, len(entries))
	for i, en := range entries {
		terms[i] = weighted{
			key: x.terms.str(en.term), weight: float32(en.p / mass),
			idf: idf(q.plan.totals.docs, x.lists[en.term].df),
		}
	}
	return terms
}

// expand adds the feedback terms to the slots: the query keeps 0.7 of the weight.
func (rr *reranker) expand(x *index, sum sums, feedback []weighted) {
	for i := range rr.terms {
		rr.terms[i].feedback = (1 - feedbackWeight) * rr.terms[i].query / max(sum.weight, 1e-9)
	}
	for _, w := range feedback {
		t, ok := x.terms.find([]byte(w.key))
		if !ok {
			continue
		}
		n := rr.slotOf(t)
		if n < 0 {
			n = len(rr.terms)
			rr.slots[t] = uint16(n + 1)
			rr.terms = append(rr.terms, slot{term: t, position: -1, previous: -1, next: -1})
		}
		rr.terms[n].feedback += feedbackWeight * w.weight * w.idf
	}
}
