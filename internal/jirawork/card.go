package jirawork

import (
	"context"
	"fmt"
	"slices"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// card is what an issue shows of a record.
type card struct {
	title, status string
	// closed says that nothing is left to do.
	closed bool
	// restricted says that not everybody may know of the record, so that an issue shows its id alone.
	restricted bool
}

// everybody is a reader who sees what all teams see.
var everybody = auth.Actor{Name: "everybody", Scopes: []vocab.Scope{vocab.ScopeRead}}

// titled are the kinds of record that have a title and a status of their own, with the statuses in which nothing is left to do.
var titled = map[vocab.Kind][]string{
	vocab.Finding:  {"resolved", "verified", "duplicate", "not_reproducible", "accepted"},
	vocab.Incident: {"resolved", "closed"},
	vocab.Action:   {"done", "verified", "wont_do"},
	vocab.Lesson:   {"superseded", "retired"},
	vocab.Review:   {"published"},
	vocab.Upgrade:  {"completed", "abandoned"},
}

// endedAttempts are the statuses of attempts that have ended.
var endedAttempts = []string{"succeeded", "rolled_back", "fixed_forward", "aborted", "cancelled"}

// card reads a record; nil when it is gone.
func (s *Service) card(ctx context.Context, id vocab.ID) (*card, error) {
	c := s.store.Client(ctx)
	there, err := record.Known(auth.With(ctx, auth.System("jira")), c, s.store.Dialect(), []vocab.ID{id})
	if err != nil || !there[id] {
		return nil, s.store.Fault(err)
	}
	open, err := record.Known(auth.With(ctx, everybody), c, s.store.Dialect(), []vocab.ID{id})
	if err != nil {
		return nil, s.store.Fault(err)
	}
	out := &card{restricted: !open[id]}
	switch closed, has := titled[id.Kind()]; {
	case has:
		if out.title, out.status, err = s.titleAndStatus(ctx, id); err != nil {
			return nil, err
		}
		out.closed = slices.Contains(closed, out.status)
	case id.Is(vocab.Attempt):
		row, err := c.Attempt.Query().Where(attempt.ID(id.N)).WithUpgrade().Only(ctx)
		if err != nil {
			return nil, s.store.Fault(err)
		}
		out.title, out.status = fmt.Sprintf("Attempt %d of %s", row.Number, upgradeTitle(row)), string(row.Status)
		out.closed = slices.Contains(endedAttempts, out.status)
	}
	return out, nil
}

func upgradeTitle(row *ent.Attempt) string {
	if row.Edges.Upgrade == nil {
		return "an upgrade"
	}
	return row.Edges.Upgrade.Title
}

func (s *Service) titleAndStatus(ctx context.Context, id vocab.ID) (title, status string, err error) {
	t := entsql.Dialect(s.store.Dialect()).Table(id.Kind().Table)
	query, args := entsql.Dialect(s.store.Dialect()).Select(t.C("title"), t.C("status")).From(t).Where(entsql.EQ(t.C("id"), id.N)).Query()
	rows, err := s.store.Client(ctx).QueryContext(ctx, query, args...)
	if err != nil {
		return "", "", s.store.Fault(err)
	}
	defer rows.Close()
	if rows.Next() {
		err = rows.Scan(&title, &status)
	}
	if err == nil {
		err = rows.Err()
	}
	return title, status, s.store.Fault(err)
}

// page is the address of a record for people.
func (s *Service) page(id vocab.ID) string {
	return s.opts.PublicURL + "/" + id.Kind().Path + "/" + id.String()
}
