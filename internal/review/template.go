package review

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// Template writes reviews in the form that a company is used to. It is Markdown with named fields: {{summary}} stands for a member
// of the review, and what stands between {{#summary}} and {{/summary}} is left out where that member is empty.
type Template struct{ parts []templatePart }

type templatePart struct {
	text  string // Markdown as it stands
	field string // or a field
	// inside are the parts of a section that is shown when the field has a text; nil for a field itself.
	inside []templatePart
}

// TemplateFields are the names that a template may use.
func TemplateFields() []string {
	var names []string
	for name := range templateFields(Document{}) {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var templateMark = regexp.MustCompile(`\{\{\s*([#/]?)\s*([a-z_]+)\s*\}\}\n?`)

// ParseTemplate reads a template. It fails for a name that no review has and for a section that does not end.
func ParseTemplate(text string) (Template, error) {
	fields := TemplateFields()
	type level struct {
		field string
		parts []templatePart
	}
	stack := []level{{}}
	add := func(p templatePart) { stack[len(stack)-1].parts = append(stack[len(stack)-1].parts, p) }
	last := 0
	for _, at := range templateMark.FindAllStringSubmatchIndex(text, -1) {
		sign, name := text[at[2]:at[3]], text[at[4]:at[5]]
		if !slices.Contains(fields, name) {
			return Template{}, fmt.Errorf("the template names %s; there are %s", name, strings.Join(fields, ", "))
		}
		if at[0] > last {
			add(templatePart{text: text[last:at[0]]})
		}
		last = at[1]
		switch sign {
		case "#":
			stack = append(stack, level{field: name})
		case "/":
			top := stack[len(stack)-1]
			if top.field != name {
				return Template{}, fmt.Errorf("the template ends the section %s, which is not the one that is open", name)
			}
			stack = stack[:len(stack)-1]
			if top.parts == nil {
				top.parts = []templatePart{}
			}
			add(templatePart{field: name, inside: top.parts})
		default:
			add(templatePart{field: name})
		}
		alone := sign != "" && (at[0] == 0 || text[at[0]-1] == '\n')
		if !alone && strings.HasSuffix(text[at[0]:at[1]], "\n") {
			last-- // only the mark of a section that has its line to itself takes the end of the line along
		}
	}
	if len(stack) > 1 {
		return Template{}, fmt.Errorf("the template does not end the section %s", stack[len(stack)-1].field)
	}
	add(templatePart{text: text[last:]})
	return Template{stack[0].parts}, nil
}

// Write writes a review by the template. Equal documents give equal text.
func (t Template) Write(d Document) string {
	var b strings.Builder
	writeParts(&b, t.parts, templateFields(d))
	return strings.TrimRight(blankLines.ReplaceAllString(b.String(), "\n\n"), "\n") + "\n"
}

var blankLines = regexp.MustCompile(`\n{3,}`)

func writeParts(b *strings.Builder, parts []templatePart, fields map[string]string) {
	for _, p := range parts {
		switch {
		case p.inside != nil:
			if strings.TrimSpace(fields[p.field]) != "" {
				writeParts(b, p.inside, fields)
			}
		case p.field != "":
			b.WriteString(strings.Trim(fields[p.field], "\n"))
		default:
			b.WriteString(p.text)
		}
	}
}

// templateFields are the members of a review by the names that templates use.
func templateFields(d Document) map[string]string {
	return map[string]string{
		"title": escape(d.Title), "date": d.Date, "status": escape(d.Status), "severity": escape(d.Severity),
		"services": escape(strings.Join(d.Services, ", ")), "tags": escape(strings.Join(d.Tags, ", ")),
		"impact_start": stampPointer(d.ImpactStart), "impact_end": stampPointer(d.ImpactEnd), "detected_at": stampPointer(d.DetectedAt),
		"duration": duration(d.ImpactStart, d.ImpactEnd), "time_to_detect": duration(d.ImpactStart, d.DetectedAt),
		"summary": contained(d.Summary), "impact": contained(d.Impact), "went_well": contained(d.WentWell), "went_poorly": contained(d.WentPoorly),
		"lucky": contained(d.Lucky), "body": contained(d.Body),
		"timeline":             section(func(w *writer) { w.timeline(d.Timeline) }),
		"contributing_factors": section(func(w *writer) { w.factors(d) }),
		"action_items":         section(func(w *writer) { w.actions(d.Actions) }),
		"action_table":         actionTable(d.Actions),
		"participants":         section(func(w *writer) { w.participants(d.Participants) }),
		"links":                section(func(w *writer) { w.links(d.Links) }),
	}
}

// section is what a section holds, without its heading.
func section(write func(*writer)) string {
	var w writer
	write(&w)
	_, text, _ := strings.Cut(strings.TrimLeft(w.String(), "\n"), "\n")
	return strings.Trim(text, "\n")
}

func duration(from, to *time.Time) string {
	if from == nil || to == nil || to.Before(*from) {
		return ""
	}
	return strings.TrimSuffix(to.Sub(*from).Round(time.Minute).String(), "0s")
}

func actionTable(actions []FollowUp) string {
	if len(actions) == 0 {
		return ""
	}
	rows := []string{"| Action | Kind | Owner | Due | Done |", "| --- | --- | --- | --- | --- |"}
	for _, a := range actions {
		done := "no"
		if a.Done {
			done = "yes"
		}
		cells := []string{a.Title, string(a.Kind), a.Owner, a.Due, done}
		for i, c := range cells {
			cells[i] = markup.Escape(c)
		}
		rows = append(rows, "| "+strings.Join(cells, " | ")+" |")
	}
	return strings.Join(rows, "\n")
}

// The templates that come with the program.
const (
	// TemplateFull is the form that can be imported again.
	TemplateFull = "full"
	// TemplateSRE is the form that site reliability teams know, with contributing factors in place of one root cause.
	TemplateSRE = "sre"
	// TemplateShort is half a page.
	TemplateShort = "short"
	// TemplateCompany is the one that the operator gave.
	TemplateCompany = "company"
)

// SREText and ShortText are the texts of the templates that come with the program, to begin one's own with.
const (
	SREText = `# {{title}}

| | |
| --- | --- |
| Date | {{date}} |
| Status | {{status}} |
| Severity | {{severity}} |
| Services | {{services}} |
| Impact began | {{impact_start}} |
| Detected | {{detected_at}} |
| Impact ended | {{impact_end}} |

## Summary

{{summary}}

## Impact

{{impact}}

## Contributing factors

{{contributing_factors}}

## Detection

{{#detected_at}}
Detected at {{detected_at}}{{#time_to_detect}}, {{time_to_detect}} after the impact began{{/time_to_detect}}.
{{/detected_at}}

## Action items

{{action_table}}

## Lessons learned

### What went well

{{went_well}}

### What went wrong

{{went_poorly}}

### Where we got lucky

{{lucky}}

## Timeline

{{timeline}}

{{#participants}}
## Took part

{{participants}}
{{/participants}}

{{#links}}
## Supporting information

{{links}}
{{/links}}
`
	ShortText = `# {{title}}

{{date}} · {{status}}{{#severity}} · {{severity}}{{/severity}}{{#duration}} · impact lasted {{duration}}{{/duration}}

{{summary}}

{{#contributing_factors}}
## Why it was possible

{{contributing_factors}}
{{/contributing_factors}}

{{#action_table}}
## What we do about it

{{action_table}}
{{/action_table}}
`
)
