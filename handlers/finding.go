package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// FindingView is a finding as clients see it.
type FindingView struct {
	Record
	finding.Input
	// The state of the finding.
	Status vocab.FindingStatus `json:"status" example:"reported"`
	// Findings and incidents like this one, in the answer to a create only.
	Similar []SimilarItem `json:"similar,omitzero" maxItems:"5"`
}

func (a *API) findingResource() *resource[*ent.Finding, finding.Input, FindingView, *FindingView] {
	return &resource[*ent.Finding, finding.Input, FindingView, *FindingView]{
		api: a, deed: a.Findings, view: a.viewFinding,
		offer: func(ctx context.Context, e *ent.Finding, view *FindingView) {
			view.Similar = a.offer(ctx, vocab.Finding.ID(e.ID))
		},
	}
}

func (a *API) viewFinding(e *ent.Finding) FindingView {
	return FindingView{Record: a.recordView(vocab.Finding, e), Input: a.Findings.Of(e), Status: e.Status}
}

// ListFindings handles GET /api/v1/findings.
//
//	@Summary		List findings
//	@Description	What was observed and not expected, newest first.
//	@Tags			findings
//	@Success		200	{object}	Page[FindingView]	"one page of findings"
//	@Router			/api/v1/findings [get]
func (a *API) ListFindings(c echo.Context) error { return a.findings.list(c) }

// CreateFinding handles POST /api/v1/findings.
//
//	@Summary		Add a finding
//	@Description	Records something observed that was not expected. The answer offers up to five findings and incidents like it.
//	@Tags			findings
//	@Param			body	body		finding.Input	true	"the finding"
//	@Success		201		{object}	FindingView		"the finding as kept"
//	@Router			/api/v1/findings [post]
func (a *API) CreateFinding(c echo.Context) error { return a.findings.create(c) }

// BulkCreateFindings handles POST /api/v1/findings/bulk.
//
//	@Summary		Add many findings
//	@Description	Writes up to 1,000 findings in one transaction; each entry is checked as in a single create.
//	@Tags			findings
//	@Param			body	body		BulkRequest	true	"the findings"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/findings/bulk [post]
func (a *API) BulkCreateFindings(c echo.Context) error { return a.findings.bulk(c) }

// GetFinding handles GET /api/v1/findings/{id}.
//
//	@Summary		Read a finding
//	@Description	One finding.
//	@Tags			findings
//	@Success		200	{object}	FindingView	"the finding"
//	@Router			/api/v1/findings/{id} [get]
func (a *API) GetFinding(c echo.Context) error { return a.findings.read(c) }

// UpdateFinding handles PATCH /api/v1/findings/{id}.
//
//	@Summary		Change a finding
//	@Description	Changes the members that the merge patch names.
//	@Tags			findings
//	@Accept			application/merge-patch+json
//	@Param			body	body		finding.Input	true	"the members to change"
//	@Success		200		{object}	FindingView		"the finding as kept"
//	@Router			/api/v1/findings/{id} [patch]
func (a *API) UpdateFinding(c echo.Context) error { return a.findings.patch(c) }

// DeleteFinding handles DELETE /api/v1/findings/{id}.
//
//	@Summary		Delete a finding
//	@Description	Removes a finding that no other record refers to.
//	@Tags			findings
//	@Success		204	"it is gone"
//	@Router			/api/v1/findings/{id} [delete]
func (a *API) DeleteFinding(c echo.Context) error { return a.findings.remove(c) }

// TransitionFinding handles POST /api/v1/findings/{id}/transitions.
//
//	@Summary		Move a finding to another state
//	@Description	reported → triaged → confirmed → resolved → verified; duplicate, not_reproducible and accepted end it.
//	@Tags			findings
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	FindingView	"the finding in its new state"
//	@Router			/api/v1/findings/{id}/transitions [post]
func (a *API) TransitionFinding(c echo.Context) error { return a.findings.transition(c) }
