// Package linkcheck looks whether the pages of runbooks are still there, in the background and gently: a request a second for each
// host, through a guard that reaches the public internet only. What a page says is read no further than to find an anchor, and
// shown to nobody. Keeping what was found is left to package catalog.
package linkcheck

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/hindcast-kb/hindcast/internal/outbound"
)

// Outcome is what one look at a page showed.
type Outcome string

// The outcomes.
const (
	Here    Outcome = "here"    // the page is there
	Refused Outcome = "refused" // somebody answers, and does not let us in; or we may not ask
	Gone    Outcome = "gone"    // the page is not there
	Later   Outcome = "later"   // nothing can be said now
)

// Look is what was found.
type Look struct {
	Outcome Outcome
	// Detail says it in words that hold nothing of the answer.
	Detail string
	// FinalURL is where the link led to, "" unless it was redirected.
	FinalURL string
	// After is how long the host asks to be left alone; zero where it does not.
	After time.Duration
}

const (
	// timeout is how long one page may take, with its redirects.
	timeout = 5 * time.Second
	// maxRedirects is how many redirects are followed.
	maxRedirects = 3
	// maxBody is how much of a page is read to find an anchor, in bytes.
	maxBody = 64 << 10
)

// Checker looks at pages.
type Checker struct {
	client *http.Client
	now    func() time.Time
}

// NewChecker looks at pages that policy lets the server call.
func NewChecker(policy outbound.Policy, now func() time.Time) *Checker {
	return &Checker{client: policy.Client(timeout, maxRedirects), now: now}
}

// Check looks at a page: with HEAD, and with GET where HEAD is not answered well or an anchor is to be found.
func (c *Checker) Check(ctx context.Context, link string) Look {
	u, err := outbound.ParseURL(link)
	if err != nil {
		return blocked()
	}
	anchor := u.Fragment
	u.Fragment, u.RawFragment = "", ""
	if anchor == "" {
		look, again := c.ask(ctx, http.MethodHead, u, "")
		if !again {
			return look
		}
	}
	look, _ := c.ask(ctx, http.MethodGet, u, anchor)
	return look
}

func blocked() Look {
	return Look{Outcome: Refused, Detail: "the address is not one that this server may call"}
}

// ask sends one request. again says that another method may say more.
func (c *Checker) ask(ctx context.Context, method string, u *url.URL, anchor string) (look Look, again bool) {
	request, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return blocked(), false
	}
	request.Header.Set("User-Agent", "Hindcast-Link-Check")
	if method == http.MethodGet && anchor == "" {
		request.Header.Set("Range", "bytes=0-1023")
	}
	response, err := c.client.Do(request)
	if err != nil {
		return failed(err), false
	}
	defer response.Body.Close()
	look = c.read(response)
	if final := response.Request.URL.String(); final != u.String() {
		look.FinalURL = final
	}
	if look.Outcome == Here && anchor != "" && !hasAnchor(response, anchor) {
		look.Outcome, look.Detail = Gone, look.Detail+", but the page has no such anchor"
	}
	return look, method == http.MethodHead && (look.Outcome == Gone || response.StatusCode == http.StatusMethodNotAllowed || response.StatusCode >= http.StatusInternalServerError || look.Outcome == Refused)
}

// failed says what kept a page from answering, and names neither an address nor a name that was resolved.
func failed(err error) Look {
	var timed interface{ Timeout() bool }
	switch {
	case outbound.Blocked(err):
		return blocked()
	case errors.As(err, &timed) && timed.Timeout():
		return Look{Outcome: Later, Detail: "no answer in time"}
	}
	return Look{Outcome: Later, Detail: "no connection"}
}

func (c *Checker) read(response *http.Response) Look {
	status := response.StatusCode
	look := Look{Outcome: Later, Detail: "status " + strconv.Itoa(status)}
	switch {
	case status < http.StatusMultipleChoices, status == http.StatusRequestedRangeNotSatisfiable:
		look.Outcome = Here
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		look.Outcome = Refused
	case status == http.StatusNotFound, status == http.StatusGone:
		look.Outcome = Gone
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		look.After = c.after(response.Header.Get("Retry-After"))
	}
	return look
}

// after reads Retry-After, in seconds or as a date.
func (c *Checker) after(text string) time.Duration {
	if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil && at.After(c.now()) {
		return at.Sub(c.now())
	}
	return 0
}

// hasAnchor says whether a page has an element of that id or name; of a page that is no HTML, or longer than is read, it is not
// known, which counts as yes.
func hasAnchor(response *http.Response, anchor string) bool {
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		return true
	}
	limited := &io.LimitedReader{R: response.Body, N: maxBody}
	tokens := html.NewTokenizer(limited)
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return limited.N <= 0 || !errors.Is(tokens.Err(), io.EOF)
		case html.StartTagToken, html.SelfClosingTagToken:
			for {
				key, value, more := tokens.TagAttr()
				if name := string(key); (name == "id" || name == "name") && string(value) == anchor {
					return true
				}
				if !more {
					break
				}
			}
		}
	}
}
