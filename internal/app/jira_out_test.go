package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/jira/fakejira"
)

// tracker is a source with the site behind it.
type tracker struct {
	site
	jira *fakejira.Server
}

// connect runs a site and a source that delivers from it and calls it. Members override those of the source.
func connect(t *testing.T, s *apptest.Server, o fakejira.Options, members map[string]any) tracker {
	t.Helper()
	if o.Now == nil {
		o.Now = s.Clock.Now
	}
	fake := fakejira.Start(o)
	t.Cleanup(fake.Close)
	api := map[string]any{"kind": "cloud_token", "email": "bot@example.com", "token": "token", "project": "UPG"}
	body := map[string]any{"site": fake.URL, "api": api}
	if o.Product == jira.ProductDataCenter {
		api["kind"], body["product"] = "data_center_token", "jira_data_center"
		delete(api, "email")
	}
	for name, value := range members {
		body[name] = value
	}
	src := source(t, s, body)
	fake.Subscribe(fakejira.Hook{URL: s.URL + "/api/v1/webhooks/jira/" + src.id, Secret: hookSecret})
	return tracker{src, fake}
}

// deliver sends what the site has to tell, and applies it.
func (tr tracker) deliver(t *testing.T) {
	t.Helper()
	for _, o := range tr.jira.Deliver(context.Background(), http.DefaultClient, fakejira.Weather{}) {
		if o.Status != 200 {
			t.Errorf("delivering %s: %d %s", o.Delivery.Event, o.Status, o.Answer)
		}
	}
	tr.drain(t)
}

// work does what is to be done at sites, and applies what was read.
func (tr tracker) work(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	for until := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		_, err := tr.Services.JiraWork.Drain(ctx)
		behind, behindErr := tr.Services.JiraWork.Behind(ctx)
		if err := errors.Join(err, behindErr); err != nil {
			t.Fatalf("working at sites: %v", err)
		}
		if !behind {
			break
		}
		if time.Now().After(until) {
			t.Fatal("the changes were not followed within half a minute")
		}
	}
	tr.drain(t)
}

// settle lets both sides work until nothing is left.
func (tr tracker) settle(t *testing.T) {
	t.Helper()
	for range 4 {
		tr.deliver(t)
		tr.work(t)
	}
}

// jobs are the pieces of work of a kind, newest first.
func (tr tracker) jobs(t *testing.T, kind string) []map[string]any {
	t.Helper()
	answer := tr.Must(t, 200, "GET", "/api/v1/jobs?limit=200&kind="+kind, nil)
	items, _ := answer.Body["items"].([]any)
	var out []map[string]any
	for _, item := range items {
		out = append(out, item.(map[string]any))
	}
	return out
}

// one wants exactly one piece of work of a kind in a state.
func (tr tracker) one(t *testing.T, kind, state string) map[string]any {
	t.Helper()
	all := tr.jobs(t, kind)
	if len(all) != 1 || all[0]["state"] != state {
		t.Fatalf("work of kind %s is %v, want one that is %s", kind, all, state)
	}
	return all[0]
}

var bug = map[string]any{"summary": "Sessions expire early", "description": "See *this*", "issuetype": map[string]any{"id": "1", "name": "Bug"}}

// refer links a record to an issue.
func (tr tracker) refer(t *testing.T, target, key string) string {
	t.Helper()
	return tr.Must(t, 201, "POST", "/api/v1/references", map[string]any{"target": target, "kind": "jira", "external_key": key, "url": tr.jira.URL + "/browse/" + key}).Text("id")
}

func (tr tracker) link(t *testing.T, issue, id string) map[string]any {
	t.Helper()
	found, there := tr.jira.Issue(issue)
	if !there {
		t.Fatalf("there is no issue %s", issue)
	}
	for global, link := range found.Links {
		if strings.HasSuffix(global, "id="+id) {
			return link["object"].(map[string]any)
		}
	}
	return nil
}

func addLesson(t *testing.T, s *apptest.Server, members map[string]any) string {
	t.Helper()
	body := map[string]any{"title": "Compare the indexes first", "when": "an upgrade touches persistence", "then": "compare the indexes of both environments"}
	for name, value := range members {
		body[name] = value
	}
	return s.Must(t, 201, "POST", "/api/v1/lessons", body).Text("id")
}

func addAction(t *testing.T, s *apptest.Server) string {
	t.Helper()
	return s.Must(t, 201, "POST", "/api/v1/actions", map[string]any{"title": "Add the index everywhere", "done_criterion": "drift shows none", "owner": "database team"}).Text("id")
}

func advance(t *testing.T, s *apptest.Server, path string, states ...string) {
	t.Helper()
	for _, to := range states {
		s.Must(t, 200, "POST", "/api/v1/"+path+"/transitions", map[string]any{"to": to, "reason": "as agreed"})
	}
}

func TestJira58LinksAreOneAndWholeAndStruckThrough(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", map[string]any{"summary": "s", "issuetype": map[string]any{"name": "Epic"}})
		lesson, action := addLesson(t, s, nil), addAction(t, s)
		tr.refer(t, lesson, issue.Key)
		tr.work(t)
		tr.refer(t, lesson, issue.Key)
		tr.refer(t, action, issue.Key)
		tr.settle(t)
		now, _ := tr.jira.Issue(issue.Key)
		if len(now.Links) != 2 {
			t.Fatalf("%d links, want one of the lesson and one of the action: %v", len(now.Links), now.Links)
		}
		object := tr.link(t, issue.Key, lesson)
		if object["url"] != "http://hindcast.test/lessons/"+lesson || object["title"] != lesson+": Compare the indexes first" || object["summary"] != "Lesson, draft" {
			t.Errorf("the link is %v, want address, title and summary", object)
		}
		before := tr.jira.Count("POST", "/remotelink")
		advance(t, s, "actions/"+action, "in_progress", "done")
		tr.settle(t)
		object = tr.link(t, issue.Key, action)
		if status := object["status"].(map[string]any); status["resolved"] != true || object["title"] == nil || object["url"] == nil {
			t.Errorf("after the action was done the link is %v, want it whole and resolved", object)
		}
		if n := tr.jira.Count("POST", "/remotelink") - before; n != 1 {
			t.Errorf("%d writes for two moves that were seen together, want 1", n)
		}
	})
}

func TestJira58LinksGoWithTheirReferenceAndHideWhatIsRestricted(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", map[string]any{"summary": "s", "issuetype": map[string]any{"name": "Epic"}})
		lesson := addLesson(t, s, map[string]any{"visibility": "restricted", "team": "security", "title": "Secret of the vault"})
		reference := tr.refer(t, lesson, issue.Key)
		tr.work(t)
		if object := tr.link(t, issue.Key, lesson); object["title"] != lesson || strings.Contains(fmt.Sprint(object), "vault") {
			t.Errorf("the link of a restricted record is %v, want its id alone", object)
		}
		s.Must(t, 204, "DELETE", "/api/v1/references/"+reference, nil)
		tr.work(t)
		if now, _ := tr.jira.Issue(issue.Key); len(now.Links) != 0 {
			t.Errorf("links after the reference went: %v", now.Links)
		}
	})
}

func TestJira60NothingIsWrittenTwiceAndLoopsAreSuspended(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", map[string]any{"summary": "s", "issuetype": map[string]any{"name": "Epic"}})
		lesson := addLesson(t, s, nil)
		tr.refer(t, lesson, issue.Key)
		tr.work(t)
		change := func(title, because string) {
			s.Must(t, 200, "PATCH", "/api/v1/lessons/"+lesson, map[string]any{"title": title, "because": because}, "Content-Type", "application/merge-patch+json")
			tr.work(t)
		}
		change("Compare the indexes first", "a change that the issue does not show")
		if n := tr.jira.Count("POST", "/remotelink"); n != 1 {
			t.Errorf("%d writes, want 1: the link is there already", n)
		}
		for i := range 8 {
			change(fmt.Sprint("Title ", i), "")
		}
		if n := tr.jira.Count("POST", "/remotelink"); n != 5 {
			t.Errorf("%d writes within a minute, want 5", n)
		}
		suspended := tr.one(t, "link", "suspended")
		if suspended["error"] != "sync_suspended" {
			t.Errorf("the work is %v, want sync_suspended", suspended)
		}
		if figures := s.Must(t, 200, "GET", "/metrics", nil).Raw; !strings.Contains(string(figures), `hindcast_jira_suspended_total{reason="sync_suspended"} 1`) {
			t.Error("the figures show no alert")
		}
		s.Clock.Move(2 * time.Minute)
		tr.work(t)
		if n := tr.jira.Count("POST", "/remotelink"); n != 5 {
			t.Errorf("%d writes, want none until somebody resumes the work", n-5)
		}
		s.Must(t, 202, "POST", fmt.Sprint("/api/v1/jobs/", suspended["id"], "/resume"), nil)
		tr.work(t)
		if object := tr.link(t, issue.Key, lesson); object["title"] != lesson+": Title 7" {
			t.Errorf("after it was resumed the link is %v", object)
		}
	})
}

func TestJira61LimitsAreKept(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", map[string]any{"summary": "s", "issuetype": map[string]any{"name": "Epic"}})
		lesson := addLesson(t, s, nil)
		tr.refer(t, lesson, issue.Key)
		tr.jira.RateLimit("/remotelink", "jira-burst-based", "7", 1)
		tr.work(t)
		for range 3 {
			s.Clock.Move(2 * time.Second)
			tr.work(t)
		}
		if n := tr.jira.Count("POST", "/remotelink"); n != 1 {
			t.Errorf("%d calls within 7 s of a refusal, want 1", n)
		}
		s.Clock.Move(2 * time.Second)
		tr.work(t)
		if tr.link(t, issue.Key, lesson) == nil {
			t.Error("the link was not set after the limit")
		}

		tr.jira.RateLimit("/", "jira-quota-global-based", "600", 1)
		other := addLesson(t, s, nil)
		tr.refer(t, other, issue.Key)
		action := addAction(t, s)
		s.Must(t, 202, "POST", "/api/v1/actions/"+action+"/issue", map[string]any{})
		before := len(tr.jira.Requests())
		tr.work(t)
		s.Clock.Move(5 * time.Minute)
		tr.work(t)
		if n := len(tr.jira.Requests()) - before; n != 1 {
			t.Errorf("%d calls while the quota was used up, want the one that was refused", n)
		}
		s.Clock.Move(6 * time.Minute)
		tr.work(t)
		if tr.link(t, issue.Key, other) == nil || len(tr.jira.Issues()) != 2 {
			t.Error("the work was not done after the quota was reset")
		}
	})
}

func TestJira61ARefusedTokenStopsEverything(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{Token: "another"}, nil)
		issue := tr.jira.AddIssue("UPG", map[string]any{"summary": "s", "issuetype": map[string]any{"name": "Epic"}})
		var lessons []string
		for range 3 {
			lessons = append(lessons, addLesson(t, s, nil))
			tr.refer(t, lessons[len(lessons)-1], issue.Key)
		}
		for range 5 {
			tr.work(t)
			s.Clock.Move(time.Hour)
		}
		if n := len(tr.jira.Requests()); n != 1 {
			t.Errorf("%d calls with a refused token, want 1", n)
		}
		got := s.Must(t, 200, "GET", "/api/v1/sources/"+tr.id, nil)
		if got.Text("api_state") != "auth_failed" || strings.Contains(string(got.Raw), "sealed") || got.Text("api.token") != "" {
			t.Errorf("the source is %s, want auth_failed and no token", got.Raw)
		}
		if check := s.Must(t, 200, "POST", "/api/v1/sources/"+tr.id+"/check", nil); check.Text("ok") != "false" || check.Text("code") != "auth_failed" {
			t.Errorf("the check is %s, want auth_failed", check.Raw)
		}
		s.Must(t, 200, "PATCH", "/api/v1/sources/"+tr.id, map[string]any{"api": map[string]any{"token": "another"}}, "Content-Type", "application/merge-patch+json")
		tr.work(t)
		for _, id := range lessons {
			if tr.link(t, issue.Key, id) == nil {
				t.Errorf("the link of %s was not set with the right token", id)
			}
		}
	})
}

func TestJira62AnIssueIsMadeOnceWhateverHappens(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		action := addAction(t, s)
		tr.jira.Fail(fakejira.Fault{Method: "POST", Path: "/issue", Times: 1, Commit: true, Drop: true})
		tr.jira.Fail(fakejira.Fault{Method: "POST", Path: "/search", Skip: 1, Times: 1, Status: 503})
		first := s.Must(t, 202, "POST", "/api/v1/actions/"+action+"/issue", map[string]any{"issue_type": "Task", "labels": []string{"postmortem"}})
		if again := s.Must(t, 202, "POST", "/api/v1/actions/"+action+"/issue", map[string]any{}); again.Text("id") != first.Text("id") {
			t.Errorf("asked again it is %s, want %s", again.Text("id"), first.Text("id"))
		}
		tr.work(t)
		if job := tr.one(t, "create", "waiting"); !strings.HasPrefix(fmt.Sprint(job["error"]), "ambiguous") {
			t.Fatalf("after a lost answer the work is %v, want it waiting", job)
		}
		s.Clock.Move(2 * time.Minute)
		tr.work(t)
		tr.one(t, "create", "done")
		issues := tr.jira.Issues()
		if len(issues) != 1 {
			t.Fatalf("%d issues, want one: %v", len(issues), issues)
		}
		if labels := fmt.Sprint(issues[0].Fields["labels"]); !strings.Contains(labels, "hindcast-"+strings.ToLower(action)) || !strings.Contains(labels, "postmortem") {
			t.Errorf("its labels are %s, want the marker and the given one", labels)
		}
		refs := s.Must(t, 200, "GET", "/api/v1/references?target="+action, nil)
		if refs.Text("items.0.external_key") != issues[0].Key || refs.Text("items.1.id") != "" {
			t.Errorf("the references of the action are %s, want its issue once", refs.Raw)
		}
		if got := s.Must(t, 200, "GET", "/api/v1/actions/"+action, nil); got.Text("owner") != "database team" || got.Text("title") != "Add the index everywhere" {
			t.Errorf("making the issue changed the action: %s", got.Raw)
		}
		s.Must(t, 202, "POST", "/api/v1/actions/"+action+"/issue", map[string]any{})
		tr.settle(t)
		if n := len(tr.jira.Issues()); n != 1 {
			t.Errorf("asked once more there are %d issues", n)
		}
		found := s.Must(t, 201, "POST", "/api/v1/findings", map[string]any{"title": "Sessions expire early", "severity": "high"}).Text("id")
		s.Must(t, 202, "POST", "/api/v1/findings/"+found+"/issue", map[string]any{})
		tr.settle(t)
		if refs := s.Must(t, 200, "GET", "/api/v1/references?target="+found, nil); len(tr.jira.Issues()) != 2 || refs.Text("items.0.external_key") != "UPG-2" || refs.Text("items.1.id") != "" {
			t.Errorf("the references of the finding are %s, want its issue once", refs.Raw)
		}
	})
}

func TestJiraTheWholeLoop(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		for name, o := range map[string]fakejira.Options{"cloud": {}, "data center": {Product: jira.ProductDataCenter, Context: "/jira"}} {
			tr := connect(t, s, o, map[string]any{"name": name})
			s.Must(t, 200, "POST", "/api/v1/sources/"+tr.id+"/check", nil)
			issue := tr.jira.AddIssue("UPG", bug)
			tr.deliver(t)
			refs := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+issue.Key, nil)
			found := refs.Text("items.0.target")
			if !strings.HasPrefix(found, "FND-") || refs.Text("items.0.url") != tr.jira.URL+"/browse/"+issue.Key {
				t.Fatalf("%s: the webhook made %s, want a finding", name, refs.Raw)
			}
			lesson := addLesson(t, s, map[string]any{"finding_ids": []string{found}})
			tr.refer(t, lesson, issue.Key)
			action := addAction(t, s)
			s.Must(t, 202, "POST", "/api/v1/actions/"+action+"/issue", map[string]any{"source_id": tr.id})
			tr.settle(t)
			if tr.link(t, issue.Key, lesson) == nil || tr.link(t, issue.Key, found) == nil {
				t.Fatalf("%s: the issue has no links to %s and %s", name, lesson, found)
			}
			made := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&target="+action, nil).Text("items.0.external_key")
			comment := tr.jira.Comment(issue.Key, fakejira.Actor, "It was the *index*")
			tr.jira.Change(made, fakejira.Actor, map[string]any{"status": fakejira.Status("Erledigt", "done")})
			tr.jira.Change(issue.Key, fakejira.Actor, map[string]any{"status": fakejira.Status("Closed", "done")})
			tr.settle(t)
			if got := s.Must(t, 200, "GET", "/api/v1/actions/"+action, nil).Text("status"); got != "done" {
				t.Errorf("%s: after its issue was closed the action is %s, want done", name, got)
			}
			if got := s.Must(t, 200, "GET", "/api/v1/findings/"+found, nil).Text("status"); got != "resolved" {
				t.Errorf("%s: after its issue was closed the finding is %s, want resolved", name, got)
			}
			if events := s.Must(t, 200, "GET", "/api/v1/findings/"+found+"/events", nil); events.Text("items.0.text") != "It was the **index**" || events.Text("items.1.text") != "" {
				t.Errorf("%s: the comment %s is %s, want it once", name, comment, events.Raw)
			}
			if object := tr.link(t, made, action); object["status"].(map[string]any)["resolved"] != true {
				t.Errorf("%s: the link of the done action is %v, want it resolved", name, object)
			}
			calls := len(tr.jira.Requests())
			tr.settle(t)
			if n := len(tr.jira.Requests()) - calls; n != 0 {
				t.Errorf("%s: %d more calls when all was settled: the two sides answer each other", name, n)
			}
		}
	})
}

func TestJiraASiteThatIsDownDelaysAndLosesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", bug)
		tr.deliver(t)
		lesson := addLesson(t, s, nil)
		reference := tr.refer(t, lesson, issue.Key)
		tr.jira.Fail(fakejira.Fault{Status: 503})
		s.Must(t, 202, "POST", "/api/v1/references/"+reference+"/comments", map[string]any{"text": "It is **back**"})
		for range 20 {
			tr.work(t)
			s.Clock.Move(time.Hour)
		}
		tr.jira.Heal()
		tr.work(t)
		now, _ := tr.jira.Issue(issue.Key)
		if tr.link(t, issue.Key, lesson) == nil || len(now.Comments) != 1 || now.Comments[0]["body"] != "It is *back*" {
			t.Errorf("after 20 hours the issue has links %v and comments %v, want all", now.Links, now.Comments)
		}
		s.Must(t, 202, "POST", "/api/v1/references/"+reference+"/comments", map[string]any{"text": "It is **back**"})
		tr.settle(t)
		if now, _ := tr.jira.Issue(issue.Key); len(now.Comments) != 1 {
			t.Errorf("the same comment was written %d times", len(now.Comments))
		}
	})
}

func TestJiraACommentWhoseAnswerIsLostIsWrittenOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", bug)
		lesson := addLesson(t, s, nil)
		reference := tr.refer(t, lesson, issue.Key)
		tr.jira.Fail(fakejira.Fault{Method: "POST", Path: "/comment", Times: 1, Commit: true, Drop: true})
		s.Must(t, 202, "POST", "/api/v1/references/"+reference+"/comments", map[string]any{"text": "Once"})
		tr.work(t)
		s.Clock.Move(2 * time.Minute)
		tr.work(t)
		if now, _ := tr.jira.Issue(issue.Key); len(now.Comments) != 1 {
			t.Errorf("%d comments, want 1", len(now.Comments))
		}
		tr.one(t, "comment", "done")
	})
}

func TestJira67ABackfillGoesOnWhereItStopped(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		for name, o := range map[string]fakejira.Options{"cloud": {PageSize: 3}, "data center": {PageSize: 3, Product: jira.ProductDataCenter}} {
			tr := connect(t, s, o, map[string]any{"name": name, "api": map[string]any{
				"kind": map[bool]string{true: "data_center_token", false: "cloud_token"}[o.Product != ""], "email": "bot@example.com", "token": "token", "links": false,
			}})
			at := s.Clock.Now()
			var keys []string
			for i := range 16 {
				s.Clock.Set(at.Add(time.Duration(i/2) * time.Minute)) // two issues in each minute
				keys = append(keys, tr.jira.AddIssue("UPG", bug).Key)
			}
			tr.jira.Deliver(context.Background(), http.DefaultClient, fakejira.Weather{Seed: 1}) // some are known by webhooks
			tr.drain(t)
			if _, err := s.Store.Writer().Exec("DELETE FROM deliveries"); err != nil {
				t.Fatal(err)
			}
			s.Clock.Move(time.Minute)
			tr.jira.Fail(fakejira.Fault{Path: "/search", Skip: 3, Times: 1, Status: 500})
			s.Must(t, 202, "POST", "/api/v1/sources/"+tr.id+"/backfill", map[string]any{"since": at.Add(-time.Hour)})
			tr.work(t)
			mark := s.Must(t, 200, "GET", "/api/v1/sources/"+tr.id, nil).Text("watermark")
			if mark == "" {
				t.Fatalf("%s: no watermark after three pages", name)
			}
			// An edit in the middle of the search moves an issue to the end, and one to come is changed too.
			tr.jira.Change(keys[0], fakejira.Actor, map[string]any{"summary": "Changed during the search"})
			tr.jira.Change(keys[15], fakejira.Actor, map[string]any{"summary": "Changed as well"})
			tr.jira.Outbox() // the site told nobody
			before := tr.jira.Count("POST", "/search")
			s.Clock.Move(time.Minute)
			tr.work(t)
			var first string
			for _, r := range tr.jira.Requests() {
				if strings.Contains(r.Path, "/search") {
					if before--; before < 0 {
						first = r.Body
						break
					}
				}
			}
			if strings.Contains(first, at.Add(-time.Hour).Format("2006/01/02 15:04")) {
				t.Errorf("%s: it began anew: %s", name, first)
			}
			for i, key := range keys {
				refs := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+key+"&limit=200", nil)
				target := ""
				for n := range 50 {
					if strings.HasPrefix(refs.Text(fmt.Sprintf("items.%d.url", n)), tr.jira.URL) {
						if target != "" {
							t.Errorf("%s: %s has two records", name, key)
						}
						target = refs.Text(fmt.Sprintf("items.%d.target", n))
					}
				}
				want := map[int]string{0: "Changed during the search", 15: "Changed as well"}[i]
				if want == "" {
					want = "Sessions expire early"
				}
				if target == "" {
					t.Errorf("%s: %s was lost", name, key)
				} else if got := s.Must(t, 200, "GET", "/api/v1/findings/"+target, nil).Text("title"); got != want {
					t.Errorf("%s: %s is %q, want %q", name, key, got, want)
				}
			}
		}
	})
}

func TestJira68AReconciliationFindsWhatIsGone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{PageSize: 2}, nil)
		gone, hidden, missed, kept := tr.jira.AddIssue("UPG", bug), tr.jira.AddIssue("UPG", bug), tr.jira.AddIssue("UPG", bug), tr.jira.AddIssue("UPG", bug)
		tr.deliver(t)
		s.Clock.Move(time.Minute)
		tr.jira.Delete(gone.Key)
		tr.jira.Delete(hidden.Key)
		tr.jira.Change(missed.Key, fakejira.Actor, map[string]any{"summary": "Nobody told us"})
		tr.jira.Outbox() // the site told nobody
		tr.jira.Fail(fakejira.Fault{Path: "/issue/" + hidden.ID, Status: 403})
		if err := s.Services.JiraWork.Schedule(context.Background()); err != nil {
			t.Fatal(err)
		}
		tr.work(t)
		role := func(key string) (string, string) {
			refs := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+key, nil)
			return refs.Text("items.0.role"), s.Must(t, 200, "GET", "/api/v1/findings/"+refs.Text("items.0.target"), nil).Text("title")
		}
		for key, want := range map[string][2]string{
			gone.Key: {"deleted in Jira", "Sessions expire early"}, hidden.Key: {"not readable in Jira", "Sessions expire early"},
			missed.Key: {"tracked in", "Nobody told us"}, kept.Key: {"tracked in", "Sessions expire early"},
		} {
			if r, title := role(key); r != want[0] || title != want[1] {
				t.Errorf("%s is %q %q, want %q", key, r, title, want)
			}
		}
		n := len(tr.jobs(t, "reconcile"))
		if err := s.Services.JiraWork.Schedule(context.Background()); err != nil {
			t.Fatal(err)
		}
		if now := tr.jobs(t, "reconcile"); n != 1 || now[0]["state"] != "done" {
			t.Errorf("it is asked for again within a day: %v", now)
		}
		asked := s.Must(t, 202, "POST", "/api/v1/sources/"+tr.id+"/reconcile", nil).Text("id")
		tr.work(t)
		if got := s.Must(t, 200, "GET", "/api/v1/jobs/"+asked, nil); got.Text("kind") != "reconcile" || got.Text("state") != "done" {
			t.Errorf("asked for by hand it is %s, want done", got.Raw)
		}
	})
}

func TestJira69RegisteredWebhooksAreKeptAlive(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		s.Must(t, 202, "POST", "/api/v1/sources/"+tr.id+"/webhook", map[string]any{"jql": "project = UPG"})
		tr.work(t)
		// Jira lets apps alone register webhooks: an API token is refused, and that is said.
		if job := tr.one(t, "webhook", "failed"); !strings.Contains(fmt.Sprint(job["error"]), "forbidden") {
			t.Errorf("with an API token the work is %v, want it forbidden", job)
		}
		app := map[string]any{"kind": "cloud_scoped_token", "cloud_id": "11223344", "base": tr.jira.URL, "token": "token", "email": ""}
		s.Must(t, 200, "PATCH", "/api/v1/sources/"+tr.id, map[string]any{"api": app}, "Content-Type", "application/merge-patch+json")
		s.Must(t, 202, "POST", "/api/v1/sources/"+tr.id+"/webhook", map[string]any{"jql": "project = UPG"})
		tr.work(t)
		expires := s.Must(t, 200, "GET", "/api/v1/sources/"+tr.id, nil).Text("webhook_expires_at")
		day := func(n int) {
			s.Clock.Move(time.Duration(n) * 24 * time.Hour)
			if err := s.Services.JiraWork.Schedule(context.Background()); err != nil {
				t.Fatal(err)
			}
			tr.work(t)
		}
		day(24)
		if n := tr.jira.Count("PUT", "/webhook/refresh"); n != 0 {
			t.Errorf("%d refreshes after 24 days, want none", n)
		}
		day(1)
		if n := tr.jira.Count("PUT", "/webhook/refresh"); n != 1 {
			t.Errorf("%d refreshes after 25 days, want 1", n)
		}
		if now := s.Must(t, 200, "GET", "/api/v1/sources/"+tr.id, nil).Text("webhook_expires_at"); now <= expires {
			t.Errorf("it ends at %s, want later than %s", now, expires)
		}
		tr.jira.ForgetWebhooks()
		lost := tr.jira.AddIssue("UPG", bug)
		tr.jira.Outbox() // its webhook was gone
		registered := tr.jira.Count("POST", "/api/3/webhook")
		day(26)
		if n := tr.jira.Count("POST", "/api/3/webhook") - registered; n != 1 {
			t.Errorf("%d registrations of a webhook that was gone, want 1", n)
		}
		tr.one(t, "backfill", "done")
		if refs := s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+lost.Key, nil); refs.Text("items.0.target") == "" {
			t.Error("what was changed in the gap is not known")
		}
	})
}

func TestJiraABackfillFollowsALongAbsence(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		ctx := context.Background()
		for _, step := range []struct {
			away time.Duration
			want int
		}{{20 * time.Minute, 0}, {40 * time.Minute, 1}} {
			if err := s.Services.JiraWork.Schedule(ctx); err != nil {
				t.Fatal(err)
			}
			s.Clock.Move(step.away)
			if err := s.Services.JiraWork.Recover(ctx); err != nil {
				t.Fatal(err)
			}
			if n := len(tr.jobs(t, "backfill")); n != step.want {
				t.Errorf("after %s away there are %d backfills, want %d", step.away, n, step.want)
			}
		}
	})
}

func TestJira16And17WhatCannotBeReadIsFetched(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		big, empty := tr.jira.AddIssue("UPG", bug), tr.jira.AddIssue("UPG", bug)
		tr.jira.Outbox()
		if answer := tr.post(t, "?issue="+big.ID, strings.Repeat(" ", jira.MaxBody+1), "X-Atlassian-Webhook-Identifier", "big"); answer.Status != 413 {
			t.Fatalf("16: %d, want 413", answer.Status)
		}
		answer := tr.post(t, "?issue="+empty.ID, "", "X-Atlassian-Webhook-Identifier", "empty")
		if answer.Status != 200 {
			t.Fatalf("17: %d %s, want 200", answer.Status, answer.Raw)
		}
		if jobs := tr.jobs(t, "fetch"); len(jobs) != 2 || jobs[0]["issue"] != empty.ID || jobs[1]["issue"] != big.ID {
			t.Fatalf("fetches are %v, want one of each issue", jobs)
		}
		tr.work(t)
		if n := len(tr.findings(t)); n != 2 {
			t.Errorf("%d findings, want those that were fetched", n)
		}
		tr.became(t, answer.Text("delivery_id"), "noop", "fetched")
	})
}

func TestJiraACommentOnAnUnknownIssueFetchesIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		issue := tr.jira.AddIssue("UPG", bug)
		tr.jira.Outbox() // the source was made after the issue
		tr.jira.Comment(issue.Key, fakejira.Actor, "It is the index")
		tr.settle(t)
		f := tr.only(t)
		events := s.Must(t, 200, "GET", "/api/v1/findings/"+f.Text("id")+"/events", nil)
		if f.Text("title") != "Sessions expire early" || events.Text("items.0.text") != "It is the index" || events.Text("items.1.text") != "" {
			t.Errorf("the finding is %s with %s, want it with its comment", f.Raw, events.Raw)
		}
	})
}

func TestJiraAnIssueIsTakenApartIntoFindingsOnce(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tr := connect(t, s, fakejira.Options{}, nil)
		child := tr.jira.AddIssue("UPG", map[string]any{"summary": "A subtask", "issuetype": map[string]any{"name": "Sub-task"}})
		linked := tr.jira.AddIssue("UPG", map[string]any{"summary": "A linked bug", "issuetype": map[string]any{"name": "Bug"}, "status": fakejira.Status("Done", "done")})
		ref := func(i fakejira.Issue) map[string]any {
			return map[string]any{"id": i.ID, "key": i.Key, "fields": map[string]any{"summary": i.Fields["summary"]}}
		}
		parent := tr.jira.AddIssue("UPG", map[string]any{
			"summary": "Everything QA saw", "issuetype": map[string]any{"name": "Epic"}, "subtasks": []any{ref(child)},
			"issuelinks":  []any{map[string]any{"id": "1", "type": map[string]any{"name": "Relates"}, "outwardIssue": ref(linked)}},
			"description": "",
		})
		tr.jira.Outbox()
		tr.jira.Describe(parent.Key, map[string]any{"type": "doc", "version": 1, "content": []any{map[string]any{"type": "taskList", "content": []any{
			map[string]any{"type": "taskItem", "attrs": map[string]any{"localId": "a", "state": "TODO"}, "content": []any{map[string]any{"type": "text", "text": "Logged out of courses"}}},
			map[string]any{"type": "taskItem", "attrs": map[string]any{"localId": "b", "state": "DONE"}, "content": []any{map[string]any{"type": "text", "text": "Support agents logged out"}}},
		}}}})
		first := s.Must(t, 200, "POST", "/api/v1/imports/jira", map[string]any{"key": parent.Key, "source": tr.id})
		if first.Text("created") != "4" || first.Text("failed") != "0" {
			t.Fatalf("the import is %s, want four findings", first.Raw)
		}
		second := s.Must(t, 200, "POST", "/api/v1/imports/jira", map[string]any{"key": parent.Key})
		if second.Text("created") != "0" || second.Text("known") != "4" || len(tr.findings(t)) != 4 {
			t.Errorf("the second import is %s over %d findings, want nothing new", second.Raw, len(tr.findings(t)))
		}
		var titles []string
		for _, item := range tr.findings(t) {
			f := item.(map[string]any)
			titles = append(titles, fmt.Sprint(f["title"], " ", f["status"]))
		}
		slices.Sort(titles)
		want := []string{"A linked bug resolved", "A subtask reported", "Logged out of courses reported", "Support agents logged out resolved"}
		if !slices.Equal(titles, want) {
			t.Errorf("the findings are %q, want %q", titles, want)
		}
		tr.jira.Change(child.Key, fakejira.Actor, map[string]any{"summary": "A subtask, reworded"})
		tr.settle(t)
		if raw, _ := json.Marshal(tr.findings(t)); !strings.Contains(string(raw), "A subtask, reworded") || len(tr.findings(t)) != 4 {
			t.Errorf("a webhook about an imported issue did not reach its finding")
		}
		if got := s.Call(t, "POST", "/api/v1/imports/jira", map[string]any{"key": "NO-1"}); got.Status != 422 || got.Text("errors.0.field") != "key" {
			t.Errorf("an issue that is not there: %d %s, want 422 on key", got.Status, got.Raw)
		}
	})
}

func TestJiraASiteOnAPrivateNetworkIsNotCalledUnlessAllowed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"site": "http://10.255.255.1:8080", "api": map[string]any{"kind": "data_center_token", "token": "x"}})
		got := s.Must(t, 200, "POST", "/api/v1/sources/"+src.id+"/check", nil)
		if got.Text("ok") != "false" || !strings.Contains(got.Text("message"), "--outbound-allow") {
			t.Errorf("the check is %s, want a refusal that says what to allow", got.Raw)
		}
	})
}
