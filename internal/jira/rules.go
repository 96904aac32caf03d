package jira

import (
	"encoding/json"
	"slices"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Rules say what an issue is to us. They are read from top to bottom and the first that matches decides.
type Rules struct {
	// Version counts the changes of a source's rules, so that a record can tell which rules made it. It is set by the store.
	Version int    `json:"version,omitempty"`
	Rules   []Rule `json:"rules"`
	// Versions say what the releases of a project are to us.
	Versions VersionRule `json:"versions,omitzero"`
}

// Rule maps the issues that fit When to Then.
type Rule struct {
	Name string `json:"name"`
	When When   `json:"when,omitzero"`
	Then Then   `json:"then"`
}

// When lists conditions, all of which must hold; an empty condition always holds. Words are compared without regard to case, and a
// star stands for any text, as in `24.*`.
type When struct {
	// Events are kinds of event, as in issue_created. They are not looked at when rules are applied again to what is stored.
	Events     []string `json:"events,omitempty"`
	Projects   []string `json:"projects,omitempty"`
	IssueTypes []string `json:"issue_types,omitempty"`
	LabelsAny  []string `json:"labels_any,omitempty"`
	LabelsAll  []string `json:"labels_all,omitempty"`
	LabelsNone []string `json:"labels_none,omitempty"`
	Components []string `json:"components,omitempty"`
	// FixVersions are names of versions.
	FixVersions []string `json:"fix_versions,omitempty"`
	Priorities  []string `json:"priorities,omitempty"`
	LinkTypes   []string `json:"link_types,omitempty"`
	// StatusCategories are new, indeterminate and done.
	StatusCategories []string `json:"status_categories,omitempty"`
	SecurityLevels   []string `json:"security_levels,omitempty"`
	// Fields are conditions on custom fields, all of which must hold.
	Fields []FieldCondition `json:"fields,omitempty"`
}

// FieldCondition holds when a custom field has one of some values, or has any value.
type FieldCondition struct {
	ID     string   `json:"id"`
	Equals string   `json:"equals,omitempty"`
	In     []string `json:"in,omitempty"`
	Exists *bool    `json:"exists,omitempty"`
}

// Entity is what an issue becomes.
type Entity string

// What an issue can become. EntityIgnore keeps the delivery and makes nothing.
const (
	EntityFinding  Entity = "finding"
	EntityLesson   Entity = "lesson"
	EntityAction   Entity = "action"
	EntityIncident Entity = "incident"
	EntityAttempt  Entity = "attempt"
	EntityIgnore   Entity = "ignore"
)

// Values lists every Entity.
func (Entity) Values() []string {
	return []string{"finding", "lesson", "action", "incident", "attempt", "ignore"}
}

// OnDelete is what happens to a record when its issue is deleted in Jira. The record itself always stays.
type OnDelete string

// The ways to follow a deletion: the link is marked, or removed.
const (
	DeleteTombstone OnDelete = "tombstone"
	DeleteUnlink    OnDelete = "unlink"
)

// Values lists every OnDelete.
func (OnDelete) Values() []string { return []string{"tombstone", "unlink"} }

// Conflict is who is right when a field was changed on both sides.
type Conflict string

// The ways to settle a conflict.
const (
	ConflictJira   Conflict = "jira_wins"
	ConflictOurs   Conflict = "ours_wins"
	ConflictNewest Conflict = "newest"
)

// Values lists every Conflict.
func (Conflict) Values() []string { return []string{"jira_wins", "ours_wins", "newest"} }

// Then is what a matching issue becomes and where its fields come from. Every field has a default that works without being set.
type Then struct {
	Entity      Entity `json:"entity"`
	Severity    Derive `json:"severity,omitzero"`
	Priority    Derive `json:"priority,omitzero"`
	Attribution Derive `json:"attribution,omitzero"`
	// Attempt names the attempt by its id (ATT-3), or by a release.
	Attempt     Derive `json:"attempt,omitzero"`
	Environment Derive `json:"environment,omitzero"`
	Component   Derive `json:"component,omitzero"`
	DetectedBy  Derive `json:"detected_by,omitzero"`
	// Status maps names of statuses to ours and goes before the status category.
	Status   map[string]string `json:"status,omitempty"`
	OnDelete OnDelete          `json:"on_delete,omitempty"`
	Conflict Conflict          `json:"conflict,omitempty"`
	// AllowRestricted takes the text of issues with a security level too. Without it they become a bare link.
	AllowRestricted bool `json:"allow_restricted,omitempty"`
}

// Derive finds a value: the first source that gives one decides, else the default.
type Derive struct {
	From    []Source `json:"from,omitempty"`
	Default string   `json:"default,omitempty"`
}

// SourceKind is where a value is looked for.
type SourceKind string

// The places a value can come from.
const (
	FromLabel      SourceKind = "label"
	FromComponent  SourceKind = "component"
	FromFixVersion SourceKind = "fix_version"
	FromAffects    SourceKind = "affects_version"
	FromPriority   SourceKind = "priority"
	FromIssueType  SourceKind = "issue_type"
	FromField      SourceKind = "field"
)

// Values lists every SourceKind.
func (SourceKind) Values() []string {
	return []string{"label", "component", "fix_version", "affects_version", "priority", "issue_type", "field"}
}

// Source is one place to look for a value.
type Source struct {
	Source SourceKind `json:"source"`
	// Field is the id of a custom field, for FromField.
	Field string `json:"field,omitempty"`
	// Prefix must start the text and is cut off, as in `sev-` for the label sev-high.
	Prefix string `json:"prefix,omitempty"`
	// Map turns the text into ours; with a map, a text that is not in it gives nothing.
	Map map[string]string `json:"map,omitempty"`
}

// VersionRule says what the versions of a project become: attempts, unless they are ignored.
type VersionRule struct {
	Entity Entity `json:"entity,omitempty"`
	// Projects are ids of projects; events about versions carry no key.
	Projects []string `json:"projects,omitempty"`
	// Names are names of versions, with stars.
	Names []string `json:"names,omitempty"`
}

// CustomFields are the custom fields any rule looks at, sorted.
func (r Rules) CustomFields() []string {
	var ids []string
	for _, rule := range r.Rules {
		for _, f := range rule.When.Fields {
			ids = append(ids, f.ID)
		}
		for _, d := range rule.Then.derives() {
			for _, s := range d.derive.From {
				if s.Source == FromField {
					ids = append(ids, s.Field)
				}
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Prepare is the event as it may be applied to stored state: without the custom fields no rule asks for and, unless a rule takes
// restricted issues, without the text of an issue that has a security level or whose level the event does not tell. s is what is
// known of the issue so far.
func (r Rules) Prepare(s State, e Event) Event {
	e = e.KeepCustom(r.CustomFields())
	for _, rule := range r.Rules {
		if rule.Then.AllowRestricted {
			return e
		}
	}
	if e.Issue != nil && e.Issue.Security.Has() {
		return e.withoutText()
	}
	if e.Issue != nil && !e.Issue.Updated.IsZero() {
		return e // it tells of all fields, and of no level
	}
	if restricted, known := s.Restricted(); restricted || !known {
		return e.withoutText()
	}
	return e
}

type namedDerive struct {
	name   string
	derive Derive
	valid  func(string) bool
	choice []string
}

// derives lists the derived fields with what each may hold.
func (t Then) derives() []namedDerive {
	return []namedDerive{
		{"severity", t.Severity, isWord[vocab.Severity], vocab.Severity("").Values()},
		{"priority", t.Priority, isWord[vocab.Priority], vocab.Priority("").Values()},
		{"attribution", t.Attribution, isWord[vocab.Attribution], vocab.Attribution("").Values()},
		{"attempt", t.Attempt, nil, nil},
		{"environment", t.Environment, nil, nil},
		{"component", t.Component, nil, nil},
		{"detected_by", t.DetectedBy, isWord[vocab.DetectedBy], vocab.DetectedBy("").Values()},
	}
}

func isWord[W vocab.Word](s string) bool { return vocab.Valid(W(s)) }

// StarterRules are what a new source has, so that a first webhook does something sensible: bugs become findings, tasks labelled
// postmortem become actions, incidents become incidents, and versions become attempts.
func StarterRules() Rules {
	return Rules{
		Rules: []Rule{
			{Name: "Bugs are findings", When: When{IssueTypes: []string{"Bug", "Defect"}}, Then: Then{Entity: EntityFinding}},
			{Name: "Incidents are incidents", When: When{IssueTypes: []string{"Incident", "*Incident"}}, Then: Then{Entity: EntityIncident}},
			{Name: "Tasks labelled postmortem are actions", When: When{IssueTypes: []string{"Task", "Sub-task", "Subtask", "Story"}, LabelsAny: []string{"postmortem"}}, Then: Then{Entity: EntityAction}},
		},
		Versions: VersionRule{Entity: EntityAttempt},
	}
}

// JSON is the strict form of the rules, as ParseRules reads it.
func (r Rules) JSON() ([]byte, error) { return json.Marshal(r) }
