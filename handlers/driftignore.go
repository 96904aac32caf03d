package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DriftIgnoreView is an ignore rule as clients see it.
type DriftIgnoreView struct {
	Record
	parity.IgnoreInput
	// The environment that may differ, on either side of a comparison.
	EnvironmentID vocab.ID `json:"environment_id" swaggertype:"string" example:"ENV-1"`
}

func (a *API) driftIgnoreResource() *resource[*ent.DriftIgnore, parity.IgnoreInput, DriftIgnoreView, *DriftIgnoreView] {
	return &resource[*ent.DriftIgnore, parity.IgnoreInput, DriftIgnoreView, *DriftIgnoreView]{
		api: a, deed: a.DriftIgnores, view: a.viewDriftIgnore,
		parent: &parent[parity.IgnoreInput]{
			kind: vocab.Environment, column: "environment_id",
			get: func(in parity.IgnoreInput) vocab.ID { return in.EnvironmentID },
			set: func(in *parity.IgnoreInput, id vocab.ID) { in.EnvironmentID = id },
		},
	}
}

func (a *API) viewDriftIgnore(e *ent.DriftIgnore) DriftIgnoreView {
	in := a.DriftIgnores.Of(e)
	return DriftIgnoreView{Record: a.recordView(vocab.DriftIgnore, e), IgnoreInput: in, EnvironmentID: in.EnvironmentID}
}

// ListDriftIgnores handles GET /api/v1/environments/{id}/drift/ignores.
//
//	@Summary		List ignore rules
//	@Description	Differences of an environment that a team has looked at and accepted, newest first. How many each one hides is told by a comparison.
//	@Tags			environments
//	@Success		200	{object}	Page[DriftIgnoreView]	"one page of rules"
//	@Router			/api/v1/environments/{id}/drift/ignores [get]
func (a *API) ListDriftIgnores(c echo.Context) error { return a.driftIgnores.list(c) }

// CreateDriftIgnore handles POST /api/v1/environments/{id}/drift/ignores.
//
//	@Summary		Add an ignore rule
//	@Description	Accepts differences of the environment, for a reason and, better, for a time. Assumptions that were made from them still stand, and so does the gate.
//	@Tags			environments
//	@Param			body	body		parity.IgnoreInput	true	"the rule"
//	@Success		201		{object}	DriftIgnoreView		"the rule as kept"
//	@Router			/api/v1/environments/{id}/drift/ignores [post]
func (a *API) CreateDriftIgnore(c echo.Context) error { return a.driftIgnores.create(c) }

// GetDriftIgnore handles GET /api/v1/drift-ignores/{id}.
//
//	@Summary		Read an ignore rule
//	@Description	One rule.
//	@Tags			environments
//	@Success		200	{object}	DriftIgnoreView	"the rule"
//	@Router			/api/v1/drift-ignores/{id} [get]
func (a *API) GetDriftIgnore(c echo.Context) error { return a.driftIgnores.read(c) }

// UpdateDriftIgnore handles PATCH /api/v1/drift-ignores/{id}.
//
//	@Summary		Change an ignore rule
//	@Description	Changes the members that the merge patch names.
//	@Tags			environments
//	@Param			body	body		parity.IgnoreInput	true	"what changes"
//	@Success		200		{object}	DriftIgnoreView		"the rule as it is now"
//	@Router			/api/v1/drift-ignores/{id} [patch]
func (a *API) UpdateDriftIgnore(c echo.Context) error { return a.driftIgnores.patch(c) }

// DeleteDriftIgnore handles DELETE /api/v1/drift-ignores/{id}.
//
//	@Summary		Delete an ignore rule
//	@Description	What it hid is drift again.
//	@Tags			environments
//	@Success		204	"it is gone"
//	@Router			/api/v1/drift-ignores/{id} [delete]
func (a *API) DeleteDriftIgnore(c echo.Context) error { return a.driftIgnores.remove(c) }
