package handlers

import (
	"encoding/xml"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// The size of a view where the consumer sets no limit, in pixels.
const (
	oembedWidth     = 640
	minOEmbedHeight = 160
	maxOEmbedHeight = 720
)

// OEmbed is the answer that consumers of oEmbed expect.
type OEmbed struct {
	XMLName xml.Name `json:"-" xml:"oembed" swaggerignore:"true"`
	// rich for a view that was shared; link for the page of a record, which has no HTML.
	Type string `json:"type" xml:"type" enums:"rich,link" example:"rich"`
	// That of the specification.
	Version string `json:"version" xml:"version" example:"1.0" maxLength:"10"`
	// What is shown.
	Title string `json:"title" xml:"title" example:"Finding FND-1: Sessions expire early" maxLength:"100000"`
	// Always Hindcast.
	ProviderName string `json:"provider_name" xml:"provider_name" example:"Hindcast" maxLength:"60"`
	// The pages of this server.
	ProviderURL string `json:"provider_url" xml:"provider_url" format:"uri" example:"http://127.0.0.1:8080/" maxLength:"2000"`
	// How long the answer may be kept, in seconds.
	CacheAge int `json:"cache_age" xml:"cache_age" minimum:"0" example:"300"`
	// A frame with the view.
	HTML string `json:"html,omitempty" xml:"html,omitempty" example:"<iframe src=\"http://127.0.0.1:8080/embed/AfUlThMAAAABAGsPL_p2kVPN\" width=\"640\" height=\"320\"></iframe>" maxLength:"400000"`
	// How wide the frame is, in pixels.
	Width int `json:"width,omitempty" xml:"width,omitempty" minimum:"1" example:"640"`
	// How high the frame is, in pixels.
	Height int `json:"height,omitempty" xml:"height,omitempty" minimum:"1" example:"320"`
}

// GetOEmbed handles GET /oembed: how a view that was shared is put into a page. Nothing is fetched, whatever the address.
//
//	@Summary		Put a view into a page by oEmbed
//	@Description	How a view that was shared is put into a page, as oEmbed 1.0 has it. The address of a record's page answers a link, to whoever may read the record. Nothing is fetched, whatever the address.
//	@ID				getOEmbed
//	@Tags			embeds
//	@Produce		json,text/xml
//	@Param			url			query		string	true	"the address of a view or of a record's page"	maxLength(2000)	format(uri)
//	@Param			format		query		string	false	"json, which it is by default, or xml"			Enums(json, xml)
//	@Param			maxwidth	query		integer	false	"how wide the frame may be, in pixels"			minimum(1)
//	@Param			maxheight	query		integer	false	"how high the frame may be, in pixels"			minimum(1)
//	@Success		200			{object}	OEmbed	"how to show it"
//	@Failure		401			{object}	Problem	"the view is not shared, or no longer, or the record needs a token"
//	@Failure		404			{object}	Problem	"the address is not that of a record here"
//	@Failure		422			{object}	Problem	"no address is given"
//	@Failure		501			{object}	Problem	"the format is another one"
//	@Router			/oembed [get]
func (a *API) GetOEmbed(c echo.Context) error {
	format := c.QueryParam("format")
	if format != "" && format != "json" && format != "xml" {
		writeProblem(c, Problem{
			Type: problemBase + "not-implemented", Title: "This format is not offered", Status: http.StatusNotImplemented,
			Detail: "format must be json or xml", Instance: oembedPath, RequestID: c.Response().Header().Get(echo.HeaderXRequestID),
		})
		return nil
	}
	answer, err := a.oembed(c)
	if err != nil {
		return err
	}
	if format == "xml" {
		body, err := xml.Marshal(answer)
		if err != nil {
			return err
		}
		return c.Blob(http.StatusOK, "text/xml; charset=utf-8", append([]byte(xml.Header), body...))
	}
	return c.JSON(http.StatusOK, answer)
}

func (a *API) oembed(c echo.Context) (OEmbed, error) {
	given := c.QueryParam("url")
	if given == "" {
		var check fault.Check
		check.Add("url", "required", "is required")
		return OEmbed{}, check.Err()
	}
	path, ours := a.ownPath(given)
	if !ours {
		return OEmbed{}, errNotOurs
	}
	answer := OEmbed{Type: "rich", Version: "1.0", ProviderName: "Hindcast", ProviderURL: a.publicURL + "/", CacheAge: 300}
	if rest, is := strings.CutPrefix(path, embedPath); is {
		return answer, a.oembedView(c, rest, &answer)
	}
	return answer, a.oembedRecord(c, path, &answer)
}

var errNotOurs = fault.New(fault.NotFound, "the address is not that of a record here")

// ownPath is the path of an address of this server.
func (a *API) ownPath(given string) (string, bool) {
	u, err := url.Parse(given)
	base, baseErr := url.Parse(a.publicURL)
	if err != nil || baseErr != nil || len(given) > fault.MaxURL || u.User != nil || !strings.EqualFold(u.Scheme, base.Scheme) || !strings.EqualFold(u.Host, base.Host) {
		return "", false
	}
	path, below := strings.CutPrefix(u.Path, strings.TrimSuffix(base.Path, "/"))
	return path, below && strings.HasPrefix(path, "/") && utf8.ValidString(path)
}

// oembedView describes a view that was shared.
func (a *API) oembedView(c echo.Context, rest string, answer *OEmbed) error {
	token, _, _ := strings.Cut(rest, ".")
	grant, drawn, err := a.shared(c, token)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.Unauthenticated, "this view is not shared, or no longer")
	}
	if err != nil {
		return err
	}
	shown := card.Inert(drawn.Card.Only(grant.Fields))
	answer.Title = shown.Heading()
	answer.Width = min(oembedWidth, number(c, "maxwidth", oembedWidth, 1<<20))
	answer.Height = min(heightOf(shown, answer.Width), number(c, "maxheight", maxOEmbedHeight, 1<<20))
	answer.HTML = frameOf(a.publicURL+embedPath+token, answer.Title, answer.Width, answer.Height)
	return nil
}

// frameOf is the HTML that shows a view on another page.
func frameOf(address, title string, width, height int) string {
	return `<iframe src="` + html.EscapeString(address) + `" title="` + html.EscapeString(title) +
		`" width="` + strconv.Itoa(width) + `" height="` + strconv.Itoa(height) +
		`" loading="lazy" referrerpolicy="no-referrer" sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>`
}

// oembedRecord describes the page of a record: as a link to whoever may read the record, and not at all to others.
func (a *API) oembedRecord(c echo.Context, path string, answer *OEmbed) error {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	id, err := vocab.ParseID(parts[len(parts)-1])
	if err != nil || len(parts) != 2 || parts[0] != id.Kind().Path {
		return errNotOurs
	}
	ctx := c.Request().Context()
	if err := a.known(ctx, id); err != nil {
		return errNotOurs
	}
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return fault.New(fault.Unauthenticated, "the record is not shared; make an embed and use its address")
	}
	answer.Type, answer.Title = "link", id.String()
	if drawn, err := a.Draw.Card(ctx, id); err == nil {
		answer.Title = card.Inert(drawn.Card).Heading()
	}
	return nil
}

// heightOf is about how high a card is at a width, in pixels: a frame of another page cannot grow by itself everywhere.
func heightOf(c card.Card, width int) int {
	columns, letters := max(1, width/170), max(20, width/8)
	height := 130 + (len(c.Fields)+columns-1)/columns*52 + len(c.Items)*34 + len(c.Links)*24
	if c.Compared != nil {
		height += 40 + len(c.Compared.Areas)*28 + len(c.Compared.Differences)*72
	}
	for _, s := range c.Sections {
		lines := 1 + strings.Count(s.Markdown, "\n") + len(s.Markdown)/letters
		height += 40 + lines*24
	}
	return min(max(height, minOEmbedHeight), maxOEmbedHeight)
}
