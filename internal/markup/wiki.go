package markup

import (
	"regexp"
	"strings"
)

// FromWiki reads Jira wiki markup, the form of descriptions and comments in webhooks and in REST v2. The rules are those of
// Jira's own help page on text formatting notation.
func FromWiki(s string) Doc {
	p := &wiki{lines: strings.Split(Clean(s), "\n")}
	root := &node{kind: kindDoc}
	root.add(p.blocks("", 0)...)
	return finish(root, &p.notes)
}

type wiki struct {
	notes
	lines []string
	at    int
	nodes int
	// unclosed remembers closing macros that do not occur any more, so that each is looked for to the end only once.
	unclosed map[string]bool
}

var (
	headingLine = regexp.MustCompile(`^\s*h([1-6])\.\s*(.*)$`)
	quoteLine   = regexp.MustCompile(`^\s*bq\.\s*(.*)$`)
	listLine    = regexp.MustCompile(`^\s*([*#]{1,20}|-{1,3}|-?[*#]+)\s+(\S.*)$`)
	ruleLine    = regexp.MustCompile(`^\s*-{4,5}\s*$`)
	openMacro   = regexp.MustCompile(`^\s*\{(code|noformat|quote|panel|info|warning|note|tip|expand)(?::([^{}]*))?\}`)
	taskMark    = regexp.MustCompile(`^\[( |x|X|\*)\]\s+`)
)

// blocks reads until the closing macro (or the end) and leaves the reader behind it. What follows the closing macro on its line
// is read as a line of its own.
func (p *wiki) blocks(closing string, depth int) []*node {
	var out []*node
	var para []string
	flush := func() {
		if len(para) > 0 {
			out = append(out, &node{kind: kindParagraph, children: p.inlines(strings.Join(para, "\n"), 0)})
		}
		para = nil
	}
	for p.at < len(p.lines) {
		line := p.lines[p.at]
		if closing != "" {
			if before, after, ok := strings.Cut(line, closing); ok && !startsMacro(before) {
				if strings.TrimSpace(before) != "" {
					p.lines[p.at] = before
					rest := &wiki{notes: p.notes, lines: []string{before}, nodes: p.nodes}
					if listLine.MatchString(before) || headingLine.MatchString(before) {
						flush()
						out = append(out, rest.blocks("", depth+1)...)
						p.notes, p.nodes = rest.notes, rest.nodes
					} else {
						para = append(para, before)
					}
				}
				flush()
				if strings.TrimSpace(after) == "" {
					p.at++
				} else {
					p.lines[p.at] = after
				}
				return out
			}
		}
		if strings.TrimSpace(line) == "" {
			flush()
			p.at++
			continue
		}
		if b := p.special(line, depth); b != nil {
			flush()
			out = append(out, b...)
			continue
		}
		// A macro may open in the middle of a line: the words before it are a paragraph of their own.
		if i := macroInside(line); i > 0 && depth < maxDepth {
			para = append(para, line[:i])
			flush()
			p.lines[p.at] = line[i:]
			continue
		}
		para = append(para, line)
		p.at++
	}
	flush()
	return out
}

func startsMacro(s string) bool { return openMacro.MatchString(s) }

// special reads the block that starts at line, or gives nil when the line is plain text.
func (p *wiki) special(line string, depth int) []*node {
	if m := openMacro.FindStringSubmatch(line); m != nil && depth < maxDepth {
		return p.macro(m[1], m[2], len(m[0]), depth)
	}
	if m := headingLine.FindStringSubmatch(line); m != nil {
		p.at++
		return []*node{{kind: kindHeading, level: int(m[1][0] - '0'), children: p.inlines(m[2], 0)}}
	}
	if m := quoteLine.FindStringSubmatch(line); m != nil {
		p.at++
		return []*node{{kind: kindQuote, children: []*node{{kind: kindParagraph, children: p.inlines(m[1], 0)}}}}
	}
	if ruleLine.MatchString(line) {
		p.at++
		return []*node{{kind: kindRule}}
	}
	if strings.HasPrefix(strings.TrimSpace(line), "|") {
		return []*node{p.table()}
	}
	if listLine.MatchString(line) {
		return p.list()
	}
	return nil
}

// macroInside finds where a block macro opens inside a line, or -1.
func macroInside(line string) int {
	for at := 0; ; {
		i := strings.IndexByte(line[at:], '{')
		if i < 0 {
			return -1
		}
		at += i
		if (at == 0 || line[at-1] != '\\') && openMacro.MatchString(line[at:min(len(line), at+400)]) {
			return at
		}
		at++
	}
}

func (p *wiki) macro(name, args string, width, depth int) []*node {
	closing := "{" + name + "}"
	line := p.lines[p.at]
	if !p.closes(closing, width) {
		// Never closed: Jira shows it as typed.
		p.at++
		return []*node{{kind: kindParagraph, children: []*node{text(strings.TrimSpace(line[:width]))}}, {kind: kindParagraph, children: p.inlines(line[width:], 0)}}
	}
	options := macroOptions(args)
	p.lines[p.at] = line[width:]
	if name == "code" || name == "noformat" {
		n := &node{kind: kindCode, text: p.verbatim(closing), lang: codeLanguage(name, options)}
		if t := options["title"]; t != "" {
			return []*node{{kind: kindParagraph, children: []*node{{kind: kindStrong, children: []*node{text(t)}}}}, n}
		}
		return []*node{n}
	}
	if strings.TrimSpace(p.lines[p.at]) == "" {
		p.at++
	}
	n := &node{kind: kindQuote}
	if name != "quote" {
		n = &node{kind: kindPanel, text: panelTitle(name, options["title"])}
	}
	if name == "expand" {
		n.text = options["title"] + options[""]
	}
	n.children = p.blocks(closing, depth+1)
	return []*node{n}
}

// closes says whether the macro opened on this line is closed on it or on a later one.
func (p *wiki) closes(closing string, width int) bool {
	if p.unclosed[closing] {
		return false
	}
	if strings.Contains(p.lines[p.at][width:], closing) {
		return true
	}
	for _, line := range p.lines[p.at+1:] {
		if strings.Contains(line, closing) {
			return true
		}
	}
	if p.unclosed == nil {
		p.unclosed = map[string]bool{}
	}
	p.unclosed[closing] = true
	return false
}

func (p *wiki) verbatim(closing string) string {
	var out []string
	for p.at < len(p.lines) {
		before, after, found := strings.Cut(p.lines[p.at], closing)
		out = append(out, before)
		if !found {
			p.at++
			continue
		}
		if strings.TrimSpace(after) == "" {
			p.at++
		} else {
			p.lines[p.at] = after
		}
		break
	}
	if len(out) > 0 && strings.TrimSpace(out[0]) == "" {
		out = out[1:]
	}
	if len(out) > 0 && strings.TrimSpace(out[len(out)-1]) == "" {
		out = out[:len(out)-1]
	}
	return strings.Join(out, "\n")
}

// macroOptions reads `go|title=x|borderStyle=solid`; a value without a name is kept under the empty name.
func macroOptions(args string) map[string]string {
	options := map[string]string{}
	for part := range strings.SplitSeq(args, "|") {
		name, value, named := strings.Cut(strings.TrimSpace(part), "=")
		if !named {
			name, value = "", name
		}
		options[strings.ToLower(strings.TrimSpace(name))] = strings.TrimSpace(value)
	}
	return options
}

func codeLanguage(macro string, options map[string]string) string {
	if macro == "noformat" {
		return ""
	}
	lang := options[""]
	if lang == "" {
		lang = options["language"] + options["lang"]
	}
	if strings.EqualFold(lang, "none") {
		return ""
	}
	return strings.ToLower(lang)
}

func panelTitle(name, title string) string {
	if title != "" {
		return title
	}
	switch name {
	case "info":
		return "Info"
	case "warning":
		return "Warning"
	case "note":
		return "Note"
	case "tip":
		return "Tip"
	}
	return ""
}
