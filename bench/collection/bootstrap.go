package collection

import (
	"math/rand/v2"
	"slices"
)

// Difference is the mean of what one ranking scores more than another on the same queries, with the
// bounds between which 95 % of the means lie that a paired bootstrap draws.
type Difference struct{ Mean, Low, High float64 }

// PairedBootstrap compares the scores of the same queries, in the same order, by drawing as many
// queries with replacement draws times (Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13).
// It panics when the numbers of scores differ.
func PairedBootstrap(got, base []float64, draws int, rng *rand.Rand) Difference {
	if len(got) != len(base) {
		panic("collection: scores of different queries")
	}
	if len(got) == 0 || draws < 1 {
		return Difference{}
	}
	var sum float64
	for i := range got {
		sum += got[i] - base[i]
	}
	n := float64(len(got))
	means := make([]float64, draws)
	for d := range means {
		var sum float64
		for range got {
			i := rng.IntN(len(got))
			sum += got[i] - base[i]
		}
		means[d] = sum / n
	}
	slices.Sort(means)
	return Difference{Mean: sum / n, Low: means[draws*25/1000], High: means[draws-1-draws*25/1000]}
}
