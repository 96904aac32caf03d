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

// oembed is the answer that consumers of oEmbed expect.
type oembed struct {
	XMLName      xml.Name `json:"-" xml:"oembed"`
	Type         string   `json:"type" xml:"type"`
	Version      string   `json:"version" xml:"version"`
	Title        string   `json:"title" xml:"title"`
	ProviderName string   `json:"provider_name" xml:"provider_name"`
	ProviderURL  string   `json:"provider_url" xml:"provider_url"`
	CacheAge     int      `json:"cache_age" xml:"cache_age"`
	HTML         string   `json:"html,omitempty" xml:"html,omitempty"`
	Width        int      `json:"width,omitempty" xml:"width,omitempty"`
	Height       int      `json:"height,omitempty" xml:"height,omitempty"`
}

// OEmbed handles GET /oembed: how a view that was shared is put into a page. Nothing is fetched, whatever the address.
func (a *API) OEmbed(c echo.Context) error {
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

func (a *API) oembed(c echo.Context) (oembed, error) {
	given := c.QueryParam("url")
	if given == "" {
		var check fault.Check
		check.Add("url", "required", "is required")
		return oembed{}, check.Err()
	}
	path, ours := a.ownPath(given)
	if !ours {
		return oembed{}, errNotOurs
	}
	answer := oembed{Type: "rich", Version: "1.0", ProviderName: "Hindcast", ProviderURL: a.publicURL + "/", CacheAge: 300}
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
func (a *API) oembedView(c echo.Context, rest string, answer *oembed) error {
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
func (a *API) oembedRecord(c echo.Context, path string, answer *oembed) error {
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
