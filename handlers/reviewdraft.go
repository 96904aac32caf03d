package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/recap"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ReviewDraft is a review drafted from what is recorded.
type ReviewDraft struct {
	ReviewView
	// What the draft says, sentence by sentence, each with the records that show it.
	Sentences []recap.Sentence `json:"sentences" maxItems:"10000"`
}

// DraftReview handles POST /api/v1/reviews/draft.
//
//	@Summary		Draft a review
//	@Description	Writes a draft of the review of an attempt from what is recorded: how it went, how it was noticed, whom it harmed and what made it possible. Each sentence names its records. Nothing is added that is not recorded. The timeline is that of the attempt, and needs no draft.
//	@ID				draftReview
//	@Tags			reviews
//	@Param			attempt	query		string		true	"the attempt that is reviewed"	example(ATT-2)
//	@Success		201		{object}	ReviewDraft	"the review as kept, with the records behind each sentence"
//	@Failure		404		{object}	Problem		"there is no such attempt"
//	@Router			/api/v1/reviews/draft [post]
func (a *API) DraftReview(c echo.Context) error {
	if err := noQuery(c, "attempt"); err != nil {
		return err
	}
	id, err := vocab.ParseID(c.QueryParam("attempt"))
	if err != nil || !id.Is(vocab.Attempt) {
		var check fault.Check
		check.Add("attempt", "invalid_format", "must be the id of an attempt, such as ATT-2")
		return check.Err()
	}
	ctx := c.Request().Context()
	draft, err := a.Recaps.Draft(ctx, id.N)
	if err != nil {
		return err
	}
	added, err := a.Reviews.Add(ctx, draft.Input)
	if err != nil {
		return err
	}
	view := ReviewDraft{ReviewView: a.reviewWrites.view(added), Sentences: record.ListOf(draft.Sentences)}
	c.Response().Header().Set(echo.HeaderLocation, basePath+"/"+vocab.Review.Path+"/"+view.ID.String())
	c.Response().Header().Set("ETag", entityTag(view.Version))
	return c.JSON(http.StatusCreated, view)
}
