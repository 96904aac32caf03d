// Package gadget holds what a client may say of a gadget.
package gadget

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/gen/openapi/testdata/words"
)

// Input is what a client may set.
type Input struct {
	// Title says what it is in one line.
	Title string `json:"title" validate:"required" minLength:"1" maxLength:"200" example:"Left-handed sprocket"`
	// Colour is its paint.
	Colour words.Colour `json:"colour" validate:"required"`
	// Weight is in kilograms.
	Weight *float64 `json:"weight,omitempty" minimum:"0" maximum:"1000" example:"2.5"`
	// SoldAt is when it left the house.
	SoldAt *time.Time `json:"sold_at,omitempty"`
	// ParentID is the gadget it was made from.
	ParentID words.ID `json:"parent_id,omitempty"`
	// Tags are free words.
	Tags []string `json:"tags,omitempty" maxLength:"60" example:"small,odd"`
	// Fits says where it may be used.
	Fits Fits `json:"fits"`
}

// Fits says where a gadget may be used.
type Fits struct {
	// Rooms are the rooms it fits into.
	Rooms []string `json:"rooms"`
	// GadgetIDs are the gadgets it goes with.
	GadgetIDs []words.ID `json:"gadget_ids"`
}
