package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// SourceView is a source as clients see it. Its secret is never shown.
type SourceView struct {
	Record
	inbox.SourceInput
	// Where the site is told to deliver.
	IngestURL string `json:"ingest_url" format:"uri" example:"http://127.0.0.1:8080/api/v1/webhooks/jira/SRC-1"`
	// Counts the changes of the rules.
	RulesVersion int `json:"rules_version" example:"1" minimum:"1"`
	// The keys that work at present, newest first.
	Keys []SourceKey `json:"keys" maxItems:"2"`
	// Why the site is not called at present; empty when it is.
	APIState string `json:"api_state" example:"auth_failed" maxLength:"60"`
	// Our account on the site, once it said who we are.
	APIAccount string `json:"api_account" example:"5b10ac8d82e05b22cc7d4ef5" maxLength:"200"`
	// When the site last said who we are.
	APICheckedAt *time.Time `json:"api_checked_at,omitempty" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// Changes up to this time, by the clock of the site, have been read by a backfill.
	Watermark *time.Time `json:"watermark,omitempty" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// When all issues of the site were last compared with what is known.
	ReconciledAt *time.Time `json:"reconciled_at,omitempty" format:"date-time" example:"2026-03-09T02:00:00Z"`
	// When the webhook that was registered at the site ends, unless it is refreshed.
	WebhookExpiresAt *time.Time `json:"webhook_expires_at,omitempty" format:"date-time" example:"2026-04-08T08:00:00Z"`
}

// SourceKey names a secret of a source.
type SourceKey struct {
	// Names the key on deliveries.
	ID string `json:"key_id" example:"9f2c01ab" maxLength:"40"`
	// When it stops to work, as an RFC 3339 time; empty for one that does not end.
	NotAfter string `json:"not_after" example:"2026-03-10T08:00:00Z" maxLength:"40"`
}

func (a *API) sourceResource() *resource[*ent.Source, inbox.SourceInput, SourceView, *SourceView] {
	return &resource[*ent.Source, inbox.SourceInput, SourceView, *SourceView]{api: a, deed: a.Sources, view: a.viewSource}
}

func (a *API) viewSource(e *ent.Source) SourceView {
	v := SourceView{Record: a.recordView(vocab.Source, e), SourceInput: a.Sources.Of(e), RulesVersion: e.RulesVersion, Keys: []SourceKey{}}
	v.APIState, v.APIAccount, v.APICheckedAt = e.APIState, e.APIAccount, record.UTC(e.APICheckedAt)
	v.Watermark, v.ReconciledAt, v.WebhookExpiresAt = record.UTC(e.Watermark), record.UTC(e.ReconciledAt), record.UTC(e.HookExpiresAt)
	product := "jira"
	if e.Product == vocab.SourceProductAlertmanager {
		product = "alertmanager"
	}
	v.IngestURL = a.publicURL + basePath + "/webhooks/" + product + "/" + v.ID.String()
	for _, key := range e.Secrets {
		shown := SourceKey{ID: key.ID}
		if key.NotAfter != nil {
			if !a.now().Before(*key.NotAfter) {
				continue
			}
			shown.NotAfter = key.NotAfter.UTC().Format("2006-01-02T15:04:05Z07:00")
		}
		v.Keys = append(v.Keys, shown)
	}
	return v
}

// ListSources handles GET /api/v1/sources.
//
//	@Summary		List sources
//	@Description	The places that deliver to this server, newest first.
//	@Tags			sources
//	@Success		200	{object}	Page[SourceView]	"one page of sources"
//	@Router			/api/v1/sources [get]
func (a *API) ListSources(c echo.Context) error { return a.sources.list(c) }

// CreateSource handles POST /api/v1/sources.
//
//	@Summary		Add a source
//	@Description	Makes a place to deliver to. Its secret is kept encrypted and never shown again.
//	@Tags			sources
//	@Param			body	body		inbox.SourceInput	true	"the source"
//	@Success		201		{object}	SourceView			"the source as kept, with the address to deliver to"
//	@Router			/api/v1/sources [post]
func (a *API) CreateSource(c echo.Context) error { return a.sources.create(c) }

// GetSource handles GET /api/v1/sources/{id}.
//
//	@Summary		Read a source
//	@Description	One source.
//	@Tags			sources
//	@Success		200	{object}	SourceView	"the source"
//	@Router			/api/v1/sources/{id} [get]
func (a *API) GetSource(c echo.Context) error { return a.sources.read(c) }

// UpdateSource handles PATCH /api/v1/sources/{id}.
//
//	@Summary		Change a source
//	@Description	Changes the members that the merge patch names. A new secret takes the place of the old one, which works for another day.
//	@Tags			sources
//	@Accept			application/merge-patch+json
//	@Param			body	body		inbox.SourceInput	true	"the members to change"
//	@Success		200		{object}	SourceView			"the source as kept"
//	@Router			/api/v1/sources/{id} [patch]
func (a *API) UpdateSource(c echo.Context) error { return a.sources.patch(c) }

// DeleteSource handles DELETE /api/v1/sources/{id}.
//
//	@Summary		Delete a source
//	@Description	Removes a source and its deliveries. What was made because of them stays.
//	@Tags			sources
//	@Success		204	"it is gone"
//	@Router			/api/v1/sources/{id} [delete]
func (a *API) DeleteSource(c echo.Context) error { return a.sources.remove(c) }

// RotateSource handles POST /api/v1/sources/{id}/rotate.
//
//	@Summary		Rotate the secret of a source
//	@Description	Gives the source another secret. The one before works for the overlap, so that no delivery on its way is lost.
//	@Tags			sources
//	@Param			body	body		inbox.Rotation	true	"the new secret"
//	@Success		200		{object}	SourceView		"the source as kept"
//	@Router			/api/v1/sources/{id}/rotate [post]
func (a *API) RotateSource(c echo.Context) error {
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	var in inbox.Rotation
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	changed, err := a.Sources.Rotate(c.Request().Context(), id, in)
	if err != nil {
		return err
	}
	return a.sources.answer(c, http.StatusOK, a.viewSource(changed))
}

// Explanation says what a payload would become, and why.
type Explanation struct {
	// What the payload is about.
	Event string `json:"event" example:"issue_created" maxLength:"120"`
	// The issue it is about.
	IssueID string `json:"issue_id,omitempty" example:"10021" maxLength:"40"`
	// The rule that decides, each rule with what it asked for and found, and the fields that would be written.
	Decision jira.Decision `json:"decision" swaggertype:"object"`
	// Why the payload would not be applied; empty when it would.
	Ignored string `json:"ignored,omitempty" example:"by_policy" maxLength:"60"`
}

// ExplainSource handles POST /api/v1/sources/{id}/explain.
//
//	@Summary		Explain what a payload becomes
//	@Description	Shows for a payload which rule matches, why, and what would be written. Nothing is kept.
//	@Tags			sources
//	@Param			body	body		object		true	"the event, as Jira sends it"
//	@Success		200		{object}	Explanation	"what it becomes"
//	@Router			/api/v1/sources/{id}/explain [post]
func (a *API) ExplainSource(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := pathID(c, "id", vocab.Source)
	if err != nil {
		return err
	}
	source, err := a.Sources.Get(ctx, id)
	if err != nil {
		return err
	}
	if source.Product == vocab.SourceProductAlertmanager {
		return fault.New(fault.Conflict, "%s sends alerts, not issues", vocab.Source.ID(id))
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	e, decision, err := a.Jira.Explain(ctx, source, c.Request().URL.RequestURI(), body)
	if err != nil {
		return err
	}
	decision.Explain = record.ListOf(decision.Explain)
	return c.JSON(http.StatusOK, Explanation{Event: string(e.Kind), IssueID: string(e.IssueID), Decision: decision, Ignored: e.Ignored()})
}
