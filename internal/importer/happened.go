package importer

import (
	"fmt"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func (p *planner) severity() vocab.Severity {
	if severity, known := severityOf(p.draft.Severity); known {
		return severity
	}
	if p.draft.Severity == "" {
		p.note(0, "no severity is stated; the incident gets medium")
	} else {
		p.note(0, "the severity %q is not understood; the incident gets medium", oneLine(p.draft.Severity))
	}
	return vocab.SeverityMedium
}

// window sets the span of the incident. Times that cannot be are kept as text.
func (p *planner) window() {
	w := p.draft.Window
	past := func(label string, at *time.Time) *time.Time {
		if at == nil {
			return nil
		}
		utc := at.UTC()
		if utc.After(p.now) {
			p.note(0, "%s is still to come; it is kept in the body", label)
			p.keep("Times that cannot be", "- "+label+": "+at.Format(time.RFC3339))
			return nil
		}
		return &utc
	}
	in := &p.Incident
	in.ImpactStart, in.ImpactEnd, in.DetectedAt = past("Impact start", w.ImpactStart), past("Impact end", w.ImpactEnd), past("Detected", w.DetectedAt)
	if in.ImpactStart != nil && in.ImpactEnd != nil && in.ImpactEnd.Before(*in.ImpactStart) {
		p.note(0, "the impact ends before it starts; its end is kept in the body")
		p.keep("Times that cannot be", "- Impact end: "+w.ImpactEnd.Format(time.RFC3339))
		in.ImpactEnd = nil
	}
}

func (p *planner) events() {
	for _, e := range p.draft.Events {
		written := writtenOf(e)
		if e.At.After(p.now) {
			p.note(e.Line, "the event is still to come; it is kept in the body")
			p.keep("Events that cannot be", "- "+e.At.Format(time.RFC3339)+written+": "+e.Text)
			continue
		}
		at := e.At.UTC()
		text, rest := cut(e.Text+written, fault.MaxText)
		if strings.TrimSpace(text) == "" {
			text = e.Written
		}
		if rest != "" {
			p.note(e.Line, "the event does not fit; it goes on in the body")
			p.keep("Events (continued)", at.Format(time.RFC3339)+"\n\n"+rest)
		}
		source, _ := cut(fmt.Sprintf("line %d of %s", e.Line, oneLine(p.draft.Name)), fault.MaxTitle)
		p.Events = append(p.Events, incident.EventInput{OccurredAt: &at, Kind: e.Kind, Text: text, Source: source})
	}
}

// writtenOf is what the time of an event does not hold: that it was not exact, or when it ended.
func writtenOf(e postmortem.Event) string {
	switch {
	case e.Until != nil:
		return fmt.Sprintf(" (%s; until %s)", oneLine(e.Written), e.Until.UTC().Format(time.RFC3339))
	case e.Approximate:
		return fmt.Sprintf(" (%s)", oneLine(e.Written))
	}
	return ""
}

// over decides when the incident was over: at the end that is stated, else with the last event.
func (p *planner) over() {
	p.Over = p.Incident.ImpactEnd
	if p.Over != nil {
		return
	}
	for _, e := range p.Events {
		if p.Over == nil || e.OccurredAt.After(*p.Over) {
			p.Over = e.OccurredAt
		}
	}
	if p.Over != nil {
		p.note(0, "no end of the impact is stated; the incident is taken for resolved with the last event")
	}
}
