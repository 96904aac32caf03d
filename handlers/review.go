package handlers

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ReviewView is a review as clients see it.
type ReviewView struct {
	Record
	review.Input
	// The state of the review.
	Status vocab.ReviewStatus `json:"status" example:"draft"`
	// When it was published.
	PublishedAt *time.Time `json:"published_at,omitempty" format:"date-time"`
	// The changes since it was published, oldest first.
	Amendments []vocab.Amendment `json:"amendments" maxItems:"1000"`
	// Gentle notes on wording that looks for somebody to blame, in the answer to a write.
	Warnings []review.Remark `json:"warnings,omitempty" maxItems:"1000"`
}

func (a *API) reviewResource() *resource[*ent.Review, review.Input, ReviewView, *ReviewView] {
	return &resource[*ent.Review, review.Input, ReviewView, *ReviewView]{api: a, deed: a.Reviews, view: a.viewReview}
}

func (a *API) viewReview(e *ent.Review) ReviewView {
	return ReviewView{
		Record: a.recordView(vocab.Review, e), Input: a.Reviews.Of(e), Status: e.Status, PublishedAt: record.UTC(e.PublishedAt),
		Amendments: record.ListOf(e.Amendments),
	}
}

// reviewWriteResource shows a review as reviewResource does, with notes on its wording.
func (a *API) reviewWriteResource() *resource[*ent.Review, review.Input, ReviewView, *ReviewView] {
	r := a.reviewResource()
	r.view = func(e *ent.Review) ReviewView {
		view := a.viewReview(e)
		view.Warnings = view.Remarks()
		return view
	}
	return r
}

// ListReviews handles GET /api/v1/reviews.
//
//	@Summary		List reviews
//	@Description	What teams wrote down after attempts and incidents, newest first.
//	@Tags			reviews
//	@Success		200	{object}	Page[ReviewView]	"one page of reviews"
//	@Router			/api/v1/reviews [get]
func (a *API) ListReviews(c echo.Context) error { return a.reviews.list(c) }

// CreateReview handles POST /api/v1/reviews.
//
//	@Summary		Add a review
//	@Description	Records a review. Wording that looks for somebody to blame is noted in warnings and never refused.
//	@Tags			reviews
//	@Param			body	body		review.Input	true	"the review"
//	@Success		201		{object}	ReviewView	"the review as kept"
//	@Router			/api/v1/reviews [post]
func (a *API) CreateReview(c echo.Context) error { return a.reviewWrites.create(c) }

// BulkCreateReviews handles POST /api/v1/reviews/bulk.
//
//	@Summary		Add many reviews
//	@Description	Writes up to 1,000 reviews in one transaction; each entry is checked as in a single create.
//	@Tags			reviews
//	@Param			body	body		BulkRequest	true	"the reviews"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/reviews/bulk [post]
func (a *API) BulkCreateReviews(c echo.Context) error { return a.reviews.bulk(c) }

// GetReview handles GET /api/v1/reviews/{id}.
//
//	@Summary		Read a review
//	@Description	One review; as a page of Markdown for clients that accept text/markdown.
//	@Tags			reviews
//	@Produce		json,text/markdown
//	@Success		200	{object}	ReviewView	"the review"
//	@Router			/api/v1/reviews/{id} [get]
func (a *API) GetReview(c echo.Context) error {
	if accepts(c, mimeMarkdown) {
		return a.reviewMarkdown(c)
	}
	return a.reviews.read(c)
}

// UpdateReview handles PATCH /api/v1/reviews/{id}.
//
//	@Summary		Change a review
//	@Description	Changes the members that the merge patch names. A change after publishing is noted as an amendment.
//	@Tags			reviews
//	@Accept			application/merge-patch+json
//	@Param			body	body		review.Input	true	"the members to change"
//	@Success		200		{object}	ReviewView	"the review as kept"
//	@Router			/api/v1/reviews/{id} [patch]
func (a *API) UpdateReview(c echo.Context) error { return a.reviewWrites.patch(c) }

// DeleteReview handles DELETE /api/v1/reviews/{id}.
//
//	@Summary		Delete a review
//	@Description	Removes a review that no other record refers to.
//	@Tags			reviews
//	@Success		204	"it is gone"
//	@Router			/api/v1/reviews/{id} [delete]
func (a *API) DeleteReview(c echo.Context) error { return a.reviews.remove(c) }

// TransitionReview handles POST /api/v1/reviews/{id}/transitions.
//
//	@Summary		Move a review to another state
//	@Description	draft → in_review → published.
//	@Tags			reviews
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	ReviewView	"the review in its new state"
//	@Router			/api/v1/reviews/{id}/transitions [post]
func (a *API) TransitionReview(c echo.Context) error { return a.reviews.transition(c) }
