package jira

import (
	"maps"
	"slices"
	"time"
)

// State is what all events so far tell of one issue. It is a value to keep as JSON beside the issue's link. Applying the same
// events in any order, any number of times, leads to the same State: every field is the one with the newest stamp, and what was
// deleted stays deleted. The texts of comments are not in it; they are in the Effects.
type State struct {
	ID     ID                  `json:"id,omitempty"`
	Fields map[string]Register `json:"fields,omitempty"`
	// Keys are all keys the issue ever had, sorted; see Aliases.
	Keys []string `json:"keys,omitempty"`
	// LiveAt and DeletedAt are the newest times, in milliseconds, at which an event was sure of the one and the other.
	LiveAt    int64              `json:"live_at,omitempty"`
	DeletedAt int64              `json:"deleted_at,omitempty"`
	Comments  map[ID]Thing       `json:"comments,omitempty"`
	Worklogs  map[ID]Thing       `json:"worklogs,omitempty"`
	Links     map[ID]LinkedThing `json:"links,omitempty"`
	// Seen are the semantic keys applied so far, sorted.
	Seen []string `json:"seen,omitempty"`
}

// Thing is what is remembered of a comment or a worklog: when it last changed, and that it is gone. Ids are never used twice, so
// deletion is for good.
type Thing struct {
	Updated int64  `json:"u,omitempty"`
	TS      int64  `json:"t,omitempty"`
	Digest  string `json:"d,omitempty"`
	Deleted bool   `json:"x,omitempty"`
	// Gone is when it was deleted, as far as an event told.
	Gone int64 `json:"g,omitempty"`
}

// cascade is how much earlier than its issue, in milliseconds, a comment may be deleted and still be taken for gone with the issue:
// Jira deletes both at once, and the events tell their own times.
const cascade = 15 * 60_000

// WentWithIssue says whether a comment was deleted because its issue was, so that its text stays as the rest of the issue does.
func (s State) WentWithIssue(comment ID) bool {
	t := s.Comments[comment]
	return t.Deleted && s.DeletedAt != 0 && t.Gone >= s.DeletedAt-cascade
}

// LinkedThing is a link between two issues.
type LinkedThing struct {
	IssueLink
	Deleted bool `json:"deleted,omitempty"`
}

// Deleted says whether the issue is gone: an update older than the deletion changes nothing, a newer one revives it.
func (s State) Deleted() bool { return s.DeletedAt != 0 && s.DeletedAt >= s.LiveAt }

// Complete says whether an event with all fields has been seen. Comment events alone do not tell labels or the security level.
func (s State) Complete() bool {
	for _, r := range s.Fields {
		if r.Stamp.Updated != 0 {
			return true
		}
	}
	return false
}

// Restricted says whether the issue has a security level. known is false as long as only events were seen that do not tell.
func (s State) Restricted() (restricted, known bool) {
	level := get[Named](s.Fields, "security")
	if level.Has() {
		return true, true
	}
	return false, level.Set || s.Complete()
}

// Aliases are the keys the issue had before its present one.
func (s State) Aliases() []string {
	key := get[string](s.Fields, "key").Value
	return slices.DeleteFunc(slices.Clone(s.Keys), func(k string) bool { return k == key })
}

// LiveLinks are the links that still exist, by id.
func (s State) LiveLinks() []IssueLink {
	var out []IssueLink
	for _, id := range slices.Sorted(maps.Keys(s.Links)) {
		if l := s.Links[id]; !l.Deleted {
			out = append(out, l.IssueLink)
		}
	}
	return out
}

func (s State) clone() State {
	s.Fields, s.Comments, s.Worklogs, s.Links = maps.Clone(s.Fields), maps.Clone(s.Comments), maps.Clone(s.Worklogs), maps.Clone(s.Links)
	s.Keys, s.Seen = slices.Clone(s.Keys), slices.Clone(s.Seen)
	return s
}

// addSorted puts s in a sorted list once and says whether it was new.
func addSorted(list *[]string, s string) bool {
	at, found := slices.BinarySearch(*list, s)
	if !found {
		*list = slices.Insert(*list, at, s)
	}
	return !found
}

func millisTime(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
