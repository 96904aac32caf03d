// Package chrome finds Chromium for what looks at our pages: tests and the accessibility check. What is looked for is theirs.
package chrome

import (
	"context"
	"errors"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing is answered where no Chromium is installed.
var ErrMissing = errors.New("no Chromium on PATH: install the package chromium (apt-get install chromium)")

// New is a context with one tab of a headless Chromium that asks nothing of its own, in a window of the given size in pixels. The
// browser starts with the first use of the context, lives as long as the context it is started with, and is gone after stop. see, unless
// nil, hears of all events of the tab.
func New(ctx context.Context, width, height int, see func(event any)) (tab context.Context, stop func(), err error) {
	program, err := find()
	if err != nil {
		return nil, nil, err
	}
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options, chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(width, height))
	for _, flag := range []string{"disable-quic", "no-first-run", "disable-background-networking", "disable-component-update", "disable-sync"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	var listening []chromedp.ContextOption
	if see != nil {
		listening = append(listening, chromedp.WithListener(see))
	}
	tab, stopTab := chromedp.NewContext(allocator, listening...)
	return tab, func() { stopTab(); stopAllocator() }, nil
}

func find() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if program, err := exec.LookPath(name); err == nil {
			return program, nil
		}
	}
	return "", ErrMissing
}
