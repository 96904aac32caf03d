package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/draw"
	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// newEmbedPath is where somebody asks for a view to put on another page.
const newEmbedPath = "/embeds/new"

// shareTerm is for how long a view can be shared from the page.
type shareTerm struct {
	Days int
	Name string
}

var shareTerms = []shareTerm{{7, "a week"}, {30, "a month"}, {365, "a year"}}

// sharePage is the form that shares a view. Its first members are what was filled in.
type sharePage struct {
	Target, Origins, Note string
	Days                  int
	// Heading says what is shared, and Back where it is.
	Heading, Back string
	// Restricted says that only one team may see it.
	Restricted bool
	// Allowed are the origins that the operator lets frame views, if not all.
	Allowed  []string
	Terms    []shareTerm
	Problems []string
}

// mayShare says whether the reader may share what a page shows.
func (a *API) mayShare(ctx context.Context, id string) bool {
	parsed, err := vocab.ParseID(id)
	return err == nil && a.Draw.Names(parsed.Kind()) != nil && auth.From(ctx).May(vocab.ScopeWrite)
}

// shareLink leads to the form that shares a subject; it is "" for who may not share.
func (a *API) shareLink(ctx context.Context, s embed.Subject) string {
	if !auth.From(ctx).May(vocab.ScopeWrite) {
		return ""
	}
	return a.webBase + newEmbedPath + "?target=" + url.QueryEscape(s.String())
}

func (a *API) sharePage(c echo.Context) (web.Page, error) {
	if err := noQuery(c, "target"); err != nil {
		return web.Page{}, err
	}
	return a.shareForm(c.Request().Context(), sharePage{Target: c.QueryParam("target"), Days: shareTerms[1].Days})
}

// shareForm reads what the form says of its target.
func (a *API) shareForm(ctx context.Context, p sharePage) (web.Page, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return web.Page{}, err
	}
	p.Allowed, p.Terms = a.Embeds.Origins(), shareTerms
	subject, err := embed.Input{Target: p.Target}.Subject()
	if err != nil || (!subject.ID.IsZero() && a.Draw.Names(subject.ID.Kind()) == nil) {
		return web.Page{}, fault.New(fault.NotFound, "this cannot be shared")
	}
	drawn, err := a.drawn(ctx, subject, 1)
	if err != nil {
		return web.Page{}, err
	}
	p.Heading, p.Back, p.Restricted = card.Inert(drawn.Card).Heading(), a.backTo(subject), drawn.Restricted
	return web.Page{Title: "Share a view", Data: p}, nil
}

// backTo is the page that shows what a grant shows.
func (a *API) backTo(s embed.Subject) string {
	switch q := s.Compared; {
	case s.Query != "":
		return a.webBase + "/search?q=" + url.QueryEscape(s.Query)
	case !q.Base.IsZero():
		at := a.webBase + pathOf(q.Base.String()) + "/drift?target=" + q.Target.String() + "&kind=" + string(q.Kind)
		if !q.Attempt.IsZero() {
			at += "&attempt_id=" + q.Attempt.String()
		}
		return at
	}
	return a.webBase + pathOf(s.ID.String())
}

// shareView takes the form.
func (a *API) shareView(c echo.Context) error {
	p := sharePage{Target: c.FormValue("target"), Origins: c.FormValue("origins"), Note: strings.TrimSpace(c.FormValue("note"))}
	p.Days, _ = strconv.Atoi(c.FormValue("days")) // anything else is none of the terms
	var check fault.Check
	expires := a.now().AddDate(0, 0, p.Days)
	if p.Days < 1 || p.Days > shareTerms[len(shareTerms)-1].Days {
		check.Add("days", "out_of_range", "must be from 1 to %d", shareTerms[len(shareTerms)-1].Days)
	}
	in := embed.Input{Target: p.Target, Note: p.Note, ExpiresAt: &expires}
	if origins := strings.FieldsFunc(p.Origins, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\r' || r == '\t' }); len(origins) > 0 {
		in.AllowedOrigins = origins
	}
	ctx := c.Request().Context()
	err := check.Err()
	var grant *ent.Embed
	if err == nil {
		grant, err = a.Embeds.Add(ctx, in)
	}
	if !fault.Is(err, fault.Invalid) {
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, a.webBase+pathOf(vocab.Embed.ID(grant.ID).String()))
	}
	for _, f := range faultOf(err).Fields {
		p.Problems = append(p.Problems, f.Field+" "+f.Message)
	}
	page, err := a.shareForm(ctx, p)
	if err != nil {
		return err
	}
	return a.show(c, http.StatusUnprocessableEntity, "share", page)
}

// unshareView ends a view.
func (a *API) unshareView(c echo.Context) error {
	n, err := pathID(c, "id", vocab.Embed)
	if err != nil {
		return err
	}
	if err := a.Embeds.Remove(c.Request().Context(), n, record.AnyVersion); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, a.webBase+pathOf(vocab.Embed.ID(n).String()))
}

// embedPage is what the page of a shared view shows.
type embedPage struct {
	Embed EmbedView
	// Heading says what the view shows, and Back where that is.
	Heading, Back string
	// Status is shared, expired or revoked.
	Status    string
	Ancestors []string
	// Picture is the view as a picture, at this server.
	Picture string
	Codes   []embedCode
	Forms   []embedForm
	// MayEnd offers to end it.
	MayEnd bool
}

// embedCode is text to put into another page.
type embedCode struct{ Name, Hint, Text string }

// embedForm is another form of the same view.
type embedForm struct{ Name, Address string }

func (a *API) embedPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.embeds.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	grant, err := a.Embeds.Get(ctx, view.ID.N)
	if err != nil {
		return web.Page{}, err
	}
	p := embedPage{Embed: view, Heading: view.Target, Back: a.backTo(embed.SubjectOf(grant)), Status: "shared", Ancestors: a.Embeds.Ancestors(grant)}
	switch {
	case view.RevokedAt != nil:
		p.Status = "revoked"
	case view.EmbedURL == "":
		p.Status = "expired"
	}
	drawn, err := a.drawn(auth.With(ctx, embed.Actor(grant)), embed.SubjectOf(grant), embedHits)
	if err != nil && !fault.Is(err, fault.NotFound) { // restricted since it was shared
		return web.Page{}, err
	}
	if shown := card.Inert(drawn.Card.Only(grant.Fields)); err == nil && p.Status == "shared" {
		p.Heading = shown.Heading()
		p.Codes, p.Forms = a.embedCodes(view, embed.SubjectOf(grant), shown, len(p.Ancestors) > 0)
		p.Picture = a.webBase + strings.TrimPrefix(view.EmbedURL, a.publicURL) + ".svg"
		p.MayEnd = auth.From(ctx).May(vocab.ScopeWrite)
	}
	return about(view.Record, "view of "+view.Target, "", p), nil
}

// embedCodes are the texts that show a view on other pages.
func (a *API) embedCodes(view EmbedView, subject embed.Subject, shown card.Card, framed bool) ([]embedCode, []embedForm) {
	name := strings.TrimSpace(shown.Kind() + " " + shown.ID)
	home, id := a.publicURL+strings.TrimPrefix(a.backTo(subject), a.webBase), subject.ID
	var codes []embedCode
	if framed {
		codes = append(codes, embedCode{"HTML for a frame", "For wikis and dashboards at the origins above.",
			frameOf(view.EmbedURL, shown.Heading(), oembedWidth, heightOf(shown, oembedWidth))})
	}
	picture := func(alt, address, to string) string {
		return "[![" + markup.Escape(alt) + "](" + address + ")](" + to + ")"
	}
	codes = append(codes,
		embedCode{"Picture in Markdown", "Where there are no frames: a README, GitLab, Wiki.js.", picture(name, view.EmbedURL+".svg", home)},
		embedCode{"Link in Markdown", "Opens the view without a login.", "[" + markup.Escape(shown.Heading()) + "](" + view.EmbedURL + ")"})
	if !id.IsZero() {
		token := strings.TrimPrefix(view.EmbedURL, a.publicURL+embedPath)
		for _, badge := range draw.BadgesOf(id.Kind()) {
			if shows(view.Fields, draw.BadgePart(badge, id.Kind())) {
				label := strings.ReplaceAll(badge, "_", " ")
				codes = append(codes, embedCode{"Badge in Markdown: " + label, "", picture(label, a.publicURL+badgePath+token+"/"+badge+".svg", home)})
			}
		}
	}
	forms := []embedForm{{"HTML", ""}, {"picture", ".svg"}, {"Markdown", ".md"}, {"Confluence", ".confluence.xml"}, {"Atlassian document", ".adf.json"}, {"JSON", ".json"}}
	for i, f := range forms {
		forms[i].Address = view.EmbedURL + f.Address
	}
	return codes, forms
}
