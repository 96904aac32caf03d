package handlers

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EmbedView is a grant as clients see it.
type EmbedView struct {
	Record
	embed.Input
	// The address to put into a page; .svg, .json, .md, .confluence.xml and .adf.json behind it give other forms of the same view. Whoever has it can see the view.
	EmbedURL string `json:"embed_url,omitempty" format:"uri" example:"http://127.0.0.1:8080/embed/AfUlThMAAAABAGsPL_p2kVPN" maxLength:"2200"`
	// When it was revoked.
	RevokedAt *time.Time `json:"revoked_at,omitempty" format:"date-time" example:"2026-06-01T00:00:00Z"`
}

func (a *API) embedResource() *resource[*ent.Embed, embed.Input, EmbedView, *EmbedView] {
	return &resource[*ent.Embed, embed.Input, EmbedView, *EmbedView]{api: a, deed: a.Embeds, view: a.viewEmbed, complete: a.addressEmbeds, offer: a.addressEmbed}
}

func (a *API) viewEmbed(e *ent.Embed) EmbedView {
	return EmbedView{Record: a.recordView(vocab.Embed, e), Input: a.Embeds.Of(e), RevokedAt: record.UTC(e.RevokedAt)}
}

// addressEmbed adds the address to a grant just made.
func (a *API) addressEmbed(ctx context.Context, e *ent.Embed, view *EmbedView) {
	if token, err := a.Embeds.Token(ctx, e); err == nil { // without a key, there would be no grant
		view.EmbedURL = a.publicURL + embedPath + token
	}
}

// addressEmbeds adds their addresses to grants that still work.
func (a *API) addressEmbeds(ctx context.Context, views []EmbedView) error {
	ids := make([]int, len(views))
	for i, v := range views {
		ids[i] = v.ID.N
	}
	found, err := a.Embeds.ByIDs(ctx, ids)
	if err != nil {
		return err
	}
	for i := range views {
		if e := found[views[i].ID.N]; e != nil && e.RevokedAt == nil && a.now().Before(e.ExpiresAt) {
			a.addressEmbed(ctx, e, &views[i])
		}
	}
	return nil
}

// ListEmbeds handles GET /api/v1/embeds.
//
//	@Summary		List embeds
//	@Description	The grants to show records on other pages, newest first, revoked and expired ones too.
//	@Tags			embeds
//	@Success		200	{object}	Page[EmbedView]	"one page of grants"
//	@Router			/api/v1/embeds [get]
func (a *API) ListEmbeds(c echo.Context) error { return a.embeds.list(c) }

// CreateEmbed handles POST /api/v1/embeds.
//
//	@Summary		Share a view
//	@Description	Makes a signed address that shows one record, what one search finds, or what differs between two environments, on a page of somebody else, until it expires or is revoked. A search and a comparison show what everybody may see.
//	@Tags			embeds
//	@Param			body	body		embed.Input	true	"what to share"
//	@Success		201		{object}	EmbedView	"the grant, with its address"
//	@Router			/api/v1/embeds [post]
func (a *API) CreateEmbed(c echo.Context) error { return a.embeds.create(c) }

// GetEmbed handles GET /api/v1/embeds/{id}.
//
//	@Summary		Read an embed
//	@Description	One grant, with its address as long as it works.
//	@Tags			embeds
//	@Success		200	{object}	EmbedView	"the grant"
//	@Router			/api/v1/embeds/{id} [get]
func (a *API) GetEmbed(c echo.Context) error { return a.embeds.read(c) }

// DeleteEmbed handles DELETE /api/v1/embeds/{id}.
//
//	@Summary		Revoke an embed
//	@Description	Ends a grant at once and for good. It stays in the list.
//	@Tags			embeds
//	@Success		204	"it is revoked"
//	@Router			/api/v1/embeds/{id} [delete]
func (a *API) DeleteEmbed(c echo.Context) error { return a.embeds.remove(c) }

// RotateEmbedKeys handles POST /api/v1/embeds/rotate.
//
//	@Summary		Rotate the key that signs embeds
//	@Description	Makes a new key. Addresses signed with the key before go on working until the next rotation; those signed with older keys stop. Reading an embed gives its address signed anew.
//	@ID				rotateEmbedKeys
//	@Tags			embeds
//	@Security		admin
//	@Success		200	{object}	embed.Signing	"the keys that work"
//	@Router			/api/v1/embeds/rotate [post]
func (a *API) RotateEmbedKeys(c echo.Context) error {
	if err := noQuery(c); err != nil {
		return err
	}
	rotation, err := a.Embeds.Rotate(c.Request().Context())
	if err != nil {
		return err
	}
	return c.JSON(200, rotation)
}
