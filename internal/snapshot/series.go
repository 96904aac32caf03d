package snapshot

import (
	"cmp"
	"context"
	"regexp"
	"slices"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/snapshot"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// series are the captures of one tool. Two tools describe different things, such as the settings of a database and those of
// an orchestrator, so a capture takes the place of the one before of its own series only.
type series struct {
	newest *ent.Snapshot
	// tools are the names under which the tool captured; they differ in the version.
	tools []any
}

// toolVersion is a version at the end of the name of a tool: the next release of a tool is the same tool.
var toolVersion = regexp.MustCompile(`[\s/@_-]+v?\d+(\.\d+)+\S*$`)

func toolName(tool string) string { return toolVersion.ReplaceAllString(tool, "") }

// seriesBy reads the newest capture of each tool.
func (s *Service) seriesBy(ctx context.Context, c *ent.Client, environmentID int, kind vocab.SnapshotKind) (map[string]series, error) {
	var heads []struct {
		Tool string `json:"tool"`
		Max  int    `json:"max"`
	}
	err := c.Snapshot.Query().Where(snapshot.EnvironmentID(environmentID), snapshot.KindEQ(kind)).
		GroupBy(snapshot.FieldTool).Aggregate(ent.Max(snapshot.FieldID)).Scan(ctx, &heads)
	if err != nil {
		return nil, err
	}
	ids := make([]int, len(heads))
	for i, head := range heads {
		ids[i] = head.Max
	}
	rows, err := c.Snapshot.Query().Where(snapshot.IDIn(ids...)).All(ctx)
	all := map[string]series{}
	for _, row := range rows {
		run := all[toolName(row.Tool)]
		run.tools = append(run.tools, row.Tool)
		if run.newest == nil || run.newest.ID < row.ID {
			run.newest = row
		}
		all[toolName(row.Tool)] = run
	}
	return all, err
}

func (s *Service) seriesOf(ctx context.Context, c *ent.Client, environmentID int, kind vocab.SnapshotKind, tool string) (series, error) {
	all, err := s.seriesBy(ctx, c, environmentID, kind)
	return all[toolName(tool)], err
}

// Current are the snapshots that together say what an environment is like now: the newest of each tool, the one seen last at
// the end. There are none when nothing of the kind was captured.
func (s *Service) Current(ctx context.Context, c *ent.Client, environmentID int, kind vocab.SnapshotKind) ([]*ent.Snapshot, error) {
	all, err := s.seriesBy(ctx, c, environmentID, kind)
	if err != nil {
		return nil, err
	}
	var rows []*ent.Snapshot
	for _, run := range all {
		rows = append(rows, run.newest)
	}
	slices.SortFunc(rows, func(a, b *ent.Snapshot) int {
		return cmp.Or(a.LastSeenAt.Compare(b.LastSeenAt), cmp.Compare(a.ID, b.ID))
	})
	return rows, nil
}

// owns matches the items that captures of the series began, e's included.
func (run series) owns(e *ent.Snapshot) func(*entsql.Selector) {
	tools := append(slices.Clone(run.tools), e.Tool)
	return func(s *entsql.Selector) {
		t := entsql.Dialect(s.Dialect()).Table(snapshot.Table)
		s.Where(entsql.In(s.C("since_snapshot_id"), entsql.Dialect(s.Dialect()).Select(t.C(snapshot.FieldID)).From(t).Where(entsql.And(
			entsql.EQ(t.C(snapshot.FieldEnvironmentID), e.EnvironmentID), entsql.EQ(t.C(snapshot.FieldKind), string(e.Kind)),
			entsql.In(t.C(snapshot.FieldTool), tools...)))))
	}
}
