package card

import (
	"fmt"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// The measures of a picture, in pixels.
const (
	SVGWidth    = 480
	minSVGWidth = 240
	svgMargin   = 16
	// The greatest numbers of each part keep a picture small enough for a page.
	maxSVGFields = 6
	maxSVGItems  = 10
	maxSVGDiffs  = 5
	maxSVGLines  = 3
)

// SVG writes a card as a picture of the given width: the title, the status, the first facts and the beginning of the first text.
// It holds no script, no link and nothing from elsewhere, so that it works as an image anywhere. theme is auto, light or dark.
func SVG(c Card, wide int, theme string) string {
	c = Inert(c)
	p := &picture{wide: float64(max(wide, minSVGWidth)), y: svgMargin}
	p.text("soft", 12, c.Kind()+" "+c.ID)
	p.y += 4
	for _, l := range p.wrap(c.Title, 16, 2) {
		p.text("title", 16, l)
	}
	if c.Status != "" {
		p.y += 4
		p.pill(words(c.Status), c.Tone)
	}
	p.fields(c.Fields)
	if len(c.Sections) > 0 {
		p.y += 8
		p.text("soft", 12, c.Sections[0].Label)
		for _, l := range p.wrap(markup.PlainText(c.Sections[0].Markdown), 13, maxSVGLines) {
			p.text("fg", 13, l)
		}
	}
	if c.Compared != nil {
		p.compared(c.Compared)
	}
	if c.Items != nil {
		p.y += 8
		p.text("soft", 12, found(c))
		for _, i := range c.Items[:min(maxSVGItems, len(c.Items))] {
			p.text("fg", 13, strings.TrimSpace(i.ID+"  "+i.Title))
		}
	}
	if c.UpdatedAt != nil {
		p.y += 8
		p.text("soft", 11, "Updated "+Stamp(*c.UpdatedAt))
	}
	return p.finish(c, theme)
}

type picture struct {
	body    strings.Builder
	wide, y float64
}

func (p *picture) room() float64 { return p.wide - 2*svgMargin }

// text writes one line, cut to the width.
func (p *picture) text(class string, size float64, s string) {
	p.y += size
	fmt.Fprintf(&p.body, `<text class="%s" x="%d" y="%.1f" font-size="%g">%s</text>`, class, svgMargin, p.y, size, markup.XMLText(clipped(line(s), size, p.room())))
	p.y += size * 0.4
}

func (p *picture) pill(s string, tone Tone) {
	s = clipped(s, 12, p.room()-20)
	fmt.Fprintf(&p.body, `<rect class="%s-bg" x="%d" y="%.1f" width="%.0f" height="20" rx="10"/>`, tone, svgMargin, p.y, width(s, 12)+22)
	fmt.Fprintf(&p.body, `<text class="%s" x="%d" y="%.1f" font-size="12" font-weight="bold">%s</text>`, tone, svgMargin+10, p.y+14, markup.XMLText(s))
	p.y += 24
}

func (p *picture) fields(fields []Field) {
	if len(fields) > maxSVGFields {
		fields = fields[:maxSVGFields]
	}
	if len(fields) > 0 {
		p.y += 6
	}
	for _, f := range fields {
		p.y += 13
		label := clipped(f.Label, 12, p.room()*0.35)
		fmt.Fprintf(&p.body, `<text class="soft" x="%d" y="%.1f" font-size="12">%s</text>`, svgMargin, p.y, markup.XMLText(label))
		fmt.Fprintf(&p.body, `<text class="fg" x="%.0f" y="%.1f" font-size="13">%s</text>`, svgMargin+p.room()*0.37, p.y, markup.XMLText(clipped(f.Value, 13, p.room()*0.63)))
		p.y += 6
	}
}

// compared draws how much differs in each area as bars, and names the first differences.
func (p *picture) compared(c *Compared) {
	if len(c.Areas) > 0 {
		p.y += 8
		p.text("soft", 12, "Differences by area")
	}
	names, bars := p.room()*0.32, p.room()*0.38
	for _, a := range c.Areas {
		tone := Neutral
		if a.Blocking > 0 {
			tone = Bad
		}
		long := max(1, bars*float64(a.Count)/float64(c.longest()))
		p.y += 14
		fmt.Fprintf(&p.body, `<text class="fg" x="%d" y="%.1f" font-size="12">%s</text>`, svgMargin, p.y, markup.XMLText(clipped(a.Name, 12, names-10)))
		fmt.Fprintf(&p.body, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="12" rx="2"/>`, tone, svgMargin+names, p.y-10, long)
		fmt.Fprintf(&p.body, `<text class="fg" x="%.1f" y="%.1f" font-size="12">%s</text>`, svgMargin+names+long+8, p.y, markup.XMLText(clipped(a.Words(), 12, p.room()-names-long-8)))
		p.y += 5
	}
	if len(c.Differences) > 0 {
		p.y += 8
		p.text("soft", 12, "Look at first")
		for _, d := range c.Differences[:min(maxSVGDiffs, len(c.Differences))] {
			p.text("fg", 12, d.Path)
		}
	}
}

// wrap breaks a text into lines that fit, at most most of them; what is left over is cut.
func (p *picture) wrap(s string, size float64, most int) []string {
	var lines []string
	rest := strings.Fields(line(s))
	for len(rest) > 0 && len(lines) < most {
		n := 1
		for n < len(rest) && width(strings.Join(rest[:n+1], " "), size) <= p.room() {
			n++
		}
		if len(lines) == most-1 && n < len(rest) { // the last line takes all, and is cut
			n = min(len(rest), n+1)
			lines = append(lines, clipped(strings.Join(rest[:n], " ")+" …", size, p.room()))
			break
		}
		lines = append(lines, strings.Join(rest[:n], " "))
		rest = rest[n:]
	}
	return lines
}

const (
	lightSVG = `.bg{fill:#fff;stroke:#d8dee7}.title,.fg{fill:#1c2430}.soft{fill:#556072}.neutral{fill:#4a5568}.good{fill:#17663a}.warn{fill:#7a4d00}.bad{fill:#a31621}` +
		`.neutral-bg{fill:#edf0f4}.good-bg{fill:#e3f4ea}.warn-bg{fill:#fdf0d5}.bad-bg{fill:#fde7e8}`
	darkSVG = `.bg{fill:#161b22;stroke:#333d4b}.title,.fg{fill:#e6eaf0}.soft{fill:#a4afbf}.neutral{fill:#c7d0dc}.good{fill:#7ddba0}.warn{fill:#f2c66d}.bad{fill:#ff9da3}` +
		`.neutral-bg{fill:#2a323e}.good-bg{fill:#173324}.warn-bg{fill:#3a2c0d}.bad-bg{fill:#421c20}`
)

func (p *picture) finish(c Card, theme string) string {
	style := lightSVG + "@media(prefers-color-scheme:dark){" + darkSVG + "}"
	switch theme {
	case "light":
		style = lightSVG
	case "dark":
		style = darkSVG
	}
	high := p.y + svgMargin
	name := c.Heading()
	if c.Status != "" {
		name += ", " + words(c.Status)
	}
	name = markup.XMLText(name)
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%g" height="%.0f" viewBox="0 0 %g %.0f" role="img" aria-label="%s"><title>%s</title><style>%s.title{font-weight:bold}text{font-family:Verdana,Geneva,DejaVu Sans,sans-serif}</style>`+
		`<rect class="bg" x="0.5" y="0.5" width="%g" height="%.0f" rx="6"/>%s</svg>`+"\n",
		p.wide, high, p.wide, high, name, name, style, p.wide-1, high-1, p.body.String())
}
