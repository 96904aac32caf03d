package search

// window is how many words apart two neighbours of the query may be and still count as close.
const window = 8

// features measures one candidate.
func (rr *reranker) features(x *index, n *norms, sum sums, c candidate) (v [features]float64) {
	rr.rec.decodeText(x.records.at(x.offsets[c.doc]))
	rr.countSlots(x)
	length := x.lengths[c.doc]
	titleLen, bodyLen := unpackLengths(length)
	titleNorm, bodyNorm := n.title[titleLen]/titleBoost, n.body[bodyLen]
	var title, body, feedback, covered float32
	for i := range rr.terms {
		t := &rr.terms[i]
		if t.position >= 0 && t.titleTF > 0 {
			covered += t.idf
		}
		if t.titleTF+t.tf == 0 {
			continue
		}
		title += t.query * saturate(float32(t.titleTF)*titleNorm)
		body += t.query * saturate(float32(t.tf)*bodyNorm)
		feedback += t.feedback * saturate(n.frequency(t.titleTF, t.tf, length))
	}
	v[featureBM25F] = float64(c.score)
	v[featureTitle] = float64(title)
	v[featureBody] = float64(body)
	v[featureFeedback] = float64(feedback)
	if sum.idf > 0 {
		v[featureCoverage] = float64(covered / sum.idf)
	}
	v[featureProximity] = float64(rr.proximity())
	v[featureTrigrams] = rr.grams.overlap(x, rr.rec.title)
	v[featureMeaning] = rr.meaning.cosine(x, &rr.rec)
	return v
}

// countSlots counts the interesting terms of rr.rec and finds the closest pairs of neighbours.
func (rr *reranker) countSlots(x *index) {
	if cap(rr.last) < len(rr.terms) {
		rr.last = make([]int32, len(rr.terms)*2)
		rr.pairs = make([]float32, len(rr.terms)*2)
	}
	rr.last, rr.pairs = rr.last[:len(rr.terms)], rr.pairs[:len(rr.terms)]
	for i := range rr.terms {
		rr.terms[i].titleTF, rr.terms[i].tf = 0, 0
		rr.last[i], rr.pairs[i] = -1000, 0
	}
	at := int32(0)
	for _, w := range rr.rec.title {
		if n := rr.slotOf(x.wordTerm[w]); n >= 0 {
			rr.terms[n].titleTF++
			rr.near(n, at)
		}
		at++
	}
	at += window + 1 // the title's last word is not beside the body's first
	for _, w := range rr.rec.body {
		if n := rr.slotOf(x.wordTerm[w]); n >= 0 {
			rr.terms[n].tf++
			rr.near(n, at)
		}
		at++
	}
}

// near keeps, for every pair of neighbours in the query, one over their smallest distance; the wrong
// order counts half.
func (rr *reranker) near(n int, at int32) {
	rr.last[n] = at
	t := &rr.terms[n]
	if t.previous >= 0 {
		if d := at - rr.last[t.previous]; d <= window && d > 0 {
			rr.pairs[t.previous] = max(rr.pairs[t.previous], 1/float32(d))
		}
	}
	if t.next >= 0 {
		if d := at - rr.last[t.next]; d <= window && d > 0 {
			rr.pairs[n] = max(rr.pairs[n], 0.5/float32(d))
		}
	}
}

// proximity sums the pairs, each weighed by the rarer word's idf.
func (rr *reranker) proximity() float32 {
	var sum float32
	for i, p := range rr.pairs {
		if p > 0 {
			sum += p * min(rr.terms[i].idf, rr.terms[rr.terms[i].next].idf)
		}
	}
	return sum
}
