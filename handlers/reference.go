package handlers

import (
	"context"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// ReferenceView is a reference as clients see it.
type ReferenceView struct {
	Record
	catalog.ReferenceInput
}

func (a *API) referenceResource() *resource[*ent.RecordReference, catalog.ReferenceInput, ReferenceView, *ReferenceView] {
	return &resource[*ent.RecordReference, catalog.ReferenceInput, ReferenceView, *ReferenceView]{
		api: a, deed: a.References, view: a.viewReference,
	}
}

func (a *API) viewReference(e *ent.RecordReference) ReferenceView {
	return ReferenceView{Record: a.recordView(vocab.Reference, e), ReferenceInput: a.References.Of(e)}
}

// embedReferences adds to each record its references.
func (a *API) embedReferences(ctx context.Context, records []*Record) error {
	ids := make([]vocab.ID, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	found, err := a.References.OfTargets(ctx, ids)
	for _, r := range records {
		for _, e := range found[r.ID] {
			r.References = append(r.References, a.viewReference(e))
		}
	}
	return err
}

// ListReferences handles GET /api/v1/references.
//
//	@Summary		List references
//	@Description	Links from records to Jira, wikis, pull requests and dashboards, newest first.
//	@Tags			references
//	@Success		200	{object}	Page[ReferenceView]	"one page of references"
//	@Router			/api/v1/references [get]
func (a *API) ListReferences(c echo.Context) error { return a.references.list(c) }

// CreateReference handles POST /api/v1/references.
//
//	@Summary		Add a reference
//	@Description	Links a record to something outside.
//	@Tags			references
//	@Param			body	body		catalog.ReferenceInput	true	"the reference"
//	@Success		201		{object}	ReferenceView			"the reference as kept"
//	@Router			/api/v1/references [post]
func (a *API) CreateReference(c echo.Context) error { return a.references.create(c) }

// BulkCreateReferences handles POST /api/v1/references/bulk.
//
//	@Summary		Add many references
//	@Description	Writes up to 1,000 references in one transaction; each entry is checked as in a single create.
//	@Tags			references
//	@Param			body	body		BulkRequest	true	"the references"
//	@Success		207		{object}	BulkAnswer	"what became of each"
//	@Router			/api/v1/references/bulk [post]
func (a *API) BulkCreateReferences(c echo.Context) error { return a.references.bulk(c) }

// GetReference handles GET /api/v1/references/{id}.
//
//	@Summary		Read a reference
//	@Description	One reference.
//	@Tags			references
//	@Success		200	{object}	ReferenceView	"the reference"
//	@Router			/api/v1/references/{id} [get]
func (a *API) GetReference(c echo.Context) error { return a.references.read(c) }

// UpdateReference handles PATCH /api/v1/references/{id}.
//
//	@Summary		Change a reference
//	@Description	Changes the members that the merge patch names.
//	@Tags			references
//	@Accept			application/merge-patch+json
//	@Param			body	body		catalog.ReferenceInput	true	"the members to change"
//	@Success		200		{object}	ReferenceView			"the reference as kept"
//	@Router			/api/v1/references/{id} [patch]
func (a *API) UpdateReference(c echo.Context) error { return a.references.patch(c) }

// DeleteReference handles DELETE /api/v1/references/{id}.
//
//	@Summary		Delete a reference
//	@Description	Removes the link.
//	@Tags			references
//	@Success		204	"it is gone"
//	@Router			/api/v1/references/{id} [delete]
func (a *API) DeleteReference(c echo.Context) error { return a.references.remove(c) }
