package handlers

import (
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// reviewText is what a review says, with the notes on its wording beside each text.
type reviewText struct {
	Title    string
	Notes    []review.Remark // on the title
	Parts    []reviewPart
	Factors  []reviewFactor
	Timeline []review.Entry
	// Remarks is how many notes there are in all.
	Remarks int
}

// reviewPart is one text of a review with the notes on its wording.
type reviewPart struct {
	Name, Text string
	Notes      []review.Remark
}

type reviewFactor struct {
	Factor vocab.Factor
	Notes  []review.Remark
}

// toldBy is what a review says.
func toldBy(in review.Input, document review.Document) reviewText {
	remarks := in.Remarks()
	notes := map[string][]review.Remark{}
	for _, r := range remarks {
		notes[r.Field] = append(notes[r.Field], r)
	}
	t := reviewText{Title: in.Title, Notes: notes["title"], Timeline: document.Timeline, Remarks: len(remarks)}
	for _, part := range [][3]string{
		{"Summary", "summary", in.Summary}, {"Impact", "impact", in.Impact}, {"What went well", "went_well", in.WentWell},
		{"What went poorly", "went_poorly", in.WentPoorly}, {"Where we were lucky", "lucky", in.Lucky}, {"Notes", "body", in.Body},
	} {
		if strings.TrimSpace(part[2]) != "" {
			t.Parts = append(t.Parts, reviewPart{part[0], part[2], notes[part[1]]})
		}
	}
	for i, f := range in.ContributingFactors {
		t.Factors = append(t.Factors, reviewFactor{f, notes["contributing_factors["+strconv.Itoa(i)+"].text"]})
	}
	return t
}

// exportLink leads to a form of a review, to be kept as a file.
type exportLink struct{ Name, Href, File string }

// exportLinks are the forms of a review at an address; the file is named without its ending. One that is kept can be had as JSON.
func (a *API) exportLinks(at, file string, kept bool) []exportLink {
	links := []exportLink{
		{"Markdown", at + "?format=markdown", file + ".md"},
		{"Markdown, SRE layout", at + "?format=markdown&template=" + review.TemplateSRE, file + "-sre.md"},
		{"Markdown, short", at + "?format=markdown&template=" + review.TemplateShort, file + "-short.md"},
	}
	if a.reviewText != "" {
		links = append(links, exportLink{"Markdown, our own layout", at + "?format=markdown&template=" + review.TemplateCompany, file + "-company.md"})
	}
	links = append(links, exportLink{"Confluence", at + "?format=confluence", file + ".xml"}, exportLink{"wiki markup", at + "?format=wiki", file + ".txt"})
	if kept {
		links = append(links, exportLink{"JSON", at + "?format=json", file + ".json"})
	}
	return links
}

type reviewPage struct {
	Review     ReviewView
	Told       reviewText
	Exports    []exportLink
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
	p := reviewPage{
		Review: view, Told: toldBy(view.Input, document.Document), References: view.References,
		Exports: a.exportLinks(a.webBase+basePath+pathOf(view.ID.String())+"/export", view.ID.String(), true),
	}
	p.Actions, _, err = a.actions.views(ctx, by("review_id", view.ID))
	return about(view.Record, view.Title, "", p), err
}
