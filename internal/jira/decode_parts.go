package jira

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// known are the fields of an issue that are read by name; the rest goes to Custom.
var known = map[string]bool{
	"summary": true, "description": true, "issuetype": true, "project": true, "priority": true, "status": true, "resolution": true, "security": true, "labels": true,
	"components": true, "fixVersions": true, "versions": true, "assignee": true, "reporter": true, "creator": true, "duedate": true, "parent": true, "created": true, "updated": true,
	"comment": true, "issuelinks": true, "subtasks": true, "worklog": true, "attachment": true, "watches": true, "votes": true, "progress": true, "aggregateprogress": true,
	"timetracking": true, "namedValue": true, "lastViewed": true, "workratio": true, "statuscategorychangedate": true, "resolutiondate": true, "environment": true,
	"timespent": true, "timeestimate": true, "timeoriginalestimate": true, "aggregatetimespent": true, "aggregatetimeestimate": true, "aggregatetimeoriginalestimate": true,
}

func (r *reader) issuePart(e *Event, raw json.RawMessage, root object) {
	o, ok := r.object(raw, "issue")
	if !ok {
		return
	}
	issue := r.issue(o)
	e.Issue, e.IssueID = issue, issue.ID
	if issue.ID == "" {
		if m := issueInSelf.FindStringSubmatch(issue.Self); m != nil {
			issue.ID, e.IssueID = ID(m[1]), ID(m[1])
		}
	}
	if issue.ID == "" {
		r.warn("issue.id", "missing")
		e.Issue = nil
	}
	e.Changelog = r.changelog(root["changelog"], "changelog")
	if e.Changelog == nil {
		e.Changelog = r.changelog(o["changelog"], "issue.changelog")
	}
}

// maxKey is above what Jira allows for a key, and below what a reference can hold.
const maxKey = 120

func (r *reader) issue(o object) *Issue {
	issue := &Issue{ID: r.id(o, "id", "issue"), Key: r.text(o, "key", "issue"), Self: r.text(o, "self", "issue")}
	if len(issue.Key) > maxKey {
		r.warn("issue.key", "not_key")
		issue.Key = ""
	}
	f, ok := r.object(o["fields"], "issue.fields")
	if !ok {
		return issue
	}
	issue.Summary = textField(r, f, "summary")
	issue.Description = read(f, "description", func(raw json.RawMessage) (json.RawMessage, bool) { return cleanJSON(raw), true })
	issue.Type = read(f, "issuetype", r.issueType)
	issue.Project = read(f, "project", func(raw json.RawMessage) (Project, bool) { return r.project(raw, "issue.fields.project") })
	issue.Priority = read(f, "priority", func(raw json.RawMessage) (Named, bool) { return r.named(raw, "issue.fields.priority") })
	issue.Status = read(f, "status", r.status)
	issue.Resolution = read(f, "resolution", func(raw json.RawMessage) (Named, bool) { return r.named(raw, "issue.fields.resolution") })
	issue.Security = read(f, "security", func(raw json.RawMessage) (Named, bool) {
		// A level we cannot read is still a level.
		n, _ := r.named(raw, "issue.fields.security")
		return n, true
	})
	issue.Labels = read(f, "labels", r.labels)
	issue.Components = listField(r, f, "components")
	issue.FixVersions = listField(r, f, "fixVersions")
	issue.AffectsVersions = listField(r, f, "versions")
	issue.Assignee = read(f, "assignee", r.personID)
	issue.Reporter = read(f, "reporter", r.personID)
	issue.DueDate = textField(r, f, "duedate")
	issue.Parent = read(f, "parent", r.issueRef)
	issue.Created, issue.Updated = r.time(f, "created"), r.time(f, "updated")
	issue.Custom = map[string]json.RawMessage{}
	for name, raw := range f {
		if !known[name] {
			if value := cleanJSON(raw); value != nil {
				issue.Custom[name] = value
			}
		}
	}
	r.lists(issue, f)
	return issue
}

// lists reads what an issue lists of others: comments, links and subtasks.
func (r *reader) lists(issue *Issue, f object) {
	if c, ok := r.object(f["comment"], "issue.fields.comment"); ok {
		for i, raw := range r.list(c["comments"], "issue.fields.comment.comments") {
			if comment := r.comment(raw, "issue.fields.comment.comments["+strconv.Itoa(i)+"]"); comment != nil {
				issue.Comments = append(issue.Comments, *comment)
			}
		}
	}
	for _, raw := range r.list(f["subtasks"], "issue.fields.subtasks") {
		if ref, ok := r.issueRef(raw); ok {
			issue.Subtasks = append(issue.Subtasks, ref)
		}
	}
	for i, raw := range r.list(f["issuelinks"], "issue.fields.issuelinks") {
		path := "issue.fields.issuelinks[" + strconv.Itoa(i) + "]"
		o, ok := r.object(raw, path)
		if !ok {
			continue
		}
		l := LinkedIssue{ID: r.id(o, "id", path)}
		if t, ok := r.object(o["type"], path+".type"); ok {
			l.Type, l.Outward, l.InwardName = r.text(t, "name", path), r.text(t, "outward", path), r.text(t, "inward", path)
		}
		if ref, ok := r.issueRef(o["inwardIssue"]); ok {
			l.Inward, l.Issue = true, ref
		} else if ref, ok := r.issueRef(o["outwardIssue"]); ok {
			l.Issue = ref
		}
		issue.Links = append(issue.Links, l)
	}
}

// read reads a field that may be absent, null, or of a type we do not know, which counts as absent.
func read[T any](f object, name string, of func(json.RawMessage) (T, bool)) Field[T] {
	raw, ok := f[name]
	if !ok {
		return Field[T]{}
	}
	if isNull(raw) {
		return Field[T]{Set: true, Null: true}
	}
	value, ok := of(raw)
	return Field[T]{Set: ok, Value: value}
}

func textField(r *reader, f object, name string) Field[string] {
	return read(f, name, func(raw json.RawMessage) (string, bool) {
		s, ok := scalar(raw)
		if !ok {
			r.warn("issue.fields."+name, "not_text")
		}
		return clean(s), ok
	})
}

func listField(r *reader, f object, name string) Field[[]Named] {
	return read(f, name, func(raw json.RawMessage) ([]Named, bool) { return r.namedList(raw, "issue.fields."+name), true })
}

func (r *reader) labels(raw json.RawMessage) ([]string, bool) {
	labels := []string{}
	for _, item := range r.list(raw, "issue.fields.labels") {
		if s, ok := scalar(item); ok {
			labels = append(labels, clean(s))
		}
	}
	return labels, true
}

func (r *reader) personID(raw json.RawMessage) (string, bool) {
	p := r.person(raw, "issue.fields.person")
	return p.ID(), p.Known()
}

func (r *reader) issueType(raw json.RawMessage) (IssueType, bool) {
	n, ok := r.named(raw, "issue.fields.issuetype")
	o, _ := r.object(raw, "issue.fields.issuetype")
	return IssueType{ID: n.ID, Name: n.Name, Subtask: r.flag(o, "subtask")}, ok
}

func (r *reader) status(raw json.RawMessage) (Status, bool) {
	n, ok := r.named(raw, "issue.fields.status")
	s := Status{ID: n.ID, Name: n.Name}
	if o, isObject := r.object(raw, "issue.fields.status"); isObject {
		if c, has := r.object(o["statusCategory"], "issue.fields.status.statusCategory"); has {
			s.Category = r.text(c, "key", "issue.fields.status.statusCategory")
		}
	}
	return s, ok
}

func (r *reader) project(raw json.RawMessage, path string) (Project, bool) {
	o, ok := r.object(raw, path)
	if !ok {
		return Project{}, false
	}
	p := Project{ID: r.id(o, "id", path), Key: r.text(o, "key", path), Name: r.text(o, "name", path)}
	return p, p != Project{}
}

func (r *reader) issueRef(raw json.RawMessage) (IssueRef, bool) {
	o, ok := r.object(raw, "issue.ref")
	if !ok {
		return IssueRef{}, false
	}
	ref := IssueRef{ID: r.id(o, "id", "issue.ref"), Key: r.text(o, "key", "issue.ref")}
	if f, has := r.object(o["fields"], "issue.ref.fields"); has {
		ref.Summary = r.text(f, "summary", "issue.ref.fields")
	}
	return ref, ref.ID != "" || ref.Key != ""
}

func (r *reader) changelog(raw json.RawMessage, path string) *Changelog {
	o, ok := r.object(raw, path)
	if !ok {
		return nil
	}
	// Automation lists the whole history; the newest entry is the change that fired the rule.
	if histories := r.list(o["histories"], path+".histories"); len(histories) > 0 {
		var newest *Changelog
		for _, h := range histories {
			if c := r.changelog(h, path+".histories"); c != nil && (newest == nil || c.ID.Number() > newest.ID.Number()) {
				newest = c
			}
		}
		return newest
	}
	c := &Changelog{ID: r.id(o, "id", path)}
	for i, item := range r.list(o["items"], path+".items") {
		at := path + ".items[" + strconv.Itoa(i) + "]"
		m, ok := r.object(item, at)
		if !ok {
			continue
		}
		c.Items = append(c.Items, Change{Field: r.text(m, "field", at), FieldID: r.text(m, "fieldId", at), From: r.text(m, "from", at),
			FromString: r.text(m, "fromString", at), To: r.text(m, "to", at), ToString: r.text(m, "toString", at)})
	}
	if c.ID == "" && len(c.Items) == 0 {
		return nil
	}
	return c
}

func (r *reader) comment(raw json.RawMessage, path string) *Comment {
	if s, ok := scalar(raw); ok && s == "" {
		return nil // workflow post functions send an empty string for no comment
	}
	o, ok := r.object(raw, path)
	if !ok {
		return nil
	}
	c := &Comment{ID: r.id(o, "id", path), Author: r.person(o["author"], path+".author"), Editor: r.person(o["updateAuthor"], path+".updateAuthor"),
		Created: r.time(o, "created"), Updated: r.time(o, "updated"), Restricted: !isNull(o["visibility"])}
	if !isNull(o["body"]) {
		c.Body = cleanJSON(o["body"])
	}
	if public, ok := scalar(o["jsdPublic"]); ok && public == "false" {
		c.Restricted = true
	}
	if c.ID == "" {
		return nil
	}
	return c
}

var (
	issueInSelf   = regexp.MustCompile(`/rest/api/[^/]+/(?:issue/)?(\d+)(?:[/?]|$)`)
	issueOfThread = regexp.MustCompile(`/issue/(\d+)/(?:comment|worklog)/`)
)

// parts reads what is not the issue.
func (r *reader) parts(e *Event, root object) {
	e.Comment = r.comment(root["comment"], "comment")
	if o, ok := r.object(root["issueLink"], "issueLink"); ok {
		l := IssueLink{ID: r.id(o, "id", "issueLink"), Source: r.id(o, "sourceIssueId", "issueLink"), Destination: r.id(o, "destinationIssueId", "issueLink")}
		if t, has := r.object(o["issueLinkType"], "issueLink.issueLinkType"); has {
			l.Type, l.Inward, l.Outward = r.text(t, "name", "issueLink"), r.text(t, "inwardName", "issueLink"), r.text(t, "outwardName", "issueLink")
		}
		if l.ID != "" && l.Source != "" && l.Destination != "" {
			e.Link = &l
		}
	}
	if o, ok := r.object(root["version"], "version"); ok {
		v := r.version(o)
		v.MergedTo, v.Into = r.mergedTo(root, o)
		e.Version = &v
	}
	if o, ok := r.object(root["worklog"], "worklog"); ok {
		seconds, _ := strconv.ParseInt(string(r.id(o, "timeSpentSeconds", "worklog")), 10, 64)
		w := Worklog{ID: r.id(o, "id", "worklog"), IssueID: r.id(o, "issueId", "worklog"), Seconds: max(seconds, 0), Author: r.person(o["author"], "worklog.author"),
			Started: r.time(o, "started"), Updated: r.time(o, "updated"), Body: cleanJSON(o["comment"])}
		if w.ID != "" {
			e.Worklog = &w
		}
	}
	if p, ok := r.project(root["project"], "project"); ok {
		e.Project = &p
	}
	if strings.HasPrefix(e.Name, "user_") {
		e.User, e.Actor = e.Actor, Person{}
		if id := r.word(root, "accountId"); id != "" && !e.User.Known() {
			e.User = Person{AccountID: id}
		}
	}
}

func (r *reader) version(o object) Version {
	v := Version{ID: r.id(o, "id", "version"), Name: r.text(o, "name", "version"), ProjectID: r.id(o, "projectId", "version"),
		Released: r.flag(o, "released"), Archived: r.flag(o, "archived")}
	if at := r.time(o, "releaseDate"); !at.IsZero() {
		v.ReleaseDate = at.Format(time.DateOnly)
	}
	return v
}

// mergedTo finds the version that took over, which is an object, an id, or missing.
func (r *reader) mergedTo(root, version object) (ID, *Version) {
	for _, o := range []object{root, version} {
		raw := o["mergedTo"]
		if isNull(raw) {
			continue
		}
		if _, ok := scalar(raw); ok {
			return r.id(o, "mergedTo", "version"), nil
		}
		if m, ok := r.object(raw, "mergedTo"); ok {
			into := r.version(m)
			return into.ID, &into
		}
	}
	return "", nil
}

// settle fills what one part of the event tells about another: the issue of a comment, who did it, and the site.
func (r *reader) settle(e *Event, root object) {
	self := func(key string) string {
		o, ok := r.object(root[key], key)
		if !ok {
			return ""
		}
		s, _ := scalar(o["self"])
		return s
	}
	commentSelf, worklogSelf := "", ""
	if e.Comment != nil {
		commentSelf = self("comment")
		e.Actor = firstPerson(e.Actor, e.Comment.Editor, e.Comment.Author)
	}
	if e.Worklog != nil {
		worklogSelf = self("worklog")
		e.Actor = firstPerson(e.Actor, e.Worklog.Author)
		if e.IssueID == "" {
			e.IssueID = e.Worklog.IssueID
		}
	}
	for _, s := range []string{commentSelf, worklogSelf} {
		if m := issueOfThread.FindStringSubmatch(s); m != nil && e.IssueID == "" {
			e.IssueID = ID(m[1])
		}
	}
	candidates := []string{commentSelf, worklogSelf, self("version"), self("project"), self("user")}
	if e.Issue != nil {
		candidates = append([]string{e.Issue.Self}, candidates...)
	}
	for _, c := range candidates {
		if site := SiteOf(c); site != "" {
			e.Site = site
			return
		}
	}
}

func firstPerson(people ...Person) Person {
	for _, p := range people {
		if p.Known() {
			return p
		}
	}
	return Person{}
}
