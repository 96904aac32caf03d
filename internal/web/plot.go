package web

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// Bar is one bar of a plot.
type Bar struct {
	// Name says what is measured, and Words how much it is.
	Name, Words string
	Amount      float64
	// Tone is the colour: good, bad, warn or "".
	Tone string
}

// Bars draws bars below each other, in the order given, the longest as wide as there is room. The names and amounts beside them are
// text of the page, so that they can be read at any width. It draws nothing without bars.
func Bars(title string, bars []Bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	most := 0.0
	for _, b := range bars {
		most = max(most, b.Amount)
	}
	var out strings.Builder
	fmt.Fprintf(&out, `<figure class="bars" aria-label="%s"><dl>`, template.HTMLEscapeString(title))
	for _, b := range bars {
		length := 0.0
		if most > 0 {
			length = max(b.Amount/most*100, 0.5)
		}
		fmt.Fprintf(&out, `<div><dt>%s</dt><dd><svg aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none"><rect class="%s" width="%.1f" height="10"/></svg><span>%s</span></dd></div>`,
			template.HTMLEscapeString(b.Name), b.Tone, length, template.HTMLEscapeString(b.Words))
	}
	out.WriteString("</dl></figure>")
	return template.HTML(out.String()) //nolint:gosec // all texts in it are escaped
}

// Sighting is a piece of evidence as it is drawn.
type Sighting struct {
	At time.Time
	// Result is supports, contradicts or inconclusive.
	Result string
	Said   string
}

// Strip is the evidence of one environment.
type Strip struct {
	Name string
	// Own marks the environment that counts.
	Own       bool
	Sightings []Sighting
}

// Strips draws evidence over time, one line for each environment. It draws nothing without evidence.
func Strips(title string, strips []Strip, zone *time.Location) template.HTML {
	from, to := time.Time{}, time.Time{}
	for _, s := range strips {
		for _, e := range s.Sightings {
			if from.IsZero() || e.At.Before(from) {
				from = e.At
			}
			if e.At.After(to) {
				to = e.At
			}
		}
	}
	if from.IsZero() {
		return ""
	}
	if to.Sub(from) < 24*time.Hour {
		from, to = from.Add(-12*time.Hour), to.Add(12*time.Hour)
	}
	const wide, names, high = 620.0, 110.0, 28.0
	place := func(at time.Time) float64 {
		return names + 20 + float64(at.Sub(from))/float64(to.Sub(from))*(wide-names-50)
	}
	var out strings.Builder
	begin(&out, wide, high*float64(len(strips))+24, title, "Every piece of evidence is listed after the drawing.")
	for i, s := range strips {
		y := high*float64(i) + 14
		weight := "400"
		if s.Own {
			weight = "700"
		}
		fmt.Fprintf(&out, `<text x="%g" y="%g" text-anchor="end" font-weight="%s">%s</text><line x1="%g" x2="%g" y1="%g" y2="%g"/>`,
			names, y+4, weight, template.HTMLEscapeString(Shorten(s.Name, 16)), names+10, wide-10, y, y)
		for _, e := range s.Sightings {
			glyph, tone := "–", "neutral"
			switch e.Result {
			case "supports":
				glyph, tone = "✓", "good"
			case "contradicts":
				glyph, tone = "✕", "bad"
			}
			fmt.Fprintf(&out, `<g class="spot %s"><title>%s</title><rect x="%.1f" y="%g" width="18" height="18" rx="9"/><text x="%.1f" y="%g" text-anchor="middle">%s</text></g>`,
				tone, template.HTMLEscapeString(e.Said), place(e.At)-9, y-9, place(e.At), y+4, glyph)
		}
	}
	if zone == nil {
		zone = time.UTC
	}
	y := high*float64(len(strips)) + 16
	fmt.Fprintf(&out, `<text class="axis" x="%g" y="%g">%s</text><text class="axis" x="%g" y="%g" text-anchor="end">%s</text></svg>`,
		names+10, y, from.In(zone).Format("2 Jan 2006"), wide-10, y, to.In(zone).Format("2 Jan 2006"))
	return template.HTML(out.String()) //nolint:gosec // all texts in it are escaped
}

func begin(out *strings.Builder, wide, high float64, title, said string) {
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" class="strips" viewBox="0 0 %g %g" role="img" aria-label="%s"><title>%s</title>`,
		wide, high, template.HTMLEscapeString(title+". "+said), template.HTMLEscapeString(title))
}

// Shorten cuts a text to n characters, the last of which then says that there was more.
func Shorten(text string, n int) string {
	runes := []rune(text)
	if len(runes) <= n {
		return text
	}
	return string(runes[:n-1]) + "…"
}
