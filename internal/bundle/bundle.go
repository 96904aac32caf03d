// Package bundle writes everything a store knows as one file of lines of JSON, and reads such a file into an empty store, on
// either database. It follows the tables of the model, so that a new entity needs nothing here; what a record means, and
// whether its fields agree with each other, was settled when it was first written.
//
// The first line is a header, then comes one line for each row, tables in the order of their references and rows by number,
// and last a trailer with the counts and the SHA-256 over the lines of rows. Two stores with equal rows give equal bundles but
// for the header. Tokens, sources with their secrets and deliveries, keys of repeated requests, settings of a server and the
// feed belong to one server and are left out.
package bundle

import "time"

const (
	// Format names the files in their header.
	Format = "hindcast-bundle"
	// Version counts the changes of the form of the file that an older reader would not understand.
	Version = 1
	// MediaType is what a bundle is over HTTP.
	MediaType = "application/x-ndjson"
	// MaxBytes is how large a bundle may be that comes over HTTP.
	MaxBytes = 256 << 20
	// maxLine is how long one line may be, in bytes.
	maxLine = 64 << 20
)

// Outcomes of an import.
const (
	Imported    = "imported"
	Unchanged   = "unchanged"
	WouldImport = "would_import"
)

// Report says what an import did, or would do.
type Report struct {
	// What became of the bundle: unchanged when the store already holds exactly these rows.
	Status string `json:"status" enums:"imported,unchanged,would_import" example:"imported"`
	// When the bundle was written.
	ExportedAt time.Time `json:"exported_at" format:"date-time" example:"2026-03-09T08:00:00Z"`
	// The schema of the store it was written from.
	SchemaVersion int64 `json:"schema_version" example:"1" minimum:"0"`
	// How many rows it has.
	Rows int `json:"rows" example:"240" minimum:"0"`
	// How many rows each table has; empty tables are left out.
	Counts map[string]int `json:"counts"`
	// The SHA-256 over the lines of rows, in hexadecimal.
	SHA256 string `json:"sha256" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" maxLength:"64"`
}

// header is the first line.
type header struct {
	Format        string    `json:"format"`
	Version       int       `json:"version"`
	SchemaVersion int64     `json:"schema_version"`
	ExportedAt    time.Time `json:"exported_at"`
}

// trailer is the last line.
type trailer struct {
	Rows   int            `json:"rows"`
	Counts map[string]int `json:"counts"`
	SHA256 string         `json:"sha256"`
}
