package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RecurrenceView is a recurrence as clients see it.
type RecurrenceView struct {
	Record
	finding.RecurrenceInput
	// Whether people agree.
	Status vocab.RecurrenceStatus `json:"status" example:"suggested"`
}

func (a *API) recurrenceResource() *resource[*ent.Recurrence, finding.RecurrenceInput, RecurrenceView, *RecurrenceView] {
	return &resource[*ent.Recurrence, finding.RecurrenceInput, RecurrenceView, *RecurrenceView]{api: a, deed: a.Recurrences, view: a.viewRecurrence}
}

func (a *API) viewRecurrence(e *ent.Recurrence) RecurrenceView {
	return RecurrenceView{Record: a.recordView(vocab.Recurrence, e), RecurrenceInput: a.Recurrences.Of(e), Status: e.Status}
}

// ListRecurrences handles GET /api/v1/recurrences.
//
//	@Summary		List recurrences
//	@Description	Which finding or incident came back as which, newest first.
//	@Tags			recurrences
//	@Success		200	{object}	Page[RecurrenceView]	"one page of recurrences"
//	@Router			/api/v1/recurrences [get]
func (a *API) ListRecurrences(c echo.Context) error { return a.recurrences.list(c) }

// CreateRecurrence handles POST /api/v1/recurrences.
//
//	@Summary		Add a recurrence
//	@Description	Suggests that a finding or incident came back. A pair that is known already, in either direction, is a conflict: a rejected pair never returns.
//	@Tags			recurrences
//	@Param			body	body		finding.RecurrenceInput	true	"the recurrence"
//	@Success		201		{object}	RecurrenceView	"the recurrence as kept"
//	@Router			/api/v1/recurrences [post]
func (a *API) CreateRecurrence(c echo.Context) error { return a.recurrences.create(c) }

// BulkCreateRecurrences handles POST /api/v1/recurrences/bulk.
//
//	@Summary		Add many recurrences
//	@Description	Writes up to 1,000 recurrences in one transaction; each entry is checked as in a single create.
//	@Tags			recurrences
//	@Param			body	body		BulkRequest	true	"the recurrences"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/recurrences/bulk [post]
func (a *API) BulkCreateRecurrences(c echo.Context) error { return a.recurrences.bulk(c) }

// GetRecurrence handles GET /api/v1/recurrences/{id}.
//
//	@Summary		Read a recurrence
//	@Description	One recurrence.
//	@Tags			recurrences
//	@Success		200	{object}	RecurrenceView	"the recurrence"
//	@Router			/api/v1/recurrences/{id} [get]
func (a *API) GetRecurrence(c echo.Context) error { return a.recurrences.read(c) }

// UpdateRecurrence handles PATCH /api/v1/recurrences/{id}.
//
//	@Summary		Change a recurrence
//	@Description	Changes the members that the merge patch names.
//	@Tags			recurrences
//	@Accept			application/merge-patch+json
//	@Param			body	body		finding.RecurrenceInput	true	"the members to change"
//	@Success		200		{object}	RecurrenceView	"the recurrence as kept"
//	@Router			/api/v1/recurrences/{id} [patch]
func (a *API) UpdateRecurrence(c echo.Context) error { return a.recurrences.patch(c) }

// DeleteRecurrence handles DELETE /api/v1/recurrences/{id}.
//
//	@Summary		Delete a recurrence
//	@Description	Removes a recurrence that no other record refers to.
//	@Tags			recurrences
//	@Success		204	"it is gone"
//	@Router			/api/v1/recurrences/{id} [delete]
func (a *API) DeleteRecurrence(c echo.Context) error { return a.recurrences.remove(c) }

// TransitionRecurrence handles POST /api/v1/recurrences/{id}/transitions.
//
//	@Summary		Move a recurrence to another state
//	@Description	suggested → confirmed or rejected.
//	@Tags			recurrences
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	RecurrenceView	"the recurrence in its new state"
//	@Router			/api/v1/recurrences/{id}/transitions [post]
func (a *API) TransitionRecurrence(c echo.Context) error { return a.recurrences.transition(c) }
