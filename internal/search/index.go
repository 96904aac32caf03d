package search

import (
	"strings"

	"github.com/RoaringBitmap/roaring/v2"
)

// index is the data of the engine. Documents have ascending numbers; a change of a record kills its
// old number and takes a new one. Nothing here is safe for writing beside reading: Engine locks.
type index struct {
	words    *interner // surface forms
	wordTerm []uint32
	wordDF   []uint32 // open documents with the surface form
	wordStop []bool
	terms    *interner
	lists    []list
	model    *model
	rows     []int32 // of the model, by term; -1 is none
	postings slabs
	records  recordStore

	ids     *interner
	current []uint32 // document number plus one by id number; 0 is gone
	idOf    []uint32
	offsets []uint64
	lengths []uint32 // indexed words: title in the upper half, body in the lower
	times   []int64  // Unix milliseconds

	live, open bitset
	teamNames  *interner
	teamDocs   []*roaring.Bitmap
	fields     []*field
	fieldByKey map[string]uint32
	keys       *interner
	keyOwners  map[uint32][]uint32 // id numbers that have or had the key

	totals totals
	// lengths seen so far, for the tables of norms
	longestTitle, longestBody int

	counts counter
	seen   []uint32 // by word: document number plus one that counted it last
	dead   int
	buf    []byte
	rec    record
}

// totals are the collection statistics of BM25F, over open live documents.
type totals struct {
	docs        int64
	title, body int64 // indexed words
}

func newIndex() *index {
	x := &index{
		words: newInterner(), terms: newInterner(), ids: newInterner(), teamNames: newInterner(),
		keys: newInterner(), fieldByKey: map[string]uint32{}, keyOwners: map[uint32][]uint32{},
	}
	for _, w := range strings.Fields(frequentWords) {
		x.word([]byte(w))
	}
	return x
}

// size is the number of document numbers given so far, dead ones included.
func (x *index) size() int { return len(x.idOf) }

// counter counts terms of one document without a map.
type counter struct {
	title, body []uint16
	touched     []uint32
}

func (c *counter) reset(terms int) {
	for _, t := range c.touched {
		c.title[t], c.body[t] = 0, 0
	}
	c.touched = c.touched[:0]
	for len(c.title) < terms {
		c.title = append(c.title, 0)
		c.body = append(c.body, 0)
	}
}

func (c *counter) add(term uint32, title bool) {
	if c.title[term] == 0 && c.body[term] == 0 {
		c.touched = append(c.touched, term)
	}
	field := c.body
	if title {
		field = c.title
	}
	if field[term] < 1<<16-1 {
		field[term]++
	}
}

// put makes d the state of its record.
func (x *index) put(d *Document, a *analysed) {
	r := &x.rec
	r.keys = r.keys[:0]
	for _, k := range d.Keys {
		if k = normalKey(k); k != "" {
			n, _ := x.keys.add([]byte(k))
			r.keys = append(r.keys, n)
		}
	}
	r.values = r.values[:0]
	if d.Kind != "" {
		r.values = append(r.values, x.value(typeField, d.Kind))
	}
	for _, name := range sortedNames(d.Fields) {
		for _, v := range d.Fields[name] {
			r.values = append(r.values, x.value(name, v))
		}
	}
	r.open, r.team = d.Visibility == Internal, 0
	if !r.open && d.Team != "" {
		n, _ := x.teamNames.add([]byte(d.Team))
		r.team = n + 1
	}
	r.title = x.intern(a, 0, a.title, r.title[:0])
	r.body = x.intern(a, a.title, len(a.ends), r.body[:0])
	x.remove(d.ID)
	x.insert([]byte(d.ID), d.Time.UnixMilli(), r)
}

func normalKey(k string) string { return strings.ToLower(strings.TrimSpace(k)) }

// intern turns the surface forms from to to into word numbers.
func (x *index) intern(a *analysed, from, to int, dst []uint32) []uint32 {
	for i := from; i < to; i++ {
		dst = append(dst, x.word(a.at(i)))
	}
	return dst
}

func (x *index) word(form []byte) uint32 {
	n, isNew := x.words.add(form)
	if isNew {
		t, newTerm := x.terms.add([]byte(stem(form)))
		if newTerm {
			x.lists = append(x.lists, list{})
			x.rows = append(x.rows, x.model.row(x.terms.at(t)))
		}
		x.wordTerm = append(x.wordTerm, t)
		x.wordDF = append(x.wordDF, 0)
		x.wordStop = append(x.wordStop, classOf(form) == stop)
		x.seen = append(x.seen, 0)
	}
	return n
}

// insert gives the record a document number and indexes it.
func (x *index) insert(id []byte, millis int64, r *record) {
	doc := uint32(x.size())
	n, isNew := x.ids.add(id)
	if isNew {
		x.current = append(x.current, 0)
	}
	x.current[n] = doc + 1
	x.idOf = append(x.idOf, n)
	x.times = append(x.times, millis)
	var offset uint64
	offset, x.buf = x.records.add(r, x.buf)
	x.offsets = append(x.offsets, offset)

	x.count(r, &x.counts)
	titleLen, bodyLen := x.indexed(r.title), x.indexed(r.body)
	x.lengths = append(x.lengths, packLengths(titleLen, bodyLen))
	titleLen, bodyLen = unpackLengths(x.lengths[doc])
	x.longestTitle, x.longestBody = max(x.longestTitle, titleLen), max(x.longestBody, bodyLen)
	for _, t := range x.counts.touched {
		x.postings.add(&x.lists[t], doc, uint32(x.counts.title[t]), uint32(x.counts.body[t]))
	}
	x.live.set(doc)
	if r.open {
		x.open.set(doc)
		x.tally(doc, r, 1)
	} else if r.team > 0 {
		for int(r.team) > len(x.teamDocs) {
			x.teamDocs = append(x.teamDocs, roaring.New())
		}
		x.teamDocs[r.team-1].Add(doc)
	}
	for _, v := range r.values {
		x.fields[v.field].docs[v.value].Add(doc)
	}
	for _, k := range r.keys {
		x.own(k, n)
	}
}

func (x *index) own(key, id uint32) {
	for _, o := range x.keyOwners[key] {
		if o == id {
			return
		}
	}
	x.keyOwners[key] = append(x.keyOwners[key], id)
}

// count fills c with the indexed terms of r.
func (x *index) count(r *record, c *counter) {
	c.reset(x.terms.len())
	for _, w := range r.title {
		if !x.wordStop[w] {
			c.add(x.wordTerm[w], true)
		}
	}
	for _, w := range r.body {
		if !x.wordStop[w] {
			c.add(x.wordTerm[w], false)
		}
	}
}

func (x *index) indexed(words []uint32) int {
	n := 0
	for _, w := range words {
		if !x.wordStop[w] {
			n++
		}
	}
	return n
}

// tally adds (by 1) or takes away (by -1) an open document from the collection statistics; x.counts
// holds its terms.
func (x *index) tally(doc uint32, r *record, by int) {
	title, body := unpackLengths(x.lengths[doc])
	x.totals.docs += int64(by)
	x.totals.title += int64(by * title)
	x.totals.body += int64(by * body)
	for _, t := range x.counts.touched {
		x.lists[t].df += uint32(by)
	}
	mark := doc + 1
	if by < 0 {
		mark = ^doc
	}
	for _, words := range [][]uint32{r.title, r.body} {
		for _, w := range words {
			if x.seen[w] != mark {
				x.seen[w] = mark
				x.wordDF[w] += uint32(by)
			}
		}
	}
}

// remove takes the record out at once; the space comes back when the index is compacted.
func (x *index) remove(id string) {
	n, ok := x.ids.find([]byte(id))
	if !ok || x.current[n] == 0 {
		return
	}
	doc := x.current[n] - 1
	x.current[n] = 0
	x.live.clear(doc)
	x.dead++
	if !x.open.has(doc) {
		return
	}
	x.open.clear(doc)
	var r record
	r.decode(x.records.at(x.offsets[doc]))
	x.count(&r, &x.counts)
	x.tally(doc, &r, -1)
}

const maxTitleLen, maxBodyLen = 1<<10 - 1, 1<<16 - 1

func packLengths(title, body int) uint32 {
	return uint32(min(title, maxTitleLen))<<16 | uint32(min(body, maxBodyLen))
}

func unpackLengths(l uint32) (title, body int) { return int(l >> 16), int(l & 0xffff) }
