package search

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sort"
)

const (
	trainFrom    = 200    // documents; fewer say nothing about meaning
	trainSample  = 50_000 // documents
	trainTerms   = 30_000
	oversample   = 16
	trainPasses  = 4
	trainSeed    = 96
	growthToNext = 1.5
)

// NeedsModel says that the corpus is large enough for a semantic model and has none, or has grown by
// half since the one it has.
func (e *Engine) NeedsModel() bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n := int(e.index.totals.docs)
	return n >= trainFrom && (e.index.model == nil || float64(n) > growthToNext*float64(e.index.model.documents))
}

// TrainModel makes a semantic model of the open documents, to be stored and handed to every replica
// as a Change. Equal content gives equal bytes. It is nil while there are too few documents. It
// takes seconds and does not hold up searches or changes.
func (e *Engine) TrainModel() []byte {
	e.mu.RLock()
	f := e.index.freeze()
	e.mu.RUnlock()
	if f.totals.docs < trainFrom {
		return nil
	}
	m := f.matrix(f.sample())
	if len(m.terms) == 0 {
		return nil
	}
	basis := m.decompose()
	return encodeModel(int(f.totals.docs), m.terms, m.idfs, func(row int) []float64 { return basis[row] })
}

// sample takes all open documents, or those whose ids hash lowest, in the order of their ids.
func (f *frozen) sample() []uint32 {
	type entry struct {
		doc  uint32
		hash uint64
	}
	var docs []entry
	f.open.each(func(doc uint32) bool {
		h := fnv.New64a()
		h.Write(f.ids.at(f.idOf[doc]))
		docs = append(docs, entry{doc, h.Sum64()})
		return true
	})
	id := func(e entry) string { return string(f.ids.at(f.idOf[e.doc])) }
	if len(docs) > trainSample {
		sort.Slice(docs, func(i, j int) bool {
			if docs[i].hash != docs[j].hash {
				return docs[i].hash < docs[j].hash
			}
			return id(docs[i]) < id(docs[j])
		})
		docs = docs[:trainSample]
	}
	sort.Slice(docs, func(i, j int) bool { return id(docs[i]) < id(docs[j]) })
	sample := make([]uint32, len(docs))
	for i, d := range docs {
		sample[i] = d.doc
	}
	return sample
}

// matrix is the sparse matrix of documents and terms with logarithmic tf-idf weights, its rows of length one.
type matrix struct {
	terms []string
	idfs  []float32
	rows  [][]cell
}

type cell struct {
	term   uint32
	weight float32
}

func (f *frozen) matrix(sample []uint32) *matrix {
	var r record
	tf := map[uint32]uint32{}
	counts := func(doc uint32) {
		clear(tf)
		r.decodeText(f.records.at(f.offsets[doc]))
		for _, words := range [][]uint32{r.title, r.body} {
			for _, w := range words {
				if !f.wordStop[w] {
					tf[f.wordTerm[w]]++
				}
			}
		}
	}
	df := make([]uint32, f.terms.len())
	for _, doc := range sample {
		counts(doc)
		for t := range tf {
			df[t]++
		}
	}
	m := &matrix{}
	place := m.choose(f, df, len(sample))
	for _, doc := range sample {
		counts(doc)
		var row []cell
		for t, n := range tf {
			if p := place[t]; p >= 0 {
				row = append(row, cell{uint32(p), float32(math.Log1p(float64(n))) * m.idfs[p]})
			}
		}
		sort.Slice(row, func(i, j int) bool { return row[i].term < row[j].term })
		var sum float64
		for _, c := range row {
			sum += float64(c.weight) * float64(c.weight)
		}
		for i := range row {
			row[i].weight /= float32(math.Sqrt(sum))
		}
		m.rows = append(m.rows, row)
	}
	return m
}

// choose takes the terms that occur in two documents or more, at most the trainTerms most frequent,
// in the order of their spelling.
func (m *matrix) choose(f *frozen, df []uint32, docs int) (place []int32) {
	var chosen []uint32
	place = make([]int32, len(df))
	for t, n := range df {
		place[t] = -1
		if n > 1 {
			chosen = append(chosen, uint32(t))
		}
	}
	spelling := func(t uint32) string { return string(f.terms.at(t)) }
	if len(chosen) > trainTerms {
		sort.Slice(chosen, func(i, j int) bool {
			a, b := chosen[i], chosen[j]
			if df[a] != df[b] {
				return df[a] > df[b]
			}
			return spelling(a) < spelling(b)
		})
		chosen = chosen[:trainTerms]
	}
	sort.Slice(chosen, func(i, j int) bool { return spelling(chosen[i]) < spelling(chosen[j]) })
	for i, t := range chosen {
		place[t] = int32(i)
		m.terms = append(m.terms, spelling(t))
		m.idfs = append(m.idfs, float32(math.Log(1+float64(docs)/float64(df[t]))))
	}
	return place
}

// decompose finds the main directions of the terms, one row a term, by subspace iteration from a random start with a fixed
// seed (Halko, Martinsson and Tropp, Finding structure with randomness, 2011). There are as many columns as dimensions asked for.
// Whichever of documents and terms are fewer are kept orthonormal, since that is most of the work.
func (m *matrix) decompose() [][]float64 {
	forth, back, fewer, more := m.times, m.transposed, len(m.rows), len(m.terms)
	termsAreFewer := fewer > more
	if termsAreFewer {
		forth, back, fewer, more = back, forth, more, fewer
	}
	rng := rand.New(rand.NewPCG(trainSeed, trainSeed))
	z := newDense(more, min(dimensions+oversample, fewer))
	for i := range z {
		for k := range z[i] {
			z[i][k] = rng.NormFloat64()
		}
	}
	var y [][]float64
	for range trainPasses {
		y = forth(z)
		orthonormalise(y)
		z = back(y)
	}
	// As many dimensions as terms would keep every term apart from every other.
	w, lengths := principal(z, min(dimensions, len(z[0]), 1+len(m.terms)/8))
	if termsAreFewer {
		return rotate(y, w)
	}
	for i := range w {
		for k, length := range lengths {
			if length > 0 {
				w[i][k] /= length
			}
		}
	}
	return rotate(z, w)
}

func newDense(rows, width int) [][]float64 {
	all := make([]float64, rows*width)
	d := make([][]float64, rows)
	for i := range d {
		d[i] = all[i*width : (i+1)*width]
	}
	return d
}

// times is the matrix by z; transposed is the transposed matrix by y.
func (m *matrix) times(z [][]float64) [][]float64 {
	y := newDense(len(m.rows), len(z[0]))
	for i, row := range m.rows {
		for _, c := range row {
			addScaled(y[i], float64(c.weight), z[c.term])
		}
	}
	return y
}

func (m *matrix) transposed(y [][]float64) [][]float64 {
	z := newDense(len(m.terms), len(y[0]))
	for i, row := range m.rows {
		for _, c := range row {
			addScaled(z[c.term], float64(c.weight), y[i])
		}
	}
	return z
}

func addScaled(to []float64, f float64, v []float64) {
	v = v[:len(to)]
	for k := range to {
		to[k] += f * v[k]
	}
}
