package postmortem

import (
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"
	"golang.org/x/text/unicode/norm"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// derive adds what follows from the fields alone, so that it does not depend on how the text was laid out.
func (p *parser) derive() {
	d := p.d
	d.window()
	p.dateFromTimes()
	d.stats()
	d.Lessons = lessonsOf(d.Body)
	d.Tags = set(d.Tags)
	d.Components = set(append(d.Components, d.componentWords()...))
	d.Subject = d.subject()
	for i, r := range d.References {
		if kind, ok := p.kinds[r.URL]; ok {
			d.References[i].Kind = kind
		}
	}
	keys := p.keys
	for _, a := range d.Actions {
		keys = append(keys, issueKeys(a.Title+" "+a.DoneCriterion)...)
	}
	for _, key := range set(keys) {
		d.References = append(d.References, Reference{Kind: vocab.ReferenceKindJira, ExternalKey: key})
	}
}

// dateFromTimes dates a review that states no day by the start of its impact, or else by its first entry.
func (p *parser) dateFromTimes() {
	if p.d.Date != "" {
		return
	}
	first, from := p.d.Window.ImpactStart, "the start of the impact"
	for i := range p.d.Events {
		if at := &p.d.Events[i].At; p.d.Window.ImpactStart == nil && (first == nil || at.Before(*first)) {
			first, from = at, "the first entry of the timeline"
		}
	}
	if first != nil {
		p.d.Date = first.Format(time.DateOnly)
		p.notes.add(0, "no date is stated; %s is that of %s", p.d.Date, from)
	}
}

func set(words []string) []string {
	sort.Strings(words)
	var out []string
	for _, w := range words {
		if w = norm.NFC.String(strings.TrimSpace(w)); w != "" && (len(out) == 0 || out[len(out)-1] != w) {
			out = append(out, w)
		}
	}
	return out
}

var (
	statLine     = regexp.MustCompile(`(?im)^[ \t]*(?:[-*+][ \t]+)?(?:\*\*)?(category|time to detect(?:ion)?|ttd|mttd|time to (?:recover|recovery|restore|resolution|resolve|mitigate|mitigation)|ttr|mttr)(?:\*\*)?[ \t]*:(?:\*\*)?[ \t]*([^\n]*)$`)
	durationPart = regexp.MustCompile(`(?i)(\d+(?:\.\d+)?)\s*(days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b`)
)

// stats reads the labelled figures that stay in the body.
func (d *Draft) stats() {
	for _, m := range statLine.FindAllStringSubmatch(d.Body, -1) {
		name, value := strings.ToLower(m[1]), strings.TrimSpace(m[2])
		switch {
		case name == "category":
			if value != "" && value != "?" && !strings.EqualFold(value, "n/a") {
				d.Tags = append(d.Tags, words(value)...)
			}
		case strings.Contains(name, "detect") || strings.HasSuffix(name, "ttd"):
			d.TimeToDetect = firstDuration(d.TimeToDetect, value)
		default:
			d.TimeToRecover = firstDuration(d.TimeToRecover, value)
		}
	}
}

func firstDuration(old *time.Duration, text string) *time.Duration {
	parts := durationPart.FindAllStringSubmatch(text, -1)
	if old != nil || len(parts) == 0 {
		return old
	}
	var sum float64
	for _, m := range parts {
		n, err := strconv.ParseFloat(m[1], 64)
		if err != nil || n > 1e6 {
			return nil
		}
		unit := map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute, 's': time.Second}[strings.ToLower(m[2])[0]]
		sum += n * float64(unit)
	}
	total := time.Duration(sum)
	return &total
}

// lessonsOf reads the entries of the sections on lessons in a body.
func lessonsOf(body string) []string {
	if body == "" {
		return nil
	}
	text := []byte(body + "\n")
	p := &parser{source: newSource(text), d: &Draft{}, notes: &notebook{}}
	sections := p.sectionsOf(p.blocksOf(Tree(text), 0, p.lines()))
	p.assign(sections)
	var out []string
	for _, s := range sections {
		if s.field != fieldLessons {
			continue
		}
		for _, b := range s.blocks {
			switch n := b.node.(type) {
			case *ast.List:
				for _, it := range p.items(n, b.from, b.to) {
					if t := p.content(it); t != "" {
						out = append(out, t)
					}
				}
			case *ast.Paragraph:
				out = append(out, p.raw(b.from, b.to))
			}
		}
	}
	return out
}

var codeName = regexp.MustCompile("`([A-Za-z][A-Za-z0-9]*(?:[-_./][A-Za-z0-9]+){0,4})`")

// maxComponents limits the hints; more of them help nobody.
const maxComponents = 20

// componentWords are the headings of actions and the names written as code in the title, summary, impact and factors.
func (d *Draft) componentWords() []string {
	var out []string
	for _, a := range d.Actions {
		if a.Component != "" && !processWord.MatchString(a.Component) {
			out = append(out, a.Component)
		}
	}
	text := d.Title + "\n" + d.Summary + "\n" + d.Impact
	for _, f := range d.Factors {
		text += "\n" + f.Text
	}
	for _, m := range codeName.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	if out = set(out); len(out) > maxComponents {
		out = out[:maxComponents]
	}
	return out
}

var processWord = regexp.MustCompile(`(?i)\b(?:process|misc|training|testing|deployment|documentation|technical|improvements?|general|investigation|development|short term|long term|immediate|other)\b`)

// subjectWords are words that texts about a planned change use, and how much each says.
var subjectWords = []struct {
	words  *regexp.Regexp
	title  int
	within int
}{
	{regexp.MustCompile(`(?i)\b(?:upgrad\w+|migrat\w+|version bump|version update|roll-?out|release of|cut-?over)`), 3, 1},
	{regexp.MustCompile(`(?i)\b(?:bump|deploy\w*|update|attempt|refactor\w*)\b`), 2, 0},
	{regexp.MustCompile(`(?i)\b(?:planned (?:upgrade|maintenance|migration)|scheduled\s+upgrade|as part of the migration|was upgraded|from (?:version )?v?\d+[.\d]* to v?\d)`), 0, 2},
	{regexp.MustCompile(`(?i)\b(?:rolled? ?back|reverted)\b`), 0, 1},
}

// subject reads the title and the summary for the words of a planned change.
func (d *Draft) subject() Subject {
	score, why := 0, []string{}
	add := func(text string, re *regexp.Regexp, points int) {
		if m := re.FindString(text); m != "" && points > 0 {
			score += points
			why = append(why, strings.ToLower(strings.Join(strings.Fields(m), " ")))
		}
	}
	for _, w := range subjectWords {
		add(d.Title, w.words, w.title)
		add(d.Summary, w.words, w.within)
	}
	return Subject{Attempt: score >= 3, Why: set(why)}
}
