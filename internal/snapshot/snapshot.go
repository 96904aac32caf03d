// Package snapshot keeps what environments were like, one capture after another. A capture that differs little from the one
// before costs little: its facts are kept once, with the captures between which they held. What counts as the same fact,
// and how two environments differ, is left to package drift.
package snapshot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/environment"
	"github.com/hindcast-kb/hindcast/ent/snapshot"
	"github.com/hindcast-kb/hindcast/ent/snapshotitem"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// MaxBody is how large a capture may be when it is sent, in bytes.
const MaxBody = 26 << 20

// Input is what a client may say about a capture.
type Input struct {
	// EnvironmentID is the environment captured; it comes from the path.
	EnvironmentID vocab.ID `json:"-"`
	// When it was captured.
	CapturedAt *time.Time `json:"captured_at" validate:"required" format:"date-time" example:"2026-03-02T08:00:00Z"`
	// What it describes.
	Kind vocab.SnapshotKind `json:"kind" validate:"required" example:"schema"`
	// The facts: a value for each path, such as table/sessions/index/user_last_seen.
	Items map[string]json.RawMessage `json:"items,omitempty" validate:"required" swaggertype:"object"`
	// What captured it.
	Tool string `json:"tool,omitempty" example:"hindcast snapshot" maxLength:"200"`

	facts *drift.Snapshot
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	if in.CapturedAt == nil {
		c.Add("captured_at", "required", "is required")
	}
	c.Text("tool", in.Tool, fault.MaxTitle)
	if in.facts != nil {
		return
	}
	var bad *fault.Error
	if _, err := drift.New(in.Kind, in.Items); errors.As(err, &bad) {
		c.Fields = append(c.Fields, bad.Fields...)
	}
}

// Changed is told of each capture, and which areas it shows to have changed since the one before.
type Changed func(ctx context.Context, tx *store.Tx, environmentID int, touched func(area string) bool, at time.Time) error

// Service keeps snapshots.
type Service struct {
	*record.Records[*ent.Snapshot, *ent.SnapshotMutation, Input]
	store   *store.Store
	changed Changed
}

// New keeps snapshots in s. changed runs in the transaction of each capture.
func New(s *store.Store, now func() time.Time, changed Changed) *Service {
	noun := noun
	noun.Rule = func(_ context.Context, _ *store.Tx, _ *ent.Snapshot, in Input, check *fault.Check) error {
		record.NotFuture(check, "captured_at", in.CapturedAt, now())
		return nil
	}
	noun.Fill = func(_ context.Context, _ *store.Tx, _ *ent.Snapshot, in Input, m *ent.SnapshotMutation) error {
		at := record.Happened(*in.CapturedAt, now())
		m.SetCapturedAt(at)
		m.SetLastSeenAt(at)
		return nil
	}
	return &Service{record.New(s, now, noun), s, changed}
}

var noun = record.Noun[*ent.Snapshot, *ent.SnapshotMutation, Input]{
	Kind:  vocab.Snapshot,
	Table: record.TableOf(func(c *ent.Client) *ent.SnapshotClient { return c.Snapshot }, nil),
	Of: func(e *ent.Snapshot) Input { // without the items, which no audit entry should hold
		captured := e.CapturedAt.UTC()
		return Input{EnvironmentID: vocab.Environment.ID(e.EnvironmentID), CapturedAt: &captured, Kind: e.Kind, Tool: e.Tool}
	},
	Apply: func(in Input, m *ent.SnapshotMutation) {
		m.SetEnvironmentID(in.EnvironmentID.N)
		m.SetKind(in.Kind)
		m.SetTool(in.Tool)
		m.SetContentHash(in.facts.ContentHash().String())
		m.SetItemCount(len(in.facts.Items()))
	},
	Visible: record.ToAll,
	Filters: []record.Filter{
		record.Word("kind", vocab.SnapshotKind("")), record.Text("tool"), record.Text("content_hash"),
	},
	Sorts: []string{snapshot.FieldCapturedAt},
}

// Capture keeps what an environment is like. When that is what the newest snapshot of the kind says, that one is given, now
// seen again, and added is false. It is Invalid with every bad item, and NotFound without the environment.
func (s *Service) Capture(ctx context.Context, in Input) (kept *ent.Snapshot, added bool, err error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, false, err
	}
	facts, err := drift.New(in.Kind, in.Items)
	if err == nil {
		in.facts = &facts
	}
	var check fault.Check
	in.Check(&check)
	record.NotFuture(&check, "captured_at", in.CapturedAt, s.Now())
	if err := check.Err(); err != nil {
		return nil, false, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := lock(ctx, tx, in.EnvironmentID); err != nil {
			return err
		}
		run, err := s.seriesOf(ctx, tx.Client(), in.EnvironmentID.N, in.Kind, in.Tool)
		if err != nil {
			return err
		}
		newest, at := run.newest, record.Happened(*in.CapturedAt, s.Now())
		unchanged := func(string) bool { return false }
		if added = newest == nil || newest.ContentHash != facts.ContentHash().String(); !added {
			if kept, err = s.seeAgain(ctx, newest, at); err != nil {
				return err
			}
			return s.captured(ctx, tx, in.EnvironmentID.N, unchanged, at)
		}
		if kept, err = s.Add(ctx, in); err != nil {
			return err
		}
		paths, err := s.write(ctx, tx, kept, run, facts)
		if err != nil {
			return err
		}
		if newest == nil {
			return s.captured(ctx, tx, in.EnvironmentID.N, unchanged, at)
		}
		return s.captured(ctx, tx, in.EnvironmentID.N, touching(paths), at)
	})
	return kept, added, err
}

func (s *Service) captured(ctx context.Context, tx *store.Tx, environmentID int, touched func(string) bool, at time.Time) error {
	if s.changed == nil {
		return nil
	}
	return s.changed(ctx, tx, environmentID, touched, at)
}

// lock keeps captures of one environment in line: each builds on the one before.
func lock(ctx context.Context, tx *store.Tx, id vocab.ID) error {
	n, err := tx.Client().Environment.Update().Where(environment.ID(id.N)).AddVersion(0).Save(ctx)
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "%s does not exist", id)
	}
	return err
}

func (s *Service) seeAgain(ctx context.Context, newest *ent.Snapshot, at time.Time) (*ent.Snapshot, error) {
	if !at.After(newest.LastSeenAt) {
		return newest, nil
	}
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "seen_again", Changes: []vocab.FieldChange{{Field: "last_seen_at", From: newest.LastSeenAt.UTC(), To: at}}}
	return s.Amend(ctx, newest.ID, entry, func(m *ent.SnapshotMutation) { m.SetLastSeenAt(at) })
}

// write keeps the items that are new or other than before, ends those that are gone, and gives the paths that changed.
func (s *Service) write(ctx context.Context, tx *store.Tx, kept *ent.Snapshot, run series, facts drift.Snapshot) (paths []string, err error) {
	c := tx.Client()
	open, err := c.SnapshotItem.Query().Where(
		snapshotitem.EnvironmentID(kept.EnvironmentID), snapshotitem.KindEQ(kept.Kind), snapshotitem.UntilSnapshotIDIsNil(), run.owns(kept)).All(ctx)
	if err != nil {
		return nil, err
	}
	var ended []int
	holds, unlike := make(map[string]bool, len(open)), map[string]bool{}
	for _, row := range open {
		now, there := facts.Item(row.Path)
		if there && bytes.Equal(now.Value, row.Value) {
			holds[row.Path] = true
			continue
		}
		ended = append(ended, row.ID)
		same, err := sameFact(kept.Kind, row, now)
		if err != nil {
			return nil, err
		}
		if unlike[row.Path] = !same; !same {
			paths = append(paths, row.Path)
		}
	}
	for chunk := range slices.Chunk(ended, 500) {
		if err := c.SnapshotItem.Update().Where(snapshotitem.IDIn(chunk...)).SetUntilSnapshotID(kept.ID).Exec(ctx); err != nil {
			return nil, err
		}
	}
	var rows []*ent.SnapshotItemCreate
	for _, item := range facts.Items() {
		if !holds[item.Path] {
			if _, was := unlike[item.Path]; !was {
				paths = append(paths, item.Path)
			}
			rows = append(rows, c.SnapshotItem.Create().SetEnvironmentID(kept.EnvironmentID).SetKind(kept.Kind).
				SetPath(item.Path).SetValue(item.Value).SetSinceSnapshotID(kept.ID))
		}
	}
	for chunk := range slices.Chunk(rows, 500) {
		if err := c.SnapshotItem.CreateBulk(chunk...).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// sameFact says whether an item is what it was, figures that move by themselves apart.
func sameFact(kind vocab.SnapshotKind, was *ent.SnapshotItem, now drift.Item) (bool, error) {
	before, err := drift.New(kind, map[string]json.RawMessage{was.Path: was.Value})
	if err != nil {
		return false, err
	}
	return before.Items()[0].Hash == now.Hash, nil
}

// touching says of an area whether one of the paths lies in it.
func touching(paths []string) func(string) bool {
	return func(area string) bool {
		return slices.ContainsFunc(paths, func(path string) bool { return drift.MatchArea(path, area) == drift.MatchName })
	}
}
