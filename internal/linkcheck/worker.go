package linkcheck

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
)

const (
	// pause is how long the worker waits where nothing is due.
	pause = time.Minute
	// batch is how many runbooks are taken at a time, and lease how long they are held.
	batch = 20
	lease = 10 * time.Minute
	// hostPause is how long a host is left alone between two requests of one server.
	hostPause = time.Second
)

// Worker looks at the pages of runbooks when they are due.
type Worker struct {
	runbooks *catalog.Runbooks
	checker  *Checker
	log      *slog.Logger
	asked    map[string]time.Time
}

// NewWorker looks with checker at what runbooks keeps.
func NewWorker(runbooks *catalog.Runbooks, checker *Checker, log *slog.Logger) *Worker {
	return &Worker{runbooks: runbooks, checker: checker, log: log, asked: map[string]time.Time{}}
}

// Run works until ctx ends.
func (w *Worker) Run(ctx context.Context) {
	for {
		n, err := w.Once(ctx)
		if err != nil && ctx.Err() == nil {
			w.log.Warn("checking links", "cause", err.Error())
		}
		if n == batch && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// Once looks at the pages that are due, and says how many it took.
func (w *Worker) Once(ctx context.Context) (int, error) {
	ctx = auth.With(ctx, auth.System("linkcheck"))
	due, err := w.runbooks.DueLinks(ctx, batch, lease)
	if err != nil {
		return 0, err
	}
	for _, r := range due {
		if err := w.one(ctx, r); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

func (w *Worker) one(ctx context.Context, r *ent.Runbook) error {
	if err := w.gently(ctx, r.URL); err != nil {
		return err
	}
	look := w.checker.Check(ctx, r.URL)
	s := State{Status: r.LinkStatus, Failures: r.LinkFailures, Since: r.LinkFailingSince}.After(look, w.runbooks.Now().UTC())
	return w.runbooks.NoteLink(ctx, r, catalog.LinkState{
		Status: s.Status, Detail: look.Detail, FinalURL: look.FinalURL, Failures: s.Failures, Since: s.Since, Next: s.Next,
	})
}

// gently waits until the host may be asked again.
func (w *Worker) gently(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return nil //nolint:nilerr // the check says so
	}
	if wait := time.Until(w.asked[u.Host].Add(hostPause)); wait > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
	if len(w.asked) > 10_000 {
		clear(w.asked)
	}
	w.asked[u.Host] = time.Now()
	return nil
}
