package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/bundle"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// moveTime is how long a whole store may take on its way in or out; other requests have the limits of the server.
const moveTime = 15 * time.Minute

// moving are the routes by which knowledge enters and leaves as files.
func (a *API) moving() []Route {
	return []Route{
		{Method: "GET", Path: basePath + "/exports/bundle", Scope: vocab.ScopeAdmin, handler: a.ExportBundle},
		{Method: "POST", Path: basePath + "/imports/bundle", Scope: vocab.ScopeAdmin, BodyLimit: bundle.MaxBytes, handler: a.ImportBundle},
		{Method: "POST", Path: basePath + "/imports/markdown", Scope: vocab.ScopeAdmin, BodyLimit: maxMarkdownBytes, handler: a.ImportMarkdown},
	}
}

// ExportBundle handles GET /api/v1/exports/bundle.
//
//	@Summary		Export everything
//	@Description	Streams everything that is known as lines of JSON: a header, each row of each table, and a trailer with counts and a SHA-256. An answer without its trailer was cut off. Tokens and settings of the server are left out.
//	@ID				exportBundle
//	@Tags			exports
//	@Security		admin
//	@Produce		application/x-ndjson
//	@Success		200	{string}	string	"the bundle"
//	@Router			/api/v1/exports/bundle [get]
func (a *API) ExportBundle(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, bundle.MediaType)
	header.Set(echo.HeaderContentDisposition, `attachment; filename="hindcast-`+a.now().UTC().Format("20060102T150405Z")+`.ndjson"`)
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(moveTime)) // without one, the server's own holds
	err := bundle.Export(c.Request().Context(), a.store, c.Response())
	if err != nil && c.Response().Committed {
		a.log.Error("an export was cut off", "request_id", header.Get(echo.HeaderXRequestID), "cause", err.Error())
		panic(http.ErrAbortHandler) // the client must not take what it has for the whole
	}
	if err != nil {
		header.Del(echo.HeaderContentDisposition)
	}
	return err
}

// ImportBundle handles POST /api/v1/imports/bundle.
//
//	@Summary		Import everything
//	@Description	Writes a bundle into an empty store in one transaction, keeping ids, times and versions. A store that holds exactly the same already is left as it is; one that holds anything else refuses.
//	@ID				importBundle
//	@Tags			imports
//	@Security		admin
//	@Accept			application/x-ndjson
//	@Param			dry_run	query		bool			false	"check everything and write nothing"
//	@Param			body	body		string			true	"the bundle"	maxLength(268435456)
//	@Success		200		{object}	bundle.Report	"what was done"
//	@Router			/api/v1/imports/bundle [post]
func (a *API) ImportBundle(c echo.Context) error {
	if err := noQuery(c, "dry_run"); err != nil {
		return err
	}
	dryRun, err := flag(c, "dry_run")
	if err != nil {
		return err
	}
	if _, err := mediaType(c, bundle.MediaType); err != nil {
		return err
	}
	controller := http.NewResponseController(c.Response())
	_ = controller.SetReadDeadline(time.Now().Add(moveTime)) // without one, the server's own holds
	_ = controller.SetWriteDeadline(time.Now().Add(moveTime))
	report, err := bundle.Import(c.Request().Context(), a.store, c.Request().Body, dryRun)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, report)
}
