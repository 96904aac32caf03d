package jira

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// RemoteLink is a link from an issue to one of our records. Jira sets what is left out to null, so it is always sent whole.
type RemoteLink struct {
	// GlobalID names the link: the same one again replaces it. At most 255 characters; see GlobalID.
	GlobalID string
	URL      string
	Title    string
	Summary  string
	// Relationship is the heading the link stands under, such as "learned in".
	Relationship string
	// Icon is the address of a picture of 16 by 16.
	Icon string
	// Resolved shows the link struck through.
	Resolved bool
}

// GlobalID names the remote link of a record, the same every time.
func GlobalID(kind, id string) string {
	return "appId=hindcast&type=" + url.QueryEscape(kind) + "&id=" + url.QueryEscape(id)
}

type icon struct {
	URL   string `json:"url16x16"`
	Title string `json:"title"`
}

// PutRemoteLink makes or replaces the link of one record on an issue. Doing it twice leaves one link.
func (c *Client) PutRemoteLink(ctx context.Context, issue string, l RemoteLink) error {
	object := map[string]any{"url": l.URL, "title": l.Title, "summary": l.Summary, "status": map[string]any{"resolved": l.Resolved}}
	if l.Icon != "" {
		object["icon"] = icon{l.Icon, "Hindcast"}
	}
	body := map[string]any{"globalId": l.GlobalID, "application": map[string]string{"type": "org.hindcast", "name": "Hindcast"},
		"relationship": l.Relationship, "object": object}
	_, err := c.do(ctx, call{route: "remotelink.put", method: http.MethodPost, path: c.api("issue", issue, "remotelink"), body: body, issue: issue}, nil)
	return err
}

// DeleteRemoteLink removes the link of one record. A link that is not there is no error.
func (c *Client) DeleteRemoteLink(ctx context.Context, issue, globalID string) error {
	_, err := c.do(ctx, call{route: "remotelink.delete", method: http.MethodDelete, path: c.api("issue", issue, "remotelink"),
		query: url.Values{"globalId": {globalID}}, issue: issue}, nil)
	if CodeOf(err) == CodeNotFound {
		return nil
	}
	return err
}

// PropertyKey is the issue property that marks what we wrote.
const PropertyKey = "hindcast"

// Property tells which record of ours an issue belongs to, and which revision of it was last written there.
type Property struct {
	Entity string `json:"entity"`
	ID     string `json:"id"`
	Rev    int    `json:"rev"`
	Hash   string `json:"hash,omitempty"`
}

// PutProperty marks an issue as belonging to a record.
func (c *Client) PutProperty(ctx context.Context, issue string, p Property) error {
	_, err := c.do(ctx, call{route: "property.put", method: http.MethodPut, path: c.api("issue", issue, "properties", PropertyKey), body: p, issue: issue}, nil)
	return err
}

// GetProperty reads the mark of an issue; found is false where it has none.
func (c *Client) GetProperty(ctx context.Context, issue string) (p Property, found bool, err error) {
	var out struct {
		Value Property `json:"value"`
	}
	_, err = c.do(ctx, call{route: "property.get", method: http.MethodGet, path: c.api("issue", issue, "properties", PropertyKey)}, &out)
	if CodeOf(err) == CodeNotFound {
		return Property{}, false, nil
	}
	return out.Value, err == nil, err
}

// Identity is whom a token belongs to, and what the site says it is.
type Identity struct {
	Person     Person
	TimeZone   string
	Deployment string
	Version    string
}

// Check asks the site who we are, which proves the address, the token and the product at once.
func (c *Client) Check(ctx context.Context) (Identity, error) {
	var me object
	if _, err := c.do(ctx, call{route: "myself", method: http.MethodGet, path: c.api("myself")}, &me); err != nil {
		return Identity{}, err
	}
	var info object
	if _, err := c.do(ctx, call{route: "serverInfo", method: http.MethodGet, path: c.api("serverInfo")}, &info); err != nil {
		return Identity{}, err
	}
	r := &reader{}
	return Identity{Person: Person{AccountID: r.word(me, "accountId"), Key: r.word(me, "key"), Name: r.word(me, "name")}, TimeZone: r.text(me, "timeZone", ""),
		Deployment: r.text(info, "deploymentType", ""), Version: r.text(info, "version", "")}, nil
}

// IssueFields are the fields of an issue we read, besides custom ones.
var IssueFields = []string{"summary", "description", "issuetype", "project", "priority", "status", "resolution", "security", "labels", "components", "fixVersions",
	"versions", "assignee", "reporter", "duedate", "parent", "created", "updated", "issuelinks", "subtasks", "comment"}

// GetIssue reads an issue by id or key. extra are custom fields.
func (c *Client) GetIssue(ctx context.Context, idOrKey string, extra ...string) (Issue, error) {
	issue, _, err := c.FetchIssue(ctx, idOrKey, extra...)
	return issue, err
}

// FetchIssue is GetIssue with the issue as the site wrote it, for keeping.
func (c *Client) FetchIssue(ctx context.Context, idOrKey string, extra ...string) (Issue, json.RawMessage, error) {
	var raw json.RawMessage
	q := call{route: "issue.get", method: http.MethodGet, path: c.api("issue", idOrKey), query: url.Values{"fields": {strings.Join(append(IssueFields[:len(IssueFields):len(IssueFields)], extra...), ",")}}}
	if _, err := c.do(ctx, q, &raw); err != nil {
		return Issue{}, nil, err
	}
	o, _ := (&reader{}).object(raw, "")
	issue, err := c.issue(q, o)
	return issue, raw, err
}

func (c *Client) issue(q call, o object) (Issue, error) {
	issue := (&reader{}).issue(o)
	if issue.ID == "" {
		return Issue{}, &APIError{Code: CodeBadResponse, Route: q.route}
	}
	return *issue, nil
}

// FetchedBody is a body as a webhook would have sent it, for an issue that was read at a time.
func FetchedBody(issue json.RawMessage, at time.Time) ([]byte, error) {
	return json.Marshal(map[string]any{"timestamp": at.UnixMilli(), "webhookEvent": "jira:issue_updated", "issue": issue})
}

// GoneBody is a body as a webhook would have sent it when an issue was deleted, for one that was found to be gone at a time.
func GoneBody(id, key, self string, at time.Time) ([]byte, error) {
	issue := map[string]any{"id": id, "key": key, "self": self, "fields": map[string]any{}}
	return json.Marshal(map[string]any{"timestamp": at.UnixMilli(), "webhookEvent": "jira:issue_deleted", "issue": issue})
}

// FetchedEvent is what reading an issue tells, as an event that can be applied like a delivery. at is when it was read: whatever was
// read exists at that time.
func FetchedEvent(site string, issue Issue, from Provenance, at time.Time) Event {
	return Event{Kind: KindIssueUpdated, Site: site, IssueID: issue.ID, Issue: &issue, TS: at.UnixMilli(), Provenance: from}
}

// AddComment writes a comment in wiki markup and marks it as ours by a property. It is not sent again when its outcome is unknown.
func (c *Client) AddComment(ctx context.Context, issue, wiki string, mark Property) (ID, error) {
	var out object
	body := map[string]any{"body": wiki, "properties": []any{map[string]any{"key": PropertyKey, "value": mark}}}
	_, err := c.do(ctx, call{route: "comment.add", method: http.MethodPost, path: apiPath("2", "issue", issue, "comment"), body: body, issue: issue, once: true}, &out)
	return (&reader{}).id(out, "id", "comment"), err
}

// HasComment says whether an issue has a comment of ours with this mark, by which a comment whose outcome was not known is found.
func (c *Client) HasComment(ctx context.Context, issue string, mark Property) (bool, error) {
	var out struct {
		Comments []struct {
			Properties []struct {
				Key   string   `json:"key"`
				Value Property `json:"value"`
			} `json:"properties"`
		} `json:"comments"`
	}
	q := call{route: "comment.list", method: http.MethodGet, path: apiPath("2", "issue", issue, "comment"),
		query: url.Values{"expand": {"properties"}, "orderBy": {"-created"}, "maxResults": {"100"}}}
	if _, err := c.do(ctx, q, &out); err != nil {
		return false, err
	}
	for _, comment := range out.Comments {
		for _, p := range comment.Properties {
			if p.Key == PropertyKey && p.Value == mark {
				return true, nil
			}
		}
	}
	return false, nil
}

// CreateType is a type of issue that can be created in a project.
type CreateType struct {
	ID      ID
	Name    string
	Subtask bool
}

// CreateField is a field that can be set when an issue is created.
type CreateField struct {
	ID       string
	Name     string
	Required bool
}

// CreateTypes lists what can be created in a project.
func (c *Client) CreateTypes(ctx context.Context, project string) ([]CreateType, error) {
	var out []CreateType
	err := c.pages(ctx, "createmeta.types", []string{"issue", "createmeta", project, "issuetypes"}, "issueTypes", func(r *reader, o object) {
		out = append(out, CreateType{ID: r.id(o, "id", ""), Name: r.text(o, "name", ""), Subtask: r.flag(o, "subtask")})
	})
	return out, err
}

// CreateFields lists what can be set on a new issue of a type.
func (c *Client) CreateFields(ctx context.Context, project string, issueType ID) ([]CreateField, error) {
	var out []CreateField
	err := c.pages(ctx, "createmeta.fields", []string{"issue", "createmeta", project, "issuetypes", string(issueType)}, "fields", func(r *reader, o object) {
		out = append(out, CreateField{ID: r.text(o, "fieldId", ""), Name: r.text(o, "name", ""), Required: r.flag(o, "required")})
	})
	return out, err
}

// maxPages bounds a listing that never ends.
const maxPages = 100

// pages follows startAt pages. Data Center names the list `values`, Cloud by what it lists.
func (c *Client) pages(ctx context.Context, route string, path []string, name string, each func(*reader, object)) error {
	start := 0
	for range maxPages {
		q := call{route: route, method: http.MethodGet, path: c.api(path...), query: url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {"50"}}}
		var page object
		if _, err := c.do(ctx, q, &page); err != nil {
			return err
		}
		r := &reader{}
		items := r.list(firstRaw(page[name], page["values"]), name)
		for _, raw := range items {
			if o, ok := r.object(raw, name); ok {
				each(r, o)
			}
		}
		start += len(items)
		total, _ := strconv.Atoi(string(r.id(page, "total", "")))
		if len(items) == 0 || r.flag(page, "isLast") || total > 0 && start >= total {
			return nil
		}
	}
	return &APIError{Code: CodeBadResponse, Route: route}
}

func firstRaw(candidates ...json.RawMessage) json.RawMessage {
	for _, raw := range candidates {
		if !isNull(raw) {
			return raw
		}
	}
	return nil
}

// RefreshWebhooks extends dynamic webhooks, which end after 30 days, and says until when. CodeNotFound means they are gone and must
// be registered again.
func (c *Client) RefreshWebhooks(ctx context.Context, ids []int64) (time.Time, error) {
	var out struct {
		ExpirationDate string `json:"expirationDate"`
	}
	_, err := c.do(ctx, call{route: "webhook.refresh", method: http.MethodPut, path: c.api("webhook", "refresh"), body: map[string]any{"webhookIds": ids}}, &out)
	return parseTime(out.ExpirationDate), err
}

// RegisterWebhook makes a dynamic webhook and gives its id.
func (c *Client) RegisterWebhook(ctx context.Context, target, jql string, events []string) (int64, error) {
	var out struct {
		Results []struct {
			ID     int64    `json:"createdWebhookId"`
			Errors []string `json:"errors"`
		} `json:"webhookRegistrationResult"`
	}
	body := map[string]any{"url": target, "webhooks": []any{map[string]any{"jqlFilter": jql, "events": events}}}
	q := call{route: "webhook.register", method: http.MethodPost, path: c.api("webhook"), body: body, once: true}
	if _, err := c.do(ctx, q, &out); err != nil {
		return 0, err
	}
	if len(out.Results) != 1 || out.Results[0].ID == 0 {
		e := &APIError{Code: CodeInvalid, Route: q.route}
		if len(out.Results) == 1 {
			for _, m := range out.Results[0].Errors {
				e.Messages = append(e.Messages, clean(m))
			}
		}
		return 0, e
	}
	return out.Results[0].ID, nil
}

// RefreshDue says whether a dynamic webhook should be extended: from five days before its end, as it lasts 30.
func RefreshDue(expires, now time.Time) bool { return !now.Before(expires.Add(-5 * 24 * time.Hour)) }
