package jira

import (
	"encoding/json"
	"time"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// Kind is what an event is about, whatever name Jira gave it.
type Kind string

// The kinds of event that mean something to us. Every other event is KindIgnored or KindUnknown.
const (
	KindIssueCreated   Kind = "issue_created"
	KindIssueUpdated   Kind = "issue_updated"
	KindIssueDeleted   Kind = "issue_deleted"
	KindCommentCreated Kind = "comment_created"
	KindCommentUpdated Kind = "comment_updated"
	KindCommentDeleted Kind = "comment_deleted"
	KindLinkCreated    Kind = "link_created"
	KindLinkDeleted    Kind = "link_deleted"
	KindVersionChanged Kind = "version_changed"
	KindVersionDeleted Kind = "version_deleted"
	KindWorklogChanged Kind = "worklog_changed"
	KindWorklogDeleted Kind = "worklog_deleted"
	KindProjectChanged Kind = "project_changed"
	KindProjectGone    Kind = "project_gone"
	KindUserDeleted    Kind = "user_deleted"
	// KindIgnored is an event we know and have no use for.
	KindIgnored Kind = "ignored"
	// KindUnknown is an event whose name we do not know.
	KindUnknown Kind = "unknown"
)

// Event is one delivery, decoded. Parts the delivery did not carry are nil or empty.
type Event struct {
	// Name is webhookEvent as it came; empty in automation payloads.
	Name string
	// TypeName is issue_event_type_name, an open set.
	TypeName string
	Kind     Kind
	// TS is the event's own timestamp in milliseconds since 1970, zero where it had none.
	TS int64
	// Site is the base address of the Jira site with its context path and without a slash at the end; empty where nothing told it.
	Site  string
	Actor Person
	// IssueID is the issue the event is about, also where the event carried no issue. It is empty for versions, projects and users.
	IssueID   ID
	Issue     *Issue
	Changelog *Changelog
	Comment   *Comment
	Link      *IssueLink
	Version   *Version
	Worklog   *Worklog
	Project   *Project
	// User is whom a user event is about.
	User Person
	// Provenance says how the event reached us.
	Provenance Provenance
	Warnings   []Warning
}

// Provenance says how an event reached us.
type Provenance string

// The ways an event reaches us. The zero value counts as ProvenanceWebhook.
const (
	ProvenanceWebhook  Provenance = "webhook"
	ProvenanceRefetch  Provenance = "refetch"
	ProvenanceBackfill Provenance = "backfill"
)

// At is the event's own time, or the zero time.
func (e Event) At() time.Time {
	if e.TS == 0 {
		return time.Time{}
	}
	return time.UnixMilli(e.TS).UTC()
}

// Ignored gives the reason to keep the delivery and do nothing, or "".
func (e Event) Ignored() string {
	switch e.Kind {
	case KindUnknown:
		return "unknown_event"
	case KindIgnored:
		return "by_policy"
	}
	return ""
}

// Echo says whether one of our own accounts caused the event, in which case applying it would answer ourselves.
func (e Event) Echo(bots []string) bool {
	for _, bot := range bots {
		if e.Actor.Is(bot) {
			return true
		}
	}
	return false
}

// IssueIDs are the issues whose state the event touches: both ends of a link, one for all else.
func (e Event) IssueIDs() []ID {
	if e.Link != nil {
		ids := []ID{e.Link.Source}
		if e.Link.Destination != e.Link.Source {
			ids = append(ids, e.Link.Destination)
		}
		return ids
	}
	if e.IssueID == "" {
		return nil
	}
	return []ID{e.IssueID}
}

// KeepCustom is e without the custom fields that no rule asks for, so that they live in the raw body alone.
func (e Event) KeepCustom(ids []string) Event {
	if e.Issue == nil {
		return e
	}
	kept := map[string]json.RawMessage{}
	for _, id := range ids {
		if raw, ok := e.Issue.Custom[id]; ok {
			kept[id] = raw
		}
	}
	issue := *e.Issue
	issue.Custom = kept
	e.Issue = &issue
	return e
}

// Issue is an issue as one event showed it.
type Issue struct {
	ID      ID
	Key     string
	Self    string
	Summary Field[string]
	// Description is wiki markup in a JSON string from webhooks and REST v2, an ADF object from REST v3; see markup.FromJSON.
	Description     Field[json.RawMessage]
	Type            Field[IssueType]
	Project         Field[Project]
	Priority        Field[Named]
	Status          Field[Status]
	Resolution      Field[Named]
	Security        Field[Named]
	Labels          Field[[]string]
	Components      Field[[]Named]
	FixVersions     Field[[]Named]
	AffectsVersions Field[[]Named]
	Assignee        Field[string]
	Reporter        Field[string]
	// DueDate is a date as in 2026-03-02.
	DueDate Field[string]
	Parent  Field[IssueRef]
	Created time.Time
	// Updated is zero in comment and link events, whose few fields must not overwrite better ones.
	Updated time.Time
	// Custom are the fields we have no name for, by field id, null included.
	Custom map[string]json.RawMessage
	// Comments, Links and Subtasks are those the issue itself lists.
	Comments []Comment
	Links    []LinkedIssue
	Subtasks []IssueRef
}

// LinkedIssue is an entry of an issue's own list of links.
type LinkedIssue struct {
	ID      ID
	Type    string
	Inward  bool
	Issue   IssueRef
	Outward string
	// InwardName is what the issue at the inward end is to the other, as in "is blocked by".
	InwardName string
}

// between is the entry as a link of the issue that lists it; whole is false where an id is missing.
func (l LinkedIssue) between(listing ID) (link IssueLink, whole bool) {
	link = IssueLink{ID: l.ID, Source: listing, Destination: l.Issue.ID, Type: l.Type, Inward: l.InwardName, Outward: l.Outward}
	if l.Inward {
		link.Source, link.Destination = link.Destination, link.Source
	}
	return link, link.ID != "" && link.Source != "" && link.Destination != ""
}

// Changelog is one change of an issue.
type Changelog struct {
	ID    ID
	Items []Change
}

// Change is one field of a change. Field is a display name and may be localised; FieldID is absent in half of what is sent.
type Change struct {
	Field      string `json:"field"`
	FieldID    string `json:"field_id,omitempty"`
	From       string `json:"from,omitempty"`
	FromString string `json:"from_string,omitempty"`
	To         string `json:"to,omitempty"`
	ToString   string `json:"to_string,omitempty"`
}

// Comment is a comment on an issue.
type Comment struct {
	ID ID
	// Body is wiki markup in a JSON string, or an ADF object.
	Body    json.RawMessage
	Author  Person
	Editor  Person
	Created time.Time
	Updated time.Time
	// Restricted is set for a comment that only a role or group may see.
	Restricted bool
}

// Text is the comment as Markdown and plain text, without e-mail addresses.
func (c Comment) Text() markup.Doc { return markup.FromJSON(c.Body).WithoutEmails() }

// IssueLink is a link between two issues. Events about links carry ids only.
type IssueLink struct {
	ID          ID     `json:"id"`
	Source      ID     `json:"source"`
	Destination ID     `json:"destination"`
	Type        string `json:"type,omitempty"`
	Inward      string `json:"inward,omitempty"`
	Outward     string `json:"outward,omitempty"`
}

// Version is a release of a project.
type Version struct {
	ID        ID
	Name      string
	ProjectID ID
	Released  bool
	Archived  bool
	// ReleaseDate is a date as in 2026-03-02 where the payload had one in that form.
	ReleaseDate string
	// MergedTo is the version that took the place of a deleted one.
	MergedTo ID
	// Into is that version where the event describes it, which it need not.
	Into *Version
}

// Worklog is time somebody wrote down on an issue.
type Worklog struct {
	ID      ID
	IssueID ID
	Seconds int64
	Author  Person
	Started time.Time
	Updated time.Time
	Body    json.RawMessage
}
