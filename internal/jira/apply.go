package jira

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"
)

// Effects are what one event changed. A caller writes them in the same transaction as the State.
type Effects struct {
	// Duplicate is set when every change the event tells of was known.
	Duplicate bool
	// Stale is set for an event about the issue that is older than what is known: it is history and overwrites nothing.
	Stale bool
	// Created is set when the issue becomes known through an event with all its fields.
	Created bool
	// Changed are the fields whose value is another than before, sorted.
	Changed []string
	Deleted bool
	Revived bool
	// Moved tells of another key, if it changed.
	Moved *Move
	// History is the entry for the record's timeline; nil when it is there already.
	History *HistoryEntry
	// Comments are to be written or replaced by id. Their texts must not be shown for a link-only issue.
	Comments        []Comment
	CommentsDeleted []ID
	// Buried are comments that were deleted before they arrived.
	Buried          []Comment
	Worklogs        []Worklog
	WorklogsDeleted []ID
	Links           []IssueLink
	LinksDeleted    []ID
}

// Move is a change of key.
type Move struct{ From, To string }

// HistoryEntry is one change in Jira, to be shown in the order of At and then Key.
type HistoryEntry struct {
	Key     string   `json:"key"`
	Kind    Kind     `json:"kind"`
	AtMilli int64    `json:"at_ms,omitempty"`
	Actor   string   `json:"actor"`
	Stamp   Stamp    `json:"stamp"`
	Changes []Change `json:"changes,omitempty"`
}

// Noop says whether nothing needs to be written for the event.
func (f Effects) Noop() bool {
	return len(f.Changed) == 0 && !f.Created && !f.Deleted && !f.Revived && f.History == nil &&
		len(f.Comments)+len(f.CommentsDeleted)+len(f.Buried)+len(f.Worklogs)+len(f.WorklogsDeleted)+len(f.Links)+len(f.LinksDeleted) == 0
}

// Reason says why a Noop is one.
func (f Effects) Reason() string {
	switch {
	case !f.Noop():
		return ""
	case f.Duplicate:
		return "duplicate_change"
	default:
		return "no_change"
	}
}

// Apply merges an event into what is known of its issue. The receiver is left as it is. For events about two issues (links) apply
// it to the State of each; for events about none (versions, projects, users) it changes nothing.
func (s State) Apply(e Event) (State, Effects) {
	if len(e.IssueIDs()) == 0 {
		return s, Effects{}
	}
	m := &merge{s: s.clone(), e: e}
	if m.s.ID == "" && e.Link == nil {
		m.s.ID = e.IssueID
	}
	wasDeleted := s.Deleted()
	m.existence()
	m.fields(s.Complete())
	m.f.Deleted = !wasDeleted && m.s.Deleted()
	m.f.Revived = wasDeleted && !m.s.Deleted()
	m.comments()
	m.worklog()
	m.link()
	m.history()
	m.quiet(wasDeleted)
	return m.s, m.f
}

// quiet leaves out the fall-out of a deletion: each comment and each link says nothing that the deletion did not.
func (m *merge) quiet(wasDeleted bool) {
	with := len(m.f.CommentsDeleted)
	m.f.CommentsDeleted = slices.DeleteFunc(m.f.CommentsDeleted, m.s.WentWithIssue)
	if len(m.f.CommentsDeleted) < with {
		m.f.History = nil
	}
	if !wasDeleted || !m.s.Deleted() {
		return
	}
	m.f.WorklogsDeleted, m.f.LinksDeleted = nil, nil
	if m.e.Kind == KindLinkDeleted || m.e.Kind == KindWorklogDeleted {
		m.f.History = nil
	}
}

// merge is one application of an event.
type merge struct {
	s State
	e Event
	f Effects
}

func (m *merge) existence() {
	switch m.e.Kind {
	case KindIssueCreated, KindIssueUpdated:
		m.s.LiveAt = max(m.s.LiveAt, m.e.existence())
	case KindIssueDeleted:
		m.s.DeletedAt = max(m.s.DeletedAt, m.e.existence(), 1)
	}
}

func (m *merge) fields(wasComplete bool) {
	if m.e.Issue == nil {
		return
	}
	stamp := m.e.Stamp()
	before := m.s.Newest()
	values := m.e.Issue.registers()
	if m.e.Site != "" {
		put(values, "site", Field[string]{Set: true, Value: m.e.Site})
	}
	oldKey := get[string](m.s.Fields, "key").Value
	for name, value := range values {
		old, had := m.s.Fields[name]
		if had && !old.loses(stamp, value) {
			continue
		}
		if m.s.Fields == nil {
			m.s.Fields = map[string]Register{}
		}
		m.s.Fields[name] = Register{Stamp: stamp, Value: value}
		if !had || !bytes.Equal(old.Value, value) {
			m.f.Changed = append(m.f.Changed, name)
		}
	}
	slices.Sort(m.f.Changed)
	m.f.Stale = stamp.Updated != 0 && before.Newer(stamp)
	m.f.Created = !wasComplete && m.s.Complete()
	m.keys(oldKey)
}

// keys remembers every key the issue was called by, from the issue itself and from changes that tell of a move.
func (m *merge) keys(oldKey string) {
	if m.e.Issue.Key != "" {
		addSorted(&m.s.Keys, m.e.Issue.Key)
	}
	if m.e.Changelog != nil {
		for _, c := range m.e.Changelog.Items {
			if c.FieldID == "issuekey" || c.FieldID == "" && c.Field == "Key" || c.Field == "Key" {
				for _, key := range []string{c.FromString, c.ToString} {
					if ValidKey(key) && addSorted(&m.s.Keys, key) {
						m.f.Changed = append(m.f.Changed, "aliases")
					}
				}
			}
		}
	}
	m.f.Changed = slices.Compact(m.f.Changed)
	if key := get[string](m.s.Fields, "key").Value; oldKey != "" && key != oldKey {
		m.f.Moved = &Move{From: oldKey, To: key}
	}
}

func (m *merge) comments() {
	if m.e.Comment != nil && m.e.Link == nil {
		if m.e.deletesComment() {
			if forget(&m.s.Comments, m.e.Comment.ID, m.e.existence()) {
				m.f.CommentsDeleted = append(m.f.CommentsDeleted, m.e.Comment.ID)
			}
		} else {
			m.comment(*m.e.Comment)
		}
	}
	if m.e.Issue != nil {
		for _, c := range m.e.Issue.Comments {
			m.comment(c)
		}
	}
}

func (m *merge) comment(c Comment) {
	updated := c.Updated
	if updated.IsZero() {
		updated = c.Created
	}
	t := Thing{Digest: digest(string(c.Body), c.Author.ID())[:16]}
	if !updated.IsZero() {
		t.Updated = updated.UnixMilli()
	} else {
		t.TS = m.e.TS
	}
	switch changed := remember(&m.s.Comments, c.ID, t); {
	case !changed:
	case m.s.Comments[c.ID].Deleted:
		m.f.Buried = append(m.f.Buried, c)
	default:
		m.f.Comments = append(m.f.Comments, c)
	}
}

func (m *merge) worklog() {
	w := m.e.Worklog
	if w == nil {
		return
	}
	if m.e.Kind == KindWorklogDeleted {
		if forget(&m.s.Worklogs, w.ID, m.e.existence()) {
			m.f.WorklogsDeleted = append(m.f.WorklogsDeleted, w.ID)
		}
		return
	}
	raw, _ := json.Marshal([]any{w.Seconds, w.Started, w.Author.ID()})
	t := Thing{Digest: digest(string(raw))[:16], Seconds: w.Seconds}
	if !w.Started.IsZero() {
		t.Started = w.Started.UnixMilli()
	}
	if !w.Updated.IsZero() {
		t.Updated = w.Updated.UnixMilli()
	} else {
		t.TS = m.e.TS
	}
	if remember(&m.s.Worklogs, w.ID, t) && !m.s.Worklogs[w.ID].Deleted {
		m.f.Worklogs = append(m.f.Worklogs, *w)
	}
}

// remember keeps the newest form of a thing and says whether that is another than before. A deleted one stays deleted.
func remember(things *map[ID]Thing, id ID, t Thing) bool {
	old, had := (*things)[id]
	if had && !newerThing(t, old) {
		return false
	}
	if *things == nil {
		*things = map[ID]Thing{}
	}
	t.Deleted, t.Gone = old.Deleted, old.Gone
	(*things)[id] = t
	return old.Digest != t.Digest
}

func newerThing(t, old Thing) bool {
	if t.Updated != old.Updated {
		return t.Updated > old.Updated
	}
	if t.TS != old.TS {
		return t.TS > old.TS
	}
	return t.Digest > old.Digest
}

// forget notes that a thing is gone and says whether that is new.
func forget(things *map[ID]Thing, id ID, at int64) bool {
	t := (*things)[id]
	fresh := !t.Deleted
	if *things == nil {
		*things = map[ID]Thing{}
	}
	t.Deleted, t.Gone = true, max(t.Gone, at)
	(*things)[id] = t
	return fresh
}

func (m *merge) link() {
	if m.e.Link != nil {
		m.linked(*m.e.Link, m.e.Kind == KindLinkDeleted)
	}
	if m.e.Issue == nil {
		return
	}
	for _, l := range m.e.Issue.Links {
		if link, whole := l.between(m.e.IssueID); whole {
			m.linked(link, false)
		}
	}
}

// linked remembers what is told of a link. Ids are never used twice, so a link that was deleted stays so.
func (m *merge) linked(l IssueLink, gone bool) {
	old, had := m.s.Links[l.ID]
	next := old
	if !had || l.compare(old.IssueLink) > 0 {
		next.IssueLink = l
	}
	if gone {
		next.Deleted, next.Gone = true, max(old.Gone, m.e.existence())
	}
	if had && next == old {
		return
	}
	if m.s.Links == nil {
		m.s.Links = map[ID]LinkedThing{}
	}
	m.s.Links[l.ID] = next
	switch {
	case gone && !old.Deleted:
		m.f.LinksDeleted = append(m.f.LinksDeleted, l.ID)
	case !next.Deleted:
		m.f.Links = append(m.f.Links, l)
	}
}

func (m *merge) history() {
	keys := SemanticKeys(m.e)
	fresh := false
	for _, key := range keys {
		if addSorted(&m.s.Seen, key) {
			fresh = true
		}
	}
	m.f.Duplicate = len(keys) > 0 && !fresh
	if !fresh || m.e.Provenance == ProvenanceRefetch || m.e.Provenance == ProvenanceBackfill {
		return
	}
	h := &HistoryEntry{Key: keys[0], Kind: m.e.Kind, AtMilli: m.e.existence(), Actor: m.e.Actor.ID(), Stamp: m.e.Stamp()}
	if m.e.Changelog != nil {
		for _, c := range m.e.Changelog.Items {
			h.Changes = append(h.Changes, c.quiet())
		}
	}
	m.f.History = h
}

// At is when the change was made, or the zero time.
func (h HistoryEntry) At() time.Time { return millisTime(h.AtMilli) }
