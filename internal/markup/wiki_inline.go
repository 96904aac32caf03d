package markup

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inlineDepth bounds how deep marks may nest; beyond it they are text.
const inlineDepth = 16

var wikiMarks = map[byte]kind{'*': kindStrong, '_': kindEm, '-': kindStrike, '+': kindPlain, '^': kindPlain, '~': kindPlain}

var (
	bareURL    = regexp.MustCompile(`^(?:https?://|mailto:)[^\s<>"{}|\\^\[\]]+`)
	inlineTag  = regexp.MustCompile(`^\{(color(?::[^{}\n]{0,40})?|anchor:[^{}\n]{0,200}|~[^{}\n]{0,40}|adf[^{}\n]{0,200}|toc[^{}\n]{0,200}|include[^{}\n]{0,200})\}`)
	pictureRef = regexp.MustCompile(`^!([^\s!|][^!|\n]{0,500})(?:\|[^!\n]{0,300})?!`)
)

// span reads one stretch of inline text. dead remembers closers that do not occur any more, so a hostile text costs one failed
// search per kind of mark and not one per character.
type span struct {
	p       *wiki
	s       string
	depth   int
	closers map[byte][]int
	dead    map[string]bool
	out     []*node
	plain   strings.Builder
}

func (p *wiki) inlines(s string, depth int) []*node {
	sp := &span{p: p, s: s, depth: depth, dead: map[string]bool{}}
	for i := 0; i < len(s); {
		if n := sp.step(i); n > 0 {
			i += n
			continue
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		sp.plain.WriteString(s[i : i+size])
		i += size
	}
	sp.flush()
	return sp.out
}

func (sp *span) flush() {
	if sp.plain.Len() > 0 {
		sp.out = append(sp.out, text(sp.plain.String()))
		sp.plain.Reset()
	}
}

func (sp *span) emit(n *node) {
	sp.flush()
	sp.out = append(sp.out, n)
	sp.p.nodes++
	if sp.p.nodes > maxNodes {
		sp.p.lossy = true
	}
}

// step reads what starts at i and says how many bytes it took; 0 means the character is itself.
func (sp *span) step(i int) int {
	s := sp.s
	if sp.p.nodes > maxNodes {
		return 0
	}
	switch c := s[i]; c {
	case '\\':
		return sp.backslash(i)
	case '\n':
		sp.emit(&node{kind: kindBreak})
		return 1
	case '{':
		return sp.brace(i)
	case '[':
		return sp.bracket(i)
	case '!':
		return sp.picture(i)
	case '?':
		return sp.citation(i)
	case '(':
		return sp.emoticon(i)
	case '&':
		return sp.entity(i)
	case 'h', 'm':
		return sp.address(i)
	case '*', '_', '-', '+', '^', '~':
		return sp.mark(i)
	}
	return 0
}

// backslash is a line break when doubled and an escape before punctuation; before a letter it is itself, as in a Windows path.
func (sp *span) backslash(i int) int {
	s := sp.s
	if strings.HasPrefix(s[i:], `\\`) {
		// A share like \\server\path keeps its backslashes.
		if i+2 < len(s) && isWord(rune(s[i+2])) && (i == 0 || s[i-1] == ' ' || s[i-1] == '\n') {
			sp.plain.WriteString(`\\`)
			return 2
		}
		sp.emit(&node{kind: kindBreak})
		return 2
	}
	if i+1 < len(s) && s[i+1] < utf8.RuneSelf && unicode.In(rune(s[i+1]), unicode.Punct, unicode.Symbol) {
		sp.plain.WriteByte(s[i+1])
		return 2
	}
	return 0
}

func (sp *span) brace(i int) int {
	s := sp.s
	if strings.HasPrefix(s[i:], "{{") {
		if j := sp.find("}}", i+2); j > i+2 {
			sp.emit(&node{kind: kindCodeSpan, text: s[i+2 : j]})
			return j + 2 - i
		}
		return 0
	}
	if m := inlineTag.FindString(s[i:min(len(s), i+300)]); m != "" {
		if !strings.HasPrefix(m, "{color") && !strings.HasPrefix(m, "{anchor") {
			sp.p.lossy = true
		}
		return len(m)
	}
	return 0
}

// find looks for a closer on the same line.
func (sp *span) find(closer string, from int) int {
	if sp.dead[closer] || from > len(sp.s) {
		return -1
	}
	j := strings.Index(sp.s[from:], closer)
	if j < 0 {
		sp.dead[closer] = true
		return -1
	}
	if strings.Contains(sp.s[from:from+min(j, 4000)], "\n") || j > 4000 {
		return -1
	}
	return from + j
}

// bracket reads `[text|address]`, `[address]`, `[~user]`, `[^file]` and `[#anchor]`.
func (sp *span) bracket(i int) int {
	j := sp.find("]", i+1)
	if j <= i+1 {
		return 0
	}
	body := sp.s[i+1 : j]
	width := j + 1 - i
	switch body[0] {
	case '~':
		id := strings.TrimPrefix(strings.TrimSpace(body[1:]), "accountid:")
		if id == "" || strings.ContainsAny(id, " \t") {
			return 0
		}
		sp.p.mention(id, "@"+id)
		sp.plain.WriteString("@" + id)
		return width
	case '^':
		sp.plain.WriteString("(attachment: " + body[1:] + ")")
		return width
	case '#':
		sp.plain.WriteString(body[1:])
		return width
	}
	label, target := "", body
	if k := strings.IndexByte(body, '|'); k >= 0 {
		label, target = body[:k], body[k+1:]
		// A third part is a tip or the card style of the editor.
		if before, _, ok := strings.Cut(target, "|"); ok && targetForm.MatchString(before) {
			target = before
		}
	}
	return sp.linkTo(label, strings.TrimSpace(target), width)
}

// targetForm is what the target of a link looks like; anything else between brackets is text, as in a log line.
var targetForm = regexp.MustCompile(`^\s*(?:[A-Za-z][A-Za-z0-9+.\-]{0,30}:|#|/)`)

func (sp *span) linkTo(label, target string, width int) int {
	href, ok := SafeURL(target)
	if !ok {
		if label == "" || !targetForm.MatchString(target) {
			return 0
		}
		// A target we do not follow: its words stay.
		sp.flush()
		sp.out = append(sp.out, sp.nested(label)...)
		if !strings.HasPrefix(target, "#") {
			sp.p.lossy = true
		}
		return width
	}
	n := &node{kind: kindLink, href: href}
	if label == "" || strings.TrimSpace(label) == target {
		n.add(text(href))
	} else {
		n.children = sp.nested(label)
	}
	sp.p.link(href, strings.TrimSpace(inlineText(n.children)))
	sp.emit(n)
	return width
}

func (sp *span) nested(s string) []*node {
	if sp.depth >= inlineDepth {
		return []*node{text(s)}
	}
	kids := sp.p.inlines(s, sp.depth+1)
	return withoutLinks(kids)
}

// withoutLinks keeps the words of links inside a link.
func withoutLinks(in []*node) []*node {
	var out []*node
	for _, n := range in {
		if n.kind == kindLink {
			out = append(out, n.children...)
			continue
		}
		out = append(out, n)
	}
	return out
}

// picture reads `!name.png|thumbnail!`. Pictures need a login or are loaded from elsewhere: only their name stays.
func (sp *span) picture(i int) int {
	s := sp.s
	if i > 0 && isWord(rune(s[i-1])) {
		return 0
	}
	m := pictureRef.FindStringSubmatch(s[i:min(len(s), i+900)])
	if m == nil || !strings.Contains(m[1], ".") {
		return 0
	}
	if href, ok := SafeURL(m[1]); ok {
		sp.p.link(href, "")
		sp.emit(&node{kind: kindLink, href: href, children: []*node{text("picture")}})
	} else {
		sp.plain.WriteString("(attachment: " + strings.TrimPrefix(m[1], "^") + ")")
	}
	return len(m[0])
}

func (sp *span) citation(i int) int {
	if !strings.HasPrefix(sp.s[i:], "??") || sp.depth >= inlineDepth {
		return 0
	}
	j := sp.find("??", i+2)
	if j <= i+2 || sp.s[i+2] == ' ' || sp.s[j-1] == ' ' {
		return 0
	}
	sp.emit(&node{kind: kindEm, children: sp.p.inlines(sp.s[i+2:j], sp.depth+1)})
	return j + 2 - i
}

var numericEntity = regexp.MustCompile(`^&#([0-9]{1,7});`)

// entity reads `&#92;`, the way to write a backslash or another character that has no escape.
func (sp *span) entity(i int) int {
	m := numericEntity.FindStringSubmatch(sp.s[i:min(len(sp.s), i+12)])
	if m == nil {
		return 0
	}
	code, _ := strconv.Atoi(m[1])
	sp.plain.WriteString(Clean(string(rune(code))))
	return len(m[0])
}

var emoticons = map[string]string{"(/)": "✅", "(x)": "❌", "(!)": "⚠️", "(i)": "ℹ️", "(?)": "❓", "(+)": "➕", "(-)": "➖", "(y)": "👍", "(n)": "👎", "(on)": "💡", "(off)": "💡", "(*)": "⭐", "(flag)": "🚩"}

func (sp *span) emoticon(i int) int {
	for _, width := range []int{3, 4, 5, 6} {
		if i+width <= len(sp.s) {
			if sign, ok := emoticons[sp.s[i:i+width]]; ok && (i == 0 || !isWord(rune(sp.s[i-1]))) {
				sp.plain.WriteString(sign)
				return width
			}
		}
	}
	return 0
}

func (sp *span) address(i int) int {
	s := sp.s
	if i > 0 && isWord(rune(s[i-1])) {
		return 0
	}
	if !strings.HasPrefix(s[i:], "http") && !strings.HasPrefix(s[i:], "mailto:") {
		return 0
	}
	m := strings.TrimRight(bareURL.FindString(s[i:min(len(s), i+4096)]), `.,;:!?'*_~`)
	if strings.HasSuffix(m, ")") && !strings.Contains(m, "(") {
		m = strings.TrimRight(m, ")")
	}
	href, ok := SafeURL(m)
	if !ok {
		return 0
	}
	sp.p.link(href, "")
	sp.emit(&node{kind: kindLink, href: href, children: []*node{text(href)}})
	return len(m)
}

// mark reads `*strong*` and its kin: the opener follows no word and is followed by no blank, the closer the other way round.
func (sp *span) mark(i int) int {
	s := sp.s
	c := s[i]
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	if sp.depth >= inlineDepth || (i > 0 && (isWord(before) || before == rune(c))) || i+1 >= len(s) || s[i+1] == c {
		return 0
	}
	if next, _ := utf8.DecodeRuneInString(s[i+1:]); unicode.IsSpace(next) {
		return 0
	}
	j := sp.closer(c, i+2)
	if j < 0 || strings.Contains(s[i:j], "\n") {
		return 0
	}
	sp.emit(&node{kind: wikiMarks[c], children: sp.p.inlines(s[i+1:j], sp.depth+1)})
	return j + 1 - i
}

// closer gives the first closing c at or after from. Positions are found once per span, so the whole costs one pass.
func (sp *span) closer(c byte, from int) int {
	if sp.closers == nil {
		sp.closers = map[byte][]int{}
		for i := 1; i < len(sp.s); i++ {
			if _, ok := wikiMarks[sp.s[i]]; ok && sp.closes(i) {
				sp.closers[sp.s[i]] = append(sp.closers[sp.s[i]], i)
			}
		}
	}
	at := sp.closers[c]
	for len(at) > 0 && at[0] < from {
		at = at[1:]
	}
	sp.closers[c] = at // spans are read left to right, earlier closers are spent
	if len(at) == 0 {
		return -1
	}
	return at[0]
}

func (sp *span) closes(i int) bool {
	before, _ := utf8.DecodeLastRuneInString(sp.s[:i])
	if unicode.IsSpace(before) || before == '\\' {
		return false
	}
	if i+1 == len(sp.s) {
		return true
	}
	after, _ := utf8.DecodeRuneInString(sp.s[i+1:])
	return !isWord(after) && after != rune(sp.s[i])
}

func isWord(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
