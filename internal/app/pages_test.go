package app_test

import (
	"context"
	"encoding/xml"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/story"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// visitor is somebody at a browser.
type visitor struct {
	t      *testing.T
	s      *apptest.Server
	client *http.Client
}

func newVisitor(t *testing.T, s *apptest.Server) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// page is what a visitor gets.
type page struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) send(request *http.Request) page {
	v.t.Helper()
	response, err := v.client.Do(request)
	if err != nil {
		v.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return page{response.StatusCode, response.Header, string(body)}
}

// open asks for a page as a browser does.
func (v *visitor) open(path string) page {
	v.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, v.s.URL+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html,application/xhtml+xml")
	return v.send(request)
}

// post sends a form; headers come in pairs.
func (v *visitor) post(path string, form url.Values, headers ...string) page {
	v.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, v.s.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "text/html")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return v.send(request)
}

// enter signs in with a token.
func (v *visitor) enter(token string) *visitor {
	v.t.Helper()
	if got := v.post("/signin", url.Values{"token": {token}}, "Sec-Fetch-Site", "same-origin"); got.status != http.StatusSeeOther {
		v.t.Fatalf("signing in = %d: %s", got.status, got.body)
	}
	return v
}

func tellStory(t *testing.T, s *apptest.Server) {
	t.Helper()
	if err := story.Tell(context.Background(), s.Store, time.UTC, s.Clock.Now()); err != nil {
		t.Fatal(err)
	}
}

// titled are the members that a page may have its heading from.
var titled = []string{"title", "statement", "question", "name", "summary", "text", "signal", "id"}

func TestPagesShowEveryRecordOfTheStory(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		v := newVisitor(t, s).enter(s.Token)
		seen := 0
		for _, path := range []string{
			"services", "environments", "upgrades", "attempts", "assumptions", "findings", "lessons", "incidents", "decisions", "actions",
			"reviews", "runbooks", "references", "effort", "recurrences", "tokens", "attempts/ATT-2/events", "incidents/INC-1/events",
			"attempts/ATT-2/tripwires", "assumptions/ASM-1/evidence", "environments/ENV-1/snapshots",
		} {
			list := s.Must(t, http.StatusOK, "GET", "/api/v1/"+path+"?limit=200", nil)
			records, _ := list.Body["items"].([]any)
			if len(records) == 0 && path != "tokens" {
				t.Errorf("the story has no %s", path)
			}
			for _, item := range records {
				record := item.(map[string]any)
				at := strings.TrimPrefix(record["html_url"].(string), "http://hindcast.test")
				got := v.open(at)
				heading := ""
				for _, name := range titled {
					if text, ok := record[name].(string); ok && text != "" {
						heading = text
						break
					}
				}
				if got.status != http.StatusOK || !strings.Contains(got.body, html.EscapeString(heading)) && !strings.Contains(html.UnescapeString(got.body), heading) {
					t.Errorf("%s = %d without %q", at, got.status, heading)
				}
				if strings.Count(got.body, "<h1") != 1 || strings.Contains(got.body, "ZgotmplZ") || strings.Contains(got.body, "<no value>") {
					t.Errorf("%s is not whole", at)
				}
				seen++
			}
		}
		if seen < 100 {
			t.Errorf("only %d pages were opened", seen)
		}
		for _, path := range []string{"/", "/search", "/search?q=session&type=finding", "/analytics", "/analytics?include_sample=false"} {
			if got := v.open(path); got.status != http.StatusOK {
				t.Errorf("%s = %d: %s", path, got.status, got.body)
			}
		}
	})
}

func TestPagesHaveTheirHeaders(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		v := newVisitor(t, s).enter(s.Token)
		for _, path := range []string{"/", "/attempts/ATT-2", "/nowhere", "/attempts/ATT-99", "/search?nonsense=1"} {
			got := v.open(path)
			for name, want := range map[string]string{
				"Content-Security-Policy": web.Policy, "Cache-Control": "private, no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
				"Content-Type": "text/html; charset=UTF-8", "Cross-Origin-Opener-Policy": "same-origin",
			} {
				if got.header.Get(name) != want {
					t.Errorf("%s (%d): %s = %q, want %q", path, got.status, name, got.header.Get(name), want)
				}
			}
		}
		home := v.open("/")
		_, rest, _ := strings.Cut(home.body, `<link rel="stylesheet" href="`)
		styles, _, _ := strings.Cut(rest, `"`)
		if got := v.open(styles); got.status != http.StatusOK || !strings.Contains(got.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(got.header.Get("Content-Type"), "text/css") {
			t.Errorf("%s = %d %v", styles, got.status, got.header)
		}
		if got := v.open("/assets/other.css"); got.status != http.StatusNotFound {
			t.Errorf("a file that is none = %d", got.status)
		}
	})
}

func TestPagesAskWhoComesToSignIn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		v := newVisitor(t, s)
		for path, next := range map[string]string{"/": "/", "/attempts/ATT-2": "/attempts/ATT-2", "/search?q=a&type=finding": "/search?q=a&type=finding"} {
			if got := v.open(path); got.status != http.StatusSeeOther || got.header.Get("Location") != "/signin?next="+url.QueryEscape(next) {
				t.Errorf("%s = %d to %q", path, got.status, got.header.Get("Location"))
			}
		}
		if got := v.open("/signin"); got.status != http.StatusOK || !strings.Contains(got.body, `name="token"`) {
			t.Errorf("the form = %d: %s", got.status, got.body)
		}
		for name, token := range map[string]string{"no token": "", "no such token": "hc_aaaaaaaa_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "something else": "x"} {
			if got := v.post("/signin", url.Values{"token": {token}}); got.status != http.StatusUnauthorized || got.header.Get("Set-Cookie") != "" {
				t.Errorf("%s = %d %q", name, got.status, got.header.Get("Set-Cookie"))
			}
		}
		token := s.Grant(t, "reader", "", vocab.ScopeRead)
		for name, next := range map[string]string{
			"another site": "https://evil.example/", "without a scheme": "//evil.example/", "with a backslash": `/\evil.example`, "with a tab": "/\t/evil.example", "a script": "javascript:alert(1)",
		} {
			got := newVisitor(t, s).post("/signin", url.Values{"token": {token}, "next": {next}})
			if got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
				t.Errorf("going on to %s = %d to %q", name, got.status, got.header.Get("Location"))
			}
		}
		got := v.post("/signin", url.Values{"token": {token}, "next": {"/attempts/ATT-2"}}, "Sec-Fetch-Site", "same-origin")
		cookie := got.header.Get("Set-Cookie")
		if got.header.Get("Location") != "/attempts/ATT-2" || !strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") || strings.Contains(cookie, token) {
			t.Errorf("signing in = %q %q", got.header.Get("Location"), cookie)
		}
		if got := v.open("/attempts/ATT-2"); got.status != http.StatusOK || !strings.Contains(got.body, "Sign out") {
			t.Errorf("after signing in = %d", got.status)
		}
		if got := v.post("/signout", nil, "Sec-Fetch-Site", "same-origin"); got.status != http.StatusSeeOther {
			t.Errorf("signing out = %d", got.status)
		}
		if got := v.open("/attempts/ATT-2"); got.status != http.StatusSeeOther {
			t.Errorf("after signing out = %d", got.status)
		}
	})
}

func TestASessionEnds(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		token := s.Grant(t, "reader", "", vocab.ScopeRead)
		list := s.Must(t, http.StatusOK, "GET", "/api/v1/tokens", nil)
		id := list.Text("items.0.id")
		revoked, late, forged := newVisitor(t, s).enter(token), newVisitor(t, s).enter(s.Token), newVisitor(t, s).enter(s.Token)
		if got := revoked.open("/"); got.status != http.StatusOK {
			t.Fatalf("before it is revoked = %d", got.status)
		}
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/tokens/"+id, nil)
		if got := revoked.open("/"); got.status != http.StatusSeeOther {
			t.Errorf("with a revoked token = %d", got.status)
		}
		at, _ := url.Parse(s.URL)
		cookie := forged.client.Jar.Cookies(at)[0]
		cookie.Value = cookie.Value[:len(cookie.Value)-2] + "AA"
		forged.client.Jar.SetCookies(at, []*http.Cookie{cookie})
		if got := forged.open("/"); got.status != http.StatusSeeOther {
			t.Errorf("with a changed cookie = %d", got.status)
		}
		s.Clock.Move(8*time.Hour + time.Minute)
		if got := late.open("/"); got.status != http.StatusSeeOther {
			t.Errorf("after eight hours = %d", got.status)
		}
	})
}

func TestASessionChangesNothing(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		v := newVisitor(t, s).enter(s.Token)
		if got := v.post("/api/v1/services", url.Values{"name": {"x"}}); got.status != http.StatusUnauthorized {
			t.Errorf("a form to the API with a session = %d, want 401", got.status)
		}
		request, _ := http.NewRequest(http.MethodPost, s.URL+"/api/v1/services", strings.NewReader(`{"name":"x"}`))
		request.Header.Set("Content-Type", "application/json")
		if got := v.send(request); got.status != http.StatusUnauthorized {
			t.Errorf("a write with a session = %d, want 401", got.status)
		}
		for _, path := range []string{"/signin", "/signout"} {
			for _, headers := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
				if got := v.post(path, url.Values{"token": {s.Token}}, headers...); got.status != http.StatusForbidden {
					t.Errorf("%s from elsewhere (%v) = %d, want 403", path, headers, got.status)
				}
			}
		}
		if got := v.post("/signout", nil, "Origin", "http://hindcast.test"); got.status != http.StatusSeeOther {
			t.Errorf("a form of the public address = %d", got.status)
		}
	})
}

func TestPagesKeepRestrictedRecordsFromOthers(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		hidden := map[string]any{"visibility": "restricted", "team": "payments", "tags": []string{"persistence"}}
		with := func(more map[string]any) map[string]any {
			all := map[string]any{}
			for _, part := range []map[string]any{hidden, more} {
				for name, value := range part {
					all[name] = value
				}
			}
			return all
		}
		const secret = "Unspeakable"
		var paths []string
		var last apptest.Answer
		for path, body := range map[string]map[string]any{
			"findings":    {"title": secret + " finding", "severity": "critical", "attempt_id": "ATT-2", "service_id": "SVC-1", "attribution": "caused_by_change"},
			"incidents":   {"title": secret + " incident", "severity": "critical", "attempt_id": "ATT-2", "service_id": "SVC-1", "impact_start": "2026-02-20T08:00:00Z"},
			"lessons":     {"title": secret + " lesson", "when": secret, "then": secret, "applies_to": map[string]any{}},
			"assumptions": {"statement": secret + " assumption", "attempt_id": "ATT-3", "importance": "blocking", "environment_id": "ENV-1"},
			"decisions":   {"kind": "other", "question": secret + " question", "chosen": secret, "rationale": secret, "decided_by": "lead", "attempt_id": "ATT-2"},
			"reviews":     {"title": secret + " review", "attempt_ids": []string{"ATT-2"}},
			"runbooks":    {"title": secret + " runbook", "url": "https://wiki.example.com/x", "service_id": "SVC-1", "areas": []string{"sessions"}},
			"upgrades":    {"title": secret + " upgrade", "kind": "framework", "service_id": "SVC-1"},
		} {
			made := s.Must(t, http.StatusCreated, "POST", "/api/v1/"+path, with(body))
			paths, last = append(paths, "/"+path+"/"+made.Text("id")), made
		}
		fresh(t, s, s.Token, "/api/v1/search?q="+secret, last)
		other := newVisitor(t, s).enter(s.Grant(t, "stranger", "search team", vocab.ScopeRead, vocab.ScopeGate))
		own := newVisitor(t, s).enter(s.Grant(t, "member", "payments", vocab.ScopeRead))
		for _, path := range paths {
			if got := other.open(path); got.status != http.StatusNotFound || strings.Contains(got.body, secret) {
				t.Errorf("%s for a stranger = %d", path, got.status)
			}
			if got := own.open(path); got.status != http.StatusOK || !strings.Contains(got.body, secret) {
				t.Errorf("%s for a member = %d", path, got.status)
			}
		}
		for _, path := range []string{"/", "/search?q=" + secret, "/search/suggest?q=" + secret, "/attempts/ATT-2", "/attempts/ATT-3", "/services/SVC-1"} {
			if body := strings.ReplaceAll(own.open(path).body, "Search: "+secret, ""); strings.Count(body, secret) < 2 {
				t.Errorf("%s does not show a member what is restricted", path)
			}
		}
		unknown, forbidden := other.open("/findings/FND-9999"), other.open(paths[0])
		if requestLess(unknown.body) != requestLess(forbidden.body) {
			t.Error("what is forbidden looks different from what is unknown")
		}
		for _, path := range []string{
			"/", "/search", "/search?q=" + secret, "/search/suggest?q=" + secret, "/attempts/ATT-2", "/attempts/ATT-3", "/upgrades/UPG-1", "/services/SVC-1",
			"/environments/ENV-1", "/analytics", "/findings/FND-1", "/incidents/INC-1", "/api/v1/attempts/ATT-2/timeline.svg",
		} {
			body := strings.ReplaceAll(other.open(path).body, `value="`+secret, "")
			body = strings.ReplaceAll(body, "Search: "+secret, "")
			if strings.Contains(body, secret) {
				t.Errorf("%s shows a stranger what is restricted", path)
			}
		}
	})
}

// requestLess is a page without the id of its request.
func requestLess(body string) string {
	before, rest, _ := strings.Cut(body, "Request ")
	_, after, _ := strings.Cut(rest, "</p>")
	return before + after
}

func TestATimelineIsDrawn(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		for _, id := range []string{"ATT-1", "ATT-2", "ATT-3", "ATT-4"} {
			got := s.Must(t, http.StatusOK, "GET", "/api/v1/attempts/"+id+"/timeline.svg", nil)
			if got.Header.Get("Content-Type") != "image/svg+xml; charset=utf-8" || strings.Contains(got.Header.Get("Content-Security-Policy"), "script") {
				t.Errorf("%s has the headers %v", id, got.Header)
			}
			decoder := xml.NewDecoder(strings.NewReader(string(got.Raw)))
			for {
				_, err := decoder.Token()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatalf("%s is no XML: %v", id, err)
				}
			}
		}
		s.Must(t, http.StatusNotFound, "GET", "/api/v1/attempts/ATT-99/timeline.svg", nil)
		s.Must(t, http.StatusUnprocessableEntity, "GET", "/api/v1/attempts/ATT-1/timeline.svg?x=1", nil)
	})
}
