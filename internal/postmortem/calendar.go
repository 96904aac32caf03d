package postmortem

import (
	"fmt"
	"time"
)

// calendar places moments that lack a part, using what the text said before, and notes what it had to add.
type calendar struct {
	notes *notebook
	// day is the last day read, and dayFrom says where from.
	day     time.Time
	dayFrom string
	// year is used when no day was read yet; 0 when nothing states one.
	year     int
	yearFrom string
	// zone is what the text declares for all its times; fallback applies when it declares none.
	zone     *zone
	fallback *time.Location
	last     *time.Time
	lastZone *zone
}

// place turns a written moment into a time. It reports false, after a note, when too little is written.
func (c *calendar) place(m *moment, line int) (at time.Time, approximate, ok bool) {
	approximate = m.approximate
	for _, odd := range m.odd {
		c.notes.add(line, "%s", odd)
	}
	if m.blurred || (m.dateUnread && !m.hasDay()) {
		return c.beside(m, line)
	}
	loc := c.location(m, line)
	day, guessed, ok := c.dayOf(m, line)
	if !ok {
		return time.Time{}, false, false
	}
	approximate = approximate || guessed
	at = time.Date(day.Year(), day.Month(), day.Day(), m.hour, m.min, m.sec, m.nanos, loc)
	if !m.hasTime {
		approximate = true
	}
	if !m.hasDay() && c.last != nil && at.Before(*c.last) {
		at, approximate = c.backwards(at, approximate, line)
	}
	c.remember(at, m, line)
	return at, approximate, true
}

// beside places a moment that cannot be read at the time of the entry before it.
func (c *calendar) beside(m *moment, line int) (time.Time, bool, bool) {
	if c.last == nil || !m.blurred {
		c.notes.add(line, "the entry has no time that can be read; it stays in the body")
		return time.Time{}, false, false
	}
	c.notes.add(line, "placed at the time of the entry before it")
	return *c.last, true, true
}

func (c *calendar) location(m *moment, line int) *time.Location {
	z := m.zone
	switch {
	case z != nil:
		c.lastZone = z
	case c.zone != nil:
		z = c.zone
	case c.lastZone != nil:
		z = c.lastZone
		c.notes.once("zone carried", line, "times without a zone are read in %s, the zone written last", z.name)
	default:
		c.notes.once("no zone", line, "no time zone is stated; times are read in %s", c.fallback)
		return c.fallback
	}
	if z.doubt != "" {
		c.notes.once("zone "+z.name, line, "%s is read as UTC%s; %s", z.name, time.Unix(0, 0).In(z.loc).Format("-07:00"), z.doubt)
	}
	return z.loc
}

// dayOf is the day of a moment and whether a part of it was inferred.
func (c *calendar) dayOf(m *moment, line int) (day time.Time, guessed, ok bool) {
	switch {
	case m.hasDay() && m.year != 0:
		return civil(m.year, m.month, m.day), false, true
	case m.hasDay():
		day, ok := c.completeYear(m, line)
		return day, m.yearUnread || c.day.IsZero(), ok
	case !c.day.IsZero():
		return c.day, false, true
	}
	c.notes.add(line, "a time without a day, and no day stated before it; it stays in the body")
	return time.Time{}, false, false
}

func (c *calendar) completeYear(m *moment, line int) (time.Time, bool) {
	if c.day.IsZero() && c.year == 0 {
		c.notes.add(line, "a day without a year, and no year stated before it; it stays in the body")
		return time.Time{}, false
	}
	year, from := c.year, c.yearFrom
	if !c.day.IsZero() {
		year, from = c.day.Year(), c.dayFrom
		// A December entry followed by a January one crosses the year: the nearest such day is meant.
		for _, y := range []int{year + 1, year - 1} {
			if distance(civil(y, m.month, m.day), c.day) < distance(civil(year, m.month, m.day), c.day) {
				year = y
			}
		}
	}
	day := civil(year, m.month, m.day)
	if day.Day() != m.day {
		c.notes.add(line, "the year %d from %s has no such day; it stays in the body", year, from)
		return time.Time{}, false
	}
	c.notes.add(line, "the year %d is taken from %s", year, from)
	return day, true
}

func distance(a, b time.Time) time.Duration { return a.Sub(b).Abs() }

// backwards handles a bare time earlier than the entry before it: past midnight when that is what it looks like.
func (c *calendar) backwards(at time.Time, approximate bool, line int) (time.Time, bool) {
	last := c.last.In(at.Location())
	if last.Hour() >= 18 && at.Hour() < 9 || last.Sub(at) > 12*time.Hour {
		at = at.AddDate(0, 0, 1)
		c.notes.add(line, "earlier in the day than the entry before it; read as the day after, %s", at.Format(time.DateOnly))
		return at, approximate
	}
	c.notes.add(line, "earlier than the entry before it; read as the same day, %s", at.Format(time.DateOnly))
	return at, true
}

func (c *calendar) remember(at time.Time, m *moment, line int) {
	c.day = civil(at.Year(), int(at.Month()), at.Day())
	if m.hasDay() {
		c.dayFrom = fmt.Sprintf("line %d", line+1)
	}
	c.last = &at
	z := m.zone
	if z == nil {
		z = c.zone
	}
	if z == nil {
		z = c.lastZone
	}
	if z != nil {
		if s := z.season(at); s != "" {
			c.notes.once("season "+z.name, line, "%s", s)
		}
	}
}

// end places the end of a span: on the day of its start unless it says otherwise, after midnight when it is earlier.
func (c *calendar) end(start time.Time, m *moment, line int) *time.Time {
	if m.until == nil || m.until.blurred {
		return nil
	}
	u := *m.until
	u.odd = nil
	if u.zone == nil {
		u.zone = m.zone
	}
	if !u.hasDay() {
		at := time.Date(start.Year(), start.Month(), start.Day(), u.hour, u.min, u.sec, u.nanos, start.Location())
		if at.Before(start) {
			at = at.AddDate(0, 0, 1)
			c.notes.add(line, "the end of the span is earlier in the day than its start; read as the day after")
		}
		return &at
	}
	last := c.last
	at, _, ok := c.place(&u, line)
	c.last = last
	if !ok {
		return nil
	}
	return &at
}

func civil(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}
