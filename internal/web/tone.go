package web

import "strings"

// tones are the colours that words are shown in; the word itself always stands beside its colour. A word that is not listed is neutral.
var tones = map[string]string{
	"good": "verified succeeded pass effective fresh resolved closed done prevented applied shared helped supports completed published confirmed_fixed cleared",
	"bad":  "falsified rolled_back fail critical ineffective broken tripped recurred contradicts caused_by_change expired_waiver blocking overdue did_not_help",
	"warn": "unverified expired disputed pass_with_waiver high ignored stale skipped aborted fixed_forward exposed_by_change mitigated open reported " +
		"unanswered surfaced near_miss abandoned outdated",
	"info": "in_progress watching ready planned proposed active armed accepted in_review triaged confirmed untested answered production",
}

var toneOf = func() map[string]string {
	byWord := map[string]string{}
	for tone, words := range tones {
		for word := range strings.FieldsSeq(words) {
			byWord[word] = tone
		}
	}
	return byWord
}()

func tone(word string) string {
	if t, known := toneOf[word]; known {
		return t
	}
	return "neutral"
}
