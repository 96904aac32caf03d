package search

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// dimensions of the space in which meanings are compared.
const dimensions = 96

// model places terms in a space in which words of the same contexts are near (latent semantic
// indexing). It is trained on the corpus itself, stored once and given to every replica as a
// Change, so that all of them rank alike.
type model struct {
	blob      []byte
	documents int
	rows      map[string]int32
	starts    []uint32  // of the row's bytes in blob
	factors   []float32 // by row: what a byte counts, times the term's idf
}

const (
	modelMagic   = "hcl1"
	modelRowSize = 8 + dimensions // idf, scale, one byte a dimension
)

// ErrModel is answered for a model that cannot be read.
var ErrModel = errors.New("semantic model is not usable")

func readModel(blob []byte) (*model, error) {
	if len(blob) < 8 || crc32.Checksum(blob[:len(blob)-4], castagnoli) != binary.LittleEndian.Uint32(blob[len(blob)-4:]) {
		return nil, ErrModel
	}
	d := decoder{b: blob[:len(blob)-4]}
	if string(d.take(4)) != modelMagic {
		return nil, ErrModel
	}
	m := &model{blob: blob, documents: int(d.number(math.MaxInt32))}
	n := d.count(modelRowSize)
	m.rows = make(map[string]int32, n)
	for i := 0; i < n && !d.failed; i++ {
		m.rows[d.string()] = int32(i)
		m.factors = append(m.factors, d.float32()*d.float32())
		m.starts = append(m.starts, uint32(len(blob)-4-len(d.b)))
		d.take(dimensions)
	}
	if d.failed || len(d.b) > 0 {
		return nil, ErrModel
	}
	return m, nil
}

// encodeModel stores each row as bytes with a scale of its own.
func encodeModel(documents int, terms []string, idfs []float32, vector func(row int) []float64) []byte {
	b := []byte(modelMagic)
	b = binary.AppendUvarint(b, uint64(documents))
	b = binary.AppendUvarint(b, uint64(len(terms)))
	for i, t := range terms {
		v := vector(i)
		largest := 0.0
		for _, f := range v {
			largest = math.Max(largest, math.Abs(f))
		}
		scale := largest / 127
		b = appendString(b, t)
		b = appendFloat(b, idfs[i])
		b = appendFloat(b, float32(scale))
		for k := 0; k < dimensions; k++ {
			c := 0.0
			if k < len(v) && scale > 0 {
				c = math.Round(v[k] / scale)
			}
			b = append(b, byte(int8(c)))
		}
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b, castagnoli))
}

// row is the place of a term in the model, or -1.
func (m *model) row(term []byte) int32 {
	if m != nil {
		if n, ok := m.rows[string(term)]; ok {
			return n
		}
	}
	return -1
}

// vector gives the signed bytes of a row and what one counts. They stay as they are stored: the
// model is in memory all day and a query looks at some thousand rows.
func (m *model) vector(row int32) (*[dimensions]byte, float32) {
	return (*[dimensions]byte)(m.blob[m.starts[row]:]), m.factors[row]
}

// setModel puts the model into use for all terms of the index.
func (x *index) setModel(m *model) {
	x.model = m
	x.rows = x.rows[:0]
	for t := 0; t < x.terms.len(); t++ {
		x.rows = append(x.rows, m.row(x.terms.at(uint32(t))))
	}
}
