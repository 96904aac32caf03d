package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/draw"
	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// maxCompared is how many differences the page of a comparison shows.
const maxCompared = 500

type driftPage struct {
	Base, Target DriftSide
	Kind         vocab.SnapshotKind
	Kinds        []vocab.SnapshotKind
	Attempt      string
	// Share is where the comparison can be shared, "" for who may not.
	Share    string
	Picture  any
	Items    []DriftItem
	Total    int
	Blocking int
	Hidden   DriftHidden
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
		compared := embed.Comparison{Base: view.ID, Target: p.Target.EnvironmentID, Kind: q.Kind}
		if q.Attempt != 0 {
			compared.Attempt = vocab.Attempt.ID(q.Attempt)
		}
		p.Share = a.shareLink(c.Request().Context(), embed.Subject{Compared: compared})
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
	p.Picture = web.Bars("Differences by area", bars(draw.Areas(found.Changes, draw.MaxAreas)))
	p.Items = all.Items[:min(len(all.Items), maxCompared)]
}

// bars draw how much differs in each area.
func bars(areas []card.Area) []web.Bar {
	all := make([]web.Bar, len(areas))
	for i, one := range areas {
		all[i] = web.Bar{Name: one.Name, Amount: float64(one.Count), Words: one.Words()}
		if one.Blocking > 0 {
			all[i].Tone = "bad"
		}
	}
	return all
}
