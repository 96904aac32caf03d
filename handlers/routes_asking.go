package handlers

import "github.com/hindcast-kb/hindcast/internal/vocab"

// asking are the routes of what is worked out from many records, and of who did what.
func (a *API) asking() []Route {
	const read, admin = vocab.ScopeRead, vocab.ScopeAdmin
	routes := []Route{
		{Method: "GET", Path: "/attempts/:id/timeline", Scope: read, handler: a.GetTimeline},
		{Method: "GET", Path: "/attempts/:id/decision-support", Scope: read, handler: a.GetDecisionSupport},
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
