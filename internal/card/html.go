package card

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

//go:embed static
var static embed.FS

// Drawer shows cards as HTML. It is safe for use by many goroutines.
type Drawer struct {
	renderer   *markup.Renderer
	mu         sync.Mutex
	kept       map[textAt]template.HTML
	card, page *template.Template
	style      template.CSS
	script     template.JS
}

// NewDrawer makes a Drawer from the templates of the binary.
func NewDrawer() (*Drawer, error) {
	d := &Drawer{renderer: markup.NewRenderer()}
	var err error
	if d.card, err = template.ParseFS(static, "static/card.tmpl"); err != nil {
		return nil, fmt.Errorf("reading the template of cards: %w", err)
	}
	if d.page, err = template.ParseFS(static, "static/page.tmpl"); err != nil {
		return nil, fmt.Errorf("reading the template of embeds: %w", err)
	}
	style, err := static.ReadFile("static/card.css")
	if err != nil {
		return nil, err
	}
	script, err := static.ReadFile("static/resize.js")
	d.style, d.script = template.CSS(style), template.JS(script) //nolint:gosec // they are our own
	return d, err
}

// Style is the style sheet of cards, for pages that show them; it sets the look of body too.
func (d *Drawer) Style() template.CSS { return d.style }

// HTML writes a card as an article whose title is a heading of the given level, 1 to 6, and whose texts are headed one below.
func (d *Drawer) HTML(c Card, level int) (template.HTML, error) {
	var b bytes.Buffer
	err := d.card.ExecuteTemplate(&b, "card", d.shown(Inert(c), level))
	return template.HTML(b.String()), err //nolint:gosec // the template escaped it
}

// The texts that a Drawer remembers, so that a card that many people look at is not written anew for each.
const (
	maxKept     = 500
	maxKeptText = 20_000
)

type textAt struct {
	markdown string
	level    int
}

// Text writes Markdown as HTML for a place below a heading of the given level; nothing in it can run.
func (d *Drawer) Text(markdown string, level int) template.HTML {
	if len(markdown) > maxKeptText {
		return d.render(markdown, level)
	}
	at := textAt{markdown, level}
	d.mu.Lock()
	known, ok := d.kept[at]
	d.mu.Unlock()
	if ok {
		return known
	}
	made := d.render(markdown, level)
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil || len(d.kept) >= maxKept {
		d.kept = make(map[textAt]template.HTML, maxKept)
	}
	d.kept[at] = made
	return made
}

func (d *Drawer) render(markdown string, level int) template.HTML {
	return template.HTML(block(d.renderer.HTMLBelow(markdown, level))) //nolint:gosec // it was sanitised; references to characters may have made new ones
}

type shown struct {
	Card
	Kind, Found           string
	Hits                  bool
	Tone                  Tone
	TitleOpen, TitleClose template.HTML
	Sections              []shownSection
	Areas                 []shownArea
	// Differences says how many there are; empty when none is shown.
	Differences         string
	Updated, UpdatedISO string
}

// shownArea is an area with how long its bar is, in hundredths.
type shownArea struct {
	Name, Words, Tone string
	Length            int
}

type shownSection struct {
	Label       string
	Open, Close template.HTML
	HTML        template.HTML
}

func (d *Drawer) shown(c Card, level int) shown {
	s := shown{
		Card: c, Kind: c.Kind(), Found: found(c), Hits: c.Items != nil, Tone: c.Tone,
		TitleOpen: open(level, "hc-title"), TitleClose: end(level),
	}
	s.Status = words(c.Status)
	for _, section := range c.Sections {
		s.Sections = append(s.Sections, shownSection{
			Label: section.Label, Open: open(level+1, "hc-label"), Close: end(level + 1), HTML: d.Text(section.Markdown, level+1),
		})
	}
	for i := range s.Links {
		s.Links[i].Kind = capital(words(s.Links[i].Kind))
	}
	for i := range s.Items {
		s.Items[i].Status = words(s.Items[i].Status)
	}
	if c.Compared != nil {
		s.Areas = shownAreas(c.Compared)
		if len(c.Compared.Differences) > 0 {
			s.Differences = c.Compared.found()
		}
	}
	if c.UpdatedAt != nil {
		s.Updated, s.UpdatedISO = Stamp(*c.UpdatedAt), c.UpdatedAt.UTC().Format(time.RFC3339)
	}
	return s
}

func shownAreas(c *Compared) []shownArea {
	var all []shownArea
	for _, a := range c.Areas {
		one := shownArea{Name: a.Name, Words: a.Words(), Tone: string(Neutral), Length: max(1, a.Count*100/c.longest())}
		if a.Blocking > 0 {
			one.Tone = string(Bad)
		}
		all = append(all, one)
	}
	return all
}

func open(level int, class string) template.HTML {
	return template.HTML("<h" + strconv.Itoa(min(level, 6)) + ` class="` + class + `">`) //nolint:gosec // a number and a name of ours
}

func end(level int) template.HTML {
	return template.HTML("</h" + strconv.Itoa(min(level, 6)) + ">") //nolint:gosec // a number
}

// Look is how a card is shown on a page of its own.
type Look struct {
	// Theme is auto, light or dark.
	Theme string
	// Compact shows less, closer together.
	Compact bool
	// Heading is the level of the title, 1 to 6.
	Heading int
	// Nonce lets the style and the script of the page work.
	Nonce string
	// Origins may frame the page, and are told how high it is.
	Origins []string
	// Discovery are the addresses of other forms of the page.
	Discovery []Alternate
	// Public says that the texts may be shown by whoever previews links.
	Public bool
}

// Alternate is another form of a page.
type Alternate struct{ Type, URL, Title string }

type property struct{ Property, Content string }

type page struct {
	Title, Theme, Scheme, Density, Nonce, Origins string
	Discovery                                     []Alternate
	Open                                          []property
	Style                                         template.CSS
	Script                                        template.JS
	Body                                          template.HTML
}

// Page writes a card as a whole page for a frame. It works without scripts and without cookies, and loads nothing.
func (d *Drawer) Page(c Card, look Look) ([]byte, error) {
	c = Inert(c)
	body, err := d.HTML(c, look.Heading)
	if err != nil {
		return nil, err
	}
	p := d.frame(c.Heading(), look)
	p.Body = body
	for _, other := range look.Discovery {
		p.Discovery = append(p.Discovery, Alternate{other.Type, other.URL, line(other.Title)})
	}
	if look.Public {
		p.Open = []property{
			{"og:type", "article"}, {"og:site_name", "Hindcast"}, {"og:title", c.Heading()}, {"og:url", c.URL}, {"og:description", summary(c)},
		}
	}
	if len(look.Origins) > 0 {
		p.Script, p.Origins = d.script, strings.Join(look.Origins, " ")
	}
	return d.write(p)
}

// Notice writes a page in the same look that says one thing and shows no record; url leads on.
func (d *Drawer) Notice(title, text, url string, look Look) ([]byte, error) {
	p := d.frame(title, look)
	var b bytes.Buffer
	card := Card{Title: title, URL: address(url), Sections: []Section{{Label: "Why", Markdown: text}}}
	if err := d.card.ExecuteTemplate(&b, "card", d.shown(card, look.Heading)); err != nil {
		return nil, err
	}
	p.Body = template.HTML(b.String()) //nolint:gosec // the template escaped it
	return d.write(p)
}

func (d *Drawer) frame(title string, look Look) page {
	p := page{Title: title, Theme: look.Theme, Scheme: look.Theme, Density: "comfortable", Nonce: look.Nonce, Style: d.style}
	if look.Theme == "auto" {
		p.Scheme = "light dark"
	}
	if look.Compact {
		p.Density = "compact"
	}
	return p
}

func (d *Drawer) write(p page) ([]byte, error) {
	var b bytes.Buffer
	err := d.page.Execute(&b, p)
	return b.Bytes(), err
}

// maxSummary is how many characters a preview of a link has.
const maxSummary = 200

// summary is what a preview of a link says: the status and the first text.
func summary(c Card) string {
	var parts []string
	if c.Status != "" {
		parts = append(parts, capital(words(c.Status))+".")
	}
	if len(c.Sections) > 0 {
		parts = append(parts, line(markup.PlainText(c.Sections[0].Markdown)))
	}
	text := []rune(strings.Join(parts, " "))
	if len(text) > maxSummary {
		text = append(text[:maxSummary-1], '…')
	}
	return string(text)
}
