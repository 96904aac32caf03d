package index

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// apply brings the records that the entries tell of up to date in the engine. It reads them as they are now, which may be later than
// the entries; the entry of the later write then finds nothing to do.
func (x *Index) apply(ctx context.Context, e Engine, entries []feed.Entry, mark feed.Mark) error {
	ids, err := x.touched(ctx, entries)
	if err != nil {
		return err
	}
	changes, err := x.changes(ctx, ids)
	if err != nil {
		return err
	}
	if tellsOf(entries, modelPrefix) {
		if changes, err = x.appendModel(ctx, changes); err != nil {
			return err
		}
	}
	if tellsOf(entries, vocab.Synonym.Prefix) {
		if changes, err = x.appendSynonyms(ctx, changes); err != nil {
			return err
		}
	}
	place := search.Change{Mark: markText(mark)} // it names no record
	for _, entry := range entries {
		place.Seq = max(place.Seq, int64(entry.Mark.Seq))
	}
	if err := e.Apply(append(changes, place)); err != nil {
		x.complain(ctx, "a change left out of the search index", err) // the next one must not wait for it
	}
	return nil
}

func tellsOf(entries []feed.Entry, prefix string) bool {
	return slices.ContainsFunc(entries, func(e feed.Entry) bool { return e.ID.Prefix == prefix })
}

// changes reads the records named as changes of the engine; those that are gone are to be forgotten.
func (x *Index) changes(ctx context.Context, ids []vocab.ID) ([]search.Change, error) {
	docs, err := load(ctx, x.store.Read(), ids)
	if err != nil {
		return nil, x.store.Fault(err)
	}
	keys, err := keysOf(ctx, x.store.Read(), ids)
	if err != nil {
		return nil, x.store.Fault(err)
	}
	changes := make([]search.Change, len(ids))
	for i, id := range ids {
		changes[i] = search.Change{ID: id.String()}
		if doc := docs[id]; doc != nil {
			changes[i] = doc.change(keys[id])
		}
	}
	return changes, nil
}

// touched are the records whose documents the entries may have changed, each once.
func (x *Index) touched(ctx context.Context, entries []feed.Entry) ([]vocab.ID, error) {
	searched := map[string]bool{}
	for _, kind := range Kinds() {
		searched[kind.Prefix] = true
	}
	var ids []vocab.ID
	seen := map[vocab.ID]bool{}
	add := func(id vocab.ID) {
		if searched[id.Prefix] && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	var references, upgrades []int
	for _, entry := range entries {
		add(entry.ID)
		switch {
		case entry.ID.Is(vocab.Reference):
			references = append(references, entry.ID.N)
		case entry.ID.Is(vocab.Upgrade):
			upgrades = append(upgrades, entry.ID.N)
		}
	}
	targets, err := x.targets(ctx, references)
	if err != nil {
		return nil, err
	}
	attempts, err := x.attemptsOf(ctx, upgrades)
	if err != nil {
		return nil, err
	}
	for _, id := range append(targets, attempts...) {
		add(id)
	}
	return ids, nil
}

// attemptsOf are the attempts of the upgrades, whose titles are made of those of the upgrades.
func (x *Index) attemptsOf(ctx context.Context, upgrades []int) ([]vocab.ID, error) {
	if len(upgrades) == 0 {
		return nil, nil
	}
	numbers, err := x.store.Read().Attempt.Query().Where(attempt.UpgradeIDIn(upgrades...)).IDs(ctx)
	if err != nil {
		return nil, x.store.Fault(fmt.Errorf("looking for attempts of upgrades: %w", err))
	}
	ids := make([]vocab.ID, len(numbers))
	for i, n := range numbers {
		ids[i] = vocab.Attempt.ID(n)
	}
	return ids, nil
}

// targets are the records that the references belong to. Of a reference that is gone, the audit still says it.
func (x *Index) targets(ctx context.Context, references []int) ([]vocab.ID, error) {
	if len(references) == 0 {
		return nil, nil
	}
	rows, err := x.store.Read().RecordReference.Query().Where(recordreference.IDIn(references...)).All(ctx)
	if err != nil {
		return nil, x.store.Fault(fmt.Errorf("looking for the records of links: %w", err))
	}
	var ids []vocab.ID
	here := map[int]bool{}
	for _, r := range rows {
		here[r.ID] = true
		ids = append(ids, vocab.ID{Prefix: r.TargetKind, N: r.TargetID})
	}
	var gone []int
	for _, n := range references {
		if !here[n] {
			gone = append(gone, n)
		}
	}
	if len(gone) == 0 {
		return ids, nil
	}
	entries, err := x.store.Read().AuditEntry.Query().Where(
		auditentry.TargetKind(vocab.Reference.Prefix), auditentry.TargetIDIn(gone...), auditentry.Action(string(vocab.ChangeOpDelete)),
	).All(ctx)
	if err != nil {
		return nil, x.store.Fault(fmt.Errorf("looking for the records of links that are gone: %w", err))
	}
	for _, entry := range entries {
		for _, c := range entry.Changes {
			if id, ok := idIn(c.From); ok && c.Field == "target" {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

// idIn reads an id from a value of the audit.
func idIn(value any) (vocab.ID, bool) {
	raw, err := json.Marshal(value)
	var id vocab.ID
	if err == nil {
		err = json.Unmarshal(raw, &id)
	}
	return id, err == nil && !id.IsZero()
}
