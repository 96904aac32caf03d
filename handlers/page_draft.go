package handlers

import (
	"cmp"
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// draftPage is what a review of an attempt would say that was drafted now. Nothing is kept of it.
type draftPage struct {
	Attempt AttemptView
	// Under says that the attempt has not ended, so that more may be recorded.
	Under   bool
	Told    reviewText
	Exports []exportLink
	Reviews []ReviewView
	// MayKeep says that the reader may keep a draft.
	MayKeep bool
}

func (a *API) draftPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	if err := noQuery(c); err != nil {
		return web.Page{}, err
	}
	view, err := a.attempts.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	in, document, err := a.draft(ctx, view.ID.N)
	if err != nil {
		return web.Page{}, err
	}
	p := draftPage{
		Attempt: view, Under: !upgrade.Ended(view.Status), Told: toldBy(in, document), MayKeep: auth.From(ctx).May(vocab.ScopeWrite),
		Exports: a.exportLinks(a.webBase+pathOf(view.ID.String())+"/draft/export", "draft-"+view.ID.String(), false),
	}
	p.Reviews, _, err = a.reviews.views(ctx, by("attempt_id", view.ID))
	return web.Page{Title: in.Title + ", a draft", Section: "home", Data: p}, err
}

// draft is the review of an attempt as it can be told from what is recorded.
func (a *API) draft(ctx context.Context, attempt int) (review.Input, review.Document, error) {
	draft, err := a.Recaps.Draft(ctx, attempt)
	if err != nil {
		return review.Input{}, review.Document{}, err
	}
	document, err := a.Reviews.Preview(ctx, draft.Input)
	document.Date = a.now().UTC().Format(time.DateOnly) // that of a draft that is kept now
	return draft.Input, document, err
}

// exportDraft gives a draft as a file.
func (a *API) exportDraft(c echo.Context) error {
	if err := requireRead(c); err != nil {
		return err
	}
	if err := noQuery(c, "format", "template"); err != nil {
		return err
	}
	n, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return err
	}
	format := cmp.Or(c.QueryParam("format"), "markdown")
	if format == "json" {
		var check fault.Check
		check.Add("format", "invalid_choice", "must be one of markdown, confluence, wiki")
		return check.Err()
	}
	write, err := a.reviewTemplate(format, cmp.Or(c.QueryParam("template"), review.TemplateFull))
	if err != nil {
		return err
	}
	_, document, err := a.draft(c.Request().Context(), n)
	if err != nil {
		return err
	}
	return writeReview(c, format, write(document))
}
