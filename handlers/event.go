package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EventView is a timeline event as clients see it.
type EventView struct {
	Record
	incident.EventInput
	// The attempt it is an event of.
	AttemptID vocab.ID `json:"attempt_id,omitzero" swaggertype:"string" example:"ATT-1"`
	// The incident it is an event of.
	IncidentID vocab.ID `json:"incident_id,omitzero" swaggertype:"string" example:"INC-1"`
	// The finding it is an event of.
	FindingID vocab.ID `json:"finding_id,omitzero" swaggertype:"string" example:"FND-1"`
	// The event that corrects this one.
	SupersededBy vocab.ID `json:"superseded_by,omitzero" swaggertype:"string" example:"EVT-2"`
}

// events are the deeds of timelines below one kind of record.
type events = resource[*ent.Event, incident.EventInput, EventView, *EventView]

func (a *API) eventResource(of vocab.Kind) *events {
	return &events{
		api: a, deed: a.Events, view: a.viewEvent,
		complete: a.markCorrected,
		parent: &parent[incident.EventInput]{
			kind: of, column: of.Name + "_id",
			get: func(in incident.EventInput) vocab.ID { return in.Of },
			set: func(in *incident.EventInput, id vocab.ID) { in.Of = id },
		},
	}
}

// markCorrected says of each event which other corrects it.
func (a *API) markCorrected(ctx context.Context, views []EventView) error {
	ids := make([]int, len(views))
	for i, v := range views {
		ids[i] = v.ID.N
	}
	by, err := a.Events.Corrected(ctx, ids)
	for i, v := range views {
		if n, corrected := by[v.ID.N]; corrected {
			views[i].SupersededBy = vocab.Event.ID(n)
		}
	}
	return err
}

func (a *API) viewEvent(e *ent.Event) EventView {
	return EventView{
		Record: a.recordView(vocab.Event, e), EventInput: a.Events.Of(e), AttemptID: record.RefOf(vocab.Attempt, e.AttemptID),
		IncidentID: record.RefOf(vocab.Incident, e.IncidentID), FindingID: record.RefOf(vocab.Finding, e.FindingID),
	}
}

// ListAttemptEvents handles GET /api/v1/attempts/{id}/events.
//
//	@Summary		List the events of an attempt
//	@Description	The timeline of the attempt, as it was recorded; sort=occurred_at puts it into the order of what happened.
//	@Tags			attempts
//	@Success		200	{object}	Page[EventView]	"one page of events"
//	@Router			/api/v1/attempts/{id}/events [get]
func (a *API) ListAttemptEvents(c echo.Context) error { return a.attemptEvents.list(c) }

// CreateAttemptEvent handles POST /api/v1/attempts/{id}/events.
//
//	@Summary		Add an event to an attempt
//	@Description	Records something that happened. It is never edited; a correction supersedes it.
//	@Tags			attempts
//	@Param			body	body		incident.EventInput	true	"the event"
//	@Success		201		{object}	EventView			"the event as kept"
//	@Router			/api/v1/attempts/{id}/events [post]
func (a *API) CreateAttemptEvent(c echo.Context) error { return a.attemptEvents.create(c) }

// ListIncidentEvents handles GET /api/v1/incidents/{id}/events.
//
//	@Summary		List the events of an incident
//	@Description	The timeline of the incident, as it was recorded; sort=occurred_at puts it into the order of what happened.
//	@Tags			incidents
//	@Success		200	{object}	Page[EventView]	"one page of events"
//	@Router			/api/v1/incidents/{id}/events [get]
func (a *API) ListIncidentEvents(c echo.Context) error { return a.incidentEvents.list(c) }

// CreateIncidentEvent handles POST /api/v1/incidents/{id}/events.
//
//	@Summary		Add an event to an incident
//	@Description	Records something that happened. It is never edited; a correction supersedes it.
//	@Tags			incidents
//	@Param			body	body		incident.EventInput	true	"the event"
//	@Success		201		{object}	EventView			"the event as kept"
//	@Router			/api/v1/incidents/{id}/events [post]
func (a *API) CreateIncidentEvent(c echo.Context) error { return a.incidentEvents.create(c) }

// ListFindingEvents handles GET /api/v1/findings/{id}/events.
//
//	@Summary		List the events of a finding
//	@Description	What was said about the finding in an issue tracker, as it was recorded.
//	@Tags			findings
//	@Success		200	{object}	Page[EventView]	"one page of events"
//	@Router			/api/v1/findings/{id}/events [get]
func (a *API) ListFindingEvents(c echo.Context) error { return a.findingEvents.list(c) }

// GetEvent handles GET /api/v1/events/{id}.
//
//	@Summary		Read an event
//	@Description	One event of a timeline.
//	@Tags			incidents
//	@Success		200	{object}	EventView	"the event"
//	@Router			/api/v1/events/{id} [get]
func (a *API) GetEvent(c echo.Context) error { return a.incidentEvents.read(c) }
