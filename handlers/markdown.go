package handlers

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/importer"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
)

// Limits of one request.
const (
	maxMarkdownFiles = 100
	maxMarkdownBytes = 32 << 20
)

// MarkdownFile is a review as it is written.
type MarkdownFile struct {
	// The name of the file; a date or a title that the text lacks is taken from it.
	Name string `json:"name" validate:"required" example:"2026-03-09-sessions.md" maxLength:"200"`
	// The text.
	Markdown string `json:"markdown" validate:"required" example:"# Sessions expire" maxLength:"33554432"`
}

// MarkdownRequest carries reviews to be imported.
type MarkdownRequest struct {
	// The reviews.
	Files []MarkdownFile `json:"files" validate:"required" minItems:"1" maxItems:"100"`
	// The zone of times that name none; UTC when it is not given.
	Timezone string `json:"timezone,omitempty" example:"Europe/Copenhagen" maxLength:"120"`
}

// Check notes what cannot be imported at all.
func (r MarkdownRequest) Check(c *fault.Check) {
	if n := len(r.Files); n == 0 || n > maxMarkdownFiles {
		c.Add("files", "out_of_range", "must have 1 to %d entries", maxMarkdownFiles)
	}
	for i, f := range r.Files[:min(len(r.Files), maxMarkdownFiles)] {
		c.Title(fmt.Sprintf("files[%d].name", i), f.Name)
	}
	if _, err := zoneOf(r.Timezone); err != nil {
		c.Add("timezone", "invalid_choice", "must be the name of a time zone, such as Europe/Copenhagen")
	}
}

// zoneOf is a zone of the tz database; Local, which names a different one on every machine, is none.
func zoneOf(name string) (*time.Location, error) {
	if name == "Local" {
		return nil, fault.New(fault.Invalid, "Local is no zone")
	}
	return time.LoadLocation(name)
}

// MarkdownAnswer says what became of each review.
type MarkdownAnswer struct {
	// One entry for each file, in the order of the request.
	Items []importer.Result `json:"items" maxItems:"100"`
}

// ImportMarkdown handles POST /api/v1/imports/markdown.
//
//	@Summary		Import reviews from Markdown
//	@Description	Makes a review, its incident, timeline, follow-ups and links of each file, one transaction a file; text without a field of its own goes to the body of the review. The same text again changes nothing. A file that is refused does not keep the others from being imported. A body of text/markdown is one file, whose name is the parameter name.
//	@ID				importMarkdown
//	@Tags			imports
//	@Security		admin
//	@Accept			json,text/markdown
//	@Param			dry_run		query		bool			false	"say what would be written and write nothing"
//	@Param			name		query		string			false	"the name of the file, for a body of text/markdown"
//	@Param			timezone	query		string			false	"the zone of times that name none, for a body of text/markdown"
//	@Param			body		body		MarkdownRequest	true	"the reviews"
//	@Success		200			{object}	MarkdownAnswer	"what became of each"
//	@Router			/api/v1/imports/markdown [post]
func (a *API) ImportMarkdown(c echo.Context) error {
	if err := noQuery(c, "dry_run", "name", "timezone"); err != nil {
		return err
	}
	dryRun, err := flag(c, "dry_run")
	if err != nil {
		return err
	}
	request, err := markdownRequest(c)
	if err != nil {
		return err
	}
	zone, err := zoneOf(request.Timezone)
	if err != nil {
		return err
	}
	answer := MarkdownAnswer{Items: make([]importer.Result, len(request.Files))}
	for i, f := range request.Files {
		if answer.Items[i], err = a.Importer.Import(c.Request().Context(), f.Name, f.Markdown, zone, dryRun); err != nil {
			return err
		}
	}
	return c.JSON(http.StatusOK, answer)
}

// markdownRequest reads the request in either of its forms.
func markdownRequest(c echo.Context) (MarkdownRequest, error) {
	var request MarkdownRequest
	media, err := mediaType(c, mimeJSON, mimeMarkdown)
	if err != nil {
		return request, err
	}
	body, err := readBody(c, media)
	if err != nil {
		return request, err
	}
	if media == mimeJSON {
		if err := noQuery(c, "dry_run"); err != nil {
			return request, err
		}
		if err := strictjson.Decode(body, &request); err != nil {
			return request, withChecks(request, err)
		}
		return request, request.problem()
	}
	name := c.QueryParam("name")
	if name == "" {
		name = "review.md"
	}
	request = MarkdownRequest{Files: []MarkdownFile{{Name: name, Markdown: string(body)}}, Timezone: c.QueryParam("timezone")}
	return request, request.problem()
}

func (r MarkdownRequest) problem() error {
	var check fault.Check
	r.Check(&check)
	return check.Err()
}
