package jira

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// captures are the payloads beside the repository, by file name.
func captures(tb testing.TB) map[string][]byte {
	tb.Helper()
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	for !exists(filepath.Join(dir, "go.mod")) {
		dir = filepath.Dir(dir)
	}
	files, err := filepath.Glob(filepath.Join(dir, "..", "shared", "fixtures", "jira", "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	out := map[string][]byte{}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		out[filepath.Base(file)] = raw
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// own are payloads of our own making in the shapes that are really sent.
func own() []string {
	return []string{
		`{"timestamp":1700000000000,"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_generic","user":{"accountId":"5b10"},"issue":{"id":"10021","self":"https://x.example/rest/api/2/10021","key":"UPG-1","fields":{"summary":"Sessions expire","updated":"2026-03-02T10:00:00.000+0000","labels":["postmortem"],"priority":"Minor","status":{"id":"3","name":"Erledigt","statusCategory":{"key":"done"}}}},"changelog":{"id":10124,"items":[{"field":"status","fieldId":"status","from":"1","fromString":"Open","to":"3","toString":"Done"}]}}`,
		`{"timestamp":1700000000000,"webhookEvent":"comment_created","comment":{"self":"https://h.example/jira/rest/api/2/issue/10148/comment/252789","id":"252789","body":"seen *again*","updateAuthor":{"name":"bob"},"created":"2026-03-02T10:00:00.000+0000","updated":"2026-03-02T10:00:00.000+0000"}}`,
		`{"timestamp":1,"webhookEvent":"issuelink_created","issueLink":{"id":7,"sourceIssueId":1,"destinationIssueId":2,"issueLinkType":{"id":1,"name":"Epic"}}}`,
		`{"timestamp":2,"webhookEvent":"jira:version_deleted","version":{"id":"5","name":"1","projectId":10000},"mergedTo":{"id":"6"}}`,
		`{"id":10021,"key":"UPG-1","self":"https://x.example/rest/api/2/issue/10021","changelog":{"histories":[{"id":3,"items":[]},{"id":"4","items":[{"field":"labels"}]}]},"fields":{"summary":"s","updated":"2026-03-02T10:00:00.000+0000"}}`,
		`{"transition":{"to_status":"Reopened"},"comment":"","user":{"name":"bob"},"timestamp":3,"issue":{"id":"1","fields":{}}}`,
		`{"webhookEvent":"user_deleted","user":{"accountId":"5b10"}}`,
	}
}

func mustDecode(tb testing.TB, raw string) Event {
	tb.Helper()
	e, err := Decode([]byte(raw))
	if err != nil {
		tb.Fatalf("decoding %.80s: %v", raw, err)
	}
	return e
}

// issueEvent builds a webhook for issue 10021. fields are JSON members of the issue, without braces.
func issueEvent(kind string, ts string, changelog string, fields string) string {
	event := `{"webhookEvent":"jira:issue_` + kind + `","timestamp":` + ts
	if changelog != "" {
		event += `,"changelog":` + changelog
	}
	return event + `,"user":{"accountId":"5b10"},"issue":{"id":"10021","key":"UPG-1","self":"https://x.example/rest/api/2/issue/10021","fields":{` + fields + `}}}`
}

func applyAll(tb testing.TB, raw ...string) (State, []Effects) {
	tb.Helper()
	var s State
	var all []Effects
	for _, r := range raw {
		next, f := s.Apply(mustDecode(tb, r))
		s, all = next, append(all, f)
	}
	return s, all
}

func asJSON(tb testing.TB, v any) string {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

const at1, at2 = `"updated":"2026-03-02T10:00:00.000+0000"`, `"updated":"2026-03-02T11:00:00.000+0000"`

func summaryField(s string) string { return `"summary":` + string(must(json.Marshal(s))) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
