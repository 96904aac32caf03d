package handlers

import "github.com/labstack/echo/v4"

// alertHookPath is where Alertmanager delivers; it takes no token of ours, as that of Jira.
const alertHookPath = basePath + "/webhooks/alertmanager/:source"

// DeliverAlerts handles POST /api/v1/webhooks/alertmanager/{source}.
//
//	@Summary		Deliver alerts of Prometheus
//	@Description	Takes what Alertmanager sends to a webhook, and records the alerts as readings of tripwires by the rules of the source. An alert in one state is read once, however often it is sent. It takes no token: the source says how a delivery proves itself.
//	@Tags			webhooks
//	@Param			source	path		string			true	"the source"
//	@Param			body	body		object			true	"the alerts, as Alertmanager sends them"
//	@Success		200		{object}	DeliveryReceipt	"what became of it"
//	@Router			/api/v1/webhooks/alertmanager/{source} [post]
func (a *API) DeliverAlerts(c echo.Context) error { return a.deliver(c, true) }
