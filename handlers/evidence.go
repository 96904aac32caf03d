package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EvidenceView is evidence as clients see it.
type EvidenceView struct {
	Record
	assumption.EvidenceInput
	// The assumption it is about.
	AssumptionID vocab.ID `json:"assumption_id" swaggertype:"string" example:"ASM-1"`
	// When it was withdrawn; withdrawn evidence counts for nothing.
	WithdrawnAt *time.Time `json:"withdrawn_at,omitempty" format:"date-time"`
	// Who withdrew it.
	WithdrawnBy string `json:"withdrawn_by,omitempty" example:"release pipeline" maxLength:"120"`
	// Why.
	WithdrawnReason string `json:"withdrawn_reason,omitempty" example:"The comparison ran against the wrong host" maxLength:"100000"`
	// The assumption, with expand=assumption.
	Assumption *AssumptionView `json:"assumption,omitempty"`
}

func (a *API) evidenceResource() *resource[*ent.Evidence, assumption.EvidenceInput, EvidenceView, *EvidenceView] {
	return &resource[*ent.Evidence, assumption.EvidenceInput, EvidenceView, *EvidenceView]{
		api: a, deed: a.Evidence, view: a.viewEvidence,
		parent: &parent[assumption.EvidenceInput]{
			kind: vocab.Assumption, column: "assumption_id",
			get: func(in assumption.EvidenceInput) vocab.ID { return in.AssumptionID },
			set: func(in *assumption.EvidenceInput, id vocab.ID) { in.AssumptionID = id },
		},
		expand: map[string]expander[EvidenceView]{
			"assumption": one(a.assumptions, func(v *EvidenceView) vocab.ID { return v.AssumptionID }, func(v *EvidenceView, x *AssumptionView) { v.Assumption = x }),
		},
	}
}

func (a *API) viewEvidence(e *ent.Evidence) EvidenceView {
	in := a.Evidence.Of(e)
	return EvidenceView{
		Record: a.recordView(vocab.Evidence, e), EvidenceInput: in, AssumptionID: in.AssumptionID, WithdrawnAt: record.UTC(e.WithdrawnAt),
		WithdrawnBy: e.WithdrawnBy, WithdrawnReason: e.WithdrawnReason,
	}
}

// ListEvidence handles GET /api/v1/assumptions/{id}/evidence.
//
//	@Summary		List the evidence of an assumption
//	@Description	What speaks for and against the assumption, newest first; withdrawn evidence too.
//	@Tags			assumptions
//	@Success		200	{object}	Page[EvidenceView]	"one page of evidence"
//	@Router			/api/v1/assumptions/{id}/evidence [get]
func (a *API) ListEvidence(c echo.Context) error { return a.evidence.list(c) }

// CreateEvidence handles POST /api/v1/assumptions/{id}/evidence.
//
//	@Summary		Add evidence
//	@Description	Records an observation that speaks for or against the assumption. It is never edited; it can be withdrawn.
//	@Tags			assumptions
//	@Param			body	body		assumption.EvidenceInput	true	"the evidence"
//	@Success		201		{object}	EvidenceView				"the evidence as kept"
//	@Router			/api/v1/assumptions/{id}/evidence [post]
func (a *API) CreateEvidence(c echo.Context) error { return a.evidence.create(c) }

// GetEvidenceOfAssumption handles GET /api/v1/assumptions/{id}/evidence/{evidence_id}.
//
//	@Summary		Read evidence of an assumption
//	@Description	One observation.
//	@Tags			assumptions
//	@Success		200	{object}	EvidenceView	"the evidence"
//	@Router			/api/v1/assumptions/{id}/evidence/{evidence_id} [get]
func (a *API) GetEvidenceOfAssumption(c echo.Context) error {
	return a.nested(c, a.evidence.below, a.ownEvidence)
}

// GetEvidence handles GET /api/v1/evidence/{id}.
//
//	@Summary		Read evidence
//	@Description	One observation.
//	@Tags			assumptions
//	@Success		200	{object}	EvidenceView	"the evidence"
//	@Router			/api/v1/evidence/{id} [get]
func (a *API) GetEvidence(c echo.Context) error { return a.evidence.read(c) }

// WithdrawEvidence handles POST /api/v1/assumptions/{id}/evidence/{evidence_id}/withdrawal.
//
//	@Summary		Withdraw evidence
//	@Description	Says that the observation no longer counts, and why. It stays to be read.
//	@Tags			assumptions
//	@Param			body	body		assumption.Withdrawal	true	"the reason"
//	@Success		200		{object}	EvidenceView			"the evidence as withdrawn"
//	@Router			/api/v1/assumptions/{id}/evidence/{evidence_id}/withdrawal [post]
func (a *API) WithdrawEvidence(c echo.Context) error {
	return a.nested(c, a.evidence.below, func(c echo.Context, of vocab.ID) error {
		e, err := a.evidenceOf(c, of)
		if err != nil {
			return err
		}
		var asked assumption.Withdrawal
		if err := bindJSON(c, &asked); err != nil {
			return err
		}
		withdrawn, err := a.Evidence.Withdraw(c.Request().Context(), e.ID, asked)
		if err != nil {
			return err
		}
		return a.evidence.answer(c, http.StatusOK, a.viewEvidence(withdrawn))
	})
}

func (a *API) ownEvidence(c echo.Context, of vocab.ID) error {
	if _, err := a.evidenceOf(c, of); err != nil {
		return err
	}
	return a.evidence.read(c)
}

// evidenceOf reads the evidence that the path names, which must be of the assumption that it names.
func (a *API) evidenceOf(c echo.Context, of vocab.ID) (*ent.Evidence, error) {
	n, err := a.evidence.itemID(c)
	if err != nil {
		return nil, err
	}
	e, err := a.Evidence.Get(c.Request().Context(), n)
	if err == nil && e.AssumptionID != of.N {
		return nil, notOf(vocab.Evidence.ID(n), of)
	}
	return e, err
}
