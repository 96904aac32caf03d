package catalog

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RunbookInput is what a client may set on a runbook.
type RunbookInput struct {
	record.Knowledge
	// What the runbook is for.
	Title string `json:"title" validate:"required" example:"Stuck database processes" maxLength:"200"`
	// Where it is read.
	URL string `json:"url" validate:"required" format:"uri" example:"https://wiki.example.com/runbooks/db-processes" maxLength:"2000"`
	// The service it is about.
	ServiceID vocab.ID `json:"service_id,omitzero" swaggertype:"string" example:"SVC-1"`
	// Components or tables it is about.
	Areas []string `json:"areas" example:"sessions" maxItems:"200"`
	// Alerts that lead to it.
	AlertNames []string `json:"alert_names" example:"DatabaseProcessesHigh" maxItems:"200"`
	// When somebody last found it right.
	ReviewedAt *time.Time `json:"reviewed_at,omitempty" format:"date-time" example:"2026-01-12T09:00:00Z"`
	// Days after which a review is stale.
	ReviewEveryDays *int `json:"review_every_days,omitempty" example:"90" minimum:"1" maximum:"3650"`
}

const maxReviewDays = 3650

// Check notes every field that breaks a rule by itself.
func (in RunbookInput) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	c.Required("url", in.URL)
	c.URL("url", in.URL)
	c.Ref("service_id", in.ServiceID, vocab.Service)
	c.List("areas", in.Areas)
	c.List("alert_names", in.AlertNames)
	if d := in.ReviewEveryDays; d != nil && (*d < 1 || *d > maxReviewDays) {
		c.Add("review_every_days", "out_of_range", "must be from 1 to %d", maxReviewDays)
	}
}

// reviewDue is when the review of the runbook is stale, nil when it never is.
func (in RunbookInput) reviewDue() *time.Time {
	if in.ReviewedAt == nil || in.ReviewEveryDays == nil {
		return nil
	}
	due := in.ReviewedAt.UTC().AddDate(0, 0, *in.ReviewEveryDays)
	return &due
}

// Health says how far a runbook can be trusted at a time: a broken link comes before everything, then a runbook that nobody
// has reviewed or whose link could not be checked, then one whose review is due.
func Health(link vocab.LinkStatus, reviewedAt, due *time.Time, at time.Time) vocab.RunbookHealth {
	switch {
	case link == vocab.LinkStatusBroken:
		return vocab.RunbookHealthBroken
	case reviewedAt == nil || link == vocab.LinkStatusRefused:
		return vocab.RunbookHealthUnverified
	case due != nil && !at.Before(*due):
		return vocab.RunbookHealthStale
	}
	return vocab.RunbookHealthFresh
}

// healthIs is Health as a condition on rows.
func healthIs(s *entsql.Selector, want vocab.RunbookHealth, now time.Time) *entsql.Predicate {
	broken := entsql.EQ(s.C("link_status"), string(vocab.LinkStatusBroken))
	unverified := entsql.Or(entsql.IsNull(s.C("reviewed_at")), entsql.EQ(s.C("link_status"), string(vocab.LinkStatusRefused)))
	stale := entsql.And(entsql.NotNull(s.C("review_due_at")), entsql.LTE(s.C("review_due_at"), now))
	notStale := entsql.Or(entsql.IsNull(s.C("review_due_at")), entsql.GT(s.C("review_due_at"), now))
	switch want {
	case vocab.RunbookHealthBroken:
		return broken
	case vocab.RunbookHealthUnverified:
		return entsql.And(entsql.Not(broken), unverified)
	case vocab.RunbookHealthStale:
		return entsql.And(entsql.Not(broken), entsql.Not(unverified), stale)
	}
	return entsql.And(entsql.Not(broken), entsql.Not(unverified), notStale)
}

// Runbooks keeps runbooks.
type Runbooks struct {
	*record.Records[*ent.Runbook, *ent.RunbookMutation, RunbookInput]
}

// NewRunbooks keeps runbooks in s.
func NewRunbooks(s *store.Store, now func() time.Time) *Runbooks {
	return &Runbooks{record.New(s, now, runbooks)}
}

// HealthOf is the health of a runbook now.
func (s *Runbooks) HealthOf(e *ent.Runbook) vocab.RunbookHealth {
	return Health(e.LinkStatus, e.ReviewedAt, e.ReviewDueAt, s.Now())
}

var runbooks = record.Noun[*ent.Runbook, *ent.RunbookMutation, RunbookInput]{
	Kind:  vocab.Runbook,
	Table: record.TableOf(func(c *ent.Client) *ent.RunbookClient { return c.Runbook }, nil),
	Of: func(e *ent.Runbook) RunbookInput {
		return RunbookInput{
			Knowledge: record.KnowledgeOf(e), Title: e.Title, URL: e.URL, ServiceID: record.RefOf(vocab.Service, e.ServiceID),
			Areas: record.ListOf(e.Areas), AlertNames: record.ListOf(e.AlertNames), ReviewedAt: record.UTC(e.ReviewedAt),
			ReviewEveryDays: e.ReviewEveryDays,
		}
	},
	Apply: func(in RunbookInput, m *ent.RunbookMutation) {
		record.SetKnowledge(in.Knowledge, m)
		m.SetTitle(in.Title)
		m.SetURL(in.URL)
		record.SetRef(in.ServiceID, m.SetServiceID, m.ClearServiceID)
		m.SetAreas(record.ListOf(in.Areas))
		m.SetAlertNames(record.ListOf(in.AlertNames))
		record.SetTime(in.ReviewedAt, m.SetReviewedAt, m.ClearReviewedAt)
		record.Set(in.ReviewEveryDays, m.SetReviewEveryDays, m.ClearReviewEveryDays)
		record.SetTime(in.reviewDue(), m.SetReviewDueAt, m.ClearReviewDueAt)
	},
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Ref("service_id", vocab.Service), record.List("areas"), record.List("alert_names"), record.Text("url"),
		record.Computed("health", vocab.RunbookHealth(""), healthIs),
	),
	Fill: func(_ context.Context, _ *store.Tx, old *ent.Runbook, in RunbookInput, m *ent.RunbookMutation) error {
		if old != nil && old.URL != in.URL { // what was found of the old link says nothing about the new one
			m.SetLinkStatus(vocab.LinkStatusUnchecked)
			m.ClearLinkCheckedAt()
		}
		return nil
	},
}
