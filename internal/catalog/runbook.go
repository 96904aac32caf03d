package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/runbook"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxReviewDays is the longest time between two reviews of a runbook: ten years.
const maxReviewDays = 3_650

// RunbookInput is what a client may set on a runbook.
type RunbookInput struct {
	record.Knowledge
	// What the runbook is for.
	Title string `json:"title" validate:"required" example:"Revert the learning platform" maxLength:"200"`
	// Where it is read.
	URL string `json:"url" validate:"required" format:"uri" example:"https://wiki.example.com/revert" maxLength:"2000"`
	// The service it is about.
	ServiceID vocab.ID `json:"service_id,omitzero" swaggertype:"string" example:"SVC-1"`
	// Components or tables it is about.
	Areas []string `json:"areas" example:"sessions" maxItems:"200"`
	// Alerts that lead to it.
	AlertNames []string `json:"alert_names" example:"SessionsExpire" maxItems:"200"`
	// When somebody last found it right.
	ReviewedAt *time.Time `json:"reviewed_at,omitempty" format:"date-time" example:"2026-02-01T09:00:00Z"`
	// Days after which a review is stale; without it, a review does not age.
	ReviewEveryDays *int `json:"review_every_days,omitempty" example:"90" minimum:"1" maximum:"3650"`
	// What a finding or an incident must be like for the runbook to be for it; any of the rules will do.
	MatchRules []vocab.RunbookRule `json:"match_rules" maxItems:"50"`
	// What the page says, as Markdown, where a copy is kept.
	Body string `json:"body,omitempty" example:"## Meaning" maxLength:"262144"`
	// ImportKey names the file or link it was imported from; it is set once, and never by a client.
	ImportKey string `json:"-"`
}

const (
	// maxBody is how many characters the copy of a page may have.
	maxBody = 256 << 10
	// maxRules is how many rules a runbook may have.
	maxRules = 50
)

func (in RunbookInput) checkRules(c *fault.Check) {
	if n := len(in.MatchRules); n > maxRules {
		c.Add("match_rules", "too_long", "has %d entries, at most %d are allowed", n, maxRules)
		return
	}
	for i, r := range in.MatchRules {
		at := fmt.Sprintf("match_rules[%d]", i)
		c.RefList(at+".service_ids", r.ServiceIDs, vocab.Service)
		c.List(at+".components", r.Components)
		c.List(at+".tags", r.Tags)
		for j, severity := range r.Severities {
			fault.RequiredChoice(c, fmt.Sprintf("%s.severities[%d]", at, j), severity)
		}
		c.List(at+".contains", r.Contains)
		if len(r.ServiceIDs)+len(r.Components)+len(r.Tags)+len(r.Severities)+len(r.Contains) == 0 {
			c.Add(at, "required", "must name something that a record has to have")
		}
	}
}

// hashOf is the SHA-256 of a page, in hexadecimal; empty without a page.
func hashOf(body string) string {
	if body == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// Check notes every field that breaks a rule by itself.
func (in RunbookInput) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	c.Required("url", in.URL)
	c.URL("url", in.URL)
	c.Ref("service_id", in.ServiceID, vocab.Service)
	c.List("areas", in.Areas)
	c.List("alert_names", in.AlertNames)
	c.Positive("review_every_days", in.ReviewEveryDays)
	if in.ReviewEveryDays != nil && *in.ReviewEveryDays > maxReviewDays {
		c.Add("review_every_days", "out_of_range", "must be at most %d", maxReviewDays)
	}
	in.checkRules(c)
	c.Text("body", in.Body, maxBody)
}

// Runbooks keeps runbooks.
type Runbooks struct {
	*record.Records[*ent.Runbook, *ent.RunbookMutation, RunbookInput]
	store *store.Store
}

// NewRunbooks keeps runbooks in s.
func NewRunbooks(s *store.Store, now func() time.Time) *Runbooks {
	noun := runbooks
	noun.Rule = func(_ context.Context, _ *store.Tx, _ *ent.Runbook, in RunbookInput, check *fault.Check) error {
		record.NotFuture(check, "reviewed_at", in.ReviewedAt, now())
		return nil
	}
	noun.Fill = func(_ context.Context, _ *store.Tx, old *ent.Runbook, in RunbookInput, m *ent.RunbookMutation) error {
		fillRunbook(old, in, now().UTC(), m)
		return nil
	}
	return &Runbooks{record.New(s, now, noun), s}
}

// HealthOf says whether a runbook can be relied on now.
func (s *Runbooks) HealthOf(e *ent.Runbook) vocab.RunbookHealth {
	return Health(Checked{Link: e.LinkStatus, ReviewedAt: e.ReviewedAt, DueAt: e.ReviewDueAt}, s.Now())
}

var runbooks = record.Noun[*ent.Runbook, *ent.RunbookMutation, RunbookInput]{
	Kind:    vocab.Runbook,
	Table:   record.TableOf(func(c *ent.Client) *ent.RunbookClient { return c.Runbook }, nil),
	Of:      runbookInputOf,
	Apply:   applyRunbook,
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Ref("service_id", vocab.Service), record.Text("url"), record.List("areas"), record.List("alert_names"),
		record.Computed("health", vocab.RunbookHealth(""), healthIs),
	),
}

// fillRunbook sets what follows from what a client sets.
func fillRunbook(old *ent.Runbook, in RunbookInput, now time.Time, m *ent.RunbookMutation) {
	record.SetTime(reviewDue(in.ReviewedAt, in.ReviewEveryDays), m.SetReviewDueAt, m.ClearReviewDueAt)
	hash := hashOf(in.Body)
	m.SetContentHash(hash)
	if old == nil {
		if in.ImportKey != "" {
			m.SetImportKey(in.ImportKey)
		}
		return
	}
	if old.ContentHash != hash {
		m.SetContentChangedAt(now)
	}
	if old.URL != in.URL { // what the last check found was another page
		m.SetLinkStatus(vocab.LinkStatusUnchecked)
		m.ClearLinkCheckedAt()
		m.SetLinkDetail("")
		m.SetLinkFinalURL("")
		m.SetLinkFailures(0)
		m.ClearLinkFailingSince()
		m.ClearLinkNextCheckAt()
	}
}

func runbookInputOf(e *ent.Runbook) RunbookInput {
	return RunbookInput{
		Knowledge: record.KnowledgeOf(e), Title: e.Title, URL: e.URL, ServiceID: record.RefOf(vocab.Service, e.ServiceID),
		Areas: record.ListOf(slices.Clone(e.Areas)), AlertNames: record.ListOf(slices.Clone(e.AlertNames)),
		ReviewedAt: record.UTC(e.ReviewedAt), ReviewEveryDays: e.ReviewEveryDays, MatchRules: record.ListOf(slices.Clone(e.MatchRules)), Body: e.Body,
	}
}

func applyRunbook(in RunbookInput, m *ent.RunbookMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetTitle(in.Title)
	m.SetURL(in.URL)
	record.SetRef(in.ServiceID, m.SetServiceID, m.ClearServiceID)
	m.SetAreas(record.ListOf(in.Areas))
	m.SetAlertNames(record.ListOf(in.AlertNames))
	record.SetTime(in.ReviewedAt, m.SetReviewedAt, m.ClearReviewedAt)
	record.Set(in.ReviewEveryDays, m.SetReviewEveryDays, m.ClearReviewEveryDays)
	m.SetMatchRules(record.ListOf(in.MatchRules))
	m.SetBody(in.Body)
}

// healthIs is the rule of Health as SQL.
func healthIs(s *entsql.Selector, word vocab.RunbookHealth, now time.Time) *entsql.Predicate {
	link := func(word vocab.LinkStatus) *entsql.Predicate {
		return entsql.EQ(s.C(runbook.FieldLinkStatus), string(word))
	}
	never := entsql.Or(entsql.IsNull(s.C(runbook.FieldReviewedAt)), link(vocab.LinkStatusRefused))
	overdue := entsql.And(entsql.NotNull(s.C(runbook.FieldReviewDueAt)), entsql.LT(s.C(runbook.FieldReviewDueAt), now))
	whole := entsql.Not(link(vocab.LinkStatusBroken))
	switch word {
	case vocab.RunbookHealthBroken:
		return link(vocab.LinkStatusBroken)
	case vocab.RunbookHealthUnverified:
		return entsql.And(whole, never)
	case vocab.RunbookHealthStale:
		return entsql.And(whole, entsql.Not(never), overdue)
	}
	return entsql.And(whole, entsql.Not(never), entsql.Not(overdue))
}
