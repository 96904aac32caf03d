package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DriftItem is one difference between two environments.
type DriftItem struct {
	// Where the fact stands.
	Path string `json:"path" example:"table/sessions/index/user_last_seen" maxLength:"1000"`
	// missing: the target lacks it; added: only the target has it; changed: the two differ.
	Change string `json:"change" enums:"added,missing,changed" example:"missing"`
	// What the base has; null when it has nothing.
	Base any `json:"base" example:"btree (user_id, last_seen)"`
	// What the target has; null when it has nothing.
	Target any `json:"target" example:"btree (user_id)"`
	// Counts from 1, the difference to look at first.
	Rank int `json:"rank" example:"1" minimum:"1"`
	// What differs, and why it matters here.
	Why string `json:"why" example:"index user_last_seen on sessions is missing in DEV; the attempt changes sessions" maxLength:"4000"`
	// True where a blocking assumption names what differs, or the attempt asked about changes it.
	Blocking bool `json:"blocking" example:"true"`
}

// DriftSide is one of the environments compared.
type DriftSide struct {
	// The environment.
	EnvironmentID vocab.ID `json:"environment_id" swaggertype:"string" example:"ENV-1"`
	// Its name.
	Name string `json:"name" example:"PROD" maxLength:"120"`
	// When the oldest of the snapshots that tell what it is like was last seen to hold.
	SeenAt time.Time `json:"seen_at" format:"date-time" example:"2026-03-02T08:00:00Z"`
}

// DriftHidden is what ignore rules hide.
type DriftHidden struct {
	// How many differences are hidden.
	Count int `json:"count" example:"12" minimum:"0"`
	// The rules in force, each with what it hides; a difference counts for the first rule that matches it.
	Rules []DriftRule `json:"rules" maxItems:"2000"`
}

// DriftRule is an ignore rule in force.
type DriftRule struct {
	// The rule.
	ID string `json:"id" example:"IGN-1" maxLength:"40"`
	// What it is matched with.
	Pattern string `json:"pattern" example:"table/tmp_*/**" maxLength:"1000"`
	// Why the difference is accepted.
	Reason string `json:"reason" example:"Scratch tables of the nightly job" maxLength:"100000"`
	// When it stops to hide anything.
	ExpiresAt *time.Time `json:"expires_at,omitempty" format:"date-time" example:"2026-06-01T00:00:00Z"`
	// How many differences it hides.
	Count int `json:"count" example:"12" minimum:"0"`
}

// DriftList holds what differs between two environments.
type DriftList struct {
	// The environment compared.
	Base DriftSide `json:"base"`
	// The environment it is compared with.
	Target DriftSide `json:"target"`
	// The differences, ranked.
	Items []DriftItem `json:"items" maxItems:"100000"`
	// What is not among them because a team accepted it.
	Hidden DriftHidden `json:"hidden"`
}

// GetDrift handles GET /api/v1/environments/{id}/drift.
//
//	@Summary		Compare an environment with another
//	@Description	What differs between the newest snapshots of two environments, ranked by what the attempt touches. Without a target, the environment is compared with the one that it is meant to equal.
//	@Tags			environments
//	@Param			target		query		string				false	"the environment to compare with"
//	@Param			kind		query		vocab.SnapshotKind	false	"what kind of snapshots to compare; schema when it is not given"
//	@Param			attempt_id	query		string				false	"the attempt to rank for"
//	@Success		200			{object}	DriftList			"what differs"
//	@Failure		409			{object}	Problem				"one of them has no snapshot of the kind"
//	@Router			/api/v1/environments/{id}/drift [get]
func (a *API) GetDrift(c echo.Context) error {
	q, err := driftAsked(c, "attempt_id")
	if err != nil {
		return err
	}
	found, err := a.Parity.Compare(c.Request().Context(), q)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, viewComparison(found))
}

func viewComparison(found parity.Comparison) DriftList {
	answer := DriftList{
		Base: viewSide(found.Base), Target: viewSide(found.Target), Items: make([]DriftItem, len(found.Changes)),
		Hidden: DriftHidden{Rules: make([]DriftRule, len(found.Hidden))},
	}
	for i, c := range found.Changes {
		answer.Items[i] = viewDrift(c)
	}
	for i, h := range found.Hidden {
		answer.Hidden.Count += h.Count
		answer.Hidden.Rules[i] = DriftRule{h.Rule.ID, h.Rule.Pattern, h.Rule.Reason, h.Rule.ExpiresAt, h.Count}
	}
	return answer
}

func viewDrift(c parity.Change) DriftItem {
	return DriftItem{
		Path: c.Path, Change: string(c.Change.Change), Base: orNull(c.Base), Target: orNull(c.Target), Rank: c.Rank, Why: c.Why, Blocking: c.Blocking,
	}
}

func viewSide(s parity.Side) DriftSide {
	return DriftSide{EnvironmentID: vocab.Environment.ID(s.ID), Name: s.Name, SeenAt: s.SeenAt}
}

// orNull is nil for a side that has nothing.
func orNull(value json.RawMessage) any {
	if len(value) == 0 {
		return nil
	}
	return value
}

// driftAsked is the question of a request that may have, beside the parameters of every question, those named.
func driftAsked(c echo.Context, more ...string) (parity.Question, error) {
	if err := noQuery(c, append(more, "target", "kind", "min_seq")...); err != nil {
		return parity.Question{}, err
	}
	base, err := pathID(c, "id", vocab.Environment)
	if err != nil {
		return parity.Question{}, err
	}
	return driftQuestion(c, base)
}

// driftQuestion reads the parameters of a comparison with an environment.
func driftQuestion(c echo.Context, base int) (parity.Question, error) {
	var check fault.Check
	id := func(name string, kind vocab.Kind) int {
		text := c.QueryParam(name)
		if text == "" {
			return 0
		}
		id, err := vocab.ParseID(text)
		if err != nil || !id.Is(kind) {
			check.Add(name, "invalid_format", "must be the id of a %s, such as %s", kind.Name, kind.ID(1))
		}
		return id.N
	}
	q := parity.Question{
		Base: base, Target: id("target", vocab.Environment), Attempt: id("attempt_id", vocab.Attempt), Kind: vocab.SnapshotKind(c.QueryParam("kind")),
	}
	fault.Choice(&check, "kind", q.Kind)
	if q.Kind == "" {
		q.Kind = vocab.SnapshotKindSchema
	}
	return q, check.Err()
}

// AssumptionList holds assumptions.
type AssumptionList struct {
	// The assumptions made.
	Items []AssumptionView `json:"items" maxItems:"200"`
}

// ProposeDrift handles POST /api/v1/environments/{id}/drift/propose.
//
//	@Summary		Make assumptions of differences
//	@Description	Makes a blocking assumption of each path, with what each side has as evidence. Later snapshots prove or disprove it by themselves.
//	@Tags			environments
//	@Param			body	body		parity.Proposal	true	"which differences"
//	@Success		201		{object}	AssumptionList	"the assumptions made"
//	@Router			/api/v1/environments/{id}/drift/propose [post]
func (a *API) ProposeDrift(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	base, err := pathID(c, "id", vocab.Environment)
	if err != nil {
		return err
	}
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	var proposal parity.Proposal
	if err := strictjson.Decode(body, &proposal); err != nil {
		return err
	}
	made, err := a.Parity.Propose(c.Request().Context(), base, proposal)
	if err != nil {
		return err
	}
	answer := AssumptionList{Items: make([]AssumptionView, len(made))}
	for i, e := range made {
		answer.Items[i] = a.viewAssumption(e)
	}
	return c.JSON(http.StatusCreated, answer)
}
