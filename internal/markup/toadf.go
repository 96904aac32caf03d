package markup

import (
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// ADF is a node of the Atlassian Document Format.
type ADF struct {
	Type    string         `json:"type"`
	Version int            `json:"version,omitempty"`
	Attrs   map[string]any `json:"attrs,omitempty"`
	Text    string         `json:"text,omitempty"`
	Marks   []ADFMark      `json:"marks,omitempty"`
	Content []ADF          `json:"content,omitempty"`
}

// ADFMark is how a stretch of text looks, or where it leads.
type ADFMark struct {
	Type  string         `json:"type"`
	Attrs map[string]any `json:"attrs,omitempty"`
}

// ADFText is plain text as a node; an empty text, which the format does not allow, gives none.
func ADFText(s string, marks ...ADFMark) []ADF {
	if s = strings.Map(xmlRune, Clean(s)); s == "" {
		return nil
	}
	return []ADF{{Type: "text", Text: s, Marks: marks}}
}

// ADFParagraph is a paragraph of the given inline nodes.
func ADFParagraph(inline ...ADF) ADF { return ADF{Type: "paragraph", Content: inline} }

// ADFLink is the mark of a link, or none for an address that must not become one.
func ADFLink(target string) []ADFMark {
	href, ok := SafeURL(target)
	if !ok {
		return nil
	}
	return []ADFMark{{Type: "link", Attrs: map[string]any{"href": href}}}
}

// ToADF writes Markdown as blocks of the Atlassian Document Format, in the combinations that its schema allows. Headings are
// lowered by the given number of levels.
func ToADF(markdown string, lower int) []ADF {
	source, doc := parse(markdown)
	w := &adfWriter{source: source, lower: lower}
	return w.blocks(doc, 0)
}

// Normal writes Markdown anew, so that nothing of it is left open and raw HTML and unsafe links are text. Headings are lowered by
// the given number of levels.
func Normal(markdown string, lower int) string {
	r := &adf{}
	root := &node{kind: kindDoc}
	r.into(root, ADF{Type: "doc", Content: ToADF(markdown, lower)}.decoded(), 0)
	return writeMarkdown(root)
}

// decoded is the node as it is read back from JSON.
func (n ADF) decoded() map[string]any {
	object := map[string]any{"type": n.Type, "text": n.Text, "attrs": n.Attrs}
	if len(n.Marks) > 0 {
		marks := make([]any, len(n.Marks))
		for i, m := range n.Marks {
			marks[i] = map[string]any{"type": m.Type, "attrs": m.Attrs}
		}
		object["marks"] = marks
	}
	if len(n.Content) > 0 {
		content := make([]any, len(n.Content))
		for i, c := range n.Content {
			content[i] = c.decoded()
		}
		object["content"] = content
	}
	return object
}

type adfWriter struct {
	source []byte
	lower  int
}

func (w *adfWriter) blocks(n ast.Node, depth int) []ADF {
	var out []ADF
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if depth > maxDepth {
			out = append(out, ADFParagraph(ADFText(string(nodeText(c, w.source)))...))
			continue
		}
		out = append(out, w.block(c, depth+1)...)
	}
	return out
}

func (w *adfWriter) block(n ast.Node, depth int) []ADF {
	switch n := n.(type) {
	case *ast.Heading:
		return []ADF{{Type: "heading", Attrs: map[string]any{"level": min(n.Level+w.lower, 6)}, Content: w.inlines(n, nil)}}
	case *ast.ThematicBreak:
		return []ADF{{Type: "rule"}}
	case *ast.FencedCodeBlock:
		return []ADF{codeBlock(string(n.Language(w.source)), segments(n.Lines(), w.source))}
	case *ast.CodeBlock:
		return []ADF{codeBlock("", segments(n.Lines(), w.source))}
	case *ast.HTMLBlock:
		return []ADF{ADFParagraph(ADFText(strings.TrimSpace(segments(n.Lines(), w.source)))...)}
	case *ast.Blockquote:
		return []ADF{{Type: "blockquote", Content: within(w.blocks(n, depth), "paragraph", "bulletList", "orderedList", "codeBlock")}}
	case *ast.List:
		return []ADF{w.list(n, depth)}
	case *east.Table:
		return []ADF{w.table(n)}
	case *ast.Paragraph, *ast.TextBlock:
		return []ADF{ADFParagraph(w.inlines(n, nil)...)}
	default:
		return w.blocks(n, depth)
	}
}

func codeBlock(language, text string) ADF {
	block := ADF{Type: "codeBlock", Content: ADFText(strings.TrimRight(text, "\n"))}
	if languagePattern.MatchString(language) {
		block.Attrs = map[string]any{"language": language}
	}
	return block
}

func (w *adfWriter) list(n *ast.List, depth int) ADF {
	list := ADF{Type: "bulletList"}
	if n.IsOrdered() {
		list.Type, list.Attrs = "orderedList", map[string]any{"order": n.Start}
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		content := within(w.blocks(item, depth), "paragraph", "bulletList", "orderedList", "codeBlock")
		if len(content) == 0 || content[0].Type != "paragraph" { // a list entry begins with one
			content = append([]ADF{ADFParagraph()}, content...)
		}
		list.Content = append(list.Content, ADF{Type: "listItem", Content: content})
	}
	return list
}

func (w *adfWriter) table(n *east.Table) ADF {
	table := ADF{Type: "table"}
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		kind := "tableCell"
		if row.Kind() == east.KindTableHeader {
			kind = "tableHeader"
		}
		made := ADF{Type: "tableRow"}
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			made.Content = append(made.Content, ADF{Type: kind, Content: []ADF{ADFParagraph(w.inlines(c, nil)...)}})
		}
		table.Content = append(table.Content, made)
	}
	return table
}

// within keeps the blocks that may stand where they are, and writes the others as paragraphs.
func within(blocks []ADF, allowed ...string) []ADF {
	var out []ADF
	for _, b := range blocks {
		ok := false
		for _, kind := range allowed {
			ok = ok || b.Type == kind
		}
		switch {
		case ok:
			out = append(out, b)
		case b.Type == "heading":
			out = append(out, ADFParagraph(b.Content...))
		case len(b.Content) > 0:
			out = append(out, within(flat(b), allowed...)...)
		}
	}
	return out
}

// flat are the blocks inside a block that cannot stay.
func flat(b ADF) []ADF {
	if b.Type != "table" {
		return b.Content
	}
	var out []ADF
	for _, row := range b.Content {
		for _, cell := range row.Content {
			out = append(out, cell.Content...)
		}
	}
	return out
}

func (w *adfWriter) inlines(n ast.Node, marks []ADFMark) []ADF {
	var out []ADF
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		for _, node := range w.inline(c, marks) {
			if last := len(out) - 1; last >= 0 && joins(out[last], node) {
				out[last].Text += node.Text
				continue
			}
			out = append(out, node)
		}
	}
	return out
}

// joins says whether two stretches of text look the same, and are one.
func joins(a, b ADF) bool {
	return a.Type == "text" && b.Type == "text" && slices.EqualFunc(a.Marks, b.Marks, func(m, n ADFMark) bool {
		return m.Type == n.Type && m.Attrs["href"] == n.Attrs["href"]
	})
}

func (w *adfWriter) inline(n ast.Node, marks []ADFMark) []ADF {
	switch n := n.(type) {
	case *ast.Text:
		out := ADFText(literal(n.Segment.Value(w.source)), marks...)
		switch {
		case n.HardLineBreak():
			out = append(out, ADF{Type: "hardBreak"})
		case n.SoftLineBreak():
			out = append(out, ADFText(" ", marks...)...)
		}
		return out
	case *ast.String:
		return ADFText(string(n.Value), marks...)
	case *ast.CodeSpan:
		return ADFText(string(nodeText(n, w.source)), marked(onlyLinks(marks), ADFMark{Type: "code"})...)
	case *ast.Emphasis:
		kind := "em"
		if n.Level == 2 {
			kind = "strong"
		}
		return w.inlines(n, marked(marks, ADFMark{Type: kind}))
	case *east.Strikethrough:
		return w.inlines(n, marked(marks, ADFMark{Type: "strike"}))
	case *east.TaskCheckBox:
		return ADFText(checkbox(n.IsChecked), marks...)
	case *ast.AutoLink:
		return ADFText(string(n.Label(w.source)), marked(marks, ADFLink(string(n.URL(w.source)))...)...)
	case *ast.Link:
		return w.inlines(n, marked(marks, ADFLink(string(n.Destination))...))
	case *ast.Image:
		return w.inlines(n, marked(marks, ADFLink(string(n.Destination))...))
	case *ast.RawHTML:
		return ADFText(segments(n.Segments, w.source), marks...)
	default:
		return w.inlines(n, marks)
	}
}

// marked adds marks; one of a kind is enough, and two links cannot be.
func marked(marks []ADFMark, more ...ADFMark) []ADFMark {
	out := append([]ADFMark(nil), marks...)
	for _, m := range more {
		known := false
		for _, o := range out {
			known = known || o.Type == m.Type
		}
		if !known {
			out = append(out, m)
		}
	}
	return out
}

// onlyLinks are the marks that may stand beside that of code.
func onlyLinks(marks []ADFMark) []ADFMark {
	var out []ADFMark
	for _, m := range marks {
		if m.Type == "link" {
			out = append(out, m)
		}
	}
	return out
}
