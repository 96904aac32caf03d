// Package lesson keeps lessons, finds those that an attempt must be shown, and keeps the answers they were given. When a
// lesson is shown, and what an unanswered one does to the gate, is left to package brief.
package lesson

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Input is what a client may set on a lesson.
type Input struct {
	record.Knowledge
	// The lesson in one line.
	Title string `json:"title" validate:"required" example:"Compare the schemas before every attempt" maxLength:"200"`
	// The trigger: when to remember it.
	When string `json:"when" validate:"required" example:"An upgrade changes how sessions are stored" maxLength:"100000"`
	// The practice: what to do.
	Then string `json:"then" validate:"required" example:"Compare the schema of production with that of development" maxLength:"100000"`
	// What happened without it.
	Because string `json:"because,omitempty" example:"An index that only production had made sessions expire" maxLength:"100000"`
	// How to see that it was done.
	DoneCheck string `json:"check,omitempty" example:"The comparison is linked to the attempt" maxLength:"100000"`
	// How to see that it helped.
	SuccessCriterion string `json:"success_criterion,omitempty" example:"No finding of the attempt comes from a difference" maxLength:"100000"`
	// Which attempts it is for. When it is empty, those of the services it was learned on.
	AppliesTo vocab.AppliesTo `json:"applies_to"`
	// The day by which it must be looked at again; after that it is stale. A time of a day may be given.
	ReviewBy record.Date `json:"review_by,omitempty" swaggertype:"string" format:"date" example:"2026-09-01" maxLength:"40"`
	// The findings it was learned from.
	FindingIDs []vocab.ID `json:"finding_ids" swaggertype:"array,string" example:"FND-1" maxItems:"200"`
	// The assumptions it was learned from.
	AssumptionIDs []vocab.ID `json:"assumption_ids" swaggertype:"array,string" example:"ASM-1" maxItems:"200"`
	// The incidents it was learned from.
	IncidentIDs []vocab.ID `json:"incident_ids" swaggertype:"array,string" example:"INC-1" maxItems:"200"`
	// The lesson that it takes the place of once it is active.
	SupersedesID vocab.ID `json:"supersedes_id,omitzero" swaggertype:"string" example:"LES-1"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	c.Required("when", in.When)
	c.Text("when", in.When, fault.MaxText)
	c.Required("then", in.Then)
	c.Text("then", in.Then, fault.MaxText)
	c.Text("because", in.Because, fault.MaxText)
	c.Text("check", in.DoneCheck, fault.MaxText)
	c.Text("success_criterion", in.SuccessCriterion, fault.MaxText)
	checkAppliesTo(c, in.AppliesTo)
	in.ReviewBy.Check(c, "review_by")
	c.RefList("finding_ids", in.FindingIDs, vocab.Finding)
	c.RefList("assumption_ids", in.AssumptionIDs, vocab.Assumption)
	c.RefList("incident_ids", in.IncidentIDs, vocab.Incident)
	c.Ref("supersedes_id", in.SupersedesID, vocab.Lesson)
}

// Service keeps lessons and the answers given to them.
type Service struct {
	*record.Records[*ent.Lesson, *ent.LessonMutation, Input]
	// Applications are the answers; they are written by Surface and Answer only.
	Applications *record.Records[*ent.LessonApplication, *ent.LessonApplicationMutation, Answer]
	store        *store.Store
}

// New keeps lessons in s.
func New(s *store.Store, now func() time.Time) *Service {
	service := &Service{store: s, Applications: record.New(s, now, applications)}
	noun := noun
	noun.After = service.settle
	service.Records = record.New(s, now, noun)
	return service
}

// moves is how a lesson moves between states. An active lesson is superseded by the one that takes its place, or retired.
var moves = record.MovesOf("draft: active retired", "active: superseded retired")

var noun = record.Noun[*ent.Lesson, *ent.LessonMutation, Input]{
	Kind:    vocab.Lesson,
	Table:   record.TableOf(func(c *ent.Client) *ent.LessonClient { return c.Lesson }, withLinks),
	Of:      inputOf,
	Apply:   apply,
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Word("status", vocab.LessonStatus("")), record.Ref("supersedes_id", vocab.Lesson),
		record.Linked("finding_id", vocab.Finding, "lesson_findings", "lesson_id", "finding_id"),
		record.Linked("assumption_id", vocab.Assumption, "lesson_assumptions", "lesson_id", "assumption_id"),
		record.Linked("incident_id", vocab.Incident, "lesson_incidents", "lesson_id", "incident_id"),
		staleFilter, scopeFilter("kind", dimensionKind), scopeFilter("area", dimensionArea), serviceFilter(),
	),
	Rule: func(_ context.Context, _ *store.Tx, old *ent.Lesson, in Input, check *fault.Check) error {
		if old != nil && in.SupersedesID == vocab.Lesson.ID(old.ID) {
			check.Add("supersedes_id", "same", "a lesson cannot take its own place")
		}
		return nil
	},
	States: &record.States[*ent.Lesson, *ent.LessonMutation]{
		Of:    func(e *ent.Lesson) string { return string(e.Status) },
		Set:   func(m *ent.LessonMutation, to string) { m.SetStatus(vocab.LessonStatus(to)) },
		Moves: moves,
	},
}

func withLinks(q *ent.LessonQuery) {
	q.WithFindings(func(q *ent.FindingQuery) { q.Order(ent.Asc("id")) }).
		WithAssumptions(func(q *ent.AssumptionQuery) { q.Order(ent.Asc("id")) }).
		WithIncidents(func(q *ent.IncidentQuery) { q.Order(ent.Asc("id")) })
}

// settle keeps the scopes of a lesson level with what it applies to, and moves the one it supersedes once it is active.
func (s *Service) settle(ctx context.Context, tx *store.Tx, before, after *ent.Lesson) error {
	if err := writeScopes(ctx, tx, after); err != nil {
		return err
	}
	wasActive := before != nil && before.Status == vocab.LessonStatusActive && sameRef(before.SupersedesID, after.SupersedesID)
	if after.Status != vocab.LessonStatusActive || wasActive || after.SupersedesID == nil {
		return nil
	}
	replaced, err := tx.Client().Lesson.Get(ctx, *after.SupersedesID)
	if err != nil || replaced.Status != vocab.LessonStatusActive {
		return err
	}
	_, err = s.Transition(auth.With(ctx, auth.Actor{Name: auth.From(ctx).Name, TokenID: auth.From(ctx).TokenID, Scopes: []vocab.Scope{vocab.ScopeAdmin}}),
		replaced.ID, record.AnyVersion, record.Move{To: string(vocab.LessonStatusSuperseded), Reason: "superseded by " + vocab.Lesson.ID(after.ID).String()})
	return err
}

func sameRef(a, b *int) bool { return a == b || (a != nil && b != nil && *a == *b) }

// Stale says whether an active lesson is past the day it had to be looked at again.
func Stale(e *ent.Lesson, now time.Time) bool {
	if e.ReviewBy == nil || e.Status != vocab.LessonStatusActive {
		return false
	}
	by := e.ReviewBy.UTC()
	return by.Before(now) && !by.Equal(record.Midnight(now)) // a day lasts until it ends
}

// staleFilter is Stale as SQL.
var staleFilter = record.Filter{
	Name: "stale", Words: []string{"true", "false"}, Doc: "Only lessons that are past the day of their next review, or that are not.",
	Where: func(s *entsql.Selector, values []string, now time.Time) *entsql.Predicate {
		var anyOf []*entsql.Predicate
		for _, v := range values {
			stale := entsql.And(entsql.NotNull(s.C("review_by")), entsql.LT(s.C("review_by"), now),
				entsql.NEQ(s.C("review_by"), record.Midnight(now)), entsql.EQ(s.C("status"), string(vocab.LessonStatusActive)))
			if v == "false" {
				stale = entsql.Or(entsql.IsNull(s.C("review_by")), entsql.GTE(s.C("review_by"), now),
					entsql.EQ(s.C("review_by"), record.Midnight(now)), entsql.NEQ(s.C("status"), string(vocab.LessonStatusActive)))
			}
			anyOf = append(anyOf, stale)
		}
		return entsql.Or(anyOf...)
	},
}

func inputOf(e *ent.Lesson) Input {
	return Input{
		Knowledge: record.KnowledgeOf(e), Title: e.Title, When: e.When, Then: e.Then, Because: e.Because, DoneCheck: e.Check,
		SuccessCriterion: e.SuccessCriterion, AppliesTo: e.AppliesTo, ReviewBy: record.DateOf(e.ReviewBy),
		FindingIDs: record.IDsOf(vocab.Finding, e.Edges.Findings), AssumptionIDs: record.IDsOf(vocab.Assumption, e.Edges.Assumptions),
		IncidentIDs: record.IDsOf(vocab.Incident, e.Edges.Incidents), SupersedesID: record.RefOf(vocab.Lesson, e.SupersedesID),
	}
}

func apply(in Input, m *ent.LessonMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetTitle(in.Title)
	m.SetWhen(in.When)
	m.SetThen(in.Then)
	m.SetBecause(in.Because)
	m.SetCheck(in.DoneCheck)
	m.SetSuccessCriterion(in.SuccessCriterion)
	m.SetAppliesTo(in.AppliesTo)
	record.SetTime(in.ReviewBy.Time(), m.SetReviewBy, m.ClearReviewBy)
	m.ClearFindings()
	m.AddFindingIDs(record.Numbers(in.FindingIDs)...)
	m.ClearAssumptions()
	m.AddAssumptionIDs(record.Numbers(in.AssumptionIDs)...)
	m.ClearIncidents()
	m.AddIncidentIDs(record.Numbers(in.IncidentIDs)...)
	record.SetRef(in.SupersedesID, m.SetSupersedesID, m.ClearSupersedesID)
}
