package handlers

import (
	"net"
	"net/http"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// Health says whether the server is well.
type Health struct {
	// "ok".
	Status string `json:"status" example:"ok"`
}

// Livez handles GET /livez.
//
//	@Summary		Is the process alive?
//	@Description	Answers while the process can; it never asks the database.
//	@Tags			system
//	@Success		200	{object}	Health	"it is"
//	@Router			/livez [get]
func (a *API) Livez(c echo.Context) error { return c.JSON(http.StatusOK, Health{"ok"}) }

// Readyz handles GET /readyz.
//
//	@Summary		May the server be used?
//	@Description	Answers 200 when the database is reachable, its schema is current and the server is not about to stop.
//	@Tags			system
//	@Success		200	{object}	Health	"it may"
//	@Router			/readyz [get]
func (a *API) Readyz(c echo.Context) error {
	if err := a.ready(c.Request().Context()); err != nil {
		return fault.Wrap(fault.Unavailable, err, "the server is not ready")
	}
	return c.JSON(http.StatusOK, Health{"ok"})
}

// Metrics handles GET /metrics.
//
//	@Summary		Figures for Prometheus
//	@Description	Figures of this process in the Prometheus text format.
//	@Tags			system
//	@Produce		plain
//	@Success		200	{string}	string	"the figures"
//	@Router			/metrics [get]
func (a *API) Metrics(c echo.Context) error {
	promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Response(), c.Request())
	return nil
}

// clientIP believes X-Forwarded-For only from the given networks; without any, the address is that of the connection.
func clientIP(trusted []string) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, text := range trusted {
		if _, network, err := net.ParseCIDR(text); err == nil {
			options = append(options, echo.TrustIPRange(network))
		}
	}
	return echo.ExtractIPFromXFFHeader(options...)
}
