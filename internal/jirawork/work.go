package jirawork

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/job"
	"github.com/hindcast-kb/hindcast/ent/source"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/outbound"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const (
	// lease is how long a worker may take for one piece of work before another takes it for dead; far more than its calls may take.
	lease = 5 * time.Minute
	// poll is how often a worker looks for work that another process asked for, or whose time has come.
	poll = time.Second
	// maxRefusals is how often work is tried whose answer makes no sense, or which makes the worker panic.
	maxRefusals = 5
	// firstPause and longestPause bound the wait between two attempts, which doubles.
	firstPause   = 5 * time.Second
	longestPause = time.Hour
	// ambiguousPause is how long work waits whose outcome is not known, since searches of Cloud lag behind.
	ambiguousPause = time.Minute
)

// task is a piece of work in the hands of a worker.
type task struct {
	*ent.Job
	source *ent.Source
	client *jira.Client
}

// result is what a piece of work came to.
type result struct {
	// pushed is the hash of what was written to the site; empty when nothing was.
	pushed string
	// progress is how far long work has come.
	progress any
	// again says that the work goes on, at a time.
	again time.Time
	// suspend says why it is done no more until somebody resumes it.
	suspend string
	// settle writes what follows in the transaction that settles the work.
	settle settling
}

// Drain follows the records and works until nothing is due, and counts the pieces.
func (s *Service) Drain(ctx context.Context) (int, error) {
	if err := s.Follow(ctx); err != nil {
		return 0, err
	}
	for n := 0; ; n++ {
		worked, err := s.One(ctx)
		if err != nil || !worked {
			return n, err
		}
	}
}

// One does one piece of work and says whether there was one.
func (s *Service) One(ctx context.Context) (bool, error) {
	ctx = auth.With(ctx, auth.System("jira"))
	t, err := s.claim(ctx)
	if err != nil || t == nil {
		return false, err
	}
	r, err := s.do(ctx, t)
	if ctx.Err() != nil { // we are stopping; the lease ends by itself
		return true, ctx.Err()
	}
	if err == nil {
		err = s.settle(ctx, t, r)
	}
	if err != nil {
		return true, s.failed(ctx, t, err)
	}
	return true, nil
}

// claim takes the oldest work that is due at a site that may be called. Erasing needs no site.
func (s *Service) claim(ctx context.Context) (*task, error) {
	var claimed *task
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		claimed = nil
		now := store.UTC(s.now())
		query := tx.Client().Job.Query().Where(
			job.Or(
				job.And(job.StateEQ(vocab.JobStateWaiting), job.NextAttemptAtLTE(now)),
				job.And(job.StateEQ(vocab.JobStateWorking), job.LeaseUntilLT(now)),
			),
			job.Or(job.KindEQ(vocab.JobKindErase), job.HasSourceWith(source.ModeNEQ(vocab.SourceModePaused), source.APIKindNEQ(vocab.SourceAPINone), source.APIState(""))),
		).Order(ent.Asc(job.FieldNextAttemptAt), ent.Asc(job.FieldID))
		if tx.Dialect() == store.Postgres {
			query.ForUpdate(entsql.WithLockAction(entsql.SkipLocked), entsql.WithLockTables(job.Table))
		}
		row, err := query.First(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		from, err := tx.Client().Source.Get(ctx, row.SourceID)
		if err != nil {
			return err
		}
		claimed = &task{Job: row, source: from}
		return tx.Client().Job.UpdateOneID(row.ID).SetState(vocab.JobStateWorking).SetLeaseUntil(now.Add(lease)).SetLeaseBy(s.name).
			AddAttempts(1).SetUpdatedAt(now).Exec(ctx)
	})
	return claimed, err
}

// errPanic is work that made the worker panic.
var errPanic = errors.New("the worker panicked")

func (s *Service) do(ctx context.Context, t *task) (r result, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.opts.Log.Error("panic in work at a site", "job", vocab.Job.ID(t.ID).String(), "stack", string(debug.Stack()))
			err = errPanic
		}
		s.seen(string(t.Kind), err)
	}()
	if t.Kind == vocab.JobKindErase {
		return s.erase(ctx, t)
	}
	if t.client, err = s.dial(t.source); err != nil {
		return r, err
	}
	switch t.Kind {
	case vocab.JobKindLink:
		return s.link(ctx, t)
	case vocab.JobKindCreate:
		return s.create(ctx, t)
	case vocab.JobKindComment:
		return s.comment(ctx, t)
	case vocab.JobKindFetch:
		return s.fetch(ctx, t)
	case vocab.JobKindBackfill:
		return s.backfill(ctx, t)
	case vocab.JobKindReconcile:
		return s.reconcile(ctx, t)
	case vocab.JobKindWebhook:
		return s.webhook(ctx, t)
	}
	return r, fmt.Errorf("there is no work of kind %s", t.Kind)
}

// settle notes that work was done. What was asked for in the meantime is done next.
func (s *Service) settle(ctx context.Context, t *task, r result) error {
	return s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := store.UTC(s.now())
		row, err := tx.Client().Job.Get(ctx, t.ID)
		if err != nil || row.LeaseBy != s.name || row.State != vocab.JobStateWorking {
			return err // another worker has taken it over
		}
		update := tx.Client().Job.UpdateOneID(t.ID).SetUpdatedAt(now).AddVersion(1).ClearLeaseUntil().SetLeaseBy("").SetError("").SetAttempts(0)
		switch {
		case r.suspend != "":
			update.SetState(vocab.JobStateSuspended).SetError(r.suspend)
		case !r.again.IsZero():
			update.SetState(vocab.JobStateWaiting).SetNextAttemptAt(r.again)
		case row.Round != t.Round:
			update.SetState(vocab.JobStateWaiting).SetNextAttemptAt(now)
		default:
			update.SetState(vocab.JobStateDone).SetSettledAt(now)
		}
		if r.pushed != "" {
			update.SetPushedHash(r.pushed).SetWrites(recent(append(row.Writes, now), now))
		}
		if r.progress != nil {
			raw, err := json.Marshal(r.progress)
			if err != nil {
				return err
			}
			update.SetProgress(raw)
		}
		if r.settle != nil {
			if err := r.settle(ctx, tx, update); err != nil {
				return err
			}
		}
		return update.Exec(ctx)
	})
}

// failed puts work back for later, or aside when there is no hope. A site that is down is waited for as long as it takes.
func (s *Service) failed(ctx context.Context, t *task, cause error) error {
	code := jira.CodeOf(cause)
	if code == jira.CodeAuthFailed {
		if err := s.sources.Refuse(ctx, t.SourceID, string(code)); err != nil {
			return err
		}
		s.opts.Log.Error("a site refused our token; nothing is sent there until it is set anew", "source", vocab.Source.ID(t.SourceID).String())
	}
	return s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := store.UTC(s.now())
		row, err := tx.Client().Job.Get(ctx, t.ID)
		if err != nil || row.LeaseBy != s.name {
			return err
		}
		update := tx.Client().Job.UpdateOneID(t.ID).SetUpdatedAt(now).AddVersion(1).ClearLeaseUntil().SetLeaseBy("").SetError(reasonOf(cause)).
			SetState(vocab.JobStateWaiting)
		switch hope, wait := outlook(cause, row.Attempts); {
		case !hope:
			update.SetState(vocab.JobStateFailed).SetSettledAt(now)
		default:
			update.SetNextAttemptAt(now.Add(wait))
		}
		if code == jira.CodeRateLimited || code == jira.CodeQuota || code == jira.CodeAuthFailed {
			update.SetAttempts(0) // nothing was tried
		}
		if code == jira.CodeAmbiguous {
			raw, err := json.Marshal(progress{Ambiguous: true})
			if err != nil {
				return err
			}
			update.SetProgress(raw)
		}
		s.opts.Log.Warn("work at a site did not succeed", "job", vocab.Job.ID(t.ID).String(), "kind", string(t.Kind), "attempt", row.Attempts, "cause", reasonOf(cause))
		return update.Exec(ctx)
	})
}

// outlook says whether work may succeed later, and when it is worth another try.
func outlook(cause error, attempts int) (hope bool, wait time.Duration) {
	wait = min(firstPause<<max(0, min(attempts-1, 20)), longestPause)
	var failure *jira.APIError
	if !errors.As(cause, &failure) {
		return !errors.Is(cause, errPanic) && !errors.Is(cause, inbox.ErrNoConnection) || attempts < maxRefusals, wait
	}
	switch failure.Code {
	case jira.CodeForbidden, jira.CodeNotFound, jira.CodeInvalid, jira.CodeTooLarge:
		return false, 0
	case jira.CodeBadResponse:
		return attempts < maxRefusals, wait
	case jira.CodeAmbiguous:
		return true, max(wait, ambiguousPause)
	case jira.CodeAuthFailed:
		return true, 0 // the source says that it is not called
	}
	return true, max(wait, failure.RetryAfter)
}

// reasonOf says what went wrong: a code, and Jira's own words. Texts of other errors are for the log.
func reasonOf(err error) string {
	var failure *jira.APIError
	switch {
	case errors.As(err, &failure):
		text := string(failure.Code)
		if failure.Status != 0 {
			text = fmt.Sprintf("%s (status %d)", text, failure.Status)
		}
		if outbound.Blocked(failure) {
			text += ": the address is not one that this server may call; see --outbound-allow"
		}
		for _, said := range failure.Messages {
			text += ": " + said
		}
		return clip(text, 500)
	case errors.Is(err, inbox.ErrNoConnection):
		return inbox.ErrNoConnection.Error()
	case errors.Is(err, errPanic):
		return errPanic.Error()
	}
	return "an internal error; the log has more"
}

func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}
