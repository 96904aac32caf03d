package search

import "math"

// meaning compares query and document in the space of the model. Vectors of documents are summed
// when they are needed: for the few candidates that costs a millisecond, and a new model is in use
// at once without a pass over all documents.
type meaning struct {
	counts counter
	query  [dimensions]float32
	length float64
	logs   []float32
}

func (m *meaning) prepare(x *index, terms []queryTerm) {
	for len(m.logs) < 256 {
		m.logs = append(m.logs, float32(math.Log1p(float64(len(m.logs)))))
	}
	m.query, m.length = [dimensions]float32{}, 0
	if x.model == nil {
		return
	}
	for _, t := range terms {
		if row := x.rows[t.term]; row >= 0 {
			v, factor := x.model.vector(row)
			accumulateVector(&m.query, t.weight*factor, v)
		}
	}
	m.length = vectorLength(&m.query)
}

// accumulateVector is the innermost loop of the second stage, written out so that four sums go on at once.
func accumulateVector(sum *[dimensions]float32, weight float32, v *[dimensions]byte) {
	for k := 0; k < dimensions; k += 4 {
		sum[k] += weight * float32(int8(v[k]))
		sum[k+1] += weight * float32(int8(v[k+1]))
		sum[k+2] += weight * float32(int8(v[k+2]))
		sum[k+3] += weight * float32(int8(v[k+3]))
	}
}

func vectorLength(v *[dimensions]float32) float64 {
	var sum float32
	for _, f := range v {
		sum += f * f
	}
	return math.Sqrt(float64(sum))
}

// cosine is that of query and document, and 0 where it would be negative or there is no model.
func (m *meaning) cosine(x *index, r *record) float64 {
	if m.length == 0 {
		return 0
	}
	x.count(r, &m.counts)
	var doc [dimensions]float32
	for _, t := range m.counts.touched {
		if row := x.rows[t]; row >= 0 {
			tf := int(m.counts.title[t]) + int(m.counts.body[t])
			v, factor := x.model.vector(row)
			accumulateVector(&doc, m.logs[min(tf, 255)]*factor, v)
		}
	}
	length := vectorLength(&doc)
	if length == 0 {
		return 0
	}
	var dot float32
	for k := range doc {
		dot += doc[k] * m.query[k]
	}
	return math.Max(0, float64(dot)/(length*m.length))
}
