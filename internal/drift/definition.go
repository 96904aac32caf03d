package drift

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Definition is a piece of SQL or code with every run of whitespace outside quotes made one space. What is quoted stays
// as it is: whitespace in a literal is a difference.
func Definition(text string) string {
	if !needsCollapse(text) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	pending := false
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if unicode.IsSpace(r) {
			pending, rest = true, rest[size:]
			continue
		}
		if pending && b.Len() > 0 {
			b.WriteByte(' ')
		}
		pending = false
		token := quoted(rest)
		if token == "" {
			token = rest[:size]
		}
		b.WriteString(token)
		rest = rest[len(token):]
	}
	return b.String()
}

// needsCollapse is a cheap look that spares most values the walk.
func needsCollapse(text string) bool {
	space := true
	for _, r := range text {
		if r == ' ' && !space {
			space = true
			continue
		}
		if unicode.IsSpace(r) {
			return true
		}
		space = false
	}
	return space && text != ""
}

// definitionKey is a definition as it is compared: no whitespace but between two words, and no closing semicolon. It is
// for comparing only; it need not be valid SQL.
func definitionKey(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || r == ';' }) {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	wordBefore, pending := false, false
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if unicode.IsSpace(r) {
			pending, rest = true, rest[size:]
			continue
		}
		token := quoted(rest)
		word := token != "" || isWord(r)
		if token == "" {
			token = rest[:size]
		}
		if pending && word && wordBefore {
			b.WriteByte(' ')
		}
		pending, wordBefore = false, word
		b.WriteString(token)
		rest = rest[len(token):]
	}
	return strings.TrimRight(b.String(), ";")
}

func isWord(r rune) bool { return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// quoted is the quoted piece that text starts with, or nothing: '…', "…", `…` with doubled quotes inside, or $tag$…$tag$.
// A quote that is never closed is an ordinary character.
func quoted(text string) string {
	switch q := text[0]; q {
	case '\'', '"', '`':
		for i := 1; i < len(text); i++ {
			if text[i] != q {
				continue
			}
			if i+1 < len(text) && text[i+1] == q {
				i++
				continue
			}
			return text[:i+1]
		}
	case '$':
		end := strings.IndexByte(text[1:], '$')
		if end < 0 || strings.ContainsFunc(text[1:end+1], func(r rune) bool { return !isWord(r) || r == '$' }) {
			return ""
		}
		tag := text[:end+2]
		if stop := strings.Index(text[len(tag):], tag); stop >= 0 {
			return text[:len(tag)+stop+len(tag)]
		}
	}
	return ""
}
