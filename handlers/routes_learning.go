package handlers

import (
	"slices"

	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// learning are the routes of what is taken for granted, what happened, and what was learned from it.
func (a *API) learning() []Route {
	const read, write = vocab.ScopeRead, vocab.ScopeWrite
	below := []Route{
		{Method: "GET", Path: "/assumptions/:id/evidence", Scope: read, handler: a.ListEvidence},
		{Method: "POST", Path: "/assumptions/:id/evidence", Scope: write, handler: a.CreateEvidence},
		{Method: "GET", Path: "/assumptions/:id/evidence/:evidence_id", Scope: read, handler: a.GetEvidenceOfAssumption},
		{Method: "POST", Path: "/assumptions/:id/evidence/:evidence_id/withdrawal", Scope: write, handler: a.WithdrawEvidence},
		{Method: "GET", Path: "/evidence/:id", Scope: read, handler: a.GetEvidence},
		{Method: "GET", Path: "/attempts/:id/events", Scope: read, handler: a.ListAttemptEvents},
		{Method: "POST", Path: "/attempts/:id/events", Scope: write, handler: a.CreateAttemptEvent},
		{Method: "GET", Path: "/incidents/:id/events", Scope: read, handler: a.ListIncidentEvents},
		{Method: "POST", Path: "/incidents/:id/events", Scope: write, handler: a.CreateIncidentEvent},
		{Method: "GET", Path: "/findings/:id/events", Scope: read, handler: a.ListFindingEvents},
		{Method: "GET", Path: "/events/:id", Scope: read, handler: a.GetEvent},
		{Method: "GET", Path: "/attempts/:id/lessons", Scope: read, handler: a.ListAttemptLessons},
		{Method: "PUT", Path: "/attempts/:id/lessons/:lesson_id", Scope: write, handler: a.AnswerLesson},
		{Method: "GET", Path: "/lessons/:id/effectiveness", Scope: read, handler: a.LessonEffectiveness},
		{Method: "POST", Path: "/lessons/:id/retrodict", Scope: read, handler: a.RetrodictLesson},
		{Method: "GET", Path: "/reviews/:id/lint", Scope: read, handler: a.LintReview},
		{Method: "GET", Path: "/reviews/:id/export", Scope: read, handler: a.ExportReview},
		{Method: "GET", Path: "/environments/:id/snapshots", Scope: read, handler: a.ListSnapshots},
		{Method: "POST", Path: "/environments/:id/snapshots", Scope: write, BodyLimit: snapshot.MaxBody, handler: a.CreateSnapshot},
		{Method: "GET", Path: "/environments/:id/snapshots/:snapshot_id", Scope: read, handler: a.GetSnapshotOfEnvironment},
		{Method: "GET", Path: "/snapshots/:id", Scope: read, handler: a.GetSnapshot},
	}
	for i := range below {
		below[i].Path = basePath + below[i].Path
	}
	return slices.Concat(
		crud("/assumptions", a.ListAssumptions, a.CreateAssumption, a.BulkCreateAssumptions, a.GetAssumption, a.UpdateAssumption, a.DeleteAssumption, a.TransitionAssumption),
		crud("/incidents", a.ListIncidents, a.CreateIncident, a.BulkCreateIncidents, a.GetIncident, a.UpdateIncident, a.DeleteIncident, a.TransitionIncident),
		crud("/lessons", a.ListLessons, a.CreateLesson, a.BulkCreateLessons, a.GetLesson, a.UpdateLesson, a.DeleteLesson, a.TransitionLesson),
		crud("/actions", a.ListActions, a.CreateAction, a.BulkCreateActions, a.GetAction, a.UpdateAction, a.DeleteAction, a.TransitionAction),
		crud("/reviews", a.ListReviews, a.CreateReview, a.BulkCreateReviews, a.GetReview, a.UpdateReview, a.DeleteReview, a.TransitionReview),
		crud("/recurrences", a.ListRecurrences, a.CreateRecurrence, a.BulkCreateRecurrences, a.GetRecurrence, a.UpdateRecurrence, a.DeleteRecurrence, a.TransitionRecurrence),
		below,
	)
}
