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

// Bars draws bars below each other, in the order given, the longest as wide as there is room. It draws nothing without bars.
func Bars(title string, bars []Bar) template.HTML {
	if len(bars) == 0 {
		return ""
	}
	const wide, names, high = 540.0, 175.0, 26.0
	most := 0.0
	said := make([]string, len(bars))
	for i, b := range bars {
		most = max(most, b.Amount)
		said[i] = b.Name + " " + b.Words
	}
	var out strings.Builder
	begin(&out, wide, high*float64(len(bars))+4, title, strings.Join(said, "; "))
	for i, b := range bars {
		y, length := high*float64(i)+3, 0.0
		if most > 0 {
			length = max(b.Amount/most*(wide-names-90), 1)
		}
		fmt.Fprintf(&out, `<text x="%g" y="%g" text-anchor="end">%s</text><rect class="%s" x="%g" y="%g" width="%.1f" height="18" rx="3"/><text x="%.1f" y="%g">%s</text>`,
			names-10, y+14, template.HTMLEscapeString(Shorten(b.Name, 26)), b.Tone, names, y, length, names+length+8, y+14, template.HTMLEscapeString(b.Words))
	}
	out.WriteString("</svg>")
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
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 %g %g" role="img" aria-label="%s"><title>%s</title>`,
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
