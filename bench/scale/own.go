package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/bench/text"
	"github.com/hindcast-kb/hindcast/internal/search"
)

// own is the engine of the product with documents in it.
type own struct {
	engine   *search.Engine
	buildCPU time.Duration
	trainCPU time.Duration
	heap     uint64
	docs     int
}

const batch = 1000

func buildOwn(g *text.Generator, n int) (*own, error) {
	o := &own{docs: n}
	before := heap()
	o.engine = search.New(search.Options{Texts: func(_ context.Context, ids []string) (map[string]search.Text, error) {
		texts := map[string]search.Text{}
		for _, id := range ids {
			var i int
			if _, err := fmt.Sscanf(id, "FND-%d", &i); err != nil {
				return nil, err
			}
			d := g.Doc(i - 1)
			texts[id] = search.Text{Title: d.Title, Body: d.Body}
		}
		return texts, nil
	}})
	for from := 0; from < n; from += batch {
		var changes []search.Change
		for i := from; i < min(n, from+batch); i++ {
			changes = append(changes, change(g, i))
		}
		start := cpu()
		if err := o.engine.Apply(changes); err != nil {
			return nil, err
		}
		o.buildCPU += cpu() - start
	}
	start := cpu()
	if model := o.engine.TrainModel(); model != nil {
		if err := o.engine.Apply([]search.Change{{Seq: int64(n + 1), Model: model}}); err != nil {
			return nil, err
		}
	}
	o.trainCPU = cpu() - start
	o.heap = heap() - before
	return o, nil
}

func change(g *text.Generator, i int) search.Change {
	d := g.Doc(i)
	return search.Change{Seq: int64(i + 1), ID: d.ID, Doc: &search.Document{
		Kind: d.Type, ID: d.ID, Title: d.Title, Body: d.Body, Visibility: search.Internal,
		Time: time.Unix(int64(i), 0),
		Fields: map[string][]string{
			"severity": {d.Severity}, "status": {d.Status}, "service_id": {d.Service}, "tag": d.Tags,
		},
	}}
}

func (o *own) report(n int) bool {
	s := o.engine.Stats()
	rate := float64(n) / o.buildCPU.Seconds()
	fmt.Printf("own    build %.0f docs/s/core, heap %d MB, %d words, %d terms, model %.1f CPU s\n",
		rate, o.heap>>20, s.Words, s.Terms, o.trainCPU.Seconds())
	ok := true
	if rate < 6000 {
		ok = false
		fmt.Println("       build is below 6,000 docs/s/core")
	}
	if n >= 1_000_000 && o.heap>>20 > 700 {
		ok = false
		fmt.Println("       heap is above 700 MB")
	}
	return ok
}

// measured are the CPU times of one class: BM25F alone, with facets, and the whole request with
// both stages, facets and snippets; facets is the difference the facets make.
type measured struct {
	first, faceted, whole, similar, facets spread
}

func (o *own) measure(c class) (m measured, err error) {
	ctx := context.Background()
	search1 := func(r search.Request) func(int) error {
		return func(i int) error {
			r.Text, r.Limit = c.queries[i], 10
			_, err := o.engine.Search(ctx, r)
			return err
		}
	}
	n := len(c.queries)
	if m.first, err = timed(n, search1(search.Request{FirstStageOnly: true, NoTexts: true})); err != nil {
		return m, err
	}
	var took []time.Duration
	plain := search1(search.Request{FirstStageOnly: true, NoTexts: true})
	faceted := search1(search.Request{FirstStageOnly: true, NoTexts: true, Facets: text.Facets})
	for i := range n {
		a := cpu()
		if err := plain(i); err != nil {
			return m, err
		}
		b := cpu()
		if err := faceted(i); err != nil {
			return m, err
		}
		took = append(took, max(0, (cpu()-b)-(b-a)))
	}
	m.facets = spreadOf(took)
	if m.faceted, err = timed(n, faceted); err != nil {
		return m, err
	}
	if m.whole, err = timed(n, search1(search.Request{Facets: text.Facets})); err != nil {
		return m, err
	}
	m.similar, err = timed(n, func(i int) error {
		_, err := o.engine.Similar(ctx, search.SimilarRequest{ID: fmt.Sprintf("FND-%d", 1+i*(o.docs/n)), Limit: 10})
		return err
	})
	return m, err
}

func (m measured) print(name string) {
	fmt.Printf("own    %-7s first stage %s   49 facet values %s   whole request %s   similar %s  (CPU ms p50 / p95)\n",
		name, m.first, m.facets, m.whole, m.similar)
}

// gates compares with the targets that hold for the size.
func (m measured) gates(n int) bool {
	first, whole := 3.0, 15.0
	if n > 100_000 {
		first, whole = 15, 50
	}
	ok := true
	for _, g := range []struct {
		name  string
		got   time.Duration
		limit float64
	}{{"first stage", m.first.p95, first}, {"whole request", m.whole.p95, whole}, {"facets", m.facets.p95, 10}} {
		if ms(g.got) > g.limit {
			ok = false
			fmt.Printf("       %s: p95 %.2f ms is above %.0f ms\n", g.name, ms(g.got), g.limit)
		}
	}
	return ok
}
