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
	"github.com/hindcast-kb/hindcast/internal/story"
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
		for _, target := range story.Shared() {
			_, path := share(t, c.s, map[string]any{"target": target, "allowed_origins": []string{wiki}})
			for _, look := range []struct {
				name, media, back string
				features          []string
				width             int64
			}{
				{"light", "", "rgb(255, 255, 255)", nil, 640},
				{"narrow", "", "rgb(255, 255, 255)", nil, 320},
				{"dark", "", "rgb(22, 27, 34)", []string{"prefers-color-scheme", "dark"}, 640},
				{"narrow-dark", "", "rgb(22, 27, 34)", []string{"prefers-color-scheme", "dark"}, 320},
				{"forced-colours", "", "", []string{"forced-colors", "active"}, 640},
				{"print", "print", "rgb(255, 255, 255)", []string{"prefers-color-scheme", "dark"}, 640},
			} {
				if len(look.features) > 0 && !c.onSQLite() { // styles know nothing of databases
					continue
				}
				c.do(chromedp.EmulateViewport(look.width, 700))
				c.media(look.media, look.features...)
				c.open(path)
				if wide := ask[string](c, tooWide); wide != "" {
					t.Errorf("%s, %s: it is %s", target, look.name, wide)
				}
				if back := ask[string](c, `getComputedStyle(document.body).backgroundColor`); look.back != "" && back != look.back {
					t.Errorf("%s, %s: the ground is %s, want %s", target, look.name, back, look.back)
				}
				if lost := ask[string](c, `[...document.querySelectorAll(".hc-status")].filter(e => !(parseFloat(getComputedStyle(e).borderTopWidth) > 0)).map(e => e.outerHTML).join()`); lost != "" {
					t.Errorf("%s, %s: nothing sets off %s", target, look.name, lost)
				}
				c.keep("embed-" + target + "-" + look.name)
			}
			c.media("")
			c.scripts(false)
			c.open(path)
			if text := ask[string](c, `document.querySelector(".hc-title").innerText`); text == "" {
				t.Errorf("%s shows nothing without scripts", target)
			}
			c.scripts(true)
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
