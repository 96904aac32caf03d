package review

import (
	"context"
	"strings"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/action"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ActionInput is what a client may set on an action.
type ActionInput struct {
	record.Knowledge
	// What is to be done.
	Title string `json:"title" validate:"required" example:"Compare the schemas in the pipeline" maxLength:"200"`
	// How to see that it is done.
	DoneCriterion string `json:"done_criterion" validate:"required" example:"A difference fails the build" maxLength:"100000"`
	// Who does it, by role or team.
	Owner string `json:"owner" validate:"required" example:"database team" maxLength:"120"`
	// The day it is due; it is overdue from the next day on, in UTC.
	DueOn record.Date `json:"due_on,omitempty" swaggertype:"string" format:"date" example:"2026-04-01" maxLength:"40"`
	// The order of work.
	Priority vocab.Priority `json:"priority,omitempty" example:"p2"`
	// What it is meant to do.
	Kind vocab.ActionKind `json:"kind,omitempty" example:"prevent"`
	// The finding it follows up.
	FindingID vocab.ID `json:"finding_id,omitzero" swaggertype:"string" example:"FND-1"`
	// The lesson it follows up.
	LessonID vocab.ID `json:"lesson_id,omitzero" swaggertype:"string" example:"LES-1"`
	// The review it came from.
	ReviewID vocab.ID `json:"review_id,omitzero" swaggertype:"string" example:"REV-1"`
}

// Check notes every field that breaks a rule by itself.
func (in ActionInput) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	c.Required("done_criterion", in.DoneCriterion)
	c.Text("done_criterion", in.DoneCriterion, fault.MaxText)
	c.Required("owner", in.Owner)
	c.Text("owner", in.Owner, fault.MaxName)
	in.DueOn.Check(c, "due_on")
	fault.Choice(c, "priority", in.Priority)
	fault.Choice(c, "kind", in.Kind)
	c.Ref("finding_id", in.FindingID, vocab.Finding)
	c.Ref("lesson_id", in.LessonID, vocab.Lesson)
	c.Ref("review_id", in.ReviewID, vocab.Review)
}

// Actions keeps follow-ups.
type Actions struct {
	*record.Records[*ent.Action, *ent.ActionMutation, ActionInput]
}

// NewActions keeps actions in s.
func NewActions(s *store.Store, now func() time.Time) *Actions {
	return &Actions{record.New(s, now, actions)}
}

// actionMoves is how an action moves between states. What was done is verified or found to be ineffective, and then it is
// open again.
var actionMoves = record.MovesOf("open: in_progress wont_do", "in_progress: done", "done: verified ineffective", "ineffective: open")

var actions = record.Noun[*ent.Action, *ent.ActionMutation, ActionInput]{
	Kind:    vocab.Action,
	Table:   record.TableOf(func(c *ent.Client) *ent.ActionClient { return c.Action }, nil),
	Of:      actionInputOf,
	Apply:   applyAction,
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Text("owner"), record.Word("priority", vocab.Priority("")), record.Word("kind", vocab.ActionKind("")),
		record.Ref("finding_id", vocab.Finding), record.Ref("lesson_id", vocab.Lesson), record.Ref("review_id", vocab.Review),
		record.Word("status", vocab.ActionStatus("")), overdueFilter,
	),
	States: &record.States[*ent.Action, *ent.ActionMutation]{
		Of:    func(e *ent.Action) string { return string(e.Status) },
		Set:   func(m *ent.ActionMutation, to string) { m.SetStatus(vocab.ActionStatus(to)) },
		Moves: actionMoves,
		Guard: func(_ context.Context, _ *store.Tx, _ *ent.Action, move record.Move) ([]fault.Field, error) {
			if move.To == string(vocab.ActionStatusWontDo) && strings.TrimSpace(move.Reason) == "" {
				return []fault.Field{{Field: "reason", Code: "required", Message: "an action is dropped with a reason"}}, nil
			}
			return nil, nil
		},
	},
}

// waiting are the states in which an action can be overdue.
var waiting = []any{string(vocab.ActionStatusOpen), string(vocab.ActionStatusInProgress), string(vocab.ActionStatusIneffective)}

// Overdue says whether an action is still to be done although its day has passed, in UTC.
func Overdue(status vocab.ActionStatus, due *time.Time, now time.Time) bool {
	switch status {
	case vocab.ActionStatusOpen, vocab.ActionStatusInProgress, vocab.ActionStatusIneffective:
		return due != nil && due.Before(record.Midnight(now))
	}
	return false
}

// overdueFilter is Overdue as SQL.
var overdueFilter = record.Filter{
	Name: "overdue", Words: []string{"true", "false"}, Doc: "Only actions that are past their day and still to be done, or all others.",
	Where: func(s *entsql.Selector, values []string, now time.Time) *entsql.Predicate {
		var anyOf []*entsql.Predicate
		for _, v := range values {
			due, today := s.C(action.FieldDueOn), record.Midnight(now)
			if v == "true" {
				anyOf = append(anyOf, entsql.And(entsql.NotNull(due), entsql.LT(due, today), entsql.In(s.C(action.FieldStatus), waiting...)))
			} else {
				anyOf = append(anyOf, entsql.Or(entsql.IsNull(due), entsql.GTE(due, today), entsql.NotIn(s.C(action.FieldStatus), waiting...)))
			}
		}
		return entsql.Or(anyOf...)
	},
}

func actionInputOf(e *ent.Action) ActionInput {
	return ActionInput{
		Knowledge: record.KnowledgeOf(e), Title: e.Title, DoneCriterion: e.DoneCriterion, Owner: e.Owner, DueOn: record.DateOf(e.DueOn),
		Priority: e.Priority, Kind: e.Kind, FindingID: record.RefOf(vocab.Finding, e.FindingID),
		LessonID: record.RefOf(vocab.Lesson, e.LessonID), ReviewID: record.RefOf(vocab.Review, e.ReviewID),
	}
}

func applyAction(in ActionInput, m *ent.ActionMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetTitle(in.Title)
	m.SetDoneCriterion(in.DoneCriterion)
	m.SetOwner(in.Owner)
	record.SetTime(in.DueOn.Day(), m.SetDueOn, m.ClearDueOn)
	record.SetWord(in.Priority, m.SetPriority, m.ClearPriority)
	record.SetWord(in.Kind, m.SetKind, m.ClearKind)
	record.SetRef(in.FindingID, m.SetFindingID, m.ClearFindingID)
	record.SetRef(in.LessonID, m.SetLessonID, m.ClearLessonID)
	record.SetRef(in.ReviewID, m.SetReviewID, m.ClearReviewID)
}
