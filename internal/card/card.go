// Package card shows one record, what a search found, or what differs between two environments, in every form that other places take: HTML, SVG, Markdown, the storage
// format and the document format of Atlassian, and JSON; and a single word of it as a badge. A Card is drawn once from whatever
// it is about, and all forms are made of that. The forms are pure: equal cards give equal bytes, and no text of a card can be
// taken for markup. What is put on a card, and who may see it, is left to package draw.
package card

import (
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// Tone says how good a status is, for those who see colours; the status says it in words.
type Tone string

// The tones of a status.
const (
	Neutral Tone = "neutral"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// Card is what is shown of a record, of a search, or of a comparison of two environments.
type Card struct {
	// ID is what people write to name the record; empty for what is none.
	ID string `json:"id,omitempty" example:"FND-1" maxLength:"40"`
	// Type is the kind of record, search or drift.
	Type string `json:"type" example:"finding" maxLength:"40"`
	// Title is one line of plain text.
	Title string `json:"title" example:"Sessions expire early" maxLength:"100000"`
	// Status is the state in words; empty for what has none.
	Status string `json:"status,omitempty" example:"confirmed" maxLength:"60"`
	Tone   Tone   `json:"tone,omitempty" enums:"neutral,good,warn,bad" example:"warn"`
	// URL is the page of the record.
	URL string `json:"url" format:"uri" example:"http://127.0.0.1:8080/findings/FND-1" maxLength:"4000"`
	// Fields are short facts, in the order they are shown.
	Fields []Field `json:"fields" maxItems:"50"`
	// Sections are longer texts, in the order they are shown.
	Sections []Section `json:"sections" maxItems:"50"`
	// Links lead from the record to other places.
	Links []Link `json:"links" maxItems:"200"`
	// Items are the hits of a search, best first.
	Items []Item `json:"items,omitempty" maxItems:"200"`
	// Total is how many records a search finds.
	Total int `json:"total,omitempty" minimum:"0"`
	// Compared is what differs between two environments; nil for what compares none.
	Compared *Compared `json:"compared,omitempty"`
	// UpdatedAt is when the record last changed; empty for what is none.
	UpdatedAt *time.Time `json:"updated_at,omitempty" format:"date-time"`
}

// Field is a short fact. Its value is plain text.
type Field struct {
	// Name is the member of the record it is from.
	Name  string `json:"name" example:"severity" maxLength:"60"`
	Label string `json:"label" example:"Severity" maxLength:"200"`
	Value string `json:"value" example:"high" maxLength:"100000"`
	// URL leads to what the value names; it may be empty.
	URL string `json:"url,omitempty" format:"uri" maxLength:"4000"`
}

// Section is a longer text with its heading.
type Section struct {
	// Name is the member of the record it is from.
	Name  string `json:"name" example:"observed" maxLength:"60"`
	Label string `json:"label" example:"What was observed" maxLength:"60"`
	// Markdown is the text.
	Markdown string `json:"markdown" example:"Sessions end after a minute." maxLength:"300000"`
}

// Link leads to another place.
type Link struct {
	// Kind is what it leads to, such as jira.
	Kind  string `json:"kind" example:"jira" maxLength:"60"`
	Title string `json:"title" example:"UPG-12" maxLength:"100000"`
	// URL may be empty for what is known by its key alone.
	URL string `json:"url,omitempty" format:"uri" maxLength:"4000"`
	// Key is its name there, such as a key of an issue; it may be empty.
	Key string `json:"key,omitempty" example:"UPG-12" maxLength:"200"`
}

// Item is one hit of a search.
type Item struct {
	ID     string `json:"id" example:"FND-1" maxLength:"40"`
	Type   string `json:"type" example:"finding" maxLength:"40"`
	Title  string `json:"title" example:"Sessions expire early" maxLength:"100000"`
	Status string `json:"status,omitempty" example:"confirmed" maxLength:"60"`
	URL    string `json:"url" format:"uri" maxLength:"4000"`
}

// Only is the card with those of its parts that are named; id, type, title, address and time always stay. No names means all.
func (c Card) Only(names []string) Card {
	if len(names) == 0 {
		return c
	}
	wanted := map[string]bool{}
	for _, n := range names {
		wanted[n] = true
	}
	if !wanted["status"] {
		c.Status, c.Tone = "", ""
	}
	if !wanted["links"] {
		c.Links = nil
	}
	var fields []Field
	for _, f := range c.Fields {
		if wanted[f.Name] {
			fields = append(fields, f)
		}
	}
	var sections []Section
	for _, s := range c.Sections {
		if wanted[s.Name] {
			sections = append(sections, s)
		}
	}
	c.Fields, c.Sections, c.Compared = fields, sections, c.Compared.only(wanted)
	return c
}

// Names are the names of the parts of the card, those that Only knows.
func (c Card) Names() []string {
	names := []string{"status", "links"}
	for _, f := range c.Fields {
		names = append(names, f.Name)
	}
	for _, s := range c.Sections {
		names = append(names, s.Name)
	}
	return names
}

// Compact is the card without longer texts and links, and with at most most hits or differences where most is above zero.
func (c Card) Compact(compact bool, most int) Card {
	if compact {
		c.Sections, c.Links = nil, nil
	}
	if most > 0 {
		c.Items = c.Items[:min(most, len(c.Items))]
		c.Sections = c.Sections[:min(most, len(c.Sections))]
		if c.Compared != nil {
			some := *c.Compared
			some.Differences = some.Differences[:min(most, len(some.Differences))]
			c.Compared = &some
		}
	}
	return c
}

// Inert is the card as every form shows it: one line where one line is meant, no control characters and no marks that turn the
// direction of what follows, no address that could run code, and no part without a text. It gives the JSON form too.
func Inert(c Card) Card {
	out := c
	out.ID, out.Type, out.Status, out.URL = line(c.ID), line(c.Type), line(c.Status), address(c.URL)
	if out.Title = line(c.Title); out.Title == "" {
		out.Title = out.ID
	}
	out.Fields, out.Sections, out.Links, out.Items = []Field{}, []Section{}, []Link{}, nil
	for _, f := range c.Fields {
		if f.Value = line(f.Value); f.Value != "" {
			out.Fields = append(out.Fields, Field{line(f.Name), line(f.Label), f.Value, address(f.URL)})
		}
	}
	for _, s := range c.Sections {
		if s.Markdown = block(s.Markdown); strings.TrimSpace(s.Markdown) != "" {
			out.Sections = append(out.Sections, Section{line(s.Name), line(s.Label), s.Markdown})
		}
	}
	for _, l := range c.Links {
		l = Link{line(l.Kind), line(l.Title), address(l.URL), line(l.Key)}
		for _, name := range []string{l.Key, l.URL} {
			if l.Title == "" {
				l.Title = name
			}
		}
		if l.Title != "" {
			out.Links = append(out.Links, l)
		}
	}
	for _, i := range c.Items {
		out.Items = append(out.Items, Item{line(i.ID), line(i.Type), line(i.Title), line(i.Status), address(i.URL)})
	}
	out.Compared = c.Compared.inert()
	if out.Status == "" {
		out.Tone = ""
	} else if out.Tone == "" {
		out.Tone = Neutral
	}
	return out
}

// line is a text on one line.
func line(s string) string {
	return strings.Join(strings.Fields(block(s)), " ")
}

// block is a text of any number of lines without characters that no reader sees.
func block(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xFFFE || r == 0xFFFF { // XML has no place for them
			return -1
		}
		return r
	}, markup.Clean(s))
}

// address is an address that may become a link, or none.
func address(s string) string {
	href, ok := markup.SafeURL(s)
	if !ok || strings.ContainsFunc(href, func(r rune) bool { return r == 0xFFFE || r == 0xFFFF }) {
		return ""
	}
	return href
}

// Kind is how the type of a record is written for people, such as Finding.
func (c Card) Kind() string { return capital(strings.ReplaceAll(c.Type, "_", " ")) }

func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Heading is a title with what it is a title of, such as Finding FND-1: Sessions expire early.
func (c Card) Heading() string {
	name := strings.TrimSpace(c.Kind() + " " + c.ID)
	return line(name + ": " + c.Title)
}

// Stamp writes a time for people, to the minute and in UTC.
func Stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// words writes a word of a closed list as people write it.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
