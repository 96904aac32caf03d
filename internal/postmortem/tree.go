package postmortem

import (
	"bytes"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Limits on the nesting that is read: no review nests so deep, and the work of reading grows with the square of it.
const (
	maxNesting = 32
	maxIndent  = 200
)

// Tree reads Markdown with tables, bare links, task lists and strikethrough. A line nested deeper than any review nests
// is read as if it ended there, so that reading takes time in proportion to the text; offsets are those of src all the same.
func Tree(src []byte) ast.Node {
	doc, _ := tree(src)
	return doc
}

// tree is Tree, and tells which lines were not read whole; nil when all were.
func tree(src []byte) (doc ast.Node, cut map[int]bool) {
	tamed, cut := tame(src)
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Linkify, extension.TaskList, extension.Strikethrough))
	return md.Parser().Parse(text.NewReader(tamed)), cut
}

// tame blanks what is nested too deep.
func tame(src []byte) ([]byte, map[int]bool) {
	var cut map[int]bool
	for line, start := 0, 0; start < len(src); line++ {
		end := start + bytes.IndexByte(src[start:], '\n')
		if end < start {
			end = len(src)
		}
		if n := nestedFrom(src[start:end]); n >= 0 {
			if cut == nil {
				cut, src = map[int]bool{}, bytes.Clone(src)
			}
			cut[line] = true
			for i := start + n; i < end; i++ {
				src[i] = ' '
			}
		}
		start = end + 1
	}
	return src, cut
}

// nestedFrom is where a line is nested too deep, -1 when it is not: after so many marks of quotes and lists, or at its
// start when it is indented too far.
func nestedFrom(line []byte) int {
	marks, blanks := 0, 0
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == ' ':
			blanks++
		case c == '\t':
			blanks += 4
		case c == '>' || (c == '-' || c == '+' || c == '*' || c == '.' || c == ')') && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t'):
			marks++
		case c >= '0' && c <= '9':
		default:
			return -1
		}
		if marks == 0 && blanks > maxIndent {
			return 0
		}
		if marks > maxNesting {
			return i
		}
	}
	return -1
}
