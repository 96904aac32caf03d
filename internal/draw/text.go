package draw

import (
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// firstLine is the first line of a text, for records whose title is one.
func firstLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(first)
}

// factors writes contributing factors as a list.
func factors(all []vocab.Factor) string {
	items := make([]string, 0, len(all))
	for _, f := range all {
		item := "- "
		if f.Category != "" {
			item += "**" + markup.Escape(f.Category) + "**: "
		}
		item += strings.ReplaceAll(strings.TrimSpace(f.Text), "\n", "\n  ")
		for _, id := range f.Refs {
			item += " (" + id.String() + ")"
		}
		items = append(items, item)
	}
	return strings.Join(items, "\n")
}
