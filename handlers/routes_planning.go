package handlers

import (
	"slices"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// planning are the routes of what is to be done: the catalog, upgrades, attempts, and what is decided and agreed about them.
func (a *API) planning() []Route {
	const read, write = vocab.ScopeRead, vocab.ScopeWrite
	below := []Route{
		{Method: "GET", Path: "/attempts/:id/brief", Scope: read, handler: a.GetBrief},
		{Method: "POST", Path: "/attempts/:id/gate", Scope: vocab.ScopeGate, handler: a.EvaluateGate},
		{Method: "GET", Path: "/attempts/:id/tripwires", Scope: read, handler: a.ListTripwires},
		{Method: "POST", Path: "/attempts/:id/tripwires", Scope: write, handler: a.CreateTripwire},
		{Method: "GET", Path: "/tripwires/:id/readings", Scope: read, handler: a.ListReadings},
		{Method: "POST", Path: "/tripwires/:id/readings", Scope: write, handler: a.CreateReading},
		{Method: "POST", Path: "/tripwires/:id/readings/bulk", Scope: write, handler: a.BulkCreateReadings},
	}
	for i := range below {
		below[i].Path = basePath + below[i].Path
	}
	return slices.Concat(
		crud("/services", a.ListServices, a.CreateService, a.BulkCreateServices, a.GetService, a.UpdateService, a.DeleteService, nil),
		crud("/environments", a.ListEnvironments, a.CreateEnvironment, a.BulkCreateEnvironments, a.GetEnvironment, a.UpdateEnvironment, a.DeleteEnvironment, nil),
		crud("/upgrades", a.ListUpgrades, a.CreateUpgrade, a.BulkCreateUpgrades, a.GetUpgrade, a.UpdateUpgrade, a.DeleteUpgrade, a.TransitionUpgrade),
		crud("/attempts", a.ListAttempts, a.CreateAttempt, a.BulkCreateAttempts, a.GetAttempt, a.UpdateAttempt, a.DeleteAttempt, a.TransitionAttempt),
		crud("/decisions", a.ListDecisions, a.CreateDecision, a.BulkCreateDecisions, a.GetDecision, nil, nil, a.TransitionDecision),
		crud("/tripwires", nil, nil, nil, a.GetTripwire, a.UpdateTripwire, a.DeleteTripwire, a.TransitionTripwire),
		crud("/effort", a.ListEffort, a.CreateEffort, a.BulkCreateEffort, a.GetEffort, nil, nil, nil),
		crud("/runbooks", a.ListRunbooks, a.CreateRunbook, a.BulkCreateRunbooks, a.GetRunbook, a.UpdateRunbook, a.DeleteRunbook, nil),
		below,
	)
}
