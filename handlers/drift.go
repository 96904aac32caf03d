package handlers

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/drift"
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
	Base json.RawMessage `json:"base" swaggertype:"object"`
	// What the target has; null when it has nothing.
	Target json.RawMessage `json:"target" swaggertype:"object"`
	// Counts from 1, the difference to look at first.
	Rank int `json:"rank" example:"1" minimum:"1"`
	// What differs, and why it matters here.
	Why string `json:"why" example:"index user_last_seen on sessions is missing in DEV; the attempt changes sessions" maxLength:"4000"`
}

// DriftList holds what differs between two environments.
type DriftList struct {
	// The differences, ranked.
	Items []DriftItem `json:"items" maxItems:"100000"`
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
//	@Router			/api/v1/environments/{id}/drift [get]
func (a *API) GetDrift(c echo.Context) error {
	if err := noQuery(c, "target", "kind", "attempt_id", "min_seq"); err != nil {
		return err
	}
	base, err := pathID(c, "id", vocab.Environment)
	if err != nil {
		return err
	}
	q, err := driftQuestion(c, base)
	if err != nil {
		return err
	}
	found, err := a.Parity.Compare(c.Request().Context(), q)
	if err != nil {
		return err
	}
	answer := DriftList{Items: make([]DriftItem, len(found.Changes))}
	for i, change := range found.Changes {
		answer.Items[i] = viewDrift(change)
	}
	return c.JSON(http.StatusOK, answer)
}

func viewDrift(c drift.Change) DriftItem {
	return DriftItem{Path: c.Path, Change: string(c.Change), Base: orNull(c.Base), Target: orNull(c.Target), Rank: c.Rank, Why: c.Why}
}

func orNull(value json.RawMessage) json.RawMessage {
	if len(value) == 0 {
		return json.RawMessage("null")
	}
	return value
}

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
