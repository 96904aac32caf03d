package jirasync

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Names under which tracked.written keeps what concerns relations.
const (
	// relationsWritten holds the number of each reference to a related record, by what it says.
	relationsWritten = "relations"
	// relatedAs is what the other ends of links see of an issue: its record, and whether it was deleted. It is empty for an issue
	// without a record and for a restricted one, whose links are as hidden here as in Jira.
	relatedAs = "related_as"
)

// relate keeps a reference from the record of an issue to the record of each issue it is linked to, as long as the link is there.
// The other ends are brought up to date when they see something else of this issue than before.
func (p *Processor) relate(ctx context.Context, tx *store.Tx, source *ent.Source, t *tracked, d jira.Decision) error {
	own := ""
	if !t.target().IsZero() && !d.LinkOnly && !d.NeedsState {
		own = strings.TrimSpace(t.target().String() + " " + t.row.Link)
	}
	turned := own != t.written[relatedAs]
	t.written[relatedAs] = own
	if len(t.state.Links) == 0 {
		return nil
	}
	others, err := p.ends(ctx, tx, t)
	if err != nil {
		return err
	}
	if err := p.relations(ctx, t, others); err != nil {
		return err
	}
	for _, id := range firstKeys(others) {
		other := others[id]
		if !turned && !other.lacks(t) {
			continue
		}
		if err := p.relateOther(ctx, tx, source, t, other.row.IssueID); err != nil {
			return err
		}
	}
	return nil
}

// maxRelated is how many other records a record is related to, and how many are brought up to date with it at once.
const maxRelated = 100

// firstKeys are the least keys of a map, in order.
func firstKeys[K cmp.Ordered, V any](m map[K]V) []K {
	keys := slices.Sorted(maps.Keys(m))
	return keys[:min(len(keys), maxRelated)]
}

// ends are the issues at the other ends of the links of an issue that have a record, by their ids.
func (p *Processor) ends(ctx context.Context, tx *store.Tx, t *tracked) (map[jira.ID]*tracked, error) {
	var ids []string
	for _, link := range t.state.Links {
		if id := link.Other(jira.ID(t.row.IssueID)); id != "" && string(id) != t.row.IssueID {
			ids = append(ids, string(id))
		}
	}
	rows, err := tx.Client().IssueState.Query().Where(issuestate.Site(t.row.Site), issuestate.IssueIDIn(ids...), issuestate.RecordIDGT(0)).All(ctx)
	if err != nil {
		return nil, err
	}
	others := make(map[jira.ID]*tracked, len(rows))
	for _, row := range rows {
		if others[jira.ID(row.IssueID)], err = openTracked(row); err != nil {
			return nil, err
		}
	}
	return others, nil
}

// lacks says whether an issue does not know a link that the other one knows: an issue lists its links, and only itself.
func (t *tracked) lacks(other *tracked) bool {
	for id, link := range other.state.Links {
		if _, known := t.state.Links[id]; !known && string(link.Other(jira.ID(other.row.IssueID))) == t.row.IssueID {
			return true
		}
	}
	return false
}

// relateOther brings the relations of a linked issue up to date with one that is at hand.
func (p *Processor) relateOther(ctx context.Context, tx *store.Tx, source *ent.Source, t *tracked, id string) error {
	other, err := p.track(ctx, tx, source, t.row.Site, jira.ID(id))
	if err != nil {
		return err
	}
	for _, link := range t.state.Links {
		if string(link.Other(jira.ID(t.row.IssueID))) == id {
			other.state = other.state.WithLink(link)
		}
	}
	others, err := p.ends(ctx, tx, other)
	if err != nil {
		return err
	}
	others[jira.ID(t.row.IssueID)] = t // it is not saved yet
	if err := p.relations(ctx, other, others); err != nil {
		return err
	}
	for _, effect := range other.effects {
		if parsed, err := vocab.ParseID(effect); err == nil {
			t.touched(parsed)
		}
	}
	return p.save(ctx, tx, other, jira.Effects{})
}

// relations brings the references from a record to related ones to what the links say. One that somebody took away stays away.
func (p *Processor) relations(ctx context.Context, t *tracked, others map[jira.ID]*tracked) error {
	wanted := map[string]catalog.ReferenceInput{}
	for _, id := range slices.Sorted(maps.Keys(t.state.Links)) {
		link := t.state.Links[id]
		other := others[link.Other(jira.ID(t.row.IssueID))]
		if len(wanted) == maxRelated || other == nil || t.written[relatedAs] == "" || other.written[relatedAs] == "" || !link.Stands(t.state, other.state) {
			continue
		}
		key := other.state.Issue().Key
		in := catalog.ReferenceInput{
			Target: t.target(), Kind: vocab.ReferenceKindOther, ExternalKey: other.target().String(), Title: clip(key, fault.MaxTitle),
			Role: clip(cmp.Or(link.Wording(jira.ID(t.row.IssueID)), "linked in Jira"), fault.MaxName), URL: jira.BrowseURL(other.row.Site, key),
		}
		wanted[in.ExternalKey+" "+in.Role] = in
	}
	kept := map[string]int{}
	if text := t.written[relationsWritten]; text != "" {
		if err := json.Unmarshal([]byte(text), &kept); err != nil {
			return fmt.Errorf("reading the relations of an issue: %w", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		if _, still := wanted[name]; still {
			continue
		}
		if err := p.References.Remove(ctx, kept[name], record.AnyVersion); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		delete(kept, name)
		t.touched(t.target())
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if kept[name] != 0 {
			continue
		}
		added, err := p.References.Add(ctx, wanted[name])
		if err != nil {
			return err
		}
		kept[name] = added.ID
		t.touched(t.target())
	}
	delete(t.written, relationsWritten)
	if len(kept) > 0 {
		text, err := json.Marshal(kept)
		if err != nil {
			return err
		}
		t.written[relationsWritten] = string(text)
	}
	return nil
}
