package record

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// NotFuture notes a time that lies ahead of now by more than clocks differ; without a time it passes.
func NotFuture(c *fault.Check, field string, at *time.Time, now time.Time) {
	if at != nil && at.After(now.Add(clockSkew)) {
		c.Add(field, "out_of_range", "must not be in the future")
	}
}

// Happened is when something that was said to have happened did: a caller's clock that is ahead of ours counts as now, so
// that no record lies in the future.
func Happened(at, now time.Time) time.Time {
	if at.After(now) {
		return now.UTC()
	}
	return at.UTC()
}

// Date is a day in UTC as 2006-01-02, or a moment of that day as an RFC 3339 time; it may be empty.
type Date string

// Check notes a date that is neither.
func (d Date) Check(c *fault.Check, field string) {
	if _, ok := d.parse(); !ok {
		c.Add(field, "invalid_format", "must be a day such as 2026-03-09")
	}
}

// Time is the moment, for a day the midnight it begins with; nil for an empty date or one that Check notes.
func (d Date) Time() *time.Time {
	at, _ := d.parse()
	return at
}

// Day is the midnight that the day begins with, or nil.
func (d Date) Day() *time.Time {
	at, _ := d.parse()
	if at != nil {
		day := Midnight(*at)
		at = &day
	}
	return at
}

func (d Date) parse() (*time.Time, bool) {
	if d == "" {
		return nil, true
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if at, err := time.Parse(layout, string(d)); err == nil {
			at = at.UTC()
			return &at, true
		}
	}
	return nil, false
}

// DateOf writes a midnight in UTC as the day, and any other moment as it is.
func DateOf(at *time.Time) Date {
	switch {
	case at == nil:
		return ""
	case at.UTC().Equal(Midnight(*at)):
		return Date(at.UTC().Format(time.DateOnly))
	}
	return Date(at.UTC().Format(time.RFC3339Nano))
}

// Midnight is when the day of a moment begins, in UTC.
func Midnight(at time.Time) time.Time { return at.UTC().Truncate(24 * time.Hour) }
