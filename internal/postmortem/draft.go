package postmortem

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Draft is what one Markdown review says. Fields named Text, and Summary, Impact, WentWell, WentPoorly, Lucky and
// Body, hold Markdown as written; the others hold plain text.
type Draft struct {
	// Name is the file name as given; it is no part of the content.
	Name string `json:"name"`
	// Key is the SHA-256, in hexadecimal, of the canonical source text: equal for files that differ only in line
	// endings, trailing blanks or a byte order mark.
	Key string `json:"key"`
	// Title has at most 200 characters; a longer one is cut here and whole in Body.
	Title string `json:"title"`
	// Date is the day the review is about, as 2006-01-02, or empty when none is stated.
	Date     string   `json:"date,omitempty"`
	Status   string   `json:"status,omitempty"`
	Severity string   `json:"severity,omitempty"`
	People   []Person `json:"people,omitempty"`
	Summary  string   `json:"summary,omitempty"`
	Impact   string   `json:"impact,omitempty"`
	Window   Window   `json:"window"`
	Events   []Event  `json:"events,omitempty"`
	// Factors are in the order of the text.
	Factors    []Factor `json:"factors,omitempty"`
	WentWell   string   `json:"went_well,omitempty"`
	WentPoorly string   `json:"went_poorly,omitempty"`
	Lucky      string   `json:"lucky,omitempty"`
	Actions    []Action `json:"actions,omitempty"`
	// Tags are the tags and categories stated, in lower case, sorted.
	Tags []string `json:"tags,omitempty"`
	// Components are service and component words found in the text, sorted; hints, not facts.
	Components []string `json:"components,omitempty"`
	// Lessons are the items of sections on lessons learned. Their text is in Body too, since a review has no field for it.
	Lessons []string `json:"lessons,omitempty"`
	// References are the links of the whole text, one per URL, sorted by URL.
	References []Reference `json:"references,omitempty"`
	Subject    Subject     `json:"subject"`
	// TimeToDetect and TimeToRecover are as stated in the text; nil when not stated or not readable.
	TimeToDetect  *time.Duration `json:"time_to_detect,omitempty"`
	TimeToRecover *time.Duration `json:"time_to_recover,omitempty"`
	// Body is every line that has no field of its own, in the original order, under its original headings.
	Body string `json:"body,omitempty"`
	// Mapping says which words of the source decided where the text under them went.
	Mapping []Mapped `json:"mapping,omitempty"`
	// Notes say what was not understood, or understood only with help, in the order of the lines.
	Notes []Note `json:"notes,omitempty"`
}

// Person is somebody or some role the text names as taking part.
type Person struct {
	// Role is the label they stood under, in lower case: authors, attendees, owner.
	Role string `json:"role"`
	Text string `json:"text"`
}

// Window is the span of the incident as stated; nil where the text states nothing.
type Window struct {
	ImpactStart *time.Time `json:"impact_start,omitempty"`
	ImpactEnd   *time.Time `json:"impact_end,omitempty"`
	DetectedAt  *time.Time `json:"detected_at,omitempty"`
}

// Event is one entry of the timeline. Its time is never zero: an entry that cannot be placed stays in Draft.Body.
type Event struct {
	// At keeps the zone it was written in.
	At time.Time `json:"at"`
	// Until is the end of a stated span.
	Until *time.Time `json:"until,omitempty"`
	// Approximate is true when the text says so, when only a day was given, or when a part of the time was inferred.
	Approximate bool `json:"approximate"`
	// Kind is read from a column or mark when there is one, and guessed from the wording otherwise.
	Kind vocab.EventKind `json:"kind"`
	Text string          `json:"text"`
	// Written is the time as it stood in the text.
	Written string `json:"written"`
	Line    int    `json:"line"`
}

// Factor is one contributing factor. Category is empty when the text gives none.
type Factor struct {
	Category string `json:"category,omitempty"`
	Text     string `json:"text"`
	Line     int    `json:"line"`
}

// Action is one follow-up. Empty fields were not stated.
type Action struct {
	// Title has at most 200 characters; where it cannot carry the whole item, the item is in Body too.
	Title         string `json:"title"`
	DoneCriterion string `json:"done_criterion,omitempty"`
	Owner         string `json:"owner,omitempty"`
	// Due is a day as 2006-01-02.
	Due string `json:"due,omitempty"`
	// Priority is as written.
	Priority string           `json:"priority,omitempty"`
	Kind     vocab.ActionKind `json:"kind,omitempty"`
	// Component is the heading it stood under within the section on actions.
	Component string `json:"component,omitempty"`
	// Done is true when the text marks it as done.
	Done       bool     `json:"done,omitempty"`
	References []string `json:"references,omitempty"`
	Line       int      `json:"line"`
}

// Reference is one link of the text. URL is empty for a bare issue key, which is then ExternalKey.
type Reference struct {
	Kind        vocab.ReferenceKind `json:"kind"`
	URL         string              `json:"url,omitempty"`
	ExternalKey string              `json:"external_key,omitempty"`
	Title       string              `json:"title,omitempty"`
}

// Subject says whether the text reads like an attempt at an upgrade or like an incident, and which words say so.
type Subject struct {
	Attempt bool     `json:"attempt"`
	Why     []string `json:"why,omitempty"`
}

// Mapped is a heading, label or table head of the source and the field its text went to.
type Mapped struct {
	Line  int    `json:"line"`
	Text  string `json:"text"`
	Field string `json:"field"`
}

// Note is one thing the reader of an import should look at. Line counts from 1.
type Note struct {
	Line    int    `json:"line"`
	Message string `json:"message"`
}
