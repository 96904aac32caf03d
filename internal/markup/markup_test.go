package markup

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestJira55_WikiMarkupBecomesMarkdown(t *testing.T) {
	t.Parallel()
	d := FromWiki(string(read(t, "testdata/jira55.wiki")))
	golden(t, "jira55.md", d.Markdown)
	golden(t, "jira55.txt", d.Text)
	golden(t, "jira55.html", NewRenderer().HTML(d.Markdown))
	if diff := cmp.Diff([]Mention{{ID: "5b10ac8d82e05b22cc7d4ef5", Text: "@5b10ac8d82e05b22cc7d4ef5"}}, d.Mentions); diff != "" {
		t.Errorf("mentions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Link{{URL: "https://grafana.example.com/d/1", Title: "the dashboard"}}, d.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Task{{Text: "add the index"}, {Text: "tell QA", Done: true}}, d.Tasks); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}
	if !d.Lossy {
		t.Error("got lossy=false for a link that was dropped")
	}
}

func TestJira56_ADFBecomesMarkdown(t *testing.T) {
	t.Parallel()
	raw := read(t, "testdata/jira56.json")
	d := FromADF(raw)
	golden(t, "jira56.md", d.Markdown)
	golden(t, "jira56.txt", d.Text)
	golden(t, "jira56.html", NewRenderer().HTML(d.Markdown))
	if d.Lossy {
		t.Error("got lossy=true though every node is known")
	}
	wantLinks := []Link{{URL: "https://wiki.example.com/runbooks/sessions"}, {URL: "https://e.example/x", Title: " bad"}, {URL: "https://jira.example.com/browse/UPG-1"}}
	if diff := cmp.Diff(wantLinks, d.Links); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Task{{ID: "t1", Text: "compare schemas", Done: true}, {ID: "t2", Text: "add index"}, {ID: "t3", Text: "on DEV first"}}, d.Tasks); diff != "" {
		t.Errorf("tasks (-want +got):\n%s", diff)
	}

	unknown := bytes.Replace(raw, []byte(`{"type":"rule"}`), []byte(`{"type":"hologram","content":[{"type":"text","text":"kept words"}]}`), 1)
	d = FromADF(unknown)
	if !d.Lossy || !strings.Contains(d.Markdown, "kept words") {
		t.Errorf("an unknown node: got lossy=%v, markdown ending %q; want lossy and its words", d.Lossy, d.Markdown[len(d.Markdown)-40:])
	}
}

func TestWiki(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ in, want string }{
		"an escaped mark is a character":              {`This is very important\! \*not bold\*`, `This is very important! \*not bold\*`},
		"a Windows path keeps its backslashes":        {`in C:\Jenkins\workspace`, `in C:\\Jenkins\\workspace`},
		"a doubled backslash breaks the line":         {`a \\ b`, "a \\\nb"},
		"a word with underscores is no emphasis":      {`snake_case_name and _this is_`, `snake_case_name and *this is*`},
		"a hyphen inside a word strikes nothing":      {`well-known and -gone-`, `well-known and ~~gone~~`},
		"a mark without its closer is a character":    {`5 * 3 and *open`, `5 \* 3 and \*open`},
		"an unclosed macro is shown as typed":         {"{code}\nx", "{code}\n\nx"},
		"noformat keeps every character":              {"{noformat}\n<a> *b*\n{noformat}", "```\n<a> *b*\n```"},
		"code may sit inside a line":                  {"see {code}x{code} here", "see\n\n```\nx\n```\n\nhere"},
		"ticks in code get a longer fence":            {"{code}\n```\n{code}", "````\n```\n````"},
		"markup inside code is left alone":            {"{code:sql}\n|a|b|\n* x\n{code}", "```sql\n|a|b|\n* x\n```"},
		"lists nest by their path":                    {"# a\n#* b\n#* c\n# d", "1. a\n   - b\n   - c\n2. d"},
		"a list that skips a level keeps its text":    {"** deep", "- - deep"},
		"a text that looks like a heading is text":    {"#hash is no heading", `\#hash is no heading`},
		"a text that looks like a list is text":       {"2. second", `2\. second`},
		"a table without a header gets an empty one":  {"|a|b|", "|  |  |\n| --- | --- |\n| a | b |"},
		"a bar in a link does not part cells":         {"|[a|https://b.example]|c|", "|  |  |\n| --- | --- |\n| [a](<https://b.example>) | c |"},
		"a color tag leaves its text":                 {"{color:red}hot{color}", "hot"},
		"brackets that are no link stay":              {"[ERROR] at [0]", `\[ERROR\] at \[0\]`},
		"brackets with a bar that are no link stay":   {"[thread|main] x", `\[thread\|main\] x`},
		"a user on Data Center is a mention":          {"[~bob] said", "@bob said"},
		"a bare address does not take the full stop":  {"see https://a.example/x.", "see <https://a.example/x>."},
		"raw HTML is text":                            {"<script>alert(1)</script>", `\<script\>alert(1)\</script\>`},
		"an entity is text":                           {"&lt; & AT&T", `\&lt; & AT&T`},
		"a quote macro nests blocks":                  {"{quote}\n* a\n{quote}\nafter", "> - a\n\nafter"},
		"a NUL and a reversing mark vanish":           {"a\x00b\u202Ec", "abc"},
		"a rule is a rule":                            {"a\n----\nb", "a\n\n---\n\nb"},
		"heading text may hold marks":                 {"h3. The *big* one", "### The **big** one"},
		"strong around emphasis keeps both":           {"*_both_*", "***both***"},
		"a picture is named and not loaded":           {"!https://t.example/p.png!", "[picture](<https://t.example/p.png>)"},
		"a data address is no link":                   {"[x|data:text/html,a]", "x"},
		"a relative address is no link":               {"[x|/secure/a]", "x"},
		"an inline code with a bar is safe in a cell": {"|{{a|b}}|", "|  |\n| --- |\n| `a\\|b` |"},
		"empty stays empty":                           {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := FromWiki(tc.in).Markdown; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestFromADFNeverFails(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"type":"blockquote","content":[`, 500) + `{"type":"text","text":"x"}` + strings.Repeat(`]}`, 500)
	wide := `{"type":"doc","content":[` + strings.Repeat(`{"type":"text","text":"a"},`, 60_000) + `{"type":"rule"}]}`
	for name, tc := range map[string]struct {
		in    string
		want  string
		lossy bool
	}{
		"no JSON is its own text":             {`not json`, "not json", true},
		"an array is its own text":            {`[1]`, "\\[1\\]", true},
		"an empty object is empty":            {`{}`, "", true},
		"content of a wrong type is dropped":  {`{"type":"doc","content":"x"}`, "", false},
		"a text of a wrong type is its digit": {`{"type":"doc","content":[{"type":"text","text":5}]}`, "5", false},
		"a script link keeps its words":       {`{"type":"doc","content":[{"type":"text","text":"go","marks":[{"type":"link","attrs":{"href":"JavaScript:alert(1)"}}]}]}`, "go", true},
		"nesting is cut at the cap":           {deep, "", true},
		"a mention without a text is its id":  {`{"type":"doc","content":[{"type":"mention","attrs":{"id":"5b"}}]}`, "@5b", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := FromADF([]byte(tc.in))
			if d.Markdown != tc.want || d.Lossy != tc.lossy {
				t.Errorf("got %.60q lossy=%v, want %q lossy=%v", d.Markdown, d.Lossy, tc.want, tc.lossy)
			}
		})
	}
	if d := FromADF([]byte(wide)); !d.Lossy || len(d.Text) != maxNodes {
		t.Errorf("a document of 60,000 nodes: got %d characters, lossy=%v; want %d and lossy", len(d.Text), d.Lossy, maxNodes)
	}
}

func TestFromJSONTellsTheFormsApart(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"*b*"`: "**b**", `null`: "", ``: "", `7`: "7",
		`{"type":"doc","content":[{"type":"text","text":"*b*"}]}`: `\*b\*`,
	} {
		if got := FromJSON([]byte(in)).Markdown; got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestRenderedHTMLIsInert(t *testing.T) {
	t.Parallel()
	r := NewRenderer()
	for name, in := range map[string]string{
		"script":              "<script>alert(1)</script>",
		"event handler":       `<img src=x onerror=alert(1)>`,
		"script link":         "[x](javascript:alert(1))",
		"script link, spaced": "[x](<java\tscript:alert(1)>)",
		"entity script link":  "[x](&#106;avascript:alert(1))",
		"data link":           "[x](data:text/html;base64,PHNjcmlwdD4=)",
		"vbscript autolink":   "<vbscript:msgbox>",
		"style":               "<style>*{display:none}</style>",
		"frame":               "<iframe src=//evil.example></iframe>",
		"comment closing":     "--><svg/onload=alert(1)>",
		"cdata":               "]]></script><b onmouseover=alert(1)>",
	} {
		got := strings.ToLower(r.HTML(in))
		for _, bad := range []string{"<script", "<img", "<style", "<iframe", "<svg", `href="javascript`, `href="data`, `href="vbscript`, "<b "} {
			if strings.Contains(got, bad) {
				t.Errorf("%s: got %q in %q", name, bad, got)
			}
		}
	}
	if got, want := r.HTML("![graph](https://t.example/p.png)"), `<p><a href="https://t.example/p.png" rel="nofollow noreferrer">graph</a></p>`; got != want {
		t.Errorf("picture: got %q, want %q", got, want)
	}
	if got := r.HTML("- [x] done"); !strings.Contains(got, `type="checkbox"`) {
		t.Errorf("task: got %q, want a box", got)
	}
}

func TestClip(t *testing.T) {
	t.Parallel()
	long := "first block\n\nsecond block that is longer\n\nthird block"
	d := Doc{Markdown: long, Text: "ä ä ä ä ä ä"}.Clip(50)
	if d.Markdown != "first block\n\nsecond block that is longer\n\n…" || d.Text != "ä ä ä ä ä ä" || !d.Lossy {
		t.Errorf("got %q, %q, lossy %v", d.Markdown, d.Text, d.Lossy)
	}
	for limit := range 12 {
		if got := []rune(Doc{Text: "ä ä ä ä ä ä"}.Clip(limit).Text); len(got) > limit {
			t.Errorf("limit %d: got %d characters", limit, len(got))
		}
	}
	if whole := (Doc{Text: "short"}).Clip(5); whole.Lossy || whole.Text != "short" {
		t.Errorf("got %+v, want it whole", whole)
	}
}

func TestSafeURL(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://a.example/x": "https://a.example/x", " http://a.example ": "http://a.example", "mailto:role@example.com": "mailto:role@example.com",
		"javascript:alert(1)": "", "javascript://a.example/%0aalert(1)": "", "JAVASCRIPT:alert(1)": "", "java\nscript:alert(1)": "", "data:text/html,x": "", "file:///etc/passwd": "",
		"//a.example/x": "", "/x": "", "": "", "https:": "", "mailto:": "", "https://a.example/<b>\"": "https://a.example/%3Cb%3E%22", "ftp://a.example": "",
	} {
		got, ok := SafeURL(in)
		if got != want || ok != (want != "") {
			t.Errorf("%q: got %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestRedactEmails(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"ask role@corp.example.com now":                "ask " + EmailMark + " now",
		"[mail](<mailto:role@corp.example.com>)":       "[mail](<" + EmailMark + ">)",
		"clone git@github.com:org/repo":                "clone git@github.com:org/repo",
		"https://user@host.example.com/x":              "https://user@host.example.com/x",
		"@5b10ac8d and a@b":                            "@5b10ac8d and a@b",
		"<A.B+c@sub.example.org>, d@example.com":       "<" + EmailMark + ">, " + EmailMark,
		"support@example.com: please":                  EmailMark + ": please",
		"two in a row x@example.com,y@example.co.uk":   "two in a row " + EmailMark + "," + EmailMark,
		"an address that ends the line z@example.com.": "an address that ends the line " + EmailMark + ".",
	} {
		if got := RedactEmails(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// words are what must survive every conversion: letters and digits outside markup.
func TestNoWordIsLost(t *testing.T) {
	t.Parallel()
	r := NewRenderer()
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{"alpha", "beta", "*", "_", "-", "\n", " ", "||", "|", "# ", "* ", "h1. ", "{quote}", "{code}", "{{", "}}", "[", "]", "!", "\\", "<", "&", "`", "1. ", "{panel}", "(", ")", "~", "^", "+", "??", "{noformat}", "{color:red}"}), 0, 40).Draw(t, "parts")
		in := strings.Join(parts, "")
		d := FromWiki(in)
		html := r.HTML(d.Markdown)
		for _, word := range []string{"alpha", "beta"} {
			want := strings.Count(in, word)
			if got := strings.Count(d.Text, word); got < want {
				t.Fatalf("text of %q has %q %d times, want %d: %q", in, word, got, want, d.Text)
			}
			if got := strings.Count(html, word); got < want {
				t.Fatalf("HTML of %q has %q %d times, want %d: %q from %q", in, word, got, want, html, d.Markdown)
			}
		}
	})
}

// A hostile text of the size of the longest Jira comment must not hold up a worker.
func TestHostileTextIsReadInLinearTime(t *testing.T) {
	t.Parallel()
	const size = 140_000
	for name, unit := range map[string]string{
		"openers": "*a ", "nested marks": "_*-+^~", "brackets": "[a|", "braces": "{{", "macros": "{info}\n", "code": "{code:x}\n", "closed quotes": "{quote}",
		"bars": "|", "rows": "|a\n", "items": "*# a\n", "backslashes": `\`, "cites": "??a", "pictures": "!a.b", "addresses": "http", "questions": "(", "panels in a line": "x{panel}y",
	} {
		started := time.Now()
		FromWiki(strings.Repeat(unit, size/len(unit)))
		if took := time.Since(started); took > 8*time.Second {
			t.Errorf("%s: took %v", name, took)
		} else {
			t.Logf("%s: %v", name, took)
		}
	}
}

// captured gives every description and comment body of the captures beside the repository, for seeds.
func captured(tb testing.TB) []string {
	tb.Helper()
	dir := "../../../shared/fixtures/jira"
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for _, file := range files {
		var body struct {
			Comment json.RawMessage
			Issue   struct{ Fields struct{ Description string } }
		}
		if json.Unmarshal(read(tb, file), &body) != nil {
			continue
		}
		var comment struct{ Body string }
		_ = json.Unmarshal(body.Comment, &comment)
		out = append(out, body.Issue.Fields.Description, comment.Body)
	}
	return out
}

func FuzzFromWiki(f *testing.F) {
	f.Add(string(read(f, "testdata/jira55.wiki")))
	for _, s := range captured(f) {
		f.Add(s)
	}
	for _, s := range []string{"{quote}{quote}", "||a\nb||", "*# x\n{quote}", "[a|b|c]", "{code}{code}{code}", "\\\\", "|", "!a.b|c!", "h1."} {
		f.Add(s)
	}
	r := NewRenderer()
	f.Fuzz(func(t *testing.T, in string) { checkDoc(t, r, FromWiki(in)) })
}

func FuzzFromADF(f *testing.F) {
	f.Add(read(f, "testdata/jira56.json"))
	f.Add([]byte(`{"type":"doc","content":[{"type":"table","content":[{"type":"text","text":"x"}]}]}`))
	f.Add([]byte(`{"type":"taskItem","content":[{"type":"bulletList","content":[null,1,{"type":"listItem"}]}]}`))
	r := NewRenderer()
	f.Fuzz(func(t *testing.T, in []byte) { checkDoc(t, r, FromADF(in)) })
}

func FuzzHTML(f *testing.F) {
	f.Add("[x](javascript:alert(1))\n\n<script>")
	f.Add("[![a](b)](c)")
	r := NewRenderer()
	f.Fuzz(func(t *testing.T, in string) { inert(t, r.HTML(in)) })
}

func checkDoc(t *testing.T, r *Renderer, d Doc) {
	if strings.ContainsRune(d.Markdown+d.Text, 0) {
		t.Error("a NUL survived")
	}
	for _, l := range d.Links {
		if _, ok := SafeURL(l.URL); !ok {
			t.Errorf("unsafe link %q", l.URL)
		}
	}
	inert(t, r.HTML(d.Markdown))
}

func inert(t *testing.T, html string) {
	low := strings.ToLower(html)
	for _, bad := range []string{"<script", "<img", "<iframe", "<style", "<svg", `="javascript:`, `="data:`, `="vbscript:`} {
		if strings.Contains(low, bad) {
			t.Errorf("%q in %q", bad, html)
		}
	}
}

// TestNestedListsAreWrittenOnce would not end if every level wrote the levels below it twice.
func TestNestedListsAreWrittenOnce(t *testing.T) {
	t.Parallel()
	const depth = 60
	adf := strings.Repeat(`{"type":"bulletList","content":[{"type":"listItem","content":[{"type":"paragraph","content":[{"type":"text","text":"item"}]},`, depth)
	adf = `{"type":"doc","version":1,"content":[` + strings.TrimSuffix(adf, ",") + strings.Repeat("]}]}", depth) + `]}`
	if got := FromADF([]byte(adf)); strings.Count(got.Markdown, "- item") < 20 {
		t.Errorf("got %q, want nested items", got.Markdown)
	}
	var wiki []string
	for i := range 4000 {
		wiki = append(wiki, strings.Repeat("*", i%200+1)+" item")
	}
	if got := FromWiki(strings.Join(wiki, "\n")); strings.Count(got.Markdown, "- item") != len(wiki) {
		t.Errorf("%d items, want %d", strings.Count(got.Markdown, "- item"), len(wiki))
	}
}
