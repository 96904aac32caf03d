package review

import (
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/postmortem"
)

// Markdown writes a review out. Equal documents give equal text: the order is that of the document and no clock is read.
// Headings within a text are lowered to the third level, and a text that would swallow what follows it is closed, so that
// each section stays one.
func Markdown(d Document) string {
	var w writer
	w.line("# " + escape(d.Title))
	w.details(d)
	w.section("Summary", contained(d.Summary))
	w.section("Impact", contained(d.Impact))
	w.timeline(d.Timeline)
	w.factors(d)
	w.section("What went well", contained(d.WentWell))
	w.section("What went poorly", contained(d.WentPoorly))
	w.section("Where we got lucky", contained(d.Lucky))
	w.actions(d.Actions)
	w.participants(d.Participants)
	w.links(d.Links)
	if strings.TrimSpace(d.Body) != "" {
		w.line("")
		w.line(postmortem.BodyMark)
		w.line("")
		w.line(strings.Trim(d.Body, "\n"))
	}
	return w.String()
}

type writer struct{ strings.Builder }

func (w *writer) line(s string) {
	w.WriteString(s)
	w.WriteByte('\n')
}

func (w *writer) section(title, text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	w.line("\n## " + title + "\n")
	w.line(text)
}

func (w *writer) list(title string, items []string) {
	if len(items) > 0 {
		w.section(title, strings.Join(items, "\n"))
	}
}

func (w *writer) details(d Document) {
	var items []string
	add := func(label, value string) {
		if value != "" {
			items = append(items, "- **"+label+"**: "+value)
		}
	}
	add("Date", d.Date)
	add("Status", escape(d.Status))
	add("Severity", escape(d.Severity))
	add("Services", escape(strings.Join(d.Services, ", ")))
	add("Tags", escape(strings.Join(d.Tags, ", ")))
	add("Impact start", stampPointer(d.ImpactStart))
	add("Impact end", stampPointer(d.ImpactEnd))
	add("Detected at", stampPointer(d.DetectedAt))
	if len(items) > 0 {
		w.line("\n" + strings.Join(items, "\n"))
	}
}

func (w *writer) timeline(entries []Entry) {
	var items []string
	for _, e := range entries {
		at := stamp(e.At)
		if e.Until != nil {
			at += " – " + stamp(*e.Until)
		}
		if e.Approximate {
			at = "~" + at
		}
		head := "**" + at + "**"
		if e.Kind != "" {
			head += " (" + string(e.Kind) + ")"
		}
		items = append(items, bullet(head, e.Text))
	}
	w.list("Timeline", items)
}

func (w *writer) factors(d Document) {
	var items []string
	for _, f := range d.Factors {
		if f.Category == "" {
			items = append(items, "- "+indent(strings.TrimSpace(f.Text)))
			continue
		}
		items = append(items, "- **"+escape(f.Category)+"**: "+indent(strings.TrimSpace(f.Text)))
	}
	w.list("Contributing factors", items)
}

func (w *writer) actions(actions []FollowUp) {
	var items []string
	for _, a := range actions {
		mark := "[ ]"
		if a.Done {
			mark = "[x]"
		}
		item := "- " + mark + " " + escape(a.Title)
		for _, part := range [][2]string{{"Component", a.Component}, {"Owner", a.Owner}, {"Due", a.Due}, {"Done when", a.DoneCriterion}, {"Priority", a.Priority}, {"Kind", string(a.Kind)}} {
			if part[1] != "" {
				item += "\n  - " + part[0] + ": " + escape(part[1])
			}
		}
		for _, url := range a.URLs {
			item += "\n  - Link: <" + url + ">"
		}
		items = append(items, item)
	}
	w.list("Action items", items)
}

func (w *writer) participants(people []Participant) {
	var items []string
	for _, p := range people {
		if p.Role == "" {
			items = append(items, "- "+escape(p.Text))
			continue
		}
		items = append(items, "- "+escape(p.Role)+": "+escape(p.Text))
	}
	w.list("Participants", items)
}

func (w *writer) links(links []Link) {
	var items []string
	for _, l := range links {
		var item string
		switch {
		case l.URL == "":
			item = "- " + l.ExternalKey
		case l.Title == "":
			item = "- <" + l.URL + ">"
		default:
			item = "- [" + escape(l.Title) + "](<" + l.URL + ">)"
		}
		if l.Kind != "" {
			item += " (" + string(l.Kind) + ")"
		}
		items = append(items, item)
	}
	w.list("Links", items)
}

// stamp writes a time in UTC, with no more digits than it needs.
func stamp(t time.Time) string {
	t = t.UTC()
	layout := "2006-01-02 15:04 UTC"
	if t.Second() != 0 || t.Nanosecond() != 0 {
		layout = "2006-01-02 15:04:05.999999999 UTC"
	}
	return t.Format(layout)
}

func stampPointer(t *time.Time) string {
	if t == nil {
		return ""
	}
	return stamp(*t)
}
