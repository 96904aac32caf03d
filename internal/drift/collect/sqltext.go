package collect

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a quoted piece or one character of SQL, with its place in the text. Whitespace and comments are none.
type token struct {
	text       string
	start, end int
}

func (t token) is(word string) bool { return strings.EqualFold(t.text, word) }

// scan splits SQL into tokens. It never fails: what it does not know is a token of one character.
func scan(sql string) []token {
	var out []token
	for i := 0; i < len(sql); {
		r, size := utf8.DecodeRuneInString(sql[i:])
		n := size
		switch {
		case unicode.IsSpace(r):
			i += size
			continue
		case strings.HasPrefix(sql[i:], "--"):
			i += until(sql[i:], "\n")
			continue
		case strings.HasPrefix(sql[i:], "/*"):
			i += until(sql[i:], "*/")
			continue
		case r == '\'' || r == '"' || r == '`' || r == '[':
			n = quotedLength(sql[i:])
		case isWordRune(r):
			n = len(sql[i:]) - len(strings.TrimLeftFunc(sql[i:], isWordRune))
		}
		out = append(out, token{sql[i : i+n], i, i + n})
		i += n
	}
	return out
}

func isWordRune(r rune) bool {
	return r == '_' || r == '$' || r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func until(text, end string) int {
	if i := strings.Index(text, end); i >= 0 {
		return i + len(end)
	}
	return len(text)
}

func quotedLength(text string) int {
	closing := text[0]
	if closing == '[' {
		return until(text, "]")
	}
	for i := 1; i < len(text); i++ {
		if text[i] != closing {
			continue
		}
		if i+1 < len(text) && text[i+1] == closing {
			i++
			continue
		}
		return i + 1
	}
	return len(text)
}

// unquote is the name that a token stands for.
func unquote(text string) string {
	if len(text) < 2 {
		return text
	}
	switch first, last := text[0], text[len(text)-1]; {
	case first == '[' && last == ']':
		return text[1 : len(text)-1]
	case first == last && strings.IndexByte("\"`'", first) >= 0:
		return strings.ReplaceAll(text[1:len(text)-1], string(first)+string(first), string(first))
	}
	return text
}

// closing is the index of the token that closes the parenthesis at open, or the number of tokens.
func closing(tokens []token, open int) int {
	depth := 0
	for i := open; i < len(tokens); i++ {
		switch tokens[i].text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return len(tokens)
}

// parts are the tokens inside the parenthesis at open, split at its own commas.
func parts(tokens []token, open int) [][]token {
	var out [][]token
	end := closing(tokens, open)
	start := open + 1
	for i := start; i < end; i++ {
		switch tokens[i].text {
		case "(":
			i = closing(tokens, i)
		case ",":
			out = append(out, tokens[start:i])
			start = i + 1
		}
	}
	if start < end {
		out = append(out, tokens[start:end])
	}
	return out
}

// source is the text between the first and the last of some tokens.
func source(sql string, tokens []token) string {
	if len(tokens) == 0 {
		return ""
	}
	return sql[tokens[0].start:tokens[len(tokens)-1].end]
}

// joined is SQL without comments and with one space between tokens, for hashing.
func joined(tokens []token) string {
	words := make([]string, len(tokens))
	for i, t := range tokens {
		words[i] = t.text
	}
	return strings.Join(words, " ")
}
