package handlers

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RunbookView is a runbook as clients see it.
type RunbookView struct {
	Record
	catalog.RunbookInput
	// How far it can be trusted, computed from its review date and its link.
	Health vocab.RunbookHealth `json:"health" example:"fresh"`
	// What the last check of the link found.
	LinkStatus vocab.LinkStatus `json:"link_status" example:"unchecked"`
	// When the link was last checked.
	LinkCheckedAt *time.Time `json:"link_checked_at,omitempty" format:"date-time" example:"2026-03-02T09:00:00Z"`
	// What the last check met, such as the status of the answer.
	LinkDetail string `json:"link_detail,omitempty" example:"status 200" maxLength:"200"`
	// Where the link led to, where it was redirected.
	LinkFinalURL string `json:"link_final_url,omitempty" example:"https://wiki.example.com/pages/revert" maxLength:"4000"`
	// The SHA-256 of the body, in hexadecimal.
	ContentHash string `json:"content_hash,omitempty" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" maxLength:"64"`
	// When the body was last found changed.
	ContentChangedAt *time.Time `json:"content_changed_at,omitempty" format:"date-time" example:"2026-03-02T09:00:00Z"`
	// The service, with expand=service.
	Service *ServiceView `json:"service,omitempty"`
}

func (a *API) runbookResource() *resource[*ent.Runbook, catalog.RunbookInput, RunbookView, *RunbookView] {
	return &resource[*ent.Runbook, catalog.RunbookInput, RunbookView, *RunbookView]{
		api: a, deed: a.Runbooks, view: a.viewRunbook, expand: map[string]expander[RunbookView]{
			"service": one(a.services, func(v *RunbookView) vocab.ID { return v.ServiceID }, func(v *RunbookView, s *ServiceView) { v.Service = s }),
		},
	}
}

func (a *API) viewRunbook(e *ent.Runbook) RunbookView {
	return RunbookView{Record: a.recordView(vocab.Runbook, e), RunbookInput: a.Runbooks.Of(e), Health: a.Runbooks.HealthOf(e), LinkStatus: e.LinkStatus, LinkCheckedAt: record.UTC(e.LinkCheckedAt), LinkDetail: e.LinkDetail,
		LinkFinalURL: e.LinkFinalURL, ContentHash: e.ContentHash, ContentChangedAt: record.UTC(e.ContentChangedAt)}
}

// ListRunbooks handles GET /api/v1/runbooks.
//
//	@Summary		List runbooks
//	@Description	Pages that say what to do, newest first.
//	@Tags			runbooks
//	@x-expand		["references", "service"]
//	@Success		200	{object}	Page[RunbookView]	"one page of runbooks"
//	@Router			/api/v1/runbooks [get]
func (a *API) ListRunbooks(c echo.Context) error { return a.runbooks.list(c) }

// CreateRunbook handles POST /api/v1/runbooks.
//
//	@Summary		Add a runbook
//	@Description	Records where a runbook is.
//	@Tags			runbooks
//	@Param			body	body	catalog.RunbookInput	true	"the runbook"
//	@Success		201	{object}	RunbookView	"the runbook as kept"
//	@Router			/api/v1/runbooks [post]
func (a *API) CreateRunbook(c echo.Context) error { return a.runbooks.create(c) }

// BulkCreateRunbooks handles POST /api/v1/runbooks/bulk.
//
//	@Summary		Add many runbooks
//	@Description	Writes up to 1,000 runbooks in one transaction; each entry is checked as in a single create.
//	@Tags			runbooks
//	@Param			body	body	BulkRequest	true	"the runbooks"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/runbooks/bulk [post]
func (a *API) BulkCreateRunbooks(c echo.Context) error { return a.runbooks.bulk(c) }

// GetRunbook handles GET /api/v1/runbooks/{id}.
//
//	@Summary		Read a runbook
//	@Description	One runbook.
//	@Tags			runbooks
//	@x-expand		["references", "service"]
//	@Success		200	{object}	RunbookView	"the runbook"
//	@Router			/api/v1/runbooks/{id} [get]
func (a *API) GetRunbook(c echo.Context) error { return a.runbooks.read(c) }

// UpdateRunbook handles PATCH /api/v1/runbooks/{id}.
//
//	@Summary		Change a runbook
//	@Description	Changes the members that the merge patch names.
//	@Tags			runbooks
//	@Param			body	body	catalog.RunbookInput	true	"what changes"
//	@Success		200	{object}	RunbookView	"the runbook as it is now"
//	@Router			/api/v1/runbooks/{id} [patch]
func (a *API) UpdateRunbook(c echo.Context) error { return a.runbooks.patch(c) }

// DeleteRunbook handles DELETE /api/v1/runbooks/{id}.
//
//	@Summary		Delete a runbook
//	@Description	Removes a runbook that no other record refers to.
//	@Tags			runbooks
//	@Success		204	"it is gone"
//	@Router			/api/v1/runbooks/{id} [delete]
func (a *API) DeleteRunbook(c echo.Context) error { return a.runbooks.remove(c) }
