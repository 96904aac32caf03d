package postmortem

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// moment is a time as written: any part may be missing.
type moment struct {
	year, month, day       int // 0 when not written
	hour, min, sec, nanos  int
	hasTime, hasSeconds    bool
	blurred                bool // a time was written, but not one that can be read: 2X:XX
	approximate            bool
	zone                   *zone
	until                  *moment
	odd                    []string // what a reader should know about the writing
	yearUnread, dateUnread bool
}

func (m *moment) hasDay() bool { return m.month != 0 && m.day != 0 }

var (
	blanks     = regexp.MustCompile(`^[\s,]*`)
	opening    = regexp.MustCompile("^[\\s*_`\\[(\"“]*")
	roughly    = regexp.MustCompile(`(?i)^(?:~|≈|approximately\b|approx\b\.?|about\b|around\b|circa\b|ca\b\.?|roughly\b|c\.)\s*`)
	atWord     = regexp.MustCompile(`(?i)^(?:at|on|from)\s+`)
	weekday    = regexp.MustCompile(`(?i)^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[.,]*\s*(?:the\s+)?`)
	dateISO    = regexp.MustCompile(`^(\d{4,6})([-/.])(\d{1,2})([-/.])(\d{1,2})(?:[^\d]|$)`)
	dateDayMon = regexp.MustCompile(`(?i)^(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+(?:of\s+)?` + months + `\b\.?(?:,?[\s-]+((?:19|20)\d\d)\b)?`)
	dateMonDay = regexp.MustCompile(`(?i)^` + months + `\b\.?\s+(\d{1,2})(?:st|nd|rd|th)?\b(?:,?\s+((?:19|20)\d\d)\b)?`)
	dateSlash  = regexp.MustCompile(`^(\d{1,2})([/.])(\d{1,2})[/.](\d{4})\b`)
	between    = regexp.MustCompile(`^(?:T|[\s,@*_\x60]*(?:at\b|@|[-–—]\s)?[\s*_\x60]*)`)
	clock      = regexp.MustCompile(`(?i)^(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:\s*(am|pm|a\.m\.|p\.m\.))?(?:\s*(?:hrs?|h|hours|uhr)\b)?`)
	clockHour  = regexp.MustCompile(`(?i)^(\d{1,2})\s?(am|pm|a\.m\.|p\.m\.)`)
	clockFour  = regexp.MustCompile(`^([01]\d|2[0-3])([0-5]\d)\s?(?:hrs\b|hours\b|h\b|(UTC|Z|GMT)\b)`)
	clockBlur  = regexp.MustCompile(`^[\dXx?]{1,2}:[\dXx?]{2}`)
	tail       = regexp.MustCompile(`(?i)^\s*(?:~|ish\b|\?|\((?:approx(?:imately|\.)?|about|estimated|est\.?|roughly|~)\))`)
	rangeMark  = regexp.MustCompile(`(?i)^\s*(?:-|–|—|to\b|until\b|till\b)\s*`)
)

const months = `(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)`

// scanner reads forward through a string.
type scanner struct {
	s   string
	pos int
}

func (sc *scanner) rest() string { return sc.s[sc.pos:] }

func (sc *scanner) take(re *regexp.Regexp) []string {
	m := re.FindStringSubmatch(sc.rest())
	if m != nil {
		sc.pos += len(m[0])
	}
	return m
}

// readMoment reads a date, a time or both at the start of s, past emphasis and brackets, and says how many bytes it took.
// It returns nil when s does not start with one.
func readMoment(s string) (*moment, int) {
	if at := strings.IndexByte(s, '\n'); at >= 0 {
		s = s[:at]
	}
	sc := &scanner{s: s}
	sc.take(opening)
	m := &moment{}
	for sc.take(roughly) != nil {
		m.approximate = true
	}
	sc.take(atWord)
	if !sc.parts(m) {
		return nil, 0
	}
	start := sc.pos
	if sc.take(rangeMark) != nil {
		end := &moment{}
		for sc.take(roughly) != nil {
			end.approximate = true
		}
		if sc.parts(end) && end.hasTime == m.hasTime {
			m.until, m.approximate = end, m.approximate || end.approximate
			m.odd = append(m.odd, end.odd...)
			if m.zone == nil {
				m.zone = end.zone
			}
		} else {
			sc.pos = start
		}
	}
	if r := sc.rest(); r != "" && isWordByte(r[0]) && isWordByte(s[sc.pos-1]) {
		return nil, 0
	}
	return m, sc.pos
}

// parts reads a date and a time in either order, then a zone.
func (sc *scanner) parts(m *moment) bool {
	dated, iso := sc.date(m), false
	at := sc.pos
	if dated {
		iso = strings.HasPrefix(sc.rest(), "T")
		sc.take(between)
	}
	for sc.take(roughly) != nil {
		m.approximate = true
	}
	if !sc.time(m) {
		sc.pos = at
		if dated && sc.take(tail) != nil {
			m.approximate = true
		}
		return dated
	}
	iso = iso || m.hasSeconds
	sc.suffix(m, iso)
	if !dated {
		at = sc.pos
		sc.take(blanks)
		sc.take(atWord)
		if !sc.date(m) {
			sc.pos = at
		}
	}
	return true
}

// suffix reads a zone and marks of doubt after a time. Only a time written like a timestamp has a zone such as -07:00
// right behind it; behind another one that is the end of a span.
func (sc *scanner) suffix(m *moment, iso bool) {
	for range 2 {
		for sc.take(tail) != nil {
			m.approximate = true
		}
		r := strings.TrimLeft(sc.rest(), " \t")
		if inner := strings.TrimLeft(r, "]*_` "); strings.HasPrefix(inner, "(") {
			r = inner // a zone in brackets behind the marks that close the time
		}
		paren := strings.HasPrefix(r, "(") || strings.HasPrefix(r, "[")
		z, n := readZone(strings.TrimLeft(r, "(["))
		if n == 0 || (n == 1 && r != sc.rest()) || !iso && strings.HasPrefix(r, "-") && strings.Contains(r[:n], ":") {
			return
		}
		skipped := len(sc.rest()) - len(r)
		if paren {
			if n+1 >= len(r) || (r[n+1] != ')' && r[n+1] != ']') {
				return
			}
			n += 2
		}
		if m.zone == nil {
			m.zone = z
		}
		sc.pos += skipped + n
	}
}

func (sc *scanner) date(m *moment) bool {
	start := sc.pos
	sc.take(weekday)
	r := sc.rest()
	if d := dateISO.FindStringSubmatch(r); d != nil && d[2] == d[4] {
		n := len(d[1]) + len(d[3]) + len(d[5]) + 2
		sc.pos += n
		m.month, m.day = number(d[3]), number(d[5])
		if m.year = number(d[1]); len(d[1]) != 4 {
			m.year, m.yearUnread = 0, true
			m.odd = append(m.odd, "the year "+d[1]+" cannot be read")
		}
		return m.check()
	}
	if d := sc.take(dateDayMon); d != nil {
		m.day, m.month, m.year = number(d[1]), monthNumber(d[2]), number(d[3])
		return m.check()
	}
	if d := sc.take(dateMonDay); d != nil {
		m.month, m.day, m.year = monthNumber(d[1]), number(d[2]), number(d[3])
		return m.check()
	}
	if d := sc.take(dateSlash); d != nil {
		a, b := number(d[1]), number(d[3])
		m.year = number(d[4])
		switch {
		case d[2] == "." || a > 12 || a == b:
			m.day, m.month = a, b
		case b > 12:
			m.day, m.month = b, a
		default:
			m.year, m.dateUnread = 0, true
			m.odd = append(m.odd, "the date "+d[0]+" can be read as day first or month first")
			return true
		}
		return m.check()
	}
	sc.pos = start
	return false
}

// check refuses days no calendar has; the words were a date all the same.
func (m *moment) check() bool {
	year := m.year
	if year == 0 {
		year = 2000
	}
	d := time.Date(year, time.Month(m.month), m.day, 0, 0, 0, 0, time.UTC)
	if m.month < 1 || m.month > 12 || d.Day() != m.day || year < 1970 || year > 2199 {
		m.odd = append(m.odd, "the date is not one a calendar has")
		m.year, m.month, m.day, m.dateUnread = 0, 0, 0, true
	}
	return true
}

func (sc *scanner) time(m *moment) bool {
	at := sc.pos
	if c := sc.take(clock); c != nil {
		m.hour, m.min, m.sec = number(c[1]), number(c[2]), number(c[3])
		m.hasSeconds = c[3] != ""
		if c[4] != "" {
			m.nanos = number((c[4] + "000000000")[:9])
		}
		if sc.halfDay(m, c[5]) {
			return true
		}
	} else if c := sc.take(clockHour); c != nil {
		m.hour = number(c[1])
		if sc.halfDay(m, c[2]) {
			return true
		}
	} else if c := clockFour.FindStringSubmatch(sc.rest()); c != nil {
		m.hour, m.min, m.hasTime = number(c[1]), number(c[2]), true
		if sc.pos += 4; c[3] == "" { // the zone behind it is read next
			sc.pos += len(c[0]) - 4
		}
		return true
	} else if c := sc.take(clockBlur); c != nil {
		m.blurred, m.hasTime, m.approximate = true, true, true
		m.odd = append(m.odd, "the time "+c[0]+" cannot be read")
		return true
	}
	sc.pos = at
	return false
}

// halfDay applies am or pm and reports whether the result is a time of day.
func (sc *scanner) halfDay(m *moment, half string) bool {
	half = strings.ToLower(strings.ReplaceAll(half, ".", ""))
	if half != "" && (m.hour > 12 || m.hour == 0) {
		m.odd = append(m.odd, half+" after a 24-hour time was left out of account")
		half = ""
	}
	switch {
	case half == "pm" && m.hour < 12:
		m.hour += 12
	case half == "am" && m.hour == 12:
		m.hour = 0
	}
	m.hasTime = m.hour <= 23 && m.min <= 59 && m.sec <= 60
	return m.hasTime
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func monthNumber(s string) int {
	const names = "janfebmaraprmayjunjulaugsepoctnovdec"
	return strings.Index(names, strings.ToLower(s[:3]))/3 + 1
}
