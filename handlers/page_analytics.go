package handlers

import (
	"context"
	"html/template"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/analytics"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// panel is one figure on the page.
type panel struct {
	Name, Value, Said, Definition string
	Plot                          template.HTML
	Rows                          []figureRow
}

type figureRow struct{ Word, Text string }

type analyticsPage struct {
	// Sample says that demonstration data is counted.
	Sample bool
	Panels []panel
}

func (a *API) analyticsPage(c echo.Context) (web.Page, error) {
	p := parameters{values: c.QueryParams(), known: []string{"include_sample"}}
	sample := p.flag("include_sample")
	if err := p.err(); err != nil {
		return web.Page{}, err
	}
	ctx := c.Request().Context()
	if !c.QueryParams().Has("include_sample") {
		var err error
		if sample, err = a.onlySample(ctx); err != nil {
			return web.Page{}, err
		}
	}
	page := analyticsPage{Sample: sample}
	for _, make := range []func(context.Context, analytics.Ask) (panel, error){a.failurePanel, a.detectionPanel, a.effortPanel, a.assumptionPanel, a.lessonPanel, a.actionPanel} {
		made, err := make(ctx, analytics.Ask{IncludeSample: sample})
		if err != nil {
			return web.Page{}, err
		}
		page.Panels = append(page.Panels, made)
	}
	return web.Page{Title: "Analytics", Section: "analytics", Data: page}, nil
}

// onlySample says whether there is nothing but demonstration data, which is then worth showing.
func (a *API) onlySample(ctx context.Context) (bool, error) {
	f, err := a.Analytics.Figure(ctx, analytics.ChangeFailure, analytics.Ask{})
	if err != nil {
		return false, err
	}
	return f.Denominator == 0 && f.Excluded["sample"] > 0, nil
}

func (a *API) failurePanel(ctx context.Context, ask analytics.Ask) (panel, error) {
	f, err := a.Analytics.Figure(ctx, analytics.ChangeFailure, ask)
	if err != nil {
		return panel{}, err
	}
	p := panel{Name: "Change failure", Definition: f.Definition, Value: percent(f)}
	if p.Value == "" {
		p.Value = web.Number(f.Numerator) + " of " + web.Number(f.Denominator)
	}
	p.Said = web.Number(f.Numerator) + " of " + web.Number(f.Denominator) + " attempts failed."
	if f.TooFew {
		p.Said += " That is too few for a percentage."
	}
	held := float64(f.Denominator) - f.Numerator
	p.Plot = web.Bars("Change failure", []web.Bar{
		{Name: "failed", Words: web.Number(f.Numerator), Amount: f.Numerator, Tone: "bad"}, {Name: "held", Words: web.Number(held), Amount: held, Tone: "good"},
	})
	p.Rows = rowsOf(f)
	return p, nil
}

func (a *API) detectionPanel(ctx context.Context, ask analytics.Ask) (panel, error) {
	f, err := a.Analytics.Figure(ctx, analytics.Detection, ask)
	if err != nil {
		return panel{}, err
	}
	p := panel{Name: "Detection and recognition", Definition: f.Definition, Rows: rowsOf(f)}
	p.Said = "How long it took from the harm to the first signal, and from the first signal to the first thing done about it. Half took at most, and nine of ten:"
	var bars []web.Bar
	for _, name := range []string{"time_to_detect", "recognition_gap"} {
		if d, ok := f.Durations[name]; ok {
			name = strings.ReplaceAll(name, "_", " ")
			bars = append(bars, web.Bar{Name: name + ", half", Words: atOnce(d.P50), Amount: d.P50, Tone: "warn"},
				web.Bar{Name: name + ", 9 of 10", Words: atOnce(d.P90), Amount: d.P90, Tone: "warn"})
		}
	}
	if p.Plot = web.Bars("Detection and recognition", bars); len(bars) == 0 {
		p.Said = "No incident in this time says when its harm began."
	}
	return p, nil
}

// atOnce writes a duration, and says so where there is hardly any.
func atOnce(s float64) string {
	if s < 60 {
		return "at once"
	}
	return web.Lasted(seconds(s))
}

func (a *API) effortPanel(ctx context.Context, ask analytics.Ask) (panel, error) {
	f, err := a.Analytics.Figure(ctx, analytics.EffortSpent, ask)
	if err != nil {
		return panel{}, err
	}
	return panel{
		Name: "Effort by phase", Definition: f.Definition, Value: web.Number(f.Numerator) + " h", Said: "spent in this time, by phase. Never by person.",
		Plot: web.Bars("Effort by phase", byPhase(f.Breakdown["phase"])), Rows: rowsOf(f),
	}, nil
}

func (a *API) assumptionPanel(ctx context.Context, ask analytics.Ask) (panel, error) {
	f, err := a.Analytics.Figure(ctx, analytics.Assumptions, ask)
	if err != nil {
		return panel{}, err
	}
	tones := map[string]string{"verified": "good", "falsified": "bad", "unverified": "warn", "expired": "warn", "disputed": "warn"}
	return panel{
		Name: "What was taken for granted", Definition: f.Definition, Value: percent(f), Said: said(f, "of the assumptions made in this time are verified.", "What became of the assumptions made in this time."),
		Plot: web.Bars("Assumption outcomes", words(f, tones, "status", "outcome")), Rows: rowsOf(f),
	}, nil
}

func (a *API) lessonPanel(ctx context.Context, ask analytics.Ask) (panel, error) {
	f, err := a.Analytics.Figure(ctx, analytics.Lessons, ask)
	if err != nil {
		return panel{}, err
	}
	tones := map[string]string{"applied": "good", "prevented": "good", "recurred": "bad", "skipped": "warn", "unanswered": "warn"}
	return panel{
		Name: "Lessons", Definition: f.Definition, Value: percent(f), Said: said(f, "of the lessons shown to attempts were applied.", "How lessons that were shown to attempts were answered."),
		Plot: web.Bars("Answers to lessons", words(f, tones, "response")), Rows: rowsOf(f),
	}, nil
}

func (a *API) actionPanel(ctx context.Context, ask analytics.Ask) (panel, error) {
	f, err := a.Analytics.Figure(ctx, analytics.Actions, ask)
	if err != nil {
		return panel{}, err
	}
	tones := map[string]string{"overdue": "bad", "done_late": "warn", "done_on_time": "good", "done": "good", "verified": "good"}
	return panel{
		Name: "Actions", Definition: f.Definition, Value: percent(f), Said: "What became of what was decided to do.",
		Plot: web.Bars("Actions", words(f, tones, "state")), Rows: rowsOf(f),
	}, nil
}

// said goes on from the value of a figure, and stands by itself where there is none.
func said(f *analytics.Figure, with, without string) string {
	if f.Value == nil {
		return without
	}
	return with
}

// percent is the value of a figure, "" where there is none.
func percent(f *analytics.Figure) string {
	if f.Value == nil {
		return ""
	}
	if f.Unit == "percent" {
		return web.Number(*f.Value) + " %"
	}
	return web.Number(*f.Value)
}

// words are the bars of the first breakdown that a figure has; words of our lists stand in their order.
func words(f *analytics.Figure, tones map[string]string, names ...string) []web.Bar {
	for _, name := range names {
		counts := f.Breakdown[name]
		if len(counts) == 0 {
			continue
		}
		order := slices.Concat(vocab.AssumptionStatus("").Values(), vocab.LessonResponse("").Values(), vocab.ActionStatus("").Values())
		keys := slices.Sorted(maps.Keys(counts))
		slices.SortStableFunc(keys, func(x, y string) int { return rankIn(order, x) - rankIn(order, y) })
		bars := make([]web.Bar, len(keys))
		for i, key := range keys {
			bars[i] = web.Bar{Name: strings.ReplaceAll(key, "_", " "), Words: web.Number(counts[key]), Amount: counts[key], Tone: tones[key]}
		}
		return bars
	}
	return nil
}

func rankIn(order []string, word string) int {
	if i := slices.Index(order, word); i >= 0 {
		return i
	}
	return len(order)
}

// rowsOf are all numbers of a figure, for those who do not look at drawings.
func rowsOf(f *analytics.Figure) []figureRow {
	rows := []figureRow{{"numerator", web.Number(f.Numerator)}, {"denominator", web.Number(f.Denominator)}}
	for _, name := range slices.Sorted(maps.Keys(f.Durations)) {
		d := f.Durations[name]
		rows = append(rows, figureRow{name + ", half at most", web.Lasted(seconds(d.P50))}, figureRow{name + ", nine of ten at most", web.Lasted(seconds(d.P90))})
	}
	for _, name := range slices.Sorted(maps.Keys(f.Breakdown)) {
		for _, word := range slices.Sorted(maps.Keys(f.Breakdown[name])) {
			rows = append(rows, figureRow{name + ": " + word, web.Number(f.Breakdown[name][word])})
		}
	}
	for _, why := range slices.Sorted(maps.Keys(f.Excluded)) {
		rows = append(rows, figureRow{"left out: " + why, web.Number(f.Excluded[why])})
	}
	return rows
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
