// Package importer turns a review written in Markdown into records: a review, the incident it is about, its timeline, its
// follow-ups and its links. What the text says is read by package postmortem; this package decides which record holds what,
// and loses nothing on the way: text that has no field of its own goes to the body of the review.
package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// NoOwner stands for the owner of an action that the text gives to nobody.
const NoOwner = "unassigned"

// Plan is what a draft becomes. The ids that the records will have are filled in when they are written.
type Plan struct {
	Key      string
	Review   review.Input
	Incident incident.Input
	// Over is when the incident was over.
	Over       *time.Time
	Events     []incident.EventInput
	Actions    []Follow
	References []catalog.ReferenceInput
	Mapping    []postmortem.Mapped
	Notes      []postmortem.Note
}

// Follow is an action with its own links.
type Follow struct {
	Input      review.ActionInput
	Done       bool
	References []catalog.ReferenceInput
}

// planner holds a plan in the making.
type planner struct {
	Plan
	draft postmortem.Draft
	now   time.Time
	// rest is what goes to the end of the body, under a heading each.
	rest []leftover
}

type leftover struct{ heading, text string }

// PlanOf decides what a draft becomes at the given time; events to come stay in the body.
func PlanOf(d postmortem.Draft, now time.Time) Plan {
	p := &planner{draft: d, now: now}
	p.Key, p.Mapping, p.Notes = d.Key, slices.Clone(d.Mapping), slices.Clone(d.Notes)
	slices.SortStableFunc(p.Mapping, func(a, b postmortem.Mapped) int { return a.Line - b.Line })
	tags := p.tags()
	knowledge := record.Knowledge{Tags: tags, Visibility: vocab.VisibilityInternal}
	p.Review = review.Input{
		Knowledge: knowledge, Title: d.Title, AttemptIDs: []vocab.ID{}, IncidentIDs: []vocab.ID{}, Participants: p.participants(),
		Summary: p.fit("Summary", d.Summary, fault.MaxText), Impact: p.fit("Impact", d.Impact, fault.MaxText),
		WentWell: p.fit("What went well", d.WentWell, fault.MaxText), WentPoorly: p.fit("What went poorly", d.WentPoorly, fault.MaxText),
		Lucky: p.fit("Where we got lucky", d.Lucky, fault.MaxText), ContributingFactors: p.factors(),
	}
	p.Incident = incident.Input{Knowledge: knowledge, Title: d.Title, Severity: p.severity(), Impact: p.Review.Impact}
	p.window()
	p.events()
	p.over()
	p.actions()
	p.references()
	p.subject()
	p.stated()
	p.Review.Body = p.body()
	return p.Plan
}

func (p *planner) note(line int, format string, args ...any) {
	p.Notes = append(p.Notes, postmortem.Note{Line: line, Message: fmt.Sprintf(format, args...)})
}

// keep puts text at the end of the body.
func (p *planner) keep(heading, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	for i := range p.rest {
		if p.rest[i].heading == heading {
			p.rest[i].text += "\n" + text
			return
		}
	}
	p.rest = append(p.rest, leftover{heading, text})
}

// fit cuts a text that a field cannot hold; what is cut goes to the body.
func (p *planner) fit(heading, text string, limit int) string {
	head, rest := cut(text, limit)
	if rest != "" {
		p.keep(heading+" (continued)", rest)
		p.note(0, "%s has more than %d characters; what does not fit goes on in the body", strings.ToLower(heading), limit)
	}
	return head
}

func (p *planner) body() string {
	parts := []string{p.draft.Body}
	for _, r := range p.rest {
		parts = append(parts, "## "+r.heading+"\n\n"+r.text)
	}
	return strings.Trim(strings.Join(parts, "\n\n"), "\n")
}

func (p *planner) tags() []string {
	tags := []string{}
	for _, tag := range p.draft.Tags {
		if head, rest := cut(tag, fault.MaxListItem); rest == "" && len(tags) < fault.MaxList && head != "" {
			tags = append(tags, tag)
		} else {
			p.keep("Tags", "- "+tag)
		}
	}
	return tags
}

// participants are the roles; names stay in the body, where the text had them.
func (p *planner) participants() []string {
	roles := []string{}
	for _, person := range p.draft.People {
		role, _ := cut(oneLine(person.Role), fault.MaxListItem)
		if role != "" && !slices.Contains(roles, role) && len(roles) < fault.MaxList {
			roles = append(roles, role)
		}
	}
	return roles
}

func (p *planner) factors() []vocab.Factor {
	factors := []vocab.Factor{}
	for _, f := range p.draft.Factors {
		category, more := cut(oneLine(f.Category), fault.MaxName)
		text, rest := cut(f.Text, fault.MaxText)
		if strings.TrimSpace(text) == "" || len(factors) == fault.MaxList {
			p.keep("Contributing factors (continued)", "- "+strings.TrimSpace(f.Category+" "+f.Text))
			continue
		}
		if more != "" || rest != "" {
			p.keep("Contributing factors (continued)", strings.TrimSpace(more+"\n\n"+rest))
			p.note(f.Line, "the factor does not fit; it goes on in the body")
		}
		factors = append(factors, vocab.Factor{Category: category, Text: text})
	}
	return factors
}

// subject says why a review of an attempt becomes one of an incident.
func (p *planner) subject() {
	if p.draft.Subject.Attempt {
		p.note(0, "it reads like an attempt at an upgrade (%s), and is recorded as an incident without one: an attempt needs an upgrade and an environment; set attempt_id once they are recorded",
			strings.Join(p.draft.Subject.Why, ", "))
	}
}

// stated keeps what the text states about itself and no record has a field for.
func (p *planner) stated() {
	const heading = "As stated in the imported review"
	line := func(label, value string) {
		if value = oneLine(value); value != "" {
			p.keep(heading, "- "+label+": "+value)
		}
	}
	d := p.draft
	line("Date", d.Date)
	line("Status", d.Status)
	line("Severity", d.Severity)
	line("Components", strings.Join(d.Components, ", "))
	for _, person := range d.People {
		line("People, "+oneLine(person.Role), person.Text)
	}
	if d.TimeToDetect != nil {
		line("Time to detect", d.TimeToDetect.String())
	}
	if d.TimeToRecover != nil {
		line("Time to recover", d.TimeToRecover.String())
	}
}
