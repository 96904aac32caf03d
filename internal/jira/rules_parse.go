package jira

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Limits of a rule set, so that matching one issue costs little.
const (
	maxRules      = 200
	maxWords      = 200
	maxWordLength = 255
)

// ParseRules reads rules from their strict JSON form. Bad fields are a fault of kind Invalid naming every one of them; text that is
// not strict JSON is a *strictjson.Malformed.
func ParseRules(data []byte) (Rules, error) {
	var r Rules
	if err := strictjson.Decode(data, &r); err != nil {
		return Rules{}, err
	}
	if err := r.Check(); err != nil {
		return Rules{}, err
	}
	return r, nil
}

// Check is a fault of kind Invalid naming every field that breaks a rule.
func (r Rules) Check() error {
	c := &fault.Check{}
	if len(r.Rules) > maxRules {
		c.Add("rules", "too_long", "has %d entries, at most %d are allowed", len(r.Rules), maxRules)
		return c.Err()
	}
	names := map[string]bool{}
	for i, rule := range r.Rules {
		at := fmt.Sprintf("rules[%d]", i)
		c.Required(at+".name", rule.Name)
		c.Text(at+".name", rule.Name, fault.MaxName)
		if names[rule.Name] && rule.Name != "" {
			c.Add(at+".name", "duplicate", "is the name of another rule")
		}
		names[rule.Name] = true
		rule.When.check(c, at+".when")
		rule.Then.check(c, at+".then")
	}
	if e := r.Versions.Entity; e != "" && e != EntityAttempt && e != EntityIgnore {
		c.Add("versions.entity", "invalid_choice", "must be one of attempt, ignore")
	}
	checkWords(c, "versions.projects", r.Versions.Projects)
	checkWords(c, "versions.names", r.Versions.Names)
	return c.Err()
}

// eventWords are what When.Events may name.
func eventWords() []string {
	return []string{string(KindIssueCreated), string(KindIssueUpdated), string(KindIssueDeleted), string(KindCommentCreated), string(KindCommentUpdated),
		string(KindCommentDeleted), string(KindLinkCreated), string(KindLinkDeleted), string(KindWorklogChanged), string(KindWorklogDeleted)}
}

func (w When) check(c *fault.Check, at string) {
	for _, list := range []struct {
		name  string
		words []string
	}{{"events", w.Events}, {"projects", w.Projects}, {"issue_types", w.IssueTypes}, {"labels_any", w.LabelsAny}, {"labels_all", w.LabelsAll},
		{"labels_none", w.LabelsNone}, {"components", w.Components}, {"fix_versions", w.FixVersions}, {"priorities", w.Priorities},
		{"link_types", w.LinkTypes}, {"status_categories", w.StatusCategories}, {"security_levels", w.SecurityLevels}} {
		checkWords(c, at+"."+list.name, list.words)
	}
	for i, e := range w.Events {
		if !slices.Contains(eventWords(), e) {
			c.Add(fmt.Sprintf("%s.events[%d]", at, i), "invalid_choice", "must be one of %s", strings.Join(eventWords(), ", "))
		}
	}
	for i, category := range w.StatusCategories {
		if !slices.Contains([]string{"new", "indeterminate", "done"}, category) {
			c.Add(fmt.Sprintf("%s.status_categories[%d]", at, i), "invalid_choice", "must be one of new, indeterminate, done")
		}
	}
	if len(w.Fields) > maxWords {
		c.Add(at+".fields", "too_long", "has %d entries, at most %d are allowed", len(w.Fields), maxWords)
		return
	}
	for i, f := range w.Fields {
		f.check(c, fmt.Sprintf("%s.fields[%d]", at, i))
	}
}

func (f FieldCondition) check(c *fault.Check, at string) {
	c.Required(at+".id", f.ID)
	if f.ID != "" && !isCustom(f.ID) {
		c.Add(at+".id", "invalid_choice", "is a field with a condition of its own; name a custom field such as customfield_10020")
	}
	checkWords(c, at+".in", f.In)
	c.Text(at+".equals", f.Equals, maxWordLength)
	set := 0
	for _, given := range []bool{f.Equals != "", len(f.In) > 0, f.Exists != nil} {
		if given {
			set++
		}
	}
	if set != 1 {
		c.Add(at, "required", "must have exactly one of equals, in and exists")
	}
}

func (t Then) check(c *fault.Check, at string) {
	fault.RequiredChoice(c, at+".entity", t.Entity)
	fault.Choice(c, at+".on_delete", t.OnDelete)
	fault.Choice(c, at+".conflict", t.Conflict)
	for _, d := range t.derives() {
		d.check(c, at+"."+d.name)
	}
	allowed := statusWords(t.Entity)
	for name, status := range t.Status {
		if !slices.Contains(allowed, status) {
			c.Add(at+".status."+name, "invalid_choice", "must be one of %s", strings.Join(allowed, ", "))
		}
	}
}

// statusWords are the statuses Jira may set: those a status of Jira can mean, not those that need a reason of ours.
func statusWords(e Entity) []string {
	switch e {
	case EntityFinding:
		return vocab.FindingStatus("").Values()
	case EntityAction:
		return vocab.ActionStatus("").Values()
	case EntityIncident:
		return vocab.IncidentStatus("").Values()
	}
	return nil
}

func (d namedDerive) check(c *fault.Check, at string) {
	value := func(path, v string) {
		if d.valid != nil && v != "" && !d.valid(v) {
			c.Add(path, "invalid_choice", "must be one of %s", strings.Join(d.choice, ", "))
		}
		c.Text(path, v, maxWordLength)
	}
	value(at+".default", d.derive.Default)
	for i, s := range d.derive.From {
		path := fmt.Sprintf("%s.from[%d]", at, i)
		fault.RequiredChoice(c, path+".source", s.Source)
		if (s.Source == FromField) != (s.Field != "") {
			c.Add(path+".field", "required", "is given for the source field, and only for it")
		} else if s.Field != "" && !isCustom(s.Field) {
			c.Add(path+".field", "invalid_choice", "must be a custom field such as customfield_10020")
		}
		c.Text(path+".prefix", s.Prefix, maxWordLength)
		if len(s.Map) > maxWords {
			c.Add(path+".map", "too_long", "has %d entries, at most %d are allowed", len(s.Map), maxWords)
			continue
		}
		for key, v := range s.Map {
			c.Required(path+".map."+key, v)
			value(path+".map."+key, v)
		}
	}
}

func checkWords(c *fault.Check, at string, words []string) {
	if len(words) > maxWords {
		c.Add(at, "too_long", "has %d entries, at most %d are allowed", len(words), maxWords)
		return
	}
	for i, w := range words {
		path := fmt.Sprintf("%s[%d]", at, i)
		c.Required(path, w)
		c.Text(path, w, maxWordLength)
	}
}
