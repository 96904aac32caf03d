package postmortem

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"sort"
	"strings"
)

// source is the text as lines. Lines are numbered from 0 inside the package and from 1 in notes.
type source struct {
	text   []byte
	starts []int
}

// normal is the text with one kind of line ending, no byte order mark, no NUL and valid UTF-8.
func normal(markdown []byte) []byte {
	text := bytes.TrimPrefix(markdown, []byte("\ufeff"))
	text = bytes.ToValidUTF8(text, []byte("\ufffd"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	return bytes.ReplaceAll(text, []byte{0}, []byte("\ufffd"))
}

// contentKey hashes the text without blanks at line ends and blank lines at its end.
func contentKey(text []byte) string {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		lines[i] = bytes.TrimRight(line, " \t\v\f")
	}
	sum := sha256.Sum256(bytes.TrimRight(bytes.Join(lines, []byte("\n")), "\n"))
	return hex.EncodeToString(sum[:])
}

func newSource(text []byte) *source {
	s := &source{text: text, starts: []int{0}}
	for i, b := range text {
		if b == '\n' && i+1 < len(text) {
			s.starts = append(s.starts, i+1)
		}
	}
	return s
}

func (s *source) lines() int { return len(s.starts) }

// lineAt is the line that holds the byte offset.
func (s *source) lineAt(offset int) int {
	return sort.Search(len(s.starts), func(i int) bool { return s.starts[i] > offset }) - 1
}

// line is one line without its end.
func (s *source) line(i int) string {
	return strings.TrimSuffix(string(s.text[s.starts[i]:s.end(i)]), "\n")
}

func (s *source) end(i int) int {
	if i+1 < len(s.starts) {
		return s.starts[i+1]
	}
	return len(s.text)
}

func (s *source) blank(i int) bool { return strings.TrimSpace(s.line(i)) == "" }

// raw is the lines from, inclusive, to to, exclusive, without blank lines at either end.
func (s *source) raw(from, to int) string {
	for from < to && s.blank(from) {
		from++
	}
	for to > from && s.blank(to-1) {
		to--
	}
	if from >= to {
		return ""
	}
	return strings.TrimSuffix(string(s.text[s.starts[from]:s.end(to-1)]), "\n")
}
