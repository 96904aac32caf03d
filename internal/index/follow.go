package index

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/search"
)

const (
	// pollEvery is how often the feed is read without being told that it grew.
	pollEvery = time.Second
	// pendingEvery is how often it is read while there are changes that an older transaction holds back.
	pendingEvery = 20 * time.Millisecond
	// startAgain is how long a failed start or step waits for the next.
	startAgain = time.Second
	saveEvery  = 10 * time.Minute
	batchSize  = 1000
)

// Run fills the index and keeps it in step until ctx ends; then it writes the snapshot. It must run once.
func (x *Index) Run(ctx context.Context) {
	wake := make(chan struct{}, 1)
	x.work.Go(func() {
		x.store.Listen(ctx, feed.Channel, func() {
			select {
			case wake <- struct{}{}:
			default: // it will look anyway
			}
		})
	})
	defer x.work.Wait()
	for !x.start(ctx) {
		if !sleep(ctx, startAgain) {
			return
		}
	}
	save := time.NewTicker(saveEvery)
	defer save.Stop()
	for ctx.Err() == nil {
		timer := time.NewTimer(x.catchUp(ctx))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		case b := <-x.fresh:
			b.used <- x.replace(ctx, b)
		case <-save.C:
			x.save()
		}
		timer.Stop()
	}
	x.save()
}

// sleep is false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// start gives the index its first engine: the snapshot where there is a good one, else all records.
func (x *Index) start(ctx context.Context) bool {
	began := time.Now()
	err := feed.Adopt(ctx, x.store)
	if err == nil {
		err = x.startSynonyms(ctx)
	}
	b, loaded := built{}, false
	if err == nil {
		if b, loaded = x.load(ctx); !loaded {
			b, err = x.build(ctx)
		}
	}
	if err == nil && loaded {
		var changes []search.Change
		if changes, err = x.appendSynonyms(ctx, nil); err == nil {
			err = b.engine.Apply(changes)
		}
	}
	if err != nil {
		x.complain(ctx, "filling the search index", err)
		return false
	}
	x.use(b.engine)
	x.moveTo(b.mark)
	x.log.Info("search index filled", "documents", b.engine.Stats().Documents, "from_snapshot", loaded, "seconds", time.Since(began).Seconds())
	return true
}

func (x *Index) complain(ctx context.Context, doing string, err error) {
	if ctx.Err() == nil {
		x.log.Warn(doing, "cause", err.Error())
	}
}

// catchUp applies what there is and says how long to wait for more when nobody tells of it.
func (x *Index) catchUp(ctx context.Context) time.Duration {
	mark, _ := x.position()
	for {
		next, err := x.step(ctx, built{engine: x.current(), mark: mark})
		if err != nil {
			x.complain(ctx, "following the feed", err)
			return startAgain
		}
		if next == mark {
			break
		}
		mark, x.applied = next, time.Now()
		x.moveTo(mark)
	}
	x.ready.Store(true)
	pending, err := feed.Pending(ctx, x.store, mark)
	switch {
	case err != nil:
		x.complain(ctx, "looking for changes held back", err)
		return startAgain
	case pending:
		return pendingEvery
	}
	x.train(ctx) // not before, since a model that was just trained may be among what is held back
	return pollEvery
}

// replace puts a newly filled engine in the place of the one in use, once it has come as far.
func (x *Index) replace(ctx context.Context, b built) error {
	now, _ := x.position()
	for b.mark.Before(now) {
		next, err := x.step(ctx, b)
		if err != nil {
			return fmt.Errorf("bringing a new search index up to date: %w", err)
		}
		b.mark = next
	}
	x.use(b.engine)
	x.moveTo(b.mark)
	return nil
}

// step applies the next changes to the engine and gives how far it has come.
func (x *Index) step(ctx context.Context, b built) (feed.Mark, error) {
	entries, err := feed.Read(ctx, x.store, b.mark, batchSize)
	if err != nil || len(entries) == 0 {
		return b.mark, err
	}
	mark := entries[len(entries)-1].Mark
	return mark, x.apply(ctx, b.engine, entries, mark)
}
