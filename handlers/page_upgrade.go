package handlers

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// upgradePage is what the page of an upgrade shows.
type upgradePage struct {
	Upgrade     UpgradeView
	Attempts    []AttemptView
	Rows        []compareRow
	Changes     []attemptChange
	Assumptions []AssumptionView
	Hours       float64
	Plot        template.HTML
	References  []ReferenceView
}

// compareRow is one thing about all attempts.
type compareRow struct {
	Name  string
	Cells []compareCell
}

type compareCell struct {
	Text string
	// HTML says that the text is Markdown.
	HTML bool
	// Changed says that the attempt before was different.
	Changed bool
}

// attemptChange says what is different on an attempt.
type attemptChange struct {
	From, To int
	Said     []string
}

func (a *API) upgradePage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.upgrades.viewed(c, "service")
	if err != nil {
		return web.Page{}, err
	}
	p := upgradePage{Upgrade: view, References: view.References}
	if p.Attempts, _, err = a.attempts.views(ctx, by("upgrade_id", view.ID), "environment"); err != nil {
		return web.Page{}, err
	}
	slices.SortFunc(p.Attempts, func(x, y AttemptView) int { return x.Number - y.Number })
	if p.Assumptions, _, err = a.assumptions.views(ctx, by("upgrade_id", view.ID)); err != nil {
		return web.Page{}, err
	}
	p.Rows = a.compare(p.Attempts)
	for i := 1; i < len(p.Attempts); i++ {
		if said := changes(p.Attempts[i-1], p.Attempts[i]); len(said) > 0 {
			p.Changes = append(p.Changes, attemptChange{p.Attempts[i-1].Number, p.Attempts[i].Number, said})
		}
	}
	if len(p.Attempts) > 0 {
		spent, err := a.Support.For(ctx, p.Attempts[len(p.Attempts)-1].ID.N)
		if err != nil {
			return web.Page{}, err
		}
		p.Hours = spent.SunkEffort.Hours
		p.Plot = web.Bars("Hours by phase", byPhase(spent.SunkEffort.ByPhase))
	}
	return about(view.Record, view.Title, "home", p), nil
}

// byPhase are hours in the order of the work.
func byPhase(hours map[string]float64) []web.Bar {
	var bars []web.Bar
	for _, phase := range vocab.EffortPhase("").Values() {
		if hours[phase] != 0 {
			bars = append(bars, web.Bar{Name: phase, Words: web.Number(hours[phase]) + " h", Amount: hours[phase]})
		}
	}
	return bars
}

// compare puts attempts side by side; what is planned is marked where it differs from the attempt before.
func (a *API) compare(attempts []AttemptView) []compareRow {
	rows := []struct {
		name     string
		of       func(AttemptView) string
		markdown bool
		plan     bool
	}{
		{"Deployed", func(v AttemptView) string { return join(a.weekday(v.StartedAt), a.moment(v.StartedAt)) }, false, false},
		{"Ended", func(v AttemptView) string { return join(a.weekday(v.EndedAt), a.moment(v.EndedAt)) }, false, false},
		{"Stayed in for", stayed, false, false},
		{"Planned for", func(v AttemptView) string { return join(a.weekday(v.WindowStart), a.moment(v.WindowStart)) }, false, false},
		{"Watched for", watch, false, true},
		{"Environment", func(v AttemptView) string {
			if v.Environment == nil {
				return ""
			}
			return v.Environment.Name
		}, false, true},
		{"Release", func(v AttemptView) string { return v.ReleaseRef }, false, true},
		{"Touches", func(v AttemptView) string { return strings.Join(v.ChangedAreas, ", ") }, false, true},
		{"Users affected", func(v AttemptView) string {
			if v.UsersAffected == nil {
				return ""
			}
			return web.Number(*v.UsersAffected)
		}, false, false},
		{"Strategy", func(v AttemptView) string { return v.Strategy }, true, true},
		{"Outcome", func(v AttemptView) string { return v.OutcomeSummary }, true, false},
	}
	var all []compareRow
	for _, r := range rows {
		row := compareRow{Name: r.name}
		empty := true
		for _, v := range attempts {
			text := r.of(v)
			empty = empty && text == ""
			changed := r.plan && len(row.Cells) > 0 && text != row.Cells[len(row.Cells)-1].Text
			row.Cells = append(row.Cells, compareCell{text, r.markdown, changed})
		}
		if !empty {
			all = append(all, row)
		}
	}
	return all
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func stayed(v AttemptView) string {
	if v.StartedAt == nil || v.EndedAt == nil {
		return ""
	}
	return web.Lasted(v.EndedAt.Sub(*v.StartedAt))
}

// watch is how long after its window an attempt is watched.
func watch(v AttemptView) string {
	if v.WatchUntil == nil || v.WindowEnd == nil {
		return ""
	}
	return web.Lasted(v.WatchUntil.Sub(*v.WindowEnd))
}

// changes says in sentences what is different on the second of two attempts.
func changes(was, is AttemptView) []string {
	var said []string
	if added := without(is.ChangedAreas, was.ChangedAreas); len(added) > 0 {
		said = append(said, "It also touches "+strings.Join(added, ", ")+".")
	}
	if gone := without(was.ChangedAreas, is.ChangedAreas); len(gone) > 0 {
		said = append(said, "It no longer touches "+strings.Join(gone, ", ")+".")
	}
	if x, y := watch(was), watch(is); x != y && y != "" {
		said = append(said, "It is watched for "+y+", and the one before was "+watchedFor(x)+".")
	}
	if was.WindowStart != nil && is.WindowStart != nil && was.WindowStart.Weekday() != is.WindowStart.Weekday() {
		said = append(said, fmt.Sprintf("It is deployed on a %s instead of a %s.", is.WindowStart.Weekday(), was.WindowStart.Weekday()))
	}
	if was.ReleaseRef != is.ReleaseRef && is.ReleaseRef != "" {
		said = append(said, "The release is "+is.ReleaseRef+" instead of "+orWords(was.ReleaseRef, "one without a name")+".")
	}
	if was.EnvironmentID != is.EnvironmentID && is.Environment != nil {
		said = append(said, "It goes to "+is.Environment.Name+".")
	}
	return said
}

func watchedFor(x string) string {
	if x == "" {
		return "not watched"
	}
	return "for " + x
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

func orWords(text, other string) string {
	if text == "" {
		return other
	}
	return text
}
