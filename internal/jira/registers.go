package jira

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// Register holds one field of an issue and the stamp of the event that said so. The newest stamp wins; between equal stamps the
// greater bytes win, so that the outcome does not depend on who came first.
type Register struct {
	Stamp Stamp           `json:"s"`
	Value json.RawMessage `json:"v"`
}

func (r Register) loses(stamp Stamp, value json.RawMessage) bool {
	if c := stamp.Compare(r.Stamp); c != 0 {
		return c > 0
	}
	return bytes.Compare(value, r.Value) > 0
}

// registers writes down every field the event carried; an absent field has no entry.
func (i Issue) registers() map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	put(out, "summary", i.Summary)
	put(out, "description", i.Description)
	put(out, "issuetype", i.Type)
	put(out, "project", i.Project)
	put(out, "priority", i.Priority)
	put(out, "status", i.Status)
	put(out, "resolution", i.Resolution)
	put(out, "security", i.Security)
	put(out, "labels", i.Labels)
	put(out, "components", i.Components)
	put(out, "fixVersions", i.FixVersions)
	put(out, "versions", i.AffectsVersions)
	put(out, "assignee", i.Assignee)
	put(out, "reporter", i.Reporter)
	put(out, "duedate", i.DueDate)
	put(out, "parent", i.Parent)
	if i.Key != "" {
		put(out, "key", Field[string]{Set: true, Value: i.Key})
	}
	if !i.Created.IsZero() {
		put(out, "created", Field[int64]{Set: true, Value: i.Created.UnixMilli()})
	}
	for name, raw := range i.Custom {
		if isCustom(name) {
			out[name] = raw
		}
	}
	return out
}

// isCustom keeps a field of an unknown name from taking the place of one of ours.
func isCustom(name string) bool { return !known[name] && name != "key" && name != "site" }

func put[T any](out map[string]json.RawMessage, name string, f Field[T]) {
	switch {
	case !f.Set:
	case f.Null:
		out[name] = json.RawMessage("null")
	default:
		if raw, err := json.Marshal(f.Value); err == nil {
			out[name] = raw
		}
	}
}

func get[T any](fields map[string]Register, name string) Field[T] {
	r, ok := fields[name]
	if !ok {
		return Field[T]{}
	}
	if isNull(r.Value) {
		return Field[T]{Set: true, Null: true}
	}
	f := Field[T]{Set: true}
	if json.Unmarshal(r.Value, &f.Value) != nil {
		return Field[T]{}
	}
	return f
}

// Issue is the issue as all events together show it.
func (s State) Issue() Issue {
	f := s.Fields
	issue := Issue{ID: s.ID, Key: get[string](f, "key").Value, Summary: get[string](f, "summary"), Description: get[json.RawMessage](f, "description"),
		Type: get[IssueType](f, "issuetype"), Project: get[Project](f, "project"), Priority: get[Named](f, "priority"), Status: get[Status](f, "status"),
		Resolution: get[Named](f, "resolution"), Security: get[Named](f, "security"), Labels: get[[]string](f, "labels"), Components: get[[]Named](f, "components"),
		FixVersions: get[[]Named](f, "fixVersions"), AffectsVersions: get[[]Named](f, "versions"), Assignee: get[string](f, "assignee"),
		Reporter: get[string](f, "reporter"), DueDate: get[string](f, "duedate"), Parent: get[IssueRef](f, "parent"),
		Created: millisTime(get[int64](f, "created").Value), Updated: millisTime(s.Newest().Updated), Custom: map[string]json.RawMessage{}}
	for name, r := range f {
		if isCustom(name) {
			issue.Custom[name] = r.Value
		}
	}
	return issue
}

// Newest is the stamp of the newest event that told of the issue's fields.
func (s State) Newest() Stamp {
	var newest Stamp
	for _, r := range s.Fields {
		if r.Stamp.Newer(newest) {
			newest = r.Stamp
		}
	}
	return newest
}

// textFields are what a reader without access to the issue must not see.
var textFields = []string{"summary", "description"}

// withoutText is the event with every text of its issue and comment taken out, as if Jira had sent null.
func (e Event) withoutText() Event {
	if e.Issue != nil {
		issue := *e.Issue
		issue.Summary = nulled(issue.Summary)
		issue.Description = nulled(issue.Description)
		issue.Custom = nil
		issue.Comments = slices.Clone(issue.Comments)
		for i := range issue.Comments {
			issue.Comments[i].Body = nil
		}
		e.Issue = &issue
	}
	if e.Comment != nil {
		comment := *e.Comment
		comment.Body = nil
		e.Comment = &comment
	}
	if e.Worklog != nil {
		worklog := *e.Worklog
		worklog.Body = nil
		e.Worklog = &worklog
	}
	return e
}

func nulled[T any](f Field[T]) Field[T] {
	if !f.Set {
		return f
	}
	return Field[T]{Set: true, Null: true}
}

// quiet is a change without the texts and the names of people it may carry.
func (c Change) quiet() Change {
	name := c.FieldID
	if name == "" {
		name = strings.ToLower(c.Field)
	}
	switch name {
	case "summary", "description", "environment", "comment", "worklog", "assignee", "reporter", "creator":
		return Change{Field: c.Field, FieldID: c.FieldID}
	}
	return c
}
