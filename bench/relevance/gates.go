package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"

	"github.com/hindcast-kb/hindcast/bench/collection"
)

// What must hold for a collection: figures of the API and of the engine in process alike.
var gates = map[string]struct{ ndcg, recall float64 }{
	"scifact": {0.710, 0.925},
	"hadoop":  {0.605, 0.920},
}

// What must hold for every collection.
const (
	minTypoShare = 0.97  // of the score in lower case, with one typo a query
	maxLoss      = 0.002 // nDCG that correcting queries without typos may cost
)

// draws of a bootstrap; search.md states its intervals for as many.
const draws = 4000

// checks prints what does not hold and remembers that something did not.
type checks struct{ failed bool }

func (c *checks) hold(ok bool, format string, args ...any) {
	if !ok {
		c.failed = true
		fmt.Printf("FAIL         "+format+"\n", args...)
	}
}

// baseline holds the nDCG@10 of every query in the order of the collection, by its name, as of the last update.
type baseline map[string][]float64

// readBaseline gives an empty one when there is no such file.
func readBaseline(path string) (baseline, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return baseline{}, nil
	}
	if err != nil {
		return nil, err
	}
	base := baseline{}
	if err := json.Unmarshal(b, &base); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return base, nil
}

func (b baseline) write(path string) error {
	out, err := json.Marshal(b)
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(out, '\n'), 0o644)
}

// compare tells how the scores differ from the baseline's. It says false when there are none of so many queries.
func (b baseline) compare(c collection.Collection, got scores) (collection.Difference, bool) {
	then := b[c.Name]
	if len(then) != len(got.ndcg) {
		return collection.Difference{}, false
	}
	return bootstrap(got.ndcg, then), true
}

// take makes the scores the baseline of the collection, to four digits.
func (b baseline) take(c collection.Collection, got scores) {
	b[c.Name] = make([]float64, len(got.ndcg))
	for i, score := range got.ndcg {
		b[c.Name][i] = math.Round(score*10_000) / 10_000
	}
}

// bootstrap draws the same queries every time, so that a run can be repeated.
func bootstrap(got, base []float64) collection.Difference {
	return collection.PairedBootstrap(got, base, draws, rand.New(rand.NewPCG(1, draws)))
}
