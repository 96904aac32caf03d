package search

import (
	"bytes"
	"math"
	"math/bits"
	"sort"
)

// candidate is a document with its first-stage score.
type candidate struct {
	doc   uint32
	score float32
}

// before is the order of all answers: higher scores first, equal ones by id, so that the order is
// total and the same on every replica.
func (x *index) before(a, b candidate) bool {
	if a.score != b.score {
		return a.score > b.score
	}
	return x.idLess(a.doc, b.doc)
}

func (x *index) idLess(a, b uint32) bool {
	return bytes.Compare(x.ids.at(x.idOf[a]), x.ids.at(x.idOf[b])) < 0
}

// best collects the first n candidates as a heap with the last of them on top.
type best struct {
	x    *index
	n    int
	heap []candidate
}

func (h *best) threshold() float32 {
	switch {
	case h.n == 0:
		return math.MaxFloat32
	case len(h.heap) < h.n:
		return 0
	}
	return h.heap[0].score
}

func (h *best) offer(c candidate) {
	if h.n == 0 {
		return
	}
	if len(h.heap) < h.n {
		h.heap = append(h.heap, c)
		for i := len(h.heap) - 1; i > 0; {
			up := (i - 1) / 2
			if !h.x.before(h.heap[up], h.heap[i]) {
				break
			}
			h.heap[up], h.heap[i] = h.heap[i], h.heap[up]
			i = up
		}
		return
	}
	if !h.x.before(c, h.heap[0]) {
		return
	}
	h.heap[0] = c
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(h.heap) {
			return
		}
		if down+1 < len(h.heap) && h.x.before(h.heap[down], h.heap[down+1]) {
			down++
		}
		if !h.x.before(h.heap[i], h.heap[down]) {
			return
		}
		h.heap[i], h.heap[down] = h.heap[down], h.heap[i]
		i = down
	}
}

func (h *best) sorted() []candidate {
	sort.Slice(h.heap, func(i, j int) bool { return h.x.before(h.heap[i], h.heap[j]) })
	return h.heap
}

// collect scans the scores once: it counts the allowed documents with a score, writes them to
// matches when that is not nil, and offers to h those that pass keep. Scores are never negative, so
// their bit patterns compare like the numbers and the scan needs no branch per document.
func collect(scores []float32, allowed, matches bitset, h *best, keep func(candidate) bool) (total int) {
	for w, mask := range allowed {
		if mask == 0 {
			if matches != nil {
				matches[w] = 0
			}
			continue
		}
		block := scores[w*64 : w*64+64]
		limit := math.Float32bits(h.threshold())
		var found, high uint64
		for j, s := range block {
			b := math.Float32bits(s)
			found |= uint64((b+0x7fffffff)>>31) << (j & 63)
			high |= uint64((limit-b-1)>>31) << (j & 63)
		}
		found &= mask
		total += bits.OnesCount64(found)
		if matches != nil {
			matches[w] = found
		}
		for high &= found; high != 0; high &= high - 1 {
			j := bits.TrailingZeros64(high)
			c := candidate{uint32(w*64 + j), block[j]}
			if keep == nil || keep(c) {
				h.offer(c)
			}
		}
	}
	return total
}
