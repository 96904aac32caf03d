package app_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// chronicle writes down, in their order, the events of a small site in which anything may happen. $N stands for what the keys begin
// with, and $ATT for an attempt.
type chronicle struct {
	r      *rapid.T
	at     time.Time
	serial int
	issues []*chronicled
	bodies []string
}

type chronicled struct {
	change
	comments, worklogs []int
	deleted            bool
}

// links of a site, by their ids.
type chronicledLink struct{ id, from, to int }

func draw(r *rapid.T) []string {
	c := &chronicle{r: r, at: morning}
	for i := range rapid.IntRange(2, 3).Draw(r, "issues") {
		kind := rapid.SampledFrom([]string{"Bug", "Bug", "Task", "Incident"}).Draw(r, "kind")
		issue := &chronicled{change: change{id: fmt.Sprint(10 + i), key: fmt.Sprint("$N-", 10+i), summary: "As created", kind: kind, status: "S", category: "new"}}
		c.issues = append(c.issues, issue)
		c.tell(issue, "jira:issue_created")
	}
	var links []chronicledLink
	for range rapid.IntRange(4, 14).Draw(r, "steps") {
		issue := rapid.SampledFrom(c.issues).Draw(r, "issue")
		if issue.deleted {
			continue
		}
		c.serial++
		switch rapid.SampledFrom([]string{"summary", "status", "label", "attempt", "comment", "comment", "reword", "uncomment", "uncomment", "work", "unwork", "link", "unlink", "delete"}).Draw(r, "deed") {
		case "summary":
			issue.summary = fmt.Sprint("Change ", c.serial)
			c.tell(issue, "jira:issue_updated")
		case "status":
			issue.category = rapid.SampledFrom([]string{"new", "indeterminate", "done"}).Draw(r, "category")
			c.tell(issue, "jira:issue_updated")
		case "label":
			if i := slices.Index(issue.labels, "postmortem"); i >= 0 {
				issue.labels = slices.Delete(issue.labels, i, i+1)
			} else {
				issue.labels = append(issue.labels, "postmortem")
			}
			c.tell(issue, "jira:issue_updated")
		case "attempt":
			if !slices.Contains(issue.labels, "attempt-$ATT") {
				issue.labels = append(issue.labels, "attempt-$ATT")
				c.tell(issue, "jira:issue_updated")
			}
		case "comment":
			issue.comments = append(issue.comments, c.serial)
			c.comment(issue, "created", c.serial, fmt.Sprint("Remark ", c.serial))
		case "reword":
			if len(issue.comments) > 0 {
				c.comment(issue, "updated", rapid.SampledFrom(issue.comments).Draw(r, "which"), fmt.Sprint("Reworded ", c.serial))
			}
		case "uncomment":
			if len(issue.comments) > 0 {
				i := rapid.IntRange(0, len(issue.comments)-1).Draw(r, "which")
				c.comment(issue, "deleted", issue.comments[i], "")
				issue.comments = slices.Delete(issue.comments, i, i+1)
			}
		case "work":
			issue.worklogs = append(issue.worklogs, c.serial)
			c.work(issue, "created", c.serial, 3600)
		case "unwork":
			if len(issue.worklogs) > 0 {
				c.work(issue, rapid.SampledFrom([]string{"updated", "deleted"}).Draw(r, "how"), issue.worklogs[len(issue.worklogs)-1], 7200)
			}
		case "link":
			other := rapid.SampledFrom(c.issues).Draw(r, "other")
			if other != issue && !other.deleted {
				l := chronicledLink{id: c.serial}
				_, _ = fmt.Sscan(issue.id+" "+other.id, &l.from, &l.to)
				links = append(links, l)
				c.bodies = append(c.bodies, blocks("created", l.id, l.from, l.to, c.tick()))
			}
		case "unlink":
			if len(links) > 0 {
				l := links[len(links)-1]
				links = links[:len(links)-1]
				c.bodies = append(c.bodies, blocks("deleted", l.id, l.from, l.to, c.tick()))
			}
		default:
			issue.deleted = true
			c.tell(issue, "jira:issue_deleted")
			for _, id := range issue.comments { // they go with it
				c.comment(issue, "deleted", id, "")
			}
		}
	}
	return c.bodies
}

func (c *chronicle) tick() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

func (c *chronicle) tell(issue *chronicled, event string) {
	issue.event, issue.at = event, c.tick()
	c.serial++
	issue.changelog, issue.items = 0, ""
	if event == "jira:issue_updated" {
		issue.changelog = c.serial
	}
	c.bodies = append(c.bodies, issueEvent(issue.change))
}

// comment tells of a comment as Cloud does, with six fields of the issue, or as Data Center does, with none.
func (c *chronicle) comment(issue *chronicled, event string, id int, text string) {
	at := c.tick()
	with := ""
	if rapid.Bool().Draw(c.r, "cloud") {
		with = fmt.Sprintf(`,"issue":{"id":%q,"self":"https://x.atlassian.net/rest/api/2/%s","key":%q,"fields":{"summary":%q,"issuetype":{"name":%q},"project":{"id":"10000","key":"$N"},"priority":{"name":"High","id":"2"},"status":{"name":"S","statusCategory":{"key":%q}},"assignee":null}}`,
			issue.id, issue.id, issue.key, issue.summary, issue.kind, issue.category)
	}
	c.bodies = append(c.bodies, fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"comment_%s","comment":{"id":"%d","self":"https://x.atlassian.net/rest/api/2/issue/%s/comment/%d","body":%q,"created":"2026-03-02T08:10:00.000+0000","updated":%q,"author":{"accountId":"557058:bb"}}%s}`,
		at.UnixMilli(), event, id, issue.id, id, text, at.Format("2006-01-02T15:04:05.000-0700"), with))
}

func (c *chronicle) work(issue *chronicled, event string, id, seconds int) {
	at := c.tick()
	c.bodies = append(c.bodies, fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"worklog_%s","worklog":{"id":"%d","issueId":%q,"self":"https://x.atlassian.net/rest/api/2/issue/%s/worklog/%d","timeSpentSeconds":%d,"started":"2026-03-02T07:00:00.000+0000","updated":%q}}`,
		at.UnixMilli(), event, id, issue.id, issue.id, id, seconds, at.Format("2006-01-02T15:04:05.000-0700")))
}

// hearer is a server that is told of sites, each of which has a source and keys of its own.
type hearer struct {
	*apptest.Server
	t       *testing.T
	attempt string
}

// hear tells the events in the given order to a new source and gives what is known in the end.
func (h hearer) hear(n int, bodies []string, drainAt func(int) bool) map[string]string {
	h.t.Helper()
	src := source(h.t, h.Server, map[string]any{"name": fmt.Sprint("Site ", n)})
	prefix := fmt.Sprint("N", n)
	tell := strings.NewReplacer("$N", prefix, "$ATT", h.attempt, "https://x.", fmt.Sprintf("https://x%d.", n))
	var number int
	if _, err := fmt.Sscanf(src.id, "SRC-%d", &number); err != nil {
		h.t.Fatal(err)
	}
	for i, body := range bodies {
		raw := []byte(tell.Replace(body))
		// Data Center gives no identifier, and Jira Cloud the same one for a repeat.
		header := http.Header{jira.SignatureHeader: {jira.Sign([]byte(hookSecret), raw)}}
		m := inbox.Message{Source: number, Header: header, URL: &url.URL{Path: "/api/v1/webhooks/jira/" + src.id}, Peer: netip.MustParseAddr("127.0.0.1"), Body: raw}
		if _, err := h.Services.Inbox.Accept(context.Background(), m); err != nil {
			h.t.Fatalf("taking event %d: %v", i, err)
		}
		if drainAt(i) {
			src.drain(h.t)
		}
	}
	src.drain(h.t)
	known := map[string]string{}
	for i := 10; i < 13; i++ {
		known[fmt.Sprint(i)] = strings.ReplaceAll(src.all(h.t, fmt.Sprint(prefix, "-", i)), prefix+"-", "N-")
	}
	rows := h.Must(h.t, 200, "GET", "/api/v1/deliveries?limit=200&source_id="+src.id, nil)
	for _, item := range rows.Body["items"].([]any) {
		if d := item.(map[string]any); d["status"] == "dead" || d["status"] == "received" || d["reason"] == "rejected" || d["reason"] == "panic" {
			h.t.Errorf("%v is %v (%v): %v", d["id"], d["status"], d["reason"], d["error"])
		}
	}
	return known
}

// all is what is known of an issue: its record, its comments, its relations and its hours.
func (s site) all(t *testing.T, key string) string {
	t.Helper()
	ref := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+key, nil)
	id := ref.Text("items.0.target")
	if id == "" {
		return "nothing"
	}
	parsed, err := vocab.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	path := map[string]string{"FND": "/api/v1/findings/", "ACT": "/api/v1/actions/", "INC": "/api/v1/incidents/"}[parsed.Prefix] + id
	r := s.Must(t, 200, "GET", path, nil)
	out := []string{parsed.Prefix, ref.Text("items.0.role"), ref.Text("items.1.id")}
	for _, member := range []string{"title", "status", "severity", "priority", "tags", "observed", "impact", "attempt_id"} {
		out = append(out, r.Text(member))
	}
	if parsed.Prefix != "ACT" {
		superseded, texts := map[any]bool{}, []string{}
		items := s.Must(t, 200, "GET", path+"/events?limit=200", nil).Body["items"].([]any)
		for _, item := range items {
			superseded[item.(map[string]any)["supersedes_id"]] = true
		}
		for _, item := range items {
			if e := item.(map[string]any); !superseded[e["id"]] {
				texts = append(texts, e["text"].(string))
			}
		}
		slices.Sort(texts)
		out = append(out, fmt.Sprint(texts))
	}
	others, _ := s.Must(t, 200, "GET", "/api/v1/references?limit=200&kind=other&target="+id, nil).Body["items"].([]any)
	var relations []string
	for _, item := range others {
		relations = append(relations, fmt.Sprint(item.(map[string]any)["role"], " ", item.(map[string]any)["title"]))
	}
	slices.Sort(relations)
	rows, err := s.Store.Read().EffortEntry.Query().All(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	hours := 0.0
	for _, row := range rows {
		if row.Note == "worklog of "+key {
			hours += row.Hours
		}
	}
	return strings.Join(append(out, fmt.Sprint(relations), fmt.Sprint(hours, " hours")), " | ")
}

// TestJira66AnyHistoryInAnyOrderWithRepeatsEndsTheSame applies drawn histories through the inbox and its worker, as Jira told them and
// then in any other order with repeats, each time to a source that knows nothing. `make storm` does the same with thousands of issues.
func TestJira66AnyHistoryInAnyOrderWithRepeatsEndsTheSame(t *testing.T) {
	t.Parallel()
	var hearers []hearer
	for _, cfg := range []store.Config{{DataDir: t.TempDir(), SQLiteSynchronous: "normal"}, {DatabaseURL: dbtest.PostgresURL(t)}} {
		s := apptest.Start(t, cfg)
		service := s.Must(t, 201, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
		env := s.Must(t, 201, "POST", "/api/v1/environments", map[string]any{"name": "PROD", "kind": "production"}).Text("id")
		upgrade := s.Must(t, 201, "POST", "/api/v1/upgrades", map[string]any{"title": "Framework 3", "kind": "other", "service_id": service}).Text("id")
		attempt := s.Must(t, 201, "POST", "/api/v1/attempts", map[string]any{"upgrade_id": upgrade, "environment_id": env}).Text("id")
		hearers = append(hearers, hearer{s, t, attempt})
	}
	const enough = 15 // histories, each of which takes some hundred statements
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		bodies := draw(r)
		if n >= 2*enough {
			return
		}
		repeats := rapid.SliceOfN(rapid.SampledFrom(bodies), 0, len(bodies)/2).Draw(r, "repeats")
		shuffled := rapid.Permutation(append(slices.Clone(bodies), repeats...)).Draw(r, "order")
		drains := rapid.SliceOfN(rapid.Bool(), len(shuffled), len(shuffled)).Draw(r, "drains")
		h := hearers[rapid.IntRange(0, 1).Draw(r, "database")]
		n += 2
		want := h.hear(n, bodies, func(int) bool { return true })
		got := h.hear(n+1, shuffled, func(i int) bool { return drains[i] })
		if diff := cmp.Diff(want, got); diff != "" {
			r.Errorf("in another order (-told in order +shuffled):\n%s\norder:\n%s", diff, strings.Join(shuffled, "\n"))
		}
	})
}
