package postmortem

import (
	"bytes"
	"html"
	"net/url"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/util"
)

// plainOf is the text of a node's inlines on one line. exact is false when a part of it, such as the title of a link,
// has no place in plain text; the addresses of web links count as kept, because they become references.
func plainOf(n ast.Node, src []byte) (text string, exact bool) {
	var b strings.Builder
	exact = true
	err := ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			if n.Parent() != nil && n.Parent().Kind() == ast.KindCodeSpan {
				b.Write(n.Segment.Value(src))
				break
			}
			b.WriteString(unescape(n.Segment.Value(src)))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.AutoLink:
			b.Write(n.Label(src))
		case *ast.RawHTML:
			b.WriteString(rawHTML(n, src))
		case *ast.Link:
			exact = exact && len(n.Title) == 0 && webAddress(string(n.Destination))
		case *ast.Image:
			exact = exact && len(n.Title) == 0 && webAddress(string(n.Destination))
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " "), exact && err == nil
}

// unescape resolves backslash escapes and entities in one pass, so that an escaped ampersand starts no entity.
func unescape(segment []byte) string {
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		switch c := segment[i]; {
		case c == '\\' && i+1 < len(segment) && util.IsPunct(segment[i+1]):
			i++
			b.WriteByte(segment[i])
		case c == '&':
			n := bytes.IndexByte(segment[i:min(i+40, len(segment))], ';') + 1
			b.WriteString(html.UnescapeString(string(segment[i : i+max(n, 1)])))
			i += max(n, 1) - 1
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func rawHTML(n *ast.RawHTML, src []byte) string {
	var b strings.Builder
	for i := range n.Segments.Len() {
		at := n.Segments.At(i)
		b.Write(at.Value(src))
	}
	if strings.HasPrefix(strings.ToLower(b.String()), "<br") {
		return " "
	}
	return b.String()
}

// plain is the text of a Markdown fragment on one line. A fragment that is not one paragraph is kept as written.
func plain(raw string) (text string, exact bool) {
	src := []byte(raw)
	doc, cut := tree(src)
	if c := doc.FirstChild(); cut == nil && c != nil && c.NextSibling() == nil && c.Kind() == ast.KindParagraph {
		return plainOf(c, src)
	}
	return strings.Join(strings.Fields(raw), " "), true
}

func webAddress(s string) bool {
	if strings.ContainsAny(s, " <>\n") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// clip cuts a text to a number of characters at a word, and reports whether it had to.
func clip(text string, limit int) (string, bool) {
	runes := []rune(text)
	if len(runes) <= limit {
		return text, false
	}
	cut := string(runes[:limit-1])
	if at := strings.LastIndexByte(cut, ' '); at > limit/2 {
		cut = cut[:at]
	}
	return strings.TrimRight(cut, " ,;:") + "…", true
}
