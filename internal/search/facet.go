package search

import (
	"sort"

	"github.com/RoaringBitmap/roaring/v2"
)

// maxFacetValues bounds what one facet answers.
const maxFacetValues = 1000

// facet counts the values of a field among the matches.
func (x *index) facet(name string, matches *roaring.Bitmap) []Count {
	n, ok := x.fieldByKey[name]
	if !ok {
		return []Count{}
	}
	f := x.fields[n]
	counts := []Count{}
	for v, docs := range f.docs {
		if c := docs.AndCardinality(matches); c > 0 {
			counts = append(counts, Count{f.values.str(uint32(v)), int(c)})
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
