// Package timeline tells what happened on an attempt as one sequence: its events and those of its incidents, the moves between
// states, tripwires that tripped, evidence on what it takes for granted, and decisions. It writes nothing; each entry names the
// record it came from.
package timeline

import (
	"cmp"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Type says what an entry of a timeline is.
type Type string

// The words of Type.
const (
	TypeEvidence   Type = "evidence"
	TypeEvent      Type = "event"
	TypeTrip       Type = "trip"
	TypeDecision   Type = "decision"
	TypeTransition Type = "transition"
)

// Values lists every Type. At one moment, what was seen comes before what was done about it.
func (Type) Values() []string {
	return []string{string(TypeEvidence), string(TypeEvent), string(TypeTrip), string(TypeDecision), string(TypeTransition)}
}

// Entry is one thing that happened.
type Entry struct {
	// When it happened.
	At time.Time `json:"at" format:"date-time" example:"2026-03-09T14:05:00Z"`
	// What it is.
	Type Type `json:"type" enums:"event,transition,trip,evidence,decision" example:"event"`
	// What kind of event or decision it is, what a tripwire asks for, what evidence does, or the state moved to.
	Kind string `json:"kind" example:"signal" maxLength:"60"`
	// What happened, in words.
	Text string `json:"text" example:"QA sees that sessions expire after two minutes" maxLength:"41000"`
	// The record that says so; for a transition the record that moved.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"EVT-1"`
	// The attempt, incident or assumption that it belongs to.
	Of vocab.ID `json:"of" swaggertype:"string" example:"ATT-1"`
	// Who recorded it: the name of a token. For a decision, the role that decided.
	By string `json:"by" example:"QA" maxLength:"200"`
	// When it was recorded, which may be long after.
	RecordedAt time.Time `json:"recorded_at" format:"date-time" example:"2026-03-09T14:06:00Z"`
	// For an event, whether something was done because of it; null for anything else.
	ActedOn *bool `json:"acted_on" extensions:"x-nullable" example:"false"`
	// Where an event was seen, or how evidence was observed.
	Source string `json:"source,omitempty" example:"QA channel" maxLength:"200"`
	// The state a transition left.
	From string `json:"from,omitempty" example:"watching" maxLength:"60"`
	// The reason of a transition, or the rationale of a decision.
	Reason string `json:"reason,omitempty" example:"the limit was agreed beforehand" maxLength:"100000"`
	// The event that corrects this one.
	SupersededBy vocab.ID `json:"superseded_by,omitzero" swaggertype:"string" example:"EVT-2"`

	row int
}

// Position is where an entry stands: by time, then by type, then by row.
type Position struct {
	At  time.Time `json:"at"`
	Of  Type      `json:"type"`
	Row int       `json:"row"`
}

// Position of the entry.
func (e Entry) Position() Position { return Position{e.At, e.Type, e.row} }

// Compare orders positions.
func (p Position) Compare(q Position) int {
	return cmp.Or(p.At.Compare(q.At), cmp.Compare(vocab.Rank(p.Of), vocab.Rank(q.Of)), cmp.Compare(p.Row, q.Row))
}

// Merge puts the entries of all sources in one order, which does not depend on the order they came in, and gives the first limit
// of those after a position (nil: from the beginning); more says whether there are others.
func Merge(sources [][]Entry, after *Position, limit int) (page []Entry, more bool) {
	all := slices.Concat(sources...)
	if after != nil {
		all = slices.DeleteFunc(all, func(e Entry) bool { return e.Position().Compare(*after) <= 0 })
	}
	slices.SortFunc(all, func(a, b Entry) int { return a.Position().Compare(b.Position()) })
	if len(all) > limit {
		return all[:limit], true
	}
	return all, false
}
