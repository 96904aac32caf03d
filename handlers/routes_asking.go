package handlers

import "github.com/hindcast-kb/hindcast/internal/vocab"

// asking are the routes of what is worked out from many records, and of who did what.
func (a *API) asking() []Route {
	const read, admin = vocab.ScopeRead, vocab.ScopeAdmin
	routes := []Route{
		{Method: "GET", Path: "/attempts/:id/timeline", Scope: read, handler: a.GetTimeline},
		{Method: "GET", Path: "/attempts/:id/timeline.svg", Scope: read, handler: a.DrawTimeline},
		{Method: "GET", Path: "/attempts/:id/decision-support", Scope: read, handler: a.GetDecisionSupport},
		{Method: "GET", Path: "/analytics/change-failure", Scope: read, handler: a.GetChangeFailure},
		{Method: "GET", Path: "/analytics/detection", Scope: read, handler: a.GetDetection},
		{Method: "GET", Path: "/analytics/recovery", Scope: read, handler: a.GetRecovery},
		{Method: "GET", Path: "/analytics/effort", Scope: read, handler: a.GetEffortSpent},
		{Method: "GET", Path: "/analytics/lessons", Scope: read, handler: a.GetLessonFigures},
		{Method: "GET", Path: "/analytics/assumptions", Scope: read, handler: a.GetAssumptionFigures},
		{Method: "GET", Path: "/analytics/recurrence", Scope: read, handler: a.GetRecurrenceFigures},
		{Method: "GET", Path: "/analytics/actions", Scope: read, handler: a.GetActionFigures},
		{Method: "GET", Path: "/audit", Scope: admin, handler: a.ListAudit},
		{Method: "GET", Path: "/tokens", Scope: admin, handler: a.ListTokens},
		{Method: "POST", Path: "/tokens", Scope: admin, handler: a.CreateToken},
		{Method: "GET", Path: "/tokens/:id", Scope: admin, handler: a.GetToken},
		{Method: "DELETE", Path: "/tokens/:id", Scope: admin, handler: a.DeleteToken},
	}
	for i := range routes {
		routes[i].Path = basePath + routes[i].Path
	}
	return routes
}
