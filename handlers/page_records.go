package handlers

import (
	"cmp"
	"context"
	"html/template"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// crumb leads to a record above.
type crumb struct {
	ID    vocab.ID
	Title string
}

// evidenceLine is the evidence of one environment.
type evidenceLine struct {
	Name string
	// Own marks the environment that the assumption is about.
	Own   bool
	Items []EvidenceView
}

type assumptionPage struct {
	Assumption  AssumptionView
	Of          []crumb
	Environment *EnvironmentView
	Standing    string
	Plot        template.HTML
	Lines       []evidenceLine
	// Elsewhere says that there is evidence that does not count.
	Elsewhere  bool
	Decisions  []DecisionView
	References []ReferenceView
}

// standings say what the reasons of a status mean.
var standings = map[vocab.StatusReason]string{
	vocab.StatusReasonNoEvidence:               "Nobody has shown it, and nobody has shown the contrary.",
	vocab.StatusReasonEvidenceWrongEnvironment: "There is evidence, but from another environment than the one it is about, and that does not count.",
	vocab.StatusReasonEvidenceContradicts:      "The newest evidence from its own environment speaks against it.",
	vocab.StatusReasonEvidenceConflicts:        "There is fresh evidence for it and against it.",
	vocab.StatusReasonEvidenceTooOld:           "The evidence for it is older than it holds.",
	vocab.StatusReasonAreaChanged:              "It was shown before one of its areas changed.",
	vocab.StatusReasonEvidenceSupports:         "The newest evidence from its own environment speaks for it.",
	vocab.StatusReasonRetired:                  "It is no longer taken for granted.",
}

func (a *API) assumptionPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.assumptions.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	p := assumptionPage{
		Assumption: view, Environment: a.environments.maybe(ctx, view.EnvironmentID), Standing: standings[view.StatusReason], References: view.References,
	}
	if up := a.upgrades.maybe(ctx, view.UpgradeID); up != nil {
		p.Of = append(p.Of, crumb{up.ID, up.Title})
	}
	if attempt := a.attempts.maybe(ctx, view.AttemptID); attempt != nil {
		p.Of = append(p.Of, crumb{attempt.ID, "attempt " + web.Number(attempt.Number)})
	}
	evidence, _, err := a.evidence.views(ctx, record.ListQuery{Within: map[string]int{"assumption_id": view.ID.N}, Limit: record.MaxLimit})
	if err != nil {
		return web.Page{}, err
	}
	p.Lines = a.evidenceLines(ctx, view.EnvironmentID, evidence)
	p.Elsewhere = slices.ContainsFunc(p.Lines, func(l evidenceLine) bool { return !l.Own && p.Environment != nil })
	p.Plot = a.evidencePlot(p.Lines)
	p.Decisions, _, err = a.decisions.views(ctx, by("assumption_id", view.ID))
	return about(view.Record, view.Statement, "", p), err
}

// evidenceLines sorts evidence by environment, that which counts first, and by when it was observed.
func (a *API) evidenceLines(ctx context.Context, own vocab.ID, evidence []EvidenceView) []evidenceLine {
	slices.SortFunc(evidence, func(x, y EvidenceView) int { return x.ObservedAt.Compare(*y.ObservedAt) })
	var lines []evidenceLine
	at := map[vocab.ID]int{}
	for _, e := range evidence {
		i, known := at[e.EnvironmentID]
		if !known {
			i = len(lines)
			at[e.EnvironmentID] = i
			name := e.EnvironmentID.String()
			if env := a.environments.maybe(ctx, e.EnvironmentID); env != nil {
				name = env.Name
			}
			lines = append(lines, evidenceLine{Name: name, Own: e.EnvironmentID == own})
		}
		lines[i].Items = append(lines[i].Items, e)
	}
	slices.SortStableFunc(lines, func(x, y evidenceLine) int {
		if x.Own != y.Own {
			if x.Own {
				return -1
			}
			return 1
		}
		return cmp.Compare(x.Name, y.Name)
	})
	return lines
}

func (a *API) evidencePlot(lines []evidenceLine) template.HTML {
	strips := make([]web.Strip, len(lines))
	for i, l := range lines {
		strips[i] = web.Strip{Name: l.Name, Own: l.Own}
		for _, e := range l.Items {
			if e.WithdrawnAt == nil {
				strips[i].Sightings = append(strips[i].Sightings, web.Sighting{At: *e.ObservedAt, Result: string(e.Result), Said: e.ID.String() + ": " + e.Summary})
			}
		}
	}
	return web.Strips("Evidence by environment", strips, a.zone)
}

func (a *API) lessonPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.lessons.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	p := struct {
		Lesson     LessonView
		Effect     lesson.Effect
		Plot       template.HTML
		Actions    []ActionView
		References []ReferenceView
	}{Lesson: view, References: view.References}
	if p.Effect, err = a.Lessons.EffectOf(ctx, view.ID.N); err != nil {
		return web.Page{}, err
	}
	count := func(name string, n int, tone string) web.Bar {
		return web.Bar{Name: name, Words: web.Number(n), Amount: float64(n), Tone: tone}
	}
	p.Plot = web.Bars("What became of the lesson", []web.Bar{
		count("shown", p.Effect.Surfaced, ""), count("applied", p.Effect.Applied, ""), count("prevented", p.Effect.Prevented, "good"),
		count("came back", p.Effect.Recurred, "bad"), count("skipped", p.Effect.Skipped, "warn"),
	})
	p.Actions, _, err = a.actions.views(ctx, by("lesson_id", view.ID))
	return about(view.Record, view.Title, "lessons", p), err
}

func (a *API) findingPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.findings.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	p := struct {
		Finding     FindingView
		Attempt     *AttemptView
		Service     *ServiceView
		Environment *EnvironmentView
		Similar     []similarLink
		Runbooks    []RunbookMatch
		Actions     []ActionView
		References  []ReferenceView
	}{
		view, a.attempts.maybe(ctx, view.AttemptID), a.services.maybe(ctx, view.ServiceID), a.environments.maybe(ctx, view.EnvironmentID),
		a.similarLinks(ctx, view.ID), nil, nil, view.References,
	}
	if p.Runbooks, err = a.runbookMatches(ctx, view.ID); err != nil {
		return web.Page{}, err
	}
	p.Actions, _, err = a.actions.views(ctx, by("finding_id", view.ID))
	return about(view.Record, view.Title, "", p), err
}

// similarLink leads to a record that is like the one shown.
type similarLink struct{ ID, Path, Title, Explanation string }

func (a *API) similarLinks(ctx context.Context, id vocab.ID) []similarLink {
	var links []similarLink
	for _, s := range a.offer(ctx, id) {
		links = append(links, similarLink{s.ID, pathOf(s.ID), s.Title, s.Explanation})
	}
	return links
}

func (a *API) decisionPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.decisions.viewed(c, "attempt")
	if err != nil {
		return web.Page{}, err
	}
	p := struct {
		Decision         DecisionView
		Attempt, Outcome *AttemptView
		References       []ReferenceView
	}{Decision: view, Attempt: a.attempts.maybe(ctx, view.AttemptID), References: view.References}
	if p.Attempt != nil && p.Attempt.EndedAt != nil && p.Attempt.OutcomeSummary != "" {
		p.Outcome = p.Attempt
	}
	return about(view.Record, view.Question, "", p), nil
}

func (a *API) runbookPage(c echo.Context) (web.Page, error) {
	view, err := a.runbooks.viewed(c, "service")
	if err != nil {
		return web.Page{}, err
	}
	p := struct {
		Runbook RunbookView
		// Rules say what it is offered for.
		Rules      []string
		Feedback   []FeedbackView
		Counts     FeedbackCounts
		References []ReferenceView
	}{Runbook: view, References: view.References}
	for _, r := range view.MatchRules {
		p.Rules = append(p.Rules, saidRule(r))
	}
	rows, counts, err := a.RunbookFeedback.Of(c.Request().Context(), view.ID.N)
	if err != nil {
		return web.Page{}, err
	}
	for _, e := range rows[:min(len(rows), maxFeedbackShown)] {
		p.Feedback = append(p.Feedback, viewFeedback(e))
	}
	p.Counts = countsOf(counts)
	return about(view.Record, view.Title, "", p), nil
}

// maxFeedbackShown is how much of what was said of a runbook its page shows.
const maxFeedbackShown = 10

// saidRule says what a rule asks of a record; all of it must hold.
func saidRule(r vocab.RunbookRule) string {
	var parts []string
	say := func(what string, words []string) {
		if len(words) > 0 {
			parts = append(parts, what+" "+strings.Join(words, " or "))
		}
	}
	var services, severities []string
	for _, id := range r.ServiceIDs {
		services = append(services, id.String())
	}
	for _, s := range r.Severities {
		severities = append(severities, string(s))
	}
	say("service", services)
	say("component", r.Components)
	say("tag", r.Tags)
	say("severity", severities)
	say("text", r.Contains)
	return strings.Join(parts, ", ")
}

// newest is a query for the newest few records that belong to one.
func newest(filter string, id vocab.ID) record.ListQuery {
	q := by(filter, id)
	q.Limit = 10
	return q
}

func (a *API) servicePage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.services.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	p := struct {
		Service    ServiceView
		Upgrades   []UpgradeView
		Incidents  []IncidentView
		Runbooks   []RunbookView
		Findings   []FindingView
		References []ReferenceView
	}{Service: view, References: view.References}
	q := newest("service_id", view.ID)
	if p.Upgrades, _, err = a.upgrades.views(ctx, q); err != nil {
		return web.Page{}, err
	}
	if p.Incidents, _, err = a.incidents.views(ctx, q); err != nil {
		return web.Page{}, err
	}
	if p.Runbooks, _, err = a.runbooks.views(ctx, q); err != nil {
		return web.Page{}, err
	}
	p.Findings, _, err = a.findings.views(ctx, q)
	return about(view.Record, view.Name, "", p), err
}

// upperFirst begins a sentence.
func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
