package fakejira

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Issue is an issue of the site.
type Issue struct {
	ID  string
	Key string
	// Fields are the fields as they appear in JSON; the site adds created, updated and project.
	Fields map[string]any
	// Properties and Links are what was written by clients; Links are by globalId.
	Properties map[string]any
	Links      map[string]map[string]any
	Comments   []map[string]any
}

const timeLayout = "2006-01-02T15:04:05.000-0700"

// Actor is the account of people on the site; Bot is ours.
const (
	Actor = "5b10acactor"
	Bot   = "5b10acbot"
)

// AddIssue makes an issue in a project and queues jira:issue_created. Its key is the project and the next number.
func (s *Server) AddIssue(project string, fields map[string]any) Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.copyOf(s.add(project, fields, Actor))
}

func (s *Server) add(project string, fields map[string]any, actor string) *Issue {
	s.next++
	at := s.tick()
	i := &Issue{ID: strconv.Itoa(s.next), Key: fmt.Sprintf("%s-%d", project, s.next-10_000), Fields: maps.Clone(fields), Properties: map[string]any{}, Links: map[string]map[string]any{}}
	if i.Fields == nil {
		i.Fields = map[string]any{}
	}
	i.Fields["project"] = map[string]any{"id": "1" + strconv.Itoa(len(project)), "key": project, "name": project}
	i.Fields["created"], i.Fields["updated"] = at.Format(timeLayout), at.Format(timeLayout)
	if _, ok := i.Fields["status"]; !ok {
		i.Fields["status"] = Status("To Do", "new")
	}
	if _, ok := i.Fields["labels"]; !ok {
		i.Fields["labels"] = []any{}
	}
	s.issues[i.ID] = i
	s.queue(s.issueEvent("jira:issue_created", "issue_created", i, at, actor, nil))
	return i
}

// Status is a status with its category, one of new, indeterminate and done.
func Status(name, category string) map[string]any {
	return map[string]any{"id": "1", "name": name, "statusCategory": map[string]any{"key": category}}
}

// Change sets fields of an issue and queues jira:issue_updated with its changelog.
func (s *Server) Change(idOrKey, actor string, fields map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(idOrKey)
	if i == nil {
		panic("fakejira: no issue " + idOrKey)
	}
	at := s.tick()
	var items []any
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		items = append(items, map[string]any{"field": name, "fieldId": name, "fieldtype": "jira", "fromString": fmt.Sprint(i.Fields[name]), "toString": fmt.Sprint(fields[name])})
	}
	fieldsNow := maps.Clone(i.Fields)
	maps.Copy(fieldsNow, fields)
	fieldsNow["updated"] = at.Format(timeLayout)
	i.Fields = fieldsNow
	s.change++
	s.queue(s.issueEvent("jira:issue_updated", "issue_generic", i, at, actor, map[string]any{"id": strconv.Itoa(s.change), "items": items}))
}

// Move gives an issue another project and key, and queues the update that tells of it.
func (s *Server) Move(idOrKey, project string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(idOrKey)
	old, at := i.Key, s.tick()
	i.Key = fmt.Sprintf("%s-%s", project, i.ID)
	fields := maps.Clone(i.Fields)
	fields["project"] = map[string]any{"id": "9" + strconv.Itoa(len(project)), "key": project, "name": project}
	fields["updated"] = at.Format(timeLayout)
	i.Fields = fields
	s.change++
	s.queue(s.issueEvent("jira:issue_updated", "issue_moved", i, at, Actor, map[string]any{"id": strconv.Itoa(s.change),
		"items": []any{map[string]any{"field": "Key", "fieldtype": "jira", "fromString": old, "toString": i.Key}}}))
	return i.Key
}

// Delete removes an issue and queues jira:issue_deleted and, as Jira does, one event for each of its comments.
func (s *Server) Delete(idOrKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(idOrKey)
	if i == nil {
		return
	}
	at := s.tick()
	delete(s.issues, i.ID)
	s.queue(s.issueEvent("jira:issue_deleted", "issue_deleted", i, at, Actor, nil))
	for _, c := range i.Comments {
		s.queue(s.commentEvent("comment_deleted", i, c, s.tick()))
	}
}

// Comment writes a comment and queues its events: comment_created and, on Data Center, an update of the issue that tells the same.
func (s *Server) Comment(idOrKey, actor, body string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.comment(s.find(idOrKey), actor, body)["id"].(string)
}

func (s *Server) comment(i *Issue, actor, body string) map[string]any {
	at := s.tick()
	s.comments++
	id := strconv.Itoa(50_000 + s.comments)
	c := map[string]any{"self": s.URL + "/rest/api/2/issue/" + i.ID + "/comment/" + id, "id": id, "body": body, "author": s.user(actor), "updateAuthor": s.user(actor),
		"created": at.Format(timeLayout), "updated": at.Format(timeLayout)}
	i.Comments = append(i.Comments, c)
	fields := maps.Clone(i.Fields)
	fields["updated"] = at.Format(timeLayout)
	i.Fields = fields
	s.queue(s.commentEvent("comment_created", i, c, at))
	if s.dataCenter() {
		e := s.issueEvent("jira:issue_updated", "issue_commented", i, at, actor, nil)
		e["comment"] = c
		s.queue(e)
	}
	return c
}

// Issue gives an issue by id or key; found is false where there is none.
func (s *Server) Issue(idOrKey string) (issue Issue, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(idOrKey)
	if i == nil {
		return Issue{}, false
	}
	return s.copyOf(i), true
}

// Issues are all issues, oldest first.
func (s *Server) Issues() []Issue {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Issue
	for _, id := range slices.Sorted(maps.Keys(s.issues)) {
		out = append(out, s.copyOf(s.issues[id]))
	}
	return out
}

func (s *Server) copyOf(i *Issue) Issue {
	c := *i
	c.Fields, c.Properties, c.Links = maps.Clone(i.Fields), maps.Clone(i.Properties), maps.Clone(i.Links)
	c.Comments = slices.Clone(i.Comments)
	return c
}

func (s *Server) find(idOrKey string) *Issue {
	if i, ok := s.issues[idOrKey]; ok {
		return i
	}
	for _, i := range s.issues {
		if i.Key == idOrKey {
			return i
		}
	}
	return nil
}

func updatedOf(i *Issue) time.Time {
	text, _ := i.Fields["updated"].(string)
	at, _ := time.Parse(timeLayout, text)
	return at
}

// Describe gives an issue a description in ADF, as its editor on Cloud writes it. Nobody is told.
func (s *Server) Describe(idOrKey string, doc map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.find(idOrKey)
	fields := maps.Clone(i.Fields)
	fields["description"] = doc
	i.Fields = fields
}
