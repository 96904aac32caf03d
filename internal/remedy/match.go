// Package remedy finds the runbooks that are for a finding or an incident, and says of each why: a link between the two, the name
// of an alert, a rule of the runbook, or words that they share, in this order. Keeping runbooks is left to package catalog.
package remedy

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Ground is how a runbook was found.
type Ground string

// The reasons, the strongest first.
const (
	ByLink  Ground = "link"
	ByAlert Ground = "alert"
	ByRule  Ground = "rule"
	ByText  Ground = "text"
)

// Subject is what a runbook is looked for.
type Subject struct {
	ID        vocab.ID
	Title     string
	Texts     []string // what else it says
	Component string
	ServiceID vocab.ID
	Tags      []string
	Severity  vocab.Severity
	// Links are its references: the id of each, where it leads and its key.
	Links []Link
}

// Link is a reference of the subject.
type Link struct {
	ID       vocab.ID
	URL, Key string
}

// Runbook is a runbook that may be for it.
type Runbook struct {
	ID         vocab.ID
	Title, URL string
	ServiceID  vocab.ID
	Areas      []string
	Alerts     []string
	Rules      []vocab.RunbookRule
	Health     vocab.RunbookHealth
}

// Match is a runbook that is for a subject.
type Match struct {
	Runbook Runbook
	By      Ground
	Why     string
}

// maxMatches is how many runbooks are offered: more would be no help.
const maxMatches = 20

// Find gives the runbooks that are for a subject, the best first. Equal input gives equal output.
func Find(s Subject, all []Runbook) []Match {
	text := newText(s)
	var found []Match
	for _, r := range all {
		for _, try := range []func(Subject, said, Runbook) (Ground, string){linked, alerted, ruled, worded} {
			if by, why := try(s, text, r); why != "" {
				found = append(found, Match{Runbook: r, By: by, Why: why})
				break
			}
		}
	}
	order := []Ground{ByLink, ByAlert, ByRule, ByText}
	slices.SortStableFunc(found, func(a, b Match) int {
		return cmp.Or(
			cmp.Compare(slices.Index(order, a.By), slices.Index(order, b.By)),
			cmp.Compare(vocab.Rank(a.Runbook.Health), vocab.Rank(b.Runbook.Health)), cmp.Compare(a.Runbook.ID.N, b.Runbook.ID.N),
		)
	})
	return found[:min(len(found), maxMatches)]
}

// said is what a subject says, in the forms that are looked at.
type said struct {
	whole string          // in small letters
	words map[string]bool // its words of four letters and more
	names map[string]bool // its words as they stand, where names of alerts are looked for
}

func newText(s Subject) said {
	all := strings.Join(append([]string{s.Title, s.Component}, s.Texts...), "\n")
	t := said{whole: strings.ToLower(all), words: map[string]bool{}, names: map[string]bool{}}
	for _, w := range tokens(all) {
		t.names[strings.ToLower(w)] = true
	}
	for _, w := range words(all) {
		t.words[singular(w)] = true
	}
	return t
}

// linked finds a runbook that a reference of the subject leads to, or whose address the subject writes.
func linked(s Subject, text said, r Runbook) (Ground, string) {
	for _, l := range s.Links {
		if l.Key == r.ID.String() || (l.URL != "" && sameAddress(l.URL, r.URL)) {
			return ByLink, "linked by " + l.ID.String()
		}
	}
	if at := strings.Index(text.whole, strings.ToLower(r.URL)); r.URL != "" && at >= 0 && ends(text.whole[at+len(r.URL):]) {
		return ByLink, "its address is written in " + s.ID.String()
	}
	return "", ""
}

// ends says whether an address ends where the rest of a text begins.
func ends(rest string) bool {
	rest = strings.TrimLeft(rest, "/.,;:!?)]>'\"")
	return rest == "" || strings.HasPrefix(rest, "#") || unicode.IsSpace([]rune(rest)[0]) || rest[0] == '(' || rest[0] == '*' || rest[0] == '|'
}

// sameAddress compares two addresses without their fragment and a slash at the end.
func sameAddress(a, b string) bool {
	x, errA := url.Parse(a)
	y, errB := url.Parse(b)
	if errA != nil || errB != nil {
		return false
	}
	trim := func(u *url.URL) string {
		return strings.ToLower(u.Scheme+"://"+u.Host) + strings.TrimSuffix(u.EscapedPath(), "/") + "?" + u.RawQuery
	}
	return trim(x) == trim(y)
}

// alertTags begin tags that name an alert.
var alertTags = []string{"alert:", "alertname:", "alertname="}

func alerted(s Subject, text said, r Runbook) (Ground, string) {
	for _, alert := range r.Alerts {
		small := strings.ToLower(strings.TrimSpace(alert))
		if small == "" {
			continue
		}
		for _, tag := range s.Tags {
			tag = strings.ToLower(tag)
			for _, mark := range alertTags {
				if tag == mark+small {
					return ByAlert, "the alert " + alert + " is among the tags"
				}
			}
			if tag == small {
				return ByAlert, "the alert " + alert + " is among the tags"
			}
		}
		if text.names[small] {
			return ByAlert, "the alert " + alert + " is named"
		}
	}
	return "", ""
}

// ruled finds a runbook by its rules, or by an area of its service that is the component of the subject.
func ruled(s Subject, text said, r Runbook) (Ground, string) {
	for i, rule := range r.Rules {
		if why := satisfied(s, text, rule); why != "" {
			return ByRule, "rule " + string(rune('1'+min(i, 8))) + ": " + why
		}
	}
	if !r.ServiceID.IsZero() && r.ServiceID == s.ServiceID {
		for _, area := range r.Areas {
			if s.Component != "" && strings.EqualFold(area, s.Component) {
				return ByRule, "it is about " + area + " of " + r.ServiceID.String()
			}
		}
	}
	return "", ""
}

// satisfied says what of a subject a rule asks for, or "" where one dimension does not agree or none is named.
func satisfied(s Subject, text said, rule vocab.RunbookRule) string {
	var why []string
	holds := func(named bool, found string) bool {
		if named && found != "" {
			why = append(why, found)
		}
		return !named || found != ""
	}
	service, component, tag, severity, piece := "", "", "", "", ""
	if slices.Contains(rule.ServiceIDs, s.ServiceID) && !s.ServiceID.IsZero() {
		service = s.ServiceID.String()
	}
	for _, c := range rule.Components {
		if s.Component != "" && strings.EqualFold(c, s.Component) {
			component = "component " + c
		}
	}
	for _, t := range rule.Tags {
		if slices.ContainsFunc(s.Tags, func(of string) bool { return strings.EqualFold(of, t) }) {
			tag = "tag " + t
			break
		}
	}
	if slices.Contains(rule.Severities, s.Severity) {
		severity = "severity " + string(s.Severity)
	}
	for _, c := range rule.Contains {
		if strings.Contains(text.whole, strings.ToLower(c)) {
			piece = "it holds “" + c + "”"
			break
		}
	}
	ok := holds(len(rule.ServiceIDs) > 0, service) && holds(len(rule.Components) > 0, component) && holds(len(rule.Tags) > 0, tag) &&
		holds(len(rule.Severities) > 0, severity) && holds(len(rule.Contains) > 0, piece)
	if !ok {
		return ""
	}
	return strings.Join(why, ", ")
}

// minShared is how many words a subject and a runbook must share before that means something.
const minShared = 2

// worded finds a runbook whose title, areas and alerts share words with the subject. One of another service is not looked at.
func worded(s Subject, text said, r Runbook) (Ground, string) {
	if !r.ServiceID.IsZero() && !s.ServiceID.IsZero() && r.ServiceID != s.ServiceID {
		return "", ""
	}
	var shared []string
	named := map[string]bool{}
	for _, w := range words(strings.Join(slices.Concat([]string{r.Title}, r.Areas, r.Alerts), "\n")) {
		if key := singular(w); text.words[key] && !named[key] {
			named[key] = true
			shared = append(shared, w)
		}
	}
	if len(shared) < minShared {
		return "", ""
	}
	slices.Sort(shared)
	return ByText, "both say " + strings.Join(shared[:min(len(shared), 5)], ", ")
}

// tokens are the stretches of letters, digits, dashes and underscores of a text.
func tokens(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '-' })
}

// minWord is how many letters a word has that says something by itself.
const minWord = 4

// words are the words of a text that say something, in small letters: names like SessionsExpire are taken apart.
func words(s string) []string {
	var found []string
	for _, token := range tokens(s) {
		for _, w := range strings.FieldsFunc(apart(token), func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
			w = strings.ToLower(w)
			if len([]rune(w)) >= minWord && !commonWords[w] {
				found = append(found, w)
			}
		}
	}
	return found
}

// singular makes the plural of a word equal to the word. It is for comparing only, and no word to show.
func singular(word string) string { return strings.TrimSuffix(word, "s") }

// apart puts a space before each capital letter that follows a small one.
func apart(s string) string {
	var b strings.Builder
	var last rune
	for _, r := range s {
		if unicode.IsUpper(r) && unicode.IsLower(last) {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// commonWords are too common in runbooks and findings to connect the two.
var commonWords = map[string]bool{
	"after": true, "again": true, "alert": true, "before": true, "during": true, "error": true, "errors": true, "from": true, "have": true, "high": true,
	"issue": true, "more": true, "problem": true, "production": true, "runbook": true, "service": true, "than": true, "that": true, "their": true,
	"them": true, "they": true, "this": true, "users": true, "when": true, "with": true, "without": true,
}
