package app_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// framing serves a page that frames a view and keeps what the view tells it.
func framing(t *testing.T) (*httptest.Server, *string) {
	t.Helper()
	view := ""
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<!DOCTYPE html><title>wiki</title><main>wiki</main><script>window.told = []; addEventListener("message", e => told.push(e.data))</script>
<iframe src="%s" width="640" height="300" sandbox="allow-scripts allow-popups"></iframe>`, view)
	}))
	t.Cleanup(page.Close)
	return page, &view
}

func TestIntegrations72_BrowserFramesAViewForAllowedOriginsOnly(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		allowed, view := framing(t)
		forbidden, other := framing(t)
		_, path := share(t, s, map[string]any{"target": makeFinding(t, s, nil), "allowed_origins": []string{allowed.URL}})
		*view, *other = s.URL+path, s.URL+path
		c := newChrome(t, s)
		c.do(chromedp.Navigate(allowed.URL))
		time.Sleep(time.Second)
		if height := ask[float64](c, `(told.find(m => m.type === "hindcast:resize") || {}).height || 0`); height < 100 {
			t.Errorf("the view told an allowed page the height %v; it complained %q", height, c.complaints)
		}
		if !ask[bool](c, `told.some(m => m.confluenceFrameHeight > 100)`) {
			t.Error("the view did not tell its height the way of Confluence")
		}
		c.keep("embed-framed")
		c.complaints = nil
		c.do(chromedp.Navigate(forbidden.URL))
		time.Sleep(time.Second)
		if n := ask[int](c, `told.length`); n != 0 {
			t.Errorf("the view told a forbidden page %d things", n)
		}
		if refused := strings.Join(c.complaints, "\n"); !strings.Contains(refused, "frame-ancestors") {
			t.Errorf("a forbidden page framed the view: %q", refused)
		}
	})
}

func TestIntegrations76_BrowserShowsAViewEverywhere(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, c *chrome) {
		s := c.s
		for _, target := range []string{"ATT-2", "FND-1", "LES-1", "REV-2", "INC-1", "search:session"} {
			_, path := share(t, s, map[string]any{"target": target, "allowed_origins": []string{wiki}})
			name := strings.NewReplacer(":", "-").Replace("embed-" + target)
			for _, width := range []int64{640, 320} {
				c.do(chromedp.EmulateViewport(width, 700))
				c.media("")
				c.open(path)
				if wide := ask[int64](c, `document.documentElement.scrollWidth`); wide > width {
					t.Errorf("%s at %d pixels is %d wide", target, width, wide)
				}
				c.keep(fmt.Sprintf("%s-%d", name, width))
			}
			c.do(chromedp.EmulateViewport(640, 700))
			c.media("", "prefers-color-scheme", "dark")
			c.open(path)
			if back := ask[string](c, `getComputedStyle(document.body).backgroundColor`); back != "rgb(22, 27, 34)" {
				t.Errorf("%s in the dark is %s", target, back)
			}
			c.keep(name + "-dark")
			c.media("print", "prefers-color-scheme", "dark")
			if back := ask[string](c, `getComputedStyle(document.body).backgroundColor`); back != "rgb(255, 255, 255)" {
				t.Errorf("%s on paper is %s", target, back)
			}
			c.media("")
			c.scripts(false)
			c.open(path)
			c.scripts(true)
			if text := ask[string](c, `document.querySelector(".hc-title").innerText`); text == "" {
				t.Errorf("%s shows nothing without scripts", target)
			}
			c.quiet(target)
		}
	})
}

func TestIntegrations74_BrowserRunsNothingInAView(t *testing.T) {
	s := apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"})
	corpus, err := os.ReadFile("../card/testdata/xss.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(corpus)), "\n")
	c := newChrome(t, s)
	for at := 0; at < len(lines); at += 6 {
		some := lines[at:min(at+6, len(lines))]
		title := []rune(strings.Join(some, " "))
		id := makeFinding(t, s, map[string]any{
			"title": string(title[:min(200, len(title))]), "observed": strings.Join(some, "\n\n"), "expected": strings.Join(some, "\n"),
			"component": string(title[:min(200, len(title))]), "workaround": "- " + strings.Join(some, "\n- ") + "\n\n**benign** [link](https://example.com)",
		})
		_, path := share(t, s, map[string]any{"target": id, "allowed_origins": []string{wiki}})
		for _, form := range []string{"", ".svg"} {
			c.do(chromedp.Navigate(s.URL + path + form))
			c.quiet(fmt.Sprintf("payloads from %d on, as %q", at, form))
		}
	}
}
