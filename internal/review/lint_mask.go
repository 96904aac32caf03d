package review

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"

	"github.com/hindcast-kb/hindcast/internal/postmortem"
)

// exempt fills what is not the author's own prose, so that no phrase is found in it or across it.
const exempt = '\x00'

// maskExempt is a text of the same length in which only the author's own prose is left: code, quotes, addresses and HTML
// are filled, and marks of emphasis are blanks.
func maskExempt(text string) string {
	src := []byte(text)
	masked := make([]byte, len(src))
	for i, b := range src {
		masked[i] = ' '
		if b == '\n' {
			masked[i] = b
		}
	}
	var paragraphs [][2]int
	err := ast.Walk(postmortem.Tree(src), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			copy(masked[n.Segment.Start:n.Segment.Stop], src[n.Segment.Start:n.Segment.Stop])
		case *ast.CodeSpan:
			fillText(masked, n)
			return ast.WalkSkipChildren, nil
		case *ast.Blockquote, *ast.FencedCodeBlock, *ast.CodeBlock, *ast.HTMLBlock:
			fillBlock(masked, n)
			return ast.WalkSkipChildren, nil
		case *ast.RawHTML, *ast.AutoLink:
			return ast.WalkSkipChildren, nil
		}
		if n.Type() == ast.TypeBlock && n.Lines() != nil && n.Lines().Len() > 0 {
			lines := n.Lines()
			paragraphs = append(paragraphs, [2]int{lines.At(0).Start, lines.At(lines.Len() - 1).Stop})
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		return strings.Repeat(string(exempt), len(text))
	}
	for _, p := range paragraphs {
		maskQuotes(masked[p[0]:p[1]])
		// A phrase does not run from one block into the next.
		if p[1] < len(masked) {
			masked[p[1]] = exempt
		} else if p[1] > 0 && masked[p[1]-1] == '\n' {
			masked[p[1]-1] = exempt
		}
	}
	return string(masked)
}

func fillText(masked []byte, n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			fill(masked[t.Segment.Start:t.Segment.Stop])
		}
	}
}

func fillBlock(masked []byte, n ast.Node) {
	if n.Lines() == nil {
		return
	}
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		fill(masked[at.Start:at.Stop])
	}
}

func fill(b []byte) {
	for i := range b {
		b[i] = exempt
	}
}

// closers are quotation marks by the mark that opens them.
var closers = map[rune]string{'"': `"`, '“': "”\"", '„': "“”", '«': "»", '»': "«", '‘': "’", '\'': "'"}

// maskQuotes fills quoted stretches of one block. An apostrophe opens no quote: that takes a blank or bracket before it,
// and the mark that closes it a blank or punctuation after it.
func maskQuotes(b []byte) {
	before := ' '
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if ends, ok := closers[r]; ok && opens(r, before, b[i+size:]) {
			if n := closeAt(b[i+size:], ends, r == '\'' || r == '‘'); n > 0 {
				fill(b[i : i+size+n])
				i += size + n
				before = exempt
				continue
			}
		}
		before = r
		i += size
	}
}

func opens(r, before rune, after []byte) bool {
	next, _ := utf8.DecodeRune(after)
	if unicode.IsSpace(next) || next == utf8.RuneError {
		return false
	}
	return r == '"' || r == '“' || unicode.IsSpace(before) || strings.ContainsRune("([{-–—/\x00", before)
}

// closeAt is the length up to and including the closing mark, 0 when there is none.
func closeAt(b []byte, ends string, single bool) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		i += size
		if !strings.ContainsRune(ends, r) || i == size {
			continue
		}
		next, _ := utf8.DecodeRune(b[i:])
		if !single || i == len(b) || !unicode.IsLetter(next) && !unicode.IsDigit(next) {
			return i
		}
	}
	return 0
}
