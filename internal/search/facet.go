package search

import (
	"math/bits"
	"sort"

	"github.com/RoaringBitmap/roaring/v2"
)

// maxFacetValues bounds what one facet answers.
const maxFacetValues = 1000

// facet counts the values of a field among the matches.
func (x *index) facet(name string, matches bitset) []Count {
	n, ok := x.fieldByKey[name]
	if !ok {
		return []Count{}
	}
	f := x.fields[n]
	counts := []Count{}
	for v, docs := range f.docs {
		if c := overlap(docs, matches); c > 0 {
			counts = append(counts, Count{f.values.str(uint32(v)), c})
		}
	}
	sort.Slice(counts, func(i, j int) bool {
		if counts[i].Count != counts[j].Count {
			return counts[i].Count > counts[j].Count
		}
		return counts[i].Value < counts[j].Value
	})
	return counts[:min(len(counts), maxFacetValues)]
}

// overlap counts the common members. A dense bitmap is compared word by word, a sparse one member
// by member.
func overlap(docs *roaring.Bitmap, matches bitset) int {
	n := 0
	if docs.GetCardinality() < uint64(len(matches)) {
		docs.Iterate(func(doc uint32) bool {
			if matches.has(doc) {
				n++
			}
			return true
		})
		return n
	}
	for i, w := range docs.ToDense() {
		if i >= len(matches) {
			break
		}
		n += bits.OnesCount64(w & matches[i])
	}
	return n
}
