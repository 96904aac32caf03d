package handlers

import (
	"errors"
	"io"
	"net/http"
	"net/netip"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// jiraHookPath is where Jira delivers. It takes no token of ours: each source has its own way to prove itself, over the bytes as
// they were sent, so nothing may decompress or read them before.
const jiraHookPath = basePath + "/webhooks/jira/:source"

// hookRetry is when a sender is asked to come again while storage is down.
const hookRetry = 30 * time.Second

// isHook says whether the request is a delivery.
func isHook(c echo.Context) bool { return c.Path() == jiraHookPath || c.Path() == alertHookPath }

// DeliveryReceipt says what became of a delivery.
type DeliveryReceipt struct {
	// Names the delivery that keeps what was sent.
	DeliveryID vocab.ID `json:"delivery_id" swaggertype:"string" example:"DLV-9"`
	// Whether it was new, had been sent before, or is kept and not looked at further.
	Status string `json:"status" example:"accepted" enums:"accepted,duplicate,ignored" maxLength:"20"`
}

// DeliverJira handles POST /api/v1/webhooks/jira/{source}.
//
//	@Summary		Deliver an event of Jira
//	@Description	Keeps what was sent, byte for byte, before it is applied. The same delivery sent again is a duplicate and no error. It takes no token: the source says how a delivery proves itself.
//	@Tags			webhooks
//	@Param			source	path		string			true	"the source"
//	@Param			body	body		object			true	"the event, as Jira sends it"
//	@Success		200		{object}	DeliveryReceipt	"what became of it"
//	@Router			/api/v1/webhooks/jira/{source} [post]
func (a *API) DeliverJira(c echo.Context) error { return a.deliver(c, false) }

// deliver takes a delivery of Jira, or one of Alertmanager.
func (a *API) deliver(c echo.Context, alerts bool) error {
	r := c.Request()
	number := 0 // names no source
	if id, err := vocab.ParseID(c.Param("source")); err == nil && id.Is(vocab.Source) {
		number = id.N
	}
	body, err := jira.ReadBody(r.Body, jira.MaxBody)
	ctx := r.Context()
	switch {
	case errors.Is(err, jira.ErrTooLarge) || fault.Is(err, fault.TooLarge):
		_, _ = io.CopyN(io.Discard, r.Body, 1<<20) // so that a sender of a little more reads our answer
		if err := a.Inbox.Oversize(ctx, number, r.Header.Get(jira.IdentifierHeader), c.QueryParam("issue")); err != nil {
			return hookFault(err)
		}
		return tooLarge(jira.MaxBody)
	case err != nil:
		return bodyFault(err)
	}
	receipt, err := a.Inbox.Accept(ctx, inbox.Message{
		Source: number, Alerts: alerts, Header: r.Header, URL: r.URL, Body: body,
		Peer: jira.Peer(r.RemoteAddr, r.Header.Values(echo.HeaderXForwardedFor), a.proxies),
	})
	if err != nil {
		a.metrics.deliveries.WithLabelValues(refusalCode(err)).Inc()
		return hookFault(err)
	}
	a.metrics.deliveries.WithLabelValues(receipt.Status).Inc()
	a.metrics.keys.WithLabelValues(receipt.Source.String(), receipt.KeyID).Inc()
	return c.JSON(http.StatusOK, DeliveryReceipt{receipt.ID, receipt.Status})
}

// refusalCode is why a delivery was refused, in one word.
func refusalCode(err error) string {
	f := faultOf(err)
	if len(f.Fields) > 0 && f.Fields[0].Code != "" {
		return f.Fields[0].Code
	}
	switch f.Kind {
	case fault.NotFound:
		return "unknown_source"
	case fault.Forbidden:
		return "network_refused"
	case fault.TooLarge:
		return "too_large"
	case fault.Unavailable:
		return "shed"
	}
	return "unavailable"
}

// hookFault makes every failure that is ours one that the sender tries again: Jira gives up on any other status.
func hookFault(err error) error {
	switch kind := faultOf(err).Kind; kind {
	case fault.Unauthenticated, fault.Forbidden, fault.NotFound, fault.TooLarge:
		return err
	case fault.Unavailable:
		if f := faultOf(err); f.RetryAfter > 0 {
			return err
		}
	}
	f := fault.Wrap(fault.Unavailable, err, "the delivery cannot be kept for now; send it again")
	f.RetryAfter = hookRetry
	return f
}

// trustedNetworks reads networks that were checked with the settings.
func trustedNetworks(list []string) []netip.Prefix {
	var out []netip.Prefix
	for _, text := range list {
		if p, err := netip.ParsePrefix(text); err == nil {
			out = append(out, p)
		}
	}
	return out
}
