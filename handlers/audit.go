package handlers

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// AuditView is one deed: who did what, when, and what it changed.
type AuditView struct {
	// When it was written.
	At time.Time `json:"at" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// The name of the token or system part that acted.
	Actor string `json:"actor" example:"release pipeline" maxLength:"200"`
	// The token that acted; left out for system parts.
	TokenID vocab.ID `json:"token_id,omitzero" swaggertype:"string" example:"TOK-1"`
	// What was done: create, update, delete, transition, or the name of another deed.
	Action string `json:"action" example:"update" maxLength:"120"`
	// The record it was done to; left out for what was done to no record, such as rotate_embed_keys.
	Target vocab.ID `json:"target,omitzero" swaggertype:"string" example:"FND-3"`
	// What each changed field was and became.
	Changes []vocab.FieldChange `json:"changes" maxItems:"500"`
	// Why, as given.
	Reason string `json:"reason,omitempty" example:"reproduced by QA" maxLength:"100000"`
	// The request that did it.
	RequestID string `json:"request_id,omitempty" example:"0f3a9c2b7d41e658" maxLength:"200"`
}

func viewAudit(e *ent.AuditEntry) AuditView {
	return AuditView{
		At: e.At.UTC(), Actor: e.Actor, TokenID: record.RefOf(vocab.Token, e.TokenID), Action: e.Action,
		Target: vocab.ID{Prefix: e.TargetKind, N: e.TargetID}, Changes: record.ListOf(e.Changes), Reason: e.Reason, RequestID: e.RequestID,
	}
}

// ListAudit handles GET /api/v1/audit.
//
//	@Summary		List what was done
//	@Description	Who changed what, when, and from what to what, the latest first.
//	@ID				listAudit
//	@Tags			audit
//	@Security		admin
//	@Param			target	query	[]string	false	"only deeds on these records"							collectionFormat(multi)	maxItems(50)	maxLength(40)
//	@Param			actor	query	[]string	false	"only deeds of these tokens or system parts, by name"	collectionFormat(multi)	maxItems(50)	maxLength(200)
//	@Param			action	query	[]string	false	"only these deeds, such as update"						collectionFormat(multi)	maxItems(50)	maxLength(120)
//	@Param			since	query	string		false	"only what was done from this time on"					format(date-time)
//	@Success		200		{object}	Page[AuditView]	"one page of deeds"
//	@x-list			["limit","cursor"]
//	@Router			/api/v1/audit [get]
func (a *API) ListAudit(c echo.Context) error {
	q, err := auditQuery(c)
	if err != nil {
		return err
	}
	limit := q.Limit
	q.Limit++
	rows, err := a.AuditLog.List(c.Request().Context(), q)
	if err != nil {
		return err
	}
	var answer Page[AuditView]
	if len(rows) > limit {
		rows = rows[:limit]
		if answer.NextCursor, err = nextAfter(a, c, rows[limit-1].ID); err != nil {
			return err
		}
	}
	answer.Items = make([]AuditView, len(rows))
	for i, row := range rows {
		answer.Items[i] = viewAudit(row)
	}
	return c.JSON(http.StatusOK, answer)
}

func auditQuery(c echo.Context) (audit.Query, error) {
	if err := noQuery(c, "target", "actor", "action", "since", "limit", "cursor", "min_seq"); err != nil {
		return audit.Query{}, err
	}
	before, limit, err := keyset[int](c)
	if err != nil {
		return audit.Query{}, err
	}
	params := c.QueryParams()
	q := audit.Query{Actors: params["actor"], Actions: params["action"], Before: before, Limit: limit}
	var check fault.Check
	for _, name := range []string{"target", "actor", "action"} {
		if n := len(params[name]); n > maxParameter {
			check.Add(name, "too_long", "is given %d times, at most %d are allowed", n, maxParameter)
		}
	}
	for _, text := range params["target"] {
		id, err := vocab.ParseID(text)
		if err != nil {
			check.Add("target", "invalid_format", "must be the id of a record, such as FND-1")
		}
		q.Targets = append(q.Targets, id)
	}
	if err := check.Err(); err != nil {
		return audit.Query{}, err
	}
	q.Since, err = timeParam(c, "since")
	return q, err
}

// maxParameter limits how often one parameter may be repeated.
const maxParameter = 50
