package handlers

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxQuestion is how many characters a question may have.
const maxQuestion = 512

// maxChoices limits how often one parameter may be repeated, as in lists.
const maxChoices = 50

// parameters reads the query parameters of a question and notes every bad one.
type parameters struct {
	values url.Values
	known  []string
	check  fault.Check
}

// one is the value of a parameter that may be given once, "" without it.
func (p *parameters) one(name string) string {
	given := p.values[name]
	if len(given) > 1 {
		p.check.Add(name, "repeated", "may be given once")
	}
	return p.values.Get(name)
}

// question is what is asked. Any text is a question but one that is too long.
func (p *parameters) question() string {
	q := strings.ToValidUTF8(p.one("q"), "\uFFFD")
	if utf8.RuneCountInString(q) > maxQuestion {
		p.check.Add("q", "too_long", "must be at most %d characters", maxQuestion)
	}
	return q
}

func (p *parameters) number(name string, otherwise, most int) int {
	text := p.one(name)
	if _, given := p.values[name]; !given {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		p.check.Add(name, "out_of_range", "must be a number from 1 to %d", most)
	}
	return n
}

func (p *parameters) time(name string) time.Time {
	if _, given := p.values[name]; !given {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339Nano, p.one(name))
	if err != nil {
		p.check.Add(name, "invalid_format", "must be a time such as 2026-01-31T09:00:00Z")
	}
	return at
}

func (p *parameters) flag(name string) bool {
	switch p.one(name) {
	case "", "false":
		return false
	case "true":
		return true
	}
	p.check.Add(name, "invalid_choice", "must be true or false")
	return false
}

// any are the values of a parameter that may be repeated; ok says whether one can be.
func (p *parameters) any(name, must string, ok func(string) bool) []string {
	given := p.values[name]
	if len(given) > maxChoices {
		p.check.Add(name, "too_long", "is given %d times, at most %d are allowed", len(given), maxChoices)
	}
	for _, v := range given {
		if !ok(v) {
			p.check.Add(name, "invalid_choice", "%s", must)
			break
		}
	}
	return given
}

// err is Invalid with every bad or unknown parameter.
func (p *parameters) err() error {
	for name := range p.values {
		if !slices.Contains(p.known, name) {
			p.check.Add(name, "unknown_parameter", "is not a parameter here")
		}
	}
	return p.check.Err()
}

// searchFacets are the facets that can be counted.
var searchFacets = []string{"type", "severity", "status", "service_id", "tag"}

// searchTypes are the kinds of record that can be found, by their names.
func searchTypes() []string {
	var names []string
	for _, kind := range index.Kinds() {
		names = append(names, kind.Name)
	}
	return names
}

// searchStates are the states of all records that can be found.
func searchStates() []string {
	all := slices.Concat(
		vocab.UpgradeStatus("").Values(), vocab.AttemptStatus("").Values(), vocab.AssumptionStatus("").Values(), vocab.FindingStatus("").Values(),
		vocab.LessonStatus("").Values(), vocab.IncidentStatus("").Values(), vocab.DecisionStatus("").Values(), vocab.ActionStatus("").Values(),
		vocab.ReviewStatus("").Values())
	slices.Sort(all)
	return slices.Compact(all)
}

// searchFilters describes what a search can be narrowed by.
func searchFilters() []record.Filter {
	return []record.Filter{
		{Name: "type", Doc: "Only these kinds of record.", Words: searchTypes()},
		{Name: "service_id", Doc: "Only records of these services.", Of: vocab.Service},
		{Name: "tag", Doc: "Only records with any of these tags."},
		{Name: "status", Doc: "Only records in any of these states.", Words: searchStates()},
		{Name: "severity", Doc: "Only records of this severity.", Words: vocab.Severity("").Values()},
	}
}

// filter reads the values of a filter.
func (p *parameters) filter(f record.Filter) []string {
	switch {
	case f.Words != nil:
		return p.any(f.Name, "must be one of "+strings.Join(f.Words, ", "), func(v string) bool { return slices.Contains(f.Words, v) })
	case f.Of != vocab.Kind{}:
		return p.any(f.Name, "must be the id of a "+f.Of.Name+", such as "+f.Of.ID(1).String(), func(v string) bool {
			id, err := vocab.ParseID(v)
			return err == nil && id.Is(f.Of)
		})
	}
	return p.any(f.Name, "must be a text of at most 200 characters", func(v string) bool {
		return v != "" && utf8.RuneCountInString(v) <= fault.MaxTitle
	})
}

// searchRequest reads a search, naming every bad parameter at once.
func searchRequest(values url.Values) (search.Request, error) {
	p := parameters{values: values, known: []string{
		"q", "type", "service_id", "tag", "status", "severity", "since", "until", "facets", "explain", "literal", "limit", "cursor", "min_seq",
	}}
	r := search.Request{
		Text: p.question(), Since: p.time("since"), Until: p.time("until"), Limit: p.number("limit", search.DefaultLimit, search.MaxLimit),
		Cursor: p.one("cursor"), Explain: p.flag("explain"), Literal: p.flag("literal"), Filters: map[string][]string{},
	}
	for _, f := range searchFilters() {
		if given := p.filter(f); len(given) > 0 {
			r.Filters[f.Name] = given
		}
	}
	r.Facets = p.facets()
	if !r.Since.IsZero() && !r.Until.IsZero() && r.Until.Before(r.Since) {
		p.check.Add("until", "out_of_range", "must not be before since")
	}
	return r, p.err()
}

// facets are separated by commas, and the parameter may be repeated.
func (p *parameters) facets() []string {
	var names []string
	for _, list := range p.values["facets"] {
		for name := range strings.SplitSeq(list, ",") {
			switch {
			case !slices.Contains(searchFacets, name):
				p.check.Add("facets", "invalid_choice", "must be among %s", strings.Join(searchFacets, ", "))
			case !slices.Contains(names, name):
				names = append(names, name)
			}
		}
	}
	return names
}
