package card

import (
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// Markdown writes a card as GitHub Flavored Markdown whose title is a heading of the given level, 1 to 6.
func Markdown(c Card, level int) string {
	c = Inert(c)
	var b strings.Builder
	title := markup.Escape(c.Title)
	if c.ID != "" {
		title = linked(c.ID, c.URL) + ": " + title
	}
	b.WriteString(strings.Repeat("#", level) + " " + title + "\n")
	facts := []string{}
	if c.Status != "" {
		facts = append(facts, "**"+markup.Escape(words(c.Status))+"**")
	}
	facts = append(facts, markup.Escape(c.Kind()))
	b.WriteString("\n" + strings.Join(facts, " · ") + "\n")
	if len(c.Fields) > 0 {
		b.WriteString("\n| Fact | Value |\n| --- | --- |\n")
		for _, f := range c.Fields {
			b.WriteString("| " + markup.Escape(f.Label) + " | " + linked(f.Value, f.URL) + " |\n")
		}
	}
	for _, s := range c.Sections {
		b.WriteString("\n" + strings.Repeat("#", min(level+1, 6)) + " " + markup.Escape(s.Label) + "\n\n" + markup.Normal(s.Markdown, level+1) + "\n")
	}
	for _, t := range tables(c) {
		t.markdown(&b)
	}
	if len(c.Links) > 0 {
		b.WriteString("\n")
		for _, l := range c.Links {
			b.WriteString("- " + markup.Escape(words(l.Kind)) + ": " + linked(l.Title, l.URL) + "\n")
		}
	}
	if c.UpdatedAt != nil {
		b.WriteString("\nUpdated " + Stamp(*c.UpdatedAt) + "\n")
	}
	return b.String()
}

// markdown writes a table with the line about it.
func (t table) markdown(b *strings.Builder) {
	b.WriteString("\n| " + strings.Join(t.head, " | ") + " |\n|" + strings.Repeat(" --- |", len(t.head)) + "\n")
	for _, row := range t.rows {
		for _, c := range row {
			b.WriteString("| " + linked(c.text, c.url) + " ")
		}
		b.WriteString("|\n")
	}
	if t.said != "" {
		b.WriteString("\n" + t.said + "\n")
	}
}

// linked is a text that leads to an address, which Inert has looked at.
func linked(text, url string) string {
	text = markup.Escape(text)
	if url == "" {
		return text
	}
	return "[" + text + "](<" + strings.NewReplacer("|", "%7C", "\n", "").Replace(url) + ">)"
}
