package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// GetTimeline handles GET /api/v1/attempts/{id}/timeline.
//
//	@Summary		Tell what happened on an attempt
//	@Description	Events of the attempt and its incidents, moves between states, tripwires that tripped, evidence on what it takes for granted, and decisions, in the order they happened.
//	@ID				getAttemptTimeline
//	@Tags			attempts
//	@Success		200	{object}	Page[timeline.Entry]	"one page of what happened, oldest first"
//	@x-list			["limit","cursor"]
//	@Router			/api/v1/attempts/{id}/timeline [get]
func (a *API) GetTimeline(c echo.Context) error {
	if err := noQuery(c, "limit", "cursor", "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return err
	}
	after, limit, err := keyset[*timeline.Position](c)
	if err != nil {
		return err
	}
	entries, more, err := a.Timelines.Of(c.Request().Context(), id, after, limit)
	if err != nil {
		return err
	}
	answer := Page[timeline.Entry]{Items: entries}
	if more {
		if answer.NextCursor, err = nextAfter(a, c, entries[len(entries)-1].Position()); err != nil {
			return err
		}
	}
	if answer.Items == nil {
		answer.Items = []timeline.Entry{}
	}
	return c.JSON(http.StatusOK, answer)
}
