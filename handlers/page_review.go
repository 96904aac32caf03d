package handlers

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// reviewPart is one text of a review with the notes on its wording.
type reviewPart struct {
	Name, Text string
	Notes      []review.Remark
}

type reviewFactor struct {
	Factor vocab.Factor
	Notes  []review.Remark
}

type reviewPage struct {
	Review     ReviewView
	Parts      []reviewPart
	Factors    []reviewFactor
	Timeline   []review.Entry
	Actions    []ActionView
	References []ReferenceView
}

func (a *API) reviewPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.reviews.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	document, err := a.Reviews.Document(ctx, view.ID.N)
	if err != nil {
		return web.Page{}, err
	}
	p := reviewPage{Review: view, Timeline: document.Document.Timeline, References: view.References}
	notes := map[string][]review.Remark{}
	for _, r := range view.Input.Remarks() {
		notes[r.Field] = append(notes[r.Field], r)
	}
	for _, part := range [][3]string{
		{"Summary", "summary", view.Summary}, {"Impact", "impact", view.Impact}, {"What went well", "went_well", view.WentWell},
		{"What went poorly", "went_poorly", view.WentPoorly}, {"Where we were lucky", "lucky", view.Lucky}, {"Notes", "body", view.Body},
	} {
		if strings.TrimSpace(part[2]) != "" {
			p.Parts = append(p.Parts, reviewPart{part[0], part[2], notes[part[1]]})
		}
	}
	for i, f := range view.ContributingFactors {
		p.Factors = append(p.Factors, reviewFactor{f, notes["contributing_factors["+strconv.Itoa(i)+"].text"]})
	}
	p.Actions, _, err = a.actions.views(ctx, by("review_id", view.ID))
	return about(view.Record, view.Title, "", p), err
}
