package postmortem

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// BodyMark is the comment after which an exported review keeps its body: what follows is taken as it stands.
const BodyMark = "<!-- hindcast:body -->"

// DefaultMaxBytes limits a review when Options.MaxBytes is zero.
const DefaultMaxBytes = 256 << 10

// ErrEmpty and ErrTooLarge are the reasons for which a text is not read at all.
var (
	ErrEmpty    = errors.New("the review holds no text")
	ErrTooLarge = errors.New("the review is too large")
)

// Options are the choices of whoever imports.
type Options struct {
	// Zone is used for times when the text names no zone; nil means UTC. A note says when it was used.
	Zone *time.Location
	// MaxBytes limits the size of one review; 0 means DefaultMaxBytes.
	MaxBytes int
}

// parser holds one text on its way to a Draft.
type parser struct {
	*source
	d       *Draft
	opts    Options
	notes   *notebook
	claimed []bool // lines whose words are all in fields
	cal     *calendar
	keys    []string                       // issue keys among the links
	kinds   map[string]vocab.ReferenceKind // kinds of links that the text states
}

// Parse reads one Markdown review. name is its file name, used for a date or a title the text does not state.
// It returns ErrEmpty or ErrTooLarge, and no error otherwise: what cannot be understood stays in the Draft's body.
func Parse(name string, markdown []byte, opts Options) (Draft, error) {
	if opts.MaxBytes == 0 {
		opts.MaxBytes = DefaultMaxBytes
	}
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	if len(markdown) > opts.MaxBytes {
		return Draft{}, fmt.Errorf("reading %s: %w: %d bytes, at most %d", name, ErrTooLarge, len(markdown), opts.MaxBytes)
	}
	text := normal(markdown)
	if strings.TrimSpace(string(text)) == "" {
		return Draft{}, fmt.Errorf("reading %s: %w", name, ErrEmpty)
	}
	p := &parser{source: newSource(text), opts: opts, notes: &notebook{}, d: &Draft{Name: name, Key: contentKey(text)}}
	p.claimed = make([]bool, p.lines())
	p.cal = &calendar{notes: p.notes, fallback: opts.Zone}
	p.run()
	return *p.d, nil
}

func (p *parser) run() {
	limit := p.splitBody()
	start := p.frontMatter(limit)
	// The tree is read from a text of the same length, so that positions stay valid.
	src := []byte(string(p.text))
	for i := range src {
		if (i < p.starts[min(start, p.lines()-1)] && start > 0 || limit < p.lines() && i >= p.starts[limit]) && src[i] != '\n' {
			src[i] = ' '
		}
	}
	doc, cut := tree(src)
	blocks := p.blocksOf(doc, start, limit)
	sections := p.sectionsOf(blocks)
	p.assign(sections)
	p.title(sections)
	p.details(sections)
	p.dates(sections)
	for _, s := range sections {
		p.fill(s)
	}
	p.timeline(sections)
	p.leadSummary(sections)
	p.d.References = referencesOf(doc, src)
	for line := range cut {
		p.claimed[line] = false
	}
	p.body(sections, limit)
	p.derive()
	p.d.Notes = p.notes.sorted()
}

// splitBody is the line of BodyMark, or the number of lines without one.
func (p *parser) splitBody() int {
	for i := range p.lines() {
		if strings.TrimSpace(p.line(i)) == BodyMark {
			return i
		}
	}
	return p.lines()
}

// assign decides which field each section fills: by its own heading, or as a part of the section around it.
func (p *parser) assign(sections []*section) {
	for i, s := range sections {
		if s.line < 0 {
			continue
		}
		f, whole := classify(s.title)
		if f != "" && !(i == 1 && titles(sections)) {
			s.field, s.own, s.whole = f, true, whole && s.exact
			continue
		}
		if s.parent != nil {
			s.field = s.parent.field
		}
		// Some reviews continue the timeline under date headings at the level of the timeline itself.
		if s.field == "" && i > 0 && sections[i-1].field == fieldTimeline {
			if m, _ := readMoment(s.title); m != nil {
				s.field = fieldTimeline
			}
		}
	}
}

// titles reports whether the first heading is the title even if it names a field: it is when it stands alone at the top,
// over sections of their own.
func titles(sections []*section) bool {
	if sections[1].level != 1 {
		return false
	}
	if f, _ := classify(sections[1].title); !f.section() {
		return true
	}
	for _, s := range sections[2:] {
		if s.level == 1 {
			return false
		}
		if f, _ := classify(s.title); s.level == 2 && f.section() && f != fieldWell && f != fieldPoorly && f != fieldLucky {
			return true
		}
	}
	return false
}

var fileDate = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)-?(\d\d)-?(\d\d)(?:\D|$)`)

// title takes the first heading that names no field, else the front matter, else the file name.
func (p *parser) title(sections []*section) {
	for i, s := range sections {
		if s.own {
			break // a title does not come after a section of its own
		}
		if s.line < 0 || s.field != "" || s.title == "" || (s.level != 1 && i != 1) {
			continue
		}
		title, cut := clip(s.title, fault.MaxTitle)
		if p.d.Title == "" {
			p.d.Title = title
		}
		p.mapped(s.line, "", fieldTitle)
		if s.exact && !cut && p.d.Title == title {
			p.claim(s.line, s.from)
		} else {
			p.notes.add(s.line, "the heading holds more than the title can; it is whole in the body")
		}
		s.field, s.own = fieldTitle, true
		break
	}
	if p.d.Title == "" {
		p.d.Title = strings.TrimSuffix(path.Base(strings.ReplaceAll(p.d.Name, `\`, "/")), path.Ext(p.d.Name))
		p.d.Title, _ = clip(strings.Join(strings.Fields(p.d.Title), " "), fault.MaxTitle)
		p.notes.add(0, "no heading gives a title; the file name is used")
	}
	if p.d.Title == "" {
		p.d.Title = "Untitled review"
	}
}

// dates settles the day of the review and what the calendar starts from.
func (p *parser) dates(sections []*section) {
	fileDay := ""
	if m := fileDate.FindStringSubmatch(path.Base(p.d.Name)); m != nil {
		if t, err := time.Parse(time.DateOnly, m[1]+"-"+m[2]+"-"+m[3]); err == nil {
			fileDay = t.Format(time.DateOnly)
		}
	}
	from := "the date stated"
	if m, _ := readMoment(p.d.Title); m != nil && m.hasDay() && m.year != 0 {
		day := civil(m.year, m.month, m.day).Format(time.DateOnly)
		if p.d.Date == "" {
			p.d.Date, from = day, "the title"
		}
		p.cal.lastZone = m.zone
	}
	if start := p.d.Window.ImpactStart; start != nil && p.d.Date == "" {
		p.d.Date, from = start.Format(time.DateOnly), "the start of the impact"
	}
	if fileDay != "" && p.d.Date != "" && p.d.Date != fileDay {
		p.notes.add(0, "the file name says %s, the text %s; the text is used", fileDay, p.d.Date)
	}
	if p.d.Date == "" && fileDay != "" {
		p.d.Date, from = fileDay, "the file name"
		p.notes.add(0, "the date %s is taken from the file name", fileDay)
	}
	if day, err := time.Parse(time.DateOnly, p.d.Date); err == nil {
		p.cal.day, p.cal.dayFrom = day, from
	} else if m := yearInName.FindStringSubmatch(path.Base(p.d.Name)); m != nil {
		p.cal.year, p.cal.yearFrom = number(m[1]), "the file name"
	}
	p.cal.zone = p.declaredZone(sections)
}

var yearInName = regexp.MustCompile(`(?:^|\D)((?:19|20)\d\d)(?:\D|$)`)

// declaredZone is the zone the text declares for all times of its timeline.
func (p *parser) declaredZone(sections []*section) *zone {
	for _, wanted := range []field{fieldTimeline, ""} {
		for _, s := range sections {
			if s.field != wanted && !(wanted == "" && s.field == fieldTitle) {
				continue
			}
			if z := findZone(s.title); z != nil && wanted != "" {
				return z
			}
			for _, b := range s.blocks {
				if text := p.raw(b.from, b.to); b.node.Kind().String() == "Paragraph" && len(text) < 300 {
					if z := findZone(text); z != nil {
						return z
					}
				}
			}
		}
	}
	return nil
}

// fill moves the text of one section into its field. Timelines and details are read elsewhere.
func (p *parser) fill(s *section) {
	switch f := s.field; {
	case f.prose():
		p.prose(s)
	case f == fieldFactors:
		p.factors(s)
	case f == fieldActions:
		p.actions(s)
	case f == fieldPeople:
		p.people(s)
	case f == fieldLinks:
		p.links(s)
	case f == fieldLessons && s.own:
		p.head(s, len(s.blocks) == 0)
	case s.own && f != "" && !f.section() && f != fieldTitle:
		p.valueSection(s)
	}
}

func (p *parser) prose(s *section) {
	from := s.from
	if !s.own {
		from = s.line
	}
	text := p.raw(from, s.to)
	if text == "" {
		p.head(s, true)
		return
	}
	target := p.proseField(s.field)
	if *target != "" {
		text = *target + "\n\n" + text
	}
	*target = text
	p.claim(from, s.to)
	p.head(s, true)
}

func (p *parser) proseField(f field) *string {
	switch f {
	case fieldImpact:
		return &p.d.Impact
	case fieldWell:
		return &p.d.WentWell
	case fieldPoorly:
		return &p.d.WentPoorly
	case fieldLucky:
		return &p.d.Lucky
	}
	return &p.d.Summary
}

// leadSummary takes the text between the title and the first section when no section is a summary.
func (p *parser) leadSummary(sections []*section) {
	if p.d.Summary != "" {
		return
	}
	for _, s := range sections {
		if s.field != fieldTitle && (s.line >= 0 || len(s.blocks) == 0) {
			continue
		}
		for _, b := range s.blocks {
			if b.node.Kind().String() != "Paragraph" || p.anyClaimed(b.from, b.to) || labelLine.MatchString(p.line(b.from)) {
				continue
			}
			p.d.Summary = p.raw(b.from, b.to)
			p.claim(b.from, b.to)
			p.notes.add(b.from, "the first paragraph is taken as the summary")
			return
		}
	}
}

// head claims the heading of a section that fills a field, when the heading holds nothing more than its name.
func (p *parser) head(s *section, used bool) {
	if s.line < 0 || !s.own || !used {
		return
	}
	p.mapped(s.line, s.title, s.field)
	if s.whole {
		p.claim(s.line, s.from)
	}
}

func (p *parser) mapped(line int, text string, f field) {
	p.d.Mapping = append(p.d.Mapping, Mapped{Line: line + 1, Text: text, Field: string(f)})
}

func (p *parser) claim(from, to int) {
	for i := from; i < to; i++ {
		p.claimed[i] = true
	}
}

func (p *parser) anyClaimed(from, to int) bool {
	for i := from; i < to; i++ {
		if p.claimed[i] && !p.blank(i) {
			return true
		}
	}
	return false
}
