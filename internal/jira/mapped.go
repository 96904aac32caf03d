package jira

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Mapped are the fields of a record as its issue gives them. A record that is only a link has a key and an address and no text.
type Mapped struct {
	Key   string     `json:"key"`
	URL   string     `json:"url"`
	Title string     `json:"title"`
	Body  markup.Doc `json:"body,omitzero"`
	// Status is ours, empty where Jira's cannot be told or means nothing here.
	Status      string            `json:"status,omitempty"`
	Closed      bool              `json:"closed,omitempty"`
	Severity    vocab.Severity    `json:"severity,omitempty"`
	Priority    vocab.Priority    `json:"priority,omitempty"`
	Attribution vocab.Attribution `json:"attribution,omitempty"`
	DetectedBy  vocab.DetectedBy  `json:"detected_by,omitempty"`
	Attempt     string            `json:"attempt,omitempty"`
	Environment string            `json:"environment,omitempty"`
	Component   string            `json:"component,omitempty"`
	// Owner is an id of the site, not a name.
	Owner    string    `json:"owner,omitempty"`
	DueOn    string    `json:"due_on,omitempty"`
	Tags     []string  `json:"tags,omitempty"`
	Releases []string  `json:"releases,omitempty"`
	Created  time.Time `json:"created,omitzero"`
}

// priorityOrder are the priorities Jira has shipped with, old and new names, from most to least urgent. The ids are those of a
// fresh site and serve where the names are translated.
var priorityOrder = []struct {
	names string
	id    ID
}{
	{"blocker highest showstopper p0 p1", "1"},
	{"critical high urgent p2", "2"},
	{"major medium normal p3", "3"},
	{"minor low p4", "4"},
	{"trivial lowest p5", "5"},
}

var (
	defaultSeverity = []vocab.Severity{"critical", "high", "medium", "low", "low"}
	defaultPriority = []vocab.Priority{"p1", "p2", "p3", "p4", "p4"}
)

// priorityRank is the place of a priority in priorityOrder, or -1. A name decides before an id.
func priorityRank(p Named) int {
	name := strings.ToLower(strings.TrimSpace(p.Name))
	for i, level := range priorityOrder {
		for word := range strings.SplitSeq(level.names, " ") {
			if name == word {
				return i
			}
		}
	}
	for i, level := range priorityOrder {
		if p.ID != "" && p.ID == level.id {
			return i
		}
	}
	return -1
}

func (t Then) mapIssue(s State, linkOnly bool) (Mapped, []Warning) {
	issue := s.Issue()
	site := get[string](s.Fields, "site").Value
	m := Mapped{Key: issue.Key, URL: BrowseURL(site, issue.Key), Created: issue.Created}
	var warnings []Warning
	m.Status, m.Closed = t.status(issue, &warnings)
	if linkOnly {
		return m, warnings
	}
	m.Title = title(issue.Summary.Value, issue.Key)
	m.Body = markup.FromJSON(issue.Description.Value).WithoutEmails().Clip(fault.MaxText)
	m.Severity = vocab.Severity(t.derive("severity", t.Severity, issue, &warnings))
	m.Priority = vocab.Priority(t.derive("priority", t.Priority, issue, &warnings))
	m.Attribution = vocab.Attribution(t.derive("attribution", t.Attribution, issue, &warnings))
	m.DetectedBy = vocab.DetectedBy(t.derive("detected_by", t.DetectedBy, issue, &warnings))
	m.Attempt = t.derive("attempt", t.Attempt, issue, &warnings)
	m.Environment = t.derive("environment", t.Environment, issue, &warnings)
	m.Component = t.derive("component", t.Component, issue, &warnings)
	m.Owner, m.DueOn = issue.Assignee.Value, dateOnly(issue.DueDate.Value)
	m.Tags, m.Releases = issue.Labels.Value, nil
	for _, v := range issue.FixVersions.Value {
		m.Releases = append(m.Releases, v.Name)
	}
	return m, warnings
}

// title is one line that fits; the key stands in for a summary that is not there.
func title(summary, key string) string {
	s := strings.Join(strings.Fields(summary), " ")
	if s == "" {
		return key
	}
	if utf8.RuneCountInString(s) > fault.MaxTitle {
		s = string([]rune(s)[:fault.MaxTitle-1]) + "…"
	}
	return s
}

func dateOnly(s string) string {
	if at := parseTime(s); !at.IsZero() {
		return at.Format(time.DateOnly)
	}
	return ""
}

// status follows the status category, which is not translated, unless the rule maps the status by its name.
func (t Then) status(issue Issue, warnings *[]Warning) (status string, closed bool) {
	if !issue.Status.Has() {
		return "", false
	}
	st := issue.Status.Value
	closed = st.Category == "done"
	if mapped := lookup(t.Status, st.Name); mapped != "" {
		return mapped, closed
	}
	byCategory := map[Entity]map[string]string{
		EntityFinding:  {"new": "reported", "indeterminate": "confirmed", "done": "resolved"},
		EntityAction:   {"new": "open", "indeterminate": "in_progress", "done": "done"},
		EntityIncident: {"new": "open", "indeterminate": "open", "done": "resolved"},
	}[t.Entity]
	if byCategory == nil {
		return "", closed
	}
	status, ok := byCategory[st.Category]
	if !ok {
		*warnings = append(*warnings, Warning{Path: "issue.fields.status.statusCategory", Code: "status_unmapped"})
	}
	return status, closed
}

func (t Then) derive(name string, d Derive, issue Issue, warnings *[]Warning) string {
	from := d.From
	if len(from) == 0 {
		from = defaultSources[name]
		if name == "attempt" {
			for _, label := range issue.Labels.Value {
				if m := attemptID.FindStringSubmatch(label); m != nil {
					return "ATT-" + m[1]
				}
			}
		}
	}
	valid := map[string]func(string) bool{"severity": isWord[vocab.Severity], "priority": isWord[vocab.Priority], "attribution": isWord[vocab.Attribution], "detected_by": isWord[vocab.DetectedBy]}[name]
	for _, source := range from {
		for _, text := range source.texts(issue) {
			if value := source.value(text, valid); value != "" {
				return value
			}
		}
	}
	if rank := priorityRank(issue.Priority.Value); (name == "severity" || name == "priority") && len(d.From) == 0 {
		if rank >= 0 {
			return map[string]string{"severity": string(defaultSeverity[rank]), "priority": string(defaultPriority[rank])}[name]
		}
		if issue.Priority.Has() {
			*warnings = append(*warnings, Warning{Path: "issue.fields.priority", Code: name + "_defaulted"})
		}
	}
	return or(d.Default, defaultValues[name])
}

// defaultSources work without configuration: labels that say what they mean, then versions and components.
var defaultSources = map[string][]Source{
	"severity": {{Source: FromLabel, Prefix: "severity-"}, {Source: FromLabel, Prefix: "severity:"}, {Source: FromLabel, Prefix: "sev-"},
		{Source: FromLabel, Prefix: "sev", Map: map[string]string{"1": "critical", "2": "high", "3": "medium", "4": "low", "-1": "critical", "-2": "high", "-3": "medium", "-4": "low"}}},
	"priority":    {{Source: FromLabel, Prefix: "priority-"}},
	"attribution": {{Source: FromLabel}, {Source: FromLabel, Prefix: "attribution-"}},
	"detected_by": {{Source: FromLabel, Prefix: "detected-by-"}},
	"attempt":     {{Source: FromLabel, Prefix: "attempt-"}, {Source: FromLabel, Prefix: "attempt:"}, {Source: FromFixVersion}},
	"environment": {{Source: FromLabel, Prefix: "env-"}, {Source: FromLabel, Prefix: "env:"}},
	"component":   {{Source: FromComponent}},
}

var defaultValues = map[string]string{"severity": "medium", "priority": "", "attribution": "undetermined"}

func (s Source) texts(issue Issue) []string {
	names := func(list []Named) []string {
		var out []string
		for _, n := range list {
			out = append(out, n.Name)
		}
		return out
	}
	switch s.Source {
	case FromLabel:
		return issue.Labels.Value
	case FromComponent:
		return names(issue.Components.Value)
	case FromFixVersion:
		return names(issue.FixVersions.Value)
	case FromAffects:
		return names(issue.AffectsVersions.Value)
	case FromPriority:
		return []string{issue.Priority.Value.Name, string(issue.Priority.Value.ID)}
	case FromIssueType:
		return []string{issue.Type.Value.Name}
	case FromField:
		return customValues(issue.Custom[s.Field])
	}
	return nil
}

var attemptID = regexp.MustCompile(`(?i)^att-?(\d{1,18})$`)

// value turns a text into ours, or "" where it does not speak of this. A closed word may be written with hyphens or spaces.
func (s Source) value(text string, valid func(string) bool) string {
	if len(text) < len(s.Prefix) || !strings.EqualFold(text[:len(s.Prefix)], s.Prefix) {
		return ""
	}
	text = strings.TrimSpace(text[len(s.Prefix):])
	if s.Map != nil {
		return lookup(s.Map, text)
	}
	if valid == nil {
		if m := attemptID.FindStringSubmatch(text); m != nil {
			return "ATT-" + m[1]
		}
		return text
	}
	word := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(text))
	if valid(word) {
		return word
	}
	return ""
}

// lookup finds a key without regard to case, the first in order where several differ only in case.
func lookup(m map[string]string, text string) string {
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if strings.EqualFold(key, text) {
			return m[key]
		}
	}
	return ""
}

// VersionDecision is what a version of a project is to us.
type VersionDecision struct {
	Entity   Entity `json:"entity"`
	Release  string `json:"release"`
	Released bool   `json:"released"`
	Why      string `json:"why"`
}

// MatchVersion decides what a version is.
func (r Rules) MatchVersion(v VersionState) VersionDecision {
	d := VersionDecision{Entity: EntityIgnore, Release: v.Name, Released: v.Released}
	switch {
	case r.Versions.Entity == EntityIgnore || r.Versions.Entity == "":
		d.Why = "the rules take no versions"
	case len(r.Versions.Projects) > 0 && !anyOf(r.Versions.Projects, []string{string(v.ProjectID)}):
		d.Why = "the project of the version is not among those of the rule"
	case len(r.Versions.Names) > 0 && !anyOf(r.Versions.Names, []string{v.Name}):
		d.Why = "the name of the version is not among those of the rule"
	default:
		d.Entity, d.Why = r.Versions.Entity, "versions of the project are attempts"
	}
	return d
}
