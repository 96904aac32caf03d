package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ApplicationView is a lesson on one attempt, with the answer that it was given.
type ApplicationView struct {
	// The lesson.
	LessonID vocab.ID `json:"lesson_id" swaggertype:"string" example:"LES-1"`
	// The attempt it was shown to.
	AttemptID vocab.ID `json:"attempt_id" swaggertype:"string" example:"ATT-1"`
	// The answer, once there is one.
	Response vocab.LessonResponse `json:"response,omitempty" example:"applied"`
	// Why it was not applied.
	Reason string `json:"reason,omitempty" example:"This attempt does not touch the database" maxLength:"100000"`
	// What became of it.
	Outcome vocab.LessonOutcome `json:"outcome,omitempty" example:"prevented"`
	// The state of the answer.
	Status vocab.ApplicationStatus `json:"status" example:"surfaced"`
	// When it was shown.
	CreatedAt time.Time `json:"created_at" format:"date-time"`
	// When the answer last changed.
	UpdatedAt time.Time `json:"updated_at" format:"date-time"`
	// Who showed it.
	CreatedBy string `json:"created_by" example:"release pipeline" maxLength:"120"`
	// Counts the changes, from 1.
	Version int `json:"version" example:"1" minimum:"1"`
	// When it was answered.
	AnsweredAt *time.Time `json:"answered_at,omitempty" format:"date-time"`
	// Who answered.
	AnsweredBy string `json:"answered_by,omitempty" example:"release engineer" maxLength:"120"`
	// When its outcome was recorded.
	AssessedAt *time.Time `json:"assessed_at,omitempty" format:"date-time"`
	// The lesson, with expand=lesson.
	Lesson *LessonView `json:"lesson,omitempty"`
}

func viewApplication(e *ent.LessonApplication) ApplicationView {
	meta := e.Meta()
	return ApplicationView{
		LessonID: vocab.Lesson.ID(e.LessonID), AttemptID: vocab.Attempt.ID(e.AttemptID), Response: e.Response, Reason: e.Reason,
		Outcome: e.Outcome, Status: e.Status, CreatedAt: meta.CreatedAt, UpdatedAt: meta.UpdatedAt, CreatedBy: meta.CreatedBy,
		Version: meta.Version, AnsweredAt: record.UTC(e.AnsweredAt), AnsweredBy: e.AnsweredBy, AssessedAt: record.UTC(e.AssessedAt),
	}
}

// ListAttemptLessons handles GET /api/v1/attempts/{id}/lessons.
//
//	@Summary		List the lessons of an attempt
//	@Description	The lessons that were shown to the attempt, with the answers they were given.
//	@Tags			lessons
//	@Success		200	{object}	Page[ApplicationView]	"one page of lessons with their answers"
//	@Router			/api/v1/attempts/{id}/lessons [get]
func (a *API) ListAttemptLessons(c echo.Context) error {
	attempt, err := a.attemptOf(c)
	if err != nil {
		return err
	}
	params := c.QueryParams()
	expand, err := expandsOnly(params["expand"], "lesson")
	if err != nil {
		return err
	}
	params.Del("expand")
	params.Del("min_seq")
	q, err := record.ParseQuery(params)
	if err != nil {
		return err
	}
	q.Within = map[string]int{"attempt_id": attempt}
	page, err := a.Lessons.Applications.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	answer := Page[ApplicationView]{Items: make([]ApplicationView, len(page.Items))}
	for i, e := range page.Items {
		answer.Items[i] = viewApplication(e)
	}
	if expand {
		embed := one(a.lessons, func(v *ApplicationView) vocab.ID { return v.LessonID }, func(v *ApplicationView, l *LessonView) { v.Lesson = l })
		if err := embed(c.Request().Context(), answer.Items); err != nil {
			return err
		}
	}
	if page.Next != "" {
		answer.NextCursor = &page.Next
		c.Response().Header().Set("Link", "<"+a.nextPage(c, page.Next)+`>; rel="next"`)
	}
	return c.JSON(http.StatusOK, answer)
}

// AnswerLesson handles PUT /api/v1/attempts/{id}/lessons/{lesson_id}.
//
//	@Summary		Answer a lesson on an attempt
//	@Description	Says whether the lesson is applied on the attempt, and once that has ended, what became of it. The same answer again changes nothing.
//	@Tags			lessons
//	@Param			body	body		lesson.Answer	true	"the answer"
//	@Success		200		{object}	ApplicationView	"the lesson with its answer"
//	@Router			/api/v1/attempts/{id}/lessons/{lesson_id} [put]
func (a *API) AnswerLesson(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	attempt, err := a.attemptOf(c)
	if err != nil {
		return err
	}
	id, err := pathID(c, "lesson_id", vocab.Lesson)
	if err != nil {
		return err
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	var answer lesson.Answer
	if err := withChecks(answer, strictjson.Decode(body, &answer)); err != nil {
		return err
	}
	kept, err := a.Lessons.Respond(c.Request().Context(), attempt, id, answer)
	if err != nil {
		return err
	}
	c.Response().Header().Set("ETag", entityTag(kept.Version))
	return c.JSON(http.StatusOK, viewApplication(kept))
}

// attemptOf reads the attempt of the path, which the caller must know of.
func (a *API) attemptOf(c echo.Context) (int, error) {
	n, err := pathID(c, "id", vocab.Attempt)
	if err != nil {
		return 0, err
	}
	return n, a.known(c.Request().Context(), vocab.Attempt.ID(n))
}

// LessonEffectiveness handles GET /api/v1/lessons/{id}/effectiveness.
//
//	@Summary		Tell what a lesson is worth
//	@Description	How often the lesson was shown and applied, what came of it, and what that makes of it: untested, effective, ineffective or ignored.
//	@Tags			lessons
//	@Success		200	{object}	lesson.Effect	"the counts and the verdict"
//	@Router			/api/v1/lessons/{id}/effectiveness [get]
func (a *API) LessonEffectiveness(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Lesson)
	if err != nil {
		return err
	}
	effect, err := a.Lessons.EffectOf(c.Request().Context(), id)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, effect)
}

// PastAttempt is an ended attempt that a lesson would have been shown on, and what happened there.
type PastAttempt struct {
	// The attempt.
	AttemptID vocab.ID `json:"attempt_id" swaggertype:"string" example:"ATT-1"`
	// The upgrade it was a try of.
	UpgradeID vocab.ID `json:"upgrade_id" swaggertype:"string" example:"UPG-1"`
	// How it ended.
	Status vocab.AttemptStatus `json:"status" example:"rolled_back"`
	// When it ended.
	EndedAt *time.Time `json:"ended_at,omitempty" format:"date-time"`
	// What the lesson and the attempt have in common, such as kind framework.
	Matched []string `json:"matched" example:"kind framework" maxItems:"600"`
	// The findings of the attempt.
	FindingIDs []vocab.ID `json:"finding_ids" swaggertype:"array,string" example:"FND-1" maxItems:"10000"`
	// The incidents of the attempt.
	IncidentIDs []vocab.ID `json:"incident_ids" swaggertype:"array,string" example:"INC-1" maxItems:"10000"`
	// Those among them that the lesson was learned from.
	LearnedFrom []vocab.ID `json:"learned_from" swaggertype:"array,string" example:"FND-1" maxItems:"10000"`
}

// Retrodiction says on which ended attempts a lesson would have been shown.
type Retrodiction struct {
	// The attempts, oldest first.
	Items []PastAttempt `json:"items" maxItems:"10000"`
}

// RetrodictLesson handles POST /api/v1/lessons/{id}/retrodict.
//
//	@Summary		Try a lesson on the past
//	@Description	On which ended attempts the lesson would have been shown, and what happened there. Nothing is written.
//	@Tags			lessons
//	@Success		200	{object}	Retrodiction	"the attempts, oldest first"
//	@Router			/api/v1/lessons/{id}/retrodict [post]
func (a *API) RetrodictLesson(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Lesson)
	if err != nil {
		return err
	}
	past, err := a.Lessons.Retrodict(c.Request().Context(), id)
	if err != nil {
		return err
	}
	answer := Retrodiction{Items: make([]PastAttempt, len(past))}
	for i, p := range past {
		matched := make([]string, len(p.Shared))
		for j, scope := range p.Shared {
			matched[j] = scope.String()
		}
		answer.Items[i] = PastAttempt{
			AttemptID: vocab.Attempt.ID(p.Attempt.ID), UpgradeID: vocab.Upgrade.ID(p.Attempt.UpgradeID), Status: p.Attempt.Status,
			EndedAt: record.UTC(p.Attempt.EndedAt), Matched: matched, FindingIDs: record.ListOf(p.Findings),
			IncidentIDs: record.ListOf(p.Incidents), LearnedFrom: record.ListOf(p.Learned),
		}
	}
	return c.JSON(http.StatusOK, answer)
}
