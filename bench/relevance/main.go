// Command relevance measures how well the search finds what the judgements of a test collection
// call relevant, either in process or through the public API of a running server. It exits with 1
// when a figure is below its gate or significantly below the baseline.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/hindcast-kb/hindcast/bench/collection"
)

func main() {
	var o options
	flag.StringVar(&o.dir, "dir", "../../shared/fixtures/search", "folder of the collections")
	flag.StringVar(&o.server, "server", "", "base URL of a running server; empty measures in process")
	flag.StringVar(&o.tokenFile, "token-file", "", "file with a token of scopes read and write")
	flag.BoolVar(&o.noModel, "no-model", false, "leave the semantic model out (in process)")
	flag.Uint64Var(&o.seed, "seed", 7, "seed of the typos")
	flag.StringVar(&o.baseline, "baseline", "relevance/baseline.json", "file of scores to compare with")
	flag.BoolVar(&o.update, "update", false, "make the scores of this run the baseline")
	names := flag.String("collections", "scifact,hadoop", "collections to measure")
	similar := flag.Bool("similar", false, "measure similar items of whole documents instead of queries (in process)")
	flag.Parse()

	failed, err := run(o, strings.Split(*names, ","), *similar)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if failed {
		os.Exit(1)
	}
}

type options struct {
	dir, server, tokenFile, baseline string
	noModel, update                  bool
	seed                             uint64
}

// run measures the collections and says whether a check failed.
func run(o options, names []string, similar bool) (bool, error) {
	base, err := readBaseline(o.baseline)
	if err != nil {
		return false, err
	}
	var c checks
	for _, name := range names {
		col, err := collection.Load(filepath.Join(o.dir, name))
		if err != nil {
			return false, err
		}
		switch {
		case similar:
			err = reportSimilar(col, o.noModel)
		case o.server != "":
			err = reportAPI(col, o, &c)
		default:
			err = reportEngine(col, o, base, &c)
		}
		if err != nil {
			return false, err
		}
	}
	if o.update {
		return c.failed, base.write(o.baseline)
	}
	return c.failed, nil
}

// searcher answers a query with the ids of the collection, best first.
type searcher func(query string) ([]string, error)

// scores are those of every query, in the order of the collection.
type scores struct{ ndcg, recall, rank []float64 }

func measure(c collection.Collection, s searcher, rewrite func(string) string) (scores, error) {
	var got scores
	for _, q := range c.Queries {
		ranked, err := s(rewrite(q.Text))
		if err != nil {
			return got, fmt.Errorf("query %s: %w", q.ID, err)
		}
		ranked = without(ranked, q.ID)
		got.ndcg = append(got.ndcg, q.NDCG(ranked, 10))
		got.recall = append(got.recall, q.Recall(ranked, 100))
		got.rank = append(got.rank, q.ReciprocalRank(ranked, 10))
	}
	return got, nil
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// without drops the document the query was made from.
func without(ranked []string, id string) []string {
	kept := ranked[:0:0]
	for _, r := range ranked {
		if r != id {
			kept = append(kept, r)
		}
	}
	return kept
}

func asTyped(q string) string { return q }

// reportEngine measures the engine in process: the whole pipeline beside its first stage, correction, and the baseline.
func reportEngine(c collection.Collection, o options, base baseline, checks *checks) error {
	e, err := index(c, o.noModel)
	if err != nil {
		return err
	}
	clean, err := reportClean(c, find(e), checks)
	if err != nil {
		return err
	}
	first, err := measure(c, firstStage(e), asTyped)
	if err != nil {
		return err
	}
	print95(c, fmt.Sprintf("over its first stage, %.4f", mean(first.ndcg)), bootstrap(clean.ndcg, first.ndcg))
	if d, ok := base.compare(c, clean); ok {
		print95(c, "over the baseline", d)
		checks.hold(d.High >= 0, "%s: nDCG@10 is below the baseline, and not by chance", c.Name)
	}
	if o.update {
		base.take(c, clean)
	}
	literal, err := measure(c, literally(e), asTyped)
	if err != nil {
		return err
	}
	loss := mean(literal.ndcg) - mean(clean.ndcg)
	fmt.Printf("%-12s correction changes %+.4f on queries as typed\n", c.Name, -loss)
	checks.hold(loss <= maxLoss, "%s: correction costs %.4f, more than %.3f", c.Name, loss, maxLoss)
	return reportTypos(c, find(e), o.seed, checks)
}

// reportAPI loads the collection into a running server and measures what it finds.
func reportAPI(c collection.Collection, o options, checks *checks) error {
	s, err := overAPI(o.server, o.tokenFile, c)
	if err != nil {
		return err
	}
	if _, err := reportClean(c, s, checks); err != nil {
		return err
	}
	return reportTypos(c, s, o.seed, checks)
}

func reportClean(c collection.Collection, s searcher, checks *checks) (scores, error) {
	got, err := measure(c, s, asTyped)
	if err != nil {
		return got, err
	}
	ndcg, recall := mean(got.ndcg), mean(got.recall)
	fmt.Printf("%-12s nDCG@10 %.4f  R@100 %.4f  MRR@10 %.4f\n", c.Name, ndcg, recall, mean(got.rank))
	if gate, ok := gates[c.Name]; ok {
		checks.hold(ndcg >= gate.ndcg, "%s: nDCG@10 %.4f is below %.3f", c.Name, ndcg, gate.ndcg)
		checks.hold(recall >= gate.recall, "%s: R@100 %.4f is below %.3f", c.Name, recall, gate.recall)
	}
	return got, nil
}

func print95(c collection.Collection, what string, d collection.Difference) {
	fmt.Printf("%-12s %+.4f [%+.4f, %+.4f] %s\n", c.Name, d.Mean, d.Low, d.High, what)
}

// reportTypos compares with the queries in lower case, since that is how the typist types.
func reportTypos(c collection.Collection, s searcher, seed uint64, checks *checks) error {
	lower, err := measure(c, s, strings.ToLower)
	if err != nil {
		return err
	}
	for typos := 1; typos <= 2; typos++ {
		got, err := measure(c, s, typist(seed, typos))
		if err != nil {
			return err
		}
		share := mean(got.ndcg) / mean(lower.ndcg)
		fmt.Printf("%-12s %d typo(s) a query %.4f, %.1f %% of %.4f in lower case\n", c.Name, typos, mean(got.ndcg), 100*share, mean(lower.ndcg))
		checks.hold(typos > 1 || share >= minTypoShare, "%s: one typo leaves %.1f %%, less than %.0f %%", c.Name, 100*share, 100*minTypoShare)
	}
	return nil
}

// typist mistypes queries, the same ones the same way for the same seed.
func typist(seed uint64, typos int) func(string) string {
	rng := rand.New(rand.NewPCG(seed, uint64(typos)))
	return func(q string) string { return collection.Typo(q, typos, rng) }
}

// reportSimilar compares similar items with the text of the same documents as queries.
func reportSimilar(c collection.Collection, noModel bool) error {
	e, err := index(c, noModel)
	if err != nil {
		return err
	}
	plain, err := measure(c, literally(e), asTyped)
	if err != nil {
		return err
	}
	byID := c
	byID.Queries = nil
	for _, q := range c.Queries {
		q.Text = q.ID
		byID.Queries = append(byID.Queries, q)
	}
	got, err := measure(byID, alike(e), asTyped)
	if err != nil {
		return err
	}
	fmt.Printf("%-12s similar items: nDCG@10 %.4f  R@100 %.4f\n", c.Name, mean(got.ndcg), mean(got.recall))
	print95(c, fmt.Sprintf("over the text as a query, %.4f", mean(plain.ndcg)), bootstrap(got.ndcg, plain.ndcg))
	return nil
}
