// Package alert reads what Prometheus Alertmanager delivers and says which readings of which tripwires the alerts are. All of it
// is pure: taking deliveries in is left to package inbox, and writing readings to package alertsync.
package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"
)

// maxAlerts is how many alerts one delivery may bring.
const maxAlerts = 10_000

// Status says whether an alert holds.
type Status string

// The words of Status.
const (
	Firing   Status = "firing"
	Resolved Status = "resolved"
)

// Alert is one alert of a delivery.
type Alert struct {
	Status      Status            `json:"status"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	StartsAt    time.Time         `json:"startsAt"`
	EndsAt      time.Time         `json:"endsAt"`
	Fingerprint string            `json:"fingerprint"`
}

// Delivery is what Alertmanager sends: the alerts of one group.
type Delivery struct {
	Version string  `json:"version"`
	Status  Status  `json:"status"`
	Alerts  []Alert `json:"alerts"`
}

// ErrUnreadable is a body that is no delivery of Alertmanager.
var ErrUnreadable = errors.New("the body is no delivery of Alertmanager")

// Decode reads a delivery. Members that are not known are passed over, since Alertmanager adds some now and then.
func Decode(body []byte) (Delivery, error) {
	var d Delivery
	if err := json.Unmarshal(body, &d); err != nil || len(d.Alerts) == 0 || len(d.Alerts) > maxAlerts {
		return Delivery{}, ErrUnreadable
	}
	for _, a := range d.Alerts {
		if a.Status != Firing && a.Status != Resolved || len(a.Labels) == 0 || a.StartsAt.IsZero() {
			return Delivery{}, ErrUnreadable
		}
	}
	return d, nil
}

// Key names an alert in one of its states: it is equal however often that is sent.
func (a Alert) Key() string {
	return strings.Join([]string{a.fingerprint(), a.StartsAt.UTC().Format(time.RFC3339Nano), string(a.Status)}, " ")
}

// fingerprint is Alertmanager's own, or a hash of the labels where none was sent.
func (a Alert) fingerprint() string {
	const enough = 64
	if a.Fingerprint != "" && len(a.Fingerprint) <= enough {
		return a.Fingerprint
	}
	sum := sha256.New()
	for _, name := range sortedNames(a.Labels) {
		for _, part := range []string{name, a.Labels[name]} {
			sum.Write([]byte(part))
			sum.Write([]byte{0})
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// Key names what a delivery says, whatever the order of its alerts.
func (d Delivery) Key() string {
	keys := make([]string, len(d.Alerts))
	for i, a := range d.Alerts {
		keys[i] = a.Key()
	}
	slices.Sort(keys)
	sum := sha256.Sum256([]byte(strings.Join(slices.Compact(keys), "\n")))
	return "alerts:" + hex.EncodeToString(sum[:])
}

func sortedNames(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
