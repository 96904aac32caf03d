package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// TokenView is a token as clients see it. Its text is never shown again.
type TokenView struct {
	Record
	// Who it is for; it appears in audit entries.
	Name string `json:"name" example:"release pipeline" maxLength:"120"`
	// What it may do.
	Scopes []vocab.Scope `json:"scopes" maxItems:"5"`
	// The team whose restricted records it may see.
	Team string `json:"team,omitempty" example:"payments" maxLength:"120"`
	// When it stops to work.
	ExpiresAt *time.Time `json:"expires_at,omitempty" format:"date-time" example:"2026-12-31T00:00:00Z"`
	// When it was revoked.
	RevokedAt *time.Time `json:"revoked_at,omitempty" format:"date-time" example:"2026-06-01T00:00:00Z"`
	// When it was last used, to the minute.
	LastUsedAt *time.Time `json:"last_used_at,omitempty" format:"date-time" example:"2026-03-09T08:00:00Z"`
}

// NewToken is a token just made, with its text.
type NewToken struct {
	TokenView
	// The text to send as Authorization: Bearer. It is kept nowhere and shown this once; a replayed answer is without it.
	Token string `json:"token,omitempty" example:"hc_abcdefgh_abcdefghijklmnopqrstuvwxyz234567abcdefg" maxLength:"200"`
}

func (a *API) viewToken(e *ent.Token) TokenView {
	return TokenView{
		Record: a.recordView(vocab.Token, e), Name: e.Name, Scopes: record.ListOf(e.Scopes), Team: e.Team,
		ExpiresAt: record.UTC(e.ExpiresAt), RevokedAt: record.UTC(e.RevokedAt), LastUsedAt: record.UTC(e.LastUsedAt),
	}
}

// ListTokens handles GET /api/v1/tokens.
//
//	@Summary		List tokens
//	@Description	Every service token, newest first, revoked and expired ones too. None shows its text.
//	@Tags			tokens
//	@Security		admin
//	@Success		200	{object}	Page[TokenView]	"one page of tokens"
//	@x-list			["limit","cursor"]
//	@Router			/api/v1/tokens [get]
func (a *API) ListTokens(c echo.Context) error {
	if err := noQuery(c, "limit", "cursor", "min_seq"); err != nil {
		return err
	}
	before, limit, err := keyset[int](c)
	if err != nil {
		return err
	}
	rows, err := a.tokens.Page(c.Request().Context(), before, limit+1)
	if err != nil {
		return err
	}
	var answer Page[TokenView]
	if len(rows) > limit {
		rows = rows[:limit]
		if answer.NextCursor, err = nextAfter(a, c, rows[limit-1].ID); err != nil {
			return err
		}
	}
	answer.Items = make([]TokenView, len(rows))
	for i, row := range rows {
		answer.Items[i] = a.viewToken(row)
	}
	return c.JSON(http.StatusOK, answer)
}

// GetToken handles GET /api/v1/tokens/{id}.
//
//	@Summary		Read a token
//	@Description	One token, without its text.
//	@Tags			tokens
//	@Security		admin
//	@Success		200	{object}	TokenView	"the token"
//	@Router			/api/v1/tokens/{id} [get]
func (a *API) GetToken(c echo.Context) error {
	if err := noQuery(c, "min_seq"); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Token)
	if err != nil {
		return err
	}
	found, err := a.tokens.Get(c.Request().Context(), id)
	if err != nil {
		return err
	}
	tag := entityTag(found.Version)
	c.Response().Header().Set("ETag", tag)
	if len(c.QueryParams()) == 0 && unchanged(c, tag) {
		return notModified(c)
	}
	return c.JSON(http.StatusOK, a.viewToken(found))
}

// CreateToken handles POST /api/v1/tokens.
//
//	@Summary		Make a token
//	@Description	Makes a service token. Its text is in this answer and nowhere else.
//	@Tags			tokens
//	@Security		admin
//	@Param			body	body		auth.Grant	true	"what the token is for"
//	@Success		201		{object}	NewToken	"the token with its text"
//	@Router			/api/v1/tokens [post]
func (a *API) CreateToken(c echo.Context) error {
	body, err := readBody(c, mimeJSON)
	if err != nil {
		return err
	}
	var grant auth.Grant
	if err := withChecks(grant, strictjson.Decode(body, &grant)); err != nil {
		return err
	}
	issued, text, err := a.tokens.Issue(c.Request().Context(), grant)
	if err != nil {
		return err
	}
	view := a.viewToken(issued)
	withoutText, err := json.Marshal(view)
	if err != nil {
		return err
	}
	c.Set(keptBody, withoutText)
	c.Response().Header().Set(echo.HeaderLocation, basePath+"/"+vocab.Token.Path+"/"+view.ID.String())
	c.Response().Header().Set("ETag", entityTag(view.Version))
	return c.JSON(http.StatusCreated, NewToken{view, text})
}

// DeleteToken handles DELETE /api/v1/tokens/{id}.
//
//	@Summary		Revoke a token
//	@Description	Ends a token at once and for good. It stays in the list, and what was done with it stays in the audit.
//	@Tags			tokens
//	@Security		admin
//	@Success		204	"it is revoked"
//	@Router			/api/v1/tokens/{id} [delete]
func (a *API) DeleteToken(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	id, err := pathID(c, "id", vocab.Token)
	if err != nil {
		return err
	}
	ifVersion, err := ifMatch(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	found, err := a.tokens.Get(ctx, id)
	if err != nil {
		return err
	}
	if ifVersion != record.AnyVersion && ifVersion != found.Version {
		return fault.New(fault.Precondition, "%s is at version %d by now; read it again", vocab.Token.ID(id), found.Version)
	}
	if err := a.tokens.Revoke(ctx, id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
