package handlers

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/drift"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

const (
	// maxCompared is how many differences the page of a comparison shows.
	maxCompared = 500
	// maxAreas is how many areas its picture shows; the rest are counted together.
	maxAreas = 12
)

type driftPage struct {
	Base, Target DriftSide
	Kind         vocab.SnapshotKind
	Kinds        []vocab.SnapshotKind
	Attempt      string
	Picture      any
	Items        []DriftItem
	Total        int
	Blocking     int
	Hidden       DriftHidden
	// Silence says why nothing is compared.
	Silence string
}

// driftPage compares two environments for people: a table, and a picture of what differs by area.
func (a *API) driftPage(c echo.Context) (web.Page, error) {
	if err := noQuery(c, "target", "kind", "attempt_id"); err != nil {
		return web.Page{}, err
	}
	view, err := a.environments.viewed(c)
	if err != nil {
		return web.Page{}, err
	}
	q, err := driftQuestion(c, view.ID.N)
	if err != nil {
		return web.Page{}, err
	}
	p := driftPage{Kind: q.Kind, Base: DriftSide{EnvironmentID: view.ID, Name: view.Name}, Attempt: c.QueryParam("attempt_id")}
	for _, kind := range q.Kind.Values() {
		p.Kinds = append(p.Kinds, vocab.SnapshotKind(kind))
	}
	found, err := a.Parity.Compare(c.Request().Context(), q)
	switch kind := faultOf(err).Kind; {
	case err == nil:
		p.tell(found)
	case kind == fault.Conflict && found.Target.Environment != nil: // one of them has no snapshot of the kind
		p.Target, p.Silence = viewSide(found.Target), "They cannot be compared yet: "+faultOf(err).Message+"."
	default:
		return web.Page{}, err
	}
	return about(view.Record, p.Base.Name+" against "+p.Target.Name, "", p), nil
}

func (p *driftPage) tell(found parity.Comparison) {
	all := viewComparison(found)
	p.Base, p.Target, p.Hidden, p.Total = all.Base, all.Target, all.Hidden, len(all.Items)
	for _, item := range all.Items {
		if item.Blocking {
			p.Blocking++
		}
	}
	p.Picture = web.Bars("Differences by area", areasOf(all.Items))
	p.Items = all.Items[:min(len(all.Items), maxCompared)]
}

// areasOf counts differences by the area they lie in: those that block first, then where most differs.
func areasOf(items []DriftItem) []web.Bar {
	type area struct {
		name            string
		count, blocking int
	}
	at := map[string]int{}
	var areas []area
	for _, item := range items {
		name := drift.AreaOf(item.Path)
		i, known := at[name]
		if !known {
			i = len(areas)
			at[name], areas = i, append(areas, area{name: name})
		}
		areas[i].count++
		if item.Blocking {
			areas[i].blocking++
		}
	}
	slices.SortStableFunc(areas, func(a, b area) int {
		return cmp.Or(cmp.Compare(b.blocking, a.blocking), cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name))
	})
	if len(areas) > maxAreas {
		rest := area{name: fmt.Sprintf("%d other areas", len(areas)-maxAreas+1)}
		for _, one := range areas[maxAreas-1:] {
			rest.count, rest.blocking = rest.count+one.count, rest.blocking+one.blocking
		}
		areas = append(areas[:maxAreas-1], rest)
	}
	bars := make([]web.Bar, len(areas))
	for i, one := range areas {
		bars[i] = web.Bar{Name: one.name, Amount: float64(one.count), Words: fmt.Sprint(one.count)}
		if one.blocking > 0 {
			bars[i].Tone, bars[i].Words = "bad", fmt.Sprintf("%d, %d blocking", one.count, one.blocking)
		}
	}
	return bars
}
