package handlers

import (
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// storyLine is an entry of a timeline as a page tells it.
type storyLine struct {
	timeline.Entry
	// Anchor is where links to the entry lead.
	Anchor string
	// Day is set on the first entry of a day.
	Day string
	// Said says what the glyph shows.
	Said, Glyph, Tone string
	// Minor is a move between states.
	Minor bool
	// Ignored is something seen that nobody did anything about.
	Ignored bool
}

// tell makes the lines of a story.
func (a *API) tell(entries []timeline.Entry) []storyLine {
	lines := make([]storyLine, len(entries))
	day := ""
	for i, e := range entries {
		l := storyLine{Entry: e, Anchor: fmt.Sprintf("%s-%d", e.Ref, i)}
		if today := a.inZone(e.At).Format("Monday 2 January 2006"); today != day {
			day, l.Day = today, today
		}
		l.Said, l.Glyph, l.Tone = glyphOf(e)
		l.Minor = e.Type == timeline.TypeTransition
		l.Ignored = e.ActedOn != nil && !*e.ActedOn && (e.Kind == string(vocab.EventKindSignal) || e.Kind == string(vocab.EventKindInterpretation))
		lines[i] = l
	}
	return lines
}

// glyphOf says what an entry is, in words and as a sign.
func glyphOf(e timeline.Entry) (said, glyph, tone string) {
	switch e.Type {
	case timeline.TypeTrip:
		return "tripwire", "▲", "bad"
	case timeline.TypeEvidence:
		switch vocab.EvidenceResult(e.Kind) {
		case vocab.EvidenceResultSupports:
			return "evidence for", "✓", "good"
		case vocab.EvidenceResultContradicts:
			return "evidence against", "✕", "bad"
		}
		return "evidence", "–", ""
	case timeline.TypeDecision:
		return "decision", "◆", ""
	case timeline.TypeTransition:
		return "state", "·", ""
	}
	switch vocab.EventKind(e.Kind) {
	case vocab.EventKindSignal:
		return "signal", "●", "info"
	case vocab.EventKindInterpretation:
		return "interpretation", "○", "warn"
	case vocab.EventKindDecision:
		return "decision", "◆", ""
	case vocab.EventKindAction:
		return "action", "■", "good"
	}
	return "communication", "▫", ""
}

// moment writes a time without its year where that is the present one.
func (a *API) moment(at *time.Time) string {
	if at == nil {
		return ""
	}
	layout := "2 Jan, 15:04"
	if a.inZone(*at).Year() != a.inZone(a.now()).Year() {
		layout = "2 Jan 2006, 15:04"
	}
	return a.inZone(*at).Format(layout)
}

func (a *API) weekday(at *time.Time) string {
	if at == nil {
		return ""
	}
	return a.inZone(*at).Format("Monday")
}
