// Package recap drafts a review from what is recorded about an attempt: what happened, how it was noticed, whom it harmed and what
// made it possible, in sentences that each name the records they came from. It adds nothing that is not recorded, and judges
// nobody. How a review is kept and written out is left to package review.
package recap

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Facts are what is recorded about an attempt, as far as whoever asks may know of it.
type Facts struct {
	Attempt     Attempt
	Entries     []timeline.Entry // oldest first
	Incidents   []Incident       // by number
	Findings    []Finding        // by number
	Assumptions []Assumption     // by number
}

// Attempt is the attempt that is reviewed.
type Attempt struct {
	ID                 vocab.ID
	Name, Environment  string
	Status             vocab.AttemptStatus
	StartedAt, EndedAt *time.Time
	UsersAffected      *int
	Outcome            string
	Visibility         vocab.Visibility
	Team               string
	Tags               []string
	Sample             bool
}

// Incident is harm on the attempt.
type Incident struct {
	ID         vocab.ID
	Title      string
	Severity   vocab.Severity
	Impact     string
	Start, End *time.Time
	DetectedAt *time.Time
	DetectedBy vocab.DetectedBy
	NearMiss   bool
}

// Finding is something that was seen on the attempt.
type Finding struct {
	ID          vocab.ID
	Title       string
	Severity    vocab.Severity
	Attribution vocab.Attribution
}

// Assumption is something that the attempt took for granted.
type Assumption struct {
	ID        vocab.ID
	Statement string
	Category  vocab.AssumptionCategory
	Status    vocab.AssumptionStatus
}

// Sentence is one statement of a draft, with the records that show it.
type Sentence struct {
	// The member of the review that it is in.
	Field string `json:"field" example:"summary" maxLength:"60"`
	// What it says.
	Text string `json:"text" example:"The first recorded signal came on 2026-03-06 05:20 UTC." maxLength:"100000"`
	// The records that show it.
	Refs []vocab.ID `json:"refs" swaggertype:"array,string" example:"EVT-1" maxItems:"200"`
}

// Draft is a review as it can be told from the facts.
type Draft struct {
	Input     review.Input
	Sentences []Sentence
}

// Compose drafts a review. Equal facts give equal drafts.
func Compose(f Facts) Draft {
	d := &drafting{facts: f}
	d.course()
	d.detection()
	d.impact()
	d.factors()
	d.helped()
	in := review.Input{
		Title: clip(plain("Review of " + f.Attempt.Name)), AttemptIDs: []vocab.ID{f.Attempt.ID}, Summary: d.prose("summary"), Impact: d.prose("impact"),
		WentWell: d.prose("went_well"), WentPoorly: d.prose("went_poorly"), ContributingFactors: d.made, Participants: d.roles(),
	}
	in.Visibility, in.Team, in.Tags, in.Sample = f.Attempt.Visibility, f.Attempt.Team, slices.Clone(f.Attempt.Tags), f.Attempt.Sample
	for _, i := range f.Incidents {
		in.IncidentIDs = append(in.IncidentIDs, i.ID)
	}
	return Draft{Input: in, Sentences: d.sentences}
}

type drafting struct {
	facts     Facts
	sentences []Sentence
	made      []vocab.Factor
}

// maxRefs is how many records one sentence names.
const maxRefs = 50

func (d *drafting) say(field, text string, refs ...vocab.ID) {
	text = strings.TrimSpace(text)
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	d.sentences = append(d.sentences, Sentence{Field: field, Text: text, Refs: refs[:min(len(refs), maxRefs)]})
}

// prose writes the sentences of a member as Markdown, one paragraph each, with the records behind each.
func (d *drafting) prose(field string) string {
	var parts []string
	for _, s := range d.sentences {
		if s.Field == field {
			parts = append(parts, s.Text+refs(s.Refs))
		}
	}
	return strings.Join(parts, "\n\n")
}

func refs(ids []vocab.ID) string {
	if len(ids) == 0 {
		return ""
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = id.String()
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// plain is Markdown of a record as one line of plain text.
func plain(markdown string) string {
	return strings.Join(strings.Fields(markup.PlainText(markdown)), " ")
}

// quoted is a text of a record as it stands in a sentence.
func quoted(markdown string) string { return strings.TrimRight(markup.Escape(plain(markdown)), ".") }

// clip keeps a title within its limit.
func clip(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return s
}

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

func word[W ~string](w W) string { return strings.ReplaceAll(string(w), "_", " ") }

// lasting writes a length of time to the minute.
func lasting(d time.Duration) string {
	d = d.Round(time.Minute)
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	var parts []string
	for _, p := range []struct {
		n    int
		unit string
	}{{days, "day"}, {hours, "hour"}, {minutes, "minute"}} {
		if p.n == 1 {
			parts = append(parts, "1 "+p.unit)
		} else if p.n > 1 {
			parts = append(parts, fmt.Sprintf("%d %ss", p.n, p.unit))
		}
	}
	if len(parts) == 0 {
		return "less than a minute"
	}
	return strings.Join(parts, " ")
}
