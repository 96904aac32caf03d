package card

import (
	"encoding/json"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// The names that the storage format of Confluence uses. They are declared on the outermost element, so that any reader of XML
// takes the text; Confluence knows them by itself.
const storageNames = ` xmlns:ac="http://atlassian.com/content" xmlns:ri="http://atlassian.com/resource/identifier"`

// Storage writes a card as the storage format of Confluence, ready to be put into a page: one panel with the status, a table of
// facts and the texts, each of which unfolds.
func Storage(c Card) string {
	c = Inert(c)
	var b strings.Builder
	b.WriteString(`<ac:structured-macro ac:name="panel" ac:schema-version="1"` + storageNames + `>`)
	b.WriteString(parameter("title", strings.TrimSpace(c.Kind()+" "+c.ID)))
	b.WriteString("<ac:rich-text-body><h3>" + anchor(c.Title, c.URL) + "</h3>")
	if c.Status != "" {
		b.WriteString("<p>" + macro("status", parameter("title", words(c.Status))+parameter("colour", storageColours[c.Tone])) + "</p>")
	}
	if len(c.Fields) > 0 {
		b.WriteString("<table><tbody>")
		for _, f := range c.Fields {
			b.WriteString("<tr><th>" + markup.XMLText(f.Label) + "</th><td>" + anchor(f.Value, f.URL) + "</td></tr>")
		}
		b.WriteString("</tbody></table>")
	}
	for _, s := range c.Sections {
		b.WriteString(macro("expand", parameter("title", s.Label)+"<ac:rich-text-body>"+markup.ToStorage(s.Markdown, 3)+"</ac:rich-text-body>"))
	}
	for _, t := range tables(c) {
		t.storage(&b)
	}
	if len(c.Links) > 0 {
		b.WriteString("<ul>")
		for _, l := range c.Links {
			b.WriteString("<li>" + storageLink(l) + "</li>")
		}
		b.WriteString("</ul>")
	}
	if c.UpdatedAt != nil {
		b.WriteString("<p><em>Updated " + Stamp(*c.UpdatedAt) + "</em></p>")
	}
	b.WriteString("</ac:rich-text-body></ac:structured-macro>\n")
	return b.String()
}

// storage writes a table with the line about it.
func (t table) storage(b *strings.Builder) {
	b.WriteString("<table><tbody><tr>")
	for _, h := range t.head {
		b.WriteString("<th>" + markup.XMLText(h) + "</th>")
	}
	b.WriteString("</tr>")
	for _, row := range t.rows {
		b.WriteString("<tr>")
		for _, c := range row {
			b.WriteString("<td>" + anchor(c.text, c.url) + "</td>")
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	if t.said != "" {
		b.WriteString("<p>" + markup.XMLText(t.said) + "</p>")
	}
}

var storageColours = map[Tone]string{Neutral: "Grey", Good: "Green", Warn: "Yellow", Bad: "Red"}

// storageLink shows an issue by the macro that Confluence has for it, and any other link as one.
func storageLink(l Link) string {
	if l.Kind == "jira" && l.Key != "" {
		return macro("jira", parameter("key", l.Key))
	}
	return markup.XMLText(words(l.Kind)) + ": " + anchor(l.Title, l.URL)
}

func macro(name, inside string) string {
	return `<ac:structured-macro ac:name="` + name + `" ac:schema-version="1">` + inside + `</ac:structured-macro>`
}

func parameter(name, value string) string {
	return `<ac:parameter ac:name="` + name + `">` + markup.XMLText(value) + `</ac:parameter>`
}

func anchor(text, url string) string {
	if url == "" {
		return markup.XMLText(text)
	}
	return `<a href="` + markup.XMLText(url) + `">` + markup.XMLText(text) + `</a>`
}

// ADF writes a card as a document of the Atlassian Document Format, as JSON.
func ADF(c Card) ([]byte, error) {
	c = Inert(c)
	heading := markup.ADF{Type: "heading", Attrs: map[string]any{"level": 3}, Content: markup.ADFText(c.Title, markup.ADFLink(c.URL)...)}
	about := markup.ADFText(strings.TrimSpace(c.Kind()+" "+c.ID) + " ")
	if c.Status != "" {
		about = append(about, markup.ADF{Type: "status", Attrs: map[string]any{"text": words(c.Status), "color": adfColours[c.Tone]}})
	}
	blocks := []markup.ADF{heading, markup.ADFParagraph(about...)}
	if len(c.Fields) > 0 {
		table := markup.ADF{Type: "table"}
		for _, f := range c.Fields {
			table.Content = append(table.Content, adfRow(
				adfCell("tableHeader", markup.ADFText(f.Label)), adfCell("tableCell", markup.ADFText(f.Value, markup.ADFLink(f.URL)...)),
			))
		}
		blocks = append(blocks, table)
	}
	for _, s := range c.Sections {
		blocks = append(blocks, markup.ADF{Type: "heading", Attrs: map[string]any{"level": 4}, Content: markup.ADFText(s.Label)})
		blocks = append(blocks, markup.ToADF(s.Markdown, 4)...)
	}
	for _, t := range tables(c) {
		blocks = append(blocks, t.adf()...)
	}
	if len(c.Links) > 0 {
		list := markup.ADF{Type: "bulletList"}
		for _, l := range c.Links {
			text := append(markup.ADFText(words(l.Kind)+": "), markup.ADFText(l.Title, markup.ADFLink(l.URL)...)...)
			list.Content = append(list.Content, markup.ADF{Type: "listItem", Content: []markup.ADF{markup.ADFParagraph(text...)}})
		}
		blocks = append(blocks, list)
	}
	if c.UpdatedAt != nil {
		blocks = append(blocks, markup.ADFParagraph(markup.ADFText("Updated "+Stamp(*c.UpdatedAt), markup.ADFMark{Type: "em"})...))
	}
	return json.MarshalIndent(markup.ADF{Type: "doc", Version: 1, Content: blocks}, "", "  ")
}

var adfColours = map[Tone]string{Neutral: "neutral", Good: "green", Warn: "yellow", Bad: "red"}

// adf is a table with the line about it.
func (t table) adf() []markup.ADF {
	var head []markup.ADF
	for _, h := range t.head {
		head = append(head, adfCell("tableHeader", markup.ADFText(h)))
	}
	out := markup.ADF{Type: "table", Content: []markup.ADF{adfRow(head...)}}
	for _, row := range t.rows {
		var cells []markup.ADF
		for _, c := range row {
			cells = append(cells, adfCell("tableCell", markup.ADFText(c.text, markup.ADFLink(c.url)...)))
		}
		out.Content = append(out.Content, adfRow(cells...))
	}
	if t.said == "" {
		return []markup.ADF{out}
	}
	return []markup.ADF{out, markup.ADFParagraph(markup.ADFText(t.said)...)}
}

func adfRow(cells ...markup.ADF) markup.ADF { return markup.ADF{Type: "tableRow", Content: cells} }

func adfCell(kind string, inline []markup.ADF) markup.ADF {
	return markup.ADF{Type: kind, Content: []markup.ADF{markup.ADFParagraph(inline...)}}
}
