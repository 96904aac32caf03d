package search

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"hash/fnv"
	"math"
)

// cursor is a place in an answer together with every figure the scores were made of, so that the
// documents nobody touched keep their exact scores on the next page while the index moves on.
type cursor struct {
	tail   bool
	score  float64
	id     string
	totals averages
	terms  []queryTerm
	// feedback are the terms of RM3, and the maxima what features are divided by.
	feedback []weighted
	maxima   [features]float64
	// cutScore and cutID are the place where the reranked documents end.
	cutScore float32
	cutID    string
}

type weighted struct {
	key    string
	weight float32
	idf    float32
}

const cursorVersion = 1

func (c *cursor) at(score float64, id string, tail bool) *cursor {
	next := *c
	next.score, next.id, next.tail = score, id, tail
	return &next
}

// fingerprint binds a cursor to the question it was made for.
func (q *query) fingerprint() uint64 {
	h := fnv.New64a()
	put := func(s string) {
		h.Write([]byte(s))
		h.Write([]byte{0})
	}
	r := q.request
	put(r.Text)
	for _, name := range sortedNames(r.Filters) {
		put(name)
		for _, v := range r.Filters[name] {
			put(v)
		}
		put("")
	}
	put(r.Since.UTC().String())
	put(r.Until.UTC().String())
	put(r.Viewer.Team)
	flags := byte(0)
	for i, on := range []bool{r.Viewer.All, r.Literal, r.FirstStageOnly} {
		if on {
			flags |= 1 << i
		}
	}
	h.Write([]byte{flags})
	return h.Sum64()
}

func (c *cursor) encode(q *query) string {
	b := []byte{cursorVersion, 0}
	if c.tail {
		b[1] = 1
	}
	b = binary.LittleEndian.AppendUint64(b, q.fingerprint())
	for _, f := range []float64{c.score, c.totals.docs, c.totals.title, c.totals.body} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
	}
	b = appendString(b, c.id)
	b = appendFloat(b, c.cutScore)
	b = appendString(b, c.cutID)
	for _, m := range c.maxima {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(m))
	}
	b = binary.AppendUvarint(b, uint64(len(c.terms)))
	for _, t := range c.terms {
		b = appendString(b, t.key)
		b = appendFloat(b, t.weight)
		b = appendFloat(b, t.idf)
		b = binary.AppendUvarint(b, uint64(t.position+1))
	}
	b = binary.AppendUvarint(b, uint64(len(c.feedback)))
	for _, t := range c.feedback {
		b = appendString(b, t.key)
		b = appendFloat(b, t.weight)
		b = appendFloat(b, t.idf)
	}
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.RawURLEncoding.EncodeToString(b)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendFloat(b []byte, f float32) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
}

// maxCursor is more than the longest query can need.
const maxCursor = 64 << 10

// resume reads the request's cursor and puts the frozen figures in the place of the present ones.
func (q *query) resume(x *index) error {
	if q.request.Cursor == "" {
		return nil
	}
	if len(q.request.Cursor) > maxCursor {
		return ErrCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(q.request.Cursor)
	if err != nil || len(b) < 14 {
		return ErrCursor
	}
	body, sum := b[:len(b)-4], binary.LittleEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum || body[0] != cursorVersion || body[1] > 1 ||
		binary.LittleEndian.Uint64(body[2:]) != q.fingerprint() {
		return ErrCursor
	}
	c := &cursor{tail: body[1] == 1}
	d := decoder{b: body[10:]}
	c.read(&d)
	if d.failed || len(d.b) > 0 {
		return ErrCursor
	}
	for i := range c.terms {
		t := &c.terms[i]
		t.term, t.known = x.terms.find([]byte(t.key))
	}
	q.cursor, q.frozen = c, c
	q.plan.totals = c.totals
	q.plan.sums = sumsOf(c.terms)
	q.plan.terms = q.plan.terms[:0]
	for _, t := range c.terms {
		if t.known {
			q.plan.terms = append(q.plan.terms, t)
		}
	}
	return nil
}

func (c *cursor) read(d *decoder) {
	c.score = d.float64()
	c.totals = averages{d.float64(), d.float64(), d.float64()}
	c.id = d.string()
	c.cutScore = d.float32()
	c.cutID = d.string()
	for i := range c.maxima {
		c.maxima[i] = d.float64()
	}
	for n := d.count(10); n > 0; n-- {
		t := queryTerm{key: d.string(), weight: d.float32(), idf: d.float32()}
		t.position = int(d.uvarint()) - 1
		c.terms = append(c.terms, t)
	}
	for n := d.count(9); n > 0; n-- {
		c.feedback = append(c.feedback, weighted{d.string(), d.float32(), d.float32()})
	}
	if c.totals.title < 1 || c.totals.body < 1 {
		d.failed = true
	}
}
