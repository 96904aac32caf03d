package handlers

import "math"

// alerting is the route that alerts are delivered to.
func (a *API) alerting() []Route {
	return []Route{{Method: "POST", Path: alertHookPath, BodyLimit: math.MaxInt64, handler: a.DeliverAlerts}}
}
