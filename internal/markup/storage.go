package markup

import (
	"strconv"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	reader "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// ToStorage writes Markdown as the storage format of Confluence: XML that parses, with code in its own macro. Raw HTML and links
// with unsafe schemes become their text, and headings are lowered by the given number of levels.
func ToStorage(markdown string, lower int) string {
	source, doc := parse(markdown)
	w := &storageWriter{source: source, lower: lower}
	w.blocks(doc, 0)
	return w.out.String()
}

// parse reads Markdown with the extensions of GFM.
func parse(markdown string) ([]byte, ast.Node) {
	source := []byte(Clean(markdown))
	return source, gfm().Parse(reader.NewReader(source))
}

// gfm is made once: that takes longer than most texts do, and it never changes.
var gfm = sync.OnceValue(func() parser.Parser {
	return goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser()
})

// XMLText is text as it may stand between the tags and in the attributes of XML and HTML: escaped, and without the characters that
// XML does not allow.
func XMLText(s string) string {
	return xmlEscaper.Replace(strings.Map(xmlRune, Clean(s)))
}

var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func xmlRune(r rune) rune {
	if r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

// CDATA is text as character data of XML; what would end it is split over two.
func CDATA(s string) string {
	text := strings.Map(xmlRune, Clean(s))
	return "<![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]>"
}

// literal is a stretch of Markdown text as a reader sees it: references to characters and escapes are resolved.
func literal(b []byte) string {
	return Clean(string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(b)))))
}

type storageWriter struct {
	source []byte
	lower  int
	out    strings.Builder
}

func (w *storageWriter) blocks(n ast.Node, depth int) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if depth > maxDepth {
			w.tag("p", func() { w.text(string(nodeText(c, w.source))) })
			continue
		}
		w.block(c, depth+1)
	}
}

func (w *storageWriter) block(n ast.Node, depth int) {
	switch n := n.(type) {
	case *ast.Heading:
		w.tag("h"+strconv.Itoa(min(n.Level+w.lower, 6)), func() { w.inlines(n) })
	case *ast.ThematicBreak:
		w.out.WriteString("<hr />")
	case *ast.FencedCodeBlock:
		w.code(string(n.Language(w.source)), segments(n.Lines(), w.source))
	case *ast.CodeBlock:
		w.code("", segments(n.Lines(), w.source))
	case *ast.HTMLBlock:
		w.tag("p", func() { w.text(strings.TrimSpace(segments(n.Lines(), w.source))) })
	case *ast.Blockquote:
		w.tag("blockquote", func() { w.blocks(n, depth) })
	case *ast.List:
		name := "ul"
		if n.IsOrdered() {
			name = "ol"
		}
		w.tag(name, func() { w.blocks(n, depth) })
	case *ast.ListItem:
		w.tag("li", func() { w.blocks(n, depth) })
	case *east.Table:
		w.out.WriteString("<table><tbody>")
		w.rows(n)
		w.out.WriteString("</tbody></table>")
	case *ast.TextBlock:
		w.inlines(n)
	case *ast.Paragraph:
		w.tag("p", func() { w.inlines(n) })
	default:
		w.blocks(n, depth)
	}
}

func (w *storageWriter) rows(table *east.Table) {
	for row := table.FirstChild(); row != nil; row = row.NextSibling() {
		cell := "td"
		if row.Kind() == east.KindTableHeader {
			cell = "th"
		}
		w.tag("tr", func() {
			for c := row.FirstChild(); c != nil; c = c.NextSibling() {
				w.tag(cell, func() { w.inlines(c) })
			}
		})
	}
}

func (w *storageWriter) code(language, text string) {
	w.out.WriteString(`<ac:structured-macro ac:name="code" ac:schema-version="1">`)
	if languagePattern.MatchString(language) {
		w.out.WriteString(`<ac:parameter ac:name="language">` + XMLText(language) + `</ac:parameter>`)
	}
	w.out.WriteString("<ac:plain-text-body>" + CDATA(strings.TrimRight(text, "\n")) + "</ac:plain-text-body></ac:structured-macro>")
}

func (w *storageWriter) tag(name string, inside func()) {
	w.out.WriteString("<" + name + ">")
	inside()
	w.out.WriteString("</" + name + ">")
}

func (w *storageWriter) text(s string) { w.out.WriteString(XMLText(s)) }

func (w *storageWriter) inlines(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		w.inline(c)
	}
}

func (w *storageWriter) inline(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		w.text(literal(n.Segment.Value(w.source)))
		switch {
		case n.HardLineBreak():
			w.out.WriteString("<br />")
		case n.SoftLineBreak():
			w.out.WriteString("\n")
		}
	case *ast.String:
		w.text(string(n.Value))
	case *ast.CodeSpan:
		w.tag("code", func() { w.text(string(nodeText(n, w.source))) })
	case *ast.Emphasis:
		name := "em"
		if n.Level == 2 {
			name = "strong"
		}
		w.tag(name, func() { w.inlines(n) })
	case *east.Strikethrough:
		w.tag("del", func() { w.inlines(n) })
	case *east.TaskCheckBox:
		w.text(checkbox(n.IsChecked))
	case *ast.AutoLink:
		w.link(string(n.URL(w.source)), func() { w.text(string(n.Label(w.source))) })
	case *ast.Link:
		w.link(string(n.Destination), func() { w.inlines(n) })
	case *ast.Image:
		w.link(string(n.Destination), func() { w.inlines(n) })
	case *ast.RawHTML:
		w.text(segments(n.Segments, w.source))
	default:
		w.inlines(n)
	}
}

func (w *storageWriter) link(target string, label func()) {
	href, ok := SafeURL(target)
	if !ok {
		label()
		return
	}
	w.out.WriteString(`<a href="` + XMLText(href) + `">`)
	label()
	w.out.WriteString("</a>")
}

// checkbox shows in text whether a task is done.
func checkbox(done bool) string {
	if done {
		return "[x] "
	}
	return "[ ] "
}
