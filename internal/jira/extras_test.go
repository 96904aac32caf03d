package jira

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

func TestJira13_PeersBehindProxies(t *testing.T) {
	t.Parallel()
	list := func(s ...string) (out []netip.Prefix) {
		for _, p := range s {
			out = append(out, netip.MustParsePrefix(p))
		}
		return out
	}
	proxies, jiraRange := list("10.0.0.0/8", "fd00::/8"), list("203.0.113.0/24")
	for name, tc := range map[string]struct {
		remote    string
		forwarded []string
		want      string
		allowed   bool
	}{
		"direct, inside":                   {"203.0.113.9:443", nil, "203.0.113.9", true},
		"direct, outside":                  {"198.51.100.1:443", nil, "198.51.100.1", false},
		"a header of an untrusted peer":    {"198.51.100.1:443", []string{"203.0.113.9"}, "198.51.100.1", false},
		"behind a proxy":                   {"10.0.0.1:80", []string{"203.0.113.9"}, "203.0.113.9", true},
		"behind two, with a spoofed start": {"10.0.0.1:80", []string{"203.0.113.9, 198.51.100.7, 10.0.0.2"}, "198.51.100.7", false},
		"headers in two lines":             {"[fd00::1]:80", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9", true},
		"nonsense in the chain":            {"10.0.0.1:80", []string{"203.0.113.9, x"}, "invalid IP", false},
		"a mapped address":                 {"[::ffff:203.0.113.9]:1", nil, "203.0.113.9", true},
	} {
		peer := Peer(tc.remote, tc.forwarded, proxies)
		if peer.String() != tc.want || Allowed(peer, jiraRange) != tc.allowed {
			t.Errorf("%s: got %s, allowed %v; want %s, %v", name, peer, Allowed(peer, jiraRange), tc.want, tc.allowed)
		}
	}
	if !Allowed(netip.Addr{}, nil) {
		t.Error("an empty list must let everybody in")
	}
}

func TestJira12_WhatProvesADeliveryIsNotKept(t *testing.T) {
	t.Parallel()
	h := http.Header{"X-Hub-Signature": {"sha256=aa"}, "Authorization": {"Bearer x"}, "X-My-Token": {"t"}, "Content-Type": {"application/json"}}
	got := RedactHeaders(h, Auth{Header: "x-my-token"})
	want := http.Header{"X-Hub-Signature": {"***"}, "Authorization": {"***"}, "X-My-Token": {"***"}, "Content-Type": {"application/json"}}
	if diff := cmp.Diff(want, got); diff != "" || h.Get("X-My-Token") != "t" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	u, _ := url.Parse("https://u:p@h.example/api/v1/webhooks/jira/SRC-1?issue=10021&k=tok&access_token=a")
	if got := RedactURL(u, Auth{QueryToken: "k"}); got != "/api/v1/webhooks/jira/SRC-1?access_token=%2A%2A%2A&issue=10021&k=%2A%2A%2A" {
		t.Errorf("got %s", got)
	}
}

func TestJira57_ErasingAPerson(t *testing.T) {
	t.Parallel()
	raw := `{"user":{"accountId":"5b10","displayName":"Some Role","emailAddress":"role@example.com"},"comment":{"body":"asked [~accountid:5b10], says Some Role","author":{"accountId":"other","displayName":"Other Role"}},"n":12345678901234567890}`
	got := string(EraseRaw([]byte(raw), "5b10"))
	for _, gone := range []string{"5b10", "Some Role", "role@example.com"} {
		if strings.Contains(got, gone) {
			t.Errorf("%q is still in %s", gone, got)
		}
	}
	for _, kept := range []string{"Other Role", "asked", "12345678901234567890"} {
		if !strings.Contains(got, kept) {
			t.Errorf("%q is missing from %s", kept, got)
		}
	}
	if EraseRaw([]byte("no json 5b10"), "5b10") != nil {
		t.Error("a body that is no JSON was kept")
	}
	s, _ := applyAll(t, issueEvent("updated", "1", "", `"assignee":{"accountId":"5b10"},"description":"ask [~accountid:5b10]",`+at1))
	if b := asJSON(t, s.Erase("5b10")); strings.Contains(b, "5b10") || !strings.Contains(asJSON(t, s), "5b10") {
		t.Errorf("state: got %s", b)
	}
	d := markup.FromWiki("ask [~accountid:5b10] now")
	if got := EraseText(d.Markdown, "5b10", d.Mentions); got != "ask @erased now" {
		t.Errorf("derived text: got %q", got)
	}
}

func TestJira60_SixWritesInAMinute(t *testing.T) {
	t.Parallel()
	var b Budget
	ok := true
	for i := range 5 {
		if b, ok = b.Spend(now.Add(time.Duration(i) * time.Second)); !ok {
			t.Fatalf("write %d was refused", i+1)
		}
	}
	if _, ok = b.Spend(now.Add(10 * time.Second)); ok {
		t.Error("the sixth write in a minute was let through")
	}
	if _, ok = b.Spend(now.Add(61 * time.Second)); !ok {
		t.Error("a write after a minute was refused")
	}
}

func TestExplodeTwiceIsTheSame(t *testing.T) {
	t.Parallel()
	e := mustDecode(t, issueEvent("updated", "1", "", `"subtasks":[{"id":"1","key":"UPG-2","fields":{"summary":"first"}},{"id":"2","key":"UPG-3"}],"issuelinks":[{"id":"9","type":{"name":"Relates"},"outwardIssue":{"id":"1","key":"UPG-2"}},{"id":"10","type":{"name":"Causes"},"inwardIssue":{"id":"5","key":"OPS-1","fields":{"summary":"third"}}}],"description":"* [ ] users  logged out\n* [x] slow\n* [ ] Users logged out",`+at1))
	parts := Explode(*e.Issue, markup.FromJSON(e.Issue.Description.Value))
	var got []string
	for _, p := range parts {
		got = append(got, p.Relation+": "+p.Title)
	}
	want := []string{"subtask: first", "subtask: UPG-3", "Causes: third", "checklist: users logged out", "checklist: slow"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	if !parts[4].Done || parts[3].Done {
		t.Error("what is done got mixed up")
	}
	if again := Explode(*e.Issue, markup.FromJSON(e.Issue.Description.Value)); !cmp.Equal(parts, again) {
		t.Error("a second time gives other parts")
	}
}
