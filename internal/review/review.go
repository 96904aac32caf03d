package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// MaxBody is how many characters the body of a review may have: an imported review keeps everything that has no other place.
const MaxBody = 256 << 10

// Input is what a client may set on a review.
type Input struct {
	record.Knowledge
	// What is reviewed.
	Title string `json:"title" validate:"required" example:"Framework upgrade, first attempt" maxLength:"200"`
	// The attempts reviewed.
	AttemptIDs []vocab.ID `json:"attempt_ids" swaggertype:"array,string" example:"ATT-1" maxItems:"200"`
	// The incidents reviewed.
	IncidentIDs []vocab.ID `json:"incident_ids" swaggertype:"array,string" example:"INC-1" maxItems:"200"`
	// What happened, in a paragraph of Markdown.
	Summary string `json:"summary,omitempty" example:"Sessions expired early until the upgrade was reverted." maxLength:"100000"`
	// Who was harmed and how.
	Impact string `json:"impact,omitempty" example:"Users lost their place in a course." maxLength:"100000"`
	// What helped.
	WentWell string `json:"went_well,omitempty" example:"The revert took ten minutes." maxLength:"100000"`
	// What did not.
	WentPoorly string `json:"went_poorly,omitempty" example:"The first signal was read as unrelated." maxLength:"100000"`
	// Where it could have been worse.
	Lucky string `json:"lucky,omitempty" example:"No exam took place that morning." maxLength:"100000"`
	// The conditions that together made it possible.
	ContributingFactors []vocab.Factor `json:"contributing_factors" maxItems:"200"`
	// The roles that took part.
	Participants []string `json:"participants" example:"release engineer" maxItems:"200"`
	// Text of an imported review that belongs to no other member.
	Body string `json:"body,omitempty" example:"Notes from the meeting" maxLength:"262144"`
	// ImportKey is the content key of the file it was imported from; it is set once, and never by a client.
	ImportKey string `json:"-"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	c.RefList("attempt_ids", in.AttemptIDs, vocab.Attempt)
	c.RefList("incident_ids", in.IncidentIDs, vocab.Incident)
	for _, f := range in.texts() {
		c.Text(f.Name, f.Text, fault.MaxText)
	}
	c.Text("body", in.Body, MaxBody)
	if n := len(in.ContributingFactors); n > fault.MaxList {
		c.Add("contributing_factors", "too_long", "has %d entries, at most %d are allowed", n, fault.MaxList)
		return
	}
	for i, f := range in.ContributingFactors {
		at := fmt.Sprintf("contributing_factors[%d]", i)
		c.Text(at+".category", f.Category, fault.MaxName)
		c.Required(at+".text", f.Text)
		c.Text(at+".text", f.Text, fault.MaxText)
		for j, id := range f.Refs {
			c.RequiredRef(fmt.Sprintf("%s.refs[%d]", at, j), id, vocab.Kinds()...)
		}
	}
	c.List("participants", in.Participants)
}

// texts are the members that are written in prose.
func (in Input) texts() []Field {
	return []Field{
		{"summary", in.Summary}, {"impact", in.Impact}, {"went_well", in.WentWell}, {"went_poorly", in.WentPoorly}, {"lucky", in.Lucky},
	}
}

// Remarks are gentle notes on the wording of a review. They never block anything.
func (in Input) Remarks() []Remark {
	fields := append([]Field{{"title", in.Title}}, in.texts()...)
	for i, f := range in.ContributingFactors {
		fields = append(fields, Field{fmt.Sprintf("contributing_factors[%d].text", i), f.Text})
	}
	return record.ListOf(Lint(append(fields, Field{"body", in.Body})...))
}

// Service keeps reviews.
type Service struct {
	*record.Records[*ent.Review, *ent.ReviewMutation, Input]
	store *store.Store
}

// New keeps reviews in s.
func New(s *store.Store, now func() time.Time) *Service {
	noun := noun
	noun.Fill = func(ctx context.Context, _ *store.Tx, old *ent.Review, in Input, m *ent.ReviewMutation) error {
		if old != nil {
			return amend(ctx, old, in, now(), m)
		}
		if in.ImportKey != "" {
			m.SetImportKey(in.ImportKey)
		}
		return nil
	}
	states := *noun.States
	states.Effect = func(_ context.Context, _ *store.Tx, _ *ent.Review, move record.Move, m *ent.ReviewMutation) error {
		if move.To == string(vocab.ReviewStatusPublished) {
			m.SetPublishedAt(record.Happened(*move.At, now()))
		}
		return nil
	}
	noun.States = &states
	return &Service{record.New(s, now, noun), s}
}

// amend notes what is changed of a review that was published: its readers can see that it was.
func amend(ctx context.Context, old *ent.Review, in Input, at time.Time, m *ent.ReviewMutation) error {
	if old.Status != vocab.ReviewStatusPublished {
		return nil
	}
	changes, err := audit.Diff(inputOf(old), in)
	if err != nil || len(changes) == 0 {
		return err
	}
	amendment := vocab.Amendment{At: at.UTC(), By: auth.From(ctx).Name}
	for _, c := range changes {
		amendment.Fields = append(amendment.Fields, c.Field)
	}
	m.SetAmendments(append(slices.Clone(old.Amendments), amendment))
	return nil
}

// moves is how a review moves between states. A published one is amended, never taken back.
var moves = record.MovesOf("draft: in_review", "in_review: published")

var noun = record.Noun[*ent.Review, *ent.ReviewMutation, Input]{
	Kind: vocab.Review,
	Table: record.TableOf(func(c *ent.Client) *ent.ReviewClient { return c.Review }, func(q *ent.ReviewQuery) {
		q.WithAttempts(func(q *ent.AttemptQuery) { q.Order(ent.Asc("id")) }).WithIncidents(func(q *ent.IncidentQuery) { q.Order(ent.Asc("id")) })
	}),
	Of:      inputOf,
	Apply:   apply,
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Linked("attempt_id", vocab.Attempt, "review_attempts", "review_id", "attempt_id"),
		record.Linked("incident_id", vocab.Incident, "review_incidents", "review_id", "incident_id"),
		record.List("participants"), record.Word("status", vocab.ReviewStatus("")),
	),
	States: &record.States[*ent.Review, *ent.ReviewMutation]{
		Of:    func(e *ent.Review) string { return string(e.Status) },
		Set:   func(m *ent.ReviewMutation, to string) { m.SetStatus(vocab.ReviewStatus(to)) },
		Moves: moves,
	},
}

func inputOf(e *ent.Review) Input {
	return Input{
		Knowledge: record.KnowledgeOf(e), Title: e.Title, AttemptIDs: record.IDsOf(vocab.Attempt, e.Edges.Attempts),
		IncidentIDs: record.IDsOf(vocab.Incident, e.Edges.Incidents), Summary: e.Summary, Impact: e.Impact, WentWell: e.WentWell,
		WentPoorly: e.WentPoorly, Lucky: e.Lucky, ContributingFactors: record.ListOf(e.ContributingFactors),
		Participants: record.ListOf(e.Participants), Body: e.Body,
	}
}

func apply(in Input, m *ent.ReviewMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetTitle(in.Title)
	m.ClearAttempts()
	m.AddAttemptIDs(record.Numbers(in.AttemptIDs)...)
	m.ClearIncidents()
	m.AddIncidentIDs(record.Numbers(in.IncidentIDs)...)
	m.SetSummary(in.Summary)
	m.SetImpact(in.Impact)
	m.SetWentWell(in.WentWell)
	m.SetWentPoorly(in.WentPoorly)
	m.SetLucky(in.Lucky)
	m.SetContributingFactors(record.ListOf(in.ContributingFactors))
	m.SetParticipants(record.ListOf(in.Participants))
	m.SetBody(in.Body)
}
