package handlers

import "github.com/labstack/echo/v4"

// Health handles GET /livez.
//
//	@Summary		Liveness
//	@Description	Says that the process runs.
//	@Tags			system
//	@ID				getLiveness
//	@Security		none
//	@Produce		plain
//	@Success		200	{string}	string	"the process runs"
//	@Router			/livez [get]
func (a *API) Health(c echo.Context) error { return c.String(200, "ok") }
