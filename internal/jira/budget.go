package jira

import "time"

// Budget counts our writes to one issue. A loop between two systems writes more often than people do, so a sixth write within a
// minute is refused and the caller stops syncing that record until somebody looks. Keep it beside the record as JSON.
type Budget struct {
	Writes []time.Time `json:"writes,omitempty"`
}

// The budget: five writes in a minute.
const (
	budgetWrites = 5
	budgetWindow = time.Minute
)

// Spend asks for one write at a time and gives the budget as it is then. It answers false when the budget is used up.
func (b Budget) Spend(now time.Time) (Budget, bool) {
	var recent []time.Time
	for _, at := range b.Writes {
		if now.Sub(at) < budgetWindow {
			recent = append(recent, at)
		}
	}
	if len(recent) >= budgetWrites {
		return Budget{Writes: recent}, false
	}
	return Budget{Writes: append(recent, now)}, true
}
