package catalog

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/runbookfeedback"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// FeedbackInput is what somebody says of a runbook they used.
type FeedbackInput struct {
	// What the use of it showed.
	Verdict vocab.RunbookVerdict `json:"verdict" validate:"required" example:"helped"`
	// The finding, incident or attempt it was used for.
	UsedFor vocab.ID `json:"used_for,omitzero" swaggertype:"string" example:"INC-1"`
	// What helped, or what is wrong with the page.
	Note string `json:"note,omitempty" example:"Step 3 names a table that is gone." maxLength:"2000"`
}

// maxNote is how many characters a note on a runbook may have.
const maxNote = 2_000

// Check notes every field that breaks a rule by itself.
func (in FeedbackInput) Check(c *fault.Check) {
	fault.RequiredChoice(c, "verdict", in.Verdict)
	c.Ref("used_for", in.UsedFor, vocab.Finding, vocab.Incident, vocab.Attempt)
	c.Text("note", in.Note, maxNote)
}

// maxFeedback is how many entries are read back, the newest.
const maxFeedback = 200

// Feedback keeps what is said of runbooks.
type Feedback struct {
	store    *store.Store
	now      func() time.Time
	runbooks *Runbooks
}

// NewFeedback keeps feedback in s.
func NewFeedback(s *store.Store, now func() time.Time, runbooks *Runbooks) *Feedback {
	return &Feedback{store: s, now: now, runbooks: runbooks}
}

// Add keeps what is said of a runbook. It is NotFound without the runbook, and Invalid with every bad field.
func (f *Feedback) Add(ctx context.Context, runbookID int, in FeedbackInput) (*ent.RunbookFeedback, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	var added *ent.RunbookFeedback
	err := f.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := f.runbooks.Load(ctx, tx.Client(), runbookID); err != nil {
			return err
		}
		var check fault.Check
		in.Check(&check)
		if !in.UsedFor.IsZero() && len(check.Fields) == 0 {
			if err := record.MustKnow(ctx, tx.Client(), tx.Dialect(), in.UsedFor); fault.Is(err, fault.NotFound) {
				check.Add("used_for", "not_found", "%s does not exist", in.UsedFor)
			} else if err != nil {
				return err
			}
		}
		if err := check.Err(); err != nil {
			return err
		}
		var err error
		added, err = tx.Client().RunbookFeedback.Create().SetRunbookID(runbookID).SetVerdict(in.Verdict).SetUsedForKind(in.UsedFor.Prefix).
			SetUsedForID(in.UsedFor.N).SetNote(in.Note).SetCreatedAt(f.now()).SetCreatedBy(auth.From(ctx).Name).Save(ctx)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{
			Target: vocab.Runbook.ID(runbookID), Action: "feedback", At: f.now(), Changes: []vocab.FieldChange{{Field: "verdict", To: in.Verdict}},
		})
	})
	return added, err
}

// Of reads what was said of a runbook, newest first, and how often each verdict was given. It is NotFound.
func (f *Feedback) Of(ctx context.Context, runbookID int) ([]*ent.RunbookFeedback, map[vocab.RunbookVerdict]int, error) {
	if _, err := f.runbooks.Get(ctx, runbookID); err != nil {
		return nil, nil, err
	}
	rows, err := f.store.Client(ctx).RunbookFeedback.Query().Where(runbookfeedback.RunbookID(runbookID)).Order(ent.Desc(runbookfeedback.FieldID)).Limit(maxFeedback).All(ctx)
	if err != nil {
		return nil, nil, f.store.Fault(err)
	}
	counts, err := f.Counts(ctx, []int{runbookID})
	return rows, counts[runbookID], err
}

// Counts says how often each verdict was given on each of the runbooks; the caller must have seen them.
func (f *Feedback) Counts(ctx context.Context, runbookIDs []int) (map[int]map[vocab.RunbookVerdict]int, error) {
	var rows []struct {
		RunbookID int                  `json:"runbook_id"`
		Verdict   vocab.RunbookVerdict `json:"verdict"`
		Count     int                  `json:"count"`
	}
	err := f.store.Client(ctx).RunbookFeedback.Query().Where(runbookfeedback.RunbookIDIn(runbookIDs...)).
		GroupBy(runbookfeedback.FieldRunbookID, runbookfeedback.FieldVerdict).Aggregate(ent.Count()).Scan(ctx, &rows)
	counts := map[int]map[vocab.RunbookVerdict]int{}
	for _, r := range rows {
		if counts[r.RunbookID] == nil {
			counts[r.RunbookID] = map[vocab.RunbookVerdict]int{}
		}
		counts[r.RunbookID][r.Verdict] = r.Count
	}
	return counts, f.store.Fault(err)
}
