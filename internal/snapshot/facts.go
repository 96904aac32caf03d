package snapshot

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/snapshot"
	"github.com/hindcast-kb/hindcast/ent/snapshotitem"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Items reads the facts of a snapshot by their paths.
func (s *Service) Items(ctx context.Context, c *ent.Client, e *ent.Snapshot) (map[string]json.RawMessage, error) {
	run, err := s.seriesOf(ctx, c, e.EnvironmentID, e.Kind, e.Tool)
	if err != nil {
		return nil, s.store.Fault(err)
	}
	rows, err := c.SnapshotItem.Query().Where(
		snapshotitem.EnvironmentID(e.EnvironmentID), snapshotitem.KindEQ(e.Kind), snapshotitem.SinceSnapshotIDLTE(e.ID),
		snapshotitem.Or(snapshotitem.UntilSnapshotIDIsNil(), snapshotitem.UntilSnapshotIDGT(e.ID)), run.owns(e),
	).Select(snapshotitem.FieldPath, snapshotitem.FieldValue).All(ctx)
	items := make(map[string]json.RawMessage, len(rows))
	for _, row := range rows {
		items[row.Path] = row.Value
	}
	return items, s.store.Fault(err)
}

// ItemsOf reads the facts of a snapshot that the actor may read.
func (s *Service) ItemsOf(ctx context.Context, e *ent.Snapshot) (map[string]json.RawMessage, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return nil, err
	}
	return s.Items(ctx, s.store.Client(ctx), e)
}

// Facts reads what snapshots of one kind say together: where two hold the same path, the later in the list counts.
func (s *Service) Facts(ctx context.Context, c *ent.Client, rows ...*ent.Snapshot) (map[string]json.RawMessage, error) {
	var facts map[string]json.RawMessage
	for _, e := range rows {
		items, err := s.Items(ctx, c, e)
		if err != nil {
			return nil, err
		}
		if facts == nil {
			facts = items
			continue
		}
		maps.Copy(facts, items)
	}
	return facts, nil
}

// maxHistory is how many snapshots of one environment a history looks back over.
const maxHistory = 1000

// History reads what an environment was like after each of its latest snapshots, oldest first, as far as the difference of one
// path depends on it.
func (s *Service) History(ctx context.Context, c *ent.Client, environmentID int, kind vocab.SnapshotKind, path string) ([]drift.Snapshot, error) {
	rows, err := c.Snapshot.Query().Where(snapshot.EnvironmentID(environmentID), snapshot.KindEQ(kind)).
		Order(ent.Desc(snapshot.FieldID)).Limit(maxHistory).All(ctx)
	if err != nil {
		return nil, err
	}
	slices.Reverse(rows)
	items, err := s.itemsBeside(ctx, c, environmentID, kind, path)
	if err != nil {
		return nil, err
	}
	tools := map[int]string{}
	for _, row := range rows {
		tools[row.ID] = toolName(row.Tool)
	}
	history := make([]drift.Snapshot, 0, len(rows))
	var now []toolFacts // those captured last at the end
	for _, row := range rows {
		facts := map[string]json.RawMessage{}
		for _, item := range items {
			if tools[row.ID] == item.tool && item.SinceSnapshotID <= row.ID && (item.UntilSnapshotID == nil || *item.UntilSnapshotID > row.ID) {
				facts[item.Path] = item.Value
			}
		}
		part, err := beside(kind, facts)
		if err != nil {
			return nil, err
		}
		tool := tools[row.ID]
		now = append(slices.DeleteFunc(now, func(t toolFacts) bool { return t.tool == tool }), toolFacts{tool, part})
		history = append(history, together(now, row))
	}
	return history, nil
}

// beside makes a snapshot of facts, which may be none.
func beside(kind vocab.SnapshotKind, facts map[string]json.RawMessage) (drift.Snapshot, error) {
	if len(facts) == 0 {
		return drift.From(kind, nil), nil
	}
	return drift.New(kind, facts)
}

// toolFacts are what one tool captured last.
type toolFacts struct {
	tool  string
	facts drift.Snapshot
}

// together is what all tools say once e was captured.
func together(now []toolFacts, e *ent.Snapshot) drift.Snapshot {
	parts := make([]drift.Snapshot, len(now))
	for i, t := range now {
		parts[i] = t.facts
	}
	all := drift.Merge(parts...)
	all.ID, all.CapturedAt = vocab.Snapshot.ID(e.ID).String(), e.CapturedAt.UTC()
	return all
}

// toolItem is an item with the tool that captured it.
type toolItem struct {
	*ent.SnapshotItem
	tool string
}

// itemsBeside reads every version of the items that the difference of a path depends on.
func (s *Service) itemsBeside(ctx context.Context, c *ent.Client, environmentID int, kind vocab.SnapshotKind, path string) ([]toolItem, error) {
	above, prefix := drift.Beside(path)
	wanted := []predicate.SnapshotItem{snapshotitem.PathIn(above...)}
	if prefix != "" {
		wanted = append(wanted, snapshotitem.PathHasPrefix(prefix))
	}
	rows, err := c.SnapshotItem.Query().Where(
		snapshotitem.EnvironmentID(environmentID), snapshotitem.KindEQ(kind),
		snapshotitem.Or(wanted...),
	).All(ctx)
	if err != nil {
		return nil, err
	}
	since := map[int]string{}
	var ids []int
	for _, row := range rows {
		if _, known := since[row.SinceSnapshotID]; !known {
			since[row.SinceSnapshotID] = ""
			ids = append(ids, row.SinceSnapshotID)
		}
	}
	for chunk := range slices.Chunk(ids, 500) {
		snapshots, err := c.Snapshot.Query().Where(snapshot.IDIn(chunk...)).Select(snapshot.FieldID, snapshot.FieldTool).All(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range snapshots {
			since[e.ID] = toolName(e.Tool)
		}
	}
	var items []toolItem
	for _, row := range rows {
		if prefix != "" && strings.HasPrefix(row.Path, prefix) || // SQLite looks for a prefix without regard to case
			slices.Contains(above, row.Path) {
			items = append(items, toolItem{row, since[row.SinceSnapshotID]})
		}
	}
	return items, nil
}
