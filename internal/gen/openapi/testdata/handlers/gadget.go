package handlers

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/gen/openapi/testdata/gadget"
	"github.com/hindcast-kb/hindcast/internal/gen/openapi/testdata/words"
)

// GadgetView is a gadget as clients see it.
type GadgetView struct {
	Record
	// Title says what it is in one line.
	Title string `json:"title" maxLength:"200" example:"Left-handed sprocket"`
	// Colour is its paint.
	Colour words.Colour `json:"colour"`
	// Weight is in kilograms; null when it was never weighed.
	Weight *float64 `json:"weight" minimum:"0" maximum:"1000" example:"2.5"`
	// SoldAt is when it left the house.
	SoldAt *time.Time `json:"sold_at"`
	// ParentID is the gadget it was made from.
	ParentID *words.ID `json:"parent_id"`
	// Paint is its second paint, if it has one.
	Paint *words.Colour `json:"paint"`
	// Tags are free words.
	Tags []string `json:"tags" maxLength:"60" example:"small,odd"`
	// Fits says where it may be used.
	Fits gadget.Fits `json:"fits"`
	// Readings are values by name.
	Readings map[string]json.RawMessage `json:"readings"`
	// PartIDs are the gadgets in it.
	PartIDs []words.ID `json:"part_ids" swaggertype:"array,string" example:"GAD-1" maxItems:"20"`
	// References are given with expand=references.
	References []string `json:"references,omitempty"`
}

// ListGadgets handles GET /api/v1/gadgets.
//
//	@Summary		List gadgets
//	@Description	Gadgets, newest first.
//	@Tags			gadgets
//	@Param			colour		query	[]words.Colour	false	"only of these colours"	collectionFormat(multi)
//	@Param			parent_id	query	string		false	"only those made from this gadget"
//	@Param			sold		query	bool		false	"only those sold, or only those not"
//	@x-sort			["created_at", "title"]
//	@x-expand		["references"]
//	@Success		200	{object}	Page[GadgetView]	"one page of gadgets"
//	@Router			/api/v1/gadgets [get]
func (a *API) ListGadgets(c echo.Context) error {
	return c.JSON(http.StatusOK, Page[GadgetView]{})
}

// CreateGadget handles POST /api/v1/gadgets.
//
//	@Summary		Add a gadget
//	@Description	Adds one gadget.
//	@Tags			gadgets
//	@Param			body	body		gadget.Input	true	"the gadget"
//	@Success		201		{object}	GadgetView		"the gadget as kept"
//	@Router			/api/v1/gadgets [post]
func (a *API) CreateGadget(c echo.Context) error {
	return c.JSON(http.StatusCreated, GadgetView{})
}

// GetGadget handles GET /api/v1/gadgets/{id}.
//
//	@Summary		Read a gadget
//	@Description	One gadget.
//	@Tags			gadgets
//	@x-expand		["references"]
//	@Success		200	{object}	GadgetView	"the gadget"
//	@Router			/api/v1/gadgets/{id} [get]
func (a *API) GetGadget(c echo.Context) error { return c.JSON(http.StatusOK, GadgetView{}) }

// PatchGadget handles PATCH /api/v1/gadgets/{id}.
//
//	@Summary		Change a gadget
//	@Description	Changes the members that the patch names.
//	@Tags			gadgets
//	@Param			body	body		gadget.Input	true	"what changes"
//	@Success		200		{object}	GadgetView		"the gadget as it is now"
//	@Router			/api/v1/gadgets/{id} [patch]
func (a *API) PatchGadget(c echo.Context) error { return c.JSON(http.StatusOK, GadgetView{}) }

// DeleteGadget handles DELETE /api/v1/gadgets/{id}.
//
//	@Summary		Delete a gadget
//	@Description	Removes a gadget that nothing refers to.
//	@Tags			gadgets
//	@Success		204	"it is gone"
//	@Router			/api/v1/gadgets/{id} [delete]
func (a *API) DeleteGadget(c echo.Context) error { return c.NoContent(http.StatusNoContent) }

// InspectGadget handles POST /api/v1/gadgets/{id}/inspection.
//
//	@Summary		Inspect a gadget
//	@Description	Says whether a gadget may be used. Without enforce the answer is always 200.
//	@Tags			gadgets
//	@ID				inspectGadget
//	@Security		gate
//	@Param			enforce	query		bool			false	"answer 409 when it may not"
//	@Success		200		{object}	InspectionView	"the verdict"
//	@Failure		409		{object}	InspectionView	"it may not be used"
//	@Router			/api/v1/gadgets/{id}/inspection [post]
func (a *API) InspectGadget(c echo.Context) error { return c.JSON(http.StatusOK, InspectionView{}) }

// ListNotes handles GET /api/v1/gadgets/{id}/notes.
//
//	@Summary		List the notes of a gadget
//	@Description	Remarks, newest first.
//	@Tags			gadgets
//	@x-list			["limit", "cursor"]
//	@Success		200	{object}	Page[NoteView]	"one page of notes"
//	@Router			/api/v1/gadgets/{id}/notes [get]
func (a *API) ListNotes(c echo.Context) error { return c.JSON(http.StatusOK, Page[NoteView]{}) }

// InspectionView is the verdict on one gadget.
type InspectionView struct {
	// Passed says whether it may be used.
	Passed bool `json:"passed"`
	// Counts are the checks by outcome.
	Counts map[string]int `json:"counts"`
}

// AddGadgets handles POST /api/v1/gadgets/bulk.
//
//	@Summary		Add many gadgets
//	@Description	Adds up to a thousand gadgets and answers for each.
//	@Tags			gadgets
//	@ID				addGadgets
//	@Param			body	body		BulkRequest	true	"the gadgets"
//	@Success		207		{object}	BulkView			"one answer per gadget"
//	@Router			/api/v1/gadgets/bulk [post]
func (a *API) AddGadgets(c echo.Context) error { return c.JSON(http.StatusMultiStatus, BulkView{}) }

// BulkRequest is many inputs in one request.
type BulkRequest struct {
	// The inputs, each as in a single create.
	Items []json.RawMessage `json:"items" swaggertype:"array,object" validate:"required" maxItems:"1000"`
}

// BulkView answers for each input.
type BulkView struct {
	// Items are the answers in the order of the inputs.
	Items []BulkItem `json:"items" maxItems:"1000"`
}

// BulkItem answers for one input.
type BulkItem struct {
	// Index is the place of the input, from 0.
	Index int `json:"index" minimum:"0" maximum:"999" example:"0"`
	// Status is the HTTP status this input would have had alone.
	Status int `json:"status" minimum:"200" maximum:"599" example:"201"`
	// ID is the new record's, where there is one.
	ID *words.ID `json:"id,omitempty"`
}

// GetReport handles GET /api/v1/gadgets/{id}/report.
//
//	@Summary		Report on a gadget
//	@Description	The gadget as a page or as JSON.
//	@Tags			gadgets
//	@Produce		json,text/markdown
//	@Param			as_of	query		string		false	"only what was known by then"	Format(date-time)
//	@Success		200		{object}	GadgetView	"the report"
//	@Router			/api/v1/gadgets/{id}/report [get]
func (a *API) GetReport(c echo.Context) error { return c.JSON(http.StatusOK, GadgetView{}) }
