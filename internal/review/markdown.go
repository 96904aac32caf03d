package review

import (
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"

	"github.com/hindcast-kb/hindcast/internal/postmortem"
)

// address is where a web address starts within a word: addresses are never escaped, or they would be other addresses.
var address = regexp.MustCompile(`(?i)(?:https?://|www\.)`)

// escape writes plain text on one line as Markdown that shows it unchanged.
func escape(plain string) string {
	words := strings.Fields(plain)
	for i, w := range words {
		tail := ""
		if at := address.FindStringIndex(w); at != nil {
			w, tail = w[:at[0]], w[at[0]:]
		}
		w = escapeWord(w)
		if i == 0 && tail == "" {
			w = escapeStart(w)
		}
		words[i] = w + tail
	}
	return strings.Join(words, " ")
}

func escapeWord(w string) string {
	if w != "" && strings.Trim(w, "#") == "" {
		return strings.ReplaceAll(w, "#", `\#`)
	}
	var b strings.Builder
	for _, r := range w {
		if strings.ContainsRune("\\`*_[]<>|~&", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

var ordered = regexp.MustCompile(`^(\d+)([.)])$`)

// escapeStart keeps the first word of a line from opening a list.
func escapeStart(w string) string {
	if m := ordered.FindStringSubmatch(w); m != nil {
		return m[1] + `\` + m[2]
	}
	if w != "" && strings.Trim(w, "-+=") == "" {
		return `\` + w
	}
	return w
}

// indent moves every line but the first under the text of a list entry.
func indent(text string) string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		if i > 0 && strings.TrimSpace(l) != "" {
			lines[i] = "  " + l
		}
	}
	return strings.Join(lines, "\n")
}

// opensBlock is the start of a text that means something else at the start of a line than behind other words.
var opensBlock = regexp.MustCompile("^(?:[-+*>#|`~<=]|\\d+[.)])")

// bullet writes a list entry whose text follows a head: on one line when that is safe, as blocks of its own otherwise.
func bullet(head, text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return "- " + head
	}
	if strings.Contains(text, "\n") || opensBlock.MatchString(text) {
		return "- " + head + "\n\n  " + indent(text)
	}
	return "- " + head + " " + text
}

// contained is a text that keeps to its section: its headings are lowered and what it leaves open is closed.
func contained(text string) string {
	text = lowered(strings.Trim(text, "\n"))
	if strings.TrimSpace(text) == "" || closes(text) {
		return text
	}
	for _, end := range []string{"```", "````", "`````", "~~~", "~~~~", "-->", "?>", "]]>", "</script>", "</style>", "</pre>", "</textarea>"} {
		if closes(text + "\n" + end) {
			return text + "\n" + end
		}
	}
	return "> " + strings.ReplaceAll(text, "\n", "\n> ")
}

// closes reports whether a paragraph after the text would still be one.
func closes(text string) bool {
	const sentinel = "hindcast"
	src := []byte(text + "\n\n" + sentinel + "\n")
	last := postmortem.Tree(src).LastChild()
	if last == nil || last.Kind() != ast.KindParagraph || last.Lines().Len() != 1 {
		return false
	}
	at := last.Lines().At(0)
	return strings.TrimSpace(string(at.Value(src))) == sentinel
}

// lowered writes the first and second level headings of a text at the third.
func lowered(text string) string {
	src := []byte(text)
	var b strings.Builder
	from := 0
	for n := postmortem.Tree(src).FirstChild(); n != nil; n = n.NextSibling() {
		h, ok := n.(*ast.Heading)
		if !ok || h.Level > 2 || h.Pos() < from || h.Lines().Len() == 0 {
			continue
		}
		lines := h.Lines()
		start, end := h.Pos(), lines.At(lines.Len()-1).Stop
		title := strings.Join(strings.Fields(string(src[lines.At(0).Start:end])), " ")
		if src[start] != '#' { // underlined: the line below goes too
			end += underline(src[end:])
		}
		b.Write(src[from:start])
		b.WriteString("### " + title)
		from = end
	}
	b.Write(src[from:])
	return b.String()
}

// underline is the length of the rest of a line and of the underline after it.
func underline(rest []byte) int {
	n := 0
	for range 2 {
		at := strings.IndexByte(string(rest[n:]), '\n')
		if at < 0 {
			return len(rest)
		}
		n += at + 1
	}
	return n - 1
}
