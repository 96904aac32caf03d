package fakejira

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/jira"
)

func (s *Server) dataCenter() bool { return s.opts.Product == jira.ProductDataCenter }

type reply struct {
	status int
	body   any
}

func refuse(status int, message string) reply {
	return reply{status, map[string]any{"errorMessages": []string{message}, "errors": map[string]string{}}}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte) int {
	out := s.route(r, body)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(out.status)
	if out.body != nil {
		_ = json.NewEncoder(w).Encode(out.body)
	}
	return out.status
}

func (s *Server) authorized(r *http.Request) bool {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if scheme == "Basic" {
		pair, err := base64.StdEncoding.DecodeString(value)
		_, token, _ := strings.Cut(string(pair), ":")
		return err == nil && token == s.opts.Token && !s.dataCenter()
	}
	return scheme == "Bearer" && value == s.opts.Token
}

func (s *Server) route(r *http.Request, body []byte) reply {
	if !s.authorized(r) {
		return refuse(http.StatusUnauthorized, "Client must be authenticated to access this resource.")
	}
	path := strings.TrimPrefix(r.URL.EscapedPath(), strings.TrimRight(s.opts.Context, "/"))
	version, rest, ok := strings.Cut(strings.TrimPrefix(path, "/rest/api/"), "/")
	if !ok || version != "2" && version != "3" || s.dataCenter() && version == "3" {
		return refuse(http.StatusNotFound, "no such resource")
	}
	parts := strings.Split(rest, "/")
	for i, p := range parts {
		parts[i], _ = url.PathUnescape(p)
	}
	var in map[string]any
	if len(body) > 0 && json.Unmarshal(body, &in) != nil {
		return refuse(http.StatusBadRequest, "the request is not JSON")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch name := r.Method + " " + parts[0]; {
	case name == "GET myself":
		return reply{http.StatusOK, s.self()}
	case name == "GET serverInfo":
		kind := "Cloud"
		if s.dataCenter() {
			kind = "Server"
		}
		return reply{http.StatusOK, map[string]any{"baseUrl": s.URL, "version": "10.3.5", "deploymentType": kind}}
	case parts[0] == "search":
		return s.search(r, parts, in)
	case parts[0] == "webhook" && !s.dataCenter():
		return s.webhook(r, parts)
	case parts[0] == "issue":
		return s.issue(r, version, parts[1:], in)
	}
	return refuse(http.StatusNotFound, "no such resource")
}

func (s *Server) self() map[string]any {
	me := s.user(Bot)
	me["timeZone"] = "Etc/UTC"
	return me
}

func (s *Server) webhook(r *http.Request, parts []string) reply {
	switch {
	case strings.HasPrefix(r.Header.Get("Authorization"), "Basic "):
		return refuse(http.StatusForbidden, "Only Connect and OAuth 2.0 apps can use this operation.")
	case r.Method == http.MethodPut && len(parts) == 2 && parts[1] == "refresh":
		if s.expires.IsZero() {
			return refuse(http.StatusNotFound, "no such webhook")
		}
	case r.Method == http.MethodPost && len(parts) == 1:
		s.expires = s.tick().Add(30 * 24 * time.Hour)
		return reply{http.StatusOK, map[string]any{"webhookRegistrationResult": []any{map[string]any{"createdWebhookId": 1000}}}}
	default:
		return refuse(http.StatusNotFound, "no such resource")
	}
	s.expires = s.tick().Add(30 * 24 * time.Hour)
	return reply{http.StatusOK, map[string]any{"expirationDate": s.expires.Format(timeLayout)}}
}

// ForgetWebhooks drops the dynamic webhooks, as Jira does after 30 days.
func (s *Server) ForgetWebhooks() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expires = time.Time{}
}

func (s *Server) issue(r *http.Request, version string, parts []string, in map[string]any) reply {
	if len(parts) == 0 && r.Method == http.MethodPost {
		return s.createIssue(in)
	}
	if len(parts) >= 3 && parts[0] == "createmeta" && parts[2] == "issuetypes" {
		return s.createMeta(r, parts[3:])
	}
	if len(parts) == 0 {
		return refuse(http.StatusMethodNotAllowed, "no such method")
	}
	i := s.find(parts[0])
	if i == nil {
		return refuse(http.StatusNotFound, "Issue does not exist or you do not have permission to see it.")
	}
	switch {
	case len(parts) == 1 && r.Method == http.MethodGet:
		return reply{http.StatusOK, s.view(i, version, strings.Split(r.URL.Query().Get("fields"), ","))}
	case len(parts) == 2 && parts[1] == "remotelink":
		return s.remoteLink(r, i, in)
	case len(parts) == 3 && parts[1] == "properties":
		return property(r, i, parts[2], in)
	case len(parts) == 2 && parts[1] == "comment" && r.Method == http.MethodGet:
		return reply{http.StatusOK, map[string]any{"startAt": 0, "total": len(i.Comments), "comments": append([]map[string]any{}, i.Comments...)}}
	case len(parts) == 2 && parts[1] == "comment" && r.Method == http.MethodPost:
		body, ok := in["body"].(string)
		if !ok {
			return refuse(http.StatusBadRequest, "Comment body is not valid!")
		}
		c := s.comment(i, Bot, body)
		if in["properties"] != nil {
			c["properties"] = in["properties"]
		}
		return reply{http.StatusCreated, c}
	}
	return refuse(http.StatusMethodNotAllowed, "no such method")
}

// remoteLink replaces the whole link of a globalId: what is left out becomes null.
func (s *Server) remoteLink(r *http.Request, i *Issue, in map[string]any) reply {
	switch r.Method {
	case http.MethodGet:
		out := []any{}
		for _, l := range i.Links {
			out = append(out, l)
		}
		return reply{http.StatusOK, out}
	case http.MethodDelete:
		id := r.URL.Query().Get("globalId")
		if _, ok := i.Links[id]; !ok {
			return refuse(http.StatusNotFound, "no such link")
		}
		delete(i.Links, id)
		return reply{http.StatusNoContent, nil}
	case http.MethodPost:
		id, _ := in["globalId"].(string)
		object, _ := in["object"].(map[string]any)
		if id == "" || len(id) > 255 || object["url"] == nil || object["url"] == "" || object["title"] == nil || object["title"] == "" {
			return refuse(http.StatusBadRequest, "object.url and object.title are required")
		}
		_, had := i.Links[id]
		i.Links[id] = in
		if had {
			return reply{http.StatusOK, map[string]any{"id": 1}}
		}
		return reply{http.StatusCreated, map[string]any{"id": 1}}
	}
	return refuse(http.StatusMethodNotAllowed, "no such method")
}

func property(r *http.Request, i *Issue, key string, in map[string]any) reply {
	switch r.Method {
	case http.MethodPut:
		_, had := i.Properties[key]
		i.Properties[key] = in
		if had {
			return reply{http.StatusOK, nil}
		}
		return reply{http.StatusCreated, nil}
	case http.MethodGet:
		v, ok := i.Properties[key]
		if !ok {
			return refuse(http.StatusNotFound, "no such property")
		}
		return reply{http.StatusOK, map[string]any{"key": key, "value": v}}
	}
	return refuse(http.StatusMethodNotAllowed, "no such method")
}

func (s *Server) createIssue(in map[string]any) reply {
	fields, _ := in["fields"].(map[string]any)
	project, _ := fields["project"].(map[string]any)
	key, _ := project["key"].(string)
	summary, _ := fields["summary"].(string)
	if key == "" || summary == "" || fields["issuetype"] == nil {
		return reply{http.StatusBadRequest, map[string]any{"errorMessages": []string{}, "errors": map[string]string{"summary": "You must specify a summary of the issue."}}}
	}
	i := s.add(key, fields, Bot)
	properties, _ := in["properties"].([]any)
	for _, p := range properties {
		if m, ok := p.(map[string]any); ok {
			if name, ok := m["key"].(string); ok {
				i.Properties[name] = m["value"]
			}
		}
	}
	return reply{http.StatusCreated, map[string]any{"id": i.ID, "key": i.Key, "self": s.URL + "/rest/api/2/issue/" + i.ID}}
}

func (s *Server) createMeta(r *http.Request, rest []string) reply {
	name, all := "issueTypes", []any{map[string]any{"id": "1", "name": "Bug", "subtask": false}, map[string]any{"id": "3", "name": "Task", "subtask": false}, map[string]any{"id": "5", "name": "Sub-task", "subtask": true}}
	if len(rest) == 1 {
		name, all = "fields", []any{map[string]any{"fieldId": "summary", "name": "Summary", "required": true}, map[string]any{"fieldId": "labels", "name": "Labels", "required": false}}
	}
	if s.dataCenter() {
		name = "values"
	}
	start, _ := strconv.Atoi(r.URL.Query().Get("startAt"))
	end := min(start+min(s.opts.PageSize, 2), len(all))
	out := map[string]any{"startAt": start, "total": len(all), name: all[min(start, end):end]}
	if s.dataCenter() {
		out["isLast"] = end == len(all)
	}
	return reply{http.StatusOK, out}
}

// view is an issue as REST shows it: version 3 has texts in ADF.
func (s *Server) view(i *Issue, version string, wanted []string) map[string]any {
	fields := map[string]any{}
	for name, value := range i.Fields {
		if wanted[0] == "" || slices.Contains(wanted, name) || slices.Contains(wanted, "*all") {
			if text, ok := value.(string); ok && name == "description" && version == "3" {
				value = document(text)
			}
			fields[name] = value
		}
	}
	return map[string]any{"id": i.ID, "key": i.Key, "self": s.URL + "/rest/api/" + version + "/issue/" + i.ID, "fields": fields}
}

func document(text string) map[string]any {
	return map[string]any{"type": "doc", "version": 1, "content": []any{map[string]any{"type": "paragraph", "content": []any{map[string]any{"type": "text", "text": text}}}}}
}
