package app_test

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const wiki = "https://wiki.example.com"

// share makes a grant and gives its id and the path of its view.
func share(t *testing.T, s *apptest.Server, body map[string]any) (id, path string) {
	t.Helper()
	made := s.Must(t, http.StatusCreated, "POST", "/api/v1/embeds", body)
	u, err := url.Parse(made.Text("embed_url"))
	if err != nil || !strings.HasPrefix(u.Path, "/embed/") {
		t.Fatalf("embed_url is %q", made.Text("embed_url"))
	}
	return made.Text("id"), u.Path
}

func makeFinding(t *testing.T, s *apptest.Server, more map[string]any) string {
	t.Helper()
	body := map[string]any{"title": "Sessions expire early", "severity": "critical", "observed": "Users are **logged out**."}
	for k, v := range more {
		body[k] = v
	}
	return s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", body).Text("id")
}

// anonymous asks without a token.
func anonymous(t *testing.T, s *apptest.Server, path string, headers ...string) apptest.Answer {
	t.Helper()
	return s.CallAs(t, "", "GET", path, nil, headers...)
}

func TestIntegrations71_OEmbed(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := makeFinding(t, s, nil)
		hidden := makeFinding(t, s, map[string]any{"visibility": "restricted", "team": "shop"})
		_, path := share(t, s, map[string]any{"target": id, "allowed_origins": []string{wiki}})
		const base = "http://hindcast.test"
		for what, want := range map[string]int{
			"format=yaml&url=" + url.QueryEscape(base+path): http.StatusNotImplemented,
			"format=yaml": http.StatusNotImplemented,
			"url=" + url.QueryEscape(base+"/findings/FND-99"):      http.StatusNotFound,
			"url=" + url.QueryEscape(base+"/lessons/"+id):          http.StatusNotFound,
			"url=" + url.QueryEscape("https://evil.example"+path):  http.StatusNotFound,
			"url=" + url.QueryEscape(base+"@evil.example"+path):    http.StatusNotFound,
			"url=" + url.QueryEscape("http://169.254.169.254/"):    http.StatusNotFound,
			"url=" + url.QueryEscape("file:///etc/passwd"):         http.StatusNotFound,
			"url=" + url.QueryEscape(base+"/findings/"+id):         http.StatusUnauthorized,
			"url=" + url.QueryEscape(base+"/findings/"+hidden):     http.StatusNotFound,
			"url=" + url.QueryEscape(base+path[:len(path)-2]+"AA"): http.StatusUnauthorized,
			"": http.StatusUnprocessableEntity,
		} {
			if got := anonymous(t, s, "/oembed?"+what); got.Status != want || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s answers %d, want %d: %s", what, got.Status, want, got.Raw)
			}
		}
		got := anonymous(t, s, "/oembed?maxwidth=300&maxheight=200&nonsense=1&url="+url.QueryEscape(base+path))
		if got.Status != http.StatusOK || got.Text("type") != "rich" || got.Text("version") != "1.0" || got.Text("width") != "300" || !strings.Contains(got.Text("html"), `width="300"`) || got.Text("height") != "200" {
			t.Errorf("maxwidth=300 answers %d %s", got.Status, got.Raw)
		}
		if html := got.Text("html"); !strings.HasPrefix(html, "<iframe src=\""+base+path) || !strings.Contains(html, "sandbox=") {
			t.Errorf("the html is %s", html)
		}
		asXML := anonymous(t, s, "/oembed?format=xml&url="+url.QueryEscape(base+path))
		var root struct {
			XMLName xml.Name
			HTML    string `xml:"html"`
			Width   int    `xml:"width"`
		}
		if err := xml.Unmarshal(asXML.Raw, &root); err != nil || root.XMLName.Local != "oembed" || root.Width == 0 || !strings.Contains(root.HTML, "<iframe ") {
			t.Errorf("as XML: %v, %+v, %s", err, root, asXML.Raw)
		}
		if media := asXML.Header.Get("Content-Type"); !strings.HasPrefix(media, "text/xml") {
			t.Errorf("the XML is %s", media)
		}
		link := s.Must(t, http.StatusOK, "GET", "/oembed?url="+url.QueryEscape(base+"/findings/"+id), nil)
		if link.Text("type") != "link" || link.Text("html") != "" {
			t.Errorf("to a reader of the record it answers %s", link.Raw)
		}
	})
}

func TestIntegrations72_OnlyAllowedOriginsMayFrame(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := makeFinding(t, s, nil)
		_, open := share(t, s, map[string]any{"target": id, "allowed_origins": []string{"HTTPS://Wiki.Example.com/", "https://*.docs.example:8443"}})
		got := anonymous(t, s, open)
		policy := got.Header.Get("Content-Security-Policy")
		if got.Status != http.StatusOK || !strings.HasSuffix(policy, "frame-ancestors https://wiki.example.com https://*.docs.example:8443") {
			t.Errorf("a view answers %d with %q", got.Status, policy)
		}
		if got.Header.Get("X-Frame-Options") != "" || got.Header.Get("Set-Cookie") != "" || got.Header.Get("Cache-Control") != "private, max-age=60" || got.Header.Get("Referrer-Policy") != "no-referrer" || got.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("a view has the headers %v", got.Header)
		}
		for _, directive := range []string{"default-src 'none'", "base-uri 'none'", "form-action 'none'", "script-src 'nonce-", "style-src 'nonce-"} {
			if !strings.Contains(policy, directive) {
				t.Errorf("the policy %q lacks %s", policy, directive)
			}
		}
		_, closed := share(t, s, map[string]any{"target": id})
		got = anonymous(t, s, closed)
		if got.Header.Get("X-Frame-Options") != "DENY" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("a view that nobody may frame has the headers %v", got.Header)
		}
		for _, other := range []string{"/api/v1/findings", "/docs", "/embed/none.txt", "/nowhere"} {
			if got := anonymous(t, s, other); got.Header.Get("X-Frame-Options") != "DENY" || strings.Contains(got.Header.Get("Content-Security-Policy"), wiki) {
				t.Errorf("%s may be framed: %v", other, got.Header)
			}
		}
		if links := anonymous(t, s, open).Header.Values("Link"); len(links) != 2 || !strings.Contains(links[0], "application/json+oembed") || !strings.Contains(links[1], "text/xml+oembed") {
			t.Errorf("the view can be discovered by %v", links)
		}
	})
}

func TestIntegrations73_OnlyTheTokenOfAGrantOpensIt(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := makeFinding(t, s, nil)
		grant, path := share(t, s, map[string]any{"target": id, "allowed_origins": []string{wiki}, "expires_at": s.Clock.Now().Add(time.Hour)})
		refused := func(why, path string) {
			t.Helper()
			got := anonymous(t, s, path)
			if got.Status != http.StatusUnauthorized || strings.Contains(string(got.Raw), "Sessions") || strings.Contains(string(got.Raw), id) || got.Header.Get("Location") != "" || got.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s answers %d: %s", why, got.Status, got.Raw)
			}
			if strings.Contains(strings.ToLower(string(got.Raw)), "<form") || got.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s has a form, or may be kept: %v", why, got.Header)
			}
			for _, image := range []string{path + ".svg", strings.Replace(path, "/embed/", "/badge/", 1) + "/open_findings.svg"} {
				if got := anonymous(t, s, image); got.Status != http.StatusOK || !strings.Contains(string(got.Raw), "<svg") {
					t.Errorf("%s as an image answers %d", why, got.Status)
				}
				if got := anonymous(t, s, image+"?strict=1"); got.Status != http.StatusUnauthorized {
					t.Errorf("%s as a strict image answers %d", why, got.Status)
				}
			}
			if got := anonymous(t, s, path+".json"); got.Status != http.StatusUnauthorized {
				t.Errorf("%s as JSON answers %d", why, got.Status)
			}
		}
		if got := anonymous(t, s, path); got.Status != http.StatusOK || !strings.Contains(string(got.Raw), "Sessions expire early") {
			t.Fatalf("the view answers %d: %s", got.Status, got.Raw)
		}
		token := strings.TrimPrefix(path, "/embed/")
		const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for i := range token {
			altered := []byte(token)
			altered[i] = letters[(strings.IndexByte(letters, token[i])+1)%len(letters)]
			if got := anonymous(t, s, "/embed/"+string(altered)+".json"); got.Status != http.StatusUnauthorized {
				t.Errorf("a token altered at %d answers %d", i, got.Status)
			}
		}
		for _, other := range []string{token[:71], token + "A", token + "=", "x", s.Token, strings.Repeat("A", 72)} {
			if got := anonymous(t, s, "/embed/"+other); got.Status != http.StatusUnauthorized {
				t.Errorf("the token %q answers %d", other, got.Status)
			}
		}
		refused("an altered token", "/embed/"+token[:70]+"AA")
		_, second := share(t, s, map[string]any{"target": makeFinding(t, s, map[string]any{"title": "Another"})})
		if got := anonymous(t, s, second); strings.Contains(string(got.Raw), "Sessions expire early") {
			t.Error("the token of one finding shows another")
		}
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/embeds/"+grant, nil)
		s.Must(t, http.StatusNoContent, "DELETE", "/api/v1/embeds/"+grant, nil)
		refused("a revoked token", path)
		if got := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds/"+grant, nil); got.Text("revoked_at") == "" || got.Text("version") != "2" || got.Text("embed_url") != "" {
			t.Errorf("a grant revoked twice reads %s, want it changed once", got.Raw)
		}
		_, short := share(t, s, map[string]any{"target": id, "allowed_origins": []string{wiki}, "expires_at": s.Clock.Now().Add(time.Hour)})
		s.Clock.Move(59 * time.Minute)
		if got := anonymous(t, s, short); got.Status != http.StatusOK {
			t.Errorf("before it expires it answers %d", got.Status)
		}
		s.Clock.Move(2 * time.Minute)
		refused("an expired token", short)
		if policy := anonymous(t, s, short).Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors "+wiki) {
			t.Errorf("an expired view cannot say so where it was: %s", policy)
		}
	})
}

func TestEmbedKeysRotate(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		grant, first := share(t, s, map[string]any{"target": makeFinding(t, s, nil)})
		if got := s.Must(t, http.StatusOK, "POST", "/api/v1/embeds/rotate", map[string]any{}); len(got.Body["keys"].([]any)) != 2 {
			t.Errorf("after a rotation there are %s", got.Raw)
		}
		if got := anonymous(t, s, first); got.Status != http.StatusOK {
			t.Errorf("a view signed with the key before answers %d", got.Status)
		}
		u, _ := url.Parse(s.Must(t, http.StatusOK, "GET", "/api/v1/embeds/"+grant, nil).Text("embed_url"))
		if u.Path == first || anonymous(t, s, u.Path).Status != http.StatusOK {
			t.Error("the grant is not signed anew")
		}
		s.Must(t, http.StatusOK, "POST", "/api/v1/embeds/rotate", map[string]any{})
		if got := anonymous(t, s, first); got.Status != http.StatusUnauthorized {
			t.Errorf("a view signed two keys ago answers %d", got.Status)
		}
		if got := anonymous(t, s, u.Path); got.Status != http.StatusOK {
			t.Errorf("a view signed with the key before answers %d", got.Status)
		}
		log := s.Must(t, http.StatusOK, "GET", "/api/v1/audit?action=rotate_embed_keys", nil)
		if deeds := log.Body["items"].([]any); len(deeds) != 3 || log.Text("items.0.actor") != "test admin" || log.Text("items.0.changes.0.from.0") == "" ||
			log.Text("items.0.changes.0.from.0") != log.Text("items.0.changes.0.to.1") || log.Text("items.0.changes.0.to.0") == log.Text("items.1.changes.0.to.0") {
			t.Errorf("the audit of the first key and two rotations reads %s", log.Raw)
		}
		writer := s.Grant(t, "writer", "", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, writer, "POST", "/api/v1/embeds/rotate", map[string]any{}); got.Status != http.StatusForbidden {
			t.Errorf("rotating without admin answers %d", got.Status)
		}
	})
}

func TestAGrantIsChecked(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := makeFinding(t, s, nil)
		hidden := makeFinding(t, s, map[string]any{"visibility": "restricted", "team": "shop"})
		for name, tc := range map[string]struct {
			body  map[string]any
			field string
		}{
			"no target":            {map[string]any{}, "target"},
			"no id":                {map[string]any{"target": "nothing"}, "target"},
			"no record":            {map[string]any{"target": "FND-99"}, "target"},
			"no search":            {map[string]any{"target": "search:"}, "target"},
			"a kind without card":  {map[string]any{"target": "TOK-1"}, "target"},
			"fields of a search":   {map[string]any{"target": "search:x", "fields": []string{"status"}}, "fields"},
			"an unknown field":     {map[string]any{"target": id, "fields": []string{"severity", "nope"}}, "fields[1]"},
			"the past":             {map[string]any{"target": id, "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"},
			"an origin with path":  {map[string]any{"target": id, "allowed_origins": []string{"https://wiki.example.com/x"}}, "allowed_origins[0]"},
			"any origin":           {map[string]any{"target": id, "allowed_origins": []string{wiki, "*"}}, "allowed_origins[1]"},
			"an origin with space": {map[string]any{"target": id, "allowed_origins": []string{"https://a.example; script-src *"}}, "allowed_origins[0]"},
			"a keyword":            {map[string]any{"target": id, "allowed_origins": []string{"'self'"}}, "allowed_origins[0]"},
			"an unknown member":    {map[string]any{"target": id, "secret": "x"}, "secret"},
		} {
			got := s.Must(t, http.StatusUnprocessableEntity, "POST", "/api/v1/embeds", tc.body)
			if got.Text("errors.0.field") != tc.field {
				t.Errorf("%s is refused with %s, want %s named", name, got.Raw, tc.field)
			}
		}
		outsider := s.Grant(t, "outsider", "other", vocab.ScopeRead, vocab.ScopeWrite)
		if got := s.CallAs(t, outsider, "POST", "/api/v1/embeds", map[string]any{"target": hidden}); got.Status != http.StatusUnprocessableEntity {
			t.Errorf("sharing what one may not see answers %d", got.Status)
		}
		reader := s.Grant(t, "reader", "", vocab.ScopeRead)
		if got := s.CallAs(t, reader, "POST", "/api/v1/embeds", map[string]any{"target": id}); got.Status != http.StatusForbidden {
			t.Errorf("sharing without write answers %d", got.Status)
		}
		grant, _ := share(t, s, map[string]any{"target": hidden})
		if got := s.CallAs(t, outsider, "GET", "/api/v1/embeds/"+grant, nil); got.Status != http.StatusNotFound {
			t.Errorf("reading the grant of a hidden record answers %d", got.Status)
		}
		if got := s.CallAs(t, outsider, "DELETE", "/api/v1/embeds/"+grant, nil); got.Status != http.StatusNotFound {
			t.Errorf("revoking the grant of a hidden record answers %d", got.Status)
		}
		list := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds?target="+hidden, nil)
		if list.Text("items.0.id") != grant || list.Text("items.0.embed_url") == "" {
			t.Errorf("the list reads %s", list.Raw)
		}
	})
}

func TestAGrantFollowsTheRestrictionOfItsRecord(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		shop := s.Grant(t, "shop writer", "shop", vocab.ScopeRead, vocab.ScopeWrite)
		open, hidden := makeFinding(t, s, nil), makeFinding(t, s, map[string]any{"title": "Hidden thing", "visibility": "restricted", "team": "shop"})
		_, ofOpen := share(t, s, map[string]any{"target": open, "allowed_origins": []string{wiki}})
		made := s.CallAs(t, shop, "POST", "/api/v1/embeds", map[string]any{"target": hidden, "allowed_origins": []string{wiki}})
		u, _ := url.Parse(made.Text("embed_url"))
		got := anonymous(t, s, u.Path)
		if got.Status != http.StatusOK || !strings.Contains(string(got.Raw), "Hidden thing") || strings.Contains(string(got.Raw), "og:title") {
			t.Errorf("a restricted record that its team shares answers %d: %s", got.Status, got.Raw)
		}
		if got := anonymous(t, s, ofOpen); !strings.Contains(string(got.Raw), `property="og:title"`) {
			t.Errorf("an open record has no preview: %s", got.Raw)
		}
		for id, path := range map[string]string{open: ofOpen, hidden: u.Path} {
			s.Must(t, http.StatusOK, "PATCH", "/api/v1/findings/"+id, map[string]any{"visibility": "restricted", "team": "other"}, "Content-Type", "application/merge-patch+json")
			if got := anonymous(t, s, path); got.Status != http.StatusUnauthorized {
				t.Errorf("after %s was restricted to another team it answers %d", id, got.Status)
			}
		}
	})
}

func TestASharedSearchShowsWhatEverybodyMaySee(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		makeFinding(t, s, nil)
		last := s.Must(t, http.StatusCreated, "POST", "/api/v1/findings", map[string]any{"title": "Sessions of the shop", "severity": "low", "visibility": "restricted", "team": "shop"})
		fresh(t, s, s.Token, "/api/v1/search?q=sessions", last)
		_, path := share(t, s, map[string]any{"target": "search:sessions", "allowed_origins": []string{wiki}})
		got := anonymous(t, s, path+".json")
		if got.Text("total") != "1" || got.Text("items.0.title") != "Sessions expire early" || strings.Contains(string(got.Raw), "shop") {
			t.Errorf("the search shows %s", got.Raw)
		}
		if page := anonymous(t, s, path); !strings.Contains(string(page.Raw), "<caption>1 record</caption>") {
			t.Errorf("the page reads %s", page.Raw)
		}
	})
}

func TestAGrantShowsTheFieldsItNames(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		id := makeFinding(t, s, map[string]any{"workaround": "Log in again", "component": "sessions"})
		_, path := share(t, s, map[string]any{"target": id, "fields": []string{"severity", "workaround"}})
		for _, form := range []string{"", ".svg", ".json", ".md", ".confluence.xml", ".adf.json"} {
			got := anonymous(t, s, path+form)
			text := string(got.Raw)
			if got.Status != http.StatusOK || strings.Contains(text, "logged out") || strings.Contains(text, "reported") || strings.Contains(text, `"sessions"`) || !strings.Contains(text, "critical") || !strings.Contains(text, "Log in again") {
				t.Errorf("as %q it answers %d: %s", form, got.Status, text)
			}
		}
		tag := anonymous(t, s, path+".md").Header.Get("ETag")
		if got := anonymous(t, s, path+".md", "If-None-Match", tag); tag == "" || got.Status != http.StatusNotModified {
			t.Errorf("an unchanged view answers %d", got.Status)
		}
	})
}

func TestIntegrations75_Badges(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		service := s.Must(t, http.StatusCreated, "POST", "/api/v1/services", map[string]any{"name": "Shop"}).Text("id")
		env := s.Must(t, http.StatusCreated, "POST", "/api/v1/environments", map[string]any{"name": "Production", "kind": "production"}).Text("id")
		upgrade := s.Must(t, http.StatusCreated, "POST", "/api/v1/upgrades", map[string]any{"title": "Framework", "kind": "framework", "service_id": service}).Text("id")
		attempt := s.Must(t, http.StatusCreated, "POST", "/api/v1/attempts", map[string]any{"upgrade_id": upgrade, "environment_id": env}).Text("id")
		belief := s.Must(t, http.StatusCreated, "POST", "/api/v1/assumptions", map[string]any{"statement": "Same as before", "attempt_id": attempt, "importance": "blocking"}).Text("id")
		makeFinding(t, s, map[string]any{"attempt_id": attempt})
		badge := func(target string) string {
			_, path := share(t, s, map[string]any{"target": target})
			return strings.Replace(path, "/embed/", "/badge/", 1)
		}
		ofAttempt, ofUpgrade, ofBelief := badge(attempt), badge(upgrade), badge(belief)
		for path, want := range map[string]string{
			ofAttempt + "/attempt_status": "attempt: planned", ofAttempt + "/gate": "gate: fail", ofAttempt + "/open_findings": "open findings: 1",
			ofUpgrade + "/attempt_status": "attempt: planned", ofUpgrade + "/gate": "gate: fail", ofUpgrade + "/open_findings": "open findings: 1",
			ofBelief + "/assumption_status": "assumption: unverified",
		} {
			got := anonymous(t, s, path+".svg")
			label, title := wellFormed(t, got.Raw)
			if got.Status != http.StatusOK || label != want || title != want || got.Header.Get("Content-Type") != "image/svg+xml; charset=utf-8" || got.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" {
				t.Errorf("%s answers %d, %q and %q, want %q", path, got.Status, label, title, want)
			}
			if again := anonymous(t, s, path+".svg", "If-None-Match", got.Header.Get("ETag")); again.Status != http.StatusNotModified {
				t.Errorf("%s asked again answers %d", path, again.Status)
			}
			plain := anonymous(t, s, path+".json")
			if plain.Text("schemaVersion") != "1" || plain.Text("label")+": "+plain.Text("message") != want {
				t.Errorf("%s as JSON answers %s", path, plain.Raw)
			}
		}
		for _, path := range []string{ofBelief + "/gate", ofAttempt + "/nothing"} {
			got := anonymous(t, s, path+".svg")
			if label, _ := wellFormed(t, got.Raw); got.Status != http.StatusOK || !strings.HasSuffix(label, "not found") {
				t.Errorf("%s answers %d and %q", path, got.Status, label)
			}
			if got := anonymous(t, s, path+".svg?strict=1"); got.Status != http.StatusNotFound {
				t.Errorf("%s answers %d where it is strict", path, got.Status)
			}
			if got := anonymous(t, s, path+".json"); got.Status != http.StatusOK || got.Text("isError") != "true" {
				t.Errorf("%s as JSON answers %d: %s", path, got.Status, got.Raw)
			}
		}
		_, narrow := share(t, s, map[string]any{"target": attempt, "fields": []string{"release_ref", "gate"}})
		narrow = strings.Replace(narrow, "/embed/", "/badge/", 1)
		if got := anonymous(t, s, narrow+"/attempt_status.svg?strict=1"); got.Status != http.StatusNotFound {
			t.Errorf("a badge of a field that is not shared answers %d", got.Status)
		}
		if got := anonymous(t, s, narrow+"/gate.svg?strict=1"); got.Status != http.StatusOK {
			t.Errorf("a badge that is shared answers %d", got.Status)
		}
	})
}

// wellFormed reads a picture and gives its label and its title.
func wellFormed(t *testing.T, raw []byte) (label, title string) {
	t.Helper()
	var svg struct {
		XMLName xml.Name
		Role    string `xml:"role,attr"`
		Label   string `xml:"aria-label,attr"`
		Title   string `xml:"title"`
	}
	if err := xml.Unmarshal(raw, &svg); err != nil || svg.XMLName.Local != "svg" || svg.Role != "img" {
		t.Errorf("the picture is not well formed: %v: %s", err, raw)
	}
	return svg.Label, svg.Title
}

func TestIntegrations74_TextsOfRecordsAreInertInEveryForm(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		hostile := "<img src=x onerror=alert(1)> ]]> </script> \u202egnp.exe <script>alert(1)</script> [x](javascript:alert(1))"
		id := makeFinding(t, s, map[string]any{"title": hostile, "observed": hostile + "\n\n```\n" + hostile, "component": hostile, "tags": []string{hostile}})
		s.Must(t, http.StatusCreated, "POST", "/api/v1/references", map[string]any{"target": id, "kind": "wiki", "url": "https://wiki.example.com/a?b=<c>", "title": hostile})
		_, path := share(t, s, map[string]any{"target": id})
		for _, form := range []string{"", ".svg", ".json", ".md", ".confluence.xml", ".adf.json"} {
			got := anonymous(t, s, path+form)
			text := string(got.Raw)
			if got.Status != http.StatusOK || strings.Contains(text, "\u202e") {
				t.Errorf("as %q it answers %d: %s", form, got.Status, text)
			}
			switch form {
			case ".json", ".adf.json":
				if !json.Valid(got.Raw) {
					t.Errorf("%s is not JSON", form)
				}
			case ".svg", ".confluence.xml":
				decoder := xml.NewDecoder(strings.NewReader(text))
				for {
					token, err := decoder.Token()
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatalf("%s does not parse: %v", form, err)
					}
					if e, ok := token.(xml.StartElement); ok && slices.Contains([]string{"img", "script", "image"}, e.Name.Local) {
						t.Errorf("%s has the element %s", form, e.Name.Local)
					}
				}
			case "":
				if strings.Contains(text, "<img") || strings.Count(text, "<script") > 0 || strings.Contains(text, "javascript:alert(1)\"") {
					t.Errorf("the page is not inert: %s", text)
				}
			case ".md":
				if strings.Contains(strings.ReplaceAll(text, `\<`, ""), "<script") && !strings.Contains(text, "```") {
					t.Errorf("the Markdown is not inert: %s", text)
				}
			}
		}
	})
}
