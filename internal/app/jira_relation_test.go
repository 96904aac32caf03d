package app_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/jira"
)

// blocks writes an event about a link, whose words tell what each end is to the other.
func blocks(event string, id, from, to int, at time.Time) string {
	return fmt.Sprintf(`{"timestamp":%d,"webhookEvent":"issuelink_%s","issueLink":{"id":%d,"sourceIssueId":%d,"destinationIssueId":%d,"systemLink":false,
	"issueLinkType":{"id":1,"name":"Blocks","inwardName":"is blocked by","outwardName":"blocks","isSubTaskLinkType":false,"isSystemLinkType":false}}}`,
		at.UnixMilli(), event, id, from, to)
}

// record is the record of an issue, or "".
func (s site) record(t *testing.T, key string) string {
	t.Helper()
	return s.Must(t, 200, "GET", "/api/v1/references?kind=jira&external_key="+key, nil).Text("items.0.target")
}

// related says what the record of an issue is to other records, sorted.
func (s site) related(t *testing.T, key string) string {
	t.Helper()
	var out []string
	items, _ := s.Must(t, 200, "GET", "/api/v1/references?limit=200&kind=other&target="+s.record(t, key), nil).Body["items"].([]any)
	for _, item := range items {
		r := item.(map[string]any)
		out = append(out, fmt.Sprintf("%v %v (%v, %v)", r["role"], r["external_key"], r["title"], r["url"]))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestJira36LinksBetweenIssuesRelateTheirRecords(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		// The site is told by the issues alone, so that a link that comes first does not tell where it belongs.
		src := source(t, s, nil)
		run := 0
		permute([]string{"a", "b", "link"}, func(order []string) {
			run++
			a, b, link := 3600+10*run, 3601+10*run, 100*run
			for _, step := range order {
				switch step {
				case "a":
					src.ok(t, "accepted", issueEvent(change{id: fmt.Sprint(a), key: fmt.Sprint("UPG-", a)}))
				case "b":
					src.ok(t, "accepted", issueEvent(change{id: fmt.Sprint(b), key: fmt.Sprint("UPG-", b), kind: "Incident"}))
				default:
					src.ok(t, "accepted", blocks("created", link, a, b, morning))
				}
				src.drain(t)
			}
			first, second := src.record(t, fmt.Sprint("UPG-", a)), src.record(t, fmt.Sprint("UPG-", b))
			if !strings.HasPrefix(first, "FND-") || !strings.HasPrefix(second, "INC-") {
				t.Fatalf("order %v: the records are %q and %q", order, first, second)
			}
			want := fmt.Sprintf("blocks %s (UPG-%d, https://x.atlassian.net/browse/UPG-%d)", second, b, b)
			if got := src.related(t, fmt.Sprint("UPG-", a)); got != want {
				t.Errorf("order %v: the one end says %q, want %q", order, got, want)
			}
			want = fmt.Sprintf("is blocked by %s (UPG-%d, https://x.atlassian.net/browse/UPG-%d)", first, a, a)
			if got := src.related(t, fmt.Sprint("UPG-", b)); got != want {
				t.Errorf("order %v: the other end says %q, want %q", order, got, want)
			}
			again := src.ok(t, "accepted", blocks("created", link, a, b, morning.Add(time.Second)))
			src.drain(t)
			src.became(t, again, "noop", "duplicate_change")
			src.ok(t, "accepted", blocks("deleted", link, a, b, morning.Add(time.Minute)))
			src.drain(t)
			if one, other := src.related(t, fmt.Sprint("UPG-", a)), src.related(t, fmt.Sprint("UPG-", b)); one+other != "" {
				t.Errorf("order %v: after the link went the ends say %q and %q, want nothing", order, one, other)
			}
		})
	})
}

// permute calls see with every order of the words.
func permute(words []string, see func([]string)) {
	if len(words) == 0 {
		see(nil)
		return
	}
	for i, word := range words {
		rest := slices.Delete(slices.Clone(words), i, i+1)
		permute(rest, func(order []string) { see(append([]string{word}, order...)) })
	}
}

func TestJira36AnEpicThatIsLinkedAgainRelatesToTheNewOneAlone(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"site": "https://x.atlassian.net"})
		for i, order := range [][]string{{"created", "deleted"}, {"deleted", "created"}} {
			story, old, epic := 9600+10*i, 9601+10*i, 9602+10*i
			for _, id := range []int{story, old, epic} {
				src.ok(t, "accepted", issueEvent(change{id: fmt.Sprint(id), key: fmt.Sprint("UPG-", id)}))
			}
			src.ok(t, "accepted", blocks("created", 10*i+1, old, story, morning))
			src.drain(t)
			for _, step := range order {
				if step == "created" {
					src.ok(t, "accepted", blocks("created", 10*i+2, epic, story, morning.Add(time.Minute)))
				} else {
					src.ok(t, "accepted", blocks("deleted", 10*i+1, old, story, morning.Add(time.Minute)))
				}
				src.drain(t)
			}
			want := "is blocked by " + src.record(t, fmt.Sprint("UPG-", epic)) + " "
			if got := src.related(t, fmt.Sprint("UPG-", story)); !strings.HasPrefix(got, want) || strings.Contains(got, ";") {
				t.Errorf("order %v: the story says %q, want %q alone", order, got, want)
			}
			if got := src.related(t, fmt.Sprint("UPG-", old)); got != "" {
				t.Errorf("order %v: the first epic still says %q", order, got)
			}
		}
	})
}

func TestJira35And36RelationsOutliveADeletedIssueAndHideWithARestrictedOne(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"site": "https://x.atlassian.net"})
		for i, order := range [][]string{{"issue", "link"}, {"link", "issue"}} {
			kept, gone := 3500+10*i, 3501+10*i
			for _, id := range []int{kept, gone} {
				src.ok(t, "accepted", issueEvent(change{id: fmt.Sprint(id), key: fmt.Sprint("UPG-", id)}))
			}
			src.ok(t, "accepted", blocks("created", 7+i, kept, gone, morning))
			src.drain(t)
			before := src.related(t, fmt.Sprint("UPG-", kept))
			for n, step := range order { // the deletion of an issue takes its links with it, and either may be told first
				at := morning.Add(time.Minute + time.Duration(n)*time.Second)
				if step == "issue" {
					src.ok(t, "accepted", issueEvent(change{event: "jira:issue_deleted", id: fmt.Sprint(gone), key: fmt.Sprint("UPG-", gone), at: at}))
				} else {
					src.ok(t, "accepted", blocks("deleted", 7+i, kept, gone, at))
				}
				src.drain(t)
			}
			if after := src.related(t, fmt.Sprint("UPG-", kept)); after != before || before == "" {
				t.Errorf("order %v: the relation went from %q to %q, want it kept as the rest of a deleted issue", order, before, after)
			}
		}
		secret := `,"security":{"id":"1","name":"Staff"}`
		src.ok(t, "accepted", issueEvent(change{id: "3600", key: "UPG-3600"}))
		src.ok(t, "accepted", issueEvent(change{id: "3601", key: "UPG-3601", fields: secret}))
		src.ok(t, "accepted", blocks("created", 99, 3600, 3601, morning))
		src.drain(t)
		if got := src.related(t, "UPG-3600") + src.related(t, "UPG-3601"); got != "" {
			t.Errorf("the link to a restricted issue shows: %q", got)
		}
		src.ok(t, "accepted", issueEvent(change{id: "3601", key: "UPG-3601", at: morning.Add(time.Minute), fields: `,"security":null`}))
		src.drain(t)
		if got := src.related(t, "UPG-3600"); !strings.HasPrefix(got, "blocks ") {
			t.Errorf("the level is gone, and the relation is %q", got)
		}
	})
}

func TestJira36IssuesListTheirLinksThemselves(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		listed := `,"issuelinks":[{"id":"41","type":{"id":"1","name":"Blocks","inward":"is blocked by","outward":"blocks"},"inwardIssue":{"id":"3702","key":"UPG-3702"}}]`
		src.ok(t, "accepted", issueEvent(change{id: "3702", key: "UPG-3702"}))
		src.ok(t, "accepted", issueEvent(change{id: "3701", key: "UPG-3701", fields: listed}))
		src.drain(t)
		if got, want := src.related(t, "UPG-3701"), "is blocked by "+src.record(t, "UPG-3702"); !strings.HasPrefix(got, want+" ") {
			t.Errorf("the issue with the list says %q, want %q", got, want)
		}
		if got, want := src.related(t, "UPG-3702"), "blocks "+src.record(t, "UPG-3701"); !strings.HasPrefix(got, want+" ") {
			t.Errorf("the other end says %q, want %q", got, want)
		}
		src.ok(t, "accepted", blocks("deleted", 41, 3702, 3701, morning.Add(time.Minute)))
		src.drain(t)
		src.ok(t, "accepted", issueEvent(change{id: "3701", key: "UPG-3701", summary: "Older, and it lists what is gone", fields: listed}), jira.IdentifierHeader, "late")
		src.drain(t)
		if got := src.related(t, "UPG-3701") + src.related(t, "UPG-3702"); got != "" {
			t.Errorf("a link that was deleted is back: %q", got)
		}
	})
}

func TestJira34And35ADeletionThatComesFirstLosesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		listed := `,"comment":{"comments":[{"id":"81","body":"It was the *index*","created":"2026-03-02T08:00:10.000+0000","updated":"2026-03-02T08:00:10.000+0000"}]}`
		gone := src.ok(t, "accepted", issueEvent(change{event: "jira:issue_deleted", id: "340", key: "UPG-340", at: morning.Add(time.Minute), fields: listed}))
		src.drain(t)
		src.became(t, gone, "noop", "unknown_issue")
		if n := len(src.findings(t)); n != 0 {
			t.Errorf("%d findings of an issue that is known by its deletion alone", n)
		}
		src.ok(t, "accepted", issueEvent(change{event: "jira:issue_created", id: "340", key: "UPG-340"}))
		src.drain(t)
		f := src.found(t, "UPG-340")
		events := s.Must(t, 200, "GET", "/api/v1/findings/"+f.Text("id")+"/events", nil)
		if f.Text("references.0.role") != "deleted in Jira" || f.Text("observed") != "See **this**" || events.Text("items.0.text") != "It was the **index**" || events.Text("items.1.id") != "" {
			t.Errorf("the finding is %s with %s, want it marked as deleted, with its text and its comment", f.Raw, events.Raw)
		}
	})
}
