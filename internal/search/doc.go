// Package search is the in-process search engine: an index of the knowledge records that every
// replica keeps in memory, fed by changes in order.
//
// It analyses text, ranks by BM25F and a linear rerank, corrects words nobody has written, counts
// facets, completes words and titles, finds similar records and keeps itself in a snapshot. It knows
// no database and no HTTP: the change feed calls Apply, and the texts of the few hits of a page come
// through Options.Texts, because keeping a million of them would cost more than the index.
//
// Two properties hold throughout. Answers are a function of the content applied (and of the model
// and synonyms set), never of batch sizes, deletions in between or when a snapshot was taken, so
// replicas equal in sequence agree. And restricted records leave no trace in what others see: all
// collection statistics count open records only, so a caller who may not read a record gets the same
// answer as if it did not exist.
package search

import (
	"context"
	"time"
)

// Visibilities of a Document.
const (
	Internal   = "internal"
	Restricted = "restricted"
)

// Document is one record as the index sees it. ID is unique over all kinds.
type Document struct {
	Kind  string // record type, filterable as "type"
	ID    string
	Title string
	Body  string
	// Keys are names of the record in other systems, such as Jira keys; an exact match ranks first.
	Keys []string
	// Fields are the filterable values, several for each field.
	Fields map[string][]string
	// Time orders answers without words and is what Since and Until look at.
	Time time.Time
	// Visibility is Internal or Restricted; anything but Internal is treated as restricted.
	Visibility string
	// Team may read the document when it is restricted.
	Team string
}

// Change is one step of the feed: Doc is the new state of a record, or nil when the record ID is
// gone. A change with Model set replaces the semantic model instead and names no record.
type Change struct {
	Seq   int64
	ID    string
	Doc   *Document
	Model []byte
	// Synonyms, unless nil, take the place of all groups. The members of a group mean the same: a query for one also finds the
	// others, at a fifth of the weight. A member may be several words.
	Synonyms [][]string
	// Mark is an opaque position of the feed; the newest one is kept in snapshots.
	Mark string
}

// Text is what a reader sees of a document; offsets of highlights refer to it.
type Text struct {
	Title string
	Body  string
}

// TextLoader returns the texts of the named documents. A document left out of the answer is
// treated as gone and its hit is dropped.
type TextLoader func(ctx context.Context, ids []string) (map[string]Text, error)

// Viewer says whose eyes an answer is for. The zero Viewer sees internal documents only.
type Viewer struct {
	All  bool   // sees every document
	Team string // also sees the restricted documents of this team
}
