package markup

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestToWiki(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"marks":                        {"**a** *b* ~~c~~ `d`", "*a* _b_ -c- {{d}}"},
		"a heading":                    {"## Why", "h2. Why"},
		"nested lists":                 {"1. a\n   - b\n2. c", "# a\n#* b\n# c"},
		"a link":                       {"[LES-1](https://h.example/x)", "[LES-1|https://h.example/x]"},
		"a script link is its words":   {"[x](javascript:alert(1))", "x"},
		"code":                         {"```go\nf()\n```", "{code:go}\nf()\n{code}"},
		"code that would end itself":   {"```go\n{code}\n```", "{code:go}\n{ code}\n{code}"},
		"a quote":                      {"> a", "{quote}\na\n{quote}"},
		"a table":                      {"| a | b |\n|---|---|\n| 1 | x\\|y |", "||a||b||\n|1|x\\|y|"},
		"a task":                       {"- [x] done", "* [x] done"},
		"a text that mentions is text": {"[~bob] and {code}", `\[\~bob\] and \{code\}`},
		"a picture is a link":          {"![p](https://h.example/p.png)", "[p|https://h.example/p.png]"},
		"raw HTML is text":             {"a <b>x</b>", "a <b>x</b>"},
		"a hyphen in a word stays":     {"well-known C:\\x", "well-known C:&#92;x"},
	} {
		if got := ToWiki(tc.in); got != tc.want {
			t.Errorf("%s: got %q, want %q", name, got, tc.want)
		}
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	in := "# Title\n\nA **bold** [link](https://x.example) and `code` with 2\\*3.\n\n- one\n- two\n\n```\nkeep *this*\n```"
	want := "Title\nA bold link and code with 2*3.\none\ntwo\nkeep *this*"
	if got := PlainText(in); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Text that goes to Jira and comes back is the same text.
func TestWikiAndBackKeepsTheText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[a-z*_\-{}\[\]|~^!#+?\\() .]{1,30}`).Draw(t, "text")
		words := &node{kind: kindDoc, children: []*node{{kind: kindParagraph, children: []*node{text(in)}}}}
		markdown := writeMarkdown(words)
		back := FromWiki(ToWiki(markdown)).Text
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if squeeze(back) != squeeze(in) {
			t.Fatalf("got %q, want %q, by way of %q and %q", back, in, markdown, ToWiki(markdown))
		}
	})
}

func FuzzToWiki(f *testing.F) {
	f.Add("# a\n\n- b\n\n| c |\n|---|\n| d |")
	f.Fuzz(func(t *testing.T, in string) {
		checkDoc(t, NewRenderer(), FromWiki(ToWiki(in)))
		PlainText(in)
	})
}
