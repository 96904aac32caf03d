package handlers

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
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
	"github.com/hindcast-kb/hindcast/internal/parity"
)

// Where shared views are, beside the API.
const (
	embedPath  = "/embed/"
	badgePath  = "/badge/"
	oembedPath = "/oembed"
)

const (
	mimeSVG = "image/svg+xml; charset=utf-8"
	// embedHits is how many hits a shared search shows, and how many differences a comparison, unless max says otherwise.
	embedHits = 10
	// viewAge is how long a browser may keep a view; what was revoked is seen no longer than that by who has it already.
	viewAge = "private, max-age=60"
)

// ADFDocument is a view as a document of the Atlassian Document Format.
type ADFDocument struct {
	// It says that this is the whole document.
	Type string `json:"type" enums:"doc" example:"doc"`
	// That of the format.
	Version int `json:"version" example:"1" minimum:"1" maximum:"1"`
	// Its blocks, as the format has them.
	Content []map[string]any `json:"content" maxItems:"100000"`
}

// ShowEmbed handles GET /embed/{token} and its other forms. It is for frames and images: no cookie is set or read, and what a
// token does not allow is a page that says nothing of the record.
//
//	@Summary		Show a shared view
//	@Description	What a grant shows, for frames and images of other pages. The token alone is a page; behind it, .svg is a picture, .md Markdown, .confluence.xml the storage format of Confluence, .adf.json the Atlassian Document Format and .json the parts of the view. Parameters that it does not know are passed over, since wikis add their own. A token that is altered, expired or revoked is 401, and an image of it a grey badge with 200 unless strict is 1.
//	@ID				showEmbed
//	@Tags			embeds
//	@Produce		json,html,image/svg+xml,text/markdown,application/xml
//	@Param			token			path		string		true	"the token, and the form behind it"	maxLength(500)	example(AfUlThMAAAABAGsPL_p2kVPN.svg)
//	@Param			theme			query		string		false	"light, dark, or auto for what the reader's system says"	Enums(auto, light, dark)
//	@Param			density			query		string		false	"compact leaves out longer texts and links"	Enums(comfortable, compact)
//	@Param			max				query		integer		false	"how many hits, differences or texts are shown at most"	minimum(1)	maximum(50)
//	@Param			heading			query		integer		false	"the level of the title"	minimum(1)	maximum(6)
//	@Param			width			query		integer		false	"how wide a picture is, in pixels"	minimum(240)	maximum(1600)
//	@Param			strict			query		string		false	"1 gives an image that shows nothing its real status"	Enums(0, 1)
//	@Param			If-None-Match	header		string		false	"the entity tag of the caller's copy; a page has none"	maxLength(200)	example("9f2c01ab77d0c3e5a1b2c3d4")
//	@Success		200				{object}	card.Card	"the view"
//	@Success		200				{object}	ADFDocument	"the view"
//	@Success		304				"the caller's copy is still current"
//	@Failure		401				{object}	Problem	"the token shows nothing, or no longer"
//	@Router			/embed/{token} [get]
func (a *API) ShowEmbed(c echo.Context) error {
	token, form, _ := strings.Cut(c.Param("token"), ".")
	switch form {
	case "", "svg", "json", "md", "confluence.xml", "adf.json":
	default:
		return fault.New(fault.NotFound, "there is no such form of a view")
	}
	header := c.Response().Header()
	header.Set("Cache-Control", viewAge)
	grant, drawn, err := a.shared(c, token)
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.NotFound) {
		return a.refuse(c, grant, form)
	}
	if err != nil {
		header.Set("Cache-Control", "no-store")
		return err
	}
	shown := drawn.Card.Only(grant.Fields).Compact(c.QueryParam("density") == "compact", number(c, "max", 0, draw.MaxHits))
	look := a.look(c)
	switch form {
	case "svg":
		return a.image(c, card.SVG(shown, number(c, "width", card.SVGWidth, 1600), look.Theme), http.StatusOK)
	case "md":
		return tagged(c, mimeMarkdown+"; charset=utf-8", []byte(card.Markdown(shown, look.Heading)))
	case "confluence.xml":
		return tagged(c, "application/xml; charset=utf-8", []byte(card.Storage(shown)))
	case "adf.json":
		body, err := card.ADF(shown)
		if err != nil {
			return err
		}
		return tagged(c, mimeJSON, body)
	case "json":
		body, err := json.Marshal(card.Inert(shown))
		if err != nil {
			return err
		}
		return tagged(c, mimeJSON, body)
	}
	address := a.publicURL + embedPath + token
	look.Public = !drawn.Restricted
	for _, format := range []string{"json", "xml"} {
		kind := map[string]string{"json": "application/json+oembed", "xml": "text/xml+oembed"}[format]
		other := card.Alternate{Type: kind, URL: a.publicURL + oembedPath + "?url=" + url.QueryEscape(address) + "&format=" + format, Title: shown.Title}
		look.Discovery = append(look.Discovery, other)
		header.Add("Link", "<"+other.URL+`>; rel="alternate"; type="`+kind+`"`)
	}
	look.Origins = a.Embeds.Ancestors(grant)
	page, err := a.Cards.Page(shown, look)
	if err != nil {
		return err
	}
	framed(header, look)
	return c.HTMLBlob(http.StatusOK, page)
}

// shared draws what a token shows, as the grant allows and whoever else the caller may be. A grant that came to its end is given
// along with the error.
func (a *API) shared(c echo.Context, token string) (*ent.Embed, draw.Drawn, error) {
	ctx := c.Request().Context()
	grant, err := a.Embeds.Admit(ctx, token)
	if err != nil {
		return grant, draw.Drawn{}, err
	}
	ctx = auth.With(ctx, embed.Actor(grant))
	c.SetRequest(c.Request().WithContext(ctx))
	drawn, err := a.drawn(ctx, embed.SubjectOf(grant), number(c, "max", embedHits, draw.MaxHits))
	return grant, drawn, err
}

// drawn draws what a grant shows, as far as the actor may see it, with so many hits or differences at most.
func (a *API) drawn(ctx context.Context, subject embed.Subject, most int) (draw.Drawn, error) {
	switch {
	case subject.Query != "":
		return a.Draw.Search(ctx, subject.Query, most)
	case !subject.Compared.Base.IsZero():
		q := subject.Compared
		drawn, err := a.Draw.Compared(ctx, parity.Question{Base: q.Base.N, Target: q.Target.N, Kind: q.Kind, Attempt: q.Attempt.N})
		drawn.Card = drawn.Card.Compact(false, most)
		return drawn, err
	}
	return a.Draw.Card(ctx, subject.ID)
}

// look reads how a view is to be shown. What it does not know is left as it is by default, since wikis add parameters of their own.
func (a *API) look(c echo.Context) card.Look {
	look := card.Look{Theme: c.QueryParam("theme"), Compact: c.QueryParam("density") == "compact", Heading: number(c, "heading", 2, 6), Nonce: newNonce()}
	if look.Theme != "light" && look.Theme != "dark" {
		look.Theme = "auto"
	}
	return look
}

// number reads a parameter from 1 to most; anything else is the default.
func number(c echo.Context, name string, otherwise, most int) int {
	n, err := strconv.Atoi(c.QueryParam(name))
	if err != nil || n < 1 || n > most {
		return otherwise
	}
	return n
}

func newNonce() string {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	return base64.RawURLEncoding.EncodeToString(raw)
}

// framed sets the policy of a page that may be framed by the origins of its look, and by nobody when there are none.
func framed(header http.Header, look card.Look) {
	ancestors := "'none'"
	if len(look.Origins) > 0 {
		ancestors = strings.Join(look.Origins, " ")
		header.Del("X-Frame-Options") // it has no form for a list
	}
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+look.Nonce+"'; script-src 'nonce-"+look.Nonce+
		"'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors "+ancestors)
}

// refuse answers a token that shows nothing. Whether it was altered, has expired, was revoked, or names what is not there any more
// is not said.
func (a *API) refuse(c echo.Context, grant *ent.Embed, form string) error {
	header := c.Response().Header()
	header.Set("Cache-Control", "no-store")
	const title, text = "Not shared", "This view is not shared, or no longer. Whoever put it here can share it anew."
	switch form {
	case "":
		look := a.look(c)
		if grant != nil {
			look.Origins = a.Embeds.Ancestors(grant)
		}
		page, err := a.Cards.Notice(title, text, a.publicURL+"/", look)
		if err != nil {
			return err
		}
		framed(header, look)
		return c.HTMLBlob(http.StatusUnauthorized, page)
	case "svg":
		return a.image(c, card.NoBadge("hindcast", "not shared").SVG(), strictly(c, http.StatusUnauthorized))
	}
	return fault.New(fault.Unauthenticated, "%s", text)
}

// strictly is the status of an image: 200, which proxies of images let through, unless the caller asks for the real one.
func strictly(c echo.Context, status int) int {
	if c.QueryParam("strict") == "1" {
		return status
	}
	return http.StatusOK
}

// image answers a picture for any page.
func (a *API) image(c echo.Context, svg string, status int) error {
	header := c.Response().Header()
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	if status != http.StatusOK {
		return c.Blob(status, mimeSVG, []byte(svg))
	}
	return tagged(c, mimeSVG, []byte(svg))
}

// tagged answers a body with an entity tag over its bytes, or 304.
func tagged(c echo.Context, media string, body []byte) error {
	sum := sha256.Sum256(body)
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	c.Response().Header().Set("ETag", tag)
	if unchanged(c, tag) {
		return notModified(c)
	}
	return c.Blob(http.StatusOK, media, body)
}

// badgeAge lets proxies of images ask each time, which costs no more than an entity tag.
const badgeAge = "no-cache, max-age=0"

// ShowBadge handles GET /badge/{token}/{name}.svg and .json.
//
//	@Summary		Show a badge
//	@Description	One word about a shared record as a picture 20 pixels high, or as JSON for the endpoint badge of shields.io. What cannot be shown is a grey badge with 200, since proxies of images hide everything else; with strict=1 it has its real status.
//	@ID				showBadge
//	@Tags			embeds
//	@Produce		json,image/svg+xml
//	@Param			token			path		string		true	"the token of the grant"	maxLength(500)	example(AfUlThMAAAABAGsPL_p2kVPN)
//	@Param			name			path		string		true	"attempt_status, gate, assumption_status or open_findings, and .svg or .json behind it"	maxLength(100)	example(gate.svg)
//	@Param			strict			query		string		false	"1 gives a badge that shows nothing its real status"	Enums(0, 1)
//	@Param			If-None-Match	header		string		false	"the entity tag of the caller's copy"	maxLength(200)	example("9f2c01ab77d0c3e5a1b2c3d4")
//	@Success		200				{object}	card.Badge	"the badge"
//	@Success		304				"the caller's copy is still current"
//	@Failure		401				{object}	card.Badge	"the token shows nothing, or no longer, and strict is 1"
//	@Failure		404				{object}	card.Badge	"there is no such badge of the record, and strict is 1"
//	@Router			/badge/{token}/{name} [get]
func (a *API) ShowBadge(c echo.Context) error {
	name, form, _ := strings.Cut(c.Param("name"), ".")
	if form != "svg" && form != "json" {
		return fault.New(fault.NotFound, "a badge is .svg or .json")
	}
	c.Response().Header().Set("Cache-Control", badgeAge)
	badge, status, err := a.badge(c.Request().Context(), c.Param("token"), name)
	if err != nil {
		c.Response().Header().Set("Cache-Control", "no-store")
		return err
	}
	if form == "svg" {
		return a.image(c, badge.SVG(), strictly(c, status))
	}
	if status = strictly(c, status); status != http.StatusOK {
		return c.JSON(status, badge)
	}
	body, err := json.Marshal(badge)
	if err != nil {
		return err
	}
	return tagged(c, mimeJSON, body)
}

// badge is what a token shows as a badge, with the status that is true of it.
func (a *API) badge(ctx context.Context, token, name string) (card.Badge, int, error) {
	label := "hindcast"
	for _, known := range draw.Badges() {
		if name == known {
			label = strings.ReplaceAll(name, "_", " ")
		}
	}
	none := card.NoBadge(label, "not found")
	grant, err := a.Embeds.Admit(ctx, token)
	if fault.Is(err, fault.Unauthenticated) {
		return none, http.StatusUnauthorized, nil
	}
	if err != nil {
		return none, 0, err
	}
	id := embed.SubjectOf(grant).ID
	if id.IsZero() || !shows(grant.Fields, draw.BadgePart(name, id.Kind())) {
		return none, http.StatusNotFound, nil
	}
	badge, is, err := a.Draw.Badge(auth.With(ctx, embed.Actor(grant)), id, name)
	if fault.Is(err, fault.NotFound) || (err == nil && !is) {
		return none, http.StatusNotFound, nil
	}
	return badge, http.StatusOK, err
}

// shows says whether a grant narrowed to some parts shows the part.
func shows(fields []string, part string) bool {
	for _, f := range fields {
		if f == part {
			return true
		}
	}
	return len(fields) == 0
}
