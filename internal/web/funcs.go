package web

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// funcs are what the templates can ask for.
func (p *Pages) funcs(markdown func(string) string) template.FuncMap {
	return template.FuncMap{
		"path":    func(rest string) string { return p.base + rest },
		"asset":   func(name string) string { return p.hashed[name] },
		"href":    p.href,
		"md":      func(text string) template.HTML { return p.linked(markdown(text)) },
		"mark":    marked,
		"links":   p.links,
		"at":      p.at,
		"day":     func(t any) string { return p.format(t, "2 Jan 2006") },
		"clock":   func(t any) string { return p.format(t, "15:04") },
		"iso":     func(t any) string { return isoOf(t) },
		"took":    took,
		"seconds": func(s float64) string { return Lasted(time.Duration(s * float64(time.Second))) },
		"whole":   func(s int64) string { return Lasted(time.Duration(s) * time.Second) },
		"words":   func(word any) string { return strings.ReplaceAll(fmt.Sprint(word), "_", " ") },
		"tone":    func(word any) string { return tone(fmt.Sprint(word)) },
		"num":     Number,
		"with2":   func(a, b any) [2]any { return [2]any{a, b} },
		"join":    func(list []string) string { return strings.Join(list, ", ") },
		"zone":    func() string { return p.zone.String() },
		"plural":  plural,
		"over":    func(c vocab.Comparator) string { return comparators[c] },
		"ranked":  ranked,
		"given":   given,
	}
}

// href is the page of a record.
func (p *Pages) href(id vocab.ID) string {
	if id.IsZero() {
		return ""
	}
	return p.base + "/" + id.Kind().Path + "/" + id.String()
}

var idForm = regexp.MustCompile(`\b[A-Z]{3}-[1-9][0-9]{0,9}\b`)

// links makes the ids in a plain text lead to their records.
func (p *Pages) links(text string) template.HTML {
	var out strings.Builder
	end := 0
	for _, at := range idForm.FindAllStringIndex(text, -1) {
		id, err := vocab.ParseID(text[at[0]:at[1]])
		if err != nil {
			continue
		}
		out.WriteString(template.HTMLEscapeString(text[end:at[0]]))
		fmt.Fprintf(&out, `<a href="%s">%s</a>`, template.HTMLEscapeString(p.href(id)), id)
		end = at[1]
	}
	out.WriteString(template.HTMLEscapeString(text[end:]))
	return template.HTML(out.String()) //nolint:gosec // all of it is escaped
}

// tag is a tag of HTML that was sanitised: its attributes hold no angle bracket.
var tag = regexp.MustCompile(`</?([a-z0-9]+)[^<>]*>`)

// linked makes the ids in HTML that was sanitised lead to their records, but for those in links and in code.
func (p *Pages) linked(safe string) template.HTML {
	var out strings.Builder
	end, inside := 0, 0
	text := func(part string) {
		if inside > 0 {
			out.WriteString(part)
			return
		}
		out.WriteString(idForm.ReplaceAllStringFunc(part, func(word string) string {
			id, err := vocab.ParseID(word)
			if err != nil {
				return word
			}
			return `<a class="id" href="` + template.HTMLEscapeString(p.href(id)) + `">` + id.String() + `</a>`
		}))
	}
	for _, at := range tag.FindAllStringSubmatchIndex(safe, -1) {
		text(safe[end:at[0]])
		switch safe[at[2]:at[3]] {
		case "a", "code", "pre":
			if safe[at[0]+1] == '/' {
				inside--
			} else {
				inside++
			}
		}
		out.WriteString(safe[at[0]:at[1]])
		end = at[1]
	}
	text(safe[end:])
	return template.HTML(out.String()) //nolint:gosec // it is sanitised by its maker, and an id holds nothing to escape
}

// marked is a snippet of the search index, in which everything but mark elements is escaped already; it is escaped anew here, so
// that nothing else could get through.
func marked(snippet string) template.HTML {
	plain := strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&amp;", "&").Replace
	var out strings.Builder
	for i, part := range strings.Split(snippet, "<mark>") {
		if i == 0 {
			out.WriteString(template.HTMLEscapeString(plain(part)))
			continue
		}
		inside, after, _ := strings.Cut(part, "</mark>")
		out.WriteString("<mark>" + template.HTMLEscapeString(plain(inside)) + "</mark>" + template.HTMLEscapeString(plain(after)))
	}
	return template.HTML(out.String()) //nolint:gosec // all of it is escaped
}

func timeOf(value any) (time.Time, bool) {
	switch t := value.(type) {
	case time.Time:
		return t, !t.IsZero()
	case *time.Time:
		if t != nil {
			return *t, true
		}
	}
	return time.Time{}, false
}

// at writes a moment as people say it, and as machines read it.
func (p *Pages) at(value any) template.HTML {
	t, ok := timeOf(value)
	if !ok {
		return ""
	}
	return template.HTML(fmt.Sprintf(`<time datetime="%s">%s</time>`, t.UTC().Format(time.RFC3339), p.format(t, "Mon 2 Jan 2006, 15:04"))) //nolint:gosec // digits and names of days
}

func (p *Pages) format(value any, layout string) string {
	t, ok := timeOf(value)
	if !ok {
		return ""
	}
	return t.In(p.zone).Format(layout)
}

func isoOf(value any) string {
	t, ok := timeOf(value)
	if !ok {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// took is the time between two moments, "" unless both are known.
func took(from, to any) string {
	a, ok := timeOf(from)
	b, both := timeOf(to)
	if !ok || !both {
		return ""
	}
	return Lasted(b.Sub(a))
}

// Lasted writes a duration as people say it.
func Lasted(d time.Duration) string {
	switch minutes := int(d.Round(time.Minute).Minutes()); {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case minutes < 120:
		return fmt.Sprintf("%d min", minutes)
	case minutes < 48*60:
		return Number(math.Round(d.Hours()*10)/10) + " h"
	}
	return Number(math.Round(d.Hours()/24*10)/10) + " days"
}

// Number writes a number without needless zeros, with thin spaces between thousands.
func Number(value any) string {
	v := reflect.ValueOf(value)
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return ""
		}
		v = v.Elem()
	}
	text := ""
	switch {
	case v.CanInt():
		text = strconv.FormatInt(v.Int(), 10)
	case v.CanFloat():
		text = strconv.FormatFloat(v.Float(), 'f', -1, 64)
	default:
		return fmt.Sprint(value)
	}
	whole, part, fraction := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if fraction {
		return whole + "." + part
	}
	return whole
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// comparators are how limits are said.
var comparators = map[vocab.Comparator]string{
	vocab.ComparatorGt: "over", vocab.ComparatorGte: "at or over", vocab.ComparatorLt: "under", vocab.ComparatorLte: "at or under",
}

// part is one word with its number.
type part struct {
	Word   string
	Number float64
}

// ranked puts a count by words in order, the largest first.
func ranked(counts map[string]float64) []part {
	parts := make([]part, 0, len(counts))
	for word, n := range counts {
		parts = append(parts, part{word, n})
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.Number, a.Number), strings.Compare(a.Word, b.Word)) })
	return parts
}

// given says whether there is something to show.
func given(value any) bool {
	truth, _ := template.IsTrue(value)
	if id, ok := value.(vocab.ID); ok {
		return !id.IsZero()
	}
	return truth
}
