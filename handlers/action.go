package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ActionView is an action as clients see it.
type ActionView struct {
	Record
	review.ActionInput
	// The state of the action.
	Status vocab.ActionStatus `json:"status" example:"open"`
	// True when its day has passed and it is still to be done; it is computed.
	Overdue bool `json:"overdue" example:"false"`
	// The finding it follows up, with expand=finding.
	Finding *FindingView `json:"finding,omitempty"`
	// The lesson it follows up, with expand=lesson.
	Lesson *LessonView `json:"lesson,omitempty"`
	// The review it came from, with expand=review.
	Review *ReviewView `json:"review,omitempty"`
}

func (a *API) actionResource() *resource[*ent.Action, review.ActionInput, ActionView, *ActionView] {
	return &resource[*ent.Action, review.ActionInput, ActionView, *ActionView]{
		api: a, deed: a.Actions, view: a.viewAction, expand: map[string]expander[ActionView]{
			"finding": one(a.findings, func(v *ActionView) vocab.ID { return v.FindingID }, func(v *ActionView, f *FindingView) { v.Finding = f }),
			"lesson":  one(a.lessons, func(v *ActionView) vocab.ID { return v.LessonID }, func(v *ActionView, l *LessonView) { v.Lesson = l }),
			"review":  one(a.reviews, func(v *ActionView) vocab.ID { return v.ReviewID }, func(v *ActionView, r *ReviewView) { v.Review = r }),
		},
	}
}

func (a *API) viewAction(e *ent.Action) ActionView {
	return ActionView{
		Record: a.recordView(vocab.Action, e), ActionInput: a.Actions.Of(e), Status: e.Status, Overdue: review.Overdue(e.Status, e.DueOn, a.now()),
	}
}

// ListActions handles GET /api/v1/actions.
//
//	@Summary		List actions
//	@Description	Follow-ups, newest first.
//	@Tags			actions
//	@Success		200	{object}	Page[ActionView]	"one page of actions"
//	@Router			/api/v1/actions [get]
func (a *API) ListActions(c echo.Context) error { return a.actions.list(c) }

// CreateAction handles POST /api/v1/actions.
//
//	@Summary		Add an action
//	@Description	Records a follow-up with its owner and how to see that it is done.
//	@Tags			actions
//	@Param			body	body		review.ActionInput	true	"the action"
//	@Success		201		{object}	ActionView	"the action as kept"
//	@Router			/api/v1/actions [post]
func (a *API) CreateAction(c echo.Context) error { return a.actions.create(c) }

// BulkCreateActions handles POST /api/v1/actions/bulk.
//
//	@Summary		Add many actions
//	@Description	Writes up to 1,000 actions in one transaction; each entry is checked as in a single create.
//	@Tags			actions
//	@Param			body	body		BulkRequest	true	"the actions"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/actions/bulk [post]
func (a *API) BulkCreateActions(c echo.Context) error { return a.actions.bulk(c) }

// GetAction handles GET /api/v1/actions/{id}.
//
//	@Summary		Read an action
//	@Description	One action.
//	@Tags			actions
//	@Success		200	{object}	ActionView	"the action"
//	@Router			/api/v1/actions/{id} [get]
func (a *API) GetAction(c echo.Context) error { return a.actions.read(c) }

// UpdateAction handles PATCH /api/v1/actions/{id}.
//
//	@Summary		Change an action
//	@Description	Changes the members that the merge patch names.
//	@Tags			actions
//	@Accept			application/merge-patch+json
//	@Param			body	body		review.ActionInput	true	"the members to change"
//	@Success		200		{object}	ActionView	"the action as kept"
//	@Router			/api/v1/actions/{id} [patch]
func (a *API) UpdateAction(c echo.Context) error { return a.actions.patch(c) }

// DeleteAction handles DELETE /api/v1/actions/{id}.
//
//	@Summary		Delete an action
//	@Description	Removes an action that no other record refers to.
//	@Tags			actions
//	@Success		204	"it is gone"
//	@Router			/api/v1/actions/{id} [delete]
func (a *API) DeleteAction(c echo.Context) error { return a.actions.remove(c) }

// TransitionAction handles POST /api/v1/actions/{id}/transitions.
//
//	@Summary		Move an action to another state
//	@Description	open → in_progress → done → verified; done → ineffective → open; open → wont_do, with a reason.
//	@Tags			actions
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	ActionView	"the action in its new state"
//	@Router			/api/v1/actions/{id}/transitions [post]
func (a *API) TransitionAction(c echo.Context) error { return a.actions.transition(c) }
