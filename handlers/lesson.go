package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// LessonView is a lesson as clients see it.
type LessonView struct {
	Record
	lesson.Input
	// The state of the lesson.
	Status vocab.LessonStatus `json:"status" example:"draft"`
	// True for an active lesson past the day it had to be looked at again; it is computed.
	Stale bool `json:"stale" example:"false"`
}

func (a *API) lessonResource() *resource[*ent.Lesson, lesson.Input, LessonView, *LessonView] {
	return &resource[*ent.Lesson, lesson.Input, LessonView, *LessonView]{api: a, deed: a.Lessons, view: a.viewLesson}
}

func (a *API) viewLesson(e *ent.Lesson) LessonView {
	return LessonView{Record: a.recordView(vocab.Lesson, e), Input: a.Lessons.Of(e), Status: e.Status, Stale: lesson.Stale(e, a.now())}
}

// ListLessons handles GET /api/v1/lessons.
//
//	@Summary		List lessons
//	@Description	What was learned, newest first.
//	@Tags			lessons
//	@Success		200	{object}	Page[LessonView]	"one page of lessons"
//	@Router			/api/v1/lessons [get]
func (a *API) ListLessons(c echo.Context) error { return a.lessons.list(c) }

// CreateLesson handles POST /api/v1/lessons.
//
//	@Summary		Add a lesson
//	@Description	Records a practice with the moment it is for.
//	@Tags			lessons
//	@Param			body	body		lesson.Input	true	"the lesson"
//	@Success		201		{object}	LessonView	"the lesson as kept"
//	@Router			/api/v1/lessons [post]
func (a *API) CreateLesson(c echo.Context) error { return a.lessons.create(c) }

// BulkCreateLessons handles POST /api/v1/lessons/bulk.
//
//	@Summary		Add many lessons
//	@Description	Writes up to 1,000 lessons in one transaction; each entry is checked as in a single create.
//	@Tags			lessons
//	@Param			body	body		BulkRequest	true	"the lessons"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/lessons/bulk [post]
func (a *API) BulkCreateLessons(c echo.Context) error { return a.lessons.bulk(c) }

// GetLesson handles GET /api/v1/lessons/{id}.
//
//	@Summary		Read a lesson
//	@Description	One lesson.
//	@Tags			lessons
//	@Success		200	{object}	LessonView	"the lesson"
//	@Router			/api/v1/lessons/{id} [get]
func (a *API) GetLesson(c echo.Context) error { return a.lessons.read(c) }

// UpdateLesson handles PATCH /api/v1/lessons/{id}.
//
//	@Summary		Change a lesson
//	@Description	Changes the members that the merge patch names.
//	@Tags			lessons
//	@Accept			application/merge-patch+json
//	@Param			body	body		lesson.Input	true	"the members to change"
//	@Success		200		{object}	LessonView	"the lesson as kept"
//	@Router			/api/v1/lessons/{id} [patch]
func (a *API) UpdateLesson(c echo.Context) error { return a.lessons.patch(c) }

// DeleteLesson handles DELETE /api/v1/lessons/{id}.
//
//	@Summary		Delete a lesson
//	@Description	Removes a lesson that no other record refers to.
//	@Tags			lessons
//	@Success		204	"it is gone"
//	@Router			/api/v1/lessons/{id} [delete]
func (a *API) DeleteLesson(c echo.Context) error { return a.lessons.remove(c) }

// TransitionLesson handles POST /api/v1/lessons/{id}/transitions.
//
//	@Summary		Move a lesson to another state
//	@Description	draft → active → superseded or retired. Activating a lesson that supersedes another moves that one.
//	@Tags			lessons
//	@Param			body	body		record.Move	true	"the state wanted"
//	@Success		200		{object}	LessonView	"the lesson in its new state"
//	@Router			/api/v1/lessons/{id}/transitions [post]
func (a *API) TransitionLesson(c echo.Context) error { return a.lessons.transition(c) }
