package jira

import (
	"cmp"
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
	// Seconds and Started, in milliseconds, are what a worklog says.
	Seconds int64 `json:"s,omitempty"`
	Started int64 `json:"b,omitempty"`
}

// Logged is time somebody wrote down on an issue, as all events together tell of it.
type Logged struct {
	ID      ID
	Seconds int64
	// Started is zero where it was not told.
	Started time.Time
	// Gone is set for one that was deleted by itself; what goes with its issue was spent all the same.
	Gone bool
}

// Logged are the worklogs of the issue, by id.
func (s State) Logged() []Logged {
	var out []Logged
	for _, id := range slices.Sorted(maps.Keys(s.Worklogs)) {
		w := s.Worklogs[id]
		out = append(out, Logged{ID: id, Seconds: w.Seconds, Started: millisTime(w.Started), Gone: w.Deleted && !s.wentWithIssue(w.Gone)})
	}
	return out
}

// TellCommentsAgain is s without the comments that are not among those kept, so that the next event about one counts as news. What is
// known to be deleted stays deleted.
func (s State) TellCommentsAgain(kept func(ID) bool) State {
	s = s.clone()
	for id, c := range s.Comments {
		switch {
		case kept(id):
		case c.Deleted:
			s.Comments[id] = Thing{Deleted: true, Gone: c.Gone}
		default:
			delete(s.Comments, id)
		}
	}
	return s
}

// cascade is how much earlier than its issue, in milliseconds, a comment may be deleted and still be taken for gone with the issue:
// Jira deletes both at once, and the events tell their own times.
const cascade = 15 * 60_000

// WentWithIssue says whether a comment was deleted because its issue was, so that its text stays as the rest of the issue does.
func (s State) WentWithIssue(comment ID) bool {
	t := s.Comments[comment]
	return t.Deleted && s.wentWithIssue(t.Gone)
}

func (s State) wentWithIssue(gone int64) bool { return s.DeletedAt != 0 && gone >= s.DeletedAt-cascade }

// LinkedThing is a link between two issues.
type LinkedThing struct {
	IssueLink
	Deleted bool `json:"deleted,omitempty"`
	// Gone is when it was deleted, as far as an event told.
	Gone int64 `json:"g,omitempty"`
}

// Stands says whether the link is still there, or went because one of its ends was deleted: what the one had to do with the other
// stays known as the rest of a deleted issue does. ends are what is known of the two issues.
func (l LinkedThing) Stands(ends ...State) bool {
	return !l.Deleted || slices.ContainsFunc(ends, func(s State) bool { return s.wentWithIssue(l.Gone) })
}

// Other is the other end of a link, seen from one.
func (l IssueLink) Other(id ID) ID {
	if l.Source == id {
		return l.Destination
	}
	return l.Source
}

// Wording is what the one end is to the other, as in "blocks" and "is blocked by".
func (l IssueLink) Wording(from ID) string {
	wording := l.Inward
	if l.Source == from {
		wording = l.Outward
	}
	return cmp.Or(wording, l.Type)
}

// compare puts two tellings of one link in an order that does not depend on which came first.
func (l IssueLink) compare(o IssueLink) int {
	return cmp.Or(cmp.Compare(l.Type, o.Type), cmp.Compare(l.Inward, o.Inward), cmp.Compare(l.Outward, o.Outward), cmp.Compare(l.Source, o.Source), cmp.Compare(l.Destination, o.Destination))
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

// WithLink is s with what is told of a link elsewhere: an issue lists its links, and the other end need not.
func (s State) WithLink(l LinkedThing) State {
	m := &merge{s: s.clone(), e: Event{TS: l.Gone}}
	m.linked(l.IssueLink, l.Deleted)
	return m.s
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
