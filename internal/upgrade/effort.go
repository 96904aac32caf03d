package upgrade

import (
	"context"
	"math"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxHours is the most that one entry may hold: a year of a large team.
const maxHours = 100_000

// EffortInput is what a client may set on an effort entry, once.
type EffortInput struct {
	// Hours spent; negative only to take back the entry that reverses_id names.
	Hours float64 `json:"hours" validate:"required" example:"6.5"`
	// The role that spent them; never a person.
	Role string `json:"role" validate:"required" example:"developer" maxLength:"120"`
	// The part of the work.
	Phase vocab.EffortPhase `json:"phase" validate:"required" example:"prepare"`
	// The upgrade worked on; either this or attempt_id is required.
	UpgradeID vocab.ID `json:"upgrade_id,omitzero" swaggertype:"string" example:"UPG-1"`
	// The attempt worked on.
	AttemptID vocab.ID `json:"attempt_id,omitzero" swaggertype:"string" example:"ATT-1"`
	// The entry that this one takes back, in whole or in part.
	ReversesID vocab.ID `json:"reverses_id,omitzero" swaggertype:"string" example:"EFF-1"`
	// What was done.
	Note string `json:"note,omitempty" example:"Removed dependencies on old libraries" maxLength:"100000"`
	// When; now, unless it is being recorded later.
	SpentAt *time.Time `json:"spent_at,omitempty" format:"date-time" example:"2026-02-12T09:00:00Z"`
	// True for demonstration data, which figures leave out.
	Sample bool `json:"sample" example:"false"`
}

// Check notes every field that breaks a rule by itself.
func (in EffortInput) Check(c *fault.Check) {
	switch {
	case in.Hours == 0 || math.Abs(in.Hours) > maxHours:
		c.Add("hours", "out_of_range", "must not be 0, and at most %d", maxHours)
	case in.Hours < 0 && in.ReversesID.IsZero():
		c.Add("hours", "out_of_range", "may be negative only with reverses_id")
	case in.Hours > 0 && !in.ReversesID.IsZero():
		c.Add("hours", "out_of_range", "must be negative to take back another entry")
	}
	c.Title("role", in.Role)
	c.Text("role", in.Role, fault.MaxName)
	fault.RequiredChoice(c, "phase", in.Phase)
	c.Ref("upgrade_id", in.UpgradeID, vocab.Upgrade)
	c.Ref("attempt_id", in.AttemptID, vocab.Attempt)
	c.Ref("reverses_id", in.ReversesID, vocab.Effort)
	c.Text("note", in.Note, fault.MaxText)
	switch given := !in.AttemptID.IsZero(); {
	case given && !in.UpgradeID.IsZero():
		c.Add("upgrade_id", "conflict", "cannot be given together with attempt_id")
	case !given && in.UpgradeID.IsZero():
		c.Add("upgrade_id", "required", "is required unless attempt_id is given")
	}
}

// Efforts keeps effort entries. They are added and taken back, never changed.
type Efforts struct {
	*record.Records[*ent.EffortEntry, *ent.EffortEntryMutation, EffortInput]
}

// NewEfforts keeps effort entries in s.
func NewEfforts(s *store.Store, now func() time.Time) *Efforts {
	return &Efforts{record.New(s, now, efforts(now))}
}

func efforts(now func() time.Time) record.Noun[*ent.EffortEntry, *ent.EffortEntryMutation, EffortInput] {
	return record.Noun[*ent.EffortEntry, *ent.EffortEntryMutation, EffortInput]{
		Kind:  vocab.Effort,
		Table: record.TableOf(func(c *ent.Client) *ent.EffortEntryClient { return c.EffortEntry }, nil),
		Of: func(e *ent.EffortEntry) EffortInput {
			spent := e.SpentAt.UTC()
			return EffortInput{
				Hours: e.Hours, Role: e.Role, Phase: e.Phase, UpgradeID: record.RefOf(vocab.Upgrade, e.UpgradeID),
				AttemptID: record.RefOf(vocab.Attempt, e.AttemptID), ReversesID: record.RefOf(vocab.Effort, e.ReversesID), Note: e.Note,
				SpentAt: &spent, Sample: e.Sample,
			}
		},
		Apply: func(in EffortInput, m *ent.EffortEntryMutation) {
			m.SetHours(in.Hours)
			m.SetRole(in.Role)
			m.SetPhase(in.Phase)
			record.SetRef(in.UpgradeID, m.SetUpgradeID, m.ClearUpgradeID)
			record.SetRef(in.AttemptID, m.SetAttemptID, m.ClearAttemptID)
			record.SetRef(in.ReversesID, m.SetReversesID, m.ClearReversesID)
			m.SetNote(in.Note)
			m.SetSample(in.Sample)
			at := now()
			if in.SpentAt != nil {
				at = record.Happened(*in.SpentAt, at)
			}
			m.SetSpentAt(at)
		},
		Visible: record.ThroughParent(vocab.Effort),
		Filters: []record.Filter{
			record.Ref("upgrade_id", vocab.Upgrade), record.Ref("attempt_id", vocab.Attempt), record.Word("phase", vocab.EffortPhase("")),
			record.Text("role"), record.Bool("sample"), record.Ref("reverses_id", vocab.Effort),
		},
		Rule: func(ctx context.Context, tx *store.Tx, _ *ent.EffortEntry, in EffortInput, check *fault.Check) error {
			record.NotFuture(check, "spent_at", in.SpentAt, now())
			if in.ReversesID.IsZero() {
				return nil
			}
			was, err := tx.Client().EffortEntry.Get(ctx, in.ReversesID.N)
			if err != nil {
				return err
			}
			reversible(check, was, in)
			return nil
		},
	}
}

// reversible notes a reversal of more than there was, of other work, or of a reversal.
func reversible(check *fault.Check, was *ent.EffortEntry, in EffortInput) {
	same := record.RefOf(vocab.Upgrade, was.UpgradeID) == in.UpgradeID && record.RefOf(vocab.Attempt, was.AttemptID) == in.AttemptID
	switch {
	case was.ReversesID != nil:
		check.Add("reverses_id", "invalid_choice", "is itself a reversal")
	case !same || was.Phase != in.Phase || was.Role != in.Role:
		check.Add("reverses_id", "invalid_choice", "is of other work: the upgrade or attempt, phase and role must be the same")
	case -in.Hours > was.Hours:
		check.Add("hours", "out_of_range", "takes back more than the %g hours there were", was.Hours)
	}
}
