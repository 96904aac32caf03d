package collection

import (
	"math"
	"sort"
)

// NDCG is the normalised discounted cumulative gain of the first depth results, with the gains and
// the logarithmic discount of trec_eval.
func (q Query) NDCG(ranked []string, depth int) float64 {
	var gains []int
	for _, g := range q.Gains {
		if g > 0 {
			gains = append(gains, g)
		}
	}
	sort.Sort(sort.Reverse(sort.IntSlice(gains)))
	var got, ideal float64
	for i := 0; i < depth; i++ {
		discount := math.Log2(float64(i + 2))
		if i < len(ranked) {
			got += float64(max(q.Gains[ranked[i]], 0)) / discount
		}
		if i < len(gains) {
			ideal += float64(gains[i]) / discount
		}
	}
	if ideal == 0 {
		return 0
	}
	return got / ideal
}

// Recall is the share of the relevant documents among the first depth results.
func (q Query) Recall(ranked []string, depth int) float64 {
	found, relevant := 0, 0
	for _, g := range q.Gains {
		if g > 0 {
			relevant++
		}
	}
	for i := 0; i < min(depth, len(ranked)); i++ {
		if q.Gains[ranked[i]] > 0 {
			found++
		}
	}
	if relevant == 0 {
		return 0
	}
	return float64(found) / float64(relevant)
}

// ReciprocalRank is one over the place of the first relevant document among the first depth.
func (q Query) ReciprocalRank(ranked []string, depth int) float64 {
	for i := 0; i < min(depth, len(ranked)); i++ {
		if q.Gains[ranked[i]] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}
