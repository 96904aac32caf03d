package brief

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxLines is how many lines a section shows; the others are counted.
const maxLines = 7

// Line is one thing to know.
type Line struct {
	// The record it comes from.
	Ref vocab.ID `json:"ref" swaggertype:"string" example:"ASM-1"`
	// What to know.
	Text string `json:"text" example:"PROD and DEV behave the same for sessions" maxLength:"100000"`
	// Why it is shown.
	Why string `json:"why" example:"was taken for granted before and turned out to be wrong" maxLength:"2000"`
	// True when it keeps the gate shut.
	Blocking bool `json:"blocking,omitempty" example:"true"`
	// rank orders the section, lowest first.
	rank int
}

// Sections are the lines of a brief by what they are about.
type Sections struct {
	PreviousAttempts []Line `json:"previous_attempts" maxItems:"7"`
	Assumptions      []Line `json:"assumptions" maxItems:"7"`
	Findings         []Line `json:"findings" maxItems:"7"`
	Lessons          []Line `json:"lessons" maxItems:"7"`
	Actions          []Line `json:"actions" maxItems:"7"`
	Drift            []Line `json:"drift" maxItems:"7"`
	Tripwires        []Line `json:"tripwires" maxItems:"7"`
	Runbooks         []Line `json:"runbooks" maxItems:"7"`
	UncoveredAreas   []Line `json:"uncovered_areas" maxItems:"7"`
}

// Brief is what a team should know before an attempt.
type Brief struct {
	Sections Sections
	// Counts are the lines of each section, shown or not, and the pre-existing findings.
	Counts map[string]int
	// Omitted are the lines of each section that are not shown; sections without any are left out.
	Omitted map[string]int
	// Hash is SHA-256 over the content, in hexadecimal. Records count by their words and not by their ids, so that two
	// stores that were told the same facts in another order agree.
	Hash string
}

// section pairs a name with its lines.
type section struct {
	name  string
	lines []Line
	into  *[]Line
}

// Compose makes the brief. The order of the facts does not matter.
func Compose(f Facts) Brief {
	b := Brief{Counts: map[string]int{"pre_existing_findings": f.PreExisting}, Omitted: map[string]int{}}
	s := &b.Sections
	all := []section{
		{"previous_attempts", previousAttempts(f), &s.PreviousAttempts},
		{"assumptions", assumptions(f), &s.Assumptions},
		{"findings", findings(f), &s.Findings},
		{"lessons", lessons(f), &s.Lessons},
		{"actions", actions(f), &s.Actions},
		{"drift", drift(f), &s.Drift},
		{"tripwires", tripwires(f), &s.Tripwires},
		{"runbooks", runbooks(f), &s.Runbooks},
		{"uncovered_areas", uncoveredAreas(f), &s.UncoveredAreas},
	}
	for _, part := range all {
		slices.SortFunc(part.lines, func(a, b Line) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.Text, b.Text), strings.Compare(a.Why, b.Why),
				compareBool(b.Blocking, a.Blocking), cmp.Compare(a.Ref.N, b.Ref.N))
		})
		b.Counts[part.name] = len(part.lines)
		if rest := len(part.lines) - maxLines; rest > 0 {
			b.Omitted[part.name] = rest
		}
	}
	b.Hash = hash(f, all)
	for _, part := range all {
		*part.into = append([]Line{}, part.lines[:min(len(part.lines), maxLines)]...)
	}
	return b
}

// hash covers every line, shown or not, without the ids.
func hash(f Facts, all []section) string {
	type entry struct {
		Section, Text, Why string
		Blocking           bool
	}
	content := struct {
		Upgrade, Service, Environment string
		Number, PreExisting           int
		Entries                       []entry
	}{f.Upgrade.Title, f.Upgrade.Service, f.Attempt.Environment, f.Attempt.Number, f.PreExisting, nil}
	for _, part := range all {
		for _, l := range part.lines {
			content.Entries = append(content.Entries, entry{part.name, l.Text, l.Why, l.Blocking})
		}
	}
	text, _ := json.Marshal(content) // texts, numbers and truth values cannot fail to marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

func previousAttempts(f Facts) []Line {
	var lines []Line
	for _, e := range f.Earlier {
		l := Line{Ref: e.ID, Text: ended(e), Why: "was a try of a similar upgrade"}
		if e.Same {
			l.Why = "was a try of this upgrade"
		} else {
			l.rank = 2
		}
		if !failed(e.Status) {
			l.rank++
		}
		if len(e.SharedAreas) > 0 {
			l.Why += " and touched " + strings.Join(sorted(e.SharedAreas), ", ")
		}
		lines = append(lines, l)
	}
	return lines
}

func failed(s vocab.AttemptStatus) bool {
	return s == vocab.AttemptStatusRolledBack || s == vocab.AttemptStatusFixedForward || s == vocab.AttemptStatusAborted
}

// ended says how an attempt went: how it ended, how long it took and how it was noticed.
func ended(e EarlierAttempt) string {
	text := fmt.Sprintf("%s, attempt %d: %s", e.Upgrade, e.Number, strings.ReplaceAll(string(e.Status), "_", " "))
	if e.StartedAt != nil && e.EndedAt != nil {
		text += " after " + duration(e.EndedAt.Sub(*e.StartedAt))
	}
	if e.NoticedBy != "" {
		text += "; first noticed by " + string(e.NoticedBy)
		if e.NoticedAt != nil && e.StartedAt != nil && !e.NoticedAt.Before(*e.StartedAt) {
			text += " after " + duration(e.NoticedAt.Sub(*e.StartedAt))
		}
	}
	if e.Summary != "" {
		text += ". " + e.Summary
	}
	return text
}

// duration writes a span as people say it.
func duration(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
	return fmt.Sprintf("%.1f days", d.Hours()/24)
}

// assumptions lists what is not proven, and what was wrong before and is not stated again.
func assumptions(f Facts) []Line {
	var lines []Line
	stated := map[string]bool{}
	for _, a := range f.Assumptions {
		stated[normal(a.Statement)] = true
		if _, unproven := assumptionCodes[a.Status]; unproven && a.DriftPath == "" { // those of drift have their own section
			lines = append(lines, Line{
				Ref: a.ID, Text: a.Statement, Why: standing(a), Blocking: a.Importance == vocab.ImportanceBlocking, rank: vocab.Rank(a.Importance),
			})
		}
	}
	for _, a := range f.Falsified {
		if !stated[normal(a.Statement)] {
			lines = append(lines, Line{Ref: a.ID, Text: a.Statement, Why: "turned out to be wrong on an earlier attempt and is not stated again", rank: 1})
		}
	}
	return lines
}

func normal(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

func findings(f Facts) []Line {
	var lines []Line
	for _, x := range f.Findings {
		why := attributionWords(x.Attribution) + " and " + string(x.Status)
		if x.Number > 0 {
			why += fmt.Sprintf(" since attempt %d", x.Number)
		}
		lines = append(lines, Line{
			Ref: x.ID, Text: x.Title, Why: why, Blocking: vocab.Rank(x.Severity) <= vocab.Rank(vocab.SeverityHigh), rank: vocab.Rank(x.Severity),
		})
	}
	return lines
}

func lessons(f Facts) []Line {
	var lines []Line
	for _, l := range f.Lessons {
		why := "matches by " + strings.Join(sorted(l.Matched), ", ")
		if past := pastWords(l.Past); past != "" {
			why += "; " + past
		}
		line := Line{Ref: l.ID, Text: l.Title + ": " + l.Then, Blocking: l.Response == ""}
		if l.Response != "" {
			why, line.rank = why+"; answered "+strings.ReplaceAll(string(l.Response), "_", " "), 1
		}
		if l.Stale {
			why += "; it is past its review date"
		}
		line.Why = why
		lines = append(lines, line)
	}
	return lines
}

func pastWords(p Past) string {
	if p.Surfaced == 0 {
		return "never shown before"
	}
	return fmt.Sprintf("shown on %d earlier attempts, applied on %d, skipped on %d; the failure was prevented %d times and came back %d times",
		p.Surfaced, p.Applied, p.Skipped, p.Prevented, p.Recurred)
}

func actions(f Facts) []Line {
	var lines []Line
	for _, a := range f.Actions {
		l := Line{Ref: a.ID, Text: a.Title, Why: "is " + strings.ReplaceAll(string(a.Status), "_", " ") + ", with " + a.Owner, rank: 1}
		if a.DueOn != nil {
			l.Why += ", due on " + a.DueOn.Format(time.DateOnly)
		}
		if overdue(a, f.At) {
			l.Why, l.rank, l.Blocking = l.Why+" and overdue", 0, true
		}
		lines = append(lines, l)
	}
	return lines
}

// drift lists the unproven assumptions that were made from a difference between environments.
func drift(f Facts) []Line {
	var lines []Line
	for _, a := range f.Assumptions {
		if _, unproven := assumptionCodes[a.Status]; unproven && a.DriftPath != "" {
			lines = append(lines, Line{
				Ref: a.ID, Text: a.DriftPath, Why: "differs between environments: " + a.Statement, Blocking: a.Importance == vocab.ImportanceBlocking,
				rank: vocab.Rank(a.Importance),
			})
		}
	}
	return lines
}

var comparatorWords = map[vocab.Comparator]string{
	vocab.ComparatorGt: "over", vocab.ComparatorGte: "at or over", vocab.ComparatorLt: "under", vocab.ComparatorLte: "at or under",
}

func limitWords(t Tripwire) string {
	return fmt.Sprintf("%s %s %g", t.Signal, comparatorWords[t.Comparator], t.Threshold)
}

// tripwires lists the wires there are, a missing one, and those of earlier attempts that nobody has set again.
func tripwires(f Facts) []Line {
	var lines []Line
	set := map[string]bool{}
	armed := false
	for _, t := range f.Tripwires {
		set[normal(t.Signal)] = true
		armed = armed || t.Status == vocab.TripwireStatusArmed
		lines = append(lines, Line{Ref: t.ID, Text: limitWords(t) + ": " + string(t.Then), Why: "is " + string(t.Status), rank: 2})
	}
	if !armed && needsTripwire(f.Upgrade.Kind) {
		lines = append(lines, Line{
			Ref: f.Attempt.ID, Text: "No tripwire is armed", Blocking: true,
			Why: fmt.Sprintf("an upgrade of kind %s fails under load, when there is no time to agree on a limit", f.Upgrade.Kind),
		})
	}
	for _, t := range f.EarlierTripwires {
		if set[normal(t.Signal)] {
			continue
		}
		why := fmt.Sprintf("was set for attempt %d and is not set for this one", t.Number)
		if t.Extreme != nil {
			why += fmt.Sprintf("; the worst reading then was %g", *t.Extreme)
		}
		lines = append(lines, Line{Ref: t.ID, Text: "Proposed: " + limitWords(t), Why: why, rank: 1})
	}
	return lines
}

var healthRank = map[vocab.RunbookHealth]int{
	vocab.RunbookHealthBroken: 0, vocab.RunbookHealthStale: 1, vocab.RunbookHealthUnverified: 2, vocab.RunbookHealthFresh: 3,
}

func runbooks(f Facts) []Line {
	lines := make([]Line, len(f.Runbooks))
	for i, r := range f.Runbooks {
		lines[i] = Line{Ref: r.ID, Text: r.Title, Why: r.Why + "; it is " + string(r.Health), rank: healthRank[r.Health]}
	}
	return lines
}

// uncoveredAreas lists what the change touches and nobody has said anything about.
func uncoveredAreas(f Facts) []Line {
	covered := map[string]bool{}
	for _, a := range f.Assumptions {
		for _, area := range a.Areas {
			covered[normal(area)] = true
		}
	}
	var lines []Line
	for _, area := range f.Attempt.ChangedAreas {
		if !covered[normal(area)] {
			covered[normal(area)] = true
			lines = append(lines, Line{Ref: f.Attempt.ID, Text: area, Why: "the change touches it and no assumption covers it"})
		}
	}
	return lines
}

func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }
