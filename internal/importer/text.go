package importer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// cut splits a text with more than limit characters: at a paragraph if one ends in the second half of what fits, else at a line,
// else where it must.
func cut(text string, limit int) (head, rest string) {
	if utf8.RuneCountInString(text) <= limit {
		return text, ""
	}
	at, n := len(text), 0
	for i := range text {
		if n == limit {
			at = i
			break
		}
		n++
	}
	for _, joint := range []string{"\n\n", "\n", " "} {
		if i := strings.LastIndex(text[:at], joint); i > at/2 {
			return text[:i], strings.TrimLeft(text[i:], "\n ")
		}
	}
	return text[:at], text[at:]
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// clean replaces control characters that no record holds, and says whether there were any.
func clean(text string) (string, bool) {
	found := false
	out := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			found = true
			return unicode.ReplacementChar
		}
		return r
	}, text)
	return out, found
}

// ranked are words, longest names first, by which teams rank severity and priority.
var (
	severityWords = []struct {
		form     *regexp.Regexp
		severity vocab.Severity
	}{
		{regexp.MustCompile(`(?i)\b(?:critical|blocker|catastrophic|severe|emergency)\b`), vocab.SeverityCritical},
		{regexp.MustCompile(`(?i)\b(?:high|major)\b`), vocab.SeverityHigh},
		{regexp.MustCompile(`(?i)\b(?:medium|moderate|normal)\b`), vocab.SeverityMedium},
		{regexp.MustCompile(`(?i)\b(?:low|minor|trivial)\b`), vocab.SeverityLow},
	}
	severityNumber = regexp.MustCompile(`(?i)^\W*(?:sev(?:erity)?|p(?:riority)?|s|level)?[\s:_#-]*([0-5])\b`)
	priorityForm   = regexp.MustCompile(`(?i)^\W*p(?:rio(?:rity)?)?[\s:_#-]*([0-4])\b`)
)

// severityOf reads a severity as teams write it: a word, or a number from 0 or 1 for the worst.
func severityOf(text string) (vocab.Severity, bool) {
	if m := severityNumber.FindStringSubmatch(text); m != nil {
		return [...]vocab.Severity{
			vocab.SeverityCritical, vocab.SeverityCritical, vocab.SeverityHigh, vocab.SeverityMedium, vocab.SeverityLow, vocab.SeverityLow,
		}[m[1][0]-'0'], true
	}
	for _, w := range severityWords {
		if w.form.MatchString(text) {
			return w.severity, true
		}
	}
	return "", false
}

// priorityOf reads a priority: a number behind a P, or one of the words for a severity.
func priorityOf(text string) (vocab.Priority, bool) {
	if m := priorityForm.FindStringSubmatch(text); m != nil {
		return [...]vocab.Priority{vocab.PriorityP1, vocab.PriorityP1, vocab.PriorityP2, vocab.PriorityP3, vocab.PriorityP4}[m[1][0]-'0'], true
	}
	for i, w := range severityWords {
		if w.form.MatchString(text) {
			return [...]vocab.Priority{vocab.PriorityP1, vocab.PriorityP2, vocab.PriorityP3, vocab.PriorityP4}[i], true
		}
	}
	return "", false
}
