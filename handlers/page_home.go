package handlers

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// Sizes of the lists on the first page.
const (
	homeUpgrades = 30
	homeLatest   = 5
	homeNext     = 5
)

// homePage is what the first page shows.
type homePage struct {
	Next      []nextAttempt
	Upgrades  []upgradeRow
	More      string
	Incidents []IncidentView
	Lessons   []LessonView
}

// nextAttempt is an attempt that has not ended, with what speaks against it.
type nextAttempt struct {
	Attempt     AttemptView
	Upgrade     UpgradeView
	Environment string
	Verdict     *brief.Verdict
}

type upgradeRow struct {
	Upgrade  UpgradeView
	Attempts []AttemptView
}

func (a *API) homePage(c echo.Context) (web.Page, error) {
	p := parameters{values: c.QueryParams(), known: []string{"cursor"}}
	cursor := p.one("cursor")
	if err := p.err(); err != nil {
		return web.Page{}, err
	}
	ctx := c.Request().Context()
	var home homePage
	upgrades, next, err := a.upgrades.views(ctx, record.ListQuery{Limit: homeUpgrades, Cursor: cursor}, "service")
	if err != nil {
		return web.Page{}, err
	}
	home.More = next
	if home.Upgrades, err = a.withAttempts(ctx, upgrades); err != nil {
		return web.Page{}, err
	}
	if home.Next, err = a.nextAttempts(ctx); err != nil {
		return web.Page{}, err
	}
	if home.Incidents, _, err = a.incidents.views(ctx, record.ListQuery{Limit: homeLatest}); err != nil {
		return web.Page{}, err
	}
	home.Lessons, _, err = a.lessons.views(ctx, record.ListQuery{Limit: homeLatest})
	return web.Page{Title: "Upgrades", Section: "home", Data: home}, err
}

// withAttempts reads the attempts of all the upgrades at once.
func (a *API) withAttempts(ctx context.Context, upgrades []UpgradeView) ([]upgradeRow, error) {
	rows := make([]upgradeRow, len(upgrades))
	if len(upgrades) == 0 {
		return rows, nil
	}
	ids := make([]string, len(upgrades))
	for i, u := range upgrades {
		ids[i] = u.ID.String()
	}
	attempts, _, err := a.attempts.views(ctx, record.ListQuery{Filters: map[string][]string{"upgrade_id": ids}, Limit: record.MaxLimit})
	for i, u := range upgrades {
		rows[i].Upgrade = u
		for _, attempt := range attempts {
			if attempt.UpgradeID == u.ID {
				rows[i].Attempts = append(rows[i].Attempts, attempt)
			}
		}
		slices.SortFunc(rows[i].Attempts, func(x, y AttemptView) int { return x.Number - y.Number })
	}
	return rows, err
}

// nextAttempts are the attempts that have not ended, with what their gate would answer to this reader.
func (a *API) nextAttempts(ctx context.Context) ([]nextAttempt, error) {
	open := []string{
		string(vocab.AttemptStatusPlanned), string(vocab.AttemptStatusReady), string(vocab.AttemptStatusInProgress), string(vocab.AttemptStatusWatching),
	}
	attempts, _, err := a.attempts.views(ctx, record.ListQuery{Filters: map[string][]string{"status": open}, Limit: homeNext}, "upgrade", "environment")
	if err != nil {
		return nil, err
	}
	next := make([]nextAttempt, 0, len(attempts))
	for _, v := range attempts {
		n := nextAttempt{Attempt: v}
		if v.Upgrade != nil {
			n.Upgrade = *v.Upgrade
		}
		if v.Environment != nil {
			n.Environment = v.Environment.Name
		}
		if v.StartedAt == nil {
			told, err := a.Briefs.Tell(ctx, v.ID.N, nil)
			if err != nil {
				return nil, err
			}
			verdict := brief.Evaluate(told.Facts)
			n.Verdict = &verdict
		}
		next = append(next, n)
	}
	return next, nil
}
