package handlers

import "github.com/hindcast-kb/hindcast/internal/vocab"

// drifting are the routes of what differs between environments.
func (a *API) drifting() []Route {
	const read, write = vocab.ScopeRead, vocab.ScopeWrite
	routes := []Route{
		{Method: "GET", Path: "/environments/:id/drift", Scope: read, handler: a.GetDrift},
		{Method: "GET", Path: "/environments/:id/drift/history", Scope: read, handler: a.GetDriftHistory},
		{Method: "POST", Path: "/environments/:id/drift/propose", Scope: write, handler: a.ProposeDrift},
		{Method: "GET", Path: "/environments/:id/drift/ignores", Scope: read, handler: a.ListDriftIgnores},
		{Method: "POST", Path: "/environments/:id/drift/ignores", Scope: write, handler: a.CreateDriftIgnore},
		{Method: "GET", Path: "/drift-ignores/:id", Scope: read, handler: a.GetDriftIgnore},
		{Method: "PATCH", Path: "/drift-ignores/:id", Scope: write, handler: a.UpdateDriftIgnore},
		{Method: "DELETE", Path: "/drift-ignores/:id", Scope: write, handler: a.DeleteDriftIgnore},
	}
	for i := range routes {
		routes[i].Path = basePath + routes[i].Path
	}
	return routes
}
