package handlers

import (
	"bytes"
	"context"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// reading reads what one page shows.
type reading func(c echo.Context) (web.Page, error)

// pageMark is set on a request that shows a page, so that its errors are pages too.
const pageMark = "page"

// page answers with a page. Whoever is not signed in is sent there first.
func (a *API) page(name string, read reading) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(pageMark, true)
		if err := auth.Require(c.Request().Context(), vocab.ScopeRead); err != nil {
			return err
		}
		page, err := read(c)
		if err != nil {
			return err
		}
		return a.show(c, http.StatusOK, name, page)
	}
}

// show writes a page with the headers of every page.
func (a *API) show(c echo.Context, status int, name string, page web.Page) error {
	actor := auth.From(c.Request().Context())
	page.Reader, page.CanLeave = actor.Name, signedIn(c)
	if page.ID != "" {
		page.Address = a.publicURL + c.Request().URL.Path
		page.CanShare = a.mayShare(c.Request().Context(), page.ID)
	}
	var body bytes.Buffer
	if err := a.pages.Render(&body, name, page); err != nil {
		return fault.Wrap(fault.Internal, err, "making the page")
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", web.Policy)
	h.Set("Cache-Control", "private, no-store")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Referrer-Policy", "same-origin") // so that forms say where they come from
	h.Add(echo.HeaderVary, "Cookie, Authorization")
	return c.HTMLBlob(status, body.Bytes())
}

// wantsPage says whether an error is for somebody at a browser.
func wantsPage(c echo.Context) bool {
	if marked, _ := c.Get(pageMark).(bool); marked {
		return true
	}
	path := c.Request().URL.Path
	return !strings.HasPrefix(path, "/api/") && strings.Contains(c.Request().Header.Get(echo.HeaderAccept), "text/html")
}

// messages are what the errors look like that people can meet. What is not there and what one may not see look the same.
var messages = map[int][2]string{
	http.StatusForbidden: {"This is not open to you", "The token that you signed in with may not do this."},
	http.StatusNotFound:  {"There is nothing here", "There is no such page, or it is not open to you."},
}

// writeErrorPage shows an error to somebody at a browser; who is not signed in is asked to.
func (a *API) writeErrorPage(c echo.Context, problem Problem) {
	if problem.Status == http.StatusUnauthorized && c.Request().Method == http.MethodGet {
		c.Response().Header().Del(echo.HeaderWWWAuthenticate)
		_ = c.Redirect(http.StatusSeeOther, a.webBase+"/signin?next="+url.QueryEscape(c.Request().URL.RequestURI())) // the client is gone
		return
	}
	said, known := messages[problem.Status]
	if !known {
		said = [2]string{problem.Title, problem.Detail}
		for _, f := range problem.Errors {
			said[1] += " " + f.Field + " " + f.Message + "."
		}
	}
	page := web.Page{Title: said[0], Data: struct{ Heading, Said, Request string }{said[0], said[1], problem.RequestID}}
	if err := a.show(c, problem.Status, "message", page); err != nil {
		writeProblem(c, problem)
	}
}

// views reads records of a list as views.
func (r *resource[E, I, V, PV]) views(ctx context.Context, q record.ListQuery, expand ...string) ([]V, string, error) {
	page, err := r.deed.List(ctx, q)
	if err != nil {
		return nil, "", err
	}
	all := make([]V, len(page.Items))
	for i, e := range page.Items {
		all[i] = r.view(e)
	}
	return all, page.Next, r.embed(ctx, expand, all)
}

// viewed reads the record that the path names.
func (r *resource[E, I, V, PV]) viewed(c echo.Context, expand ...string) (V, error) {
	n, err := pathID(c, "id", r.deed.Kind())
	if err != nil {
		var none V
		return none, err
	}
	return r.get(c.Request().Context(), n, expand...)
}

func (r *resource[E, I, V, PV]) get(ctx context.Context, n int, expand ...string) (V, error) {
	e, err := r.deed.Get(ctx, n)
	if err != nil {
		var none V
		return none, err
	}
	view := []V{r.view(e)}
	err = r.embed(ctx, append(expand, "references"), view)
	return view[0], err
}

// maybe reads a record that may not be there, or not for this reader.
func (r *resource[E, I, V, PV]) maybe(ctx context.Context, id vocab.ID) *V {
	if id.IsZero() {
		return nil
	}
	found, err := r.deed.ByIDs(ctx, []int{id.N})
	if err != nil {
		return nil
	}
	e, ok := found[id.N]
	if !ok {
		return nil
	}
	view := r.view(e)
	return &view
}

// by is a query for the records that belong to one.
func by(filter string, id vocab.ID) record.ListQuery {
	return record.ListQuery{Filters: map[string][]string{filter: {id.String()}}, Limit: record.MaxLimit}
}

// about is a page about a record.
func about(r Record, title string, section string, data any) web.Page {
	return web.Page{Title: r.ID.String() + ": " + title, Section: section, ID: r.ID.String(), Data: data}
}

// fact is one of the few things to know at once.
type fact struct{ Name, Value, More, Tone string }

// drawn is a drawing made here, in which every text is escaped.
func drawn(svg string) template.HTML { return template.HTML(svg) } //nolint:gosec // see above

func (a *API) inZone(at time.Time) time.Time { return at.In(a.zone) }
