package jirasync

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// IssueOf is the issue that a record came from, or that was made from it; nil when there is none.
func (p *Processor) IssueOf(ctx context.Context, target vocab.ID) (*ent.IssueState, error) {
	row, err := p.store.Client(ctx).IssueState.Query().Where(issuestate.RecordKind(target.Prefix), issuestate.RecordID(target.N)).
		Order(ent.Asc(issuestate.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	return row, p.store.Fault(err)
}

// Adopt notes that an issue, as it was just read, was made from a record: from now on the record follows the issue. What the
// issue says at that moment is taken for what the record says, so that nothing is written back. It is Conflict for an issue that
// belongs to another record.
func (p *Processor) Adopt(ctx context.Context, tx *store.Tx, source *ent.Source, issue jira.Issue, target vocab.ID) error {
	ctx = auth.With(ctx, auth.System("jira"))
	rules, err := inbox.Rules(source)
	if err != nil {
		return err
	}
	e := jira.FetchedEvent(source.Site, issue, jira.ProvenanceRefetch, p.now())
	t, err := p.track(ctx, tx, source, source.Site, issue.ID)
	if err != nil {
		return err
	}
	if was := t.target(); !was.IsZero() && was != target {
		return fault.New(fault.Conflict, "%s is the issue of %s", issue.Key, was)
	}
	t.row.RecordKind, t.row.RecordID, t.row.Ours, t.seeding = target.Prefix, target.N, true, true
	_, err = p.merge(ctx, tx, source, rules, e, t)
	return err
}

// Import takes an issue in as a finding, whatever the rules say of it, and gives the record it is. It can be asked for again.
func (p *Processor) Import(ctx context.Context, tx *store.Tx, source *ent.Source, issue jira.Issue) (vocab.ID, bool, error) {
	ctx = auth.With(ctx, auth.System("jira"))
	rules, err := inbox.Rules(source)
	if err != nil {
		return vocab.ID{}, false, err
	}
	t, err := p.track(ctx, tx, source, source.Site, issue.ID)
	if err != nil {
		return vocab.ID{}, false, err
	}
	known := !t.target().IsZero()
	if !known {
		t.row.RecordKind, t.row.Ours = vocab.Finding.Prefix, true
	}
	_, err = p.merge(ctx, tx, source, rules, jira.FetchedEvent(source.Site, issue, jira.ProvenanceRefetch, p.now()), t)
	return t.target(), !known, err
}

// Unreachable marks the link to an issue that its site does not show us.
func (p *Processor) Unreachable(ctx context.Context, tx *store.Tx, source *ent.Source, id jira.ID) error {
	ctx = auth.With(ctx, auth.System("jira"))
	t, err := p.track(ctx, tx, source, source.Site, id)
	if err != nil || t.row.ID == 0 || t.row.Link == linkUnreachable || t.state.Deleted() {
		return err
	}
	t.row.Link = linkUnreachable
	if err := p.refer(ctx, tx, t, jira.Decision{}, jira.Effects{}); err != nil {
		return err
	}
	return p.save(ctx, tx, t, jira.Effects{})
}

// Known says which issues of a source are known, and when each last changed as far as that is known.
func (p *Processor) Known(ctx context.Context, source *ent.Source) (map[jira.ID]int64, error) {
	rows, err := p.store.Client(ctx).IssueState.Query().Where(issuestate.SourceID(source.ID), issuestate.Site(source.Site)).
		Select(issuestate.FieldID, issuestate.FieldIssueID, issuestate.FieldState).All(ctx)
	if err != nil {
		return nil, p.store.Fault(err)
	}
	known := make(map[jira.ID]int64, len(rows))
	for _, row := range rows {
		state, err := openState(row.State)
		if err != nil {
			return nil, err
		}
		if !state.Deleted() {
			known[jira.ID(row.IssueID)] = state.Newest().Updated
		}
	}
	return known, nil
}
