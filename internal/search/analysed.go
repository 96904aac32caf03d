package search

// analysed is the text of a document cut into surface forms, made outside the engine's lock.
type analysed struct {
	bytes []byte
	ends  []int
	title int // how many of the forms are the title's
}

func (a *analysed) at(i int) []byte {
	from := 0
	if i > 0 {
		from = a.ends[i-1]
	}
	return a.bytes[from:a.ends[i]]
}

func (a *analysed) read(title, body string) {
	a.bytes, a.ends = a.bytes[:0], a.ends[:0]
	keep := func(t token) {
		a.bytes = append(a.bytes, t.text...)
		a.ends = append(a.ends, len(a.bytes))
	}
	tokens(title, keep)
	a.title = len(a.ends)
	tokens(body, keep)
}
