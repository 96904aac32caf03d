package search

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// topics are documents of two subjects that share no word but for the ones between.
func topics(n int) []Document {
	rng := rand.New(rand.NewPCG(1, 2))
	subjects := [][]string{
		{"database", "index", "query", "table", "lock", "transaction", "replica", "vacuum"},
		{"browser", "button", "colour", "layout", "stylesheet", "font", "pixel", "scroll"},
	}
	var docs []Document
	for i := range n {
		words := subjects[i%2]
		text := ""
		for range 4 {
			text += words[rng.IntN(len(words))] + " "
		}
		docs = append(docs, doc(i, text, ""))
	}
	return docs
}

func TestModelKnowsMeaningAndIsReproducible(t *testing.T) {
	t.Parallel()
	docs := topics(trainFrom)
	s := newShelf(t, docs...)
	if !s.engine.NeedsModel() {
		t.Fatal("no model wanted")
	}
	blob := s.engine.TrainModel()
	backwards := newShelf(t)
	for i := len(docs) - 1; i >= 0; i-- {
		backwards.put(docs[i])
	}
	if !bytes.Equal(blob, backwards.engine.TrainModel()) {
		t.Error("the order of the documents changes the model")
	}
	s.apply(Change{Model: blob})
	if s.engine.NeedsModel() || s.engine.Stats().Model != trainFrom {
		t.Errorf("the model is not in use: %+v", s.engine.Stats())
	}
	x := s.engine.index
	term := func(w string) uint32 {
		n, ok := x.terms.find([]byte(stem([]byte(w))))
		if !ok {
			t.Fatalf("no term %s", w)
		}
		return n
	}
	var m meaning
	m.prepare(x, []queryTerm{{term: term("database"), weight: 1, idf: 1}})
	cosine := func(words ...string) float64 {
		var r record
		for _, w := range words {
			n, _ := x.words.find([]byte(w))
			r.body = append(r.body, n)
		}
		return m.cosine(x, &r)
	}
	near, far := cosine("vacuum", "replica"), cosine("pixel", "font")
	if near < 0.5 || far > 0.1 {
		t.Errorf("same subject %v, other subject %v", near, far)
	}
}

func TestTooFewDocumentsTrainNoModel(t *testing.T) {
	t.Parallel()
	s := newShelf(t, topics(trainFrom-1)...)
	if s.engine.NeedsModel() || s.engine.TrainModel() != nil {
		t.Error("a model was made of too few documents")
	}
}

func TestBrokenModelIsAnErrorAndChangesNothing(t *testing.T) {
	t.Parallel()
	s := newShelf(t, topics(trainFrom)...)
	blob := s.engine.TrainModel()
	s.apply(Change{Model: blob})
	broken := append([]byte(nil), blob...)
	broken[20] ^= 1
	d := doc(9999, "later", "")
	d.Visibility = Internal
	err := s.engine.Apply([]Change{{Seq: 1000, Model: broken}, {Seq: 1001, ID: d.ID, Doc: &d}})
	if !errors.Is(err, ErrModel) {
		t.Errorf("got %v, want ErrModel", err)
	}
	if st := s.engine.Stats(); st.Model != trainFrom || st.Seq != 1001 {
		t.Errorf("got %+v: the change behind the broken one is lost", st)
	}
}

func TestSnapshotKeepsTheModel(t *testing.T) {
	t.Parallel()
	s := newShelf(t, topics(trainFrom)...)
	s.apply(Change{Model: s.engine.TrainModel()})
	e := New(Options{})
	if err := e.Load(bytes.NewReader(snapshotOf(t, s))); err != nil {
		t.Fatal(err)
	}
	r := Request{Text: "database lock", NoTexts: true, Explain: true}
	want, _ := s.engine.Search(context.Background(), r)
	got, _ := e.Search(context.Background(), r)
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func FuzzReadModel(f *testing.F) {
	s := newShelf(f, topics(trainFrom)...)
	blob := s.engine.TrainModel()
	f.Add(blob[:len(blob)-4])
	f.Add([]byte(modelMagic))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := readModel(seal(b))
		if err != nil {
			return
		}
		for term := range m.rows {
			m.vector(m.row([]byte(term)))
		}
	})
}

func TestEigenDecomposes(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	a := newDense(12, 12)
	for i := range a {
		for j := 0; j <= i; j++ {
			a[i][j] = rng.NormFloat64()
			a[j][i] = a[i][j]
		}
	}
	work := newDense(12, 12)
	for i := range a {
		copy(work[i], a[i])
	}
	values, v := eigen(work)
	for k := range values {
		for i := range a {
			sum := 0.0
			for j := range a {
				sum += a[i][j] * v[j][k]
			}
			if math.Abs(sum-values[k]*v[i][k]) > 1e-9 {
				t.Fatalf("vector %d is no eigenvector: %v against %v", k, sum, values[k]*v[i][k])
			}
		}
	}
}

func TestOrthonormaliseDropsDependentColumns(t *testing.T) {
	t.Parallel()
	z := [][]float64{{1, 2, 0}, {1, 2, 1}, {1, 2, 2}, {0, 0, 3}}
	orthonormalise(z)
	g := gram(z)
	for i := range g {
		for j := range g {
			want := 0.0
			if i == j && i != 1 {
				want = 1
			}
			if math.Abs(g[i][j]-want) > 1e-9 {
				t.Errorf("products %v", g)
				return
			}
		}
	}
}
