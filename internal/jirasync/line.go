package jirasync

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ImportLine takes a line of an issue's checklist in as a finding, once, and gives the finding. Its place is that of the issue. A
// line of a restricted issue is not taken.
func (p *Processor) ImportLine(ctx context.Context, tx *store.Tx, source *ent.Source, parent jira.Issue, part jira.Part) (vocab.ID, bool, error) {
	ctx = auth.With(ctx, auth.System("jira"))
	rules, err := inbox.Rules(source)
	if err != nil {
		return vocab.ID{}, false, err
	}
	t, err := p.track(ctx, tx, source, source.Site, parent.ID)
	if err != nil {
		return vocab.ID{}, false, err
	}
	if n := t.row.Parts[part.Key]; n != 0 {
		return vocab.Finding.ID(n), false, nil
	}
	e := jira.FetchedEvent(source.Site, parent, jira.ProvenanceRefetch, p.now())
	t.state, _ = t.state.Apply(rules.Prepare(t.state, e))
	decision := rules.Owned(t.state, jira.EntityFinding, jira.Decision{})
	if decision.LinkOnly {
		return vocab.ID{}, false, nil
	}
	at, err := p.place(ctx, tx, source, t, decision.Fields)
	if err != nil {
		return vocab.ID{}, false, err
	}
	in := finding.Input{Title: part.Title, Severity: vocab.SeverityMedium, Attribution: vocab.AttributionUndetermined, ServiceID: at.service,
		AttemptID: at.attempt, EnvironmentID: at.environment}
	made, err := p.Findings.Add(ctx, in)
	if err != nil {
		return vocab.ID{}, false, err
	}
	id := vocab.Finding.ID(made.ID)
	if part.Done {
		now := p.now()
		move := record.Move{To: string(vocab.FindingStatusResolved), Reason: "ticked off in Jira", At: &now}
		if _, err := p.Findings.Force(ctx, made.ID, move, func(*ent.FindingMutation) {}); err != nil {
			return id, false, err
		}
	}
	t.row.Parts[part.Key] = made.ID
	reference := catalog.ReferenceInput{Target: id, Kind: vocab.ReferenceKindJira, ExternalKey: parent.Key, URL: jira.BrowseURL(source.Site, parent.Key), Role: roleListed}
	if _, err := p.References.Add(ctx, reference); err != nil {
		return id, false, err
	}
	return id, true, p.save(ctx, tx, t, jira.Effects{})
}
