// Command relevance measures how well the search finds what the judgements of a test collection
// call relevant, either in process or through the public API of a running server.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"github.com/hindcast-kb/hindcast/bench/collection"
	"github.com/hindcast-kb/hindcast/internal/search"
)

// gates are the figures below which the command fails.
var gates = map[string]float64{"scifact": 0.710, "hadoop": 0.605}

func main() {
	dir := flag.String("dir", "../../shared/fixtures/search", "folder of the collections")
	names := flag.String("collections", "scifact,hadoop", "collections to measure")
	server := flag.String("server", "", "base URL of a running server; empty measures in process")
	tokenFile := flag.String("token-file", "", "file with a token of scopes read and write")
	first := flag.Bool("first-stage", false, "order by BM25F alone (in process)")
	noModel := flag.Bool("no-model", false, "leave the semantic model out (in process)")
	seed := flag.Uint64("seed", 7, "seed of the typos")
	similar := flag.Bool("similar", false, "measure similar items of whole documents instead of queries (in process)")
	flag.Parse()
	failed := false
	for _, name := range strings.Split(*names, ",") {
		c, err := collection.Load(filepath.Join(*dir, name))
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		var s searcher
		var e *search.Engine
		if *server != "" {
			s, err = overAPI(*server, *tokenFile, c)
		} else {
			e, s, err = inProcess(c, *first, *noModel)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if *similar && e != nil {
			if err := reportSimilar(c, s, likeIt(e)); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(2)
			}
			continue
		}
		m, err := report(c, s, *seed, *server == "")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		if gate, ok := gates[name]; ok && m < gate {
			fmt.Printf("%s: nDCG@10 %.4f is below %.3f\n", name, m, gate)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// searcher answers a query with the ids of the collection, best first.
type searcher func(query string, literal bool) ([]string, error)

// figures are means over the queries.
type figures struct{ ndcg, recall, rank float64 }

func measure(c collection.Collection, s searcher, literal bool, rewrite func(string) string) (figures, error) {
	var f figures
	for _, q := range c.Queries {
		ranked, err := s(rewrite(q.Text), literal)
		if err != nil {
			return f, fmt.Errorf("query %s: %w", q.ID, err)
		}
		ranked = without(ranked, q.ID)
		f.ndcg += q.NDCG(ranked, 10)
		f.recall += q.Recall(ranked, 100)
		f.rank += q.ReciprocalRank(ranked, 10)
	}
	n := float64(len(c.Queries))
	return figures{f.ndcg / n, f.recall / n, f.rank / n}, nil
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

func report(c collection.Collection, s searcher, seed uint64, canBeLiteral bool) (float64, error) {
	same := func(q string) string { return q }
	clean, err := measure(c, s, false, same)
	if err != nil {
		return 0, err
	}
	fmt.Printf("%-12s nDCG@10 %.4f  R@100 %.4f  MRR@10 %.4f\n", c.Name, clean.ndcg, clean.recall, clean.rank)
	if canBeLiteral {
		literal, err := measure(c, s, true, same)
		if err != nil {
			return 0, err
		}
		fmt.Printf("%-12s without correction %.4f: correction changes %+.4f\n", c.Name, literal.ndcg, clean.ndcg-literal.ndcg)
	}
	lower, err := measure(c, s, false, strings.ToLower)
	if err != nil {
		return 0, err
	}
	for typos := 1; typos <= 2; typos++ {
		got, err := measure(c, s, false, typist(seed, typos))
		if err != nil {
			return 0, err
		}
		fmt.Printf("%-12s %d typo(s) a query %.4f, %.1f %% of %.4f in lower case\n",
			c.Name, typos, got.ndcg, 100*got.ndcg/lower.ndcg, lower.ndcg)
	}
	return clean.ndcg, nil
}

// typist mistypes queries, the same ones the same way for the same seed.
func typist(seed uint64, typos int) func(string) string {
	rng := rand.New(rand.NewPCG(seed, uint64(typos)))
	return func(q string) string { return collection.Typo(q, typos, rng) }
}

// reportSimilar compares similar items with the plain first stage over the same documents as queries.
func reportSimilar(c collection.Collection, s, like searcher) error {
	plain, err := measure(c, s, true, func(q string) string { return q })
	if err != nil {
		return err
	}
	byID := c
	byID.Queries = nil
	for _, q := range c.Queries {
		q.Text = q.ID
		byID.Queries = append(byID.Queries, q)
	}
	got, err := measure(byID, like, true, func(q string) string { return q })
	if err != nil {
		return err
	}
	fmt.Printf("%-12s similar items: nDCG@10 %.4f  R@100 %.4f; the text as a query %.4f (%+.1f %%)\n",
		c.Name, got.ndcg, got.recall, plain.ndcg, 100*(got.ndcg/plain.ndcg-1))
	return nil
}
