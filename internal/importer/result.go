package importer

import (
	"errors"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// What can become of a file.
const (
	Created     = "created"
	Unchanged   = "unchanged"
	Refused     = "refused"
	WouldCreate = "would_create"
)

// Result says what became of a file, or would.
type Result struct {
	// The name of the file as given.
	Name string `json:"name" example:"2026-03-09-sessions.md" maxLength:"200"`
	// What became of it: unchanged when a file with this content was imported before.
	Status string `json:"status" enums:"created,unchanged,refused,would_create" example:"created"`
	// The review.
	ReviewID vocab.ID `json:"review_id,omitzero" swaggertype:"string" example:"REV-1"`
	// The incident that the review is about.
	IncidentID vocab.ID `json:"incident_id,omitzero" swaggertype:"string" example:"INC-1"`
	// The events of the incident's timeline.
	EventIDs []vocab.ID `json:"event_ids" swaggertype:"array,string" example:"EVT-1" maxItems:"20000"`
	// The follow-ups.
	ActionIDs []vocab.ID `json:"action_ids" swaggertype:"array,string" example:"ACT-1" maxItems:"20000"`
	// The links of the review and of its follow-ups.
	ReferenceIDs []vocab.ID `json:"reference_ids" swaggertype:"array,string" example:"REF-1" maxItems:"20000"`
	// How much there is of each.
	Counts Counts `json:"counts"`
	// Which words of the text decided where the text under them went.
	Mapping []postmortem.Mapped `json:"mapping" maxItems:"20000"`
	// What was not understood, or only with help, or filled in.
	Notes []postmortem.Note `json:"notes" maxItems:"20000"`
	// Why it was refused.
	Errors []fault.Field `json:"errors,omitempty" maxItems:"200"`
}

// Counts say how much a review brings.
type Counts struct {
	Events     int `json:"events" example:"12" minimum:"0"`
	Factors    int `json:"factors" example:"2" minimum:"0"`
	Actions    int `json:"actions" example:"5" minimum:"0"`
	References int `json:"references" example:"7" minimum:"0"`
}

func refused(name string, err error) Result {
	code := "unreadable"
	switch {
	case errors.Is(err, postmortem.ErrEmpty):
		code = "empty"
	case errors.Is(err, postmortem.ErrTooLarge):
		code = "too_large"
	}
	return refusal(resultOf(name, Plan{}), &fault.Error{Kind: fault.Invalid, Fields: []fault.Field{{Field: "markdown", Code: code, Message: err.Error()}}})
}

func refusal(r Result, err error) Result {
	var f *fault.Error
	errors.As(err, &f)
	r = Result{Name: r.Name, Status: Refused, EventIDs: []vocab.ID{}, ActionIDs: []vocab.ID{}, ReferenceIDs: []vocab.ID{}, Mapping: r.Mapping, Notes: r.Notes}
	if r.Errors = f.Fields; len(r.Errors) == 0 {
		r.Errors = []fault.Field{{Field: "markdown", Code: "refused", Message: f.Message}}
	}
	return r
}

func resultOf(name string, p Plan) Result {
	links := len(p.References)
	for _, a := range p.Actions {
		links += len(a.References)
	}
	return Result{
		Name: name, EventIDs: []vocab.ID{}, ActionIDs: []vocab.ID{}, ReferenceIDs: []vocab.ID{}, Mapping: record.ListOf(p.Mapping), Notes: record.ListOf(p.Notes),
		Counts: Counts{Events: len(p.Events), Factors: len(p.Review.ContributingFactors), Actions: len(p.Actions), References: links},
	}
}
