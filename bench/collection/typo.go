package collection

import (
	"math/rand/v2"
	"strings"
)

// Typo gives the query in lower case with one random edit in count of its words. The first letters
// a reader types right most often are not spared: every position may be hit.
func Typo(query string, count int, rng *rand.Rand) string {
	words := strings.Fields(strings.ToLower(query))
	var long []int
	for i, w := range words {
		if len(w) >= 4 && lettersOnly(w) {
			long = append(long, i)
		}
	}
	rng.Shuffle(len(long), func(i, j int) { long[i], long[j] = long[j], long[i] })
	for _, i := range long[:min(count, len(long))] {
		words[i] = edit(words[i], rng)
	}
	return strings.Join(words, " ")
}

func lettersOnly(w string) bool {
	for _, c := range w {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

func edit(w string, rng *rand.Rand) string {
	i := rng.IntN(len(w))
	letter := string(rune('a' + rng.IntN(26)))
	switch rng.IntN(4) {
	case 0:
		return w[:i] + letter + w[i:]
	case 1:
		return w[:i] + w[i+1:]
	case 2:
		return w[:i] + letter + w[i+1:]
	}
	if i == len(w)-1 {
		i--
	}
	return w[:i] + w[i+1:i+2] + w[i:i+1] + w[i+2:]
}
