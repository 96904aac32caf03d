package handlers

import "github.com/hindcast-kb/hindcast/internal/record"

// List says what a list can be narrowed by, ordered by, and asked to embed. The API description is made from it, so that it
// names exactly the parameters that are accepted.
type List struct {
	Filters       []record.Filter
	Sorts, Expand []string
}

type describer interface{ describe() List }

func (r *resource[E, I, V, PV]) describe() List {
	return List{Filters: r.deed.Filters(), Sorts: r.deed.Sorts(), Expand: r.Expandable()}
}

// Lists describes every list by its path.
func (a *API) Lists() map[string]List {
	lists := map[string]describer{
		"/services": a.services, "/environments": a.environments, "/runbooks": a.runbooks, "/references": a.references,
		"/upgrades": a.upgrades, "/attempts": a.attempts, "/decisions": a.decisions, "/attempts/{id}/tripwires": a.tripwires,
		"/effort": a.efforts, "/synonyms": a.synonyms, "/assumptions": a.assumptions, "/assumptions/{id}/evidence": a.evidence, "/findings": a.findings,
		"/recurrences": a.recurrences, "/incidents": a.incidents, "/attempts/{id}/events": a.attemptEvents,
		"/incidents/{id}/events": a.incidentEvents, "/findings/{id}/events": a.findingEvents, "/lessons": a.lessons, "/reviews": a.reviews,
		"/actions": a.actions, "/environments/{id}/snapshots": a.snapshots,
	}
	described := make(map[string]List, len(lists)+1)
	described[basePath+"/search"] = List{Filters: searchFilters()}
	for path, list := range lists {
		described[basePath+path] = list.describe()
	}
	return described
}
