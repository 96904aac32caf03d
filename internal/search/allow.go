package search

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"
)

// visible writes to set the documents that the viewer may read, padded to whole words of the index.
func (x *index) visible(v Viewer, set bitset) bitset {
	words := (x.size() + 63) / 64
	set = append(set[:0], make(bitset, words)...)
	if v.All {
		copy(set, x.live)
		return set
	}
	copy(set, x.open)
	if v.Team == "" {
		return set
	}
	if n, ok := x.teamNames.find([]byte(v.Team)); ok && int(n) < len(x.teamDocs) {
		x.teamDocs[n].Iterate(func(doc uint32) bool {
			if x.live.has(doc) {
				set.set(doc)
			}
			return true
		})
	}
	return set
}

func (p *planner) anyVisible(b *roaring.Bitmap) bool {
	any := false
	b.Iterate(func(doc uint32) bool {
		any = p.viewer.has(doc)
		return !any
	})
	return any
}

// occurs says whether a document that the viewer may read has the term.
func (p *planner) occurs(term uint32) bool {
	l := p.x.lists[term]
	if l.df > 0 || p.onlyOpen {
		return l.df > 0
	}
	any := false
	p.x.postings.each(l, func(doc uint32, _ byte) bool {
		any = p.viewer.has(doc)
		return !any
	})
	return any
}

// restrict keeps in set what the filters, times, phrases and exclusions allow. The filter on skip is
// left out, for its own facet.
func (x *index) restrict(set bitset, p *plan, filters []fieldFilter, since, until time.Time, skip string) {
	if p.impossible {
		clear(set)
		return
	}
	for _, f := range filters {
		if f.name != skip || f.exclude {
			x.filter(set, f)
		}
	}
	x.between(set, since, until)
	for _, terms := range p.required {
		x.keepPhrase(set, terms, true)
	}
	for _, terms := range p.excluded {
		x.keepPhrase(set, terms, false)
	}
}

func (x *index) filter(set bitset, f fieldFilter) {
	var b *roaring.Bitmap
	if n, ok := x.fieldByKey[f.name]; ok {
		b = x.fields[n].union(f.values)
	}
	if !f.exclude {
		maskInto(set, b)
		return
	}
	if b != nil {
		b.Iterate(func(doc uint32) bool {
			set.clear(doc)
			return true
		})
	}
}

func (x *index) between(set bitset, since, until time.Time) {
	if since.IsZero() && until.IsZero() {
		return
	}
	set.each(func(doc uint32) bool {
		at := x.times[doc]
		if !since.IsZero() && at < ceilMillis(since) || !until.IsZero() && at > until.UnixMilli() {
			set.clear(doc)
		}
		return true
	})
}

func ceilMillis(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}

// keepPhrase keeps the documents with the sequence of terms, or those without it.
func (x *index) keepPhrase(set bitset, terms []uint32, with bool) {
	holders := x.holders(set, terms)
	if len(terms) > 1 {
		var r record
		holders.each(func(doc uint32) bool {
			r.decodeText(x.records.at(x.offsets[doc]))
			if !x.follows(r.title, terms) && !x.follows(r.body, terms) {
				holders.clear(doc)
			}
			return true
		})
	}
	for i := range set {
		if with {
			set[i] &= holders[i]
		} else {
			set[i] &^= holders[i]
		}
	}
}

// holders are the members of set that have every indexed term, in any order.
func (x *index) holders(set bitset, terms []uint32) bitset {
	left := append(bitset(nil), set...)
	for _, t := range terms {
		l := x.lists[t]
		if l.head == 0 {
			continue // a function word; the sequence decides
		}
		has := make(bitset, len(set))
		x.postings.each(l, func(doc uint32, _ byte) bool {
			has[doc>>6] |= 1 << (doc & 63)
			return true
		})
		for i := range left {
			left[i] &= has[i]
		}
	}
	return left
}

// follows says whether the words contain the terms one after the other.
func (x *index) follows(words []uint32, terms []uint32) bool {
	for i := 0; i+len(terms) <= len(words); i++ {
		k := 0
		for k < len(terms) && x.wordTerm[words[i+k]] == terms[k] {
			k++
		}
		if k == len(terms) {
			return true
		}
	}
	return false
}
