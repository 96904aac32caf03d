package search

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func manyMails(n int) []Document {
	var docs []Document
	for i := range n {
		docs = append(docs, doc(i, fmt.Sprintf("mail number%d", i%17), fmt.Sprintf("queue of worker%d stalls", i%5)))
	}
	return docs
}

func TestPagesStayInPlaceWhileTheIndexMoves(t *testing.T) {
	t.Parallel()
	const n = 700 // beyond the reranked ones
	s := newShelf(t, manyMails(n)...)
	r := Request{Text: "mail worker3 queue", Limit: 50}
	seen := map[string]int{}
	last := 1e9
	for page := 0; ; page++ {
		res := s.search(r)
		for _, h := range res.Hits {
			seen[h.ID]++
			if h.Score > last {
				t.Errorf("%s scores %v behind %v", h.ID, h.Score, last)
			}
			last = h.Score
		}
		if r.Cursor = res.Next; r.Cursor == "" {
			break
		}
		// New matches change all collection statistics.
		s.put(doc(10_000+page, "mail worker3 queue", "mail mail mail"), doc(20_000+page, "queue", "something long and rather different"))
	}
	for i := range n {
		if id := fmt.Sprintf("FND-%d", i); seen[id] != 1 {
			t.Errorf("%s was shown %d times", id, seen[id])
		}
	}
}

func TestForeignCursorsAreRefused(t *testing.T) {
	t.Parallel()
	s := newShelf(t, manyMails(30)...)
	good := s.search(Request{Text: "mail", Limit: 10}).Next
	if good == "" {
		t.Fatal("no second page")
	}
	for name, r := range map[string]Request{
		"another query":  {Text: "mail queue", Cursor: good},
		"another filter": {Text: "mail", Filters: map[string][]string{"tag": {"x"}}, Cursor: good},
		"another viewer": {Text: "mail", Viewer: Viewer{All: true}, Cursor: good},
		"cut off":        {Text: "mail", Cursor: good[:len(good)-3]},
		"altered":        {Text: "mail", Cursor: good[:8] + "x" + good[9:]},
		"no cursor":      {Text: "mail", Cursor: "%%%"},
	} {
		if _, err := s.engine.Search(context.Background(), r); !errors.Is(err, ErrCursor) {
			t.Errorf("%s: got %v, want ErrCursor", name, err)
		}
	}
}

func FuzzCursor(f *testing.F) {
	s := newShelf(f, manyMails(30)...)
	r := Request{Text: "mail", Limit: 10}
	f.Add([]byte(s.search(r).Next))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := r
		r.Cursor = string(b)
		if _, err := s.engine.Search(context.Background(), r); err != nil && !errors.Is(err, ErrCursor) {
			t.Fatal(err)
		}
		// Behind a right checksum and fingerprint every content must be safe too.
		q := &query{request: r}
		c := &cursor{}
		d := decoder{b: b}
		c.read(&d)
		if !d.failed {
			r.Cursor = c.encode(q)
			if _, err := s.engine.Search(context.Background(), r); err != nil && !errors.Is(err, ErrCursor) {
				t.Fatal(err)
			}
		}
	})
}
