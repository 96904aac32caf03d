package search

import "encoding/binary"

// A record is what the index keeps of one document besides its postings: everything needed to take
// it out again, to check a phrase, to rerank it and to build a new index from it. It is immutable.
type record struct {
	keys   []uint32 // numbers in index.keys
	values []value
	team   uint32 // number in index.teamNames plus one; 0 is none
	open   bool
	title  []uint32 // surface forms in order, function words included
	body   []uint32
}

type value struct{ field, value uint32 }

const recordPage = 4 << 20

// recordStore holds encoded records in pages that never move.
type recordStore struct {
	pages [][]byte
	used  int
}

func (s *recordStore) add(r *record, scratch []byte) (offset uint64, grown []byte) {
	b := r.encode(scratch[:0])
	if len(s.pages) == 0 || s.used+len(b) > len(s.pages[len(s.pages)-1]) {
		s.pages = append(s.pages, make([]byte, max(recordPage, len(b))))
		s.used = 0
	}
	last := len(s.pages) - 1
	copy(s.pages[last][s.used:], b)
	offset = uint64(last)<<32 | uint64(s.used)
	s.used += len(b)
	return offset, b
}

func (s *recordStore) at(offset uint64) []byte { return s.pages[offset>>32][uint32(offset):] }

func (r *record) encode(b []byte) []byte {
	b = appendNumbers(b, r.keys)
	b = binary.AppendUvarint(b, uint64(len(r.values)))
	for _, v := range r.values {
		b = binary.AppendUvarint(b, uint64(v.field))
		b = binary.AppendUvarint(b, uint64(v.value))
	}
	team := uint64(r.team) << 1
	if r.open {
		team |= 1
	}
	b = binary.AppendUvarint(b, team)
	b = appendNumbers(b, r.title)
	return appendNumbers(b, r.body)
}

func appendNumbers(b []byte, numbers []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(numbers)))
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// decode reads an encoded record, reusing the slices of r.
func (r *record) decode(b []byte) {
	d := reader{b: b}
	r.keys = d.numbers(r.keys[:0])
	r.values = r.values[:0]
	for n := d.next(); n > 0; n-- {
		f := d.next()
		r.values = append(r.values, value{f, d.next()})
	}
	team := d.next()
	r.team, r.open = team>>1, team&1 == 1
	r.title = d.numbers(r.title[:0])
	r.body = d.numbers(r.body[:0])
}

// decodeText reads the word sequences only.
func (r *record) decodeText(b []byte) {
	d := reader{b: b}
	for n := d.next(); n > 0; n-- {
		d.next()
	}
	for n := d.next(); n > 0; n-- {
		d.next()
		d.next()
	}
	d.next()
	r.title = d.numbers(r.title[:0])
	r.body = d.numbers(r.body[:0])
}

// reader reads varints that this package wrote itself.
type reader struct {
	b []byte
	i int
}

func (d *reader) next() uint32 {
	c := d.b[d.i]
	d.i++
	if c < 0x80 {
		return uint32(c)
	}
	v := uint32(c & 0x7f)
	for shift := 7; ; shift += 7 {
		c = d.b[d.i]
		d.i++
		v |= uint32(c&0x7f) << shift
		if c < 0x80 {
			return v
		}
	}
}

func (d *reader) numbers(dst []uint32) []uint32 {
	for n := d.next(); n > 0; n-- {
		dst = append(dst, d.next())
	}
	return dst
}
