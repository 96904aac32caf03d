package jira_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/jira/fakejira"
	"github.com/hindcast-kb/hindcast/internal/markup"
)

// clock is a time that moves only when somebody sleeps.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	slept []time.Duration
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) sleep(_ context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	c.slept = append(c.slept, d)
	return nil
}

func connect(t *testing.T, options fakejira.Options, change ...func(*jira.ClientConfig)) (*fakejira.Server, *jira.Client, *clock) {
	t.Helper()
	site := fakejira.Start(options)
	t.Cleanup(site.Close)
	c := newClock()
	cfg := jira.ClientConfig{Site: site.URL, Product: options.Product, Token: "token", Now: c.now, Sleep: c.sleep, Jitter: func() float64 { return 0.5 }}
	for _, f := range change {
		f(&cfg)
	}
	client, err := jira.NewClient(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return site, client, c
}

var dataCenter = fakejira.Options{Product: jira.ProductDataCenter, Context: "/jira"}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{}, func(c *jira.ClientConfig) { c.Email = "bot@example.com" })
	who, err := client.Check(t.Context())
	if err != nil || who.Person.ID() != fakejira.Bot || who.Deployment != "Cloud" || who.TimeZone != "Etc/UTC" {
		t.Errorf("Cloud token: got %+v, %v", who, err)
	}
	if got := site.Requests()[0].Authorization; !strings.HasPrefix(got, "Basic ") {
		t.Errorf("Cloud token: got %q, want basic authentication", got)
	}
	site, client, _ = connect(t, dataCenter)
	if who, err = client.Check(t.Context()); err != nil || who.Deployment != "Server" {
		t.Errorf("personal access token: got %+v, %v", who, err)
	}
	if r := site.Requests()[0]; r.Authorization != "Bearer token" || r.Path != "/jira/rest/api/2/myself" {
		t.Errorf("personal access token: got %q to %s", r.Authorization, r.Path)
	}
	if got := jira.GatewayBase("a/b"); got != "https://api.atlassian.com/ex/jira/a%2Fb" {
		t.Errorf("gateway: got %s", got)
	}
	for name, cfg := range map[string]jira.ClientConfig{"no token": {Site: "https://x.example"}, "no site": {Token: "t"}, "a file": {Site: "file:///etc", Token: "t"}} {
		if _, err := jira.NewClient(cfg); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestJira58_RemoteLinkIsOneAndWhole(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]fakejira.Options{"Cloud": {}, "Data Center": dataCenter} {
		site, client, _ := connect(t, options)
		issue := site.AddIssue("UPG", nil)
		link := jira.RemoteLink{GlobalID: jira.GlobalID("lesson", "LES-1"), URL: "https://hindcast.example/lessons/LES-1", Title: "LES-1: check sessions", Summary: "s", Relationship: "learned in", Icon: "https://hindcast.example/i.png"}
		for range 2 {
			if err := client.PutRemoteLink(t.Context(), issue.Key, link); err != nil {
				t.Fatal(err)
			}
		}
		link.Resolved = true
		if err := client.PutRemoteLink(t.Context(), issue.ID, link); err != nil {
			t.Fatal(err)
		}
		got, _ := site.Issue(issue.ID)
		want := map[string]any{"globalId": "appId=hindcast&type=lesson&id=LES-1", "relationship": "learned in", "application": map[string]any{"type": "org.hindcast", "name": "Hindcast"},
			"object": map[string]any{"url": link.URL, "title": link.Title, "summary": "s", "icon": map[string]any{"url16x16": link.Icon, "title": "Hindcast"}, "status": map[string]any{"resolved": true}}}
		if diff := cmp.Diff(map[string]map[string]any{link.GlobalID: want}, got.Links); diff != "" {
			t.Errorf("%s: links (-want +got):\n%s", name, diff)
		}
		for range 2 {
			if err := client.DeleteRemoteLink(t.Context(), issue.ID, link.GlobalID); err != nil {
				t.Errorf("%s: deleting: %v", name, err)
			}
		}
	}
}

func TestJira61_RateLimits(t *testing.T) {
	t.Parallel()
	site, client, c := connect(t, fakejira.Options{})
	issue := site.AddIssue("UPG", nil)
	started := c.now()
	site.RateLimit("/remotelink", "jira-burst-based", "7", 1)
	link := jira.RemoteLink{GlobalID: "g", URL: "https://h.example", Title: "t"}
	if err := client.PutRemoteLink(t.Context(), issue.ID, link); err != nil {
		t.Fatal(err)
	}
	if waited := c.now().Sub(started); waited < 7*time.Second || site.Count("POST", "/remotelink") != 2 {
		t.Errorf("burst: waited %v over %d calls, want at least 7 s and 2", waited, site.Count("POST", "/remotelink"))
	}

	site.RateLimit("/remotelink", "jira-burst-based", "300", 1)
	err := client.PutRemoteLink(t.Context(), issue.ID, link)
	var e *jira.APIError
	if !errors.As(err, &e) || e.Code != jira.CodeRateLimited || e.RetryAfter < 290*time.Second || !e.Temporary() {
		t.Errorf("a long limit: got %v, want it left to the caller with the time to wait", err)
	}
	calls := len(site.Requests())
	if err := client.PutRemoteLink(t.Context(), issue.ID, link); jira.CodeOf(err) != jira.CodeRateLimited || len(site.Requests()) != calls {
		t.Errorf("within the limit: got %v and %d calls, want none", err, len(site.Requests())-calls)
	}
	if _, err := client.GetIssue(t.Context(), issue.ID); err != nil {
		t.Errorf("another endpoint is held up too: %v", err)
	}

	site.RateLimit("/issue/", "jira-quota-tenant-based", "600", 1)
	if _, err := client.GetIssue(t.Context(), issue.ID); jira.CodeOf(err) != jira.CodeQuota {
		t.Errorf("quota: got %v, want %s at once", err, jira.CodeQuota)
	}
	calls = len(site.Requests())
	if _, err := client.Background().SearchPage(t.Context(), jira.Query{JQL: "x"}); jira.CodeOf(err) != jira.CodeQuota || len(site.Requests()) != calls {
		t.Errorf("quota, background: got %v and %d calls, want none", err, len(site.Requests())-calls)
	}
	_ = c.sleep(t.Context(), 601*time.Second)
	if _, err := client.Background().SearchPage(t.Context(), jira.Query{JQL: "x"}); err != nil {
		t.Errorf("quota, after the reset: got %v", err)
	}
}

func TestJira61_LimitWithoutHeadersAndPerIssue(t *testing.T) {
	t.Parallel()
	site, client, c := connect(t, fakejira.Options{})
	one, two := site.AddIssue("UPG", nil), site.AddIssue("UPG", nil)
	site.RateLimit("/issue", "", "", 2)
	started := c.now()
	if err := client.PutProperty(t.Context(), one.ID, jira.Property{ID: "FND-1"}); err != nil || c.now().Sub(started) < 4*time.Second {
		t.Errorf("a gateway's 429: got %v after %v", err, c.now().Sub(started))
	}
	site.RateLimit("/issue", "jira-per-issue-on-write", "120", 1)
	if err := client.PutProperty(t.Context(), one.ID, jira.Property{}); jira.CodeOf(err) != jira.CodeRateLimited {
		t.Errorf("per issue: got %v", err)
	}
	if err := client.PutProperty(t.Context(), two.ID, jira.Property{}); err != nil {
		t.Errorf("per issue: another issue is held up: %v", err)
	}
}

func TestJira61_RefusedTokenIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{Token: "another"})
	for range 5 {
		_, err := client.GetIssue(t.Context(), "UPG-1")
		if jira.CodeOf(err) != jira.CodeAuthFailed {
			t.Errorf("got %v, want %s", err, jira.CodeAuthFailed)
		}
		if strings.Contains(err.Error(), "token\"") || strings.Contains(err.Error(), site.URL) {
			t.Errorf("the error shows too much: %v", err)
		}
	}
	if n := len(site.Requests()); n != 1 {
		t.Errorf("got %d calls, want 1", n)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		fault fakejira.Fault
		want  jira.ErrorCode
		calls int
	}{
		"two bad answers":         {fakejira.Fault{Times: 2, Status: 502}, "", 3},
		"bad answers for ever":    {fakejira.Fault{Status: 503}, jira.CodeUnavailable, 4},
		"cut connections":         {fakejira.Fault{Times: 1, Drop: true}, "", 2},
		"forbidden":               {fakejira.Fault{Status: 403}, jira.CodeForbidden, 1},
		"missing":                 {fakejira.Fault{Status: 404}, jira.CodeNotFound, 1},
		"refused":                 {fakejira.Fault{Status: 400, Body: `{"errorMessages":["role@example.com is wrong"]}`}, jira.CodeInvalid, 1},
		"a login page":            {fakejira.Fault{Status: 302, Header: map[string]string{"Location": "https://evil.example/"}}, jira.CodeBadResponse, 1},
		"HTML":                    {fakejira.Fault{Status: 200, Body: "<html>secret</html>"}, jira.CodeBadResponse, 1},
		"an answer without end":   {fakejira.Fault{Status: 200, Fill: 3 << 20}, jira.CodeTooLarge, 1},
		"an issue without an id":  {fakejira.Fault{Status: 200, Body: `{}`}, jira.CodeBadResponse, 1},
		"an issue of a wild type": {fakejira.Fault{Status: 200, Body: `{"id":[],"fields":7}`}, jira.CodeBadResponse, 1},
	} {
		site, client, _ := connect(t, fakejira.Options{}, func(c *jira.ClientConfig) { c.MaxResponse = 1 << 20 })
		issue := site.AddIssue("UPG", map[string]any{"summary": "s"})
		site.Fail(tc.fault)
		_, err := client.GetIssue(t.Context(), issue.Key)
		if jira.CodeOf(err) != tc.want || (err == nil) != (tc.want == "") || len(site.Requests()) != tc.calls {
			t.Errorf("%s: got %v over %d calls, want %q over %d", name, err, len(site.Requests()), tc.want, tc.calls)
		}
		if err != nil && (strings.Contains(err.Error(), "@example.com") || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "127.0.0.1")) {
			t.Errorf("%s: the error shows too much: %v", name, err)
		}
	}
}

func TestBackoffGrowsWithJitter(t *testing.T) {
	t.Parallel()
	site, client, c := connect(t, fakejira.Options{}, func(c *jira.ClientConfig) { c.Jitter = func() float64 { return 0 } })
	site.Fail(fakejira.Fault{Status: 500})
	_, _ = client.GetIssue(t.Context(), "x")
	if want := []time.Duration{1400 * time.Millisecond, 2800 * time.Millisecond, 5600 * time.Millisecond}; !cmp.Equal(c.slept, want) {
		t.Errorf("got %v, want %v", c.slept, want)
	}
}

func TestCallsEndWithTheirContext(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{})
	site.Fail(fakejira.Fault{Delay: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := client.GetIssue(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestSlowAnswersEndATry(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{}, func(c *jira.ClientConfig) { c.Timeout = 50 * time.Millisecond })
	issue := site.AddIssue("UPG", nil)
	site.Fail(fakejira.Fault{Delay: time.Minute, Times: 1})
	if _, err := client.GetIssue(t.Context(), issue.ID); err != nil {
		t.Errorf("got %v, want the second try to succeed", err)
	}
}

func draft() jira.Draft {
	return jira.Draft{Project: "UPG", Type: "Task", Summary: "Compare\nthe indexes", Description: "h2. Why", Labels: []string{"postmortem"}, Marker: jira.Marker("ACT-12"),
		Mark: jira.Property{Entity: "action", ID: "ACT-12", Rev: 3}}
}

func TestJira62_CreateIsNeverDoneTwice(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options fakejira.Options
		fault   fakejira.Fault
		first   jira.ErrorCode
		created bool
	}{
		"no trouble":                     {fault: fakejira.Fault{Path: "/nothing", Status: 500}, created: true},
		"made, then the answer was lost": {fault: fakejira.Fault{Method: "POST", Path: "/rest/api/2/issue", Times: 1, Commit: true, Drop: true}},
		"made, then a bad gateway":       {fault: fakejira.Fault{Method: "POST", Path: "/rest/api/2/issue", Times: 1, Commit: true, Status: 502}},
		"not made, and the answer lost":  {fault: fakejira.Fault{Method: "POST", Path: "/rest/api/2/issue", Times: 1, Drop: true}, first: jira.CodeAmbiguous},
		"limited, so not made":           {fault: fakejira.Fault{Method: "POST", Path: "/rest/api/2/issue", Times: 1, Status: 429, Header: map[string]string{"Retry-After": "3"}}, created: true},
		"Data Center, answer lost":       {options: dataCenter, fault: fakejira.Fault{Method: "POST", Path: "/rest/api/2/issue", Times: 1, Commit: true, Drop: true}},
	} {
		site, client, _ := connect(t, tc.options)
		site.Fail(tc.fault)
		ref, created, err := client.EnsureIssue(t.Context(), draft())
		if jira.CodeOf(err) != tc.first || created != tc.created {
			t.Errorf("%s: got %+v, created %v, %v; want code %q, created %v", name, ref, created, err, tc.first, tc.created)
		}
		again, created, err := client.EnsureIssue(t.Context(), draft())
		if err != nil || again.ID == "" || tc.first == "" && created {
			t.Errorf("%s: again: got %+v, created %v, %v", name, again, created, err)
		}
		issues := site.Issues()
		if len(issues) != 1 || issues[0].Fields["summary"] != "Compare the indexes" || issues[0].Properties["hindcast"] == nil {
			t.Errorf("%s: got %d issues, want one, marked", name, len(issues))
		}
	}
}

func TestPropertiesAndComments(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{})
	issue := site.AddIssue("UPG", nil)
	mark := jira.Property{Entity: "finding", ID: "FND-1", Rev: 2, Hash: "h"}
	if _, found, err := client.GetProperty(t.Context(), issue.ID); found || err != nil {
		t.Errorf("no mark: got %v, %v", found, err)
	}
	if err := client.PutProperty(t.Context(), issue.ID, mark); err != nil {
		t.Fatal(err)
	}
	if got, found, err := client.GetProperty(t.Context(), issue.ID); !found || err != nil || got != mark {
		t.Errorf("got %+v, %v, %v; want %+v", got, found, err, mark)
	}
	id, err := client.AddComment(t.Context(), issue.Key, "LES-1 applies", mark)
	if err != nil || id == "" {
		t.Errorf("comment: got %q, %v", id, err)
	}
	site.Fail(fakejira.Fault{Method: "POST", Path: "/comment", Times: 1, Commit: true, Status: 500})
	if _, err := client.AddComment(t.Context(), issue.Key, "second", mark); jira.CodeOf(err) != jira.CodeAmbiguous {
		t.Errorf("a comment of unknown outcome: got %v, want %s", err, jira.CodeAmbiguous)
	}
	if got, _ := site.Issue(issue.ID); len(got.Comments) != 2 {
		t.Errorf("got %d comments, want 2", len(got.Comments))
	}
}

func TestCreateMetaPages(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]fakejira.Options{"Cloud": {}, "Data Center": dataCenter} {
		_, client, _ := connect(t, options)
		types, err := client.CreateTypes(t.Context(), "UPG")
		if want := []jira.CreateType{{ID: "1", Name: "Bug"}, {ID: "3", Name: "Task"}, {ID: "5", Name: "Sub-task", Subtask: true}}; err != nil || !cmp.Equal(types, want) {
			t.Errorf("%s: got %v, %v; want %v", name, types, err, want)
		}
		fields, err := client.CreateFields(t.Context(), "UPG", "1")
		if err != nil || len(fields) != 2 || !fields[0].Required {
			t.Errorf("%s: got fields %v, %v", name, fields, err)
		}
	}
}

func TestJira67_BackfillGoesOnWhereItStopped(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]fakejira.Options{"Cloud": {PageSize: 2}, "Data Center": {Product: jira.ProductDataCenter, PageSize: 2}} {
		site, client, _ := connect(t, options)
		for range 9 {
			site.AddIssue("UPG", map[string]any{"summary": "s", "description": "text", "issuetype": map[string]any{"name": "Bug"}})
		}
		site.AddIssue("OTHER", nil)
		jql := jira.BackfillJQL([]string{"UPG"}, time.Time{}, nil)
		site.Fail(fakejira.Fault{Path: "/search", Skip: 3, Times: 4, Status: 503})
		seen := map[jira.ID]bool{}
		var watermark time.Time
		var failed error
		for page, err := range client.Search(t.Context(), jira.Query{JQL: jql}) {
			if failed = err; err != nil {
				break
			}
			for _, issue := range page.Issues {
				seen[issue.ID], watermark = true, issue.Updated
			}
		}
		if jira.CodeOf(failed) != jira.CodeUnavailable || len(seen) != 6 {
			t.Errorf("%s: got %d issues and %v, want 6 and then a failure", name, len(seen), failed)
		}
		for page, err := range client.Search(t.Context(), jira.Query{JQL: jira.BackfillJQL([]string{"UPG"}, watermark, time.UTC)}) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for _, issue := range page.Issues {
				seen[issue.ID] = true
			}
		}
		if len(seen) != 9 {
			t.Errorf("%s: got %d issues after going on, want 9", name, len(seen))
		}
	}
}

func TestJira67_WebhookAndBackfillMakeOneState(t *testing.T) {
	t.Parallel()
	site, client, c := connect(t, fakejira.Options{})
	site.Subscribe(fakejira.Hook{URL: "http://127.0.0.1:1"})
	issue := site.AddIssue("UPG", map[string]any{"summary": "s", "issuetype": map[string]any{"name": "Bug"}, "description": "d"})
	e, err := jira.Decode(site.Outbox()[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := jira.State{}.Apply(e)
	read, err := client.GetIssue(t.Context(), issue.Key)
	if err != nil {
		t.Fatal(err)
	}
	if got := markup.FromJSON(read.Description.Value).Markdown; got != "d" {
		t.Errorf("description in ADF: got %q, want d", got)
	}
	next, f := s.Apply(jira.FetchedEvent(client.Site(), read, jira.ProvenanceBackfill, c.now()))
	if f.History != nil || f.Created || next.ID != s.ID {
		t.Errorf("got %+v, want no second record and no history", f)
	}
	if key := jira.BackfillKey(read); key != "bf:"+issue.ID+":2026-03-02T10:00:01.000Z" {
		t.Errorf("got key %s", key)
	}
}

func TestBackfillJQL(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 0, 5, 30, 0, time.UTC)
	berlin := time.FixedZone("", 3600)
	for want, got := range map[string]string{
		`project in ("UPG", "A\"B") AND updated >= "2026/03/02 00:55" ORDER BY updated ASC`: jira.BackfillJQL([]string{"UPG", `A"B`}, at, berlin),
		`updated >= "2026/03/01 23:55" ORDER BY updated ASC`:                                jira.BackfillJQL(nil, at, nil),
		`order by updated ASC`: jira.BackfillJQL(nil, time.Time{}, nil),
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJira68_MissingIsNotForbidden(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{})
	if _, err := client.GetIssue(t.Context(), "UPG-404"); jira.CodeOf(err) != jira.CodeNotFound {
		t.Errorf("missing: got %v", err)
	}
	issue := site.AddIssue("UPG", nil)
	site.Fail(fakejira.Fault{Status: http.StatusForbidden})
	if _, err := client.GetIssue(t.Context(), issue.ID); jira.CodeOf(err) != jira.CodeForbidden {
		t.Errorf("forbidden: got %v", err)
	}
}

func TestJira69_DynamicWebhooksAreExtended(t *testing.T) {
	t.Parallel()
	site, client, _ := connect(t, fakejira.Options{})
	id, err := client.RegisterWebhook(t.Context(), "https://h.example/hook", "project = UPG", []string{"jira:issue_updated"})
	if err != nil || id != 1000 {
		t.Fatalf("got %d, %v", id, err)
	}
	expires, err := client.RefreshWebhooks(t.Context(), []int64{id})
	if err != nil || expires.IsZero() {
		t.Errorf("got %v, %v; want a time", expires, err)
	}
	if jira.RefreshDue(expires, expires.Add(-6*24*time.Hour)) || !jira.RefreshDue(expires, expires.Add(-5*24*time.Hour)) {
		t.Error("extension is not due on day 25")
	}
	site.ForgetWebhooks()
	if _, err := client.RefreshWebhooks(t.Context(), []int64{id}); jira.CodeOf(err) != jira.CodeNotFound {
		t.Errorf("gone: got %v, want %s", err, jira.CodeNotFound)
	}
}
