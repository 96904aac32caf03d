package search

import (
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
)

// class says how a surface form is treated.
type class byte

const (
	plain      class = iota // a word: stemmed, corrected, completed
	identifier              // a name, number or code: taken as written
	stop                    // a function word: kept in the sequence, left out of the postings
)

// classOf depends on the surface form alone, so that every document and query agrees on it.
func classOf(word []byte) class {
	switch {
	case stopWords[string(word)]:
		return stop
	case !letters(word):
		return identifier
	}
	return plain
}

// stem gives the term of a surface form.
func stem(word []byte) string {
	if classOf(word) != plain {
		return string(word)
	}
	return english.Stem(string(word), true)
}

const maxWord = 64 // bytes of one surface form; longer ones are encoded blobs, not words

// token is one surface form with the bytes of the text it stands for. The whole of a compound comes
// first, then its parts.
type token struct {
	text       []byte
	start, end int
	part       bool // of the compound before it
	whole      bool // a compound whose parts follow
}

// tokens analyses text and calls emit for every surface form in order. The token's text is valid
// during the call only.
func tokens(text string, emit func(token)) {
	t := tokenizer{text: text, emit: emit}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case ideograph(r):
			t.buf = fold(t.buf[:0], text[i:i+n])
			t.send(token{start: i, end: i + n})
			i += n
		case wordRune(r):
			i = t.chunk(i)
		default:
			i += n
		}
	}
}

type tokenizer struct {
	text  string
	emit  func(token)
	buf   []byte
	parts []span
}

type span struct{ start, end int }

// send emits the form in t.buf.
func (t *tokenizer) send(out token) {
	if len(t.buf) == 0 || len(t.buf) > maxWord {
		return
	}
	out.text = t.buf
	t.emit(out)
}

// chunk reads the run of word runes and joiners that starts at i, and gives back its end.
func (t *tokenizer) chunk(i int) int {
	end, joined := t.extent(i)
	t.split(i, end)
	if len(t.parts) > 1 && t.compound(i, end, joined) {
		t.buf = fold(t.buf[:0], t.text[i:end])
		t.send(token{start: i, end: end, whole: true})
		for _, p := range t.parts {
			t.word(p.start, p.end, true)
		}
		return end
	}
	for _, p := range t.parts {
		t.word(p.start, p.end, false)
	}
	return end
}

// joiner kinds found inside a chunk, as bits.
const (
	joinStrong = 1 << iota // _ . / : inside a name, path, version or package
	joinHyphen
)

// extent finds the end of the chunk. A joiner belongs to it only between two word runes.
func (t *tokenizer) extent(i int) (end, joined int) {
	for i < len(t.text) {
		r, n := utf8.DecodeRuneInString(t.text[i:])
		if wordRune(r) && !ideograph(r) {
			i += n
			continue
		}
		kind := joinerKind(r)
		if kind < 0 || i+n >= len(t.text) {
			break
		}
		next, _ := utf8.DecodeRuneInString(t.text[i+n:])
		if !wordRune(next) || ideograph(next) {
			break
		}
		joined |= kind
		i += n
	}
	return i, joined
}

// joinerKind is negative for a rune that ends a word.
func joinerKind(r rune) int {
	switch r {
	case '_', '.', '/', ':', '\\', '@', '#':
		return joinStrong
	case '-', '‐', '‑':
		return joinHyphen
	case '\'', '’':
		return 0
	}
	return -1
}

// compound says whether the whole of a chunk with several parts is a name of its own: it holds an
// inner case change, a digit beside a letter or a joiner of names. Words joined by a hyphen alone
// are just words.
func (t *tokenizer) compound(start, end, joined int) bool {
	if end-start > maxWord {
		return false
	}
	if joined != joinHyphen {
		return true
	}
	for i := start; i < end; i++ {
		if c := t.text[i]; '0' <= c && c <= '9' {
			return true
		}
	}
	for k := 1; k < len(t.parts); k++ {
		if t.parts[k].start == t.parts[k-1].end {
			return true
		}
	}
	return false
}

// split cuts the chunk at joiners, case changes and borders of letters and digits.
func (t *tokenizer) split(start, end int) {
	t.parts = t.parts[:0]
	from := start
	var prev rune
	for i := start; i < end; {
		r, n := utf8.DecodeRuneInString(t.text[i:])
		switch kind := joinerKind(r); {
		case kind > 0:
			t.cut(from, i)
			from, prev = i+n, 0
			i += n
			continue
		case kind == 0: // an apostrophe stays inside its word
		case prev != 0 && border(prev, r, t.text[i+n:end]):
			t.cut(from, i)
			from = i
		}
		prev = r
		i += n
	}
	t.cut(from, end)
}

func (t *tokenizer) cut(from, to int) {
	if to > from {
		t.parts = append(t.parts, span{from, to})
	}
}

// border says whether a new part begins at r: aB, 1a, a1, and the last capital of ABc.
func border(prev, r rune, rest string) bool {
	pd, rd := unicode.IsDigit(prev), unicode.IsDigit(r)
	if pd != rd {
		return prev != '\'' && prev != '’'
	}
	if !unicode.IsUpper(r) {
		return false
	}
	if unicode.IsLower(prev) {
		return true
	}
	next, _ := utf8.DecodeRuneInString(rest)
	return unicode.IsUpper(prev) && unicode.IsLower(next) && next != 's'
}

// word emits one part. A function word written in capitals (IT, AM, WHO) is a name and keeps its case.
func (t *tokenizer) word(start, end int, part bool) {
	raw := t.text[start:end]
	raw = trimPossessive(raw)
	end = start + len(raw)
	t.buf = fold(t.buf[:0], raw)
	t.buf = dropApostrophes(t.buf)
	if utf8.RuneCountInString(raw) > 1 && capitals(raw) && !logical(raw) && stopWords[string(t.buf)] {
		t.buf = append(t.buf[:0], raw...)
	}
	t.send(token{start: start, end: end, part: part})
}

func trimPossessive(s string) string {
	for _, suffix := range []string{"'s", "’s", "'S", "’S"} {
		if n := len(s) - len(suffix); n > 0 && s[n:] == suffix {
			return s[:n]
		}
	}
	return s
}

func dropApostrophes(b []byte) []byte {
	kept := b[:0]
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\'':
		case b[i] == 0xE2 && i+2 < len(b) && b[i+1] == 0x80 && b[i+2] == 0x99: // ’
			i += 2
		default:
			kept = append(kept, b[i])
		}
	}
	return kept
}

func capitals(s string) bool {
	for _, r := range s {
		if !unicode.IsUpper(r) {
			return false
		}
	}
	return true
}

func logical(s string) bool { return s == "AND" || s == "OR" || s == "NOT" }

func letters(b []byte) bool {
	for _, c := range b {
		if c < utf8.RuneSelf && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// ideograph runes are written without spaces; each stands alone, and phrases join them again.
func ideograph(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}
