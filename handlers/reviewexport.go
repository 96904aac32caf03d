package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const mimeMarkdown = "text/markdown"

// accepts says whether the client asks for the media type by name, and not for JSON before it.
func accepts(c echo.Context, media string) bool {
	for given := range strings.SplitSeq(c.Request().Header.Get(echo.HeaderAccept), ",") {
		name, _, _ := strings.Cut(given, ";")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case media:
			return true
		case mimeJSON:
			return false
		}
	}
	return false
}

// ReviewRemarks are notes on the wording of a review.
type ReviewRemarks struct {
	// The notes, in the order of the members and of their text.
	Items []review.Remark `json:"items" maxItems:"10000"`
}

// LintReview handles GET /api/v1/reviews/{id}/lint.
//
//	@Summary		Read a review for blame
//	@Description	Gentle notes on wording that looks for somebody to blame, each with a question to ask instead.
//	@Tags			reviews
//	@Success		200	{object}	ReviewRemarks	"the notes"
//	@Router			/api/v1/reviews/{id}/lint [get]
func (a *API) LintReview(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Review)
	if err != nil {
		return err
	}
	e, err := a.Reviews.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, ReviewRemarks{Items: a.Reviews.Of(e).Remarks()})
}

// ReviewEntry is an event of the timeline of an exported review.
type ReviewEntry struct {
	// When it happened.
	At time.Time `json:"at" format:"date-time"`
	// What it records.
	Kind vocab.EventKind `json:"kind" example:"signal"`
	// What happened.
	Text string `json:"text" example:"QA sees that sessions expire" maxLength:"100000"`
}

// ReviewAction is a follow-up of an exported review.
type ReviewAction struct {
	// What is to be done.
	Title string `json:"title" example:"Compare the schemas in the pipeline" maxLength:"200"`
	// How to see that it is done.
	DoneCriterion string `json:"done_criterion" example:"A difference fails the build" maxLength:"100000"`
	// Who does it.
	Owner string `json:"owner" example:"database team" maxLength:"120"`
	// The day it is due.
	DueOn string `json:"due_on,omitempty" format:"date" example:"2026-04-01" maxLength:"10"`
	// True once it is done.
	Done bool `json:"done" example:"false"`
}

// ReviewExport is a review with what belongs to it.
type ReviewExport struct {
	ReviewView
	// The worst severity of its incidents.
	Severity string `json:"severity,omitempty" example:"critical" maxLength:"20"`
	// The names of the services it is about.
	Services []string `json:"services" example:"shop" maxItems:"200"`
	// What happened, in order.
	Timeline []ReviewEntry `json:"timeline" maxItems:"10000"`
	// The follow-ups.
	Actions []ReviewAction `json:"actions" maxItems:"1000"`
}

// ExportReview handles GET /api/v1/reviews/{id}/export.
//
//	@Summary		Export a review
//	@Description	The review with its timeline, follow-ups and links: as Markdown, in the storage format of Confluence, as wiki markup, or as JSON. The same facts give the same bytes.
//	@Tags			reviews
//	@Produce		json,text/markdown,application/xml,plain
//	@Param			format		query		string			false	"the form wanted; markdown when it is not given"	Enums(markdown, confluence, wiki, json)
//	@Param			template	query		string			false	"how it is laid out; full, which can be imported again, when it is not given; company is that of the operator"	Enums(full, sre, short, company)
//	@Success		200			{object}	ReviewExport	"the review"
//	@Router			/api/v1/reviews/{id}/export [get]
func (a *API) ExportReview(c echo.Context) error {
	if err := noQuery(c, "format", "template", "min_seq"); err != nil {
		return err
	}
	format := cmp.Or(c.QueryParam("format"), "markdown")
	write, err := a.reviewTemplate(format, cmp.Or(c.QueryParam("template"), review.TemplateFull))
	if err != nil {
		return err
	}
	d, err := a.reviewDocument(c)
	if err != nil {
		return err
	}
	if format == "json" {
		return c.JSON(http.StatusOK, a.viewReviewExport(d))
	}
	return writeReview(c, format, write(d.Document))
}

// writeReview answers a review, written out as Markdown, in the form that was asked for.
func writeReview(c echo.Context, format, markdown string) error {
	switch format {
	case "confluence":
		return c.Blob(http.StatusOK, "application/xml; charset=utf-8", []byte(storagePage(markdown)))
	case "wiki":
		return c.Blob(http.StatusOK, "text/plain; charset=utf-8", []byte(markup.ToWiki(markdown)))
	}
	return c.Blob(http.StatusOK, mimeMarkdown+"; charset=utf-8", []byte(markdown))
}

// reviewTemplate finds how a review is laid out, and is Invalid for a form or a template that there is not.
func (a *API) reviewTemplate(format, name string) (func(review.Document) string, error) {
	var check fault.Check
	if !slices.Contains([]string{"markdown", "confluence", "wiki", "json"}, format) {
		check.Add("format", "invalid_choice", "must be one of markdown, confluence, wiki, json")
	}
	if format == "json" && name != review.TemplateFull {
		check.Add("template", "conflict", "is for forms that people read and not for json")
	}
	text := ""
	switch name {
	case review.TemplateFull:
		return review.Markdown, check.Err()
	case review.TemplateSRE:
		text = review.SREText
	case review.TemplateShort:
		text = review.ShortText
	case review.TemplateCompany:
		text = a.reviewText
	}
	if text == "" {
		check.Add("template", "invalid_choice", "must be one of full, sre, short, or company where the operator gave one")
		return nil, check.Err()
	}
	t, err := review.ParseTemplate(text)
	if err != nil {
		return nil, err
	}
	return t.Write, check.Err()
}

// storagePage is Markdown in the storage format of Confluence, as one column of a page.
func storagePage(markdown string) string {
	return `<ac:layout xmlns:ac="http://atlassian.com/content" xmlns:ri="http://atlassian.com/resource/identifier"><ac:layout-section ac:type="single"><ac:layout-cell>` +
		markup.ToStorage(markdown, 0) + "</ac:layout-cell></ac:layout-section></ac:layout>\n"
}

func (a *API) viewReviewExport(d review.Documented) ReviewExport {
	export := ReviewExport{
		ReviewView: a.viewReview(d.Review), Severity: d.Document.Severity, Services: record.ListOf(d.Document.Services),
		Timeline: []ReviewEntry{}, Actions: []ReviewAction{},
	}
	for _, e := range d.Document.Timeline {
		export.Timeline = append(export.Timeline, ReviewEntry{At: e.At, Kind: e.Kind, Text: e.Text})
	}
	for _, f := range d.Document.Actions {
		export.Actions = append(export.Actions, ReviewAction{Title: f.Title, DoneCriterion: f.DoneCriterion, Owner: f.Owner, DueOn: f.Due, Done: f.Done})
	}
	return export
}

// reviewMarkdown answers a review as a page of Markdown.
func (a *API) reviewMarkdown(c echo.Context) error {
	d, err := a.reviewDocument(c)
	if err != nil {
		return err
	}
	c.Response().Header().Add("Vary", "Accept")
	return c.Blob(http.StatusOK, mimeMarkdown+"; charset=utf-8", []byte(review.Markdown(d.Document)))
}

func (a *API) reviewDocument(c echo.Context) (review.Documented, error) {
	id, err := pathID(c, "id", vocab.Review)
	if err != nil {
		return review.Documented{}, err
	}
	return a.Reviews.Document(c.Request().Context(), id)
}
