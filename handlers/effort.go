package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EffortView is an effort entry as clients see it.
type EffortView struct {
	Record
	upgrade.EffortInput
}

func (a *API) effortResource() *resource[*ent.EffortEntry, upgrade.EffortInput, EffortView, *EffortView] {
	return &resource[*ent.EffortEntry, upgrade.EffortInput, EffortView, *EffortView]{
		api: a, deed: a.Efforts, view: a.viewEffort,
	}
}

func (a *API) viewEffort(e *ent.EffortEntry) EffortView {
	return EffortView{Record: a.recordView(vocab.Effort, e), EffortInput: a.Efforts.Of(e)}
}

// ListEffort handles GET /api/v1/effort.
//
//	@Summary		List effort entries
//	@Description	Hours spent, by role and phase, never by person, newest first.
//	@Tags			effort
//	@x-expand		["references"]
//	@Success		200	{object}	Page[EffortView]	"one page of effort entries"
//	@Router			/api/v1/effort [get]
func (a *API) ListEffort(c echo.Context) error { return a.efforts.list(c) }

// CreateEffort handles POST /api/v1/effort.
//
//	@Summary		Add an effort entry
//	@Description	Records hours spent; a negative entry takes an earlier one back.
//	@Tags			effort
//	@Param			body	body	upgrade.EffortInput	true	"the effort entry"
//	@Success		201	{object}	EffortView	"the effort entry as kept"
//	@Router			/api/v1/effort [post]
func (a *API) CreateEffort(c echo.Context) error { return a.efforts.create(c) }

// BulkCreateEffort handles POST /api/v1/effort/bulk.
//
//	@ID				createEffortEntries
//	@Summary		Add many effort entries
//	@Description	Writes up to 1,000 effort entries in one transaction; each entry is checked as in a single create.
//	@Tags			effort
//	@Param			body	body	BulkRequest	true	"the effort entries"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/effort/bulk [post]
func (a *API) BulkCreateEffort(c echo.Context) error { return a.efforts.bulk(c) }

// GetEffort handles GET /api/v1/effort/{id}.
//
//	@Summary		Read an effort entry
//	@Description	One effort entry.
//	@Tags			effort
//	@x-expand		["references"]
//	@Success		200	{object}	EffortView	"the effort entry"
//	@Router			/api/v1/effort/{id} [get]
func (a *API) GetEffort(c echo.Context) error { return a.efforts.read(c) }
