package search

import (
	"bytes"
	"fmt"
	"sort"
	"sync"

	"github.com/blevesearch/vellum"
	"github.com/blevesearch/vellum/levenshtein"
)

// vocabulary finds surface forms by their beginning and by edit distance. The forms known when it
// was built are sealed: sorted, and the words among them in an FST. Newer ones are looked at one by
// one, so that the answers never depend on when it was built.
type vocabulary struct {
	sealed int      // forms with smaller numbers are in sorted
	sorted []uint32 // word numbers by spelling
	words  *vellum.FST
}

// spelling holds the automata builders for distances 1 and 2.
type spelling [2]*levenshtein.LevenshteinAutomatonBuilder

// newSpelling is costly and its result never changes, so it is made once.
var newSpelling = sync.OnceValue(func() (s spelling) {
	for i := range s {
		b, err := levenshtein.NewLevenshteinAutomatonBuilder(uint8(i+1), true)
		if err != nil {
			panic(fmt.Sprintf("building the Levenshtein automaton of distance %d: %v", i+1, err)) // no input reaches this
		}
		s[i] = b
	}
	return s
})

// refreshVocabulary seals the new forms when there are many. The caller holds e.writer, so nothing
// changes the words meanwhile, and readers go on with the vocabulary before.
func (e *Engine) refreshVocabulary() {
	n := e.index.words.len()
	if fresh := n - e.vocab.sealed; fresh <= 4096+e.vocab.sealed/8 {
		return
	}
	v := newVocabulary(e.index.words)
	e.mu.Lock()
	e.vocab = v
	e.mu.Unlock()
}

func newVocabulary(words *interner) *vocabulary {
	v := &vocabulary{sealed: words.len(), sorted: make([]uint32, words.len())}
	for i := range v.sorted {
		v.sorted[i] = uint32(i)
	}
	sort.Slice(v.sorted, func(i, j int) bool {
		return bytes.Compare(words.at(v.sorted[i]), words.at(v.sorted[j])) < 0
	})
	var b bytes.Buffer
	v.words = nil
	w, err := vellum.New(&b, nil)
	for _, n := range v.sorted {
		if err == nil && correctionTarget(words.at(n)) {
			err = w.Insert(words.at(n), uint64(n))
		}
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		v.words, err = vellum.Load(b.Bytes())
	}
	if err != nil { // a buffer does not fail and the keys are sorted and distinct
		panic(fmt.Sprintf("building the word automaton: %v", err))
	}
	return v
}

// correctionTarget says whether a form is a word that a reader may have meant.
func correctionTarget(form []byte) bool {
	return len(form) >= 3 && classOf(form) != identifier
}

// starting calls f with every known form that begins with prefix.
func (v *vocabulary) starting(words *interner, prefix []byte, f func(word uint32)) {
	i := sort.Search(len(v.sorted), func(i int) bool { return bytes.Compare(words.at(v.sorted[i]), prefix) >= 0 })
	for ; i < len(v.sorted) && bytes.HasPrefix(words.at(v.sorted[i]), prefix); i++ {
		f(v.sorted[i])
	}
	for n := v.sealed; n < words.len(); n++ {
		if bytes.HasPrefix(words.at(uint32(n)), prefix) {
			f(uint32(n))
		}
	}
}

// near calls f with every word within the distance (1 or 2) of form.
func (v *vocabulary) near(words *interner, s spelling, form string, distance int, f func(word uint32, distance int)) {
	dfa, err := s[distance-1].BuildDfa(form, uint8(distance))
	if err != nil {
		return // too long for an automaton: not a word
	}
	if v.words != nil {
		it, err := v.words.Search(dfa, nil, nil)
		for err == nil {
			key, n := it.Current()
			_, d := dfa.MatchAndDistance(string(key))
			f(uint32(n), int(d))
			err = it.Next()
		}
	}
	for n := v.sealed; n < words.len(); n++ {
		w := words.at(uint32(n))
		if len(w)+2*distance < len(form) || len(w) > len(form)+4*distance || !correctionTarget(w) {
			continue
		}
		if ok, d := dfa.MatchAndDistance(string(w)); ok {
			f(uint32(n), int(d))
		}
	}
}
