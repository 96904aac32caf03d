package handlers

import (
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Record holds what every record has.
type Record struct {
	// What people write in Jira and wikis to name the record.
	ID vocab.ID `json:"id" swaggertype:"string" example:"FND-1"`
	// When the record was written.
	CreatedAt time.Time `json:"created_at" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// When the record last changed.
	UpdatedAt time.Time `json:"updated_at" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// The name of the token that wrote it.
	CreatedBy string `json:"created_by" example:"release pipeline" maxLength:"120"`
	// Counts the changes, from 1; it is the entity tag.
	Version int `json:"version" example:"1" minimum:"1"`
	// The page that shows the record to people.
	HTMLURL string `json:"html_url" format:"uri" example:"http://127.0.0.1:8080/findings/FND-1"`
	// The links of the record, with expand=references.
	References []ReferenceView `json:"references,omitempty" maxItems:"200"`
}

// recordView reads the common part of a view.
func (a *API) recordView(kind vocab.Kind, e interface{ Meta() ent.Meta }) Record {
	meta := e.Meta()
	id := kind.ID(meta.ID)
	return Record{
		ID: id, CreatedAt: meta.CreatedAt, UpdatedAt: meta.UpdatedAt, CreatedBy: meta.CreatedBy, Version: meta.Version,
		HTMLURL: a.publicURL + "/" + kind.Path + "/" + id.String(),
	}
}

func (r *Record) common() *Record { return r }

// viewed is a pointer to a view, which all have the common part.
type viewed[V any] interface {
	*V
	common() *Record
}

// Page is one page of a list.
type Page[V any] struct {
	// The records of this page.
	Items []V `json:"items" maxItems:"200"`
	// Fetches the next page; null on the last one.
	NextCursor *string `json:"next_cursor" extensions:"x-nullable" example:"eyJpZCI6NDJ9" maxLength:"1000"`
}
