package jira

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Query is a search. The two editions page differently; Cursor hides that.
type Query struct {
	JQL string
	// Extra are custom fields to read besides IssueFields.
	Extra []string
	// Brief leaves out all fields but those that tell whether an issue is known as it is.
	Brief bool
	// Cursor continues after a page: a token on Cloud, which ends after seven days, a position on Data Center.
	Cursor string
	// Limit is the size of a page; zero means 50.
	Limit int
	// Fresh are ids of issues, at most 50, that a search on Cloud must show as they are now.
	Fresh []int64
}

// Page is one page of a search.
type Page struct {
	Issues []Issue
	// Raw are the issues as the site wrote them.
	Raw []json.RawMessage
	// Next continues the search; it is empty after the last page.
	Next string
	// Unreadable counts entries that were no issues.
	Unreadable int
}

// SearchPage reads one page of a search.
func (c *Client) SearchPage(ctx context.Context, s Query) (Page, error) {
	if s.Limit == 0 {
		s.Limit = 50
	}
	fields := append(IssueFields[:len(IssueFields):len(IssueFields)], s.Extra...)
	if s.Brief {
		fields = []string{"project", "updated"}
	}
	q := call{route: "search", method: http.MethodPost}
	start := 0
	if c.cfg.Product == ProductDataCenter {
		start, _ = strconv.Atoi(s.Cursor)
		q.path, q.body = c.api("search"), map[string]any{"jql": s.JQL, "fields": fields, "startAt": start, "maxResults": s.Limit}
	} else {
		body := map[string]any{"jql": s.JQL, "fields": fields, "maxResults": s.Limit}
		if s.Cursor != "" {
			body["nextPageToken"] = s.Cursor
		}
		if len(s.Fresh) > 0 {
			body["reconcileIssues"] = s.Fresh
		}
		q.path, q.body = c.api("search", "jql"), body
	}
	var out object
	if _, err := c.do(ctx, q, &out); err != nil {
		return Page{}, err
	}
	r := &reader{}
	raw := r.list(out["issues"], "issues")
	page := Page{}
	for _, item := range raw {
		o, ok := r.object(item, "issues")
		if !ok {
			page.Unreadable++
			continue
		}
		issue, err := c.issue(q, o)
		if err != nil {
			page.Unreadable++
			continue
		}
		page.Issues, page.Raw = append(page.Issues, issue), append(page.Raw, item)
	}
	page.Next = c.next(r, out, start, len(raw))
	return page, nil
}

func (c *Client) next(r *reader, out object, start, read int) string {
	if c.cfg.Product == ProductDataCenter {
		total, _ := strconv.Atoi(string(r.id(out, "total", "")))
		if read == 0 || start+read >= total {
			return ""
		}
		return strconv.Itoa(start + read)
	}
	if r.flag(out, "isLast") {
		return ""
	}
	return r.token(out, "nextPageToken")
}

// token is the token of a page, which may be long.
func (r *reader) token(o object, key string) string {
	s, _ := scalar(o[key])
	if len(s) > 8192 {
		return ""
	}
	return s
}

// maxSearchPages bounds a search whose site never says that it ended.
const maxSearchPages = 10_000

// Search reads page after page until the end or the first error. A page is only asked for when the one before was taken, so that
// what was read can be kept first.
func (c *Client) Search(ctx context.Context, s Query) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for range maxSearchPages {
			page, err := c.SearchPage(ctx, s)
			if !yield(page, err) || err != nil || page.Next == "" || page.Next == s.Cursor {
				return
			}
			s.Cursor = page.Next
		}
	}
}

// BackfillOverlap is how far a backfill looks back: a search may lag behind what was changed.
const BackfillOverlap = 10 * time.Minute

// BackfillJQL is ChangedJQL with the overlap of a backfill that goes on from a time.
func BackfillJQL(projects []string, since time.Time, zone *time.Location) string {
	if !since.IsZero() {
		since = since.Add(-BackfillOverlap)
	}
	return ChangedJQL(projects, since, zone)
}

// ChangedJQL finds what changed in some projects since a time, oldest first, so that the newest `updated` of a page is where to go
// on. Its times have minutes only. zone is the time zone of the account that searches, in which Jira reads the time.
func ChangedJQL(projects []string, since time.Time, zone *time.Location) string {
	var parts []string
	if len(projects) > 0 {
		quoted := make([]string, len(projects))
		for i, p := range projects {
			quoted[i] = QuoteJQL(p)
		}
		parts = append(parts, "project in ("+strings.Join(quoted, ", ")+")")
	}
	if !since.IsZero() {
		if zone == nil {
			zone = time.UTC
		}
		parts = append(parts, `updated >= "`+since.In(zone).Format("2006/01/02 15:04")+`"`)
	}
	if len(parts) == 0 {
		return "order by updated ASC"
	}
	return strings.Join(parts, " AND ") + " ORDER BY updated ASC"
}

// Beginning is before every issue. Cloud refuses a search without any bound.
var Beginning = time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)

// EverythingJQL finds all issues of some projects, in an order that no edit changes.
func EverythingJQL(projects []string) string {
	where := ChangedJQL(projects, Beginning, time.UTC)
	return strings.TrimSuffix(where, "updated ASC") + "created ASC"
}

// QuoteJQL makes a text mean itself in a query.
func QuoteJQL(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(s) + `"`
}

// Draft is an issue to create. Marker is a label that names the record it is for, such as hindcast-act-12: the only way to tell later
// whether a create that timed out was carried out, as Jira has no idempotency key.
type Draft struct {
	Project string
	Type    string
	Summary string
	// Description is wiki markup.
	Description string
	Labels      []string
	Marker      string
	// Custom are further fields by id.
	Custom map[string]any
	Mark   Property
}

// Marker is the label of a record of ours.
func Marker(id string) string { return "hindcast-" + strings.ToLower(id) }

// EnsureIssue creates an issue unless one with its marker is there already, and says which. After an ambiguous outcome it looks once
// more; where that finds nothing it answers CodeAmbiguous, and the caller tries again later, since search lags on Cloud. Calls for one
// record must not overlap.
func (c *Client) EnsureIssue(ctx context.Context, d Draft) (ref IssueRef, created bool, err error) {
	if ref, err = c.findMarked(ctx, d); err != nil || ref.ID != "" {
		return ref, false, err
	}
	ref, err = c.create(ctx, d)
	if CodeOf(err) != CodeAmbiguous {
		return ref, err == nil, err
	}
	if sleepErr := c.cfg.Sleep(ctx, c.backoff(1)); sleepErr != nil {
		return IssueRef{}, false, err
	}
	if found, findErr := c.findMarked(ctx, d); findErr == nil && found.ID != "" {
		return found, false, nil
	}
	return IssueRef{}, false, err
}

func (c *Client) findMarked(ctx context.Context, d Draft) (IssueRef, error) {
	page, err := c.SearchPage(ctx, Query{JQL: "project = " + QuoteJQL(d.Project) + " AND labels = " + QuoteJQL(d.Marker) + " ORDER BY created ASC", Limit: 2})
	if err != nil || len(page.Issues) == 0 {
		return IssueRef{}, err
	}
	first := page.Issues[0]
	return IssueRef{ID: first.ID, Key: first.Key, Summary: first.Summary.Value}, nil
}

func (c *Client) create(ctx context.Context, d Draft) (IssueRef, error) {
	fields := map[string]any{}
	for id, v := range d.Custom {
		fields[id] = v
	}
	fields["project"] = map[string]string{"key": d.Project}
	fields["issuetype"] = map[string]string{"name": d.Type}
	fields["summary"] = strings.Join(strings.Fields(d.Summary), " ")
	fields["labels"] = append(append([]string{}, d.Labels...), d.Marker)
	if d.Description != "" {
		fields["description"] = d.Description
	}
	body := map[string]any{"fields": fields, "properties": []any{map[string]any{"key": PropertyKey, "value": d.Mark}}}
	var out object
	q := call{route: "issue.create", method: http.MethodPost, path: apiPath("2", "issue"), query: url.Values{}, body: body, once: true}
	if _, err := c.do(ctx, q, &out); err != nil {
		return IssueRef{}, err
	}
	r := &reader{}
	ref := IssueRef{ID: r.id(out, "id", "issue"), Key: r.text(out, "key", "issue"), Summary: d.Summary}
	if ref.ID == "" {
		// It was made, but the answer does not tell which it is; the marker will.
		return IssueRef{}, &APIError{Code: CodeAmbiguous, Route: q.route}
	}
	return ref, nil
}
