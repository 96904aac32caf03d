package postmortem

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the zones must be known on a machine without a zone database
)

// zone is a time zone as a text names it.
type zone struct {
	name string
	loc  *time.Location
	// place is where a fixed abbreviation is used, to notice a summer date under a winter name; empty when it does not matter.
	place string
	// doubt says why the name has more than one meaning; empty when it has one.
	doubt string
}

// abbreviation is minutes east of UTC, the place that uses it, and another meaning it has.
type abbreviation struct {
	minutes int
	place   string
	doubt   string
}

var abbreviations = map[string]abbreviation{
	"UTC": {}, "GMT": {}, "UT": {}, "Z": {},
	"WET": {0, "Europe/Lisbon", ""}, "WEST": {60, "Europe/Lisbon", ""}, "BST": {60, "Europe/London", ""},
	"CET": {60, "Europe/Paris", ""}, "CEST": {120, "Europe/Paris", ""},
	"EET": {120, "Europe/Helsinki", ""}, "EEST": {180, "Europe/Helsinki", ""}, "MSK": {180, "", ""},
	"EST": {-300, "America/New_York", ""}, "EDT": {-240, "America/New_York", ""},
	"CST": {-360, "America/Chicago", "China uses it too"}, "CDT": {-300, "America/Chicago", ""},
	"MST": {-420, "", ""}, "MDT": {-360, "America/Denver", ""},
	"PST": {-480, "America/Los_Angeles", ""}, "PDT": {-420, "America/Los_Angeles", ""},
	"AKST": {-540, "America/Anchorage", ""}, "AKDT": {-480, "America/Anchorage", ""}, "HST": {-600, "", ""},
	"JST": {540, "", ""}, "KST": {540, "", ""}, "SGT": {480, "", ""}, "HKT": {480, "", ""},
	"IST":  {330, "", "Ireland and Israel use it too"},
	"AEST": {600, "Australia/Sydney", ""}, "AEDT": {660, "Australia/Sydney", ""}, "AWST": {480, "", ""},
	"NZST": {720, "Pacific/Auckland", ""}, "NZDT": {780, "Pacific/Auckland", ""},
}

// regions are names for a place's time, whatever the season.
var regions = map[string]string{
	"PT": "America/Los_Angeles", "MT": "America/Denver", "CT": "America/Chicago", "ET": "America/New_York",
	"PACIFIC": "America/Los_Angeles", "MOUNTAIN": "America/Denver", "CENTRAL": "America/Chicago", "EASTERN": "America/New_York",
}

var (
	zoneToken  = regexp.MustCompile(`^(?:(UTC|GMT)\s?([+-]\d{1,2}(?::?\d{2})?)\b|([+-]\d{2}:?\d{2})\b|([A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?)\b|([A-Z]{1,4}|[Uu]tc)\b|(Pacific|Mountain|Central|Eastern)\s+(?:[Ss]tandard\s+|[Dd]aylight\s+)?[Tt]ime\b)`)
	zonePhrase = regexp.MustCompile(`(?i)\b(?:times?(?:stamps?)?|timeline|timezone|time zone|clock)\b[^.\n|]{0,40}?\b(?:in|are|is|:)?\s*[*_(\x60]*\s*`)
)

// readZone reads a zone at the start of s and says how many bytes it took, 0 when there is none.
func readZone(s string) (*zone, int) {
	m := zoneToken.FindStringSubmatch(s)
	if m == nil {
		return nil, 0
	}
	switch {
	case m[1] != "":
		return offsetZone(m[1]+m[2], m[2], len(m[0]))
	case m[3] != "":
		return offsetZone(m[3], m[3], len(m[0]))
	case m[4] != "":
		loc, err := time.LoadLocation(m[4])
		if err != nil {
			return nil, 0
		}
		return &zone{name: m[4], loc: loc}, len(m[0])
	case m[6] != "":
		return regionZone(strings.ToUpper(m[6]), m[0])
	}
	name := strings.ToUpper(m[5])
	if a, ok := abbreviations[name]; ok {
		loc := time.FixedZone(name, a.minutes*60)
		if a.minutes == 0 && a.place == "" {
			loc = time.UTC
		}
		return &zone{name: name, loc: loc, place: a.place, doubt: a.doubt}, len(m[0])
	}
	return regionZone(name, m[0])
}

func regionZone(key, written string) (*zone, int) {
	place, ok := regions[key]
	if !ok {
		return nil, 0
	}
	loc, err := time.LoadLocation(place)
	if err != nil {
		return nil, 0
	}
	return &zone{name: written, loc: loc}, len(written)
}

func offsetZone(name, offset string, n int) (*zone, int) {
	sign := 1
	if offset[0] == '-' {
		sign = -1
	}
	digits := strings.ReplaceAll(offset[1:], ":", "")
	hours, minutes := digits, "0"
	if len(digits) > 2 {
		hours, minutes = digits[:len(digits)-2], digits[len(digits)-2:]
	}
	h, _ := strconv.Atoi(hours)
	m, _ := strconv.Atoi(minutes)
	if h > 14 || m > 59 {
		return nil, 0
	}
	return &zone{name: name, loc: time.FixedZone(name, sign*(h*3600+m*60))}, n
}

// findZone looks in a sentence such as "All times in CET (GMT+1)" for the zone it declares.
func findZone(text string) *zone {
	for _, at := range zonePhrase.FindAllStringIndex(text, -1) {
		rest := text[at[0]:]
		for i := 0; i < len(rest) && i < 80; i++ {
			if rest[i] == '\n' || rest[i] == '|' {
				break
			}
			if i > 0 && (isWordByte(rest[i-1]) || rest[i-1] == '+' || rest[i-1] == '-') {
				continue
			}
			if z, n := readZone(rest[i:]); n > 1 {
				return z
			}
		}
	}
	return nil
}

func isWordByte(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}

// season is what to note when a fixed abbreviation names another offset than its place had at that time.
func (z *zone) season(t time.Time) string {
	if z.place == "" {
		return ""
	}
	place, err := time.LoadLocation(z.place)
	if err != nil {
		return ""
	}
	_, written := t.Zone()
	if name, actual := t.In(place).Zone(); actual != written {
		return fmt.Sprintf("times in %s are read as UTC%s, though %s was on %s on %s", z.name, t.Format("-07:00"), z.place, name, t.Format(time.DateOnly))
	}
	return ""
}
