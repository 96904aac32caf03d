package handlers

import (
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// BriefView is what a team should know before an attempt.
type BriefView struct {
	// The attempt it is for.
	Attempt vocab.ID `json:"attempt" swaggertype:"string" example:"ATT-3"`
	// The moment it is true for.
	GeneratedAt time.Time `json:"generated_at" format:"date-time" example:"2026-03-16T09:00:00Z"`
	// SHA-256 over its content; equal facts give an equal hash.
	BriefHash string `json:"brief_hash" example:"5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8" maxLength:"64"`
	// The lines by what they are about, at most seven in each.
	Sections brief.Sections `json:"sections"`
	// How many lines there are in each section, shown or not.
	Counts map[string]int `json:"counts"`
	// How many lines of each section are not shown.
	Omitted map[string]int `json:"omitted"`
	// Where the rest of a section is read.
	More map[string]string `json:"more"`
}

// GetBrief handles GET /api/v1/attempts/{id}/brief.
//
//	@Summary		Read the brief of an attempt
//	@Description	What earlier attempts taught, what is still assumed, and which lessons apply. Each line says where it comes from and why it is shown. Matching lessons are noted as shown.
//	@Tags			brief and gate
//	@Param			as_of	query	string	false	"only what was recorded by this time"	format(date-time)
//	@Produce		json,text/markdown
//	@Success		200	{object}	BriefView	"the brief; as a page with Accept: text/markdown"
//	@Router			/api/v1/attempts/{id}/brief [get]
func (a *API) GetBrief(c echo.Context) error {
	if err := noQuery(c, "as_of", "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return err
	}
	asOf, err := timeParam(c, "as_of")
	if err != nil {
		return err
	}
	told, err := a.Briefs.Tell(c.Request().Context(), id, asOf)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderVary, "Accept, Authorization")
	if wantsMarkdown(c) {
		return c.Blob(http.StatusOK, "text/markdown; charset=utf-8", []byte(brief.Markdown(told.Facts, told.Brief)))
	}
	return c.JSON(http.StatusOK, a.viewBrief(told))
}

func (a *API) viewBrief(told brief.Told) BriefView {
	view := BriefView{
		Attempt: told.Facts.Attempt.ID, GeneratedAt: told.Facts.At, BriefHash: told.Brief.Hash, Sections: told.Brief.Sections,
		Counts: told.Brief.Counts, Omitted: told.Brief.Omitted, More: map[string]string{},
	}
	attempt, upgrade := told.Facts.Attempt.ID.String(), told.Facts.Upgrade.ID.String()
	rest := map[string]string{
		"previous_attempts": "/attempts?upgrade_id=" + upgrade, "assumptions": "/assumptions?attempt_id=" + attempt,
		"findings": "/findings?attribution=caused_by_change&attribution=exposed_by_change", "lessons": "/attempts/" + attempt + "/lessons",
		"actions": "/actions?status=open&status=in_progress", "tripwires": "/attempts/" + attempt + "/tripwires", "runbooks": "/runbooks",
		"drift": "/assumptions?origin=drift&attempt_id=" + attempt, "uncovered_areas": "/attempts/" + attempt,
	}
	for section := range view.Omitted {
		view.More[section] = a.publicURL + basePath + rest[section]
	}
	return view
}

// EvaluateGate handles POST /api/v1/attempts/{id}/gate.
//
//	@Summary		Ask the gate
//	@Description	Says whether the attempt may go, with every reason against it and what to do about each. The answer is kept. With enforce=true a fail is answered with status 409 and the same body.
//	@Tags			brief and gate
//	@Security		gate
//	@Param			enforce	query		bool			false	"answer a fail with status 409"
//	@Success		200		{object}	brief.Verdict	"the answer"
//	@Failure		409		{object}	brief.Verdict	"the answer, a fail, with enforce=true"
//	@Router			/api/v1/attempts/{id}/gate [post]
func (a *API) EvaluateGate(c echo.Context) error {
	if err := noQuery(c, "enforce"); err != nil {
		return err
	}
	enforce, err := flag(c, "enforce")
	if err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return err
	}
	verdict, err := a.Briefs.Ask(c.Request().Context(), id)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if enforce && verdict.Decision == vocab.GateDecisionFail {
		status = http.StatusConflict
	}
	return c.JSON(status, verdict)
}

// wantsMarkdown says whether the client asks for Markdown rather than JSON.
func wantsMarkdown(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/markdown")
}

// timeParam reads a parameter that is a time; without it, it is nil.
func timeParam(c echo.Context, name string) (*time.Time, error) {
	text := c.QueryParam(name)
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		var check fault.Check
		check.Add(name, "invalid_format", "must be a time such as 2026-01-31T09:00:00Z")
		return nil, check.Err()
	}
	at = at.UTC()
	return &at, nil
}
