// Package text generates any number of documents from a little real text, the same ones for the same
// seed: windows of the source's words with identifiers of a Zipf distribution strewn in, about 130
// words each. Documents are made one at a time by number, so that a million of them need no memory.
package text

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"github.com/hindcast-kb/hindcast/bench/collection"
)

// Generator makes documents.
type Generator struct {
	seed   uint64
	titles []string
	words  [][]string // of each source document
	total  []int      // words up to and with each source document
}

// Document is one generated document.
type Document struct {
	ID, Title, Body                 string
	Type, Severity, Status, Service string
	Tags                            []string
	words                           []string
}

const (
	meanWords   = 108
	identifiers = 9 // a document, on average
	poolSize    = 280_000
)

// New makes a generator from collections; with none it falls back to invented words.
func New(seed uint64, sources []collection.Collection) *Generator {
	g := &Generator{seed: seed}
	for _, c := range sources {
		for _, d := range c.Docs {
			w := strings.Fields(d.Text)
			if n := len(strings.Fields(d.Title)); len(w) < 20 || n < 3 {
				continue
			}
			title, _ := d.Fit()
			g.add(title, w)
		}
	}
	if len(g.words) == 0 {
		g.invent()
	}
	return g
}

func (g *Generator) add(title string, words []string) {
	n := len(words)
	if len(g.total) > 0 {
		n += g.total[len(g.total)-1]
	}
	g.titles = append(g.titles, title)
	g.words = append(g.words, words)
	g.total = append(g.total, n)
}

// invent fills the source with words of syllables, frequent ones short, in a Zipf distribution.
func (g *Generator) invent() {
	rng := rand.New(rand.NewPCG(g.seed, 1))
	var vocabulary []string
	for i := range 40_000 {
		w := ""
		for n := 1 + rng.IntN(2) + int(math.Log10(float64(i+1))/2); n > 0; n-- {
			w += string("bcdfgklmnprstv"[rng.IntN(14)]) + string("aeiou"[rng.IntN(5)])
		}
		vocabulary = append(vocabulary, w)
	}
	z := rand.NewZipf(rng, 1.05, 3, uint64(len(vocabulary)-1))
	draw := func(n int) []string {
		words := make([]string, n)
		for i := range words {
			words[i] = vocabulary[z.Uint64()]
		}
		return words
	}
	for range 8000 {
		g.add(strings.Join(draw(4+rng.IntN(9)), " "), draw(60+rng.IntN(300)))
	}
}

// Titles are those of the source, for queries as people write them.
func (g *Generator) Titles() []string { return g.titles }

var (
	types      = []string{"finding", "finding", "finding", "incident", "lesson", "action"}
	severities = []string{"critical", "high", "medium", "low"}
	statuses   = []string{"reported", "triaged", "confirmed", "resolved", "verified", "duplicate", "not_reproducible", "accepted"}
	tags       = []string{"database", "cache", "session", "login", "billing", "mail", "search", "mobile", "backup", "network"}
)

// Facets are the fields with their number of values: 49 in all.
var Facets = []string{"type", "severity", "status", "service_id", "tag"}

// Doc makes document number i.
func (g *Generator) Doc(i int) Document {
	rng := rand.New(rand.NewPCG(g.seed, uint64(i)+100))
	n := meanWords/2 + rng.IntN(meanWords)
	var words []string
	for len(words) < n {
		src := g.words[rng.IntN(len(g.words))]
		from := rng.IntN(len(src))
		to := min(len(src), from+n-len(words))
		words = append(words, src[from:to]...)
	}
	for k := rng.IntN(2*identifiers + 1); k > 0; k-- {
		words[rng.IntN(len(words))] = identifier(rng)
	}
	d := Document{
		ID: fmt.Sprintf("FND-%d", i+1), Title: g.titles[rng.IntN(len(g.titles))], Body: strings.Join(words, " "),
		Type: types[rng.IntN(len(types))], Severity: severities[rng.IntN(4)], Status: statuses[rng.IntN(8)],
		Service: fmt.Sprintf("SVC-%d", 1+rng.IntN(23)), words: words,
	}
	for range rng.IntN(3) {
		d.Tags = append(d.Tags, tags[rng.IntN(len(tags))])
	}
	return d
}

var prefixes = []string{"node", "job", "req", "pod", "vm", "build", "shard", "txn"}

// identifier is a name whose number follows Zipf's law over the pool.
func identifier(rng *rand.Rand) string {
	n := int(math.Pow(poolSize, rng.Float64()))
	return fmt.Sprintf("%s%d", prefixes[n%len(prefixes)], n)
}
