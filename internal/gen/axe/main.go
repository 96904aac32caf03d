// Command axe holds the pages of the demonstration, and views of it as they are shown on other pages, against the accessibility rules
// of axe (WCAG 2.2 A and AA, and good practice), in Chromium, in light and dark and on a small screen. Its first argument is the file axe.min.js, which is fetched by the script beside it and
// is no part of this repository. It ends with status 1 when a rule of serious or critical impact is broken.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"slices"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/chrome"
	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/story"
)

// look is a way in which pages are looked at, with the rules that can tell: in the dark only colours differ, and on a small screen
// they are those of a large one.
type look struct {
	name, scheme string
	width        int64
	rules        string
}

const allRules = `runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]`

var looks = []look{
	{"light", "light", 1280, allRules},
	{"dark", "dark", 1280, `runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}`},
	{"narrow", "light", 320, allRules + `, rules: {"color-contrast": {enabled: false}}`},
}

// asking runs axe with some rules and gives what it found.
const asking = `axe.run(document, {%s}).then(r => JSON.stringify({
	passed: r.passes.length, violations: r.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map(n => n.html.slice(0, 160))}))}))`

// verdict is what axe says of a page.
type verdict struct {
	// Passed is how many rules had something to look at and were kept.
	Passed     int
	Violations []violation
}

// violation is one rule that a page breaks.
type violation struct {
	ID, Impact, Help string
	Nodes            []string
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: axe FILE [light] [dark] [narrow]")
		os.Exit(2)
	}
	serious, err := run(os.Args[1], os.Args[2:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "axe:", err)
		os.Exit(2)
	}
	if serious > 0 {
		os.Exit(1)
	}
}

// run looks at all pages in the ways named, or in every way when none is, and counts the serious findings.
func run(file string, ways []string) (serious int, err error) {
	script, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	pages, stop, err := serve()
	if err != nil {
		return 0, err
	}
	defer stop()
	ctx, stopBrowser, err := browser()
	if err != nil {
		return 0, err
	}
	defer stopBrowser()
	if _, err := chromedp.Call(ctx, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}); err != nil {
		return 0, err
	}
	seen, kept := 0, 0
	for _, look := range looks {
		if len(ways) > 0 && !slices.Contains(ways, look.name) {
			continue
		}
		_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: look.scheme}},
		})
		if err != nil {
			return 0, err
		}
		for _, page := range pages {
			found, err := hold(ctx, page.url, look, string(script))
			if err != nil {
				return 0, fmt.Errorf("%s: %w", page.name, err)
			}
			seen++
			kept += found.Passed
			for _, v := range found.Violations {
				fmt.Printf("%s, %s: %s (%s): %s\n", page.name, look.name, v.ID, v.Impact, v.Help)
				for _, node := range v.Nodes[:min(len(v.Nodes), 3)] {
					fmt.Println("   ", node)
				}
				if v.Impact == "serious" || v.Impact == "critical" {
					serious++
				}
			}
		}
	}
	if seen == 0 {
		return 0, fmt.Errorf("%v are no ways to look at a page", ways)
	}
	fmt.Printf("%d pages, %d rules kept, %d serious ones broken\n", seen, kept, serious)
	return serious, nil
}

func hold(ctx context.Context, url string, look look, script string) (verdict, error) {
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(look.width, 900), chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("main"))); err != nil {
		return verdict{}, err
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](script+";true")); err != nil {
		return verdict{}, err
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(asking, look.rules), chromedp.EvalAwaitPromise))
	if err != nil {
		return verdict{}, err
	}
	var found verdict
	return found, json.Unmarshal([]byte(text), &found)
}

// place is a page that is looked at.
type place struct{ name, url string }

// serve shows the demonstration to everybody on this machine, and says where.
func serve() (pages []place, stop func(), err error) {
	dir, err := os.MkdirTemp("", "hindcast-axe-")
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	running, err := app.New(ctx, app.Options{
		Store: store.Config{DataDir: dir, SQLiteSynchronous: "normal"}, PublicURL: "http://127.0.0.1", Open: true, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err == nil {
		err = story.Tell(ctx, running.Store, time.UTC, time.Now())
	}
	var views []place
	if err == nil {
		views, err = share(ctx, running)
	}
	if err != nil {
		cancel()
		return nil, nil, errors.Join(err, os.RemoveAll(dir))
	}
	go running.Services.Index.Run(ctx)
	server := httptest.NewServer(running.API.Echo())
	for _, path := range story.Tour() {
		pages = append(pages, place{path, server.URL + path})
	}
	pages = append(pages, place{"/embeds/EMB-1", server.URL + "/embeds/EMB-1"})
	for _, view := range views {
		pages = append(pages, place{view.name, server.URL + view.url})
	}
	return pages, func() {
		server.Close()
		cancel()
		_ = errors.Join(running.Close(), os.RemoveAll(dir)) // it was for this run only
	}, nil
}

// share makes a view of everything that can be shared, and gives its path.
func share(ctx context.Context, running *app.App) ([]place, error) {
	ctx = auth.With(ctx, auth.System("axe"))
	var views []place
	for _, target := range story.Shared() {
		grant, err := running.Services.Embeds.Add(ctx, embed.Input{Target: target})
		if err != nil {
			return nil, fmt.Errorf("sharing %s: %w", target, err)
		}
		token, err := running.Services.Embeds.Token(ctx, grant)
		if err != nil {
			return nil, err
		}
		views = append(views, place{"a view of " + target, "/embed/" + token + "?heading=1"}) // here no other page has a heading above it
	}
	return views, nil
}

func browser() (context.Context, func(), error) {
	ctx, stop, err := chrome.New(context.Background(), 1280, 900, nil)
	if err != nil {
		return nil, nil, err
	}
	return ctx, stop, chromedp.Do(ctx)
}
