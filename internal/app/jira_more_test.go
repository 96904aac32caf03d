package app_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/jira/fakejira"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// found is the finding of an issue, with its references.
func (s site) found(t *testing.T, key string) apptest.Answer {
	t.Helper()
	refs := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+key, nil)
	if refs.Text("items.0.target") == "" {
		t.Fatalf("there is no record of %s", key)
	}
	return s.Must(t, 200, "GET", "/api/v1/findings/"+refs.Text("items.0.target")+"?expand=references", nil)
}

func TestJira01And08SignaturesCoverTheBytesThatWereSent(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		const vector = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
		if got := src.send(t, "POST", "", "Hello World!", "X-Hub-Signature", vector); got.Status != 200 {
			t.Errorf("01 the published vector: %d %s, want 200", got.Status, got.Raw)
		}
		if got := src.send(t, "POST", "", "Hello World?", "X-Hub-Signature", vector); got.Status != 401 {
			t.Errorf("01 one byte changed: %d, want 401", got.Status)
		}
		src.ok(t, "accepted", strings.Replace(issueEvent(change{}), "Sessions", "S\\u00e9ssions 😀", 1)+"\r\n")
		src.drain(t)
		if title := src.only(t).Text("title"); title != "Séssions 😀 expire early" {
			t.Errorf("08 the title is %q", title)
		}
	})
}

func TestJira11BearerTokensOfDynamicWebhooks(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"auth": map[string]any{"kind": "bearer", "secret": "client secret"}})
		sign := func(method jwt.SigningMethod, key any, expires time.Duration) string {
			token, err := jwt.NewWithClaims(method, jwt.MapClaims{"iss": "app", "exp": s.Clock.Now().Add(expires).Unix()}).SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			return token
		}
		for claim, c := range map[string]struct {
			token  string
			status int
		}{
			"signed by the client secret": {sign(jwt.SigningMethodHS256, []byte("client secret"), time.Hour), 200},
			"none":                        {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, time.Hour), 401},
			"another method":              {sign(jwt.SigningMethodHS512, []byte("client secret"), time.Hour), 401},
			"expired":                     {sign(jwt.SigningMethodHS256, []byte("client secret"), -time.Hour), 401},
			"another key":                 {sign(jwt.SigningMethodHS256, []byte("public key"), time.Hour), 401},
			"no token at all":             {"x", 401},
		} {
			if got := src.send(t, "POST", "", issueEvent(change{}), "Authorization", "Bearer "+c.token, "X-Atlassian-Webhook-Identifier", claim); got.Status != c.status {
				t.Errorf("%s: %d %s, want %d", claim, got.Status, got.Raw, c.status)
			}
		}
	})
}

func TestJira13OnlyTheNamedNetworksMayDeliver(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		outside := source(t, s, map[string]any{"name": "Outside", "cidrs": []string{"203.0.113.0/24"}})
		for _, forwarded := range []string{"", "203.0.113.9", "203.0.113.9, 127.0.0.1"} {
			if got := outside.post(t, "", issueEvent(change{}), "X-Forwarded-For", forwarded); got.Status != 403 {
				t.Errorf("from outside with X-Forwarded-For %q: %d, want 403", forwarded, got.Status)
			}
		}
		if n := s.Must(t, 200, "GET", "/api/v1/deliveries", nil).Body["items"].([]any); len(n) != 0 {
			t.Errorf("%d rows, want none", len(n))
		}
		inside := source(t, s, map[string]any{"name": "Inside", "cidrs": []string{"127.0.0.0/8", "::1/128"}})
		inside.ok(t, "accepted", issueEvent(change{}), "X-Forwarded-For", "203.0.113.9")
	})
}

func TestJira22OtherTypesAndEncodings(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		pack := func(text string) string {
			var out bytes.Buffer
			w := gzip.NewWriter(&out)
			_, _ = w.Write([]byte(text))
			_ = w.Close()
			return out.String()
		}
		src.ok(t, "accepted", issueEvent(change{id: "1", key: "UPG-1"}), "Content-Type", "text/plain")
		packed := src.ok(t, "accepted", pack(issueEvent(change{id: "2", key: "UPG-2"})), "Content-Encoding", "gzip")
		src.drain(t)
		if n := len(src.findings(t)); n != 2 {
			t.Errorf("%d findings, want that of the text and that of the packed body", n)
		}
		src.became(t, packed, "applied", "")
		if got := src.post(t, "", pack(strings.Repeat(" ", jira.MaxBody+1)), "Content-Encoding", "gzip"); got.Status != 413 {
			t.Errorf("a bomb: %d, want 413", got.Status)
		}
		broken := src.ok(t, "accepted", "no gzip at all", "Content-Encoding", "gzip")
		src.became(t, broken, "quarantined", "bad_encoding")
	})
}

func TestJira23WithoutTheDatabaseTheSenderIsAskedToComeAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		// A lock that is never given is what a database that hangs looks like.
		tx, err := s.Store.Writer().Begin()
		if err != nil {
			t.Fatal(err)
		}
		lock := "LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE"
		if s.Store.Dialect() == store.SQLite {
			lock = "UPDATE sources SET rate = rate"
		}
		if _, err := tx.Exec(lock); err != nil {
			t.Fatal(err)
		}
		got := src.post(t, "", issueEvent(change{}), "X-Atlassian-Webhook-Identifier", "a")
		if got.Status != 503 || got.Header.Get("Retry-After") == "" || got.Header.Get("Content-Type") != "application/problem+json" || bytes.Contains(got.Raw, []byte("goroutine")) {
			t.Errorf("without the database: %d %s, Retry-After %q, want 503 with it", got.Status, got.Raw, got.Header.Get("Retry-After"))
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		src.ok(t, "accepted", issueEvent(change{}), "X-Atlassian-Webhook-Identifier", "a", "X-Atlassian-Webhook-Retry", "1")
		src.drain(t)
		src.only(t)
	})
}

func TestJira24And27ManyAtOnceAreKeptEach(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		var all sync.WaitGroup
		answers := make([]apptest.Answer, 100)
		for i := range answers {
			header := fmt.Sprint("each ", i)
			if i%2 == 1 {
				header = "the same"
			}
			all.Go(func() {
				answers[i] = src.post(t, "", issueEvent(change{id: "10021"}), "X-Atlassian-Webhook-Identifier", header)
			})
		}
		all.Wait()
		for i, got := range answers {
			if got.Status != 200 {
				t.Errorf("delivery %d: %d %s", i, got.Status, got.Raw)
			}
		}
		n, err := s.Store.Read().Delivery.Query().Count(context.Background())
		if err != nil || n != 51 {
			t.Errorf("%d rows, %v, want 50 of their own and one for the 50 that were the same", n, err)
		}
		src.drain(t)
		if f := src.only(t); f.Text("version") != "1" {
			t.Errorf("27 it was applied more than once: version %s", f.Text("version"))
		}
	})
}

func TestJira33TheLaterChangeOfOneMomentWins(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		for i, order := range [][]int{{10, 11}, {11, 10}} {
			id := fmt.Sprint(700 + i)
			for _, n := range order {
				src.ok(t, "accepted", issueEvent(change{id: id, key: "UPG-" + id, summary: fmt.Sprint("Change ", n), changelog: n, items: `{"field":"summary","fieldId":"summary"}`}))
				src.drain(t)
			}
			if title := src.found(t, "UPG-"+id).Text("title"); title != "Change 11" {
				t.Errorf("order %v: %q, want what change 11 said", order, title)
			}
		}
	})
}

func linkEvent(event string, id, from, to int, kind string) string {
	return fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"issuelink_%s","issueLink":{"id":%d,"sourceIssueId":%d,"destinationIssueId":%d,"issueLinkType":{"id":1,"name":%q}}}`,
		morning.UnixMilli(), event, id, from, to, kind)
}

func commentEvent(event, issue, id, body, fields string) string {
	with := ""
	if fields != "" {
		with = fmt.Sprintf(`,"issue":{"id":%q,"self":"https://x.atlassian.net/rest/api/2/%s","key":"UPG-%s","fields":%s}`, issue, issue, issue, fields)
	}
	return fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"comment_%s","comment":{"id":%q,"self":"https://x.atlassian.net/rest/api/2/issue/%s/comment/%s","body":%q,"created":"2026-03-02T08:10:00.000+0000","updated":"2026-03-02T08:10:00.000+0000","author":{"accountId":"557058:bb"}}%s}`,
		morning.UnixMilli(), event, id, issue, id, body, with)
}

func TestJira35TheFallOutOfADeletionIsQuiet(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		src.ok(t, "accepted", issueEvent(change{id: "35", key: "UPG-35"}))
		for i := range 3 {
			src.ok(t, "accepted", commentEvent("created", "35", fmt.Sprint(i+1), "A remark", ""))
		}
		src.ok(t, "accepted", issueEvent(change{event: "jira:issue_deleted", id: "35", key: "UPG-35", at: morning.Add(time.Minute)}))
		src.drain(t)
		var fallOut []string
		for i := range 3 {
			fallOut = append(fallOut, src.ok(t, "accepted", commentEvent("deleted", "35", fmt.Sprint(i+1), "A remark", "")))
		}
		for i := range 2 {
			fallOut = append(fallOut, src.ok(t, "accepted", linkEvent("deleted", i+1, 35, 35, "Blocks")))
		}
		before := src.found(t, "UPG-35").Text("version")
		src.drain(t)
		for _, id := range fallOut {
			if d := s.Must(t, 200, "GET", "/api/v1/deliveries/"+id, nil); d.Text("status") != "noop" || d.Text("error") != "" {
				t.Errorf("%s is %s (%s) %q, want noop", id, d.Text("status"), d.Text("reason"), d.Text("error"))
			}
		}
		f := src.found(t, "UPG-35")
		events := s.Must(t, 200, "GET", "/api/v1/findings/"+f.Text("id")+"/events", nil).Body["items"].([]any)
		if f.Text("version") != before || f.Text("observed") != "See **this**" || f.Text("references.0.role") != "deleted in Jira" || len(events) != 3 {
			t.Errorf("the finding is %s with %d events, want its text and its comments", f.Raw, len(events))
		}
	})
}

func TestJira36AnEpicThatIsLinkedAgain(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		rules := map[string]any{"rules": []any{map[string]any{"name": "linked", "when": map[string]any{"link_types": []string{"Epic*"}}, "then": map[string]any{"entity": "finding"}}}}
		src := source(t, s, map[string]any{"rules": rules, "site": "https://x.atlassian.net"})
		for i, order := range [][]string{{"c2", "d1"}, {"d1", "c2"}} {
			id := 360 + i
			body := issueEvent(change{id: fmt.Sprint(id), key: fmt.Sprint("UPG-", id)})
			src.ok(t, "accepted", body)
			src.ok(t, "accepted", linkEvent("created", 10*id+1, id, 1, "Epic One"))
			src.drain(t)
			for _, step := range order {
				if step == "c2" {
					src.ok(t, "accepted", linkEvent("created", 10*id+2, id, 2, "Epic Two"))
				} else {
					src.ok(t, "accepted", linkEvent("deleted", 10*id+1, id, 1, "Epic One"))
				}
				src.drain(t)
			}
			got := s.Must(t, 200, "POST", "/api/v1/sources/"+src.id+"/explain", body)
			if got.Text("decision.explain.0.conditions.0.got") != `["Epic Two"]` {
				t.Errorf("order %v: the issue is linked by %s, want the second link alone", order, got.Text("decision.explain.0.conditions.0.got"))
			}
		}
	})
}

func TestJira37CommentsDoNotTouchWhatTheyDoNotTell(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		src.ok(t, "accepted", issueEvent(change{id: "37", key: "UPG-37", labels: []string{"persistence", "sev-critical"}}))
		src.drain(t)
		before := src.found(t, "UPG-37")
		six := `{"summary":"Sessions expire early","issuetype":{"name":"Bug"},"project":{"id":"10000","key":"UPG"},"assignee":null,"priority":{"name":"Low"},"status":{"name":"To Do","statusCategory":{"key":"new"}}}`
		src.ok(t, "accepted", commentEvent("created", "37", "9", "Seen again", six))
		src.drain(t)
		after := src.found(t, "UPG-37")
		for _, member := range []string{"tags", "severity", "priority", "observed", "version"} {
			if before.Text(member) != after.Text(member) {
				t.Errorf("%s went from %s to %s", member, before.Text(member), after.Text(member))
			}
		}
		if events := s.Must(t, 200, "GET", "/api/v1/findings/"+after.Text("id")+"/events", nil); events.Text("items.0.text") != "Seen again" {
			t.Errorf("the comment is not there: %s", events.Raw)
		}
	})
}

func TestJira39And40SitesAndIDsOfEveryForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		for self, want := range map[string]string{
			"https://x.atlassian.net/rest/api/2/10021": "https://x.atlassian.net/browse/KAN-22",
			"https://h/jira/rest/api/2/issue/1":        "https://h/jira/browse/KAN-22",
		} {
			body := strings.Replace(issueEvent(change{id: "10021", key: "KAN-22"}), "https://x.atlassian.net/rest/api/2/10021", self, 1)
			src.ok(t, "accepted", body, "X-Atlassian-Webhook-Identifier", self)
			src.drain(t)
			refs := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key=KAN-22&sort=-created_at", nil)
			if got := refs.Text("items.0.url"); got != want {
				t.Errorf("39 %s leads to %s, want %s", self, got, want)
			}
		}
		service := s.Must(t, 201, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
		typed := source(t, s, map[string]any{"name": "Typed", "projects": map[string]any{"10601": service}})
		for i, changelog := range []string{`{"id":"10124","items":[]}`, `{"id":10124,"items":[]}`, `null`} {
			for _, project := range []string{`10601`, `"10601"`} {
				id := fmt.Sprint(4000 + 10*i + len(project))
				body := issueEvent(change{id: id, key: "KAN-" + id})
				body = strings.Replace(body, `"project":{"id":"10000"`, `"project":{"id":`+project, 1)
				body = strings.TrimSuffix(body, "}") + `,"changelog":` + changelog + "}"
				delivered := typed.ok(t, "accepted", body)
				typed.drain(t)
				typed.became(t, delivered, "applied", "")
				if got := typed.found(t, "KAN-"+id).Text("service_id"); got != service {
					t.Errorf("40 changelog %s, project %s: service %q, want %s", changelog, project, got, service)
				}
			}
		}
	})
}

func TestJira41And42PrioritiesAndStatusesOfEveryForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		send := func(id, priority, status string) apptest.Answer {
			body := issueEvent(change{id: id, key: "UPG-" + id})
			body = strings.Replace(body, `{"name":"High","id":"2"}`, priority, 1)
			body = strings.Replace(body, `{"name":"To Do","statusCategory":{"key":"new"}}`, status, 1)
			src.ok(t, "accepted", body)
			src.drain(t)
			return s.Must(t, 200, "POST", "/api/v1/sources/"+src.id+"/explain", body)
		}
		open := `{"name":"To Do","statusCategory":{"key":"new"}}`
		send("411", `"Minor"`, open)
		send("412", `{"name":"Minor","id":"3"}`, open)
		if a, b := src.found(t, "UPG-411").Text("severity"), src.found(t, "UPG-412").Text("severity"); a != b || a == "" {
			t.Errorf("41 Minor is %q as a text and %q as an object", a, b)
		}
		odd := send("413", `{"name":"Purple","id":"99"}`, open)
		if got := src.found(t, "UPG-413").Text("severity"); got != "medium" || !strings.Contains(odd.Text("decision.warnings"), "severity_defaulted") {
			t.Errorf("41 an unknown priority is %q with warnings %s, want the default and a warning", got, odd.Text("decision.warnings"))
		}
		send("421", `{"name":"High"}`, `{"name":"Erledigt","statusCategory":{"key":"done"}}`)
		if got := src.found(t, "UPG-421").Text("status"); got != "resolved" {
			t.Errorf("42 Erledigt is %q, want resolved", got)
		}
		bare := send("422", `{"name":"High"}`, `{"name":"Erledigt"}`)
		if got := src.found(t, "UPG-422").Text("status"); got != "reported" || !strings.Contains(bare.Text("decision.warnings"), "status_unmapped") {
			t.Errorf("42 without a category it is %q with warnings %s, want it unchanged and a warning", got, bare.Text("decision.warnings"))
		}
		mapped := source(t, s, map[string]any{"name": "Mapped", "rules": map[string]any{"rules": []any{map[string]any{"name": "all", "then": map[string]any{"entity": "finding", "status": map[string]any{"erledigt": "verified"}}}}}})
		mapped.ok(t, "accepted", strings.Replace(issueEvent(change{id: "423", key: "UPG-423"}), `{"name":"To Do","statusCategory":{"key":"new"}}`, `{"name":"Erledigt"}`, 1))
		mapped.drain(t)
		if got := mapped.found(t, "UPG-423").Text("status"); got != "verified" {
			t.Errorf("42 with a rule it is %q, want verified", got)
		}
	})
}

func TestJira50LargeAndOddFields(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		fields := `,"customfield_10010":["com.atlassian.greenhopper.service.sprint.Sprint@1f2e[id=1,rapidViewId=2,state=ACTIVE,name=Sprint 1]"]`
		for i := range 500 {
			fields += fmt.Sprintf(`,"customfield_%d":null`, 20000+i)
		}
		fields += `,"customfield_30000":"` + strings.Repeat("Only in raw. ", 10_900) + `"`
		id := src.ok(t, "accepted", issueEvent(change{id: "50", key: "UPG-50", fields: fields}))
		src.drain(t)
		if d := src.became(t, id, "applied", ""); len(d.Text("size")) < 6 {
			t.Errorf("the body has %s bytes, want more than 141 KB", d.Text("size"))
		}
		row, err := s.Store.Read().IssueState.Query().Only(context.Background())
		if err != nil || bytes.Contains(row.State, []byte("Only in raw")) || bytes.Contains(row.State, []byte("customfield")) {
			t.Errorf("fields that no rule asks for are kept outside raw: %d bytes, %v", len(row.State), err)
		}
		src.only(t)
	})
}

const wikiGolden = "## Steps\n\n```go\nif x < 1 { panic(1) }\n```\n\n| Env | State |\n| --- | --- |\n| PROD | indexed |\n| DEV | bare |\n\nAsk @5b10ac8d82e05b22cc7d4ef5 or see x and [runbook](<https://wiki.example.com/rb>)"

func TestJira55WikiMarkupBecomesSafeMarkdown(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		wiki := "h2. Steps\\n{code:go}\\nif x < 1 { panic(1) }\\n{code}\\n||Env||State||\\n|PROD|indexed|\\n|DEV|bare|\\nAsk [~accountid:5b10ac8d82e05b22cc7d4ef5] or see [x|javascript:alert(1)] and [runbook|https://wiki.example.com/rb]"
		src.ok(t, "accepted", strings.Replace(issueEvent(change{id: "55", key: "UPG-55"}), `"See *this*"`, `"`+wiki+`"`, 1))
		src.drain(t)
		text := src.found(t, "UPG-55").Text("observed")
		if diff := cmp.Diff(wikiGolden, text); diff != "" {
			t.Errorf("the Markdown differs (-want +got):\n%s", diff)
		}
		if strings.Contains(text, "javascript:") || !strings.Contains(text, "5b10ac8d82e05b22cc7d4ef5") || strings.Contains(text, "Somebody") {
			t.Errorf("the text has a script or a name, or lacks the mention: %s", text)
		}
	})
}

const adfGolden = "> **Warning**\n>\n> Only in production\n\n- [x] Compared\n- [ ] Indexed\n\n\\[BLOCKED\\] see <https://wiki.example.com/rb> and <https://git.example.com/x/pull/7>"

func TestJira56ADFIsReadFromTheSite(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, map[string]any{"api": map[string]any{"kind": "cloud_token", "email": "bot@example.com", "token": "token", "refetch": true}})
		book := s.Must(t, 201, "POST", "/api/v1/runbooks", map[string]any{"title": "Sessions", "url": "https://wiki.example.com/rb"}).Text("id")
		text := func(s string) map[string]any { return map[string]any{"type": "text", "text": s} }
		node := func(kind string, attrs map[string]any, content ...any) map[string]any {
			n := map[string]any{"type": kind}
			if attrs != nil {
				n["attrs"] = attrs
			}
			if content != nil {
				n["content"] = content
			}
			return n
		}
		doc := node("doc", nil,
			node("panel", map[string]any{"panelType": "warning"}, node("paragraph", nil, text("Only in production"))),
			node("taskList", map[string]any{"localId": "l"}, node("taskItem", map[string]any{"localId": "a", "state": "DONE"}, text("Compared")), node("taskItem", map[string]any{"localId": "b", "state": "TODO"}, text("Indexed"))),
			node("paragraph", nil, node("status", map[string]any{"text": "blocked", "color": "red"}), text(" see "), node("inlineCard", map[string]any{"url": "https://wiki.example.com/rb"}), text(" and "), node("inlineCard", map[string]any{"url": "https://git.example.com/x/pull/7"})))
		doc["version"] = 1
		issue := tr.jira.AddIssue("UPG", bug)
		tr.jira.Describe(issue.Key, doc)
		tr.deliver(t)
		s.Clock.Move(3 * time.Second) // a moment is waited, so that several changes are read at once
		tr.work(t)
		f := tr.found(t, issue.Key)
		if diff := cmp.Diff(adfGolden, f.Text("observed")); diff != "" {
			t.Errorf("the Markdown differs (-want +got):\n%s", diff)
		}
		refs := s.Must(t, 200, "GET", "/api/v1/references?target="+f.Text("id"), nil)
		for _, want := range []string{`"external_key":"` + book + `"`, `"kind":"runbook"`, `"kind":"pull_request"`} {
			if !strings.Contains(string(refs.Raw), want) {
				t.Errorf("the references of the finding lack %s: %s", want, refs.Raw)
			}
		}
		if back := s.Must(t, 200, "GET", "/api/v1/references?kind=runbook&external_key="+book, nil); back.Text("items.0.target") != f.Text("id") {
			t.Errorf("the runbook leads to %s, want %s", back.Raw, f.Text("id"))
		}
		lossy := func(extra any) string {
			description, _ := json.Marshal(node("doc", map[string]any{}, append(doc["content"].([]any), extra)...))
			return s.Must(t, 200, "POST", "/api/v1/sources/"+tr.id+"/explain", strings.Replace(issueEvent(change{id: "9"}), `"See *this*"`, string(description), 1)).Text("decision.fields.body.lossy")
		}
		if known, unknown := lossy(node("rule", nil)), lossy(node("hologram", nil, text("kept"))); known == "true" || unknown != "true" {
			t.Errorf("lossy is %q for what is known and %q for an unknown node, want true for that alone", known, unknown)
		}
	})
}

func TestJira57PeopleAreErasedEverywhere(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		const person = "5b10ac8d82e05b22cc7d4ef5"
		body := strings.NewReplacer(`"See *this*"`, `"Ask [~accountid:`+person+`] or mail somebody@example.com"`, "557058:aa", person).Replace(issueEvent(change{id: "57", key: "UPG-57", kind: "Task", labels: []string{"postmortem"}, fields: `,"assignee":{"accountId":"` + person + `","displayName":"Somebody","emailAddress":"somebody@example.com"}`}))
		src.ok(t, "accepted", body)
		found := strings.NewReplacer(`"57"`, `"58"`, "UPG-57", "UPG-58", `"Task"`, `"Bug"`, "/57", "/58").Replace(body)
		src.ok(t, "accepted", found)
		src.ok(t, "accepted", strings.ReplaceAll(commentEvent("created", "58", "1", "Thanks to [~accountid:"+person+"]", ""), "557058:bb", person))
		src.drain(t)
		dump := func(table string, columns ...string) string {
			var all strings.Builder
			for _, column := range columns {
				if s.Store.Dialect() == store.Postgres {
					column += "::text"
				}
				rows, err := s.Store.Writer().Query("SELECT " + column + " FROM " + table)
				if err != nil {
					t.Fatal(err)
				}
				for rows.Next() {
					var text any
					if err := rows.Scan(&text); err != nil {
						t.Fatal(err)
					}
					if raw, ok := text.([]byte); ok {
						text = string(raw)
					}
					fmt.Fprintln(&all, text)
				}
				rows.Close()
			}
			return all.String()
		}
		derived := func() map[string]string {
			return map[string]string{
				"issue_states": dump("issue_states", "state", "history", "written"), "findings": dump("findings", "title", "observed"), "actions": dump("actions", "title", "owner"),
				"events": dump("events", "text"), "audit": dump("audit_entries", "changes"), "deliveries": dump("deliveries", "headers", "url"),
			}
		}
		for table, text := range derived() {
			if strings.Contains(text, "example.com") && table != "deliveries" || strings.Contains(text, "Somebody") {
				t.Errorf("%s holds an address or a name outside raw: %s", table, text)
			}
		}
		if all := fmt.Sprint(derived()); strings.Count(all, person) < 4 {
			t.Fatalf("the person is nowhere to be erased: %s", all)
		}
		gone := fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"user_deleted","user":{"accountId":%q}}`, morning.UnixMilli(), person)
		src.ok(t, "accepted", gone)
		src.drain(t)
		if _, err := s.Services.JiraWork.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		for table, text := range derived() {
			if strings.Contains(text, person) {
				t.Errorf("%s still names the person: %s", table, text)
			}
		}
		rows, err := s.Store.Read().Delivery.Query().All(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if bytes.Contains(row.Raw, []byte(person)) || bytes.Contains(row.Raw, []byte("Somebody")) || bytes.Contains(row.Raw, []byte("somebody@")) {
				t.Errorf("a body still names the person: %s", row.Raw)
			}
			if len(row.Raw) == 0 {
				t.Errorf("%s lost its body", row.DedupeKey)
			}
		}
		if got := src.found(t, "UPG-58"); !strings.Contains(got.Text("observed"), "erased") {
			t.Errorf("the finding is %s, want the mention erased", got.Raw)
		}
		if raw := s.Must(t, 200, "GET", "/api/v1/jobs", nil).Raw; bytes.Contains(raw, []byte(person)) {
			t.Error("the work names the person")
		}
		job := s.Must(t, 202, "POST", "/api/v1/sources/"+src.id+"/erasures", map[string]any{"account_id": "557058:zz"})
		if job.Text("kind") != "erase" || job.Text("state") != "waiting" {
			t.Errorf("asked by hand it is %s, want an erasure that waits", job.Raw)
		}
	})
}

// history makes what a site tells of some issues, as deliveries.
func history(t *testing.T) []fakejira.Delivery {
	t.Helper()
	at := morning.Add(-time.Hour)
	fake := fakejira.Start(fakejira.Options{Now: func() time.Time { at = at.Add(time.Second); return at }})
	t.Cleanup(fake.Close)
	fake.Subscribe(fakejira.Hook{URL: "http://unused.invalid", Secret: hookSecret})
	rng := rand.New(rand.NewPCG(66, 1))
	for i := range 6 {
		issue := fake.AddIssue("UPG", map[string]any{"summary": fmt.Sprint("Issue ", i), "description": "See *this*", "issuetype": map[string]any{"id": "1", "name": "Bug"}, "priority": map[string]any{"name": "High"}})
		for n := range 4 {
			switch rng.IntN(4) {
			case 0:
				fake.Change(issue.Key, fakejira.Actor, map[string]any{"summary": fmt.Sprintf("Issue %d, changed %d", i, n)})
			case 1:
				fake.Change(issue.Key, fakejira.Actor, map[string]any{"status": fakejira.Status("S", []string{"new", "indeterminate", "done"}[rng.IntN(3)])})
			case 2:
				fake.Comment(issue.Key, fakejira.Actor, fmt.Sprint("Remark ", n))
			default:
				fake.Change(issue.Key, fakejira.Actor, map[string]any{"labels": []any{fmt.Sprint("l", n)}, "priority": map[string]any{"name": "Low"}})
			}
		}
		if i == 3 {
			fake.Delete(issue.Key)
		}
	}
	// The address of the site differs from run to run; what it tells must not.
	all := fake.Outbox()
	for i := range all {
		all[i].Body = bytes.ReplaceAll(all[i].Body, []byte(fake.URL), []byte("https://x.atlassian.net"))
	}
	return all
}

// knowledge is what is known of every issue, without ids and times of ours.
func (s site) knowledge(t *testing.T) string {
	t.Helper()
	var all []string
	for _, item := range s.findings(t) {
		f := item.(map[string]any)
		id := f["id"].(string)
		refs := s.Must(t, 200, "GET", "/api/v1/references?target="+id, nil)
		events, _ := s.Must(t, 200, "GET", "/api/v1/findings/"+id+"/events?limit=200", nil).Body["items"].([]any)
		superseded := map[any]bool{}
		for _, e := range events {
			superseded[e.(map[string]any)["supersedes_id"]] = true
		}
		var remarks []string
		for _, e := range events {
			if event := e.(map[string]any); !superseded[event["id"]] {
				remarks = append(remarks, event["text"].(string))
			}
		}
		slices.Sort(remarks)
		all = append(all, fmt.Sprint(refs.Text("items.0.external_key"), " ", refs.Text("items.0.role"), " ", f["title"], " ", f["status"], " ", f["severity"], " ", f["priority"], " ", f["tags"], " ", f["observed"], " ", remarks))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func TestJira66AnyOrderWithRepeatsAndReplaysEndsTheSame(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		all := history(t)
		want := ""
		for run := range 3 {
			src := source(t, s, map[string]any{"name": fmt.Sprint("Run ", run), "site": "https://x.atlassian.net"})
			order := slices.Clone(all)
			rng := rand.New(rand.NewPCG(uint64(run), 7))
			if run > 0 {
				for range len(all) / 2 {
					order = append(order, all[rng.IntN(len(all))])
				}
				rng.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			}
			for i, d := range order {
				answer := src.post(t, "", string(d.Body), "X-Atlassian-Webhook-Identifier", d.ID)
				if answer.Status != 200 {
					t.Fatalf("delivery %d: %d %s", i, answer.Status, answer.Raw)
				}
				if rng.IntN(3) == 0 {
					src.drain(t)
				}
			}
			src.drain(t)
			got := src.knowledge(t)
			if n := strings.Count(got, "\n") + 1; n != 6 {
				t.Fatalf("run %d: %d findings, want 6", run, n)
			}
			if want == "" {
				want = got
			}
			if got != want {
				t.Errorf("run %d ends as\n%s\nwant\n%s", run, got, want)
			}
			count := s.Must(t, 202, "POST", "/api/v1/deliveries/replay?source_id="+src.id, nil).Text("count")
			src.drain(t)
			if again := src.knowledge(t); again != want {
				t.Errorf("run %d: after %s replays\n%s\nwant\n%s", run, count, again, want)
			}
			for _, table := range []string{"record_references", "events", "findings", "issue_states", "deliveries"} {
				if _, err := s.Store.Writer().Exec("DELETE FROM " + table); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
