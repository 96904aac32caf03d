package search

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
)

// TestSearchDuringApply is for the race detector, and checks that a reader never sees half a change.
func TestSearchDuringApply(t *testing.T) {
	t.Parallel()
	e := New(Options{})
	ctx := context.Background()
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 3 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-done:
					return
				default:
				}
				res, err := e.Search(ctx, Request{Text: `"session table" sesion lock* -zebra`, Facets: []string{"tag"}, Limit: 5})
				if err != nil {
					t.Errorf("Search: %v", err)
					return
				}
				n := 0
				for _, c := range res.Facets["tag"] {
					n += c.Count
				}
				if n != res.Total {
					t.Errorf("%d tags on %d matches: a document without its tag was seen", n, res.Total)
					return
				}
				if _, err := e.Suggest(ctx, SuggestRequest{Text: "ses"}); err != nil {
					t.Errorf("Suggest: %v", err)
				}
				if _, err := e.Similar(ctx, SimilarRequest{ID: "FND-1"}); err != nil {
					t.Errorf("Similar: %v", err)
				}
				if err := e.Save(io.Discard); err != nil {
					t.Errorf("Save: %v", err)
				}
			}
		}()
	}
	for round := range 20 {
		var changes []Change
		for i := range 400 {
			d := Document{
				ID: fmt.Sprintf("FND-%d", i), Kind: "finding", Visibility: Internal,
				Title: "session table", Body: fmt.Sprintf("lock number%d of round%d", i, round),
				Fields: map[string][]string{"tag": {"db"}},
			}
			c := Change{Seq: int64(round*400 + i), ID: d.ID, Doc: &d}
			if i%10 == round%10 {
				c.Doc = nil
			}
			changes = append(changes, c)
		}
		if err := e.Apply(changes); err != nil {
			t.Fatal(err)
		}
	}
	e.background.Wait()
	close(done)
	readers.Wait()
	s := e.Stats()
	if s.Documents != 360 {
		t.Errorf("%d documents, want 360", s.Documents)
	}
	if s.Deleted >= 6000 {
		t.Errorf("%d dead documents were never compacted", s.Deleted)
	}
}
