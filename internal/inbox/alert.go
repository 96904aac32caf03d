package inbox

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/internal/alert"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Reasons for which a delivery of Alertmanager is set aside.
const (
	// ReasonNoAlerts is a body that cannot be read.
	ReasonNoAlerts = "no_alerts"
	// ReasonNoTripwire is an alert that no tripwire waits for. Alertmanager sends it again while it holds, so it is tried anew.
	ReasonNoTripwire = "no_tripwire"
)

// isAlerts says whether a source sends alerts.
func isAlerts(source *ent.Source) bool { return source.Product == vocab.SourceProductAlertmanager }

// Alerts reads a delivery of Alertmanager back.
func Alerts(d *ent.Delivery) (alert.Delivery, error) {
	body, err := jira.Unpack(d.Raw, d.Encoding, jira.MaxBody)
	if err != nil {
		return alert.Delivery{}, err
	}
	return alert.Decode(body)
}

// plainBearer makes a bearer token of Alertmanager what it is: a fixed text, where Jira sends signed ones.
func plainBearer(a jira.Auth) jira.Auth {
	if a.Kind != jira.AuthBearer {
		return a
	}
	a.Kind, a.Header, a.QueryToken = jira.AuthHeader, "Authorization", ""
	return a
}

// describeAlerts notes what a delivery of Alertmanager is about. Those of one source are applied one after another.
func describeAlerts(d *ent.Delivery, source *ent.Source, body []byte) {
	d.Lane = vocab.Source.ID(source.ID).String() + " alerts"
	alerts, err := alert.Decode(body)
	if err != nil {
		aside(d, vocab.DeliveryStatusQuarantined, ReasonNoAlerts)
		return
	}
	d.Event = clip(string(alerts.Status), 120)
	d.DedupeKey = alerts.Key()
}

// offerAgain lets a delivery be applied anew for which there was no tripwire when it first came.
func (b *Inbox) offerAgain(ctx context.Context, id int) error {
	offered := 0
	err := b.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var err error
		offered, err = b.requeue(tx.Client().Delivery.Update().Where(
			delivery.ID(id), delivery.Reason(ReasonNoTripwire), delivery.RawGone(false),
			delivery.StatusIn(vocab.DeliveryStatusIgnored, vocab.DeliveryStatusApplied))).Save(ctx)
		return err
	})
	if offered > 0 {
		b.Wake()
	}
	return err
}

// checkAlerts notes what is wrong with a source of alerts, or with the alerts of a source that sends none.
func checkAlerts(in SourceInput, c *fault.Check) {
	if in.Product == vocab.SourceProductAlertmanager {
		alert.Check(c, in.Alerts)
		if in.Auth.Kind == vocab.SourceAuthHMAC {
			c.Add("auth.kind", "not_allowed", "must be bearer, header or none: Alertmanager signs nothing")
		}
		return
	}
	if len(in.Alerts) > 0 {
		c.Add("alerts", "not_allowed", "is for the product alertmanager only")
	}
}
