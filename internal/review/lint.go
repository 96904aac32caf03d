package review

import (
	"cmp"
	"slices"
	"strings"
)

// RemarkKind says what is questionable about a wording.
type RemarkKind string

// The kinds of remarks.
const (
	// RemarkCounterfactual is a wording about what did not happen instead of what did.
	RemarkCounterfactual RemarkKind = "counterfactual"
	// RemarkNormative is a wording that judges people or makes their work look easy.
	RemarkNormative RemarkKind = "normative"
	// RemarkPerson is a wording that makes one person the agent of what went wrong.
	RemarkPerson RemarkKind = "person"
)

// Remark is one gentle note on a wording. It never blocks anything.
type Remark struct {
	Field string `json:"field"`
	// Position is the byte offset of Match in the field.
	Position int        `json:"position"`
	Match    string     `json:"match"`
	Kind     RemarkKind `json:"kind"`
	// Question is one to ask instead.
	Question string `json:"question"`
}

// Field is a named text to be read for blame, in Markdown.
type Field struct {
	Name string
	Text string
}

// Lint reads texts for wordings that look for somebody to blame, in the order of the fields and of their text. What is
// quoted, a block quote, or code is somebody else's wording and is left alone. It prefers to miss a wording over
// remarking on an ordinary one: a machine that failed to start is not blamed, and a rule for the future is not a regret.
func Lint(fields ...Field) []Remark {
	var out []Remark
	for _, f := range fields {
		masked := maskExempt(f.Text)
		var found []Remark
		for _, find := range []func(string) []span{counterfactuals, failings, normatives, persons} {
			for _, s := range find(masked) {
				found = append(found, Remark{Field: f.Name, Position: s.from, Match: f.Text[s.from:s.to], Kind: s.kind, Question: s.question})
			}
		}
		out = append(out, distinct(found)...)
	}
	return out
}

// span is a stretch of a text that deserves a remark.
type span struct {
	from, to int
	kind     RemarkKind
	question string
}

// distinct sorts remarks by position and keeps the longest of those of one kind that overlap.
func distinct(found []Remark) []Remark {
	slices.SortStableFunc(found, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(len(b.Match), len(a.Match)), cmp.Compare(a.Kind, b.Kind))
	})
	var out []Remark
	end := map[RemarkKind]int{}
	for _, r := range found {
		if r.Position < end[r.Kind] {
			continue
		}
		out, end[r.Kind] = append(out, r), r.Position+len(r.Match)
	}
	return out
}

const (
	askKnown      = "What was known at that moment, and what made the course taken look right?"
	askMissing    = "Which condition, had it been visible, leads here without anybody having to think of it?"
	askDifficulty = "What made this hard at the time?"
	askPressure   = "What were the aims and pressures, and what did the system allow?"
	askRole       = "Which role was this, and what would anybody in that role have seen?"
	askSystem     = "What in the system let one step have this effect?"
)

// counterfactuals finds "should have done" and "if only we had": regrets, not rules such as "each service should have an owner".
func counterfactuals(text string) []span {
	var out []span
	for _, m := range regret.FindAllStringSubmatchIndex(text, -1) {
		if pastParticiple(text[m[2]:m[3]], text[m[3]:]) {
			out = append(out, span{m[0], m[3], RemarkCounterfactual, askKnown})
		}
	}
	for _, m := range ifOnly.FindAllStringIndex(text, -1) {
		from := m[0] + strings.Index(strings.ToLower(text[m[0]:m[1]]), "if")
		out = append(out, span{from, from + len("if only"), RemarkCounterfactual, askMissing})
	}
	return out
}

// pastParticiple reports whether the word after "have" makes it a regret. A word in -ed may also describe a thing: "should
// have automated tests" is a rule, "should have automated the tests" is not.
func pastParticiple(word, after string) bool {
	word = strings.ToLower(word)
	if irregular[word] {
		return true
	}
	if !strings.HasSuffix(word, "ed") || notParticiples[word] {
		return false
	}
	if !describing[word] {
		return true
	}
	return closing.MatchString(after)
}

// failings finds people said to have failed to do something. Machines fail to do things all the time, and saying so blames nobody.
func failings(text string) []span {
	var out []span
	for _, m := range failed.FindAllStringSubmatchIndex(text, -1) {
		before := text[max(0, m[0]-80):m[0]]
		if at := strings.LastIndexAny(before, ".!?;:\n\x00"); at >= 0 {
			before = before[at+1:]
		}
		verb := strings.ToLower(text[m[4]:m[5]])
		words := strings.Fields(strings.ToLower(before))
		if people.MatchString(lastWords(words, 4)) || thinking[verb] && !machines.MatchString(lastWords(words, 5)) {
			out = append(out, span{m[2], m[3], RemarkCounterfactual, askDifficulty})
		}
	}
	return out
}

func lastWords(words []string, n int) string { return strings.Join(words[max(0, len(words)-n):], " ") }

func normatives(text string) []span {
	var out []span
	for _, m := range normative.FindAllStringIndex(text, -1) {
		question := askPressure
		if w := strings.ToLower(text[m[0]:m[1]]); w == "obviously" || w == "simply" || w == "of course" {
			question = askDifficulty
		}
		out = append(out, span{m[0], m[1], RemarkNormative, question})
	}
	return out
}

// persons finds wordings that put one person, named or only pointed at, behind what happened.
func persons(text string) []span {
	var out []span
	for _, m := range mention.FindAllStringSubmatchIndex(text, -1) {
		if !groups[strings.ToLower(text[m[2]+1:m[3]])] {
			out = append(out, span{m[2], m[3], RemarkPerson, askRole})
		}
	}
	for _, p := range pointing {
		for _, m := range p.words.FindAllStringIndex(text, -1) {
			out = append(out, span{m[0], m[1], RemarkPerson, p.question})
		}
	}
	for _, m := range named.FindAllStringSubmatchIndex(text, -1) {
		if givenNames[text[m[2]:m[3]]] {
			out = append(out, span{m[0], m[1], RemarkPerson, askRole})
		}
	}
	for _, m := range byName.FindAllStringSubmatchIndex(text, -1) {
		if givenNames[text[m[2]:m[3]]] {
			out = append(out, span{m[0], m[1], RemarkPerson, askRole})
		}
	}
	return out
}
