package handlers

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/importer"
	"github.com/hindcast-kb/hindcast/internal/remedy"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RunbookMatch is a runbook that is for a finding or an incident.
type RunbookMatch struct {
	// The runbook.
	ID vocab.ID `json:"id" swaggertype:"string" example:"RBK-1"`
	// What it is for.
	Title string `json:"title" example:"Revert the learning platform" maxLength:"200"`
	// Where it is read.
	URL string `json:"url" format:"uri" example:"https://wiki.example.com/revert" maxLength:"2000"`
	// How far it can be trusted.
	Health vocab.RunbookHealth `json:"health" example:"fresh"`
	// Why it was chosen.
	Why string `json:"why" example:"the alert SessionsExpire is named" maxLength:"2000"`
	// How it was found: by a link, the name of an alert, a rule, or words that both have.
	MatchedBy remedy.Ground `json:"matched_by" enums:"link,alert,rule,text" example:"alert"`
	// How often each verdict was given on it.
	Feedback FeedbackCounts `json:"feedback"`
}

// FeedbackCounts says how often each verdict was given.
type FeedbackCounts struct {
	// It was used.
	Used int `json:"used" example:"4" minimum:"0"`
	// It helped.
	Helped int `json:"helped" example:"3" minimum:"0"`
	// It did not help.
	DidNotHelp int `json:"did_not_help" example:"1" minimum:"0"`
	// It says what is no longer so.
	Outdated int `json:"outdated" example:"0" minimum:"0"`
}

func countsOf(counts map[vocab.RunbookVerdict]int) FeedbackCounts {
	return FeedbackCounts{
		Used: counts[vocab.RunbookVerdictUsed], Helped: counts[vocab.RunbookVerdictHelped],
		DidNotHelp: counts[vocab.RunbookVerdictDidNotHelp], Outdated: counts[vocab.RunbookVerdictOutdated],
	}
}

// RunbookMatches are the runbooks for a record.
type RunbookMatches struct {
	// The runbooks, the best first.
	Items []RunbookMatch `json:"items" maxItems:"20"`
}

// RunbooksForFinding handles GET /api/v1/findings/{id}/runbooks.
//
//	@Summary		Find runbooks for a finding
//	@Description	Runbooks by a link between the two, the name of an alert, a rule of the runbook, or words that both have, in this order; each says why.
//	@ID				findRunbooksForFinding
//	@Tags			findings
//	@Success		200	{object}	RunbookMatches	"the runbooks, the best first"
//	@Router			/api/v1/findings/{id}/runbooks [get]
func (a *API) RunbooksForFinding(c echo.Context) error { return a.runbooksFor(c, vocab.Finding) }

// RunbooksForIncident handles GET /api/v1/incidents/{id}/runbooks.
//
//	@Summary		Find runbooks for an incident
//	@Description	Runbooks by a link between the two, the name of an alert, a rule of the runbook, or words that both have, in this order; each says why.
//	@ID				findRunbooksForIncident
//	@Tags			incidents
//	@Success		200	{object}	RunbookMatches	"the runbooks, the best first"
//	@Router			/api/v1/incidents/{id}/runbooks [get]
func (a *API) RunbooksForIncident(c echo.Context) error { return a.runbooksFor(c, vocab.Incident) }

func (a *API) runbooksFor(c echo.Context, kind vocab.Kind) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	n, err := pathID(c, "id", kind)
	if err != nil {
		return err
	}
	items, err := a.runbookMatches(c.Request().Context(), kind.ID(n))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, RunbookMatches{Items: items})
}

// runbookMatches are the runbooks for a finding or an incident, the best first.
func (a *API) runbookMatches(ctx context.Context, id vocab.ID) ([]RunbookMatch, error) {
	found, err := a.Remedies.For(ctx, id)
	if err != nil {
		return nil, err
	}
	ids := make([]int, len(found))
	for i, m := range found {
		ids[i] = m.Runbook.ID.N
	}
	counts, err := a.RunbookFeedback.Counts(ctx, ids)
	if err != nil {
		return nil, err
	}
	items := make([]RunbookMatch, len(found))
	for i, m := range found {
		items[i] = RunbookMatch{
			ID: m.Runbook.ID, Title: m.Runbook.Title, URL: m.Runbook.URL, Health: m.Runbook.Health, Why: m.Why, MatchedBy: m.By,
			Feedback: countsOf(counts[m.Runbook.ID.N]),
		}
	}
	return items, nil
}

// FeedbackView is what somebody said of a runbook.
type FeedbackView struct {
	catalog.FeedbackInput
	// When it was said.
	CreatedAt time.Time `json:"created_at" format:"date-time"`
	// The token that said it.
	CreatedBy string `json:"created_by" example:"support" maxLength:"120"`
}

// FeedbackList is what was said of a runbook.
type FeedbackList struct {
	// The newest entries, newest first.
	Items []FeedbackView `json:"items" maxItems:"200"`
	// How often each verdict was given, over all entries.
	Counts FeedbackCounts `json:"counts"`
}

func viewFeedback(e *ent.RunbookFeedback) FeedbackView {
	in := catalog.FeedbackInput{Verdict: e.Verdict, UsedFor: vocab.ID{Prefix: e.UsedForKind, N: e.UsedForID}, Note: e.Note}
	return FeedbackView{FeedbackInput: in, CreatedAt: e.CreatedAt.UTC(), CreatedBy: e.CreatedBy}
}

// AddRunbookFeedback handles POST /api/v1/runbooks/{id}/feedback.
//
//	@Summary		Say how a runbook served
//	@Description	Records that a runbook was used, that it helped or did not, or that it is outdated.
//	@ID				addRunbookFeedback
//	@Tags			runbooks
//	@Param			body	body		catalog.FeedbackInput	true	"what the use of it showed"
//	@Success		201		{object}	FeedbackView			"what was said"
//	@Router			/api/v1/runbooks/{id}/feedback [post]
func (a *API) AddRunbookFeedback(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Runbook)
	if err != nil {
		return err
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	var in catalog.FeedbackInput
	if err := withChecks(in, strictjson.Decode(body, &in)); err != nil {
		return err
	}
	added, err := a.RunbookFeedback.Add(c.Request().Context(), id, in)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, viewFeedback(added))
}

// ListRunbookFeedback handles GET /api/v1/runbooks/{id}/feedback.
//
//	@Summary		Read how a runbook served
//	@Description	What was said of a runbook, the 200 newest entries, and how often each verdict was given.
//	@ID				listRunbookFeedback
//	@Tags			runbooks
//	@Success		200	{object}	FeedbackList	"what was said"
//	@Router			/api/v1/runbooks/{id}/feedback [get]
func (a *API) ListRunbookFeedback(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Runbook)
	if err != nil {
		return err
	}
	rows, counts, err := a.RunbookFeedback.Of(c.Request().Context(), id)
	if err != nil {
		return err
	}
	answer := FeedbackList{Items: make([]FeedbackView, len(rows)), Counts: countsOf(counts)}
	for i, row := range rows {
		answer.Items[i] = viewFeedback(row)
	}
	return c.JSON(http.StatusOK, answer)
}

// RunbookFile is a file of runbooks as it is written.
type RunbookFile struct {
	// The path of the file below the folder of runbooks.
	Name string `json:"name" validate:"required" example:"runbooks/node/NodeFull.md" maxLength:"500"`
	// The text.
	Text string `json:"text" validate:"required" example:"# NodeFull" maxLength:"262144"`
}

// RunbookImport carries runbooks to be imported.
type RunbookImport struct {
	// The address that pages are read at: {path} in it stands for the path without its ending, {file} for the whole path and {slug} for the path in small letters; without any of them the path follows it.
	BaseURL string `json:"base_url,omitempty" example:"https://runbooks.example.com/{path}" maxLength:"1000"`
	// The files: pages of Markdown, and catalog-info.yaml of Backstage.
	Files []RunbookFile `json:"files" validate:"required" minItems:"1" maxItems:"100"`
}

// Check notes what cannot be imported at all.
func (r RunbookImport) Check(c *fault.Check) {
	if n := len(r.Files); n == 0 || n > maxMarkdownFiles {
		c.Add("files", "out_of_range", "must have 1 to %d entries", maxMarkdownFiles)
	}
	for i, f := range r.Files[:min(len(r.Files), maxMarkdownFiles)] {
		c.Required(fmt.Sprintf("files[%d].name", i), f.Name)
		c.Text(fmt.Sprintf("files[%d].name", i), f.Name, 500)
	}
	c.URL("base_url", r.BaseURL)
}

// RunbookImported says what became of each runbook.
type RunbookImported struct {
	// The runbooks, in the order of the files.
	Items []importer.RunbookResult `json:"items" maxItems:"10000"`
}

// ImportRunbooks handles POST /api/v1/imports/runbooks.
//
//	@Summary		Import runbooks
//	@Description	Makes runbooks from a folder of Markdown, where a page may have front matter and be named after its alert, and from links of Backstage catalogs. A second import of the same files changes nothing.
//	@ID				importRunbooks
//	@Tags			imports
//	@Security		admin
//	@Param			dry_run	query		bool			false	"show what would be written and write nothing"
//	@Param			body	body		RunbookImport	true	"the files"
//	@Success		200		{object}	RunbookImported	"what became of each"
//	@Router			/api/v1/imports/runbooks [post]
func (a *API) ImportRunbooks(c echo.Context) error {
	if err := noQuery(c, "dry_run"); err != nil {
		return err
	}
	dryRun, err := flag(c, "dry_run")
	if err != nil {
		return err
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	var in RunbookImport
	if err := withChecks(in, strictjson.Decode(body, &in)); err != nil {
		return err
	}
	var check fault.Check
	if in.Check(&check); len(check.Fields) > 0 {
		return check.Err()
	}
	answer := RunbookImported{Items: []importer.RunbookResult{}}
	for _, file := range in.Files {
		items, err := a.Importer.ImportRunbooks(c.Request().Context(), file.Name, file.Text, in.BaseURL, dryRun)
		if err != nil {
			return err
		}
		answer.Items = append(answer.Items, items...)
	}
	return c.JSON(http.StatusOK, answer)
}
