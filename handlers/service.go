package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ServiceView is a service as clients see it.
type ServiceView struct {
	Record
	catalog.ServiceInput
}

func (a *API) serviceResource() *resource[*ent.Service, catalog.ServiceInput, ServiceView, *ServiceView] {
	return &resource[*ent.Service, catalog.ServiceInput, ServiceView, *ServiceView]{
		api: a, deed: a.ServiceCatalog, view: a.viewService,
	}
}

func (a *API) viewService(e *ent.Service) ServiceView {
	return ServiceView{Record: a.recordView(vocab.Service, e), ServiceInput: a.ServiceCatalog.Of(e)}
}

// ListServices handles GET /api/v1/services.
//
//	@Summary		List services
//	@Description	What teams run and upgrade, newest first.
//	@Tags			services
//	@x-expand		["references"]
//	@Success		200	{object}	Page[ServiceView]	"one page of services"
//	@Router			/api/v1/services [get]
func (a *API) ListServices(c echo.Context) error { return a.services.list(c) }

// CreateService handles POST /api/v1/services.
//
//	@Summary		Add a service
//	@Description	Records something that a team runs.
//	@Tags			services
//	@Param			body	body	catalog.ServiceInput	true	"the service"
//	@Success		201	{object}	ServiceView	"the service as kept"
//	@Router			/api/v1/services [post]
func (a *API) CreateService(c echo.Context) error { return a.services.create(c) }

// BulkCreateServices handles POST /api/v1/services/bulk.
//
//	@Summary		Add many services
//	@Description	Writes up to 1,000 services in one transaction; each entry is checked as in a single create.
//	@Tags			services
//	@Param			body	body	BulkRequest	true	"the services"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/services/bulk [post]
func (a *API) BulkCreateServices(c echo.Context) error { return a.services.bulk(c) }

// GetService handles GET /api/v1/services/{id}.
//
//	@Summary		Read a service
//	@Description	One service.
//	@Tags			services
//	@x-expand		["references"]
//	@Success		200	{object}	ServiceView	"the service"
//	@Router			/api/v1/services/{id} [get]
func (a *API) GetService(c echo.Context) error { return a.services.read(c) }

// UpdateService handles PATCH /api/v1/services/{id}.
//
//	@Summary		Change a service
//	@Description	Changes the members that the merge patch names.
//	@Tags			services
//	@Param			body	body	catalog.ServiceInput	true	"what changes"
//	@Success		200	{object}	ServiceView	"the service as it is now"
//	@Router			/api/v1/services/{id} [patch]
func (a *API) UpdateService(c echo.Context) error { return a.services.patch(c) }

// DeleteService handles DELETE /api/v1/services/{id}.
//
//	@Summary		Delete a service
//	@Description	Removes a service that no other record refers to.
//	@Tags			services
//	@Success		204	"it is gone"
//	@Router			/api/v1/services/{id} [delete]
func (a *API) DeleteService(c echo.Context) error { return a.services.remove(c) }
