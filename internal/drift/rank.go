package drift

import (
	"cmp"
	"slices"
	"strings"
)

// Context is what the next attempt touches and what is known already; all of it may be empty.
type Context struct {
	// Attempt is the id of the attempt, for the words.
	Attempt string
	// ChangedAreas are what the attempt changes.
	ChangedAreas []string
	// Assumptions are those of the attempt and its upgrade.
	Assumptions []Record
	// Findings are earlier ones, with the areas or the component they were about.
	Findings []Record
}

// Record is a record with the areas it names.
type Record struct {
	ID    string
	Areas []string
}

// The weights of a reason: what the attempt changes comes before what somebody assumed or found, a name before a word,
// and any reason before the kind of object.
const (
	weightChanged = 400
	weightFinding = 200
	weightAssumed = 150
	wordShare     = 3 // a match on words weighs a third
)

// kindWeight orders kinds of object where nothing else tells changes apart: what changes results or speed first.
var kindWeight = map[string]int{
	"table": 90, "partition": 85, "column": 80, "key": 80, "foreign_key": 80, "index": 80, "check": 75, "exclusion": 75, "type": 75,
	"constraint": 75, "trigger": 70, "view": 65, "materialized_view": 65, "function": 65, "procedure": 65, "extension": 60, "server": 60,
	"runtime": 60, "database": 55, "container": 55, "package": 50, "setting": 50, "sequence": 50, "env": 45, "policy": 45, "rule": 45, "grant": 40,
	"schema": 40, "event": 40, "row_band": 10,
}

// Rank orders changes for an attempt and numbers them from 1. A change is first by what the context says of its path, then
// by its kind of object, then by its path. Each reason is put into Reasons and into Why.
func Rank(changes []Change, ctx Context) []Change {
	type scored struct {
		change Change
		score  int
	}
	judge := newJudge(ctx)
	all := make([]scored, len(changes))
	for i, c := range changes {
		score, reasons := judge.weigh(c)
		c.Reasons = reasons
		c.Why = strings.Join(append([]string{c.What}, reasons...), "; ")
		all[i] = scored{c, score}
	}
	slices.SortFunc(all, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.change.Path, b.change.Path))
	})
	ranked := make([]Change, len(all))
	for i, s := range all {
		s.change.Rank = i + 1
		ranked[i] = s.change
	}
	return ranked
}

// judge is a context with its areas read once.
type judge struct {
	attempt            string
	changed            []area
	assumed, findings  []judgedRecord
	nothingToCompareTo bool
}

type judgedRecord struct {
	id    string
	areas []area
}

func newJudge(ctx Context) judge {
	j := judge{attempt: ctx.Attempt, changed: readAreas(ctx.ChangedAreas), assumed: readRecords(ctx.Assumptions), findings: readRecords(ctx.Findings)}
	j.nothingToCompareTo = len(j.changed)+len(j.assumed)+len(j.findings) == 0
	return j
}

func readAreas(raw []string) []area {
	out := make([]area, len(raw))
	for i, text := range raw {
		out[i] = readArea(text)
	}
	return out
}

func readRecords(records []Record) []judgedRecord {
	out := make([]judgedRecord, len(records))
	for i, r := range records {
		out[i] = judgedRecord{id: r.ID, areas: readAreas(r.Areas)}
	}
	return out
}

func (j judge) weigh(c Change) (score int, reasons []string) {
	score = kindWeight[parse(c.Path).kind()]
	if c.Incomparable {
		score = 95
	}
	if j.nothingToCompareTo {
		return score, nil
	}
	m := newMatcher(c.Path)
	if a, match := best(m, j.changed); match != MatchNone {
		who := "the attempt"
		if j.attempt != "" {
			who = j.attempt
		}
		score += share(weightChanged, match)
		reasons = append(reasons, who+" changes "+a.raw)
	}
	add, found := records(m, j.findings, weightFinding, "was about")
	score, reasons = score+add, append(reasons, found...)
	add, found = records(m, j.assumed, weightAssumed, "names")
	return score + add, append(reasons, found...)
}

// records weighs the best match once and names every record that matches as well, so that ten findings on one table do
// not push it past what the attempt changes.
func records(m matcher, all []judgedRecord, weight int, verb string) (score int, reasons []string) {
	top := MatchNone
	var matched []string
	for _, r := range all {
		a, match := best(m, r.areas)
		if match == MatchNone || match < top {
			continue
		}
		if match > top {
			top, matched = match, nil
		}
		matched = append(matched, r.id+" "+verb+" "+a.raw)
	}
	if top == MatchNone {
		return 0, nil
	}
	return share(weight, top), matched
}

func best(m matcher, areas []area) (area, Match) {
	var top area
	match := MatchNone
	for _, a := range areas {
		if got := m.match(a); got > match {
			top, match = a, got
		}
	}
	return top, match
}

func share(weight int, match Match) int {
	if match == MatchWord {
		return weight / wordShare
	}
	return weight
}
