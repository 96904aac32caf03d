package app_test

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/hindcast-kb/hindcast/internal/story"
)

//go:embed testdata/audit.js
var auditScript string

func TestBrowserSignsIn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
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
		c.do(chromedp.Click(chromedp.CSS(".who button")), chromedp.WaitReady(chromedp.CSS("#token")))
		c.open("/attempts/ATT-2")
		if ask[int](c, `document.querySelectorAll("#token").length`) != 1 {
			t.Error("who signed out can still read")
		}
		c.quiet("signing in and out")
	})
}

// suggested waits for the suggestions of the story for the words "learners are sig", of which the first is a finding.
func (c *chrome) suggested() {
	c.t.Helper()
	c.do(chromedp.WaitVisible(chromedp.CSS("#suggestions li:first-child[data-href='/findings/FND-23']")))
}

// combobox says what the search box tells those who cannot see it: whether its list is open, and which option is marked.
func (c *chrome) combobox() string {
	c.t.Helper()
	return ask[string](c, `(() => { const box = document.querySelector("#q"), list = document.querySelector("#suggestions"), marked = [...list.querySelectorAll("[aria-selected=true]")];
		if (list.hidden === (box.getAttribute("aria-expanded") === "true")) return "what is shown and what is said differ";
		if ((box.getAttribute("aria-activedescendant") || "") !== marked.map(o => o.id).join()) return "what is marked and what is said differ";
		return (list.hidden ? "closed" : "open") + marked.map(o => " at " + [...list.children].indexOf(o)).join(); })()`)
}

func TestBrowserChoosesASuggestionByKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		press := func(keys, want string) {
			t.Helper()
			c.do(chromedp.KeyEvent(keys))
			if got := c.combobox(); got != want {
				t.Errorf("the list is %q, want %q", got, want)
			}
		}
		c.signIn()
		for name, want := range map[string]string{"role": "combobox", "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-expanded": "false"} {
			if got := ask[string](c, `document.querySelector("#q").getAttribute("`+name+`")`); got != want {
				t.Errorf("%s of the box is %q, want %q", name, got, want)
			}
		}
		c.do(chromedp.SendKeys(chromedp.CSS("#q"), "learners are sig"))
		c.suggested()
		last := ask[string](c, `"open at " + (document.querySelectorAll("#suggestions [role=option]").length - 1)`)
		press("", "open")
		press(kb.ArrowDown, "open at 0")
		press(kb.ArrowUp, last)
		press(kb.ArrowDown, "open at 0")
		press(kb.ArrowLeft, "open")
		press(kb.ArrowUp, last)
		press(kb.Escape, "closed")
		if got := ask[string](c, `document.querySelector("#q").value`); got != "learners are sig" {
			t.Errorf("Escape leaves %q in the box", got)
		}
		c.do(chromedp.KeyEvent(kb.ArrowDown))
		c.until(`document.querySelector("#suggestions:not([hidden]) li:first-child[aria-selected=true]")`)
		press("", "open at 0")
		c.do(chromedp.KeyEvent(kb.End), chromedp.KeyEvent("n"))
		c.until(`performance.getEntriesByType("resource").some(e => e.name.endsWith("?q=learners%20are%20sign"))`)
		c.suggested()
		press("", "open")
		c.keep("suggestions")
		press(kb.ArrowDown, "open at 0")
		c.do(chromedp.KeyEvent(kb.Enter))
		c.until(`location.pathname === "/findings/FND-23" && document.querySelector("#q[role=combobox]")`)
		c.do(chromedp.SendKeys(chromedp.CSS("#q"), "learners are sig"))
		c.suggested()
		c.do(chromedp.KeyEvent(kb.Enter))
		c.until(`location.search === "?q=learners+are+sig" && document.querySelector(".hit")`)
		c.quiet("choosing a suggestion")
	})
}

func TestBrowserSearchesWithoutScripts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		for _, scripts := range []bool{true, false} {
			if scripts {
				c.signIn()
			}
			c.scripts(scripts)
			c.open("/")
			if ask[bool](c, `document.querySelector("#q").hasAttribute("role")`) != scripts {
				t.Errorf("scripts %v: they are not", scripts)
			}
			c.do(chromedp.SendKeys(chromedp.CSS("#q"), "session"+kb.Enter), chromedp.WaitReady(chromedp.CSS(".hit mark")))
			if ask[string](c, `location.pathname + location.search`) != "/search?q=session" || ask[string](c, `document.querySelector("#q").value`) != "session" {
				t.Errorf("scripts %v: a search leads to %s", scripts, ask[string](c, `location.href`))
			}
			found := ask[int](c, `document.querySelectorAll(".hit").length`)
			c.do(chromedp.Click(chromedp.CSS(".facet a")), chromedp.WaitReady(chromedp.CSS(".facet a[aria-current]")))
			if narrowed := ask[int](c, `document.querySelectorAll(".hit").length`); narrowed == 0 || narrowed >= found {
				t.Errorf("scripts %v: a facet leaves %d of %d", scripts, narrowed, found)
			}
			want := ask[string](c, `document.querySelector(".hit h2 a").pathname`)
			c.do(chromedp.Click(chromedp.CSS(".hit h2 a")))
			c.until(`location.pathname === "` + want + `" && document.querySelector(".head .line")`)
		}
		c.quiet("searching")
	})
}

// looks are ways in which a page is looked at. Styles know nothing of databases, so that those that are no more than another style
// are tried on SQLite only.
var looks = []struct {
	name     string
	features []string
	width    int64
	styled   bool
}{
	{"light", nil, 1280, false},
	{"dark", []string{"prefers-color-scheme", "dark"}, 1280, true},
	{"forced-colours", []string{"forced-colors", "active"}, 1280, true},
	{"narrow", nil, 320, false},
}

// tooWide says what on the page does not fit into its window, beside what scrolls by itself.
const tooWide = `document.documentElement.scrollWidth <= innerWidth ? "" : document.documentElement.scrollWidth + " pixels wide: " + [...document.querySelectorAll("main *")]
	.filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll")).slice(0, 3).map(e => e.outerHTML.slice(0, 120)).join(" | ")`

func TestBrowserPagesAreAccessible(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		c.signIn()
		for _, look := range looks {
			if look.styled && !c.onSQLite() {
				continue
			}
			c.media("", look.features...)
			c.do(chromedp.EmulateViewport(look.width, 900))
			for _, path := range story.Tour() {
				c.open(path)
				if wrong := ask[string](c, auditScript); wrong != "" {
					t.Errorf("%s, %s: %s", path, look.name, wrong)
				}
				if wide := ask[string](c, tooWide); wide != "" {
					t.Errorf("%s, %s: it is %s", path, look.name, wide)
				}
				c.keep(path + "-" + look.name)
			}
		}
		if forced := ask[bool](c, `matchMedia("(forced-colors: active)").matches`); forced {
			t.Error("the last look has the colours of another")
		}
		c.mu.Lock()
		c.complaints = nil // of the page that is not there
		c.mu.Unlock()
		c.quiet("all pages")
	})
}

func TestBrowserTellsAnAttemptInOneScreen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		c.signIn()
		c.do(chromedp.EmulateViewport(1280, 800))
		c.open("/attempts/ATT-2")
		seen := ask[string](c, `[...document.querySelectorAll(".head *, svg.timeline text")].filter(e => !e.children.length || e.matches("p, dd, h1")).filter(e => { const r = e.getBoundingClientRect(); return r.height && r.bottom <= innerHeight && r.right <= innerWidth; }).map(e => e.textContent).join("\n")`)
		for _, want := range []string{
			"Attempt 2 of 3.", "Leave a version that gets no more fixes", "Attempt 1 was rolled back after", "it piled up database processes", "Taken for granted, and wrong: What goes wrong under load",
			"15 min after it began", "agreed rollback 8 h later", "Unanswered", "users are harmed", "Seen", "Thought", "Decided", "Done", "The old version is back on every host",
		} {
			if !strings.Contains(seen, want) {
				t.Errorf("the first screen does not say %q but\n%s", want, seen)
			}
		}
	})
}

func TestBrowserForcedColoursKeepWhatColoursSay(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		c.signIn()
		c.media("", "forced-colors", "active")
		c.open("/attempts/ATT-2")
		if !ask[bool](c, `matchMedia("(forced-colors: active)").matches`) {
			t.Fatal("the colours are not forced, so that nothing was tried")
		}
		for _, selector := range []string{".badge", ".card", ".facts div"} {
			if got := ask[string](c, `(() => { const s = getComputedStyle(document.querySelector("`+selector+`")); return s.borderLeftStyle + " " + (parseFloat(s.borderLeftWidth) > 0); })()`); got != "solid true" {
				t.Errorf("nothing sets off %s: %s", selector, got)
			}
		}
		// A drawing is seen by what is drawn in it: with forced colours as well, its words stand out from their ground.
		if got := ask[string](c, `(() => { const t = document.querySelector("svg.timeline text"); return getComputedStyle(t).fill === getComputedStyle(document.querySelector(".card")).backgroundColor ? "unseen" : ""; })()`); got != "" {
			t.Error("the words of the drawing cannot be read")
		}
	})
}

func TestBrowserPagesWorkWithKeysAndOnPaper(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
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
		c.media("print")
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
	})
}
