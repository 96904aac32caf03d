package fakejira

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

var (
	labelClause   = regexp.MustCompile(`labels = "([^"]*)"`)
	projectClause = regexp.MustCompile(`project (?:=|in) \(?((?:"[^"]*"(?:, )?)+)\)?`)
	updatedClause = regexp.MustCompile(`updated >= "([^"]*)"`)
)

// search answers the searches our client sends: by label, by project and by `updated`, oldest change first.
func (s *Server) search(r *http.Request, parts []string, in map[string]any) reply {
	if r.Method != http.MethodPost {
		return refuse(http.StatusMethodNotAllowed, "no such method")
	}
	cloud := len(parts) == 2 && parts[1] == "jql"
	if cloud == s.dataCenter() {
		// Cloud has removed the old search, Data Center never had the new one.
		return refuse(http.StatusGone, "The requested API has been removed.")
	}
	jql, _ := in["jql"].(string)
	found, err := s.matching(jql)
	if err != nil {
		return refuse(http.StatusBadRequest, "Error in the JQL Query")
	}
	start := number(in["startAt"])
	if token, ok := in["nextPageToken"].(string); ok {
		at, known := s.tokens[token]
		if !known {
			return refuse(http.StatusBadRequest, "The provided next page token is invalid or expired.")
		}
		start = at
	}
	size := s.opts.PageSize
	if n := number(in["maxResults"]); n > 0 {
		size = min(size, n)
	}
	end := min(start+size, len(found))
	issues := []any{}
	var wanted []string
	list, _ := in["fields"].([]any)
	for _, f := range list {
		name, _ := f.(string)
		wanted = append(wanted, name)
	}
	for _, i := range found[min(start, end):end] {
		view := map[string]any{"id": i.ID}
		if len(wanted) > 0 {
			version := "2"
			if cloud {
				version = "3"
			}
			view = s.view(i, version, wanted)
		}
		issues = append(issues, view)
	}
	if !cloud {
		return reply{http.StatusOK, map[string]any{"startAt": start, "maxResults": size, "total": len(found), "issues": issues}}
	}
	out := map[string]any{"issues": issues, "isLast": end == len(found)}
	if end < len(found) {
		token := "page-" + strconv.Itoa(len(s.tokens)+1)
		s.tokens[token] = end
		out["nextPageToken"] = token
	}
	return reply{http.StatusOK, out}
}

func number(v any) int {
	f, _ := v.(float64)
	return int(f)
}

func (s *Server) matching(jql string) ([]*Issue, error) {
	var since time.Time
	if m := updatedClause.FindStringSubmatch(jql); m != nil {
		at, err := time.Parse("2006/01/02 15:04", m[1])
		if err != nil {
			return nil, err
		}
		since = at
	}
	label := labelClause.FindStringSubmatch(jql)
	projects := projectClause.FindStringSubmatch(jql)
	var out []*Issue
	for _, i := range s.issues {
		project, _ := i.Fields["project"].(map[string]any)
		key, _ := project["key"].(string)
		switch {
		case updatedOf(i).Before(since):
		case projects != nil && !strings.Contains(projects[1], `"`+key+`"`):
		case label != nil && !hasLabel(i, label[1]):
		default:
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b *Issue) int {
		return cmp.Or(updatedOf(a).Compare(updatedOf(b)), strings.Compare(a.ID, b.ID))
	})
	return out, nil
}

func hasLabel(i *Issue, label string) bool {
	switch labels := i.Fields["labels"].(type) {
	case []any:
		return slices.Contains(labels, any(label))
	case []string:
		return slices.Contains(labels, label)
	}
	return false
}
