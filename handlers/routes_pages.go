package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// people are the routes of the pages. Every page asks for the scope to read itself, so that who is not signed in is sent there.
func (a *API) people() []Route {
	routes := []Route{
		{Method: "GET", Path: "/", handler: a.page("home", a.homePage)},
		{Method: "GET", Path: "/search", handler: a.page("search", a.searchPage)},
		{Method: "GET", Path: "/search/suggest", handler: a.suggestForPage},
		{Method: "GET", Path: "/analytics", handler: a.page("analytics", a.analyticsPage)},
		{Method: "GET", Path: "/environments/:id/drift", handler: a.page("drift", a.driftPage)},
		{Method: "GET", Path: "/signin", handler: a.signInForm},
		{Method: "POST", Path: "/signin", handler: a.sameOrigin(a.signIn)},
		{Method: "GET", Path: "/signin/oidc", handler: a.toProvider},
		{Method: "GET", Path: ReturnPath, handler: a.fromProvider},
		{Method: "GET", Path: newEmbedPath, handler: a.page("share", a.sharePage)},
		{Method: "POST", Path: "/embeds", handler: a.ownForm(a.shareView)},
		{Method: "POST", Path: "/embeds/:id/revoke", handler: a.ownForm(a.unshareView)},
		{Method: "GET", Path: "/attempts/:id/draft", handler: a.page("draft", a.draftPage)},
		{Method: "GET", Path: "/attempts/:id/draft/export", handler: a.exportDraft},
		{Method: "POST", Path: "/signout", handler: a.sameOrigin(a.signOut)},
		{Method: "GET", Path: "/assets/:name", handler: a.asset},
		{Method: "GET", Path: "/favicon.ico", handler: a.icon},
	}
	for kind, page := range map[vocab.Kind]struct {
		name string
		read reading
	}{
		vocab.Upgrade: {"upgrade", a.upgradePage}, vocab.Attempt: {"attempt", a.attemptPage}, vocab.Assumption: {"assumption", a.assumptionPage},
		vocab.Lesson: {"lesson", a.lessonPage}, vocab.Incident: {"incident", a.incidentPage}, vocab.Review: {"review", a.reviewPage},
		vocab.Runbook: {"runbook", a.runbookPage}, vocab.Finding: {"finding", a.findingPage}, vocab.Decision: {"decision", a.decisionPage},
		vocab.Service: {"service", a.servicePage}, vocab.Environment: {"environment", a.environmentPage}, vocab.Embed: {"embed", a.embedPage},
		vocab.Evidence: {"record", plainPage(a, vocab.Evidence, vocab.ScopeRead, common(a.evidence))},
		vocab.Event:    {"record", plainPage(a, vocab.Event, vocab.ScopeRead, common(a.attemptEvents))},
		vocab.Tripwire: {"record", plainPage(a, vocab.Tripwire, vocab.ScopeRead, common(a.tripwires))},
		vocab.Action:   {"record", plainPage(a, vocab.Action, vocab.ScopeRead, common(a.actions))}, vocab.Reference: {"record", plainPage(a, vocab.Reference, vocab.ScopeRead, common(a.references))},
		vocab.Snapshot: {"record", plainPage(a, vocab.Snapshot, vocab.ScopeRead, common(a.snapshots))}, vocab.Effort: {"record", plainPage(a, vocab.Effort, vocab.ScopeRead, common(a.efforts))},
		vocab.Recurrence:  {"record", plainPage(a, vocab.Recurrence, vocab.ScopeRead, common(a.recurrences))},
		vocab.Synonym:     {"record", plainPage(a, vocab.Synonym, vocab.ScopeRead, common(a.synonyms))},
		vocab.DriftIgnore: {"record", plainPage(a, vocab.DriftIgnore, vocab.ScopeRead, common(a.driftIgnores))},
		vocab.Source:      {"record", plainPage(a, vocab.Source, vocab.ScopeAdmin, common(a.sources))},
		vocab.Token:       {"record", plainPage(a, vocab.Token, vocab.ScopeAdmin, a.tokenForPage)},
		vocab.Delivery:    {"record", plainPage(a, vocab.Delivery, vocab.ScopeAdmin, a.deliveryForPage)},
	} {
		routes = append(routes, Route{Method: "GET", Path: "/" + kind.Path + "/:id", handler: a.page(page.name, page.read)})
	}
	for i := range routes {
		routes[i].page = true
	}
	return routes
}

func (a *API) tokenForPage(ctx context.Context, n int) (TokenView, *Record, error) {
	e, err := a.tokens.Get(ctx, n)
	if err != nil {
		return TokenView{}, nil, err
	}
	view := a.viewToken(e)
	return view, &view.Record, nil
}

func (a *API) deliveryForPage(ctx context.Context, n int) (DeliveryView, *Record, error) {
	e, err := a.Inbox.Get(ctx, n)
	if err != nil {
		return DeliveryView{}, nil, err
	}
	view := a.viewDelivery(e)
	return view, &view.Record, nil
}

func (a *API) asset(c echo.Context) error {
	if !a.pages.Asset(c.Response(), c.Request(), c.Param("name")) {
		return fault.New(fault.NotFound, "there is no such file")
	}
	return nil
}

// icon is where browsers, and Jira beside its links, look for the picture that stands for us.
func (a *API) icon(c echo.Context) error {
	c.Response().Header().Set("Cache-Control", "public, max-age=86400")
	return c.Redirect(http.StatusFound, a.pages.Icon())
}

// makePages reads the templates; they are part of the binary, so only a broken build gets no further.
func (a *API) makePages() {
	if u, err := url.Parse(a.publicURL); err == nil {
		a.webBase = strings.TrimSuffix(u.Path, "/")
	}
	pages, err := web.New(a.webBase, a.zone, markup.NewRenderer().HTML)
	if err != nil {
		panic(err)
	}
	a.pages, a.crossOrigin = pages, newCrossOrigin(a.publicURL)
}
