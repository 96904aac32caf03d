package index_test

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// titles is a search engine of the least kind: it finds text in titles, keeps no file and learns nothing.
type titles struct {
	texts search.TextLoader

	mu       sync.Mutex
	found    map[string]string // title by id
	stats    search.Stats
	synonyms int // groups
}

func (e *titles) Apply(changes []search.Change) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range changes {
		switch {
		case c.Doc != nil:
			e.found[c.ID] = strings.ToLower(c.Doc.Title)
		case c.Synonyms != nil:
			e.synonyms = len(c.Synonyms)
		default:
			delete(e.found, c.ID)
		}
		e.stats.Seq = max(e.stats.Seq, c.Seq)
		if c.Mark != "" {
			e.stats.Mark = c.Mark
		}
	}
	return nil
}

func (e *titles) Search(ctx context.Context, r search.Request) (search.Result, error) {
	e.mu.Lock()
	var ids []string
	for _, id := range slices.Sorted(maps.Keys(e.found)) {
		if strings.Contains(e.found[id], strings.ToLower(r.Text)) {
			ids = append(ids, id)
		}
	}
	e.mu.Unlock()
	texts, err := e.texts(ctx, ids)
	var result search.Result
	for _, id := range ids {
		if text, ok := texts[id]; ok {
			result.Hits = append(result.Hits, search.Hit{ID: id, Title: text.Title})
		}
	}
	result.Total = len(result.Hits)
	return result, err
}

func (e *titles) Suggest(context.Context, search.SuggestRequest) ([]search.Completion, error) {
	return nil, nil
}

func (e *titles) Similar(context.Context, search.SimilarRequest) ([]search.SimilarItem, error) {
	return nil, nil
}

func (e *titles) Stats() search.Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.stats
	s.Documents = len(e.found)
	return s
}

// An adapter for another search system needs the five methods of Engine and nothing else.
func TestAnyEngineCanBeFilledAndFollowsTheFeed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, stop := context.WithCancel(auth.With(context.Background(), auth.System("test")))
		services := catalog.NewServices(s, time.Now)
		if _, err := services.Add(ctx, catalog.ServiceInput{Name: "Learning platform"}); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		var mu sync.Mutex
		var engines []*titles
		x := index.New(s, index.Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Now: time.Now, Engine: func(texts search.TextLoader) index.Engine {
			mu.Lock()
			defer mu.Unlock()
			e := &titles{texts: texts, found: map[string]string{}}
			engines = append(engines, e)
			return e
		}})
		done := make(chan struct{})
		go func() {
			defer close(done)
			x.Run(ctx)
		}()

		find := func(text string, want ...string) {
			t.Helper()
			var got []string
			for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
				result, _, err := x.Search(ctx, search.Request{Text: text, Limit: 10})
				if err != nil {
					continue // it is catching up
				}
				got = nil
				for _, hit := range result.Hits {
					got = append(got, hit.Title)
				}
				if slices.Equal(got, want) {
					return
				}
			}
			t.Fatalf("%q finds %q, want %q", text, got, want)
		}
		find("platform", "Learning platform")
		if _, err := services.Add(ctx, catalog.ServiceInput{Name: "Mail platform"}); err != nil {
			t.Fatal(err)
		}
		find("platform", "Learning platform", "Mail platform")
		if err := x.Rebuild(ctx); err != nil {
			t.Fatal(err)
		}
		find("mail", "Mail platform")
		if stats := x.Stats(); stats.Documents != 2 || stats.Seq == 0 || !stats.Ready {
			t.Errorf("after a rebuild: %+v, want two documents", stats)
		}
		stop()
		<-done
		mu.Lock()
		defer mu.Unlock()
		if last := engines[len(engines)-1]; last.synonyms != len(search.StarterSynonyms()) {
			t.Errorf("the engine was given %d groups of synonyms, want %d", last.synonyms, len(search.StarterSynonyms()))
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("an engine that keeps no file left %v, %v", files, err)
		}
	})
}
