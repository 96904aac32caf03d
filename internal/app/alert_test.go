package app_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
)

// alerts is what Alertmanager sends for one alert.
func alerts(status, name, value string, start, end time.Time, labels map[string]string) map[string]any {
	all := map[string]string{"alertname": name}
	for label, text := range labels {
		all[label] = text
	}
	return map[string]any{
		"version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "hindcast", "groupLabels": map[string]string{}, "commonLabels": all,
		"commonAnnotations": map[string]string{}, "externalURL": "http://alertmanager.example.org",
		"alerts": []any{map[string]any{
			"status": status, "labels": all, "annotations": map[string]string{"value": value}, "startsAt": start, "endsAt": end, "generatorURL": "", "fingerprint": "f-" + name,
		}},
	}
}

// alertSource adds a source of alerts and gives its id and the path it delivers to.
func (s teller) alertSource(auth map[string]any, more map[string]any) (id, path string) {
	s.t.Helper()
	body := map[string]any{"name": "Monitoring", "product": "alertmanager", "auth": auth}
	for name, v := range more {
		body[name] = v
	}
	made := s.Must(s.t, http.StatusCreated, "POST", api+"/sources", body)
	return made.Text("id"), strings.TrimPrefix(made.Text("ingest_url"), "http://hindcast.test")
}

// works applies what was delivered.
func (s teller) works() {
	s.t.Helper()
	if _, err := s.Deliveries.Drain(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

func (s teller) armedWire(attempt, signal string) string {
	s.t.Helper()
	wire := s.add("/attempts/"+attempt+"/tripwires", map[string]any{"signal": signal, "comparator": "gt", "threshold": 200, "then": "rollback", "agreed_by": "tech lead"})
	s.move("/tripwires/"+wire, "armed", s.Clock.Now())
	return wire
}

func (s teller) readings(wire string) []any {
	s.t.Helper()
	return s.Must(s.t, http.StatusOK, "GET", api+"/tripwires/"+wire+"/readings", nil).Body["items"].([]any)
}

func TestAnAlertIsReadOnceAndTripsTheWire(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod})
		wire, other := s.armedWire(attempt, "Database processes"), s.armedWire(attempt, "Logins")
		id, path := s.alertSource(map[string]any{"kind": "bearer", "secret": "a long random text"}, map[string]any{"alerts": []any{
			map[string]any{"match": map[string]string{"alertname": "DatabaseProcesses"}, "signal": "database processes", "resolved": 0},
		}})
		if !strings.HasSuffix(path, "/webhooks/alertmanager/"+id) {
			t.Errorf("the source is delivered to at %s", path)
		}
		send := func(body map[string]any, status int, want string) apptest.Answer {
			t.Helper()
			answer := s.CallAs(t, "", "POST", path, body, "Authorization", "Bearer a long random text")
			if answer.Status != status || answer.Text("status") != want {
				t.Fatalf("the delivery is answered with %d %s, want %d %s", answer.Status, answer.Raw, status, want)
			}
			s.works()
			return answer
		}
		for name, answer := range map[string]apptest.Answer{
			"no token":        s.CallAs(t, "", "POST", path, map[string]any{}),
			"another token":   s.CallAs(t, "", "POST", path, map[string]any{}, "Authorization", "Bearer another"),
			"a token of ours": s.Call(t, "POST", path, map[string]any{}),
		} {
			if answer.Status != http.StatusUnauthorized {
				t.Errorf("%s: %d, want 401", name, answer.Status)
			}
		}
		if answer := s.CallAs(t, "", "POST", api+"/webhooks/jira/"+id, map[string]any{}, "Authorization", "Bearer a long random text"); answer.Status != http.StatusNotFound {
			t.Errorf("at the address of Jira: %d, want 404", answer.Status)
		}

		s.Clock.Move(time.Hour)
		start := s.Clock.Now().Add(-time.Minute).UTC().Truncate(time.Second)
		calm := send(alerts("firing", "DatabaseProcesses", "150", start, time.Time{}, nil), 200, "accepted")
		if got := s.readings(wire); len(got) != 1 || got[0].(map[string]any)["value"] != 150.0 || got[0].(map[string]any)["at"] != start.Format(time.RFC3339) || got[0].(map[string]any)["created_by"] != "system:alertmanager" {
			t.Fatalf("the readings are %v, want 150 at %s", got, start)
		}
		delivery := s.Must(t, http.StatusOK, "GET", api+"/deliveries/"+calm.Text("delivery_id"), nil)
		s.wants(delivery, map[string]string{"status": "applied", "effects.0": wire, "event": "firing"})
		if strings.Contains(string(delivery.Raw), "long random") {
			t.Errorf("the delivery shows its token: %s", delivery.Raw)
		}
		send(alerts("firing", "DatabaseProcesses", "150", start, time.Time{}, nil), 200, "duplicate")
		// The same alert within a group of others comes in another delivery, and is still no other reading.
		group := alerts("firing", "DatabaseProcesses", "150", start, time.Time{}, nil)
		group["alerts"] = append(group["alerts"].([]any), alerts("firing", "Elsewhere", "1", start, time.Time{}, nil)["alerts"].([]any)...)
		send(group, 200, "accepted")
		if got := s.readings(wire); len(got) != 1 {
			t.Errorf("an alert sent three times gives the readings %v", got)
		}
		send(alerts("resolved", "DatabaseProcesses", "150", start, start.Add(30*time.Second), nil), 200, "accepted")
		send(alerts("firing", "DatabaseProcesses", "412", start.Add(40*time.Second), time.Time{}, nil), 200, "accepted")
		tripped := s.Must(t, http.StatusOK, "GET", api+"/tripwires/"+wire, nil)
		s.wants(tripped, map[string]string{"status": "tripped", "tripped_at": start.Add(40 * time.Second).Format(time.RFC3339)})
		if got := s.readings(wire); len(got) != 3 {
			t.Errorf("fired, resolved and fired again give the readings %v", got)
		}
		if got := s.readings(other); len(got) != 0 {
			t.Errorf("another wire has the readings %v", got)
		}
		bad := send(map[string]any{"alerts": []any{}}, 200, "accepted")
		s.wants(s.Must(t, http.StatusOK, "GET", api+"/deliveries/"+bad.Text("delivery_id"), nil), map[string]string{"status": "quarantined", "reason": "no_alerts"})
		s.Must(t, http.StatusConflict, "POST", api+"/sources/"+id+"/explain", map[string]any{})
	})
}

func TestAnAlertThatCameTooEarlyIsReadOnceTheWireIsArmed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		g := s.stage("dependency")
		attempt := s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod})
		_, path := s.alertSource(map[string]any{"kind": "header", "secret": "a long random text", "header": "X-Alert-Token"}, nil)
		body := alerts("firing", "Logins", "300", s.Clock.Now().Add(-time.Hour), time.Time{}, nil)
		send := func() apptest.Answer {
			t.Helper()
			answer := s.CallAs(t, "", "POST", path, body, "X-Alert-Token", "a long random text")
			s.works()
			return s.Must(t, http.StatusOK, "GET", api+"/deliveries/"+answer.Text("delivery_id"), nil)
		}
		s.wants(send(), map[string]string{"status": "ignored", "reason": "no_tripwire"})
		wire := s.armedWire(attempt, "Logins")
		armed := s.Must(t, http.StatusOK, "GET", api+"/tripwires/"+wire, nil).Text("armed_at")
		s.Clock.Move(time.Minute)
		s.wants(send(), map[string]string{"status": "applied", "effects.0": wire}) // Alertmanager repeats what still holds
		s.wants(s.Must(t, http.StatusOK, "GET", api+"/tripwires/"+wire, nil), map[string]string{"status": "tripped", "tripped_at": armed})
		send()
		if got := s.readings(wire); len(got) != 1 {
			t.Errorf("repeated, the alert gives the readings %v", got)
		}
		named := s.armedWire(attempt, "Something else")
		body = alerts("firing", "Unheard", "201", s.Clock.Now(), time.Time{}, map[string]string{"tripwire": named})
		s.wants(send(), map[string]string{"status": "applied", "effects.0": named})
	})
}

func TestASourceOfAlertsIsChecked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, server *apptest.Server) {
		s := teller{server, t}
		token := map[string]any{"kind": "bearer", "secret": "a long random text"}
		for field, body := range map[string]map[string]any{
			"auth.kind":             {"product": "alertmanager", "auth": map[string]any{"kind": "hmac", "secret": "a long random text"}},
			"alerts":                {"product": "jira_cloud", "auth": token, "alerts": []any{map[string]any{"signal": "x"}}},
			"alerts[0].tripwire_id": {"product": "alertmanager", "auth": token, "alerts": []any{map[string]any{"tripwire_id": "FND-1"}}},
		} {
			body["name"] = "Monitoring"
			if answer := s.Call(t, "POST", api+"/sources", body); answer.Status != http.StatusUnprocessableEntity || answer.Text("errors.0.field") != field {
				t.Errorf("%s: %d %s", field, answer.Status, answer.Raw)
			}
		}
		id, path := s.alertSource(token, map[string]any{"mode": "dry_run", "alerts": []any{map[string]any{"signal": "x", "firing": 300}}})
		g := s.stage("dependency")
		wire := s.armedWire(s.add("/attempts", map[string]any{"upgrade_id": g.upgrade, "environment_id": g.prod}), "x")
		answer := s.CallAs(t, "", "POST", path, alerts("firing", "A", "", s.Clock.Now(), time.Time{}, nil), "Authorization", "Bearer a long random text")
		s.works()
		s.wants(s.Must(t, http.StatusOK, "GET", api+"/deliveries/"+answer.Text("delivery_id"), nil), map[string]string{"status": "noop", "reason": "dry_run", "effects.0": wire})
		if got := s.readings(wire); len(got) != 0 {
			t.Errorf("a dry run wrote %v", got)
		}
		source := s.Must(t, http.StatusOK, "PATCH", api+"/sources/"+id, map[string]any{"alerts": nil}, "Content-Type", "application/merge-patch+json")
		s.wants(source, map[string]string{"alerts.0.signal": "", "product": "alertmanager"})
	})
}
