package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ClauseKind is the kind of one piece of a query.
type ClauseKind int

// Kinds of clauses.
const (
	Words  ClauseKind = iota // free text; any word may match
	Phrase                   // words that must follow each other
	Prefix                   // the beginning of a word
	Field                    // a field that must have a value
)

// Clause is one piece of a query. Exclude asks for documents without it.
type Clause struct {
	Kind    ClauseKind
	Name    string // of the field
	Text    string
	Exclude bool
	raw     string // as typed, for a field nobody knows
}

// Parse reads the query syntax:
//
//	words               any of them may match, more is better
//	"a phrase"          must occur as written
//	-word -"a phrase"   must not occur
//	begin*              a word with this beginning
//	field:value         the field must have the value; field:"two words" and -field:value too
//
// Every text is a query: what does not fit the syntax is taken as words. A quote that is never
// closed is ignored, and so is a dash before a name of several parts, which is how command line
// options look.
func Parse(query string) []Clause {
	query = strings.ToValidUTF8(query, " ")
	var clauses []Clause
	for i := 0; i < len(query); {
		r, n := utf8.DecodeRuneInString(query[i:])
		if unicode.IsSpace(r) {
			i += n
			continue
		}
		c, end := clauseAt(query, i)
		clauses = append(clauses, c)
		i = end
	}
	return clauses
}

// clauseAt reads the clause that starts at i and gives the position after it.
func clauseAt(q string, i int) (Clause, int) {
	start, exclude := i, false
	if q[i] == '-' && i+1 < len(q) && (q[i+1] == '"' || startsWord(q[i+1:])) {
		exclude = true
		i++
	}
	if q[i] == '"' {
		if text, end, ok := quoted(q, i); ok {
			return Clause{Kind: Phrase, Text: text, Exclude: exclude}, end
		}
		return Clause{Kind: Words, Text: ""}, i + 1
	}
	end := wordEnd(q, i)
	if name, rest := fieldName(q[i:end]); name != "" {
		c := Clause{Kind: Field, Name: name, Text: rest, Exclude: exclude}
		if text, after, ok := quoted(q, end-len(rest)); ok {
			c.Text, end = text, after
		}
		c.raw = q[start:end]
		return c, end
	}
	text := q[i:end]
	if p := strings.TrimRight(text, "*"); p != text && startsWord(p) {
		return Clause{Kind: Prefix, Text: p, Exclude: exclude}, end
	}
	if exclude && looksLikeOption(text) {
		return Clause{Kind: Words, Text: q[start:end]}, end
	}
	return Clause{Kind: Words, Text: text, Exclude: exclude}, end
}

// quoted reads a quoted text at i; it is not one when the quote is never closed.
func quoted(q string, i int) (text string, end int, ok bool) {
	if i >= len(q) || q[i] != '"' {
		return "", 0, false
	}
	n := strings.IndexByte(q[i+1:], '"')
	if n < 0 {
		return "", 0, false
	}
	return q[i+1 : i+1+n], i + n + 2, true
}

func wordEnd(q string, i int) int {
	if n := strings.IndexFunc(q[i:], unicode.IsSpace); n >= 0 {
		return i + n
	}
	return len(q)
}

// fieldName splits name:value; name is empty when the text is something else, such as a URL.
func fieldName(text string) (name, rest string) {
	n := strings.IndexByte(text, ':')
	if n <= 0 || n+1 == len(text) || text[n+1] == ':' || text[n+1] == '/' {
		return "", ""
	}
	for _, c := range []byte(text[:n]) {
		if c != '_' && (c < 'a' || c > 'z') {
			return "", ""
		}
	}
	return text[:n], text[n+1:]
}

func startsWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return wordRune(r)
}

// looksLikeOption says whether a text after a dash is a name such as DskipTests or Xmx2g and not a word.
func looksLikeOption(text string) bool {
	forms, upper := 0, strings.ToLower(text) != text
	tokens(text, func(token) { forms++ })
	return upper && forms > 1
}
