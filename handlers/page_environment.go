package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// maxDriftShown is how many differences a page shows.
const maxDriftShown = 50

type environmentPage struct {
	Environment EnvironmentView
	// Target is the environment that this one is meant to equal.
	Target *EnvironmentView
	Drift  []DriftItem
	// Silence says why there is no difference to show.
	Silence    string
	Snapshots  []SnapshotView
	Attempts   []AttemptView
	References []ReferenceView
}

func (a *API) environmentPage(c echo.Context) (web.Page, error) {
	ctx := c.Request().Context()
	view, err := a.environments.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	p := environmentPage{Environment: view, Target: a.environments.maybe(ctx, view.ParityTargetID), References: view.References}
	if p.Target != nil {
		if p.Drift, p.Silence, err = a.driftOf(ctx, view.ID.N); err != nil {
			return web.Page{}, err
		}
	}
	if p.Snapshots, _, err = a.snapshots.views(ctx, record.ListQuery{Within: map[string]int{"environment_id": view.ID.N}, Limit: 10}); err != nil {
		return web.Page{}, err
	}
	p.Attempts, _, err = a.attempts.views(ctx, newest("environment_id", view.ID), "upgrade")
	return about(view.Record, view.Name, "", p), err
}

// driftOf compares schemas with those of the environment that this one is meant to equal.
func (a *API) driftOf(ctx context.Context, id int) (items []DriftItem, silence string, err error) {
	found, err := a.Parity.Compare(ctx, parity.Question{Base: id, Kind: vocab.SnapshotKindSchema})
	switch kind := faultOf(err).Kind; {
	case err == nil:
	case kind == fault.Conflict, kind == fault.NotFound, kind == fault.Invalid: // there is nothing to compare yet
		return nil, "The schemas cannot be compared yet: " + faultOf(err).Message + ".", nil
	default:
		return nil, "", err
	}
	for _, change := range found.Changes[:min(len(found.Changes), maxDriftShown)] {
		items = append(items, viewDrift(change))
	}
	return items, "The newest schemas of the two are the same.", nil
}
