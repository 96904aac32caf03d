package handlers

import (
	"context"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/support"
	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/timeline/draw"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// storyLimit is how many entries of a timeline a page tells.
const storyLimit = 500

// attemptPage is what the page of an attempt shows.
type attemptPage struct {
	Attempt  AttemptView
	Upgrade  UpgradeView
	Siblings []AttemptView
	// Goal is what the upgrade is for, in plain words, and Before the attempt before this one, if it ended.
	Goal   string
	Before *AttemptView
	// Wrong are the assumptions of this attempt that were shown to be wrong.
	Wrong   []AssumptionView
	Facts   []fact
	Drawing template.HTML
	// Earlier are the entries from before the deployment.
	Earlier, Entries []storyLine
	Brief            brief.Brief
	BriefAt          time.Time
	Verdict          brief.Verdict
	// Partial says that the verdict was made from what the reader may see.
	Partial bool
	// Started and Open say where the attempt stands.
	Started, Open       bool
	Findings            []findingGroup
	Decisions           []DecisionView
	Incidents           []IncidentView
	Tripwires           []TripwireView
	Lessons             []ApplicationView
	Assumptions, Shared []AssumptionView
	Reviews             []ReviewView
	Support             *support.DecisionSupport
	References          []ReferenceView
}

// findingGroup are the findings of one attribution.
type findingGroup struct {
	Name  vocab.Attribution
	Items []FindingView
	// Fold hides what the change did not bring about.
	Fold bool
}

func (a *API) attemptPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.attempts.viewed(c, "environment")
	if err != nil {
		return web.Page{}, err
	}
	p := attemptPage{Attempt: view, References: view.References, Started: view.StartedAt != nil, Open: !upgrade.Ended(view.Status)}
	for _, read := range []func(context.Context, *attemptPage) error{a.attemptAround, a.attemptRecords, a.attemptStory, a.attemptBrief} {
		if err := read(ctx, &p); err != nil {
			return web.Page{}, err
		}
	}
	p.Facts = a.attemptFacts(&p)
	return about(view.Record, fmt.Sprintf("%s, attempt %d", p.Upgrade.Title, view.Number), "home", p), nil
}

// attemptAround reads the upgrade and its other attempts.
func (a *API) attemptAround(ctx context.Context, p *attemptPage) (err error) {
	if p.Upgrade, err = a.upgrades.get(ctx, p.Attempt.UpgradeID.N, "service"); err != nil {
		return err
	}
	p.Siblings, _, err = a.attempts.views(ctx, by("upgrade_id", p.Upgrade.ID))
	slices.SortFunc(p.Siblings, func(x, y AttemptView) int { return x.Number - y.Number })
	for i, v := range p.Siblings {
		if v.ID == p.Attempt.ID && i > 0 && p.Siblings[i-1].StartedAt != nil && p.Siblings[i-1].EndedAt != nil {
			p.Before = &p.Siblings[i-1]
		}
	}
	p.Goal = oneLine(p.Upgrade.Goal)
	return err
}

// attemptRecords reads what belongs to the attempt.
func (a *API) attemptRecords(ctx context.Context, p *attemptPage) (err error) {
	id := p.Attempt.ID
	findings, _, err := a.findings.views(ctx, by("attempt_id", id))
	if err != nil {
		return err
	}
	p.Findings = byAttribution(findings)
	if p.Decisions, _, err = a.decisions.views(ctx, by("attempt_id", id)); err != nil {
		return err
	}
	if p.Incidents, _, err = a.incidents.views(ctx, by("attempt_id", id)); err != nil {
		return err
	}
	if p.Tripwires, _, err = a.tripwires.views(ctx, record.ListQuery{Within: map[string]int{"attempt_id": id.N}}); err != nil {
		return err
	}
	if p.Assumptions, _, err = a.assumptions.views(ctx, by("attempt_id", id)); err != nil {
		return err
	}
	for _, v := range p.Assumptions {
		if v.Status == vocab.AssumptionStatusFalsified {
			p.Wrong = append(p.Wrong, v)
		}
	}
	if p.Shared, _, err = a.assumptions.views(ctx, by("upgrade_id", p.Upgrade.ID)); err != nil {
		return err
	}
	if p.Reviews, _, err = a.reviews.views(ctx, by("attempt_id", id)); err != nil {
		return err
	}
	if p.Support, err = a.Support.For(ctx, id.N); err != nil {
		return err
	}
	p.Lessons, err = a.lessonsOf(ctx, id.N)
	return err
}

// maxLine is how many characters a text may have that stands in one line.
const maxLine = 160

// oneLine is the first line of a Markdown text in plain words, cut where it is long.
func oneLine(markdown string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(markup.PlainText(markdown)), "\n")
	return web.Shorten(line, maxLine)
}

func (a *API) lessonsOf(ctx context.Context, attempt int) ([]ApplicationView, error) {
	page, err := a.Lessons.Applications.List(ctx, record.ListQuery{Within: map[string]int{"attempt_id": attempt}})
	if err != nil {
		return nil, err
	}
	all := make([]ApplicationView, len(page.Items))
	for i, e := range page.Items {
		all[i] = viewApplication(e)
	}
	embed := one(a.lessons, func(v *ApplicationView) vocab.ID { return v.LessonID }, func(v *ApplicationView, l *LessonView) { v.Lesson = l })
	return all, embed(ctx, all)
}

// byAttribution groups findings by what caused them, what the change brought about first, the gravest first.
func byAttribution(findings []FindingView) []findingGroup {
	slices.SortStableFunc(findings, func(x, y FindingView) int { return vocab.Rank(x.Severity) - vocab.Rank(y.Severity) })
	var groups []findingGroup
	for _, word := range vocab.Attribution("").Values() {
		group := findingGroup{Name: vocab.Attribution(word)}
		for _, f := range findings {
			if f.Attribution == group.Name || (f.Attribution == "" && group.Name == vocab.AttributionUndetermined) {
				group.Items = append(group.Items, f)
			}
		}
		group.Fold = len(group.Items) > 3 && group.Name != vocab.AttributionCausedByChange && group.Name != vocab.AttributionExposedByChange
		if len(group.Items) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

// attemptBrief tells the brief and the gate: as of the beginning once there is one, and as of now before.
func (a *API) attemptBrief(ctx context.Context, p *attemptPage) error {
	told, err := a.Briefs.Tell(ctx, p.Attempt.ID.N, p.Attempt.StartedAt)
	if err != nil {
		return err
	}
	p.Brief, p.BriefAt = told.Brief, told.Facts.At
	p.Verdict, p.Partial = brief.Evaluate(told.Facts), true
	if auth.From(ctx).May(vocab.ScopeGate) {
		p.Partial = false
		p.Verdict, err = a.Briefs.Look(ctx, p.Attempt.ID.N, told.Facts.At)
	}
	return err
}

// attemptStory tells and draws what happened.
func (a *API) attemptStory(ctx context.Context, p *attemptPage) error {
	entries, _, err := a.Timelines.Of(ctx, p.Attempt.ID.N, nil, storyLimit)
	if err != nil {
		return err
	}
	p.Drawing = drawn(draw.SVG(a.drawing(p.Attempt, p.Upgrade, p.Incidents, entries)))
	split := 0
	if p.Attempt.StartedAt != nil {
		split = slices.IndexFunc(entries, func(e timeline.Entry) bool { return !e.At.Before(*p.Attempt.StartedAt) })
		if split < 0 {
			split = len(entries)
		}
	}
	p.Earlier, p.Entries = a.tell(entries[:split]), a.tell(entries[split:])
	return nil
}

func (a *API) drawing(v AttemptView, up UpgradeView, incidents []IncidentView, entries []timeline.Entry) draw.Drawing {
	d := draw.Drawing{
		Attempt: draw.Attempt{
			ID: v.ID, Title: fmt.Sprintf("%s, attempt %d", up.Title, v.Number), WindowStart: v.WindowStart, WindowEnd: v.WindowEnd,
			WatchUntil: v.WatchUntil, StartedAt: v.StartedAt, EndedAt: v.EndedAt,
		},
		Entries: entries, Zone: a.zone, Now: a.now(),
	}
	for _, in := range incidents {
		if in.ImpactStart == nil || in.NearMiss {
			continue
		}
		harm := draw.Harm{Of: in.ID, From: *in.ImpactStart}
		if in.ImpactEnd != nil {
			harm.To = *in.ImpactEnd
		}
		d.Harm = append(d.Harm, harm)
	}
	return d
}

// attemptFacts are the few things that tell how an attempt went, or what is planned of it.
func (a *API) attemptFacts(p *attemptPage) []fact {
	v := p.Attempt
	if !p.Started {
		return a.planFacts(v)
	}
	facts := []fact{{"Deployed", a.moment(v.StartedAt), a.weekday(v.StartedAt), "info"}}
	if v.EndedAt != nil {
		facts = append(facts, fact{upperFirst(strings.ReplaceAll(string(v.Status), "_", " ")), a.moment(v.EndedAt), "after " + web.Lasted(v.EndedAt.Sub(*v.StartedAt)), toneOfEnd(v.Status)})
	} else if v.WatchUntil != nil {
		facts = append(facts, fact{"Watched until", a.moment(v.WatchUntil), a.weekday(v.WatchUntil), "info"})
	}
	if noticed := firstNotice(p); noticed != nil {
		facts = append(facts, *noticed)
	}
	if crossed := a.crossed(p); crossed != nil {
		facts = append(facts, *crossed)
	}
	if v.UsersAffected != nil {
		facts = append(facts, fact{"Users affected", web.Number(*v.UsersAffected), "", toneOfEnd(v.Status)})
	}
	if p.Support != nil && p.Support.SunkEffort.HoursOnAttempt > 0 {
		facts = append(facts, fact{"Hours spent", web.Number(p.Support.SunkEffort.HoursOnAttempt), web.Number(p.Support.SunkEffort.Hours) + " on the whole upgrade", ""})
	}
	return facts
}

// crossed says when the first tripwire tripped, what had been agreed for that, and how long it took to do it.
func (a *API) crossed(p *attemptPage) *fact {
	var first *TripwireView
	for i, w := range p.Tripwires {
		if w.TrippedAt != nil && (first == nil || w.TrippedAt.Before(*first.TrippedAt)) {
			first = &p.Tripwires[i]
		}
	}
	if first == nil {
		return nil
	}
	f := fact{"Tripwire crossed", a.moment(first.TrippedAt), "agreed: " + string(first.Then), "bad"}
	if end := p.Attempt.EndedAt; end != nil && first.Then == vocab.TripwireThenRollback && p.Attempt.Status == vocab.AttemptStatusRolledBack && end.After(*first.TrippedAt) {
		f.More = "agreed rollback " + web.Lasted(end.Sub(*first.TrippedAt)) + " later"
	}
	return &f
}

func (a *API) planFacts(v AttemptView) []fact {
	facts := []fact{{"Planned for", a.moment(v.WindowStart), a.weekday(v.WindowStart), "info"}}
	if v.WindowStart == nil {
		facts[0].Value = "no window yet"
	}
	if v.WatchUntil != nil {
		facts = append(facts, fact{"Watched until", a.moment(v.WatchUntil), a.weekday(v.WatchUntil), "info"})
	}
	if len(v.ChangedAreas) > 0 {
		facts = append(facts, fact{"Touches", strings.Join(v.ChangedAreas, ", "), "", ""})
	}
	return facts
}

// firstNotice says who noticed first that users were harmed.
func firstNotice(p *attemptPage) *fact {
	var first *IncidentView
	for i, in := range p.Incidents {
		if in.DetectedAt != nil && (first == nil || in.DetectedAt.Before(*first.DetectedAt)) {
			first = &p.Incidents[i]
		}
	}
	if first == nil {
		return nil
	}
	f := fact{Name: "Harm noticed by", Value: strings.ReplaceAll(string(first.DetectedBy), "_", " "), Tone: toneOfNotice(first.DetectedBy)}
	if first.ImpactStart != nil {
		f.More = web.Lasted(first.DetectedAt.Sub(*first.ImpactStart)) + " after it began"
	}
	return &f
}

// toneOfNotice is bad where users had to say it.
func toneOfNotice(by vocab.DetectedBy) string {
	switch by {
	case "":
		return ""
	case vocab.DetectedByUser, vocab.DetectedBySupport:
		return "bad"
	}
	return "good"
}

func toneOfEnd(s vocab.AttemptStatus) string {
	switch s {
	case vocab.AttemptStatusSucceeded:
		return "good"
	case vocab.AttemptStatusRolledBack:
		return "bad"
	}
	return "warn"
}
