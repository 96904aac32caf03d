package linkcheck

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// State is what is known about a page from all looks at it.
type State struct {
	Status vocab.LinkStatus
	// Failures counts how often in a row the page was not there, and Since is when that began.
	Failures int
	Since    *time.Time
	Next     time.Time
}

const (
	// calm is how long a page is left alone after a look that settled something.
	calm = 24 * time.Hour
	// doubt is how long a page that was not there is left alone.
	doubt = 12 * time.Hour
	// retry is how long a page is left alone that could not be looked at.
	retry = time.Hour
	// maxFailures in a row over minFailing make a link broken: a site that is being rebuilt is not.
	maxFailures = 3
	minFailing  = 24 * time.Hour
)

// After says what is known after one more look.
func (s State) After(look Look, at time.Time) State {
	switch look.Outcome {
	case Here:
		return State{Status: vocab.LinkStatusOk, Next: at.Add(calm)}
	case Refused:
		return State{Status: vocab.LinkStatusRefused, Next: at.Add(calm)}
	case Gone:
		s.Failures++
		if s.Since == nil {
			s.Since = &at
		}
		if s.Failures >= maxFailures && at.Sub(*s.Since) >= minFailing {
			s.Status = vocab.LinkStatusBroken
		}
		s.Next = at.Add(doubt)
		return s
	}
	s.Next = at.Add(min(max(look.After, retry), calm))
	return s
}
