package jirasync

import (
	"context"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/ent/runbook"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxMentioned is how many addresses of a description become references.
const maxMentioned = 20

// mentioned keeps the addresses of the description as references of the record. One that is a runbook of ours carries its id, so
// that the runbook is found from the record and the records from the runbook.
func (p *Processor) mentioned(ctx context.Context, tx *store.Tx, t *tracked, d jira.Decision) error {
	var wanted []string
	for _, link := range d.Fields.Body.Links {
		var check fault.Check // an address that cannot be a reference stays in the text
		if check.URL("url", link.URL); link.URL == "" || check.Err() != nil || len(wanted) == maxMentioned {
			continue
		}
		wanted = append(wanted, link.URL)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if was := t.written["links"]; was == strings.Join(wanted, "\n") {
		return nil
	}
	t.written["links"] = strings.Join(wanted, "\n")
	target := t.target()
	rows, err := tx.Client().RecordReference.Query().Where(recordreference.TargetKind(target.Prefix), recordreference.TargetID(target.N),
		recordreference.Role(roleMentioned)).Order(ent.Asc(recordreference.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if i := slices.Index(wanted, row.URL); i >= 0 {
			wanted = slices.Delete(wanted, i, i+1)
			continue
		}
		if err := p.References.Remove(ctx, row.ID, record.AnyVersion); err != nil {
			return err
		}
	}
	for _, address := range wanted {
		in, err := referenceTo(ctx, tx, address)
		if err != nil {
			return err
		}
		in.Target, in.Role = target, roleMentioned
		if _, err := p.References.Add(ctx, in); err != nil {
			return err
		}
		t.touched(target)
	}
	return nil
}

// referenceTo says what an address leads to.
func referenceTo(ctx context.Context, tx *store.Tx, address string) (catalog.ReferenceInput, error) {
	in := catalog.ReferenceInput{Kind: vocab.ReferenceKindOther, URL: address}
	bare, _, _ := strings.Cut(address, "#")
	row, err := tx.Client().Runbook.Query().Where(runbook.URLIn(address, bare)).Order(ent.Asc(runbook.FieldID)).First(ctx)
	switch {
	case err == nil:
		in.Kind, in.ExternalKey, in.Title = vocab.ReferenceKindRunbook, vocab.Runbook.ID(row.ID).String(), row.Title
	case !ent.IsNotFound(err):
		return in, err
	case strings.Contains(address, "/pull/") || strings.Contains(address, "/merge_requests/"):
		in.Kind = vocab.ReferenceKindPullRequest
	}
	return in, nil
}
