package search

import (
	"bytes"
	"context"
	"math"
	"sort"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// history is a random feed: documents that come, change and go.
func history(t *rapid.T) []Change {
	var changes []Change
	n := rapid.IntRange(0, 40).Draw(t, "changes")
	for i := 0; i < n; i++ {
		id := rapid.IntRange(1, 15).Draw(t, "id")
		d := randomDocument(t, id)
		c := Change{Seq: int64(i + 1), ID: d.ID}
		if rapid.IntRange(0, 4).Draw(t, "deletes") > 0 {
			c.Doc = &d
		}
		changes = append(changes, c)
	}
	return changes
}

// latest is what is left of a feed.
func latest(changes []Change) map[string]*Document {
	docs := map[string]*Document{}
	for _, c := range changes {
		delete(docs, c.ID)
		if c.Doc != nil {
			docs[c.ID] = c.Doc
		}
	}
	return docs
}

func engineOf(changes []Change) *Engine {
	docs := latest(changes)
	e := New(Options{Texts: func(_ context.Context, ids []string) (map[string]Text, error) {
		texts := map[string]Text{}
		for _, id := range ids {
			if d := docs[id]; d != nil {
				texts[id] = Text{d.Title, d.Body}
			}
		}
		return texts, nil
	}})
	return e
}

func randomRequest(t *rapid.T) Request {
	r := Request{
		Text: randomQuery(t), Limit: rapid.IntRange(1, 20).Draw(t, "limit"), Explain: true,
		Facets: []string{"type", "severity", "tag"},
	}
	if rapid.Bool().Draw(t, "filtered") {
		r.Filters = map[string][]string{"severity": {"high"}}
	}
	return r
}

// everything asks the engine all it can be asked. The sequence is left out: it is not content.
func everything(t *rapid.T, e *Engine, r Request) (all struct {
	Result  Result
	Suggest []Completion
	Similar [][]SimilarItem
}) {
	ctx := context.Background()
	var err error
	if all.Result, err = e.Search(ctx, r); err != nil {
		t.Fatalf("Search: %v", err)
	}
	all.Result.Seq = 0
	if all.Suggest, err = e.Suggest(ctx, SuggestRequest{Text: r.Text, Viewer: r.Viewer}); err != nil {
		t.Fatalf("Suggest: %v", err)
	}
	for _, q := range []SimilarRequest{{ID: "FND-1", Viewer: r.Viewer}, {Body: r.Text, Viewer: r.Viewer}} {
		items, err := e.Similar(ctx, q)
		if err != nil {
			t.Fatalf("Similar: %v", err)
		}
		all.Similar = append(all.Similar, items)
	}
	return all
}

func apply(t *rapid.T, e *Engine, changes []Change) {
	if err := e.Apply(changes); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

func TestRestrictedDocumentsLeaveNoTrace(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		changes := history(t)
		viewer := Viewer{Team: rapid.SampledFrom([]string{"", "blue"}).Draw(t, "viewer")}
		with, without := engineOf(changes), engineOf(changes)
		apply(t, with, changes)
		for _, c := range changes {
			if c.Doc != nil && c.Doc.Visibility == Restricted && (viewer.Team == "" || c.Doc.Team != viewer.Team) {
				c.Doc = nil // as if it had been deleted
			}
			apply(t, without, []Change{c})
		}
		r := randomRequest(t)
		r.Viewer = viewer
		if diff := cmp.Diff(everything(t, without, r), everything(t, with, r)); diff != "" {
			t.Errorf("%q answers differ (-without the restricted +with):\n%s", r.Text, diff)
		}
	})
}

func TestReplicasAgreeWhateverTheirHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		changes := history(t)
		at := rapid.IntRange(0, len(changes)).Draw(t, "cut")
		r := randomRequest(t)
		r.Viewer.All = rapid.Bool().Draw(t, "all")

		oneByOne := engineOf(changes)
		for _, c := range changes {
			apply(t, oneByOne, []Change{c})
		}
		want := everything(t, oneByOne, r)

		batches := engineOf(changes)
		apply(t, batches, changes[:at])
		apply(t, batches, changes[at:])

		rebuilt := engineOf(changes)
		docs := latest(changes)
		for _, id := range sortedNames(docs) {
			apply(t, rebuilt, []Change{{ID: id, Doc: docs[id]}})
		}

		restarted := engineOf(changes)
		half := engineOf(changes)
		apply(t, half, changes[:at])
		var snapshot bytes.Buffer
		if err := half.Save(&snapshot); err != nil {
			t.Fatal(err)
		}
		if err := restarted.Load(&snapshot); err != nil {
			t.Fatal(err)
		}
		apply(t, restarted, changes[at:])

		compacted := engineOf(changes)
		apply(t, compacted, changes[:at])
		old, fresh := compacted.index.freeze(), newIndex()
		var rec record
		old.live.each(func(doc uint32) bool { old.copyInto(fresh, doc, &rec); return true })
		apply(t, compacted, changes[at:])
		compacted.adopt(old, fresh, 0)

		for name, e := range map[string]*Engine{"in batches": batches, "rebuilt": rebuilt, "from a snapshot": restarted, "compacted": compacted} {
			if diff := cmp.Diff(want, everything(t, e, r)); diff != "" {
				t.Errorf("%s: %q (-one by one +%s):\n%s", name, r.Text, name, diff)
			}
		}
	})
}

func TestPagesAreOneAnswerCutUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		changes := history(t)
		e := engineOf(changes)
		apply(t, e, changes)
		r := randomRequest(t)
		r.Limit = MaxLimit
		whole, err := e.Search(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		r.Limit = rapid.IntRange(1, 4).Draw(t, "page")
		var pages []string
		for range MaxLimit {
			res, err := e.Search(context.Background(), r)
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range res.Hits {
				pages = append(pages, h.ID)
			}
			if r.Cursor = res.Next; r.Cursor == "" {
				break
			}
			// The index moves on between the pages; what was there keeps its place.
			d := Document{Kind: "finding", ID: "FND-999", Title: "zebra", Body: "unrelated", Visibility: Internal}
			apply(t, e, []Change{{ID: d.ID, Doc: &d}})
		}
		var want []string
		for _, h := range whole.Hits {
			want = append(want, h.ID)
		}
		if len(r.Text) == 0 || whole.Total != len(want) {
			return
		}
		if diff := cmp.Diff(want, pages); diff != "" && !wordlessQuery(r.Text) {
			t.Errorf("%q (-whole +pages):\n%s", r.Text, diff)
		}
	})
}

// wordlessQuery says whether a query lists everything, the new document included.
func wordlessQuery(text string) bool {
	for _, c := range Parse(text) {
		if !c.Exclude && c.Kind != Field {
			return false
		}
	}
	return true
}

// TestOracle compares the first stage with BM25F written down plainly: every document, floating
// point, no index.
func TestOracle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		changes := history(t)
		e := engineOf(changes)
		apply(t, e, []Change{{Synonyms: [][]string{}}})
		apply(t, e, changes)
		terms := rapid.SliceOfN(rapid.SampledFrom([]string{"session", "index", "table", "lock", "query", "deploy", "worker", "mail"}), 1, 5).Draw(t, "terms")
		text := ""
		for _, w := range terms {
			text += w + " "
		}
		r := Request{Text: text, FirstStageOnly: true, Literal: true, Limit: MaxLimit}
		severity := ""
		if rapid.Bool().Draw(t, "filtered") {
			severity = "high"
			r.Filters = map[string][]string{"severity": {severity}}
		}
		want := oracle(latest(changes), terms, severity)
		got, err := e.Search(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if got.Total != len(want) || len(got.Hits) != len(want) {
			t.Fatalf("%q: total %d, hits %d, want %d", text, got.Total, len(got.Hits), len(want))
		}
		last := math.Inf(1)
		for _, h := range got.Hits {
			if math.Abs(h.Score-want[h.ID]) > 1e-4 {
				t.Errorf("%q: %s scores %v, want %v", text, h.ID, h.Score, want[h.ID])
			}
			if h.Score > last {
				t.Errorf("%q: %s is out of order", text, h.ID)
			}
			last = h.Score
		}
	})
}

// oracle scores the open documents with the severity (or any) by BM25F.
func oracle(docs map[string]*Document, query []string, severity string) map[string]float64 {
	type counted struct {
		title, body       map[string]float64
		titleLen, bodyLen float64
	}
	count := func(text string) (map[string]float64, float64) {
		tf, n := map[string]float64{}, 0.0
		tokens(text, func(t token) {
			if classOf(t.text) != stop {
				tf[stem(t.text)]++
				n++
			}
		})
		return tf, n
	}
	open := map[string]counted{}
	df := map[string]float64{}
	var titles, bodies float64
	for id, d := range docs {
		if d.Visibility != Internal {
			continue
		}
		var c counted
		c.title, c.titleLen = count(d.Title)
		c.body, c.bodyLen = count(d.Body)
		titles += c.titleLen
		bodies += c.bodyLen
		open[id] = c
		seen := map[string]bool{}
		for _, m := range []map[string]float64{c.title, c.body} {
			for t := range m {
				seen[t] = true
			}
		}
		for t := range seen {
			df[t]++
		}
	}
	n := float64(len(open))
	avgTitle, avgBody := math.Max(1, titles/n), math.Max(1, bodies/n)
	scores := map[string]float64{}
	for id, c := range open {
		if severity != "" && docs[id].Fields["severity"][0] != severity {
			continue
		}
		for _, w := range query {
			t := stem([]byte(w))
			f := 3*math.Min(c.title[t], maxTitleTF)/(0.5+0.5*c.titleLen/avgTitle) +
				math.Min(c.body[t], maxBodyTF)/(0.25+0.75*c.bodyLen/avgBody)
			if f > 0 {
				scores[id] += math.Log(1+(n-df[t]+0.5)/(df[t]+0.5)) * f / (1.2 + f)
			}
		}
	}
	return scores
}

func TestCollectSelectsTheBest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := newIndex()
		n := rapid.IntRange(1, 4).Draw(t, "words") * 64
		scores := make([]float32, n)
		allowed := make(bitset, n/64)
		var want []candidate
		for i := range scores {
			x.insert([]byte{byte(i * 7 >> 8), byte(i * 7)}, 0, &record{})
			scores[i] = float32(rapid.IntRange(0, 5).Draw(t, "score"))
			if rapid.Bool().Draw(t, "allowed") {
				allowed.set(uint32(i))
				if scores[i] > 0 {
					want = append(want, candidate{uint32(i), scores[i]})
				}
			}
		}
		sort.Slice(want, func(i, j int) bool { return x.before(want[i], want[j]) })
		h := &best{x: x, n: rapid.IntRange(0, 50).Draw(t, "n")}
		if total := collect(scores, allowed, nil, h, nil); total != len(want) {
			t.Errorf("total %d, want %d", total, len(want))
		}
		got := h.sorted()
		want = want[:min(len(want), h.n)]
		if len(got) != len(want) {
			t.Fatalf("%d candidates, want %d", len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("place %d: got %+v, want %+v", i, got[i], want[i])
			}
		}
	})
}
