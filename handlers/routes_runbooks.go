package handlers

import "github.com/hindcast-kb/hindcast/internal/vocab"

// caring are the routes by which runbooks are found, judged and brought in.
func (a *API) caring() []Route {
	const read = vocab.ScopeRead
	return []Route{
		{Method: "GET", Path: basePath + "/findings/:id/runbooks", Scope: read, handler: a.RunbooksForFinding},
		{Method: "GET", Path: basePath + "/incidents/:id/runbooks", Scope: read, handler: a.RunbooksForIncident},
		{Method: "GET", Path: basePath + "/runbooks/:id/feedback", Scope: read, handler: a.ListRunbookFeedback},
		{Method: "POST", Path: basePath + "/runbooks/:id/feedback", Scope: vocab.ScopeWrite, handler: a.AddRunbookFeedback},
		{Method: "POST", Path: basePath + "/imports/runbooks", Scope: vocab.ScopeAdmin, BodyLimit: maxMarkdownBytes, handler: a.ImportRunbooks},
	}
}
