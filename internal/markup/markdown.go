package markup

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// writeMarkdown writes a tree as CommonMark. Everything that came in as text is escaped, so text can never become markup.
func writeMarkdown(root *node) string {
	return strings.TrimRight(strings.Join(blocks(root.children), "\n\n"), "\n ")
}

// blocks writes children as separate blocks; runs of inlines between them become paragraphs.
func blocks(children []*node) []string {
	var out []string
	var run []*node
	flush := func() {
		if s := paragraph(run); s != "" {
			out = append(out, s)
		}
		run = nil
	}
	var previous *node
	for _, c := range children {
		if c.kind.inline() {
			run = append(run, c)
			continue
		}
		flush()
		// Two lists of one sort in a row are read as one list, so they are written as one.
		if previous != nil && previous.kind == kindList && c.kind == kindList && previous.ordered == c.ordered && len(out) > 0 {
			out[len(out)-1] += "\n" + block(c)
			continue
		}
		if s := block(c); s != "" {
			out = append(out, s)
		}
		previous = c
	}
	flush()
	return out
}

func block(n *node) string {
	switch n.kind {
	case kindParagraph:
		return paragraph(n.children)
	case kindHeading:
		s := strings.Join(strings.Fields(paragraph(flatten(n.children))), " ")
		if s == "" {
			return ""
		}
		return strings.Repeat("#", min(max(n.level, 1), 6)) + " " + s
	case kindCode:
		return fence(n)
	case kindQuote:
		return prefix(strings.Join(blocks(n.children), "\n\n"), "> ", "> ")
	case kindPanel:
		body := blocks(n.children)
		if n.text != "" {
			body = append([]string{"**" + escape(n.text) + "**"}, body...)
		}
		return prefix(strings.Join(body, "\n\n"), "> ", "> ")
	case kindList:
		return list(n)
	case kindRule:
		return "---"
	case kindTable:
		return table(n)
	default:
		return strings.Join(blocks(n.children), "\n\n")
	}
}

var languagePattern = regexp.MustCompile(`^[A-Za-z0-9_+#.\-]{1,40}$`)

func fence(n *node) string {
	ticks := "```"
	for strings.Contains(n.text, ticks) {
		ticks += "`"
	}
	lang := ""
	if languagePattern.MatchString(n.lang) {
		lang = n.lang
	}
	return ticks + lang + "\n" + strings.TrimRight(n.text, "\n") + "\n" + ticks
}

func prefix(s, first, rest string) string {
	if s == "" {
		return ""
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lead := rest
		if i == 0 {
			lead = first
		}
		lines[i] = strings.TrimRight(lead+line, " ")
	}
	return strings.Join(lines, "\n")
}

func list(n *node) string {
	var out []string
	number := max(n.start, 1)
	for _, item := range n.children {
		marker := "- "
		if n.ordered {
			marker = strconv.Itoa(number) + ". "
			number++
		}
		body := itemBody(item)
		if item.task {
			box := "[ ] "
			if item.done {
				box = "[x] "
			}
			body = box + body
		}
		if body == "" {
			out = append(out, strings.TrimRight(marker, " "))
			continue
		}
		out = append(out, prefix(body, marker, strings.Repeat(" ", len(marker))))
	}
	return strings.Join(out, "\n")
}

// itemBody keeps a list tight: a text followed by nested lists needs no blank line.
func itemBody(item *node) string {
	var out strings.Builder
	for i, part := range splitItem(item) {
		if i > 0 {
			if part.kind == kindList {
				out.WriteString("\n")
			} else {
				out.WriteString("\n\n")
			}
		}
		out.WriteString(part.written)
	}
	return out.String()
}

// itemPart is a block of an item, and how it is written.
type itemPart struct {
	*node
	written string
}

// splitItem writes the blocks of an item, each run of inlines between them as a paragraph. Each block is written once: lists nest, so
// that writing one twice would double the work at every level.
func splitItem(item *node) []itemPart {
	var out []itemPart
	var run *node
	flush := func() {
		if run != nil {
			out = append(out, itemPart{run, block(run)})
			run = nil
		}
	}
	for _, c := range item.children {
		if c.kind.inline() {
			if run == nil {
				run = &node{kind: kindParagraph}
			}
			run.add(c)
			continue
		}
		if text := block(c); text != "" {
			flush()
			out = append(out, itemPart{c, text})
		}
	}
	flush()
	return out
}

func table(n *node) string {
	columns := 0
	for _, row := range n.children {
		columns = max(columns, len(row.children))
	}
	if columns == 0 {
		return ""
	}
	var out []string
	rows := n.children
	line := func(row *node) string {
		cells := make([]string, columns)
		for i := range cells {
			if row != nil && i < len(row.children) {
				cells[i] = cell(row.children[i])
			}
		}
		return "| " + strings.Join(cells, " | ") + " |"
	}
	// GFM has exactly one header row; a table without one gets an empty one.
	if isHeader(rows[0]) {
		out = append(out, line(rows[0]))
		rows = rows[1:]
	} else {
		out = append(out, line(nil))
	}
	out = append(out, "|"+strings.Repeat(" --- |", columns))
	for _, row := range rows {
		out = append(out, line(row))
	}
	return strings.Join(out, "\n")
}

func isHeader(row *node) bool {
	for _, c := range row.children {
		if !c.header {
			return false
		}
	}
	return len(row.children) > 0
}

// cell writes what a table cell holds on one line; blocks inside are separated by a slash, since GFM has no line break there.
func cell(n *node) string {
	var parts []string
	for _, group := range splitItem(n) {
		var s string
		if group.kind == kindParagraph || group.kind == kindHeading {
			s = paragraph(group.children)
		} else {
			s = escape(strings.Join(strings.Fields(blockText(group.node)), " "))
		}
		if s = strings.Join(strings.Fields(strings.ReplaceAll(s, "\\\n", " / ")), " "); s != "" {
			parts = append(parts, s)
		}
	}
	return barePipe.ReplaceAllString(strings.Join(parts, " / "), `$1\|`)
}

// barePipe finds the bars that escape has not seen: those in code spans and addresses.
var barePipe = regexp.MustCompile(`(^|[^\\])\|`)

// flatten keeps only what may stand on one line.
func flatten(children []*node) []*node {
	var out []*node
	for _, c := range children {
		if c.kind == kindBreak {
			c = text(" ")
		}
		out = append(out, c)
	}
	return out
}

// paragraph writes inlines as one block whose lines cannot be mistaken for the start of another kind of block.
func paragraph(children []*node) string {
	s := strings.Trim(inlines(children), "\n ")
	for strings.HasPrefix(s, "\\\n") {
		s = strings.TrimLeft(s[2:], "\n ")
	}
	for strings.HasSuffix(s, "\\\n") || strings.HasSuffix(s, "\n\\") {
		s = strings.TrimRight(s[:len(s)-2], "\n ")
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = escapeLineStart(strings.TrimLeft(line, " \t"))
	}
	return strings.Join(lines, "\n")
}

var orderedStart = regexp.MustCompile(`^(\d{1,9})([.)])(\s|$)`)

func escapeLineStart(line string) string {
	if line == "" {
		return line
	}
	switch line[0] {
	case '#', '+', '-', '=', ':':
		return `\` + line
	}
	return orderedStart.ReplaceAllString(line, `$1\$2$3`)
}

func inlines(children []*node) string {
	var out strings.Builder
	for _, c := range children {
		s := inline(c)
		if s == "" {
			continue
		}
		out.WriteString(s)
	}
	return out.String()
}

func inline(n *node) string {
	switch n.kind {
	case kindText:
		return escape(n.text)
	case kindStrong:
		return wrapped("**", n)
	case kindEm:
		return wrapped("*", n)
	case kindStrike:
		return wrapped("~~", n)
	case kindCodeSpan:
		return codeSpan(n.text)
	case kindBreak:
		return "\\\n"
	case kindLink:
		return link(n)
	default:
		return inlines(n.children)
	}
}

// wrapped moves blanks out of the marks, since `** x**` is not emphasis, and gives the plain text where marks cannot stand.
func wrapped(mark string, n *node) string {
	body := inlines(n.children)
	core := strings.TrimSpace(body)
	if core == "" || strings.HasPrefix(core, "\\\n") || strings.HasSuffix(core, "\\") {
		return body
	}
	// Four tildes are no mark at all.
	if mark == "~~" && (strings.HasPrefix(core, "~") || strings.HasSuffix(core, "~")) {
		return body
	}
	lead := body[:strings.Index(body, core)]
	tail := body[len(lead)+len(core):]
	return lead + mark + core + mark + tail
}

func codeSpan(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		return ""
	}
	ticks := "`"
	for strings.Contains(s, ticks) {
		ticks += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return ticks + s + ticks
}

func link(n *node) string {
	label := strings.Join(strings.Fields(inlines(flatten(n.children))), " ")
	plain := strings.TrimSpace(inlineText(n.children))
	if plain == n.href && !strings.HasPrefix(n.href, "mailto:") {
		return "<" + n.href + ">"
	}
	if label == "" {
		label = escape(n.href)
	}
	lead, tail := "", ""
	if words := inlineText(n.children); plain != "" {
		lead, tail = words[:strings.Index(words, plain)], words[strings.Index(words, plain)+len(plain):]
	}
	return blank(lead) + "[" + label + "](<" + n.href + ">)" + blank(tail)
}

// blank keeps one space of the white space around the words of a link.
func blank(s string) string {
	if s == "" {
		return ""
	}
	return " "
}

// escape makes s mean itself in Markdown. Blanks at the ends are kept, they part words.
func escape(s string) string {
	var out strings.Builder
	for i, r := range s {
		switch r {
		case '\\', '`', '*', '[', ']', '<', '>', '~', '|':
			out.WriteByte('\\')
		case '_':
			if !insideWord(s, i) {
				out.WriteByte('\\')
			}
		case '&':
			if entityFollows(s[i:]) {
				out.WriteByte('\\')
			}
		case '!':
			if i+1 == len(s) || s[i+1] == '[' {
				out.WriteByte('\\')
			}
		}
		out.WriteRune(r)
	}
	return out.String()
}

// insideWord says whether the underscore at i has a word on both sides, where it can never be a mark.
func insideWord(s string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+1:])
	word := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	return i > 0 && i+1 < len(s) && word(before) && word(after)
}

var entityPattern = regexp.MustCompile(`^&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

func entityFollows(s string) bool { return entityPattern.MatchString(s[:min(len(s), 40)]) }

// Escape writes plain text as one line of Markdown that shows it unchanged, wherever in a line it comes to stand.
func Escape(plain string) string {
	return escapeLineStart(escape(strings.Map(xmlRune, strings.Join(strings.Fields(Clean(plain)), " "))))
}
