package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/jirawork"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// JobView is a piece of work at a site as clients see it.
type JobView struct {
	Record
	// The source whose site it is done at.
	SourceID vocab.ID `json:"source_id" swaggertype:"string" example:"SRC-1"`
	// What is done.
	Kind vocab.JobKind `json:"kind" example:"link"`
	// How it stands.
	State vocab.JobState `json:"state" example:"done"`
	// The issue it is about, by its id or its key.
	Issue string `json:"issue,omitempty" example:"10021" maxLength:"120"`
	// The record it is for.
	Target vocab.ID `json:"target,omitzero" swaggertype:"string" example:"FND-1"`
	// Why it did not succeed.
	Error string `json:"error,omitempty" example:"unavailable (status 503)" maxLength:"500"`
	// How often it was tried since it last succeeded.
	Attempts int `json:"attempts" example:"1" minimum:"0"`
	// When it may be tried next.
	NextAttemptAt time.Time `json:"next_attempt_at" format:"date-time" example:"2026-03-09T08:00:05Z"`
	// When it was last done.
	SettledAt *time.Time `json:"settled_at,omitempty" format:"date-time" example:"2026-03-09T08:00:06Z"`
	// How far long work has come, such as the pages and the issues that were read.
	Progress json.RawMessage `json:"progress,omitempty" swaggertype:"object"`
}

func (a *API) viewJob(e *ent.Job) JobView {
	v := JobView{
		Record: a.recordView(vocab.Job, e), SourceID: vocab.Source.ID(e.SourceID), Kind: e.Kind, State: e.State, Issue: e.Issue, Error: e.Error,
		Attempts: e.Attempts, NextAttemptAt: e.NextAttemptAt.UTC(), SettledAt: record.UTC(e.SettledAt),
	}
	if e.TargetID != 0 {
		v.Target = vocab.ID{Prefix: e.TargetKind, N: e.TargetID}
	}
	if e.Kind == vocab.JobKindBackfill || e.Kind == vocab.JobKindReconcile {
		v.Progress = e.Progress
	}
	return v
}

// asked answers a request for work.
func (a *API) asked(c echo.Context, e *ent.Job, err error) error {
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderLocation, basePath+"/jobs/"+vocab.Job.ID(e.ID).String())
	return c.JSON(http.StatusAccepted, a.viewJob(e))
}

// ListJobs handles GET /api/v1/jobs.
//
//	@Summary		List work at sites
//	@Description	What is to be done at the sites of sources, what was done and what did not succeed, newest first.
//	@Tags			jobs
//	@Param			limit			query	integer	false	"how many at most"	minimum(1)	maximum(200)
//	@Param			cursor			query	string	false	"where to go on, as next_cursor of the page before"
//	@Param			sort			query	string	false	"the order"
//	@Param			source_id		query	string	false	"only work of this source"
//	@Param			kind			query	string	false	"only work of this kind"
//	@Param			state			query	string	false	"only work in this state"
//	@Param			issue			query	string	false	"only work about this issue"
//	@Param			target			query	string	false	"only work for this record"
//	@Param			created_since	query	string	false	"only work asked for at or after this time"
//	@Param			updated_since	query	string	false	"only work changed at or after this time"
//	@Success		200	{object}	Page[JobView]	"one page of work"
//	@Router			/api/v1/jobs [get]
func (a *API) ListJobs(c echo.Context) error {
	params := c.QueryParams()
	params.Del("min_seq")
	q, err := record.ParseQuery(params)
	if err != nil {
		return err
	}
	page, err := a.Jobs.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	answer := Page[JobView]{Items: make([]JobView, len(page.Items))}
	for i, e := range page.Items {
		answer.Items[i] = a.viewJob(e)
	}
	if page.Next != "" {
		answer.NextCursor = &page.Next
		c.Response().Header().Set("Link", "<"+a.nextPage(c, page.Next)+`>; rel="next"`)
	}
	return c.JSON(http.StatusOK, answer)
}

// GetJob handles GET /api/v1/jobs/{id}.
//
//	@Summary		Read a piece of work
//	@Description	One piece of work at a site.
//	@Tags			jobs
//	@Success		200	{object}	JobView	"the work"
//	@Router			/api/v1/jobs/{id} [get]
func (a *API) GetJob(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Job)
	if err != nil {
		return err
	}
	e, err := a.Jobs.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", entityTag(e.Version))
	return c.JSON(http.StatusOK, a.viewJob(e))
}

// ResumeJob handles POST /api/v1/jobs/{id}/resume.
//
//	@Summary		Resume work
//	@Description	Lets work that failed or was suspended begin anew. 409 for work in any other state.
//	@Tags			jobs
//	@Success		202	{object}	JobView	"the work, waiting"
//	@Router			/api/v1/jobs/{id}/resume [post]
func (a *API) ResumeJob(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Job)
	if err != nil {
		return err
	}
	e, err := a.JiraWork.Resume(c.Request().Context(), id)
	return a.asked(c, e, err)
}

// SourceCheck says whether a site lets us in.
type SourceCheck struct {
	// Whether the address, the token and the product are right.
	OK bool `json:"ok" example:"true"`
	// Why not, as a code.
	Code string `json:"code,omitempty" example:"auth_failed" maxLength:"60"`
	// Why not, with the site's own words.
	Message string `json:"message,omitempty" example:"auth_failed (status 401)" maxLength:"500"`
	// Our account on the site.
	Account string `json:"account,omitempty" example:"5b10ac8d82e05b22cc7d4ef5" maxLength:"200"`
	// What the site says it is: Cloud or Server.
	Deployment string `json:"deployment,omitempty" example:"Cloud" maxLength:"60"`
	// The version of the site.
	Version string `json:"version,omitempty" example:"1001.0.0" maxLength:"60"`
	// The time zone of our account, in which searches are read.
	TimeZone string `json:"time_zone,omitempty" example:"Etc/UTC" maxLength:"120"`
}

// CheckSource handles POST /api/v1/sources/{id}/check.
//
//	@Summary		Check the connection of a source
//	@Description	Asks the site who we are. When it answers, our account is added to the bot accounts of the source, and waiting work begins. A site that refuses or does not answer is told in the answer.
//	@Tags			sources
//	@Success		200	{object}	SourceCheck	"what the site said"
//	@Router			/api/v1/sources/{id}/check [post]
func (a *API) CheckSource(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	said, err := a.JiraWork.Check(c.Request().Context(), id)
	if err != nil {
		return err
	}
	answer := SourceCheck{OK: said.Code == "", Code: said.Code, Message: said.Message}
	if answer.OK {
		answer.Account, answer.TimeZone = said.Identity.Person.ID(), said.Identity.TimeZone
		answer.Deployment, answer.Version = said.Identity.Deployment, said.Identity.Version
	}
	return c.JSON(http.StatusOK, answer)
}

// BackfillSource handles POST /api/v1/sources/{id}/backfill.
//
//	@Summary		Read what changed at a site
//	@Description	Reads the issues that changed since a time, oldest change first, page by page, and applies them like deliveries. It goes on where it stopped, and what is known is not applied twice.
//	@Tags			sources
//	@Param			body	body		jirawork.BackfillRequest	true	"since when"
//	@Success		202		{object}	JobView						"the work, waiting"
//	@Router			/api/v1/sources/{id}/backfill [post]
func (a *API) BackfillSource(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	var in jirawork.BackfillRequest
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	e, err := a.JiraWork.Backfill(c.Request().Context(), id, in)
	return a.asked(c, e, err)
}

// ReconcileSource handles POST /api/v1/sources/{id}/reconcile.
//
//	@Summary		Compare a site with what is known
//	@Description	Compares all issues of the site with what is known here, reads what is missing or older, and finds what was deleted. It is done every night by itself.
//	@Tags			sources
//	@Success		202	{object}	JobView	"the work, waiting"
//	@Router			/api/v1/sources/{id}/reconcile [post]
func (a *API) ReconcileSource(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	e, err := a.JiraWork.Reconcile(c.Request().Context(), id)
	return a.asked(c, e, err)
}

// RegisterSourceWebhook handles POST /api/v1/sources/{id}/webhook.
//
//	@Summary		Register a webhook at a site
//	@Description	Registers a webhook that delivers to the source. Jira Cloud takes it from apps only, and ends it after 30 days; it is refreshed in time, and registered anew when it is gone.
//	@Tags			sources
//	@Param			body	body		jirawork.WebhookRequest	true	"what it is for"
//	@Success		202		{object}	JobView					"the work, waiting"
//	@Router			/api/v1/sources/{id}/webhook [post]
func (a *API) RegisterSourceWebhook(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	var in jirawork.WebhookRequest
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	e, err := a.JiraWork.RegisterWebhook(c.Request().Context(), id, in)
	return a.asked(c, e, err)
}

// EraseAccount handles POST /api/v1/sources/{id}/erasures.
//
//	@Summary		Erase a person
//	@Description	Takes an account out of the bodies and the records that came from a source. The event that a user was deleted does the same.
//	@Tags			sources
//	@Param			body	body		jirawork.ErasureRequest	true	"the account"
//	@Success		202		{object}	JobView					"the work, waiting"
//	@Router			/api/v1/sources/{id}/erasures [post]
func (a *API) EraseAccount(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	var in jirawork.ErasureRequest
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	e, err := a.JiraWork.Erase(c.Request().Context(), id, in)
	return a.asked(c, e, err)
}

// CreateActionIssue handles POST /api/v1/actions/{id}/issue.
//
//	@Summary		Make an issue from an action
//	@Description	Makes an issue in Jira from an action, which follows the issue from then on. Asked again it is the same work: an action has one issue.
//	@Tags			actions
//	@Param			body	body		jirawork.IssueRequest	true	"where to make it"
//	@Success		202		{object}	JobView					"the work"
//	@Router			/api/v1/actions/{id}/issue [post]
func (a *API) CreateActionIssue(c echo.Context) error { return a.makeIssue(c, vocab.Action) }

// CreateFindingIssue handles POST /api/v1/findings/{id}/issue.
//
//	@Summary		Make an issue from a finding
//	@Description	Makes an issue in Jira from a finding, which follows the issue from then on. Asked again it is the same work: a finding has one issue.
//	@Tags			findings
//	@Param			body	body		jirawork.IssueRequest	true	"where to make it"
//	@Success		202		{object}	JobView					"the work"
//	@Router			/api/v1/findings/{id}/issue [post]
func (a *API) CreateFindingIssue(c echo.Context) error { return a.makeIssue(c, vocab.Finding) }

func (a *API) makeIssue(c echo.Context, kind vocab.Kind) error {
	ctx := c.Request().Context()
	n, err := pathID(c, "id", kind)
	if err != nil {
		return err
	}
	var in jirawork.IssueRequest
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	if err := a.known(ctx, kind.ID(n)); err != nil {
		return err
	}
	e, err := a.JiraWork.MakeIssue(ctx, kind.ID(n), in)
	return a.asked(c, e, err)
}

// CommentReference handles POST /api/v1/references/{id}/comments.
//
//	@Summary		Comment on an issue
//	@Description	Writes a comment on the issue that a reference leads to. The same comment asked for again is written once.
//	@Tags			references
//	@Param			body	body		jirawork.CommentRequest	true	"the comment"
//	@Success		202		{object}	JobView					"the work"
//	@Router			/api/v1/references/{id}/comments [post]
func (a *API) CommentReference(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Reference)
	if err != nil {
		return err
	}
	var in jirawork.CommentRequest
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	e, err := a.JiraWork.Comment(c.Request().Context(), id, in)
	return a.asked(c, e, err)
}

// ImportJira handles POST /api/v1/imports/jira.
//
//	@Summary		Take an issue apart into findings
//	@Description	Makes findings of the subtasks of an issue, of the issues that it links to, and of the lines of its checklist. Asked again it makes what is new and leaves the rest.
//	@Tags			imports
//	@Param			body	body		jirawork.ImportRequest	true	"the issue"
//	@Success		200		{object}	jirawork.Imported		"what became of its parts"
//	@Router			/api/v1/imports/jira [post]
func (a *API) ImportJira(c echo.Context) error {
	var in jirawork.ImportRequest
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	done, err := a.JiraWork.Import(c.Request().Context(), in)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, done)
}
