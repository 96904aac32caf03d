package draw

import (
	_ "embed"
	"fmt"
	"html"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Style is what the drawing looks like; it uses the colours of the page that it is on.
//
//go:embed timeline.css
var Style string

//go:embed alone.css
var alone string

// Measures of the drawing, in its own units.
const (
	width    = 1160.0
	gutter   = 96.0
	rowHigh  = 20.0
	barHigh  = 22.0
	axisHigh = 40.0
	maxRows  = 9
	charWide = 6.1
)

// lanes are the kinds of thing that are told apart, from what was noticed to what was done about it.
var lanes = []string{"Seen", "Thought", "Decided", "Done"}

// laneOf says in which lane an entry is drawn, and as what; -1 for what is not drawn.
func laneOf(e timeline.Entry) (lane int, glyph string) {
	switch e.Type {
	case timeline.TypeTrip:
		return 0, "trip"
	case timeline.TypeEvidence:
		return 0, e.Kind
	case timeline.TypeDecision:
		return 2, "decision"
	case timeline.TypeEvent:
		switch vocab.EventKind(e.Kind) {
		case vocab.EventKindSignal:
			return 0, "signal"
		case vocab.EventKindInterpretation:
			return 1, "interpretation"
		case vocab.EventKindDecision:
			return 2, "decision"
		case vocab.EventKindAction:
			return 3, "action"
		case vocab.EventKindCommunication:
			return 3, "communication"
		}
	}
	return -1, ""
}

type drawing struct {
	Drawing
	strings.Builder
	scale
	y float64
}

// SVG draws. The same input gives the same bytes.
func SVG(in Drawing) string {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	from, to := in.frame()
	d := &drawing{Drawing: in, scale: newScale(from, to, gutter, width-12, in.moments(from, to))}
	d.y = axisHigh
	end := to
	if in.Attempt.EndedAt != nil && in.Attempt.StartedAt != nil {
		end = *in.Attempt.EndedAt
	}
	d.bars("State", d.states(to))
	d.bars("Harm", d.harm(end))
	d.bars("Unanswered", d.gaps(end))
	marks := d.String()
	d.Reset()
	for lane, name := range lanes {
		d.lane(name, lane, from, to)
	}
	marks += d.String()
	d.Reset()
	d.y += 2
	d.days(from, to)
	d.line(in.Attempt.StartedAt, from, to, "deployed")
	d.line(in.Attempt.EndedAt, from, to, "ended")
	body := d.String() + marks
	return d.head(from, to) + body + "</svg>\n"
}

// moments are the times that get room.
func (in Drawing) moments(from, to time.Time) []time.Time {
	var all []time.Time
	for _, e := range in.Entries {
		if lane, _ := laneOf(e); lane >= 0 && !e.At.Before(from) && !e.At.After(to) {
			all = append(all, e.At)
		}
	}
	return all
}

func (d *drawing) head(from, to time.Time) string {
	style := ""
	if d.Alone {
		style = "<style>" + alone + Style + "</style>"
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="timeline" viewBox="0 0 %g %g" role="img" aria-labelledby="tl-title tl-desc"><title id="tl-title">%s</title><desc id="tl-desc">%s</desc>%s`,
		width, d.y, text("Timeline of "+d.Attempt.Title), text(d.describe(from, to)), style)
}

// describe tells in words what the drawing shows.
func (d *drawing) describe(from, to time.Time) string {
	said := fmt.Sprintf("From %s to %s.", d.clock(from), d.clock(to))
	for _, b := range d.states(to) {
		said += fmt.Sprintf(" %s from %s.", upper(b.label), d.clock(b.from))
	}
	for _, b := range append(d.harm(to), d.gaps(to)...) {
		said += fmt.Sprintf(" %s from %s.", upper(b.label), d.clock(b.from))
	}
	return said + " Every entry is listed after the drawing. Quiet hours are drawn narrower."
}

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (d *drawing) clock(at time.Time) string { return at.In(d.Zone).Format("Mon 2 Jan 15:04") }

// bars draws a row of stretches; without any there is no row.
func (d *drawing) bars(name string, bars []bar) {
	if len(bars) == 0 {
		return
	}
	d.name(name, d.y+barHigh/2+4)
	for _, b := range bars {
		x1, x2 := d.x(b.from), d.x(b.to)
		fmt.Fprintf(d, `<g class="bar %s"><title>%s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="3"/>`, text(b.look),
			text(b.label+", from "+d.clock(b.from)+" to "+d.clock(b.to)), x1, d.y+2, max(x2-x1, 2), barHigh-4)
		x, anchor := x1+6, "start"
		switch need := float64(len([]rune(b.label)))*charWide + 12; {
		case need <= x2-x1:
		case x2+need <= width:
			x = x2 + 6
		case x1-need >= gutter:
			x, anchor = x1-6, "end"
		}
		fmt.Fprintf(d, `<text x="%.1f" y="%.1f" text-anchor="%s">%s</text></g>`, x, d.y+barHigh/2+4, anchor, text(b.label))
	}
	d.y += barHigh + 2
}

func (d *drawing) name(name string, y float64) {
	fmt.Fprintf(d, `<text class="name" x="0" y="%.1f">%s</text>`, y, name)
}

// lane draws the entries of one kind, each with its words beside it, on as few rows as there is room for.
func (d *drawing) lane(name string, lane int, from, to time.Time) {
	var ends []float64
	top := d.y + 6
	fmt.Fprintf(d, `<line class="rule" x1="0" x2="%g" y1="%.1f" y2="%.1f"/>`, width, d.y+1, d.y+1)
	d.name(name, top+rowHigh/2+4)
	for _, e := range d.Entries {
		in, glyph := laneOf(e)
		if in != lane || e.At.Before(from) || e.At.After(to) {
			continue
		}
		x := d.x(e.At)
		said := e.At.In(d.Zone).Format("15:04") + " " + e.Text
		start, label, left := beside(x, said)
		wide := float64(len([]rune(label)))*charWide + 14
		row, fits := place(&ends, start, start+wide+10)
		d.mark(e, glyph, x, top+float64(row)*rowHigh+rowHigh/2, label, said, fits, left)
	}
	d.y = top + float64(max(len(ends), 1))*rowHigh + 4
}

// Lengths of the words beside a mark, in characters.
const (
	longest = 72
	fewest  = 34
)

// beside puts words to the right of a mark, or to the left of it where they would be cut short there.
func beside(x float64, said string) (start float64, label string, left bool) {
	room := int((width - 4 - x - 14) / charWide)
	need := min(len([]rune(said)), longest)
	if room >= need || room >= fewest {
		return x - 7, clip(said, min(room, longest)), false
	}
	label = clip(said, longest)
	return x - float64(len([]rune(label)))*charWide - 14, label, true
}

// place finds the first row with room from start on, and takes it.
func place(ends *[]float64, start, end float64) (row int, fits bool) {
	for i, taken := range *ends {
		if taken <= start {
			(*ends)[i] = end
			return i, true
		}
	}
	if len(*ends) == maxRows {
		return maxRows - 1, false
	}
	*ends = append(*ends, end)
	return len(*ends) - 1, true
}

func (d *drawing) mark(e timeline.Entry, glyph string, x, y float64, label, said string, fits, left bool) {
	corrected := ""
	if !e.SupersededBy.IsZero() {
		corrected = " corrected"
	}
	fmt.Fprintf(d, `<g class="mark %s%s"><title>%s</title>%s`, glyph, corrected, text(glyph+", "+d.clock(e.At)+": "+e.Text+" ("+e.Ref.String()+")"), shape(glyph, x, y))
	switch {
	case fits && left:
		fmt.Fprintf(d, `<text x="%.1f" y="%.1f" text-anchor="end">%s</text>`, x-9, y+4, text(label))
	case fits:
		fmt.Fprintf(d, `<text x="%.1f" y="%.1f">%s</text>`, x+9, y+4, text(label))
	}
	d.WriteString("</g>")
}

// shape is a glyph; no two kinds share one, so that they are told apart without colours.
func shape(glyph string, x, y float64) string {
	path := map[string]string{
		"trip": "M0-6L6 5H-6Z", "decision": "M0-6L6 0L0 6L-6 0Z", "action": "M-5-5H5V5H-5Z", "communication": "M-6-4H6V3H0L-4 6V3H-6Z",
		"supports": "M-5 0L-1 4L5-5", "contradicts": "M-4-4L4 4M4-4L-4 4", "inconclusive": "M-5 0H5",
	}[glyph]
	if path == "" {
		return fmt.Sprintf(`<circle cx="%.1f" cy="%.1f" r="5"/>`, x, y)
	}
	return fmt.Sprintf(`<path d="%s" transform="translate(%.1f %.1f)"/>`, path, x, y)
}

func text(s string) string { return html.EscapeString(xmlSafe(s)) }

// xmlSafe drops what XML cannot hold.
func xmlSafe(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		if r < 0x20 || r == 0x7f || r == 0xfffe || r == 0xffff || (0xd800 <= r && r <= 0xdfff) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

func clip(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return strings.TrimRight(string(runes[:n-1]), " ,.;:") + "…"
}
