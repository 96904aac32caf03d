package handlers

import (
	"math"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// jira are the routes of sources, of what they deliver, of work at their sites, and of delivering itself, which takes no token of ours.
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
		{Method: "POST", Path: basePath + "/sources/:id/check", Scope: admin, handler: a.CheckSource},
		{Method: "POST", Path: basePath + "/sources/:id/backfill", Scope: admin, handler: a.BackfillSource},
		{Method: "POST", Path: basePath + "/sources/:id/reconcile", Scope: admin, handler: a.ReconcileSource},
		{Method: "POST", Path: basePath + "/sources/:id/webhook", Scope: admin, handler: a.RegisterSourceWebhook},
		{Method: "POST", Path: basePath + "/sources/:id/erasures", Scope: admin, handler: a.EraseAccount},
		{Method: "GET", Path: basePath + "/jobs", Scope: admin, handler: a.ListJobs},
		{Method: "GET", Path: basePath + "/jobs/:id", Scope: admin, handler: a.GetJob},
		{Method: "POST", Path: basePath + "/jobs/:id/resume", Scope: admin, handler: a.ResumeJob},
		{Method: "POST", Path: basePath + "/actions/:id/issue", Scope: vocab.ScopeWrite, handler: a.CreateActionIssue},
		{Method: "POST", Path: basePath + "/findings/:id/issue", Scope: vocab.ScopeWrite, handler: a.CreateFindingIssue},
		{Method: "POST", Path: basePath + "/references/:id/comments", Scope: vocab.ScopeWrite, handler: a.CommentReference},
		{Method: "POST", Path: basePath + "/imports/jira", Scope: admin, handler: a.ImportJira},
	}
}
