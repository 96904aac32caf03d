package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/docs"
)

// OpenAPIJSON handles GET /openapi.json.
//
//	@Summary		Read this description as JSON
//	@Description	The OpenAPI description of every operation.
//	@Tags			system
//	@Success		200	{object}	map[string]any	"the description"
//	@Router			/openapi.json [get]
func (a *API) OpenAPIJSON(c echo.Context) error {
	return c.Blob(http.StatusOK, mimeJSON, docs.OpenAPIJSON())
}

// OpenAPIYAML handles GET /openapi.yaml.
//
//	@Summary		Read this description as YAML
//	@Description	The OpenAPI description of every operation.
//	@Tags			system
//	@Produce		application/yaml
//	@Success		200	{string}	string	"the description"
//	@Router			/openapi.yaml [get]
func (a *API) OpenAPIYAML(c echo.Context) error {
	return c.Blob(http.StatusOK, "application/yaml", docs.OpenAPIYAML())
}

// reference serves the pages that show the description to people; nothing on them comes from another host.
func (a *API) reference() []Route {
	ui, err := docs.UI()
	if err != nil {
		panic(err) // the pages are part of the binary, so only a broken build gets here
	}
	serve := func(c echo.Context) error {
		c.Response().Header().Set("Content-Security-Policy", docs.Policy)
		ui.ServeHTTP(c.Response(), c.Request())
		return nil
	}
	return []Route{
		{Method: "GET", Path: "/openapi.json", handler: a.OpenAPIJSON},
		{Method: "GET", Path: "/openapi.yaml", handler: a.OpenAPIYAML},
		{Method: "GET", Path: "/docs", handler: serve, page: true},
		{Method: "GET", Path: "/docs/*", handler: serve, page: true},
	}
}
