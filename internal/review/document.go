// Package review holds what a team writes down after an attempt or an incident: how a review is written out as Markdown,
// and gentle notes on wording that looks for somebody to blame. Reading Markdown is the work of package postmortem.
package review

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Document is a review with what belongs to it, as it is written out. Summary, Impact, WentWell, WentPoorly, Lucky, Body and
// the texts of entries and factors are Markdown; the other texts are plain.
type Document struct {
	Title    string
	Date     string // as 2006-01-02
	Status   string
	Severity string
	Tags     []string
	Services []string
	Summary  string
	Impact   string
	// ImpactStart, ImpactEnd and DetectedAt are nil where unknown.
	ImpactStart, ImpactEnd, DetectedAt *time.Time
	Timeline                           []Entry
	Factors                            []vocab.Factor
	WentWell                           string
	WentPoorly                         string
	Lucky                              string
	Actions                            []FollowUp
	Participants                       []Participant
	Links                              []Link
	// Body is text of an imported review that belongs to no other field.
	Body string
}

// Entry is one event of the timeline.
type Entry struct {
	At          time.Time
	Until       *time.Time
	Approximate bool
	Kind        vocab.EventKind
	Text        string
}

// FollowUp is one action of the review.
type FollowUp struct {
	Title         string
	DoneCriterion string
	Owner         string
	Due           string // as 2006-01-02
	Priority      string
	Kind          vocab.ActionKind
	Component     string
	Done          bool
	URLs          []string
}

// Participant is a role that took part, or whoever an imported review names in that role.
type Participant struct {
	Role string
	Text string
}

// Link is one reference, by its address or by its key in an issue tracker.
type Link struct {
	Kind        vocab.ReferenceKind
	URL         string
	ExternalKey string
	Title       string
}
