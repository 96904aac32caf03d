package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// TripwireView is a tripwire as clients see it.
type TripwireView struct {
	Record
	upgrade.TripwireInput
	// The attempt it guards.
	AttemptID vocab.ID `json:"attempt_id" swaggertype:"string" example:"ATT-1"`
	// The state of the tripwire; a passed deadline is computed.
	Status vocab.TripwireStatus `json:"status" example:"armed"`
	// Counts the terms, from 1.
	Revision int `json:"revision" example:"1" minimum:"1"`
	// The terms that edits of the armed wire replaced, oldest first.
	EarlierTerms []vocab.Terms `json:"earlier_terms" maxItems:"1000"`
	// When it was armed.
	ArmedAt *time.Time `json:"armed_at,omitempty" format:"date-time" example:"2026-03-06T04:50:00Z"`
	// The time of the reading that tripped it.
	TrippedAt *time.Time `json:"tripped_at,omitempty" format:"date-time" example:"2026-03-09T14:15:00Z"`
}

func (a *API) tripwireResource() *resource[*ent.Tripwire, upgrade.TripwireInput, TripwireView, *TripwireView] {
	return &resource[*ent.Tripwire, upgrade.TripwireInput, TripwireView, *TripwireView]{
		api: a, deed: a.Tripwires, view: a.viewTripwire, parent: &parent[upgrade.TripwireInput]{
			kind: vocab.Attempt, column: "attempt_id",
			get: func(in upgrade.TripwireInput) vocab.ID { return in.AttemptID },
			set: func(in *upgrade.TripwireInput, id vocab.ID) { in.AttemptID = id },
		},
	}
}

func (a *API) viewTripwire(e *ent.Tripwire) TripwireView {
	return TripwireView{Record: a.recordView(vocab.Tripwire, e), TripwireInput: a.Tripwires.Of(e),
		AttemptID: vocab.Attempt.ID(e.AttemptID), Status: a.Tripwires.StatusOf(e), Revision: e.Revision, EarlierTerms: record.ListOf(e.EarlierTerms),
		ArmedAt: record.UTC(e.ArmedAt), TrippedAt: record.UTC(e.TrippedAt)}
}

// ListTripwires handles GET /api/v1/attempts/{id}/tripwires.
//
//	@Summary		List tripwires
//	@Description	Limits agreed for an attempt, newest first.
//	@Tags			tripwires
//	@x-expand		["references"]
//	@Success		200	{object}	Page[TripwireView]	"one page of tripwires"
//	@Router			/api/v1/attempts/{id}/tripwires [get]
func (a *API) ListTripwires(c echo.Context) error { return a.tripwires.list(c) }

// CreateTripwire handles POST /api/v1/attempts/{id}/tripwires.
//
//	@Summary		Add a tripwire
//	@Description	Agrees on a limit and on what happens when it is crossed; it guards once it is armed.
//	@Tags			tripwires
//	@Param			body	body	upgrade.TripwireInput	true	"the tripwire"
//	@Success		201	{object}	TripwireView	"the tripwire as kept"
//	@Router			/api/v1/attempts/{id}/tripwires [post]
func (a *API) CreateTripwire(c echo.Context) error { return a.tripwires.create(c) }

// GetTripwire handles GET /api/v1/tripwires/{id}.
//
//	@Summary		Read a tripwire
//	@Description	One tripwire.
//	@Tags			tripwires
//	@x-expand		["references"]
//	@Success		200	{object}	TripwireView	"the tripwire"
//	@Router			/api/v1/tripwires/{id} [get]
func (a *API) GetTripwire(c echo.Context) error { return a.tripwires.read(c) }

// UpdateTripwire handles PATCH /api/v1/tripwires/{id}.
//
//	@Summary		Change a tripwire
//	@Description	Changes the members that the merge patch names.
//	@Tags			tripwires
//	@Param			body	body	upgrade.TripwireInput	true	"what changes"
//	@Success		200	{object}	TripwireView	"the tripwire as it is now"
//	@Router			/api/v1/tripwires/{id} [patch]
func (a *API) UpdateTripwire(c echo.Context) error { return a.tripwires.patch(c) }

// DeleteTripwire handles DELETE /api/v1/tripwires/{id}.
//
//	@Summary		Delete a tripwire
//	@Description	Removes a tripwire that no other record refers to.
//	@Tags			tripwires
//	@Success		204	"it is gone"
//	@Router			/api/v1/tripwires/{id} [delete]
func (a *API) DeleteTripwire(c echo.Context) error { return a.tripwires.remove(c) }

// TransitionTripwire handles POST /api/v1/tripwires/{id}/transitions.
//
//	@Summary		Move a tripwire to another state
//	@Description	draft → armed → cleared; readings trip an armed wire, and its deadline ends it.
//	@Tags			tripwires
//	@Param			body	body	record.Move	true	"the state wanted"
//	@Success		200	{object}	TripwireView	"the tripwire in its new state"
//	@Router			/api/v1/tripwires/{id}/transitions [post]
func (a *API) TransitionTripwire(c echo.Context) error { return a.tripwires.transition(c) }

// ReadingView is one measured value of a tripwire's signal.
type ReadingView struct {
	// The value, in the unit of the signal.
	Value float64 `json:"value" example:"412"`
	// When it was measured.
	At time.Time `json:"at" format:"date-time" example:"2026-03-09T14:05:00Z"`
	// When it was recorded.
	CreatedAt time.Time `json:"created_at" format:"date-time" example:"2026-03-09T14:05:01Z"`
	// Who recorded it.
	CreatedBy string `json:"created_by" example:"monitoring" maxLength:"120"`
}

// ReadingList holds readings.
type ReadingList struct {
	// The readings, newest first.
	Items []ReadingView `json:"items" maxItems:"1000"`
}

// ListReadings handles GET /api/v1/tripwires/{id}/readings.
//
//	@Summary		List the readings of a tripwire
//	@Description	The latest readings, newest first, at most 1,000.
//	@Tags			tripwires
//	@Success		200	{object}	ReadingList	"the readings"
//	@Router			/api/v1/tripwires/{id}/readings [get]
func (a *API) ListReadings(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Tripwire)
	if err != nil {
		return err
	}
	rows, err := a.Tripwires.Readings(c.Request().Context(), id)
	if err != nil {
		return err
	}
	answer := ReadingList{Items: make([]ReadingView, len(rows))}
	for i, row := range rows {
		answer.Items[i] = ReadingView{Value: row.Value, At: row.At.UTC(), CreatedAt: row.CreatedAt.UTC(), CreatedBy: row.CreatedBy}
	}
	return c.JSON(http.StatusOK, answer)
}

// CreateReading handles POST /api/v1/tripwires/{id}/readings.
//
//	@Summary		Record a reading
//	@Description	Records a value of the signal, and trips the wire if the agreed limit is crossed for long enough.
//	@Tags			tripwires
//	@Param			body	body		upgrade.ReadingInput	true	"the reading"
//	@Success		201		{object}	TripwireView			"the tripwire as it is now"
//	@Router			/api/v1/tripwires/{id}/readings [post]
func (a *API) CreateReading(c echo.Context) error {
	var in upgrade.ReadingInput
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	return a.recordReadings(c, []upgrade.ReadingInput{in})
}

func (a *API) recordReadings(c echo.Context, readings []upgrade.ReadingInput) error {
	if err := noQuery(c); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Tripwire)
	if err != nil {
		return err
	}
	wire, err := a.Tripwires.Read(c.Request().Context(), id, readings)
	if err != nil {
		return err
	}
	return a.tripwires.answer(c, http.StatusCreated, a.viewTripwire(wire))
}
