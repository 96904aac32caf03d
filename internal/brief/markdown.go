package brief

import (
	"fmt"
	"strings"
)

// titles are the headings of the sections, in their order.
var titles = []struct {
	name, title string
	lines       func(*Sections) []Line
}{
	{"previous_attempts", "What happened before", func(s *Sections) []Line { return s.PreviousAttempts }},
	{"assumptions", "What is still assumed", func(s *Sections) []Line { return s.Assumptions }},
	{"drift", "Where environments differ", func(s *Sections) []Line { return s.Drift }},
	{"uncovered_areas", "What nobody has looked at", func(s *Sections) []Line { return s.UncoveredAreas }},
	{"findings", "What is not resolved", func(s *Sections) []Line { return s.Findings }},
	{"lessons", "What was learned", func(s *Sections) []Line { return s.Lessons }},
	{"actions", "What was promised", func(s *Sections) []Line { return s.Actions }},
	{"tripwires", "When to stop", func(s *Sections) []Line { return s.Tripwires }},
	{"runbooks", "What to do when it goes wrong", func(s *Sections) []Line { return s.Runbooks }},
}

// Markdown writes the brief as a page. Sections without lines are left out.
func Markdown(f Facts, b Brief) string {
	var page strings.Builder
	fmt.Fprintf(&page, "# Brief for %s: %s, attempt %d\n\n", f.Attempt.ID, escape(f.Upgrade.Title), f.Attempt.Number)
	fmt.Fprintf(&page, "In %s, as of %s. Content `%s`.\n", escape(f.Attempt.Environment), f.At.Format("2006-01-02 15:04 MST"), b.Hash[:12])
	for _, t := range titles {
		lines := t.lines(&b.Sections)
		if len(lines) == 0 {
			continue
		}
		fmt.Fprintf(&page, "\n## %s\n\n", t.title)
		for _, l := range lines {
			mark := ""
			if l.Blocking {
				mark = "**Blocking.** "
			}
			fmt.Fprintf(&page, "- %s%s — %s (%s)\n", mark, escape(l.Text), escape(l.Why), l.Ref)
		}
		if n := b.Omitted[t.name]; n > 0 {
			fmt.Fprintf(&page, "- and %d more\n", n)
		}
	}
	if n := b.Counts["pre_existing_findings"]; n > 0 {
		fmt.Fprintf(&page, "\n%d findings were there before the change and are not listed.\n", n)
	}
	return page.String()
}

// markdownSpecial are the characters that could be taken for markup inside a line.
const markdownSpecial = "\\`*_{}[]<>#|~&!"

// escape makes outside text inert in Markdown, and one line.
func escape(text string) string {
	var out strings.Builder
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune(markdownSpecial, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}
