package search

import (
	"sort"

	"github.com/RoaringBitmap/roaring/v2"
)

// typeField is the filterable field that holds Document.Kind.
const typeField = "type"

// field is one filterable field: a bitmap of document numbers for every value. Numbers of dead
// documents stay in until compaction, so a bitmap only means something together with the live set.
type field struct {
	name   string
	values *interner
	docs   []*roaring.Bitmap
}

func (x *index) value(name, v string) value {
	n, ok := x.fieldByKey[name]
	if !ok {
		n = uint32(len(x.fields))
		x.fieldByKey[name] = n
		x.fields = append(x.fields, &field{name: name, values: newInterner()})
	}
	f := x.fields[n]
	k, isNew := f.values.add([]byte(v))
	if isNew {
		f.docs = append(f.docs, roaring.New())
	}
	return value{n, k}
}

// union is the documents with any of the values; nil when there are none.
func (f *field) union(values []string) *roaring.Bitmap {
	var sets []*roaring.Bitmap
	for _, v := range values {
		if n, ok := f.values.find([]byte(v)); ok {
			sets = append(sets, f.docs[n])
		}
	}
	switch len(sets) {
	case 0:
		return nil
	case 1:
		return sets[0]
	}
	return roaring.FastOr(sets...)
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for n := range m {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// maskInto keeps in set only the members of b.
func maskInto(set bitset, b *roaring.Bitmap) {
	if b == nil {
		clear(set)
		return
	}
	dense := b.ToDense()
	n := min(len(set), len(dense))
	for i := range n {
		set[i] &= dense[i]
	}
	clear(set[n:])
}
