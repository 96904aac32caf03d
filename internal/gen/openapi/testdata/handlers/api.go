// Package handlers is a small API in the manner of the real one, to develop the generator against.
//
//	@title			Gadget API
//	@version		1.0.0
//	@description	Keeps gadgets and says how they are doing.
//	@license.name	Apache-2.0
//	@contact.name	Gadget maintainers
//	@contact.url	https://example.com/gadgets
//	@tag.name			gadgets
//	@tag.description	Things that are kept.
//	@tag.name			system
//	@tag.description	Is it up?
package handlers

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/gen/openapi/testdata/words"
)

// API is the receiver of every handler.
type API struct{}

// Page is one page of a list.
type Page[T any] struct {
	// Items are the records of this page.
	Items []T `json:"items"`
	// NextCursor fetches the next page; null on the last one.
	NextCursor *string `json:"next_cursor"`
}

// Record holds what every record has.
type Record struct {
	// ID names the record.
	ID words.ID `json:"id" swaggertype:"string" example:"FND-1"`
	// CreatedAt is when it was made.
	CreatedAt time.Time `json:"created_at"`
	// Notes are given with expand=notes.
	Notes []NoteView `json:"notes,omitempty" minItems:"1" maxItems:"200"`
	// Version grows by one with every change.
	Version int `json:"version" minimum:"1" example:"3"`
}

// NoteView is a remark on a record; it is a record too.
type NoteView struct {
	Record
	// Text is the remark.
	Text string `json:"text" maxLength:"2000" example:"Handle with care"`
}
