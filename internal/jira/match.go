package jira

import (
	"encoding/json"
	"slices"
	"strings"
)

// Truth is the outcome of a condition. It is Unknown where only events were seen that do not tell, as with the labels of an issue
// known from its comments alone.
type Truth string

// The outcomes of a condition.
const (
	True    Truth = "true"
	False   Truth = "false"
	Unknown Truth = "unknown"
)

// RuleResult says what became of one rule, and why.
type RuleResult struct {
	Index   int    `json:"index"`
	Name    string `json:"name"`
	Matched Truth  `json:"matched"`
	// Chosen is set on the one rule that decides; a later rule that matches too is not chosen.
	Chosen     bool              `json:"chosen"`
	Conditions []ConditionResult `json:"conditions"`
}

// ConditionResult says what one condition asked for and what it found.
type ConditionResult struct {
	Condition string   `json:"condition"`
	Want      []string `json:"want"`
	Got       []string `json:"got"`
	Result    Truth    `json:"result"`
}

// Decision is what an issue is to us.
type Decision struct {
	// Entity is EntityIgnore when no rule matches, and empty when no rule can be decided.
	Entity Entity `json:"entity"`
	// Rule is the name of the rule that decided, empty where none did.
	Rule         string `json:"rule"`
	RulesVersion int    `json:"rules_version"`
	// NeedsState is set when what is known does not suffice: a rule that would come first cannot be decided, or nothing told yet
	// whether the issue is restricted. The caller keeps the delivery and not the State, and applies it again when the whole issue
	// has arrived; otherwise the texts of the Effects would be lost.
	NeedsState bool `json:"needs_state"`
	// LinkOnly keeps a link to the issue and none of its text, because it is, or may be, restricted in Jira.
	LinkOnly bool `json:"link_only"`
	// Former is set for an issue that matches no rule any more and keeps the record it has.
	Former   bool     `json:"-"`
	OnDelete OnDelete `json:"on_delete,omitempty"`
	Conflict Conflict `json:"conflict,omitempty"`
	// Fields are what would be written.
	Fields  Mapped       `json:"fields"`
	Explain []RuleResult `json:"explain"`
	// Warnings name what could not be mapped and got a default.
	Warnings []Warning `json:"warnings,omitempty"`
}

// Match decides what the issue is. kind is the event that asks, or empty when rules are applied again to what is stored. Every
// rule is explained, those after the deciding one too.
func (r Rules) Match(s State, kind Kind) Decision {
	d := Decision{Entity: EntityIgnore, RulesVersion: r.Version, Explain: []RuleResult{}}
	subject := newSubject(s, kind)
	var chosen *Rule
	undecided := false
	for i, rule := range r.Rules {
		result := subject.rule(i, rule)
		if chosen == nil && !undecided {
			switch result.Matched {
			case True:
				chosen, result.Chosen = &r.Rules[i], true
			case Unknown:
				undecided = true
			}
		}
		d.Explain = append(d.Explain, result)
	}
	if undecided {
		d.Entity, d.NeedsState = "", true
		return d
	}
	if chosen == nil {
		return d
	}
	d.Entity, d.Rule = chosen.Then.Entity, chosen.Name
	d.OnDelete, d.Conflict = or(chosen.Then.OnDelete, DeleteTombstone), or(chosen.Then.Conflict, ConflictJira)
	restricted, known := s.Restricted()
	d.LinkOnly = (restricted || !known) && !chosen.Then.AllowRestricted
	d.NeedsState = d.LinkOnly && !restricted && d.Entity != EntityIgnore
	if d.Entity != EntityIgnore {
		d.Fields, d.Warnings = chosen.Then.mapIssue(s, d.LinkOnly)
	}
	return d
}

// Owned is what an issue is that was made from a record, or taken in by an import, whatever the rules say of it: its fields follow
// the issue by the first rule for such records, and by defaults where there is none. decided is the outcome of Match.
func (r Rules) Owned(s State, entity Entity, decided Decision) Decision {
	restricted, known := s.Restricted()
	if decided.Entity == entity && !decided.NeedsState || !known {
		return decided
	}
	then := Then{Entity: entity}
	for _, rule := range r.Rules {
		if rule.Then.Entity == entity {
			then = rule.Then
			break
		}
	}
	d := Decision{Entity: entity, RulesVersion: r.Version, Explain: decided.Explain, LinkOnly: restricted && !then.AllowRestricted,
		OnDelete: or(then.OnDelete, DeleteTombstone), Conflict: or(then.Conflict, ConflictJira)}
	d.Fields, d.Warnings = then.mapIssue(s, d.LinkOnly)
	return d
}

func or[T ~string](v, otherwise T) T {
	if v == "" {
		return otherwise
	}
	return v
}

// subject is an issue as conditions look at it. A nil list is unknown, an empty one is known to be empty.
type subject struct {
	kind                              Kind
	hidden                            bool
	projects, types, labels           []string
	components, fixVersions           []string
	priorities, categories, linkTypes []string
	security                          []string
	custom                            func(id string) []string
}

func newSubject(s State, kind Kind) subject {
	issue, complete := s.Issue(), s.Complete()
	none := func(set bool) []string {
		if set || complete {
			return []string{}
		}
		return nil
	}
	names := func(f Field[[]Named]) []string {
		out := none(f.Set)
		for _, n := range f.Value {
			out = append(out, n.Name)
		}
		return out
	}
	one := func(set bool, values ...string) []string {
		out := none(set)
		for _, v := range values {
			if v != "" {
				out = append(out, v)
			}
		}
		return out
	}
	restricted, known := s.Restricted()
	sub := subject{kind: kind, hidden: restricted || !known,
		projects: one(issue.Project.Set, issue.Project.Value.Key, string(issue.Project.Value.ID)), types: one(issue.Type.Set, issue.Type.Value.Name),
		labels: append(none(issue.Labels.Set), issue.Labels.Value...), components: names(issue.Components), fixVersions: names(issue.FixVersions),
		priorities: one(issue.Priority.Set, issue.Priority.Value.Name), categories: one(issue.Status.Set, issue.Status.Value.Category), linkTypes: []string{}}
	if known {
		sub.security = one(true, issue.Security.Value.Name, string(issue.Security.Value.ID))
	}
	for _, l := range s.LiveLinks() {
		sub.linkTypes = append(sub.linkTypes, l.Type)
	}
	sub.custom = func(id string) []string {
		raw, set := issue.Custom[id]
		if values := customValues(raw); len(values) > 0 {
			return values
		}
		return none(set)
	}
	return sub
}

// customValues are the texts of a custom field: a plain value, an option, a user's id, or a list of those.
func customValues(raw json.RawMessage) []string {
	if isNull(raw) {
		return nil
	}
	if s, ok := scalar(raw); ok {
		return []string{s}
	}
	r := &reader{}
	if raw[0] == '[' {
		var out []string
		for _, item := range r.list(raw, "") {
			out = append(out, customValues(item)...)
		}
		return out
	}
	o, ok := r.object(raw, "")
	if !ok {
		return nil
	}
	for _, key := range []string{"value", "name", "key", "accountId", "id"} {
		if s := r.text(o, key, ""); s != "" {
			return []string{s}
		}
	}
	return nil
}

func (s subject) rule(index int, rule Rule) RuleResult {
	result := RuleResult{Index: index, Name: rule.Name, Matched: True, Conditions: []ConditionResult{}}
	for _, c := range s.conditions(rule.When) {
		result.Conditions = append(result.Conditions, c)
		switch {
		case c.Result == False:
			result.Matched = False
		case c.Result == Unknown && result.Matched == True:
			result.Matched = Unknown
		}
	}
	return result
}

func (s subject) conditions(w When) []ConditionResult {
	var out []ConditionResult
	add := func(name string, want, got []string, test func(want, got []string) bool) {
		if len(want) == 0 {
			return
		}
		c := ConditionResult{Condition: name, Want: want, Got: got, Result: Unknown}
		if got != nil {
			c.Result = False
			if test(want, got) {
				c.Result = True
			}
		} else {
			c.Got = []string{}
		}
		out = append(out, c)
	}
	if s.kind != "" {
		add("events", w.Events, []string{string(s.kind)}, anyOf)
	}
	add("projects", w.Projects, s.projects, anyOf)
	add("issue_types", w.IssueTypes, s.types, anyOf)
	add("labels_any", w.LabelsAny, s.labels, anyOf)
	add("labels_all", w.LabelsAll, s.labels, allOf)
	add("labels_none", w.LabelsNone, s.labels, func(want, got []string) bool { return !anyOf(want, got) })
	add("components", w.Components, s.components, anyOf)
	add("fix_versions", w.FixVersions, s.fixVersions, anyOf)
	add("priorities", w.Priorities, s.priorities, anyOf)
	add("link_types", w.LinkTypes, s.linkTypes, anyOf)
	add("status_categories", w.StatusCategories, s.categories, anyOf)
	add("security_levels", w.SecurityLevels, s.security, anyOf)
	for _, f := range w.Fields {
		out = append(out, s.field(f))
	}
	return out
}

func (s subject) field(f FieldCondition) ConditionResult {
	got := s.custom(f.ID)
	c := ConditionResult{Condition: "fields." + f.ID, Want: f.In, Got: got, Result: Unknown}
	if f.Equals != "" {
		c.Want = []string{f.Equals}
	}
	if f.Exists != nil {
		c.Want = []string{"exists"}
		if !*f.Exists {
			c.Want = []string{"does not exist"}
		}
	}
	if got == nil {
		c.Got = []string{}
		return c
	}
	holds := anyOf(c.Want, got)
	if f.Exists != nil {
		holds = (len(got) > 0) == *f.Exists
	}
	c.Result = False
	if holds {
		c.Result = True
	}
	if s.hidden {
		c.Got = []string{"(restricted)"}
	}
	return c
}

func anyOf(want, got []string) bool {
	return slices.ContainsFunc(want, func(w string) bool { return slices.ContainsFunc(got, func(g string) bool { return like(w, g) }) })
}

func allOf(want, got []string) bool {
	return !slices.ContainsFunc(want, func(w string) bool { return !slices.ContainsFunc(got, func(g string) bool { return like(w, g) }) })
}

// like compares without regard to case; a star in the pattern stands for any text.
func like(pattern, s string) bool {
	parts := strings.Split(strings.ToLower(pattern), "*")
	s = strings.ToLower(s)
	if len(parts) == 1 {
		return parts[0] == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
