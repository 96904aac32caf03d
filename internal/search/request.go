package search

import (
	"errors"
	"time"
)

// ErrCursor is answered for a cursor that was not made by this engine for the same query.
var ErrCursor = errors.New("cursor does not belong to this query")

// Limits of a Request; larger values are cut.
const (
	DefaultLimit = 20
	MaxLimit     = 200
)

// Request is one question.
type Request struct {
	// Text is the query as typed; see Parse for its syntax. Without words every document that passes
	// the filters answers, newest first.
	Text string
	// Filters keep documents that have any of the values, for every field named.
	Filters map[string][]string
	// Since and Until bound Document.Time, both inclusive; zero is no bound.
	Since, Until time.Time
	// Facets are the fields to count.
	Facets []string
	Limit  int
	// Cursor is Result.Next of the page before, with all else equal.
	Cursor string
	Viewer Viewer
	// Literal searches for the words as typed, without correction.
	Literal bool
	// Explain asks for Hit.Parts.
	Explain bool
	// NoTexts leaves titles, snippets and highlights out, and with them the call of the TextLoader.
	NoTexts bool
	// FirstStageOnly orders by BM25F alone; it exists for measurements.
	FirstStageOnly bool
}

// Result answers a Request.
type Result struct {
	Hits  []Hit
	Total int // exact number of matches
	// Facets hold, for every field asked for, the values among the matches, most frequent first.
	// The counts of a field leave out the filter on that field.
	Facets     map[string][]Count
	Next       string // empty on the last page
	Suggestion *Suggestion
	Seq        int64 // the newest change the answer knows
}

// Hit is one matching document.
type Hit struct {
	ID         string
	Kind       string
	Score      float64
	Title      string
	Snippet    string // HTML: escaped text, matches inside <mark>
	Highlights []Highlight
	Parts      []Part
}

// Highlight marks a match in the text a TextLoader gave, in Unicode code points.
type Highlight struct {
	Field      string // "title" or "body"
	Start, End int
}

// Part is one summand of a score: Weight times Value.
type Part struct {
	Name   string
	Weight float64
	Value  float64
}

// Count is the number of matches with a value.
type Count struct {
	Value string
	Count int
}

// Suggestion says that words nobody has written were replaced.
type Suggestion struct {
	SearchedFor string
	InsteadOf   string
}
