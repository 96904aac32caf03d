// Package draw draws a timeline as SVG: what state the attempt was in, when users were harmed, what was seen and not acted on,
// and what was seen, thought, decided and done. It is a pure function of what it is given, and loads nothing from anywhere.
package draw

import (
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Attempt is what a drawing needs to know of the attempt.
type Attempt struct {
	ID vocab.ID
	// Title names the attempt for people who cannot see the drawing.
	Title string
	// WindowStart, WindowEnd and WatchUntil are what was planned, StartedAt and EndedAt what happened.
	WindowStart, WindowEnd, WatchUntil, StartedAt, EndedAt *time.Time
}

// Harm is a time in which users could not do what they came for; the zero To means that it lasts.
type Harm struct {
	Of       vocab.ID
	From, To time.Time
}

// Drawing is everything that is drawn.
type Drawing struct {
	Attempt Attempt
	Entries []timeline.Entry
	Harm    []Harm
	// Zone is where working hours are counted; UTC when nil.
	Zone *time.Location
	// Now ends what has not ended.
	Now time.Time
	// Alone adds the styles that a page would have.
	Alone bool
}

// bar is a stretch of time with words on it.
type bar struct {
	from, to    time.Time
	label, look string
}

// frame is the time that is shown: the attempt with a margin, or what is planned of it.
func (d Drawing) frame() (from, to time.Time) {
	a := d.Attempt
	switch {
	case a.StartedAt != nil:
		from, to = *a.StartedAt, d.Now
		if a.EndedAt != nil {
			to = *a.EndedAt
		}
	case a.WindowStart != nil:
		from, to = *a.WindowStart, a.WindowStart.Add(24*time.Hour)
		if a.WatchUntil != nil {
			to = *a.WatchUntil
		}
	case len(d.Entries) > 0:
		from, to = d.Entries[0].At, d.Entries[len(d.Entries)-1].At
	default:
		from, to = d.Now.Add(-24*time.Hour), d.Now
	}
	if to.Before(from.Add(time.Hour)) {
		to = from.Add(time.Hour)
	}
	for _, h := range d.Harm {
		if h.To.After(to) && h.To.Before(to.Add(48*time.Hour)) {
			to = h.To
		}
	}
	margin := min(max(to.Sub(from)/25, 30*time.Minute), 12*time.Hour)
	return from.Add(-margin), to.Add(margin)
}

// states are the states that the attempt was in, or what is planned of it.
func (d Drawing) states(to time.Time) []bar {
	var bars []bar
	for _, e := range d.Entries {
		if e.Type != timeline.TypeTransition || e.Of != d.Attempt.ID {
			continue
		}
		if n := len(bars); n > 0 {
			bars[n-1].to = e.At
		}
		bars = append(bars, bar{from: e.At, to: to, label: words(e.Kind), look: "state " + e.Kind})
	}
	bars = slices.DeleteFunc(bars, func(b bar) bool { // what came before the attempt began is no state of it
		return d.Attempt.StartedAt != nil && b.from.Before(*d.Attempt.StartedAt)
	})
	if a := d.Attempt; len(bars) == 0 && a.WindowStart != nil && a.WindowEnd != nil {
		bars = append(bars, bar{*a.WindowStart, *a.WindowEnd, "planned window", "state planned"})
		if a.WatchUntil != nil && a.WatchUntil.After(*a.WindowEnd) {
			bars = append(bars, bar{*a.WindowEnd, *a.WatchUntil, "planned watch", "state planned"})
		}
	}
	return bars
}

func (d Drawing) harm(to time.Time) []bar {
	bars := make([]bar, len(d.Harm))
	for i, h := range d.Harm {
		bars[i] = bar{h.From, h.To, "users are harmed", "harm"}
		if h.To.IsZero() {
			bars[i].to = to
		}
		bars[i].label += ", " + span(bars[i].to.Sub(h.From))
	}
	return bars
}

// Gaps are the times in which something had been seen and nothing was done because of it: from the first signal or
// interpretation that nobody acted on to the next event that somebody did act on, to a trip, or to the end.
func Gaps(entries []timeline.Entry, until time.Time) [][2]time.Time {
	var gaps [][2]time.Time
	var since *time.Time
	for _, e := range entries {
		switch {
		case e.Type == timeline.TypeTrip, seen(e) && *e.ActedOn:
			if since != nil {
				gaps = append(gaps, [2]time.Time{*since, e.At})
			}
			since = nil
		case seen(e) && since == nil && e.SupersededBy.IsZero():
			since = &e.At
		}
	}
	if since != nil && since.Before(until) {
		gaps = append(gaps, [2]time.Time{*since, until})
	}
	return gaps
}

func seen(e timeline.Entry) bool {
	return e.ActedOn != nil && (e.Kind == string(vocab.EventKindSignal) || e.Kind == string(vocab.EventKindInterpretation))
}

func (d Drawing) gaps(to time.Time) []bar {
	var bars []bar
	for _, g := range Gaps(d.Entries, to) {
		bars = append(bars, bar{g[0], g[1], span(g[1].Sub(g[0])) + " seen, not acted on", "gap"})
	}
	return bars
}

func words(state string) string { return strings.ReplaceAll(state, "_", " ") }
