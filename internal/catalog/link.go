package catalog

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/runbook"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// LinkState is what is known about the page of a runbook.
type LinkState struct {
	Status           vocab.LinkStatus
	Detail, FinalURL string
	Failures         int
	Since            *time.Time
	Next             time.Time
}

// DueLinks takes up to limit runbooks whose pages are to be looked at, and holds each for the lease: of several servers one gets it.
func (s *Runbooks) DueLinks(ctx context.Context, limit int, lease time.Duration) ([]*ent.Runbook, error) {
	now := s.Now().UTC()
	rows, err := s.store.Read().Runbook.Query().Where(runbook.Or(runbook.LinkNextCheckAtIsNil(), runbook.LinkNextCheckAtLTE(now))).
		Order(ent.Asc(runbook.FieldLinkNextCheckAt, runbook.FieldID)).Limit(limit).All(ctx)
	if err != nil {
		return nil, s.store.Fault(err)
	}
	var taken []*ent.Runbook
	for _, r := range rows {
		free := runbook.LinkNextCheckAtIsNil()
		if r.LinkNextCheckAt != nil {
			free = runbook.LinkNextCheckAt(*r.LinkNextCheckAt)
		}
		n := 0
		err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
			var err error
			n, err = tx.Client().Runbook.Update().Where(runbook.ID(r.ID), free).SetLinkNextCheckAt(now.Add(lease)).Save(ctx)
			return err
		})
		if err != nil {
			return taken, err
		}
		if n == 1 {
			taken = append(taken, r)
		}
	}
	return taken, nil
}

// NoteLink keeps what was found at the address that was looked at; an address that was changed in the meantime is left to the next
// look. A new status is a write like any other; the same status as before moves no version, so that no client reads it again.
func (s *Runbooks) NoteLink(ctx context.Context, looked *ent.Runbook, found LinkState) error {
	at := s.Now().UTC()
	fill := func(m *ent.RunbookMutation) {
		m.SetLinkStatus(found.Status)
		m.SetLinkCheckedAt(at)
		m.SetLinkDetail(found.Detail)
		m.SetLinkFinalURL(found.FinalURL)
		m.SetLinkFailures(found.Failures)
		record.SetTime(found.Since, m.SetLinkFailingSince, m.ClearLinkFailingSince)
		m.SetLinkNextCheckAt(found.Next.UTC())
	}
	now, err := s.store.Read().Runbook.Query().Where(runbook.ID(looked.ID), runbook.URL(looked.URL)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return s.store.Fault(err)
	}
	if now.LinkStatus != found.Status {
		_, err := s.Amend(ctx, looked.ID, record.Entry{
			Op: vocab.ChangeOpUpdate, Deed: "link_checked", Changes: []vocab.FieldChange{{Field: "link_status", From: now.LinkStatus, To: found.Status}},
		}, fill)
		return err
	}
	return s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		update := tx.Client().Runbook.Update().Where(runbook.ID(looked.ID), runbook.URL(looked.URL))
		fill(update.Mutation())
		return update.Exec(ctx)
	})
}
