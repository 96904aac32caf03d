package jirawork

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/job"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/ent/setting"
	"github.com/hindcast-kb/hindcast/ent/source"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/jirasync"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Run does work until ctx ends.
func (s *Service) Run(ctx context.Context) {
	if err := s.Recover(ctx); err != nil && ctx.Err() == nil {
		s.opts.Log.Error("looking how long we were away", "cause", err.Error())
	}
	ticker := time.NewTicker(poll)
	defer ticker.Stop()
	var scheduled time.Time
	for ctx.Err() == nil {
		if now := time.Now(); now.Sub(scheduled) >= time.Minute {
			scheduled = now
			if err := s.Schedule(ctx); err != nil && ctx.Err() == nil {
				s.opts.Log.Error("planning work at sites", "cause", err.Error())
			}
		}
		if _, err := s.Drain(ctx); err != nil && ctx.Err() == nil {
			s.opts.Log.Error("working at sites", "cause", err.Error())
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		case <-s.wake:
		}
	}
}

const (
	// aliveSetting keeps when some server was last alive.
	aliveSetting = "jira_alive"
	// awayTooLong is how long a site may have called in vain before what it gave up on is read: Jira tries for half an hour.
	awayTooLong = 30 * time.Minute
	// reconcileEvery is how often all issues of a site are compared with what is known.
	reconcileEvery = 24 * time.Hour
)

// Recover asks for a backfill of every site when no server was alive for so long that deliveries were given up.
func (s *Service) Recover(ctx context.Context) error {
	ctx = auth.With(ctx, auth.System("jira"))
	row, err := s.store.Read().Setting.Query().Where(setting.Name(aliveSetting)).Only(ctx)
	if err != nil {
		if ent.IsNotFound(err) {
			return nil
		}
		return s.store.Fault(err)
	}
	if s.now().Sub(row.UpdatedAt) < awayTooLong {
		return nil
	}
	sites, err := s.callable(ctx)
	if err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		for _, one := range sites {
			if _, err := inbox.Put(ctx, tx, s.now(), "jira", inbox.Ask{Source: one.ID, Kind: vocab.JobKindBackfill, Key: string(vocab.JobKindBackfill)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// callable are the sources with a connection to their site.
func (s *Service) callable(ctx context.Context) ([]*ent.Source, error) {
	rows, err := s.store.Client(ctx).Source.Query().Where(source.APIKindNEQ(vocab.SourceAPINone)).Order(ent.Asc(source.FieldID)).All(ctx)
	return rows, s.store.Fault(err)
}

// Schedule asks for what is due by the clock: the nightly comparison of each site, and webhooks that end soon. It notes that we are
// alive.
func (s *Service) Schedule(ctx context.Context) error {
	ctx = auth.With(ctx, auth.System("jira"))
	sites, err := s.callable(ctx)
	if err != nil {
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := s.now()
		if err := alive(ctx, tx, now); err != nil {
			return err
		}
		for _, one := range sites {
			if one.ReconciledAt == nil || now.Sub(*one.ReconciledAt) >= reconcileEvery {
				if err := s.due(ctx, tx, one, vocab.JobKindReconcile); err != nil {
					return err
				}
			}
			if one.HookID != 0 && one.HookExpiresAt != nil && jira.RefreshDue(*one.HookExpiresAt, now) {
				if err := s.due(ctx, tx, one, vocab.JobKindWebhook); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func alive(ctx context.Context, tx *store.Tx, now time.Time) error {
	n, err := tx.Client().Setting.Update().Where(setting.Name(aliveSetting)).SetUpdatedAt(now).Save(ctx)
	if err != nil || n > 0 {
		return err
	}
	err = tx.Client().Setting.Create().SetName(aliveSetting).SetValue([]byte("alive")).SetUpdatedAt(now).Exec(ctx)
	return err
}

// due asks for work unless it waits or is under way.
func (s *Service) due(ctx context.Context, tx *store.Tx, one *ent.Source, kind vocab.JobKind) error {
	open, err := tx.Client().Job.Query().Where(job.SourceID(one.ID), job.KindEQ(kind), job.StateIn(vocab.JobStateWaiting, vocab.JobStateWorking)).Exist(ctx)
	if err != nil || open {
		return err
	}
	failed, err := tx.Client().Job.Query().Where(job.SourceID(one.ID), job.KindEQ(kind), job.StateEQ(vocab.JobStateFailed),
		job.UpdatedAtGT(s.now().Add(-time.Hour))).Exist(ctx)
	if err != nil || failed { // what Jira refuses is not asked for every minute
		return err
	}
	_, err = inbox.Put(ctx, tx, s.now(), "jira", inbox.Ask{Source: one.ID, Kind: kind, Key: string(kind)})
	return err
}

// Backfill asks to read everything that changed at the site of a source.
func (s *Service) Backfill(ctx context.Context, id int, r BackfillRequest) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	return s.askFor(ctx, id, vocab.JobKindBackfill, r)
}

// Reconcile asks to compare all issues of the site of a source with what is known.
func (s *Service) Reconcile(ctx context.Context, id int) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	return s.askFor(ctx, id, vocab.JobKindReconcile, nil)
}

// ErasureRequest names an account to erase.
type ErasureRequest struct {
	// The account id of Cloud, or the name or key of a user of Data Center.
	AccountID string `json:"account_id" validate:"required" example:"5b10ac8d82e05b22cc7d4ef5" maxLength:"200"`
}

// Erase asks to take an account out of everything that came from a source.
func (s *Service) Erase(ctx context.Context, id int, r ErasureRequest) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	var check fault.Check
	check.Required("account_id", r.AccountID)
	check.Text("account_id", r.AccountID, fault.MaxTitle)
	if check.Err() != nil {
		return nil, check.Err()
	}
	if _, err := s.sources.Get(ctx, id); err != nil {
		return nil, err
	}
	var row *ent.Job
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := jirasync.PutErasure(ctx, tx, id, auth.From(ctx).Name, jirasync.Erasure{Accounts: []string{r.AccountID}}, s.now)
		if err != nil {
			return err
		}
		if err := s.asked(ctx, tx, vocab.Source.ID(id), vocab.JobKindErase); err != nil {
			return err
		}
		row, err = tx.Client().Job.Get(ctx, n)
		return err
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// Resume lets work that failed or was suspended begin anew. It is Conflict for work in any other state.
func (s *Service) Resume(ctx context.Context, id int) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	var row *ent.Job
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.Client().Job.Update().Where(job.ID(id), job.StateIn(vocab.JobStateFailed, vocab.JobStateSuspended)).
			SetState(vocab.JobStateWaiting).SetAttempts(0).SetError("").SetWrites([]time.Time{}).SetNextAttemptAt(s.now()).SetUpdatedAt(s.now()).AddVersion(1).Save(ctx)
		if err != nil {
			return err
		}
		row, err = tx.Client().Job.Get(ctx, id)
		if ent.IsNotFound(err) {
			return fault.New(fault.NotFound, "%s does not exist", vocab.Job.ID(id))
		}
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "%s is %s; only work that failed or was suspended can be resumed", vocab.Job.ID(id), row.State)
		}
		return audit.Record(ctx, tx, audit.Entry{Target: vocab.Job.ID(id), Action: "resume", Changes: []vocab.FieldChange{}, At: s.now()})
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// relink asks for the links of every reference to an issue of a source, for those that were made before it had a connection.
func (s *Service) relink(ctx context.Context, tx *store.Tx, from *ent.Source) error {
	if !from.APILinks || from.Mode == vocab.SourceModeDryRun {
		return nil
	}
	for after := 0; ; {
		rows, err := tx.Client().RecordReference.Query().Where(recordreference.KindEQ(vocab.ReferenceKindJira), recordreference.IDGT(after),
			recordreference.URLHasPrefix(from.Site+"/browse/")).Order(ent.Asc(recordreference.FieldID)).Limit(followBatch).All(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		ties := make([]tie, len(rows))
		for i, row := range rows {
			ties[i], after = tie{vocab.ID{Prefix: row.TargetKind, N: row.TargetID}, keyOf(row), row.URL}, row.ID
		}
		if err := s.want(ctx, tx, []*ent.Source{from}, ties); err != nil {
			return err
		}
	}
}
