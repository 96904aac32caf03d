package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DecisionView is a decision as clients see it.
type DecisionView struct {
	Record
	upgrade.DecisionInput
	// The state of the decision; expiry is computed.
	Status vocab.DecisionStatus `json:"status" example:"proposed"`
	// The token that accepted it.
	AcceptedBy string `json:"accepted_by,omitempty" example:"TOK-3" maxLength:"120"`
	// The attempt, with expand=attempt.
	Attempt *AttemptView `json:"attempt,omitempty"`
}

func (a *API) decisionResource() *resource[*ent.Decision, upgrade.DecisionInput, DecisionView, *DecisionView] {
	return &resource[*ent.Decision, upgrade.DecisionInput, DecisionView, *DecisionView]{
		api: a, deed: a.Decisions, view: a.viewDecision, expand: map[string]expander[DecisionView]{
			"attempt": one(a.attempts, func(v *DecisionView) vocab.ID { return v.AttemptID }, func(v *DecisionView, t *AttemptView) { v.Attempt = t }),
		},
	}
}

func (a *API) viewDecision(e *ent.Decision) DecisionView {
	return DecisionView{Record: a.recordView(vocab.Decision, e), DecisionInput: a.Decisions.Of(e), Status: a.Decisions.StatusOf(e), AcceptedBy: e.AcceptedBy}
}

// ListDecisions handles GET /api/v1/decisions.
//
//	@Summary		List decisions
//	@Description	Choices, with what they were made between and why, newest first.
//	@Tags			decisions
//	@x-expand		["attempt", "references"]
//	@Success		200	{object}	Page[DecisionView]	"one page of decisions"
//	@Router			/api/v1/decisions [get]
func (a *API) ListDecisions(c echo.Context) error { return a.decisions.list(c) }

// CreateDecision handles POST /api/v1/decisions.
//
//	@Summary		Add a decision
//	@Description	Records a choice; its text is never changed.
//	@Tags			decisions
//	@Param			body	body	upgrade.DecisionInput	true	"the decision"
//	@Success		201	{object}	DecisionView	"the decision as kept"
//	@Router			/api/v1/decisions [post]
func (a *API) CreateDecision(c echo.Context) error { return a.decisions.create(c) }

// BulkCreateDecisions handles POST /api/v1/decisions/bulk.
//
//	@Summary		Add many decisions
//	@Description	Writes up to 1,000 decisions in one transaction; each entry is checked as in a single create.
//	@Tags			decisions
//	@Param			body	body	BulkRequest	true	"the decisions"
//	@Param			atomic	query	bool	false	"write all of them or none"
//	@Success		207	{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/decisions/bulk [post]
func (a *API) BulkCreateDecisions(c echo.Context) error { return a.decisions.bulk(c) }

// GetDecision handles GET /api/v1/decisions/{id}.
//
//	@Summary		Read a decision
//	@Description	One decision.
//	@Tags			decisions
//	@x-expand		["attempt", "references"]
//	@Success		200	{object}	DecisionView	"the decision"
//	@Router			/api/v1/decisions/{id} [get]
func (a *API) GetDecision(c echo.Context) error { return a.decisions.read(c) }

// TransitionDecision handles POST /api/v1/decisions/{id}/transitions.
//
//	@Summary		Move a decision to another state
//	@Description	proposed → accepted → superseded. A waiver or risk acceptance is accepted with another token than it was made with.
//	@Tags			decisions
//	@Param			body	body	record.Move	true	"the state wanted"
//	@Success		200	{object}	DecisionView	"the decision in its new state"
//	@Router			/api/v1/decisions/{id}/transitions [post]
func (a *API) TransitionDecision(c echo.Context) error { return a.decisions.transition(c) }
