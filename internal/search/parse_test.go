package search

import (
	"context"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	t.Parallel()
	words := func(ws ...string) (cs []Clause) {
		for _, w := range ws {
			cs = append(cs, Clause{Kind: Words, Text: w})
		}
		return cs
	}
	for name, tc := range map[string]struct {
		query string
		want  []Clause
	}{
		"words":                                {"session  expired", words("session", "expired")},
		"nothing":                              {" \t ", nil},
		"a phrase":                             {`"session table"`, []Clause{{Kind: Phrase, Text: "session table"}}},
		"a phrase between words":               {`a "b c" d`, []Clause{{Text: "a"}, {Kind: Phrase, Text: "b c"}, {Text: "d"}}},
		"a dash excludes":                      {"-mail", []Clause{{Text: "mail", Exclude: true}}},
		"a dash excludes a phrase":             {`-"b c"`, []Clause{{Kind: Phrase, Text: "b c", Exclude: true}}},
		"a prefix":                             {"sess*", []Clause{{Kind: Prefix, Text: "sess"}}},
		"a field":                              {"tag:db", []Clause{{Kind: Field, Name: "tag", Text: "db"}}},
		"a field with a quoted value":          {`tag:"two words" x`, []Clause{{Kind: Field, Name: "tag", Text: "two words"}, {Text: "x"}}},
		"an excluded field":                    {"-tag:db", []Clause{{Kind: Field, Name: "tag", Text: "db", Exclude: true}}},
		"a quote never closed is ignored":      {`"session table`, words("", "session", "table")},
		"a lone dash is a word":                {"a - b", words("a", "-", "b")},
		"an inner dash is part of the word":    {"client-side", words("client-side")},
		"a command line option is a word":      {"-DskipTests", words("-DskipTests")},
		"a long option is a word":              {"--force", words("--force")},
		"a URL is a word":                      {"https://host/x", words("https://host/x")},
		"a qualified name is a word":           {"std::string Foo:bar a:", words("std::string", "Foo:bar", "a:")},
		"a star alone is a word":               {"*", words("*")},
		"invalid bytes separate":               {"a\xffb", words("a", "b")},
		"capitals after a dash exclude a word": {"-Timeout", []Clause{{Text: "Timeout", Exclude: true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Parse(tc.query)
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreUnexported(Clause{})); diff != "" {
				t.Errorf("Parse(%q) (-want +got):\n%s", tc.query, diff)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, q := range []string{
		"session expired", `"a b" -c d* tag:db`, `-"x`, `tag:"`, "-", "*", `""`, "a:b:c", "\xff", `severity:high -tag:ui`,
		"NEAR(a b) ^ ~ ( ) [ ] { }", "数据库", "-DskipTests --x -9", `"` + strings.Repeat("the ", 50) + `"`,
	} {
		f.Add(q)
	}
	s := newShelf(f, sessions()...)
	f.Fuzz(func(t *testing.T, q string) {
		for _, c := range Parse(q) {
			if !utf8.ValidString(c.Text) {
				t.Errorf("clause of %q is not UTF-8: %q", q, c.Text)
			}
		}
		res, err := s.engine.Search(context.Background(), Request{Text: q, Facets: []string{"type"}, Explain: true})
		if err != nil {
			t.Fatalf("Search(%q): %v", q, err)
		}
		if len(res.Hits) > res.Total {
			t.Errorf("Search(%q): %d hits of %d", q, len(res.Hits), res.Total)
		}
		if _, err := s.engine.Suggest(context.Background(), SuggestRequest{Text: q}); err != nil {
			t.Errorf("Suggest(%q): %v", q, err)
		}
	})
}
