package card_test

import (
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/hindcast-kb/hindcast/internal/card"
)

var update = flag.Bool("update", false, "write the golden files anew")

func drawer(t testing.TB) *card.Drawer {
	t.Helper()
	d, err := card.NewDrawer()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func sample() card.Card {
	at := time.Date(2026, 3, 9, 18, 4, 0, 0, time.UTC)
	return card.Card{
		ID: "FND-12", Type: "finding", Title: "Sessions expire early & <nobody> knows", Status: "confirmed", Tone: card.Warn,
		URL: "https://hindcast.example/findings/FND-12",
		Fields: []card.Field{
			{Name: "severity", Label: "Severity", Value: "critical"},
			{Name: "attempt_id", Label: "Attempt", Value: "ATT-1", URL: "https://hindcast.example/attempts/ATT-1"},
			{Name: "component", Label: "Component"},
		},
		Sections: []card.Section{
			{Name: "observed", Label: "Observed", Markdown: "# Users\n\nThey are **logged out**, see [the log](https://log.example/a?b=1&c=2).\n\n- first\n- second\n  - nested\n\n```sql\nselect ']]>' from sessions;\n```\n\n| a | b |\n|---|---|\n| 1 | `x\\|y` |\n"},
			{Name: "expected", Label: "Expected", Markdown: "  \n"},
			{Name: "workaround", Label: "Workaround", Markdown: "Log in again  \nand wait.\n\n> quoted\n\n1. one\n2. two\n\n---\n\n- [x] done\n- [ ] open"},
		},
		Links:     []card.Link{{Kind: "jira", Key: "UPG-12", URL: "https://jira.example/browse/UPG-12"}, {Kind: "pull_request", Title: "Fix", URL: "https://git.example/1"}},
		UpdatedAt: &at,
	}
}

func found(n int) card.Card {
	c := card.Card{Type: "search", Title: "sessions", URL: "https://hindcast.example/search?q=sessions", Total: 12, Items: []card.Item{}}
	for range n {
		c.Items = append(c.Items, card.Item{ID: "LES-1", Type: "lesson", Title: "Compare schemas | before", Status: "active", URL: "https://hindcast.example/lessons/LES-1"})
	}
	return c
}

func compared() card.Card {
	return card.Card{
		Type: "drift", Title: "PROD against DEV", Status: "2 blocking", Tone: card.Bad, URL: "https://hindcast.example/environments/ENV-1/drift?target=ENV-2",
		Fields: []card.Field{{Name: "base", Label: "PROD as seen", Value: "2026-03-09 18:04 UTC", URL: "https://hindcast.example/environments/ENV-1"}},
		Compared: &card.Compared{
			Areas: []card.Area{{Name: "sessions", Count: 2, Blocking: 2}, {Name: "setting:work_mem | <b>", Count: 1}},
			Differences: []card.Difference{
				{Path: "table/sessions/index/user_last_seen", Change: "missing", Why: "index user_last_seen on sessions is missing in DEV; ATT-1 changes sessions", Blocking: true},
				{Path: "setting/work_mem | <b>", Change: "changed", Why: "setting work_mem is 4MB in PROD and 8MB in DEV"},
			},
			Total: 3,
		},
	}
}

// forms are every form of a card as text.
func forms(t testing.TB, d *card.Drawer, c card.Card) map[string]string {
	t.Helper()
	page, err := d.Page(c, card.Look{
		Theme: "auto", Heading: 2, Nonce: "bm9uY2U", Origins: []string{"https://wiki.example"}, Public: true,
		Discovery: []card.Alternate{{Type: "application/json+oembed", URL: "https://hindcast.example/oembed?url=x", Title: c.Title}},
	})
	if err != nil {
		t.Fatal(err)
	}
	adf, err := card.ADF(c)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.MarshalIndent(card.Inert(c), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"html": string(page), "svg": card.SVG(c, card.SVGWidth, "auto"), "md": card.Markdown(c, 2), "confluence.xml": card.Storage(c),
		"adf.json": string(adf), "json": string(plain),
		"badge.svg": card.NewBadge(c.Type, c.Title, c.Tone).SVG(),
	}
}

func TestGoldenForms(t *testing.T) {
	t.Parallel()
	d := drawer(t)
	for name, c := range map[string]card.Card{"finding": sample(), "search": found(2), "drift": compared(), "empty": {ID: "UPG-1", Type: "upgrade", Title: "Bare"}} {
		for form, got := range forms(t, d, c) {
			file := filepath.Join("testdata", name+"."+form)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		}
	}
}

func TestEqualCardsGiveEqualBytes(t *testing.T) {
	t.Parallel()
	d := drawer(t)
	first, second := forms(t, d, sample()), forms(t, drawer(t), sample())
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyNamedPartsAreShown(t *testing.T) {
	t.Parallel()
	got := sample().Only([]string{"severity", "workaround"})
	if len(got.Fields) != 1 || len(got.Sections) != 1 || got.Status != "" || got.Tone != "" || got.Links != nil || got.Title == "" {
		t.Errorf("got %+v", got)
	}
	if all := sample().Only(nil); len(all.Fields) != 3 || all.Status == "" {
		t.Errorf("no names left something out: %+v", all)
	}
	compact := sample().Compact(true, 1)
	if compact.Sections != nil || compact.Links != nil {
		t.Errorf("compact kept %+v", compact)
	}
	for part, want := range map[string][2]int{"areas": {2, 0}, "differences": {0, 2}, "status": {0, 0}} {
		if got := compared().Only([]string{part}).Compared; len(got.Areas) != want[0] || len(got.Differences) != want[1] {
			t.Errorf("with %s alone it shows %+v", part, got)
		}
	}
	whole := compared()
	if some := whole.Compact(false, 1).Compared; len(some.Differences) != 1 || len(some.Areas) != 2 || some.Total != 3 || len(whole.Compared.Differences) != 2 {
		t.Errorf("with one difference at most it shows %+v, and the card it was made from %+v", some, whole.Compared)
	}
	if n := len(found(5).Compact(false, 3).Items); n != 3 {
		t.Errorf("got %d hits, want 3", n)
	}
}

// filled is a card with a text in every place that takes one from outside.
func filled(text string) card.Card {
	at := time.Date(2026, 3, 9, 18, 4, 0, 0, time.UTC)
	return card.Card{
		ID: "FND-1", Type: "finding", Title: text, Status: text, Tone: card.Bad, URL: "https://hindcast.example/findings/FND-1",
		Fields:   []card.Field{{Name: "component", Label: text, Value: text, URL: text}},
		Sections: []card.Section{{Name: "observed", Label: "Observed", Markdown: text}, {Name: "expected", Label: "Expected", Markdown: "before\n\n" + text + "\n\nafter"}},
		Links:    []card.Link{{Kind: text, Title: text, URL: text, Key: text}, {Kind: "jira", Key: text}},
		Items:    []card.Item{{ID: "FND-1", Type: "finding", Title: text, Status: text, URL: text}}, Total: 1, UpdatedAt: &at,
		Compared: &card.Compared{
			Areas: []card.Area{{Name: text, Count: 1, Blocking: 1}}, Differences: []card.Difference{{Path: text, Change: text, Why: text}}, Total: 2,
		},
	}
}

func payloads(t testing.TB) []string {
	t.Helper()
	raw, err := os.ReadFile("testdata/xss.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	if len(lines) < 150 {
		t.Fatalf("the corpus has %d payloads, want at least 150", len(lines))
	}
	return append(lines, "a\x00b\x01\x1b[31m\x7f\u0085", "\ufffe\uffff", "\u202egnp.exe", "\u2066x\u2069\ufeff", "\xff\xfe broken", "line\r\nbreak\rtwo", "]]]]>>", "&#1;&#x1F;&#xFFFE;", "")
}

func TestIntegrations74_NoTextBecomesMarkup(t *testing.T) {
	t.Parallel()
	d := drawer(t)
	for _, payload := range payloads(t) {
		for form, got := range forms(t, d, filled(payload)) {
			for _, r := range got {
				if (r < ' ' && r != '\n' && r != '\t') || r == 0x7f || r == 0xFFFE || r == 0xFFFF || (r >= 0x202A && r <= 0x202E) || (r >= 0x2066 && r <= 0x2069) {
					t.Errorf("%s of %q holds %U", form, payload, r)
				}
			}
			if err := inert(form, got); err != "" {
				t.Errorf("%s of %q: %s\n%s", form, payload, err, got)
			}
		}
	}
}

// inert says what is wrong with one form of a card.
func inert(form, text string) string {
	switch form {
	case "html":
		return inertHTML(text)
	case "svg", "badge.svg", "confluence.xml":
		return inertXML(text)
	case "json", "adf.json":
		var any any
		if err := json.Unmarshal([]byte(text), &any); err != nil {
			return err.Error()
		}
		if form == "adf.json" {
			return inertADF(any)
		}
	case "md":
		return inertMarkdown(text)
	}
	return ""
}

func safeLink(href string) bool {
	for _, scheme := range []string{"http://", "https://", "mailto:"} {
		if strings.HasPrefix(strings.ToLower(href), scheme) {
			return true
		}
	}
	return false
}

// allowedTags are the elements of an embed; scripts and styles are counted apart.
const allowedTags = " html head meta title link base style body main article header footer p span h1 h2 h3 h4 h5 h6 a bdi dl div dt dd section table caption thead tbody tr th td ul ol li time script blockquote pre code em strong del br hr input svg rect "

func inertHTML(text string) string {
	root, err := html.Parse(strings.NewReader(text))
	if err != nil {
		return err.Error()
	}
	scripts, styles, problem := 0, 0, ""
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			if !strings.Contains(allowedTags, " "+n.Data+" ") {
				problem = "element " + n.Data
			}
			scripts, styles = scripts+count(n, "script"), styles+count(n, "style")
			for _, a := range n.Attr {
				switch {
				case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "srcdoc", a.Key == "formaction":
					problem = "attribute " + a.Key
				case a.Key == "href" && !safeLink(a.Val) && strings.Contains(a.Val, ":"):
					problem = "link " + a.Val
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	if scripts != 1 || styles != 1 {
		problem = "there are scripts or styles that are not ours"
	}
	return problem
}

func count(n *html.Node, name string) int {
	if n.Data == name {
		return 1
	}
	return 0
}

func inertXML(text string) string {
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		token, err := decoder.Token()
		if err != nil {
			if err.Error() == "EOF" {
				return ""
			}
			return err.Error()
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch strings.ToLower(start.Name.Local) {
		case "script", "img", "image", "iframe", "foreignobject", "object", "embed", "animate", "use", "url":
			return "element " + start.Name.Local
		}
		for _, a := range start.Attr {
			if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") || a.Name.Local == "href" && !safeLink(a.Value) {
				return "attribute " + a.Name.Local + "=" + a.Value
			}
			if start.Name.Local == "structured-macro" && a.Name.Local == "name" && !strings.Contains(" panel status expand code jira ", " "+a.Value+" ") {
				return "macro " + a.Value
			}
		}
	}
}

func inertADF(node any) string {
	switch v := node.(type) {
	case []any:
		for _, n := range v {
			if problem := inertADF(n); problem != "" {
				return problem
			}
		}
	case map[string]any:
		if v["type"] == "text" && v["text"] == "" {
			return "an empty text"
		}
		if href, ok := v["href"].(string); ok && !safeLink(href) {
			return "link " + href
		}
		for _, n := range v {
			if problem := inertADF(n); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// inertMarkdown renders Markdown the way a wiki does that lets HTML through, and looks at what becomes of it.
func inertMarkdown(text string) string {
	root, err := html.Parse(strings.NewReader(lax(text)))
	if err != nil {
		return err.Error()
	}
	problem := ""
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "script", "style", "img", "svg", "iframe", "object", "embed", "form", "button", "video", "audio", "math", "base", "link", "details", "marquee":
				problem = "element " + n.Data
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "href" && !safeLink(a.Val) {
					problem = "attribute " + a.Key + "=" + a.Val
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(root)
	return problem
}

func FuzzForms(f *testing.F) {
	for _, payload := range payloads(f) {
		f.Add(payload)
	}
	d := drawer(f)
	f.Fuzz(func(t *testing.T, text string) {
		for form, got := range forms(t, d, filled(text)) {
			if problem := inert(form, got); problem != "" {
				t.Errorf("%s of %q: %s", form, text, problem)
			}
		}
	})
}
