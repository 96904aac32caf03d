package main

import (
	"math/rand/v2"
	"sort"
	"strings"

	"github.com/hindcast-kb/hindcast/bench/text"
)

// class is a kind of query.
type class struct {
	name    string
	queries []string
}

// sampleSize documents show how frequent words are.
const sampleSize = 10_000

// classesOf draws the queries: single words by their frequency, three words of a title, whole
// titles of 6 to 12 words.
func classesOf(g *text.Generator, n, count int, seed uint64) []class {
	rng := rand.New(rand.NewPCG(seed, 2))
	rare, common := wordsByFrequency(g, n)
	classes := []class{{name: "rare"}, {name: "common"}, {name: "multi3"}, {name: "title8"}}
	titles := g.Titles()
	for range count {
		classes[0].queries = append(classes[0].queries, rare[rng.IntN(len(rare))])
		classes[1].queries = append(classes[1].queries, common[rng.IntN(len(common))])
		words := longWords(titles[rng.IntN(len(titles))])
		for len(words) < 3 {
			words = longWords(titles[rng.IntN(len(titles))])
		}
		rng.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		classes[2].queries = append(classes[2].queries, strings.Join(words[:3], " "))
		title := ""
		for k := 0; k < 6 || k > 12; k = len(strings.Fields(title)) {
			title = titles[rng.IntN(len(titles))]
		}
		classes[3].queries = append(classes[3].queries, title)
	}
	return classes
}

func longWords(title string) (words []string) {
	for _, w := range strings.Fields(title) {
		if len(w) > 3 {
			words = append(words, w)
		}
	}
	return words
}

// wordsByFrequency gives words in about 2 of 10,000 documents and the most frequent topical words
// (in about a fifth of the documents).
func wordsByFrequency(g *text.Generator, n int) (rare, common []string) {
	df := map[string]int{}
	size := min(n, sampleSize)
	for i := range size {
		d := g.Doc(i)
		seen := map[string]bool{}
		for _, w := range strings.Fields(strings.ToLower(d.Title + " " + d.Body)) {
			if !seen[w] && plainWord(w) {
				seen[w] = true
				df[w]++
			}
		}
	}
	for w, f := range df {
		share := float64(f) / float64(size)
		switch {
		case share >= 0.0001 && share <= 0.0003:
			rare = append(rare, w)
		case share >= 0.08 && share <= 0.25 && len(w) > 4:
			common = append(common, w)
		}
	}
	sort.Strings(rare)
	sort.Strings(common)
	return rare, common
}

func plainWord(w string) bool {
	for _, c := range w {
		if c < 'a' || c > 'z' {
			return false
		}
	}
	return len(w) > 3
}
