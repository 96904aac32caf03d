package app_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var fromUs = []string{"Sec-Fetch-Site", "same-origin"}

// sharing fills in the form that shares a record.
func sharing(target string) url.Values {
	return url.Values{"target": {target}, "origins": {wiki + ", https://*.docs.example"}, "days": {"30"}, "note": {"Team page"}}
}

var code = regexp.MustCompile(`data-copy="([^"]*)"`)

// codes are the texts that a page offers to copy.
func codes(body string) string {
	var all []string
	for _, found := range code.FindAllStringSubmatch(body, -1) {
		all = append(all, html.UnescapeString(found[1]))
	}
	return strings.Join(all, "\n")
}

func TestAPersonSharesAViewAtTheBrowser(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		v := newVisitor(t, s).enter(s.Grant(t, "writer", "", vocab.ScopeRead, vocab.ScopeWrite))
		if body := v.open("/attempts/ATT-2").body; !strings.Contains(body, `href="/embeds/new?target=ATT-2"`) {
			t.Error("the page of an attempt does not offer to share it")
		}
		if got := v.open("/embeds/new?target=ATT-2"); got.status != http.StatusOK || !strings.Contains(got.body, `name="target" value="ATT-2"`) {
			t.Fatalf("the form = %d: %s", got.status, got.body)
		}
		made := v.post("/embeds", sharing("ATT-2"), fromUs...)
		if made.status != http.StatusSeeOther || made.header.Get("Location") != "/embeds/EMB-1" {
			t.Fatalf("sharing = %d to %q: %s", made.status, made.header.Get("Location"), made.body)
		}
		grant := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds/EMB-1", nil)
		if grant.Text("created_by") != "writer" || grant.Text("note") != "Team page" || grant.Text("allowed_origins.1") != "https://*.docs.example" || !strings.HasPrefix(grant.Text("expires_at"), "2026-04-01") {
			t.Errorf("the grant is %s", grant.Raw)
		}
		page := v.open("/embeds/EMB-1")
		offered, address := codes(page.body), grant.Text("embed_url")
		for _, want := range []string{
			`<iframe src="` + address + `" title="Attempt ATT-2: `, `sandbox="allow-scripts`,
			"[![Attempt ATT-2](" + address + ".svg)](http://hindcast.test/attempts/ATT-2)",
			"[![attempt status](" + strings.Replace(address, "/embed/", "/badge/", 1) + "/attempt_status.svg)](http://hindcast.test/attempts/ATT-2)",
			"/gate.svg)", "/open_findings.svg)", "](" + address + ")",
		} {
			if !strings.Contains(offered, want) {
				t.Errorf("the page does not offer %q but\n%s", want, offered)
			}
		}
		for _, picture := range regexp.MustCompile(`http://hindcast\.test(/(?:badge|embed)/[^)"\s]*)`).FindAllStringSubmatch(offered, -1) {
			if got := anonymous(t, s, picture[1]+"?strict=1"); got.Status != http.StatusOK {
				t.Errorf("%s, which the page offers, = %d", picture[1], got.Status)
			}
		}
		if got := v.post("/embeds/EMB-1/revoke", nil, fromUs...); got.status != http.StatusSeeOther {
			t.Errorf("ending it = %d", got.status)
		}
		if got := v.open("/embeds/EMB-1"); !strings.Contains(got.body, "It shows nothing any more") || strings.Contains(codes(got.body), "/embed/") {
			t.Errorf("the page of an ended view = %d: %s", got.status, got.body)
		}
		u, _ := url.Parse(address)
		if got := anonymous(t, s, u.Path); got.Status != http.StatusUnauthorized {
			t.Errorf("an ended view = %d", got.Status)
		}
	})
}

func TestSharingAtTheBrowserIsForOurFormsAndForWriters(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		writer := newVisitor(t, s).enter(s.Grant(t, "writer", "shop", vocab.ScopeRead, vocab.ScopeWrite))
		reader := newVisitor(t, s).enter(s.Grant(t, "reader", "shop", vocab.ScopeRead))
		_, _ = share(t, s, map[string]any{"target": "ATT-1"})
		refused := func(what string, got page, want int) {
			t.Helper()
			if got.status != want || got.header.Get("Location") != "" {
				t.Errorf("%s = %d to %q, want %d", what, got.status, got.header.Get("Location"), want)
			}
		}
		for _, path := range []string{"/embeds", "/embeds/EMB-1/revoke"} {
			for _, headers := range [][]string{
				{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}, nil,
			} {
				refused(strings.Join(append(headers, path), " "), writer.post(path, sharing("ATT-2"), headers...), http.StatusForbidden)
			}
			refused("a reader at "+path, reader.post(path, sharing("ATT-2"), fromUs...), http.StatusForbidden)
			refused("nobody at "+path, newVisitor(t, s).post(path, sharing("ATT-2"), fromUs...), http.StatusUnauthorized)
		}
		refused("the form for a reader", reader.open("/embeds/new?target=ATT-2"), http.StatusForbidden)
		if body := reader.open("/attempts/ATT-2").body; strings.Contains(body, "/embeds/new") {
			t.Error("a reader is offered to share")
		}
		// The session is good for these forms, and for nothing else that changes something.
		for _, path := range []string{"/api/v1/embeds", "/api/v1/findings", "/api/v1/reviews/draft?attempt=ATT-2"} {
			refused(path, writer.post(path, sharing("ATT-2"), fromUs...), http.StatusUnauthorized)
		}
		if list := s.Must(t, http.StatusOK, "GET", "/api/v1/embeds", nil); list.Text("items.1.id") != "" || list.Text("items.0.revoked_at") != "" {
			t.Errorf("something was shared, or ended: %s", list.Raw)
		}
		hidden := makeFinding(t, s, map[string]any{"visibility": "restricted", "team": "payments"})
		refused("the form of what is hidden", writer.open("/embeds/new?target="+hidden), http.StatusNotFound)
		for what, form := range map[string]url.Values{
			"what is hidden": sharing(hidden), "what is not there": sharing("FND-9999"), "an environment": sharing("ENV-1"), "nothing": sharing(""), "no record": sharing("<b>"),
		} {
			if got := writer.post("/embeds", form, fromUs...); got.status != http.StatusNotFound {
				t.Errorf("sharing %s = %d: %s", what, got.status, got.body)
			}
		}
		for name, value := range map[string]string{"origins": "https://wiki.example.com/path ftp://x", "days": "100000", "note": strings.Repeat("x", 201)} {
			form := sharing("ATT-2")
			form.Set(name, value)
			got := writer.post("/embeds", form, fromUs...)
			if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `role="alert"`) || !strings.Contains(got.body, `value="ATT-2"`) {
				t.Errorf("%s %q = %d: %s", name, value, got.status, got.body)
			}
		}
		if got := writer.post("/embeds", sharing("search:sessions expire"), fromUs...); got.status != http.StatusSeeOther {
			t.Errorf("sharing a search = %d: %s", got.status, got.body)
		}
		if got := writer.post("/embeds", sharing("drift:ENV-2..ENV-1"), fromUs...); got.status != http.StatusSeeOther {
			t.Errorf("sharing a comparison = %d: %s", got.status, got.body)
		} else if body := writer.open(got.header.Get("Location")).body; !strings.Contains(codes(body), "<iframe ") || !strings.Contains(body, "/environments/ENV-2/drift?target=ENV-1") {
			t.Errorf("the page of a shared comparison is %s", body)
		}
		if body := writer.open("/environments/ENV-2/drift?target=ENV-1").body; !strings.Contains(body, "/embeds/new?target=drift%3AENV-2..ENV-1") {
			t.Error("a comparison is not offered to be shared")
		}
		if got := writer.open("/search?q=sessions+expire"); !strings.Contains(got.body, "/embeds/new?target=search%3Asessions&#43;expire") && !strings.Contains(got.body, "/embeds/new?target=search%3Asessions+expire") {
			t.Error("a search is not offered to be shared")
		}
	})
}

func TestBrowserSharesAView(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		c.signIn()
		c.open("/attempts/ATT-2")
		c.do(chromedp.Click(chromedp.CSS("a[href='/embeds/new?target=ATT-2']")), chromedp.WaitVisible(chromedp.CSS("#origins")))
		c.keep("share-form")
		if wrong := ask[string](c, auditScript) + ask[string](c, tooWide); wrong != "" {
			t.Errorf("the form: %s", wrong)
		}
		c.do(chromedp.SendKeys(chromedp.CSS("#origins"), wiki), chromedp.Click(chromedp.CSS("form[action='/embeds'] button")), chromedp.WaitVisible(chromedp.CSS(".code")))
		c.until(`document.querySelector("img.view").complete && document.querySelector("img.view").naturalWidth > 0`)
		if n := ask[int](c, `[...document.querySelectorAll(".code button.copy")].filter(b => b.checkVisibility()).length`); n < 5 {
			t.Errorf("%d texts can be copied", n)
		}
		if got := ask[string](c, `document.querySelector(".code button.copy").dataset.copy`); !strings.HasPrefix(got, "<iframe ") || got != ask[string](c, `document.querySelector(".code pre").textContent`) {
			t.Errorf("what is copied is %q", got)
		}
		for _, width := range []int64{1280, 320} {
			c.do(chromedp.EmulateViewport(width, 900))
			if wrong := ask[string](c, auditScript) + ask[string](c, tooWide); wrong != "" {
				t.Errorf("the view's page at %d: %s", width, wrong)
			}
		}
		c.keep("share-code-narrow")
		c.do(chromedp.EmulateViewport(1280, 900))
		c.keep("share-code")
		c.do(chromedp.Click(chromedp.CSS("form[action$='/revoke'] button")), chromedp.WaitReady(chromedp.CSS(".note.bad")))
		c.quiet("sharing")
	})
}
