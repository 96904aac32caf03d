package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// GetDecisionSupport handles GET /api/v1/attempts/{id}/decision-support.
//
//	@Summary		Help to decide about an attempt
//	@Description	Which limits were crossed, how much time is left, how long rollbacks took, what speaks for a patch, and how earlier decisions between rollback and patch went. What was spent so far stands apart: it is no reason.
//	@ID				getDecisionSupport
//	@Tags			attempts
//	@Success		200	{object}	support.DecisionSupport	"what is known now"
//	@Router			/api/v1/attempts/{id}/decision-support [get]
func (a *API) GetDecisionSupport(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return err
	}
	answer, err := a.Support.For(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, answer)
}
