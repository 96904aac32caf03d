package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/jira"
)

const hookSecret = "It's a Secret to Everybody"

// site is a source under test.
type site struct {
	*apptest.Server
	id string
}

// source makes a source; members override the defaults, which are those of a Cloud site with one secret.
func source(t *testing.T, s *apptest.Server, members map[string]any) site {
	t.Helper()
	body := map[string]any{"name": "Tracker", "product": "jira_cloud", "auth": map[string]any{"kind": "hmac", "secret": hookSecret}}
	for name, value := range members {
		body[name] = value
	}
	made := s.Must(t, 201, "POST", "/api/v1/sources", body)
	return site{s, made.Text("id")}
}

// post sends bytes as Jira does; headers come in pairs and go before the signature.
func (s site) post(t *testing.T, query, body string, headers ...string) apptest.Answer {
	t.Helper()
	return s.send(t, "POST", query, body, append([]string{"X-Hub-Signature", jira.Sign([]byte(hookSecret), []byte(body))}, headers...)...)
}

func (s site) send(t *testing.T, method, query, body string, headers ...string) apptest.Answer {
	t.Helper()
	last := map[string]string{}
	for i := 0; i+1 < len(headers); i += 2 {
		last[headers[i]] = headers[i+1]
	}
	var sent []string
	for name, value := range last {
		if value != "" { // an empty one takes the header away
			sent = append(sent, name, value)
		}
	}
	return s.CallAs(t, "", method, "/api/v1/webhooks/jira/"+s.id+query, body, sent...)
}

// ok posts and wants a status word.
func (s site) ok(t *testing.T, want, body string, headers ...string) string {
	t.Helper()
	answer := s.post(t, "", body, headers...)
	if answer.Status != 200 || answer.Text("status") != want {
		t.Fatalf("posting = %d %s, want 200 %s", answer.Status, answer.Raw, want)
	}
	return answer.Text("delivery_id")
}

func (s site) drain(t *testing.T) {
	t.Helper()
	if _, err := s.Deliveries.Drain(context.Background()); err != nil {
		t.Fatalf("working on deliveries: %v", err)
	}
}

// became wants a delivery to have a status and a reason.
func (s site) became(t *testing.T, id, status, reason string) apptest.Answer {
	t.Helper()
	d := s.Must(t, 200, "GET", "/api/v1/deliveries/"+id, nil)
	if d.Text("status") != status || d.Text("reason") != reason {
		t.Errorf("%s is %s (%s), want %s (%s); error %q", id, d.Text("status"), d.Text("reason"), status, reason, d.Text("error"))
	}
	return d
}

// change is what an event of the tests says.
type change struct {
	event, id, key, summary, status, category, kind string
	labels                                          []string
	at                                              time.Time
	changelog                                       int
	items                                           string
	fields                                          string
	comment                                         string
}

var morning = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// issueEvent writes an event as Jira does.
func issueEvent(c change) string {
	if c.event == "" {
		c.event = "jira:issue_updated"
	}
	if c.id == "" {
		c.id = "10021"
	}
	if c.key == "" {
		c.key = "UPG-1"
	}
	if c.summary == "" {
		c.summary = "Sessions expire early"
	}
	if c.status == "" {
		c.status, c.category = "To Do", "new"
	}
	if c.kind == "" {
		c.kind = "Bug"
	}
	if c.at.IsZero() {
		c.at = morning
	}
	labels, _ := json.Marshal(append([]string{}, c.labels...))
	stamp := c.at.Format("2006-01-02T15:04:05.000-0700")
	body := fmt.Sprintf(`{"timestamp":%d,"webhookEvent":%q,"user":{"accountId":"557058:aa","displayName":"Somebody","emailAddress":"somebody@example.com"},
	"issue":{"id":%q,"self":"https://x.atlassian.net/rest/api/2/%s","key":%q,"fields":{"summary":%q,"description":"See *this*","issuetype":{"id":"1","name":%q},
	"project":{"id":"10000","key":%q},"status":{"name":%q,"statusCategory":{"key":%q}},"priority":{"name":"High","id":"2"},"labels":%s,
	"created":"2026-03-01T08:00:00.000+0000","updated":%q%s}}`, c.at.UnixMilli(), c.event, c.id, c.id, c.key, c.summary, c.kind, strings.Split(c.key, "-")[0], c.status, c.category, labels, stamp, c.fields)
	if c.changelog != 0 {
		body += fmt.Sprintf(`,"changelog":{"id":"%d","items":[%s]}`, c.changelog, c.items)
	}
	if c.comment != "" {
		body += `,"comment":` + c.comment
	}
	return body + "}"
}

func (s site) findings(t *testing.T) []any {
	t.Helper()
	items, _ := s.Must(t, 200, "GET", "/api/v1/findings?limit=200", nil).Body["items"].([]any)
	return items
}

// only wants exactly one finding and gives it.
func (s site) only(t *testing.T) apptest.Answer {
	t.Helper()
	items := s.findings(t)
	if len(items) != 1 {
		t.Fatalf("there are %d findings, want 1", len(items))
	}
	return s.Must(t, 200, "GET", "/api/v1/findings/"+items[0].(map[string]any)["id"].(string)+"?expand=references", nil)
}

func TestJira02ASignedDeliveryIsKeptByteForByte(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		body := "{\"webhookEvent\":\"jira:issue_created\",\r\n \"x\":\"\\u00e9 😀\",\"issue\":{\"id\":\"1\",\"key\":\"UPG-1\",\"self\":\"https://x.atlassian.net/rest/api/2/1\",\"fields\":{}}}"
		id := src.ok(t, "accepted", body, "X-Atlassian-Webhook-Identifier", "a")
		src.became(t, id, "received", "")
		var n int
		if _, err := fmt.Sscanf(id, "DLV-%d", &n); err != nil {
			t.Fatal(err)
		}
		row, err := s.Store.Read().Delivery.Get(context.Background(), n)
		if err != nil || !bytes.Equal(row.Raw, []byte(body)) {
			t.Errorf("kept %q, %v, want the bytes sent", row.Raw, err)
		}
		if _, signed := row.Headers["X-Hub-Signature"]; signed && !strings.Contains(fmt.Sprint(row.Headers["X-Hub-Signature"]), "redacted") && strings.Contains(fmt.Sprint(row.Headers), jira.Sign([]byte(hookSecret), []byte(body))) {
			t.Error("the signature is kept")
		}
	})
}

func TestJira03And04And05And06And14DeliveriesThatAreNotAuthentic(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		body := issueEvent(change{})
		good := jira.Sign([]byte(hookSecret), []byte(body))
		for claim, c := range map[string]struct {
			headers []string
			status  int
			code    string
		}{
			"03 no signature":         {nil, 401, "auth_missing"},
			"04 wrong digest":         {[]string{"X-Hub-Signature", "sha256=" + strings.Repeat("0", 64)}, 401, "signature_mismatch"},
			"05 wrong header":         {[]string{"X-Hub-Signature-256", good}, 401, "wrong_header"},
			"06 unsupported method":   {[]string{"X-Hub-Signature", "sha1=" + strings.Repeat("0", 40)}, 401, "unsupported_method"},
			"06 method in capitals":   {[]string{"X-Hub-Signature", strings.Replace(good, "sha256", "SHA256", 1)}, 200, ""},
			"a token is none of ours": {[]string{"Authorization", "Bearer x.y.z"}, 401, "auth_missing"},
		} {
			answer := src.send(t, "POST", "", body, c.headers...)
			if answer.Status != c.status || answer.Text("errors.0.code") != c.code {
				t.Errorf("%s: %d %s, want %d %s", claim, answer.Status, answer.Raw, c.status, c.code)
			}
			if answer.Status == 401 && answer.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: content type %q", claim, answer.Header.Get("Content-Type"))
			}
			if bytes.Contains(answer.Raw, []byte(good[7:])) || bytes.Contains(answer.Raw, []byte(hookSecret)) {
				t.Errorf("%s: the answer shows the digest or the secret", claim)
			}
		}
		if n := len(s.Must(t, 200, "GET", "/api/v1/deliveries", nil).Body["items"].([]any)); n != 1 {
			t.Errorf("%d rows, want only that of the authentic delivery", n)
		}
		for _, id := range []string{"SRC-999", "nonsense", "FND-1"} {
			if answer := (site{s, id}).post(t, "", body); answer.Status != 404 {
				t.Errorf("14 source %s: %d, want 404", id, answer.Status)
			}
		}
	})
}

func TestJira07EmptySecretsAreRefused(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		for claim, auth := range map[string]map[string]any{
			"empty": {"kind": "hmac", "secret": ""}, "none given": {"kind": "hmac"}, "no authentication beyond loopback": {"kind": "none"},
		} {
			answer := s.Call(t, "POST", "/api/v1/sources", map[string]any{"name": "x", "product": "jira_cloud", "auth": auth})
			if answer.Status != 422 || !strings.HasPrefix(answer.Text("errors.0.field"), "auth.") {
				t.Errorf("%s: %d %s, want 422 on auth", claim, answer.Status, answer.Raw)
			}
		}
		src := source(t, s, nil)
		if err := s.Store.Tx(context.Background(), emptySecrets); err != nil {
			t.Fatal(err)
		}
		answer := src.post(t, "", issueEvent(change{}))
		if answer.Status != 503 || answer.Header.Get("Retry-After") == "" {
			t.Errorf("a source whose secret is gone: %d %s, want 503 with Retry-After", answer.Status, answer.Raw)
		}
	})
}

func TestJira09RotationOverlaps(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		answer := s.Must(t, 200, "POST", "/api/v1/sources/"+src.id+"/rotate", map[string]any{"secret": "another", "overlap_hours": 2})
		if bytes.Contains(answer.Raw, []byte("another")) || bytes.Contains(answer.Raw, []byte("sealed")) {
			t.Errorf("the answer shows the secret: %s", answer.Raw)
		}
		old := src.ok(t, "accepted", issueEvent(change{}), "X-Atlassian-Webhook-Identifier", "a")
		if got, want := s.Must(t, 200, "GET", "/api/v1/deliveries/"+old, nil).Text("key_id"), answer.Text("keys.1.key_id"); got != want || got == "" {
			t.Errorf("key_id = %q, want that of the old key %q", got, want)
		}
		s.Clock.Move(3 * time.Hour)
		if got := src.post(t, "", issueEvent(change{}), "X-Atlassian-Webhook-Identifier", "b").Status; got != 401 {
			t.Errorf("after the overlap the old key answers %d, want 401", got)
		}
		body := issueEvent(change{})
		if got := src.send(t, "POST", "", body, "X-Hub-Signature", jira.Sign([]byte("another"), []byte(body))).Status; got != 200 {
			t.Errorf("the new key answers %d, want 200", got)
		}
	})
}

func TestJira10StaleDeliveriesAreSetAside(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		now := s.Clock.Now()
		stale := src.ok(t, "accepted", issueEvent(change{at: now.Add(-25 * time.Hour)}), "X-Atlassian-Webhook-Identifier", "a")
		fresh := src.ok(t, "accepted", issueEvent(change{id: "2", key: "UPG-2", at: now.Add(-23 * time.Hour)}), "X-Atlassian-Webhook-Identifier", "b")
		src.drain(t)
		src.became(t, stale, "quarantined", "stale")
		src.became(t, fresh, "applied", "")
		src.only(t)
	})
}

func TestJira12And13TokensAndNetworks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"product": "jira_automation", "auth": map[string]any{"kind": "header", "secret": "tok", "query_token": "t"}})
		body := `{"id":10021,"key":"UPG-1","self":"https://x.atlassian.net/rest/api/2/issue/10021","fields":{"summary":"Sessions","issuetype":{"name":"Bug"},"project":{"key":"UPG"},"labels":[],"status":{"name":"To Do","statusCategory":{"key":"new"}},"updated":"2026-03-02T08:00:00.000+0000"}}`
		if got := src.send(t, "POST", "", body).Status; got != 401 {
			t.Errorf("without a token: %d, want 401", got)
		}
		if got := src.send(t, "POST", "", body, "X-Webhook-Token", "tok").Status; got != 200 {
			t.Errorf("with the token: %d, want 200", got)
		}
		answer := src.send(t, "POST", "?t=tok", body+" ")
		if answer.Status != 200 {
			t.Fatalf("with the token in the query: %d, want 200", answer.Status)
		}
		if url := s.Must(t, 200, "GET", "/api/v1/deliveries/"+answer.Text("delivery_id"), nil).Text("url"); strings.Contains(url, "tok") {
			t.Errorf("the kept address %q shows the token", url)
		}
		src.drain(t)
		src.only(t)

		fenced := source(t, s, map[string]any{"cidrs": []string{"203.0.113.0/24"}})
		if got := fenced.post(t, "", body, "X-Forwarded-For", "203.0.113.9").Status; got != 403 {
			t.Errorf("13 outside the networks, with a forged header: %d, want 403", got)
		}
	})
}

func TestJira14PausedSourcesKeepAndWait(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"mode": "paused"})
		id := src.ok(t, "accepted", issueEvent(change{}))
		src.drain(t)
		src.became(t, id, "received", "")
		if n := len(src.findings(t)); n != 0 {
			t.Errorf("%d findings while paused", n)
		}
		s.Must(t, 200, "PATCH", "/api/v1/sources/"+src.id, map[string]any{"mode": "live"}, "Content-Type", "application/merge-patch+json")
		src.drain(t)
		src.became(t, id, "applied", "")
		src.only(t)
	})
}

func TestJira15And17And18And19And20And21And44And45And48Envelopes(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		for _, method := range []string{"GET", "PUT"} {
			answer := src.send(t, method, "", "")
			if answer.Status != 405 || !strings.Contains(answer.Header.Get("Allow"), "POST") {
				t.Errorf("15 %s: %d, Allow %q, want 405 with POST", method, answer.Status, answer.Header.Get("Allow"))
			}
		}
		for claim, c := range map[string]struct{ query, body, answer, status, reason string }{
			"17 empty body with an issue":   {"?issue=10021", "", "accepted", "quarantined", "needs_refetch"},
			"17 empty body without":         {"", "", "ignored", "ignored", "no_body"},
			"18 invalid JSON":               {"", `{"webhookEvent": "jira:issue_created"`, "accepted", "quarantined", "bad_json"},
			"19 a list":                     {"", `[1]`, "accepted", "quarantined", "not_object"},
			"19 a text":                     {"", `"x"`, "accepted", "quarantined", "not_object"},
			"19 null":                       {"", `null`, "accepted", "quarantined", "not_object"},
			"20 ten thousand deep":          {"", strings.Repeat("[", 10000) + strings.Repeat("]", 10000), "accepted", "quarantined", "too_deep"},
			"44 unknown event":              {"", `{"webhookEvent":"foo_bar","timestamp":1772438400000}`, "ignored", "ignored", "unknown_event"},
			"45 no event on a webhook":      {"", `{"id":1,"key":"UPG-1","fields":{}}`, "accepted", "quarantined", "no_event"},
			"48 an event that means little": {"", `{"webhookEvent":"sprint_closed","timestamp":1772438400000,"sprint":{"id":1}}`, "ignored", "ignored", "by_policy"},
		} {
			answer := src.post(t, c.query, c.body)
			if answer.Status != 200 || answer.Text("status") != c.answer {
				t.Errorf("%s: %d %s, want 200 %s", claim, answer.Status, answer.Raw, c.answer)
				continue
			}
			src.became(t, answer.Text("delivery_id"), c.status, c.reason)
		}
		nul := strings.Replace(issueEvent(change{id: "77", key: "UPG-77", summary: "NUL"}), `"NUL"`, `"a\u0000b"`, 1)
		id := src.ok(t, "accepted", nul)
		src.drain(t)
		src.became(t, id, "applied", "")
		if title := src.only(t).Text("title"); title != "ab" {
			t.Errorf("21 title %q, want the text without NUL", title)
		}
	})
}

func TestJira16OversizeIsRefusedAndNoted(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		answer := src.post(t, "?issue=10021", strings.Repeat(" ", jira.MaxBody+1), "X-Atlassian-Webhook-Identifier", "big")
		if answer.Status != 413 {
			t.Fatalf("26 MiB and a byte: %d, want 413", answer.Status)
		}
		entries, err := s.Store.Read().AuditEntry.Query().All(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		last := entries[len(entries)-1]
		if text, _ := json.Marshal(last.Changes); last.Action != "oversize" || !bytes.Contains(text, []byte("big")) || !bytes.Contains(text, []byte("10021")) {
			t.Errorf("the last audit entry is %s %s, want oversize with identifier and issue", last.Action, text)
		}
	})
}

func TestJira25And26And27And28And29DuplicatesAreCountedAndAppliedOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src, other := source(t, s, nil), source(t, s, map[string]any{"name": "Other"})
		const header = "X-Atlassian-Webhook-Identifier"
		body := issueEvent(change{changelog: 10, items: `{"field":"summary","fieldId":"summary"}`})
		first := src.ok(t, "accepted", body, header, "a")
		again := src.ok(t, "duplicate", body, header, "a", "X-Atlassian-Webhook-Retry", "3")
		if first != again {
			t.Errorf("25 a repeat is %s, want %s", again, first)
		}
		if d := s.Must(t, 200, "GET", "/api/v1/deliveries/"+first, nil); d.Text("seen") != "2" || d.Text("max_retry") != "3" {
			t.Errorf("25 seen %s, max_retry %s, want 2 and 3", d.Text("seen"), d.Text("max_retry"))
		}
		if elsewhere := other.ok(t, "accepted", body, header, "a"); elsewhere == first {
			t.Error("26 two sources share a delivery")
		}
		var all sync.WaitGroup
		words := make([]string, 50)
		for i := range words {
			all.Go(func() { words[i] = src.post(t, "", body, header, "many").Text("status") })
		}
		all.Wait()
		if n := strings.Count(strings.Join(words, " "), "accepted"); n != 1 || strings.Count(strings.Join(words, " "), "duplicate") != 49 {
			t.Errorf("27 of 50 at once %d were accepted: %v", n, words)
		}
		src.drain(t)
		second := src.ok(t, "accepted", body, header, "b")
		src.drain(t)
		src.became(t, second, "noop", "duplicate_change")
		version := src.only(t).Text("version")

		without := src.ok(t, "accepted", body+" ")
		if got := src.ok(t, "duplicate", body+" "); got != without {
			t.Errorf("28 the same body twice gives %s and %s", without, got)
		}
		later := strings.Replace(body, fmt.Sprint(morning.UnixMilli()), fmt.Sprint(morning.Add(time.Second).UnixMilli()), 1)
		apart := src.ok(t, "accepted", later)
		src.drain(t)
		src.became(t, apart, "noop", "duplicate_change")
		if now := src.only(t).Text("version"); now != version {
			t.Errorf("28 the record went from version %s to %s", version, now)
		}
	})
}

func TestJira30And38CommentsOnceWhicheverWayTheyCome(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		comment := `{"id":"252789","self":"https://x.atlassian.net/rest/api/2/issue/%s/comment/252789","body":"It is the *index*","created":"2026-03-02T08:10:00.000+0000","updated":"2026-03-02T08:10:00.000+0000","author":{"accountId":"557058:bb","emailAddress":"other@example.com"}}`
		src := source(t, s, nil)
		for i, order := range [][]int{{0, 1}, {1, 0}} {
			id := fmt.Sprint(500 + i)
			text := fmt.Sprintf(comment, id)
			bodies := []string{
				fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"comment_created","comment":%s}`, morning.UnixMilli(), text),
				issueEvent(change{id: id, key: "UPG-" + id, comment: text, at: morning}),
			}
			for _, n := range order {
				src.ok(t, "accepted", bodies[n])
				src.drain(t)
			}
			refs := s.Must(t, 200, "GET", "/api/v1/references?external_key=UPG-"+id, nil)
			events := s.Must(t, 200, "GET", "/api/v1/findings/"+refs.Text("items.0.target")+"/events", nil)
			items, _ := events.Body["items"].([]any)
			if len(items) != 1 || events.Text("items.0.text") != "It is the **index**" {
				t.Errorf("order %v: events %s, want the comment once", order, events.Raw)
			}
		}
	})
}

func TestJira31And32And34OrderAndTombstones(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		step := func(seconds int) time.Time { return morning.Add(time.Duration(seconds) * time.Second) }
		src.ok(t, "accepted", issueEvent(change{summary: "New title", at: step(100), status: "Done", category: "done"}))
		src.drain(t)
		src.ok(t, "accepted", issueEvent(change{event: "jira:issue_created", summary: "Old title", at: step(50), status: "In Progress", category: "indeterminate"}))
		src.drain(t)
		if f := src.only(t); f.Text("title") != "New title" || f.Text("status") != "resolved" {
			t.Errorf("31, 32: %s, want the newer title and state", f.Raw)
		}
		src.ok(t, "accepted", issueEvent(change{event: "jira:issue_deleted", at: step(300)}))
		src.drain(t)
		src.ok(t, "accepted", issueEvent(change{summary: "Too late", at: step(250)}))
		src.drain(t)
		f := src.only(t)
		if f.Text("references.0.role") != "deleted in Jira" {
			t.Errorf("34: role %q, want the link marked", f.Text("references.0.role"))
		}
		src.ok(t, "accepted", issueEvent(change{summary: "Back again", at: step(400)}))
		src.drain(t)
		if f := src.only(t); f.Text("title") != "Back again" || f.Text("references.0.role") != "tracked in" {
			t.Errorf("34: %s, want it revived", f.Raw)
		}
	})
}

func TestJira43AMoveKeepsTheRecordAndTheOldKey(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		src.ok(t, "accepted", issueEvent(change{}))
		src.ok(t, "accepted", issueEvent(change{key: "OPS-7", at: morning.Add(time.Minute), changelog: 5, items: `{"field":"Key","fromString":"UPG-1","toString":"OPS-7"}`}))
		src.drain(t)
		id := src.only(t).Text("id")
		for _, key := range []string{"UPG-1", "OPS-7"} {
			if got := s.Must(t, 200, "GET", "/api/v1/references?external_key="+key, nil).Text("items.0.target"); got != id {
				t.Errorf("%s leads to %q, want %s", key, got, id)
			}
		}
	})
}

func TestJira46And47ReleasesMarkAttempts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		service := s.Must(t, 201, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
		env := s.Must(t, 201, "POST", "/api/v1/environments", map[string]any{"name": "PROD", "kind": "production"}).Text("id")
		src := source(t, s, map[string]any{"site": "https://x.atlassian.net", "projects": map[string]any{"10000": service}})
		version := func(event string, released bool, at time.Time) string {
			return fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"jira:version_%s","version":{"id":"9","self":"https://x.atlassian.net/rest/api/2/version/9","name":"24.3.1","projectId":10000,"released":%t,"archived":false}}`, at.UnixMilli(), event, released)
		}
		src.ok(t, "accepted", version("released", true, morning))
		src.drain(t)
		attempts := s.Must(t, 200, "GET", "/api/v1/attempts?release_ref=24.3.1", nil)
		if attempts.Text("items.0.environment_id") != env || attempts.Text("items.0.status") != "planned" {
			t.Fatalf("46: %s, want a planned attempt", attempts.Raw)
		}
		row, err := s.Store.Read().Attempt.Query().Only(context.Background())
		if err != nil || row.ReleasedAt == nil {
			t.Fatalf("46: released_at is %v, %v, want a time", row, err)
		}
		src.ok(t, "accepted", version("unreleased", false, morning.Add(time.Minute)))
		src.drain(t)
		if row, err = s.Store.Read().Attempt.Query().Only(context.Background()); err != nil || row.ReleasedAt != nil {
			t.Errorf("47: released_at is %v, %v, want none", row.ReleasedAt, err)
		}
	})
}

func TestJira51And52And53And54RulesDryRunsAndRestriction(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		rules := map[string]any{"rules": []any{
			map[string]any{"name": "postmortem", "when": map[string]any{"projects": []string{"UPG"}, "labels_any": []string{"postmortem"}}, "then": map[string]any{"entity": "finding"}},
			map[string]any{"name": "all", "when": map[string]any{"labels_any": []string{"post*"}}, "then": map[string]any{"entity": "incident"}},
		}}
		src := source(t, s, map[string]any{"rules": rules})
		first := src.ok(t, "accepted", issueEvent(change{}))
		src.drain(t)
		src.became(t, first, "ignored", "no_rule")
		labelled := issueEvent(change{labels: []string{"postmortem"}, at: morning.Add(time.Minute)})
		src.ok(t, "accepted", labelled)
		src.drain(t)
		f := src.only(t)
		src.ok(t, "accepted", issueEvent(change{at: morning.Add(2 * time.Minute)}))
		src.drain(t)
		if now := src.only(t); now.Text("id") != f.Text("id") {
			t.Errorf("51: the finding went with the label")
		}
		explained := s.Must(t, 200, "POST", "/api/v1/sources/"+src.id+"/explain", issueEvent(change{id: "9", key: "UPG-9", labels: []string{"postmortem"}}))
		if explained.Text("decision.rule") != "postmortem" || explained.Text("decision.explain.1.matched") != "true" || explained.Text("decision.explain.1.chosen") != "false" {
			t.Errorf("52: %s, want the first rule chosen and both listed", explained.Raw)
		}

		dry := source(t, s, map[string]any{"name": "Dry", "mode": "dry_run"})
		id := dry.ok(t, "accepted", issueEvent(change{id: "31", key: "UPG-31"}))
		dry.drain(t)
		if d := dry.became(t, id, "noop", "dry_run"); d.Text("effects.0") == "" {
			t.Errorf("53: no effects are listed: %s", d.Raw)
		}
		dry.only(t)

		secret := source(t, s, map[string]any{"name": "Secret"})
		secret.ok(t, "accepted", issueEvent(change{id: "66", key: "UPG-66", summary: "Leak of keys", fields: `,"security":{"id":"1","name":"Staff"}`}))
		secret.drain(t)
		secret.ok(t, "accepted", fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"comment_created","comment":{"id":"1","self":"https://x.atlassian.net/rest/api/2/issue/66/comment/1","body":"Hidden remark","created":"2026-03-02T08:10:00.000+0000","updated":"2026-03-02T08:10:00.000+0000"}}`, morning.UnixMilli()))
		secret.drain(t)
		for _, path := range []string{"/findings", "/references", "/deliveries", "/incidents"} {
			if raw := s.Must(t, 200, "GET", "/api/v1"+path+"?limit=200", nil).Raw; bytes.Contains(raw, []byte("Leak of keys")) || bytes.Contains(raw, []byte("Hidden remark")) {
				t.Errorf("54: %s shows a restricted issue", path)
			}
		}
		if raw := s.Must(t, 200, "GET", "/api/v1/references?external_key=UPG-66", nil); raw.Text("items.0.target") == "" {
			t.Errorf("54: there is no link: %s", raw.Raw)
		}
	})
}

func TestJira59EchoesAreIgnored(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"bot_accounts": []string{"557058:aa"}})
		id := src.ok(t, "ignored", issueEvent(change{}))
		src.became(t, id, "ignored", "echo")
		human := strings.Replace(issueEvent(change{}), "557058:aa", "557058:zz", 1)
		src.ok(t, "accepted", human, "X-Atlassian-Webhook-Identifier", "h")
		src.drain(t)
		src.only(t)
	})
}

func TestJira65And70ReplayAndRetention(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		id := src.ok(t, "accepted", issueEvent(change{}))
		src.drain(t)
		version := src.only(t).Text("version")
		s.Must(t, 202, "POST", "/api/v1/deliveries/"+id+"/replay", nil)
		src.drain(t)
		src.became(t, id, "noop", "duplicate_change")
		if now := src.only(t).Text("version"); now != version {
			t.Errorf("65: the record went from version %s to %s", version, now)
		}
		if n := s.Must(t, 202, "POST", "/api/v1/deliveries/replay?status=noop", nil).Text("count"); n != "1" {
			t.Errorf("66: %s deliveries wait, want 1", n)
		}
		src.drain(t)
		if _, err := s.Services.Inbox.Retain(context.Background(), s.Clock.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		d := s.Must(t, 200, "GET", "/api/v1/deliveries/"+id, nil)
		if d.Text("replayable") != "false" || len(d.Text("sha256")) != 64 {
			t.Errorf("70: %s, want the hash without the body", d.Raw)
		}
		if got := s.Call(t, "POST", "/api/v1/deliveries/"+id+"/replay", nil).Status; got != 410 {
			t.Errorf("70: replay of a removed body = %d, want 410", got)
		}
	})
}

func TestJira49EveryCaptureIsTakenAndLeavesNoAddress(t *testing.T) {
	folder := filepath.Join(root(t), "..", "shared", "fixtures", "jira")
	names, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		for _, name := range names {
			body, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if answer := src.post(t, "", string(body), "X-Atlassian-Webhook-Identifier", filepath.Base(name)); answer.Status != 200 {
				t.Errorf("%s: %d %s", filepath.Base(name), answer.Status, answer.Raw)
			}
		}
		if _, err := s.Store.Writer().Exec("UPDATE deliveries SET status = 'received' WHERE reason = 'stale'"); err != nil {
			t.Fatal(err)
		}
		src.drain(t)
		rows, err := s.Store.Read().Delivery.Query().All(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for _, row := range rows {
			count[string(row.Status)+" "+row.Reason]++
			if row.Panics > 0 || row.Status == "dead" || row.Reason == "rejected" || row.Status == "received" || row.Status == "processing" {
				t.Errorf("%s is %s (%s): %s", row.DedupeKey, row.Status, row.Reason, row.Error)
			}
		}
		t.Log(count)
		for _, path := range []string{"/findings", "/actions", "/incidents", "/references", "/deliveries", "/attempts"} {
			if at := bytes.IndexByte(s.Must(t, 200, "GET", "/api/v1"+path+"?limit=200", nil).Raw, '@'); at >= 0 {
				raw := s.Must(t, 200, "GET", "/api/v1"+path+"?limit=200", nil).Raw
				t.Errorf("%s shows what may be an address: …%s…", path, raw[max(0, at-40):min(len(raw), at+40)])
			}
		}
	})
}
