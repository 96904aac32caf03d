package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// AssumptionView is an assumption as clients see it.
type AssumptionView struct {
	Record
	assumption.Input
	// What the evidence is worth: it is computed, and nobody sets it.
	Status vocab.AssumptionStatus `json:"status" example:"unverified"`
	// Why it has that status.
	StatusReason vocab.StatusReason `json:"status_reason" example:"no_evidence"`
	// The path of the drift that it was made from.
	DriftPath string `json:"drift_path,omitempty" example:"table/sessions/index/user_last_seen" maxLength:"1000"`
}

func (a *API) assumptionResource() *resource[*ent.Assumption, assumption.Input, AssumptionView, *AssumptionView] {
	return &resource[*ent.Assumption, assumption.Input, AssumptionView, *AssumptionView]{api: a, deed: a.Assumptions, view: a.viewAssumption}
}

func (a *API) viewAssumption(e *ent.Assumption) AssumptionView {
	status, reason := a.Assumptions.StatusOf(e)
	return AssumptionView{
		Record: a.recordView(vocab.Assumption, e), Input: a.Assumptions.Of(e), Status: status, StatusReason: reason, DriftPath: e.DriftPath,
	}
}

// ListAssumptions handles GET /api/v1/assumptions.
//
//	@Summary		List assumptions
//	@Description	What attempts and upgrades take for granted, newest first, each with the status that its evidence gives it.
//	@Tags			assumptions
//	@Success		200	{object}	Page[AssumptionView]	"one page of assumptions"
//	@Router			/api/v1/assumptions [get]
func (a *API) ListAssumptions(c echo.Context) error { return a.assumptions.list(c) }

// CreateAssumption handles POST /api/v1/assumptions.
//
//	@Summary		Add an assumption
//	@Description	Records something taken for granted by an attempt or an upgrade.
//	@Tags			assumptions
//	@Param			body	body		assumption.Input	true	"the assumption"
//	@Success		201		{object}	AssumptionView	"the assumption as kept"
//	@Router			/api/v1/assumptions [post]
func (a *API) CreateAssumption(c echo.Context) error { return a.assumptions.create(c) }

// BulkCreateAssumptions handles POST /api/v1/assumptions/bulk.
//
//	@Summary		Add many assumptions
//	@Description	Writes up to 1,000 assumptions in one transaction; each entry is checked as in a single create.
//	@Tags			assumptions
//	@Param			body	body		BulkRequest	true	"the assumptions"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/assumptions/bulk [post]
func (a *API) BulkCreateAssumptions(c echo.Context) error { return a.assumptions.bulk(c) }

// GetAssumption handles GET /api/v1/assumptions/{id}.
//
//	@Summary		Read an assumption
//	@Description	One assumption.
//	@Tags			assumptions
//	@Success		200	{object}	AssumptionView	"the assumption"
//	@Router			/api/v1/assumptions/{id} [get]
func (a *API) GetAssumption(c echo.Context) error { return a.assumptions.read(c) }

// UpdateAssumption handles PATCH /api/v1/assumptions/{id}.
//
//	@Summary		Change an assumption
//	@Description	Changes the members that the merge patch names.
//	@Tags			assumptions
//	@Accept			application/merge-patch+json
//	@Param			body	body		assumption.Input	true	"the members to change"
//	@Success		200		{object}	AssumptionView	"the assumption as kept"
//	@Router			/api/v1/assumptions/{id} [patch]
func (a *API) UpdateAssumption(c echo.Context) error { return a.assumptions.patch(c) }

// DeleteAssumption handles DELETE /api/v1/assumptions/{id}.
//
//	@Summary		Delete an assumption
//	@Description	Removes an assumption that no other record refers to.
//	@Tags			assumptions
//	@Success		204	"it is gone"
//	@Router			/api/v1/assumptions/{id} [delete]
func (a *API) DeleteAssumption(c echo.Context) error { return a.assumptions.remove(c) }

// TransitionAssumption handles POST /api/v1/assumptions/{id}/transitions.
//
//	@Summary		Move an assumption to another state
//	@Description	An assumption can be retired; every other status follows the evidence.
//	@Tags			assumptions
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	AssumptionView	"the assumption in its new state"
//	@Router			/api/v1/assumptions/{id}/transitions [post]
func (a *API) TransitionAssumption(c echo.Context) error { return a.assumptions.transition(c) }
