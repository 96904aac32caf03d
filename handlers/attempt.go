package handlers

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// AttemptView is an attempt as clients see it.
type AttemptView struct {
	Record
	upgrade.AttemptInput
	// Counts the attempts of the upgrade, from 1.
	Number int `json:"number" example:"2" minimum:"1"`
	// The state of the attempt.
	Status vocab.AttemptStatus `json:"status" example:"planned"`
	// When the release was marked released.
	ReleasedAt *time.Time `json:"released_at,omitempty" format:"date-time" example:"2026-03-05T12:00:00Z"`
	// The upgrade, with expand=upgrade.
	Upgrade *UpgradeView `json:"upgrade,omitempty"`
	// The environment, with expand=environment.
	Environment *EnvironmentView `json:"environment,omitempty"`
}

func (a *API) attemptResource() *resource[*ent.Attempt, upgrade.AttemptInput, AttemptView, *AttemptView] {
	return &resource[*ent.Attempt, upgrade.AttemptInput, AttemptView, *AttemptView]{
		api: a, deed: a.Attempts, view: a.viewAttempt, expand: map[string]expander[AttemptView]{
			"upgrade": one(a.upgrades, func(v *AttemptView) vocab.ID { return v.UpgradeID }, func(v *AttemptView, u *UpgradeView) { v.Upgrade = u }),
			"environment": one(a.environments, func(v *AttemptView) vocab.ID { return v.EnvironmentID },
				func(v *AttemptView, e *EnvironmentView) { v.Environment = e }),
		},
	}
}

func (a *API) viewAttempt(e *ent.Attempt) AttemptView {
	return AttemptView{Record: a.recordView(vocab.Attempt, e), AttemptInput: a.Attempts.Of(e), Number: e.Number, Status: e.Status, ReleasedAt: record.UTC(e.ReleasedAt)}
}

// ListAttempts handles GET /api/v1/attempts.
//
//	@Summary		List attempts
//	@Description	Tries of upgrades, newest first.
//	@Tags			attempts
//	@x-expand		["environment", "references", "upgrade"]
//	@Success		200	{object}	Page[AttemptView]	"one page of attempts"
//	@Router			/api/v1/attempts [get]
func (a *API) ListAttempts(c echo.Context) error { return a.attempts.list(c) }

// CreateAttempt handles POST /api/v1/attempts.
//
//	@Summary		Add an attempt
//	@Description	Plans the next try of an upgrade; it gets the next number.
//	@Tags			attempts
//	@Param			body	body	upgrade.AttemptInput	true	"the attempt"
//	@Success		201	{object}	AttemptView	"the attempt as kept"
//	@Router			/api/v1/attempts [post]
func (a *API) CreateAttempt(c echo.Context) error { return a.attempts.create(c) }

// BulkCreateAttempts handles POST /api/v1/attempts/bulk.
//
//	@Summary		Add many attempts
//	@Description	Writes up to 1,000 attempts in one transaction; each entry is checked as in a single create.
//	@Tags			attempts
//	@Param			body	body	BulkRequest	true	"the attempts"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/attempts/bulk [post]
func (a *API) BulkCreateAttempts(c echo.Context) error { return a.attempts.bulk(c) }

// GetAttempt handles GET /api/v1/attempts/{id}.
//
//	@Summary		Read an attempt
//	@Description	One attempt.
//	@Tags			attempts
//	@x-expand		["environment", "references", "upgrade"]
//	@Success		200	{object}	AttemptView	"the attempt"
//	@Router			/api/v1/attempts/{id} [get]
func (a *API) GetAttempt(c echo.Context) error { return a.attempts.read(c) }

// UpdateAttempt handles PATCH /api/v1/attempts/{id}.
//
//	@Summary		Change an attempt
//	@Description	Changes the members that the merge patch names.
//	@Tags			attempts
//	@Param			body	body	upgrade.AttemptInput	true	"what changes"
//	@Success		200	{object}	AttemptView	"the attempt as it is now"
//	@Router			/api/v1/attempts/{id} [patch]
func (a *API) UpdateAttempt(c echo.Context) error { return a.attempts.patch(c) }

// DeleteAttempt handles DELETE /api/v1/attempts/{id}.
//
//	@Summary		Delete an attempt
//	@Description	Removes an attempt that no other record refers to.
//	@Tags			attempts
//	@Success		204	"it is gone"
//	@Router			/api/v1/attempts/{id} [delete]
func (a *API) DeleteAttempt(c echo.Context) error { return a.attempts.remove(c) }

// TransitionAttempt handles POST /api/v1/attempts/{id}/transitions.
//
//	@Summary		Move an attempt to another state
//	@Description	planned → ready → in_progress → watching → succeeded, rolled_back or fixed_forward; ready needs a passing gate or a waiver, and success the end of the watch.
//	@Tags			attempts
//	@Param			body	body	record.Move	true	"the state wanted"
//	@Success		200	{object}	AttemptView	"the attempt in its new state"
//	@Router			/api/v1/attempts/{id}/transitions [post]
func (a *API) TransitionAttempt(c echo.Context) error { return a.attempts.transition(c) }
