package app_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	browser "github.com/hindcast-kb/hindcast/internal/chrome"
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
	c := &chrome{t: t, s: s}
	ctx, stop, err := browser.New(context.Background(), 1280, 900, c.see)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	ctx, stopClock := context.WithTimeout(ctx, 8*time.Minute)
	t.Cleanup(stopClock)
	c.ctx = ctx
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as the context that it is started with
		t.Fatalf("starting Chromium: %v", err)
	}
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

// patience is how long a page may take to do something.
const patience = time.Minute

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	ctx, stop := context.WithTimeout(c.ctx, patience)
	defer stop()
	if err := chromedp.Do(ctx, steps...); err != nil {
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

// until waits until the page says yes. A page that is on its way to another one says nothing.
func (c *chrome) until(condition string) {
	c.t.Helper()
	for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		yes, err := chromedp.Run(c.ctx, chromedp.Evaluate[bool](`!!(`+condition+`)`))
		if err == nil && yes {
			return
		}
		if time.Since(start) > patience {
			c.t.Fatalf("the page never says yes to %s: %v, at %s", condition, err, ask[string](c, `location.href`))
		}
	}
}

// media makes the page believe that it is shown on a screen, or with the name print on paper. Features come in pairs, such as
// prefers-color-scheme and dark; those that are not named are as they are on a plain screen.
func (c *chrome) media(name string, features ...string) {
	c.t.Helper()
	p := emulation.SetEmulatedMediaParams{Media: name, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "light"}}}
	for i := 0; i+1 < len(features); i += 2 {
		p.Features = append(p.Features, &emulation.MediaFeature{Name: features[i], Value: features[i+1]})
	}
	if _, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, p); err != nil {
		c.t.Fatal(err)
	}
}

// scripts turns the scripts of pages that are opened from now on off and on.
func (c *chrome) scripts(on bool) {
	c.t.Helper()
	if _, err := chromedp.Call(c.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}); err != nil {
		c.t.Fatal(err)
	}
}

func (c *chrome) onSQLite() bool { return c.s.Store.Dialect() == dialect.SQLite }

// keep writes a picture of the page into the folder HINDCAST_SCREENSHOTS, as it looks on SQLite: on PostgreSQL it is the same.
func (c *chrome) keep(name string) {
	c.t.Helper()
	folder := os.Getenv("HINDCAST_SCREENSHOTS")
	if folder == "" || !c.onSQLite() {
		return
	}
	name = strings.Trim(strings.NewReplacer("/-", "home-", "/", "-", "?", "-", "=", "-", "&", "-", "%3A", "-", ":", "-", "..", "-").Replace(name), "-")
	picture, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
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

// onEachDatabase opens a browser on the story, told on each database.
func onEachDatabase(t *testing.T, test func(t *testing.T, c *chrome)) {
	t.Helper()
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		tellStory(t, s)
		test(t, newChrome(t, s))
	})
}

func (c *chrome) signIn() {
	c.t.Helper()
	c.open("/signin")
	c.do(chromedp.SendKeys(chromedp.CSS("#token"), c.s.Token), chromedp.Click(chromedp.CSS("form[action='/signin'] button")), chromedp.WaitReady(chromedp.CSS("nav")))
}
