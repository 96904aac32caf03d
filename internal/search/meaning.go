package search

// meaning compares query and document in the space of a model.
type meaning struct {
	counts counter
	model  *model
	query  [dimensions]float32
	length float64
}

func (m *meaning) prepare(md *model, terms []queryTerm) {
	m.model = md
}

func (m *meaning) cosine(x *index, r *record) float64 { return 0 }
