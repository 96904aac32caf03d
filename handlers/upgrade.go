package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// UpgradeView is an upgrade as clients see it.
type UpgradeView struct {
	Record
	upgrade.Input
	// The state of the upgrade.
	Status vocab.UpgradeStatus `json:"status" example:"active"`
	// The service, with expand=service.
	Service *ServiceView `json:"service,omitempty"`
}

func (a *API) upgradeResource() *resource[*ent.Upgrade, upgrade.Input, UpgradeView, *UpgradeView] {
	return &resource[*ent.Upgrade, upgrade.Input, UpgradeView, *UpgradeView]{
		api: a, deed: a.Upgrades, view: a.viewUpgrade, expand: map[string]expander[UpgradeView]{
			"service": one(a.services, func(v *UpgradeView) vocab.ID { return v.ServiceID }, func(v *UpgradeView, s *ServiceView) { v.Service = s }),
		},
	}
}

func (a *API) viewUpgrade(e *ent.Upgrade) UpgradeView {
	return UpgradeView{Record: a.recordView(vocab.Upgrade, e), Input: a.Upgrades.Of(e), Status: e.Status}
}

// ListUpgrades handles GET /api/v1/upgrades.
//
//	@Summary		List upgrades
//	@Description	What is to be upgraded, whatever the number of tries it takes, newest first.
//	@Tags			upgrades
//	@x-expand		["references", "service"]
//	@Success		200	{object}	Page[UpgradeView]	"one page of upgrades"
//	@Router			/api/v1/upgrades [get]
func (a *API) ListUpgrades(c echo.Context) error { return a.upgrades.list(c) }

// CreateUpgrade handles POST /api/v1/upgrades.
//
//	@Summary		Add an upgrade
//	@Description	Records an intent to upgrade.
//	@Tags			upgrades
//	@Param			body	body	upgrade.Input	true	"the upgrade"
//	@Success		201	{object}	UpgradeView	"the upgrade as kept"
//	@Router			/api/v1/upgrades [post]
func (a *API) CreateUpgrade(c echo.Context) error { return a.upgrades.create(c) }

// BulkCreateUpgrades handles POST /api/v1/upgrades/bulk.
//
//	@Summary		Add many upgrades
//	@Description	Writes up to 1,000 upgrades in one transaction; each entry is checked as in a single create.
//	@Tags			upgrades
//	@Param			body	body	BulkRequest	true	"the upgrades"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/upgrades/bulk [post]
func (a *API) BulkCreateUpgrades(c echo.Context) error { return a.upgrades.bulk(c) }

// GetUpgrade handles GET /api/v1/upgrades/{id}.
//
//	@Summary		Read an upgrade
//	@Description	One upgrade.
//	@Tags			upgrades
//	@x-expand		["references", "service"]
//	@Success		200	{object}	UpgradeView	"the upgrade"
//	@Router			/api/v1/upgrades/{id} [get]
func (a *API) GetUpgrade(c echo.Context) error { return a.upgrades.read(c) }

// UpdateUpgrade handles PATCH /api/v1/upgrades/{id}.
//
//	@Summary		Change an upgrade
//	@Description	Changes the members that the merge patch names.
//	@Tags			upgrades
//	@Param			body	body	upgrade.Input	true	"what changes"
//	@Success		200	{object}	UpgradeView	"the upgrade as it is now"
//	@Router			/api/v1/upgrades/{id} [patch]
func (a *API) UpdateUpgrade(c echo.Context) error { return a.upgrades.patch(c) }

// DeleteUpgrade handles DELETE /api/v1/upgrades/{id}.
//
//	@Summary		Delete an upgrade
//	@Description	Removes an upgrade that no other record refers to.
//	@Tags			upgrades
//	@Success		204	"it is gone"
//	@Router			/api/v1/upgrades/{id} [delete]
func (a *API) DeleteUpgrade(c echo.Context) error { return a.upgrades.remove(c) }

// TransitionUpgrade handles POST /api/v1/upgrades/{id}/transitions.
//
//	@Summary		Move an upgrade to another state
//	@Description	proposed → active → completed or abandoned; an abandoned upgrade may become active again.
//	@Tags			upgrades
//	@Param			body	body	record.Move	true	"the state wanted"
//	@Success		200	{object}	UpgradeView	"the upgrade in its new state"
//	@Router			/api/v1/upgrades/{id}/transitions [post]
func (a *API) TransitionUpgrade(c echo.Context) error { return a.upgrades.transition(c) }
