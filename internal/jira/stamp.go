package jira

import "cmp"

// Stamp places what an event says about an issue in the order Jira made its changes.
//
// The issue's own `updated` comes first: Jira writes it, and it is the same on every channel. Equal times are told apart by the
// id of the change, which Jira counts up, and only then by the time of sending, which differs between two webhooks for one
// change. An event without `updated` (comments, links) is older than every event with it.
type Stamp struct {
	Updated   int64 `json:"u,omitempty"`
	Changelog int64 `json:"c,omitempty"`
	TS        int64 `json:"t,omitempty"`
}

// Compare is negative when s is older than o, positive when it is newer.
func (s Stamp) Compare(o Stamp) int {
	return cmp.Or(cmp.Compare(s.Updated, o.Updated), cmp.Compare(s.Changelog, o.Changelog), cmp.Compare(s.TS, o.TS))
}

// Newer says whether s comes after o.
func (s Stamp) Newer(o Stamp) bool { return s.Compare(o) > 0 }

// Stamp is where the event belongs in the order of its issue.
func (e Event) Stamp() Stamp {
	s := Stamp{TS: e.TS}
	if e.Issue != nil && !e.Issue.Updated.IsZero() {
		s.Updated = e.Issue.Updated.UnixMilli()
	}
	if e.Changelog != nil {
		s.Changelog = e.Changelog.ID.Number()
	}
	return s
}

// existence is when the event was sure that its issue existed, or was gone: its own time, or that of the issue.
func (e Event) existence() int64 {
	if e.TS != 0 {
		return e.TS
	}
	return e.Stamp().Updated
}
