package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EnvironmentView is an environment as clients see it.
type EnvironmentView struct {
	Record
	catalog.EnvironmentInput
}

func (a *API) environmentResource() *resource[*ent.Environment, catalog.EnvironmentInput, EnvironmentView, *EnvironmentView] {
	return &resource[*ent.Environment, catalog.EnvironmentInput, EnvironmentView, *EnvironmentView]{
		api: a, deed: a.Environments, view: a.viewEnvironment,
	}
}

func (a *API) viewEnvironment(e *ent.Environment) EnvironmentView {
	return EnvironmentView{Record: a.recordView(vocab.Environment, e), EnvironmentInput: a.Environments.Of(e)}
}

// ListEnvironments handles GET /api/v1/environments.
//
//	@Summary		List environments
//	@Description	Places where services run, newest first.
//	@Tags			environments
//	@x-expand		["references"]
//	@Success		200	{object}	Page[EnvironmentView]	"one page of environments"
//	@Router			/api/v1/environments [get]
func (a *API) ListEnvironments(c echo.Context) error { return a.environments.list(c) }

// CreateEnvironment handles POST /api/v1/environments.
//
//	@Summary		Add an environment
//	@Description	Records a place where services run.
//	@Tags			environments
//	@Param			body	body	catalog.EnvironmentInput	true	"the environment"
//	@Success		201	{object}	EnvironmentView	"the environment as kept"
//	@Router			/api/v1/environments [post]
func (a *API) CreateEnvironment(c echo.Context) error { return a.environments.create(c) }

// BulkCreateEnvironments handles POST /api/v1/environments/bulk.
//
//	@Summary		Add many environments
//	@Description	Writes up to 1,000 environments in one transaction; each entry is checked as in a single create.
//	@Tags			environments
//	@Param			body	body	BulkRequest	true	"the environments"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/environments/bulk [post]
func (a *API) BulkCreateEnvironments(c echo.Context) error { return a.environments.bulk(c) }

// GetEnvironment handles GET /api/v1/environments/{id}.
//
//	@Summary		Read an environment
//	@Description	One environment.
//	@Tags			environments
//	@x-expand		["references"]
//	@Success		200	{object}	EnvironmentView	"the environment"
//	@Router			/api/v1/environments/{id} [get]
func (a *API) GetEnvironment(c echo.Context) error { return a.environments.read(c) }

// UpdateEnvironment handles PATCH /api/v1/environments/{id}.
//
//	@Summary		Change an environment
//	@Description	Changes the members that the merge patch names.
//	@Tags			environments
//	@Param			body	body	catalog.EnvironmentInput	true	"what changes"
//	@Success		200	{object}	EnvironmentView	"the environment as it is now"
//	@Router			/api/v1/environments/{id} [patch]
func (a *API) UpdateEnvironment(c echo.Context) error { return a.environments.patch(c) }

// DeleteEnvironment handles DELETE /api/v1/environments/{id}.
//
//	@Summary		Delete an environment
//	@Description	Removes an environment that no other record refers to.
//	@Tags			environments
//	@Success		204	"it is gone"
//	@Router			/api/v1/environments/{id} [delete]
func (a *API) DeleteEnvironment(c echo.Context) error { return a.environments.remove(c) }
