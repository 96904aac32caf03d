package index

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// Options of an Index.
type Options struct {
	// Dir is the folder of the snapshot file; without one, every start reads all records.
	Dir string
	Log *slog.Logger
	Now func() time.Time
	// Engine makes an empty engine that reads the texts of its hits with the loader; nil makes those of package search.
	Engine func(search.TextLoader) Engine
}

// snapshotName is the file in Options.Dir.
const snapshotName = "search.snapshot"

// Index is the search engine of this process with what keeps it in step. It answers once Run has caught up with the feed.
type Index struct {
	store *store.Store
	log   *slog.Logger
	now   func() time.Time
	file  string // empty for none

	engine atomic.Pointer[Engine] // see use and current
	make   func(search.TextLoader) Engine
	ready  atomic.Bool

	mu    sync.Mutex
	mark  feed.Mark     // all changes up to here are in the engine
	moved chan struct{} // closed when mark moves

	fresh      chan built // an engine that was filled beside the one in use
	rebuilding atomic.Bool
	saved      feed.Mark // what the snapshot file holds; used by Run alone
	wanted     time.Time // since when a model is wanted, zero when none is; used by Run alone, as applied is
	applied    time.Time // when something last was
	training   atomic.Bool
	trainAfter atomic.Int64 // in nanoseconds of Unix time
	work       sync.WaitGroup
}

// built is an engine with all changes up to the mark.
type built struct {
	engine Engine
	mark   feed.Mark
	used   chan error // told what became of a rebuild
}

// New makes an index that is empty until it runs.
func New(s *store.Store, opts Options) *Index {
	x := &Index{store: s, log: opts.Log, now: opts.Now, make: opts.Engine, moved: make(chan struct{}), fresh: make(chan built)}
	if x.make == nil {
		x.make = func(texts search.TextLoader) Engine { return search.New(search.Options{Texts: texts}) }
	}
	if opts.Dir != "" {
		x.file = filepath.Join(opts.Dir, snapshotName)
	}
	x.use(x.newEngine())
	return x
}

func (x *Index) newEngine() Engine { return x.make(x.texts) }

func (x *Index) use(e Engine) { x.engine.Store(&e) }

func (x *Index) current() Engine { return *x.engine.Load() }

// catchingUp is how long a caller should wait for an index that is behind.
const catchingUp = time.Second

func behind(format string, args ...any) error {
	f := fault.New(fault.Unavailable, format, args...)
	f.RetryAfter = catchingUp
	return f
}

// Ready is Unavailable until the index has caught up with the feed for the first time.
func (x *Index) Ready() error {
	if !x.ready.Load() {
		return behind("the search index is catching up")
	}
	return nil
}

// waitStep is how often Wait looks whether the change it waits for has been written.
const waitStep = 10 * time.Millisecond

// Wait returns once the change with the sequence has been applied, and is Unavailable when ctx ends before that.
func (x *Index) Wait(ctx context.Context, seq int) error {
	for {
		mark, moved := x.position()
		at, there, err := feed.At(ctx, x.store, seq)
		switch {
		case ctx.Err() != nil:
			return behind("sequence %d has not been reached here", seq)
		case err != nil:
			return err
		case there && !mark.Before(at) && x.ready.Load():
			return nil
		}
		timer := time.NewTimer(waitStep)
		select {
		case <-ctx.Done():
		case <-moved:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// position is how far the engine has come, and what is closed when it comes further.
func (x *Index) position() (feed.Mark, <-chan struct{}) {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.mark, x.moved
}

func (x *Index) moveTo(mark feed.Mark) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.mark = mark
	close(x.moved)
	x.moved = make(chan struct{})
}

// Stats are figures of the index at the moment.
type Stats struct {
	// The newest sequence applied.
	Seq int64 `json:"seq" example:"42" minimum:"0"`
	// Records that can be found.
	Documents int `json:"documents" example:"1200" minimum:"0"`
	// Records that are gone and still take up memory.
	Deleted int `json:"deleted" example:"3" minimum:"0"`
	// Distinct words as they are written.
	Words int `json:"words" example:"8000" minimum:"0"`
	// Distinct words by their stem.
	Terms int `json:"terms" example:"6000" minimum:"0"`
	// How many records the model of meanings was trained on; 0 without one.
	ModelDocuments int `json:"model_documents" example:"1000" minimum:"0"`
	// Whether the index has caught up with what is written.
	Ready bool `json:"ready" example:"true"`
	// Whether another index is being filled from the database.
	Rebuilding bool `json:"rebuilding" example:"false"`
}

// Stats are of the moment.
func (x *Index) Stats() Stats {
	s := x.current().Stats()
	return Stats{
		Seq: s.Seq, Documents: s.Documents, Deleted: s.Deleted, Words: s.Words, Terms: s.Terms, ModelDocuments: s.Model,
		Ready: x.ready.Load(), Rebuilding: x.rebuilding.Load(),
	}
}

// Rebuild fills a new engine from the database beside the one in use, which goes on answering, and then takes its place. It is
// Conflict while another rebuild is under way, and Unavailable when the index does not run.
func (x *Index) Rebuild(ctx context.Context) error {
	if err := x.Ready(); err != nil {
		return err
	}
	if !x.rebuilding.CompareAndSwap(false, true) {
		return fault.New(fault.Conflict, "the index is being rebuilt already")
	}
	defer x.rebuilding.Store(false)
	b, err := x.build(ctx)
	if err != nil {
		return fmt.Errorf("rebuilding the search index: %w", err)
	}
	b.used = make(chan error, 1)
	select {
	case x.fresh <- b:
	case <-ctx.Done():
		return behind("the rebuild was given up")
	}
	select {
	case err := <-b.used:
		return err
	case <-ctx.Done():
		return behind("the rebuild was given up")
	}
}
