package handlers

import (
	"math"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// jira are the routes of sources, of what they deliver, and of delivering itself, which takes no token of ours.
func (a *API) jira() []Route {
	const admin = vocab.ScopeAdmin
	return []Route{
		{Method: "POST", Path: jiraHookPath, BodyLimit: math.MaxInt64, handler: a.DeliverJira},
		{Method: "GET", Path: basePath + "/sources", Scope: admin, handler: a.ListSources},
		{Method: "POST", Path: basePath + "/sources", Scope: admin, handler: a.CreateSource},
		{Method: "GET", Path: basePath + "/sources/:id", Scope: admin, handler: a.GetSource},
		{Method: "PATCH", Path: basePath + "/sources/:id", Scope: admin, handler: a.UpdateSource},
		{Method: "DELETE", Path: basePath + "/sources/:id", Scope: admin, handler: a.DeleteSource},
		{Method: "POST", Path: basePath + "/sources/:id/rotate", Scope: admin, handler: a.RotateSource},
		{Method: "POST", Path: basePath + "/sources/:id/explain", Scope: admin, handler: a.ExplainSource},
		{Method: "GET", Path: basePath + "/deliveries", Scope: admin, handler: a.ListDeliveries},
		{Method: "GET", Path: basePath + "/deliveries/:id", Scope: admin, handler: a.GetDelivery},
		{Method: "POST", Path: basePath + "/deliveries/:id/replay", Scope: admin, handler: a.ReplayDelivery},
		{Method: "POST", Path: basePath + "/deliveries/replay", Scope: admin, handler: a.ReplayDeliveries},
	}
}
