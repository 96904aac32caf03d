package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// IncidentView is an incident as clients see it.
type IncidentView struct {
	Record
	incident.Input
	// The state of the incident.
	Status vocab.IncidentStatus `json:"status" example:"open"`
	// Findings and incidents like this one, in the answer to a create only.
	Similar []SimilarItem `json:"similar,omitzero" maxItems:"5"`
}

func (a *API) incidentResource() *resource[*ent.Incident, incident.Input, IncidentView, *IncidentView] {
	return &resource[*ent.Incident, incident.Input, IncidentView, *IncidentView]{
		api: a, deed: a.Incidents, view: a.viewIncident,
		offer: func(ctx context.Context, e *ent.Incident, view *IncidentView) {
			view.Similar = a.offer(ctx, vocab.Incident.ID(e.ID))
		},
	}
}

func (a *API) viewIncident(e *ent.Incident) IncidentView {
	return IncidentView{Record: a.recordView(vocab.Incident, e), Input: a.Incidents.Of(e), Status: e.Status}
}

// ListIncidents handles GET /api/v1/incidents.
//
//	@Summary		List incidents
//	@Description	Harm to users, or harm that was close, newest first.
//	@Tags			incidents
//	@Success		200	{object}	Page[IncidentView]	"one page of incidents"
//	@Router			/api/v1/incidents [get]
func (a *API) ListIncidents(c echo.Context) error { return a.incidents.list(c) }

// CreateIncident handles POST /api/v1/incidents.
//
//	@Summary		Add an incident
//	@Description	Records harm to users, or harm that was close.
//	@Tags			incidents
//	@Param			body	body		incident.Input	true	"the incident"
//	@Success		201		{object}	IncidentView	"the incident as kept"
//	@Router			/api/v1/incidents [post]
func (a *API) CreateIncident(c echo.Context) error { return a.incidents.create(c) }

// BulkCreateIncidents handles POST /api/v1/incidents/bulk.
//
//	@Summary		Add many incidents
//	@Description	Writes up to 1,000 incidents in one transaction; each entry is checked as in a single create.
//	@Tags			incidents
//	@Param			body	body		BulkRequest	true	"the incidents"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/incidents/bulk [post]
func (a *API) BulkCreateIncidents(c echo.Context) error { return a.incidents.bulk(c) }

// GetIncident handles GET /api/v1/incidents/{id}.
//
//	@Summary		Read an incident
//	@Description	One incident.
//	@Tags			incidents
//	@Success		200	{object}	IncidentView	"the incident"
//	@Router			/api/v1/incidents/{id} [get]
func (a *API) GetIncident(c echo.Context) error { return a.incidents.read(c) }

// UpdateIncident handles PATCH /api/v1/incidents/{id}.
//
//	@Summary		Change an incident
//	@Description	Changes the members that the merge patch names.
//	@Tags			incidents
//	@Accept			application/merge-patch+json
//	@Param			body	body		incident.Input	true	"the members to change"
//	@Success		200		{object}	IncidentView	"the incident as kept"
//	@Router			/api/v1/incidents/{id} [patch]
func (a *API) UpdateIncident(c echo.Context) error { return a.incidents.patch(c) }

// DeleteIncident handles DELETE /api/v1/incidents/{id}.
//
//	@Summary		Delete an incident
//	@Description	Removes an incident that no other record refers to.
//	@Tags			incidents
//	@Success		204	"it is gone"
//	@Router			/api/v1/incidents/{id} [delete]
func (a *API) DeleteIncident(c echo.Context) error { return a.incidents.remove(c) }

// TransitionIncident handles POST /api/v1/incidents/{id}/transitions.
//
//	@Summary		Move an incident to another state
//	@Description	open → mitigated → resolved → closed; a resolved incident can be opened again.
//	@Tags			incidents
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	IncidentView	"the incident in its new state"
//	@Router			/api/v1/incidents/{id}/transitions [post]
func (a *API) TransitionIncident(c echo.Context) error { return a.incidents.transition(c) }
