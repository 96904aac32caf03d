package markup

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	reader "github.com/yuin/goldmark/text"
)

// ToWiki writes Markdown as Jira wiki markup, for descriptions and comments we send through REST v2, which takes wiki markup on both
// editions. Raw HTML and links with unsafe schemes become their text.
func ToWiki(markdown string) string {
	source := []byte(Clean(markdown))
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(reader.NewReader(source))
	w := &wikiWriter{source: source}
	return strings.TrimSpace(w.blocks(doc, ""))
}

// PlainText is Markdown without its markup, for search and for titles.
func PlainText(markdown string) string {
	source := []byte(Clean(markdown))
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(reader.NewReader(source))
	var out strings.Builder
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock && n.Kind() != ast.KindDocument {
				out.WriteString("\n")
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			out.WriteString(plain(n.Segment.Value(source)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				out.WriteString("\n")
			}
		case *ast.String:
			out.Write(n.Value)
		case *ast.AutoLink:
			out.Write(n.Label(source))
		case *ast.RawHTML:
			out.WriteString(segments(n.Segments, source))
		case *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
			out.WriteString(segments(n.Lines(), source))
		}
		return ast.WalkContinue, nil
	})
	return strings.TrimSpace(blankLines.ReplaceAllString(out.String(), "\n"))
}

var (
	blankLines  = regexp.MustCompile(`\n\s*\n+`)
	backslashed = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")
)

// plain undoes the escapes of Markdown in a stretch of text.
func plain(b []byte) string { return backslashed.ReplaceAllString(string(b), "$1") }

func segments(s *reader.Segments, source []byte) string {
	var out strings.Builder
	for i := range s.Len() {
		at := s.At(i)
		out.Write(at.Value(source))
	}
	return out.String()
}

type wikiWriter struct{ source []byte }

// blocks writes the blocks below n. marker is the path of the list they are in.
func (w *wikiWriter) blocks(n ast.Node, marker string) string {
	var out []string
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if s := w.block(c, marker); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n\n")
}

func (w *wikiWriter) block(n ast.Node, marker string) string {
	switch n := n.(type) {
	case *ast.Heading:
		return "h" + strconv.Itoa(n.Level) + ". " + w.inlines(n)
	case *ast.ThematicBreak:
		return "----"
	case *ast.FencedCodeBlock:
		return verbatimBlock(string(n.Language(w.source)), segments(n.Lines(), w.source))
	case *ast.CodeBlock:
		return verbatimBlock("", segments(n.Lines(), w.source))
	case *ast.HTMLBlock:
		return escapeWiki(strings.TrimSpace(segments(n.Lines(), w.source)))
	case *ast.Blockquote:
		return "{quote}\n" + w.blocks(n, "") + "\n{quote}"
	case *ast.List:
		return w.list(n, marker)
	case *east.Table:
		return w.table(n)
	case *ast.Paragraph, *ast.TextBlock:
		return w.inlines(n)
	default:
		return w.blocks(n, marker)
	}
}

func verbatimBlock(lang, text string) string {
	macro := "noformat"
	open := "{noformat}"
	if languagePattern.MatchString(lang) {
		macro, open = "code", "{code:"+lang+"}"
	}
	// The closing macro inside would end the block.
	text = strings.ReplaceAll(text, "{"+macro+"}", "{ "+macro+"}")
	return open + "\n" + strings.TrimRight(text, "\n") + "\n{" + macro + "}"
}

func (w *wikiWriter) list(n *ast.List, marker string) string {
	sign := "*"
	if n.IsOrdered() {
		sign = "#"
	}
	var out []string
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		line := marker + sign + " "
		for c := item.FirstChild(); c != nil; c = c.NextSibling() {
			if nested, ok := c.(*ast.List); ok {
				out = appendLine(out, line)
				line = ""
				out = append(out, w.list(nested, marker+sign))
				continue
			}
			line += strings.ReplaceAll(w.block(c, ""), "\n\n", "\n")
		}
		out = appendLine(out, line)
	}
	return strings.Join(out, "\n")
}

func appendLine(out []string, line string) []string {
	if strings.TrimSpace(line) == "" {
		return out
	}
	return append(out, line)
}

func (w *wikiWriter) table(n *east.Table) string {
	var out []string
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		bar := "|"
		if row.Kind() == east.KindTableHeader {
			bar = "||"
		}
		line := bar
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			text := strings.TrimSpace(w.inlines(c))
			if text == "" {
				text = " "
			}
			line += text + bar
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func (w *wikiWriter) inlines(n ast.Node) string {
	var out strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		out.WriteString(w.inline(c))
	}
	return out.String()
}

func (w *wikiWriter) inline(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Text:
		s := escapeWiki(plain(n.Segment.Value(w.source)))
		if n.HardLineBreak() {
			return s + `\\` + "\n"
		}
		if n.SoftLineBreak() {
			return s + " "
		}
		return s
	case *ast.String:
		return escapeWiki(string(n.Value))
	case *ast.CodeSpan:
		return "{{" + escapeWiki(PlainText(string(nodeText(n, w.source)))) + "}}"
	case *ast.Emphasis:
		mark := "_"
		if n.Level == 2 {
			mark = "*"
		}
		return mark + w.inlines(n) + mark
	case *east.Strikethrough:
		return "-" + w.inlines(n) + "-"
	case *east.TaskCheckBox:
		if n.IsChecked {
			return "[x] "
		}
		return "[ ] "
	case *ast.AutoLink:
		return wikiLink("", string(n.URL(w.source)))
	case *ast.Link:
		return wikiLink(w.inlines(n), string(n.Destination))
	case *ast.Image:
		return wikiLink(w.inlines(n), string(n.Destination))
	case *ast.RawHTML:
		return escapeWiki(segments(n.Segments, w.source))
	default:
		return w.inlines(n)
	}
}

func nodeText(n ast.Node, source []byte) []byte {
	var out []byte
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			out = append(out, t.Segment.Value(source)...)
		}
	}
	return out
}

func wikiLink(label, target string) string {
	href, ok := SafeURL(target)
	if !ok {
		return label
	}
	href = strings.NewReplacer("|", "%7C", "]", "%5D", "[", "%5B").Replace(href)
	label = strings.ReplaceAll(strings.Join(strings.Fields(label), " "), "|", " ")
	if label == "" || label == href {
		return "[" + href + "]"
	}
	return "[" + label + "|" + href + "]"
}

// escapeWiki makes text mean itself in wiki markup, also where it would be a mention, which would notify somebody.
func escapeWiki(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch r {
		case '\\':
			// Two of them break the line, so there is no escape for one.
			out.WriteString("&#92;")
			continue
		case '{', '}', '[', ']', '|', '*', '~', '^', '!', '(':
			out.WriteByte('\\')
		case '_', '+', '-', '#', '?':
			if i == 0 || !insideWord(s, i) {
				out.WriteByte('\\')
			}
		}
		out.WriteRune(r)
	}
	return out.String()
}
