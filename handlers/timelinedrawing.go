package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/timeline/draw"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// drawingPolicy lets a drawing have the styles that are in it, and nothing else.
const drawingPolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

// DrawTimeline handles GET /api/v1/attempts/{id}/timeline.svg.
//
//	@Summary		Draw what happened on an attempt
//	@Description	The timeline as a drawing: the states of the attempt, when users were harmed, what was seen and not acted on, and what was seen, thought, decided and done. Times outside working hours are shaded.
//	@ID				drawAttemptTimeline
//	@Tags			attempts
//	@Produce		image/svg+xml
//	@Success		200	{string}	string	"the drawing"
//	@Router			/api/v1/attempts/{id}/timeline.svg [get]
func (a *API) DrawTimeline(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	entries, _, err := a.Timelines.Of(ctx, id, nil, storyLimit)
	if err != nil {
		return err
	}
	view, err := a.attempts.get(ctx, id)
	if err != nil {
		return err
	}
	up, err := a.upgrades.get(ctx, view.UpgradeID.N)
	if err != nil {
		return err
	}
	incidents, _, err := a.incidents.views(ctx, by("attempt_id", view.ID))
	if err != nil {
		return err
	}
	d := a.drawing(view, up, incidents, entries)
	d.Alone = true
	c.Response().Header().Set("Content-Security-Policy", drawingPolicy)
	return c.Blob(http.StatusOK, "image/svg+xml; charset=utf-8", []byte(draw.SVG(d)))
}
