package markup

import (
	"bytes"
	"regexp"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	reader "github.com/yuin/goldmark/text"
)

// Renderer turns Markdown into HTML that may be shown on our pages. It is safe for use by many goroutines.
type Renderer struct {
	markdown goldmark.Markdown
	policy   *bluemonday.Policy
	buffers  sync.Pool
}

// NewRenderer makes a Renderer for CommonMark with GFM tables, strikethrough, task lists and bare links. Raw HTML in the source
// is dropped by the first stage and would be cut by the second; pictures become links, so that no reader's browser loads them.
func NewRenderer() *Renderer {
	return &Renderer{
		markdown: goldmark.New(goldmark.WithExtensions(extension.GFM)),
		policy:   policy(),
		buffers:  sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

// policy lists what may be in the HTML; everything else is cut.
func policy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "em", "strong", "del",
		"ul", "li", "table", "thead", "tbody", "tr", "th", "td")
	p.AllowElements("ol")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^language-[A-Za-z0-9_+#.\-]{1,40}$`)).OnElements("code")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^checkbox$`)).OnElements("input")
	p.AllowAttrs("checked", "disabled").OnElements("input")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	p.RequireNoReferrerOnLinks(true)
	return p
}

// HTML renders Markdown. It never fails: what goldmark cannot write is left out.
func (r *Renderer) HTML(markdown string) string { return r.HTMLBelow(markdown, 0) }

// HTMLBelow renders Markdown as HTML does, for a place below a heading of the given level: the headings of the text follow it.
func (r *Renderer) HTMLBelow(markdown string, level int) string {
	source := []byte(Clean(markdown))
	doc := r.markdown.Parser().Parse(reader.NewReader(source))
	picturesToLinks(doc)
	if level > 0 {
		lowerHeadings(doc, level)
	}
	buf := r.buffers.Get().(*bytes.Buffer)
	defer r.buffers.Put(buf)
	buf.Reset()
	if err := r.markdown.Renderer().Render(buf, source, doc); err != nil {
		return ""
	}
	return strings.TrimSpace(r.policy.Sanitize(buf.String()))
}

func lowerHeadings(doc ast.Node, by int) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if heading, ok := n.(*ast.Heading); ok && entering {
			heading.Level = min(heading.Level+by, 6)
		}
		return ast.WalkContinue, nil
	})
}

// picturesToLinks replaces every picture by a link with its description as text.
func picturesToLinks(doc ast.Node) {
	var pictures []*ast.Image
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if image, ok := n.(*ast.Image); ok && entering {
			pictures = append(pictures, image)
		}
		return ast.WalkContinue, nil
	})
	for _, image := range pictures {
		parent := image.Parent()
		if parent == nil {
			continue
		}
		link := ast.NewLink()
		link.Destination, link.Title = image.Destination, image.Title
		for c := image.FirstChild(); c != nil; {
			next := c.NextSibling()
			link.AppendChild(link, c)
			c = next
		}
		if link.ChildCount() == 0 {
			link.AppendChild(link, ast.NewString([]byte("picture")))
		}
		if insideLink(image) {
			for c := link.FirstChild(); c != nil; {
				next := c.NextSibling()
				parent.InsertBefore(parent, image, c)
				c = next
			}
			parent.RemoveChild(parent, image)
			continue
		}
		parent.ReplaceChild(parent, image, link)
	}
}

func insideLink(n ast.Node) bool {
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Kind() == ast.KindLink {
			return true
		}
	}
	return false
}
