package handlers

import (
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

type incidentPage struct {
	Incident   IncidentView
	Attempt    *AttemptView
	Service    *ServiceView
	Facts      []fact
	Entries    []storyLine
	Findings   []FindingView
	Runbooks   []RunbookMatch
	Similar    []similarLink
	References []ReferenceView
}

func (a *API) incidentPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.incidents.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	p := incidentPage{
		Incident: view, Attempt: a.attempts.maybe(ctx, view.AttemptID), Service: a.services.maybe(ctx, view.ServiceID), Facts: a.incidentFacts(view),
		References: view.References,
	}
	events, _, err := a.incidentEvents.views(ctx, record.ListQuery{Within: map[string]int{"incident_id": view.ID.N}, Limit: record.MaxLimit})
	if err != nil {
		return web.Page{}, err
	}
	if p.Runbooks, err = a.runbookMatches(ctx, view.ID); err != nil {
		return web.Page{}, err
	}
	p.Entries = a.tell(entriesOf(view.ID, events))
	if p.Findings, _, err = a.findings.views(ctx, by("incident_id", view.ID)); err != nil {
		return web.Page{}, err
	}
	p.Similar = slices.DeleteFunc(a.similarLinks(ctx, view.ID), func(s similarLink) bool { // what belongs to it is no other time
		return slices.ContainsFunc(p.Findings, func(f FindingView) bool { return f.ID.String() == s.ID })
	})
	return about(view.Record, view.Title, "incidents", p), err
}

// entriesOf are events as a timeline tells them.
func entriesOf(of vocab.ID, events []EventView) []timeline.Entry {
	entries := make([]timeline.Entry, 0, len(events))
	for _, e := range events {
		acted := e.ActedOn
		entries = append(entries, timeline.Entry{
			At: *e.OccurredAt, Type: timeline.TypeEvent, Kind: string(e.Kind), Text: e.Text, Ref: e.ID, Of: of, By: e.CreatedBy, RecordedAt: e.CreatedAt,
			ActedOn: &acted, Source: e.Source, SupersededBy: e.SupersededBy,
		})
	}
	slices.SortStableFunc(entries, func(x, y timeline.Entry) int { return x.At.Compare(y.At) })
	return entries
}

func (a *API) incidentFacts(v IncidentView) []fact {
	var facts []fact
	if v.ImpactStart != nil {
		facts = append(facts, fact{"Harm began", a.moment(v.ImpactStart), a.weekday(v.ImpactStart), "bad"})
	}
	if v.DetectedAt != nil {
		f := fact{"Noticed", a.moment(v.DetectedAt), "", toneOfNotice(v.DetectedBy)}
		if v.DetectedBy != "" {
			f.More = "by " + strings.ReplaceAll(string(v.DetectedBy), "_", " ")
		}
		if v.ImpactStart != nil {
			f.More = join(f.More, web.Lasted(v.DetectedAt.Sub(*v.ImpactStart))+" after it began")
		}
		facts = append(facts, f)
	}
	if v.ImpactStart != nil && v.ImpactEnd != nil {
		facts = append(facts, fact{"Harm ended", a.moment(v.ImpactEnd), "after " + web.Lasted(v.ImpactEnd.Sub(*v.ImpactStart)), "bad"})
	}
	if v.AttemptRelation != "" {
		facts = append(facts, fact{"The attempt", map[vocab.AttemptRelation]string{
			vocab.AttemptRelationTriggeredBy: "set it off", vocab.AttemptRelationCoincident: "was under way",
		}[v.AttemptRelation], v.AttemptID.String(), ""})
	}
	return facts
}
