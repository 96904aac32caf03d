package handlers

import (
	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// SynonymView is a group of synonyms as clients see it.
type SynonymView struct {
	Record
	index.SynonymInput
}

func (a *API) synonymResource() *resource[*ent.Synonym, index.SynonymInput, SynonymView, *SynonymView] {
	return &resource[*ent.Synonym, index.SynonymInput, SynonymView, *SynonymView]{api: a, deed: a.Synonyms, view: a.viewSynonym}
}

func (a *API) viewSynonym(e *ent.Synonym) SynonymView {
	return SynonymView{Record: a.recordView(vocab.Synonym, e), SynonymInput: a.Synonyms.Of(e)}
}

// ListSynonyms handles GET /api/v1/synonyms.
//
//	@Summary		List synonyms
//	@Description	Groups of words that mean the same to a search, newest first. A new installation begins with some.
//	@Tags			search
//	@Success		200	{object}	Page[SynonymView]	"one page of groups"
//	@Router			/api/v1/synonyms [get]
func (a *API) ListSynonyms(c echo.Context) error { return a.synonyms.list(c) }

// CreateSynonym handles POST /api/v1/synonyms.
//
//	@Summary		Add a group of synonyms
//	@Description	From now on, a search for one of the words also finds the others, at a fifth of the weight.
//	@Tags			search
//	@Param			body	body		index.SynonymInput	true	"the group"
//	@Success		201		{object}	SynonymView			"the group as kept"
//	@Router			/api/v1/synonyms [post]
func (a *API) CreateSynonym(c echo.Context) error { return a.synonyms.create(c) }

// GetSynonym handles GET /api/v1/synonyms/{id}.
//
//	@Summary		Read a group of synonyms
//	@Description	One group.
//	@Tags			search
//	@Success		200	{object}	SynonymView	"the group"
//	@Router			/api/v1/synonyms/{id} [get]
func (a *API) GetSynonym(c echo.Context) error { return a.synonyms.read(c) }

// DeleteSynonym handles DELETE /api/v1/synonyms/{id}.
//
//	@Summary		Delete a group of synonyms
//	@Description	Its words no longer stand for each other.
//	@Tags			search
//	@Success		204	"it is gone"
//	@Router			/api/v1/synonyms/{id} [delete]
func (a *API) DeleteSynonym(c echo.Context) error { return a.synonyms.remove(c) }
