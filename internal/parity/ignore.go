package parity

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/driftignore"
	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxRules is how many ignore rules an environment may have: every comparison looks through them.
const maxRules = 1000

// IgnoreInput is what a client may set on an ignore rule.
type IgnoreInput struct {
	// EnvironmentID is the environment that may differ; it comes from the path.
	EnvironmentID vocab.ID `json:"-"`
	// Matched against whole paths: * for any part of a segment, ** for any number of segments, ? for one character.
	Pattern string `json:"pattern" validate:"required" example:"table/tmp_*/**" maxLength:"1000"`
	// Why the difference is accepted.
	Reason string `json:"reason" validate:"required" example:"Scratch tables of the nightly job" maxLength:"100000"`
	// The kind of snapshots it is about; every kind when it is not given.
	Kind vocab.SnapshotKind `json:"kind,omitempty" example:"schema"`
	// When it stops to hide anything; never when it is not given.
	ExpiresAt *time.Time `json:"expires_at,omitempty" format:"date-time" example:"2026-06-01T00:00:00Z"`
}

// Check notes every field that breaks a rule by itself.
func (in IgnoreInput) Check(c *fault.Check) {
	drift.IgnoreRule{Pattern: in.Pattern, Reason: in.Reason}.Check(c)
	fault.Choice(c, "kind", in.Kind)
}

// Ignores keeps ignore rules.
type Ignores struct {
	*record.Records[*ent.DriftIgnore, *ent.DriftIgnoreMutation, IgnoreInput]
}

// NewIgnores keeps ignore rules in s.
func NewIgnores(s *store.Store, now func() time.Time) *Ignores {
	return &Ignores{record.New(s, now, ignores)}
}

var ignores = record.Noun[*ent.DriftIgnore, *ent.DriftIgnoreMutation, IgnoreInput]{
	Kind:  vocab.DriftIgnore,
	Table: record.TableOf(func(c *ent.Client) *ent.DriftIgnoreClient { return c.DriftIgnore }, nil),
	Of: func(e *ent.DriftIgnore) IgnoreInput {
		in := IgnoreInput{EnvironmentID: vocab.Environment.ID(e.EnvironmentID), Pattern: e.Pattern, Reason: e.Reason, ExpiresAt: record.UTC(e.ExpiresAt)}
		if e.Kind != nil {
			in.Kind = *e.Kind
		}
		return in
	},
	Apply: func(in IgnoreInput, m *ent.DriftIgnoreMutation) {
		m.SetEnvironmentID(in.EnvironmentID.N)
		m.SetPattern(in.Pattern)
		m.SetReason(in.Reason)
		record.SetWord(in.Kind, m.SetKind, m.ClearKind)
		record.SetTime(in.ExpiresAt, m.SetExpiresAt, m.ClearExpiresAt)
	},
	Visible: record.ToAll,
	Filters: []record.Filter{record.Ref("environment_id", vocab.Environment), record.Word("kind", vocab.SnapshotKind(""))},
	Rule: func(ctx context.Context, tx *store.Tx, old *ent.DriftIgnore, in IgnoreInput, check *fault.Check) error {
		if old != nil {
			return nil
		}
		n, err := tx.Client().DriftIgnore.Query().Where(driftignore.EnvironmentID(in.EnvironmentID.N)).Count(ctx)
		if err == nil && n >= maxRules {
			check.Add("pattern", "too_many", "cannot be added: the environment has %d rules already", n)
		}
		return err
	},
}

// rules are the ignore rules of both sides of a comparison.
func (s *Service) rules(ctx context.Context, c *ent.Client, found Comparison, kind vocab.SnapshotKind) ([]drift.IgnoreRule, error) {
	rows, err := c.DriftIgnore.Query().Where(
		driftignore.EnvironmentIDIn(found.Base.ID, found.Target.ID), driftignore.Or(driftignore.KindIsNil(), driftignore.KindEQ(kind)),
	).Order(ent.Asc(driftignore.FieldID)).All(ctx)
	rules := make([]drift.IgnoreRule, len(rows))
	for i, row := range rows {
		rules[i] = drift.IgnoreRule{ID: vocab.DriftIgnore.ID(row.ID).String(), Pattern: row.Pattern, Reason: row.Reason, ExpiresAt: record.UTC(row.ExpiresAt)}
	}
	return rules, err
}
