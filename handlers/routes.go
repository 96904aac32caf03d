package handlers

import (
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Routes is the whole route table. Every route declares the one scope that it is for.
func (a *API) Routes() []Route {
	return slices.Concat(
		a.system(),
		a.reference(),
		a.people(),
		a.moving(),
		a.planning(),
		a.learning(),
		a.asking(),
		a.searching(),
		a.jira(),
		a.drifting(),
		a.alerting(),
		a.cards(),
		a.caring(),
		crud("/findings", a.ListFindings, a.CreateFinding, a.BulkCreateFindings, a.GetFinding, a.UpdateFinding, a.DeleteFinding, a.TransitionFinding),
		crud("/references", a.ListReferences, a.CreateReference, a.BulkCreateReferences, a.GetReference, a.UpdateReference, a.DeleteReference, nil),
	)
}

// system are the routes beside the API.
func (a *API) system() []Route {
	return []Route{
		{Method: "GET", Path: "/livez", handler: a.Livez},
		{Method: "GET", Path: "/readyz", handler: a.Readyz},
		{Method: "GET", Path: "/metrics", Scope: vocab.ScopeRead, handler: a.Metrics},
	}
}

// crud are the routes of a resource; a nil handler leaves its route out.
func crud(path string, list, create, bulk, get, update, remove, transition echo.HandlerFunc) []Route {
	all := []Route{
		{Method: "GET", Path: path, Scope: vocab.ScopeRead, handler: list},
		{Method: "POST", Path: path, Scope: vocab.ScopeWrite, handler: create},
		{Method: "POST", Path: path + "/bulk", Scope: vocab.ScopeWrite, handler: bulk},
		{Method: "GET", Path: path + "/:id", Scope: vocab.ScopeRead, handler: get},
		{Method: "PATCH", Path: path + "/:id", Scope: vocab.ScopeWrite, handler: update},
		{Method: "DELETE", Path: path + "/:id", Scope: vocab.ScopeWrite, handler: remove},
		{Method: "POST", Path: path + "/:id/transitions", Scope: vocab.ScopeWrite, handler: transition},
	}
	routes := make([]Route, 0, len(all))
	for _, route := range all {
		if route.handler != nil {
			route.Path = basePath + route.Path
			routes = append(routes, route)
		}
	}
	return routes
}
