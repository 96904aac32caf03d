package postmortem_test

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/hindcast-kb/hindcast/internal/postmortem"
)

// fixtures are the real reviews beside the repository.
func fixtures(t testing.TB) map[string][]byte {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
	}
	found, err := filepath.Glob(filepath.Join(dir, "..", "shared", "fixtures", "postmortems", "*", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range found {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(f)] = text
	}
	return files
}

var markers = regexp.MustCompile(`^[ \t]*(?:[-+*]|\d{1,9}[.)])(?:[ \t]+\[[ xX]\])?[ \t]+`)

// wordsOf are the words of a text with how often each stands there.
func wordsOf(text string) map[string]int {
	counts := map[string]int{}
	text = strings.NewReplacer("<br>", " ", "<br/>", " ", "<br />", " ").Replace(strings.ToLower(html.UnescapeString(text)))
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		counts[w]++
	}
	return counts
}

// lost lists the words of the source lines that stand less often in the draft than in the source.
func lost(source string, d postmortem.Draft) []string {
	d.Notes, d.Name, d.Key = nil, "", ""
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(d); err != nil {
		panic(err)
	}
	var v any
	if err := json.Unmarshal([]byte(b.String()), &v); err != nil {
		panic(err)
	}
	var text strings.Builder
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case string:
			text.WriteString(v + "\n")
		case []any:
			for _, e := range v {
				collect(e)
			}
		case map[string]any:
			for _, e := range v {
				collect(e)
			}
		}
	}
	collect(v)
	have, want := wordsOf(text.String()), map[string]int{}
	for line := range strings.SplitSeq(source, "\n") {
		for w, n := range wordsOf(markers.ReplaceAllString(line, "")) {
			want[w] += n
		}
	}
	var out []string
	for w, n := range want {
		if have[w] < n {
			out = append(out, w)
		}
	}
	return out
}

func TestFixturesAreReadAndNothingIsLost(t *testing.T) {
	t.Parallel()
	files := fixtures(t)
	if len(files) == 0 {
		t.Fatal("the fixtures are missing: they are expected in ../shared/fixtures/postmortems")
	}
	for name, text := range files {
		d, err := postmortem.Parse(name, text, postmortem.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if words := lost(string(text), d); len(words) > 0 {
			t.Errorf("%s: lost %q", name, words)
		}
	}
}
