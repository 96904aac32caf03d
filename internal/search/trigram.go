package search

// trigrams compares the query's spelling with a title's: the Jaccard measure of their sets of three
// letters in a row. Sets are kept by a 16 bit hash; a clash is rare and the same on every replica.
type trigrams struct {
	inQuery [1 << 16]uint32 // round in which the query had it
	counted [1 << 16]uint32 // round in which the title at hand had it
	round   uint32
	title   uint32
	size    int
	buf     []byte
}

func (g *trigrams) query(text string) {
	g.round++
	g.size = 0
	g.buf = append(append(g.buf[:0], ' '), text...)
	for i := 0; i+3 <= len(g.buf); i++ {
		h := hash3(g.buf[i:])
		if g.inQuery[h] != g.round {
			g.inQuery[h] = g.round
			g.size++
		}
	}
}

func (g *trigrams) overlap(x *index, title []uint32) float64 {
	g.title++
	g.buf = append(g.buf[:0], ' ')
	for _, w := range title {
		g.buf = append(append(g.buf, x.words.at(w)...), ' ')
	}
	both, size := 0, 0
	for i := 0; i+3 <= len(g.buf); i++ {
		h := hash3(g.buf[i:])
		if g.counted[h] == g.title {
			continue
		}
		g.counted[h] = g.title
		size++
		if g.inQuery[h] == g.round {
			both++
		}
	}
	if union := size + g.size - both; union > 0 {
		return float64(both) / float64(union)
	}
	return 0
}

func hash3(b []byte) uint16 {
	h := uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	return uint16((h * 2654435761) >> 16)
}
