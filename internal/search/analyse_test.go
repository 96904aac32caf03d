package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func forms(text string) string {
	var out []string
	tokens(text, func(t token) { out = append(out, string(t.text)) })
	return strings.Join(out, " ")
}

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ text, want string }{
		"words are folded to lower case":              {"Sessions EXPIRE", "sessions expire"},
		"diacritics go":                               {"Café Übergröße Łódź", "cafe ubergrosse lodz"},
		"full width letters are the plain ones":       {"ＡＢＣ", "abc"},
		"camel case splits and keeps the whole":       {"OutOfMemoryError", "outofmemoryerror out of memory error"},
		"capitals before a word are a part":           {"HTTPServer", "httpserver http server"},
		"plural capitals stay one word":               {"JVMs", "jvms"},
		"letters and digits split":                    {"covid19", "covid19 covid 19"},
		"snake case splits and keeps the whole":       {"session_user_id", "session_user_id session user id"},
		"paths split and keep the whole":              {"/var/lib/db", "var/lib/db var lib db"},
		"versions keep the whole":                     {"9.4.43", "9.4.43 9 4 43"},
		"error codes keep the whole":                  {"ORA-00942", "ora-00942 ora 00942"},
		"hyphens between words only split":            {"client-side", "client side"},
		"a full stop ends a word":                     {"it broke. Then", "it broke then"},
		"possessives go":                              {"the user's session’s", "the user session"},
		"apostrophes close up":                        {"don't", "dont"},
		"function words in capitals keep their case":  {"IT was down", "IT was down"},
		"logical operators are function words":        {"a AND b", "a and b"},
		"ideographs stand alone":                      {"数据库 ok", "数 据 库 ok"},
		"blobs longer than a word are left out":       {strings.Repeat("x", maxWord+1) + " y", "y"},
		"invalid bytes separate words":                {"a\xffb", "a b"},
		"marks without letters are ignored":           {"*** -- ?!", ""},
		"package names split and keep the whole":      {"java.lang.Error", "java.lang.error java lang error"},
		"a hyphenated camel case name is a compound":  {"fooBar-baz", "foobar-baz foo bar baz"},
		"apostrophes do not make compounds of digits": {"90's", "90"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, forms(tc.text)); diff != "" {
				t.Errorf("tokens of %q (-want +got):\n%s", tc.text, diff)
			}
		})
	}
}

func TestTokensPointIntoTheText(t *testing.T) {
	t.Parallel()
	text := "Ünder OutOfMemory's x"
	var got []string
	tokens(text, func(tk token) { got = append(got, text[tk.start:tk.end]) })
	want := []string{"Ünder", "OutOfMemory's", "Out", "Of", "Memory", "x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
}

func TestStem(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]string{
		"expired": "expir", "sessions": "session", "v2": "v2", "IT": "IT", "the": "the", "user_ids": "user_ids",
	} {
		if got := stem([]byte(form)); got != want {
			t.Errorf("stem(%q) = %q, want %q", form, got, want)
		}
	}
}
