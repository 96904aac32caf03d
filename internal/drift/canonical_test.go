package drift

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func snapshotOf[V any](t testing.TB, kind vocab.SnapshotKind, facts map[string]V) Snapshot {
	t.Helper()
	s, err := New(kind, facts)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return s
}

func schemaOf(t testing.TB, facts map[string]any) Snapshot {
	t.Helper()
	return snapshotOf(t, vocab.SnapshotKindSchema, facts)
}

func TestEqualNumbersAreEqualTexts(t *testing.T) {
	for in, want := range map[string]string{
		"1": "1", "1.0": "1", "10e-1": "1", "1E0": "1", "0": "0", "-0": "0", "0.000": "0", "-1.50": "-1.5", "1e3": "1000",
		"0.001": "0.001", "1e-3": "0.001", "12.34e1": "123.4", "123456789012345678901": "123456789012345678901",
		"1e999999999": "1e999999999", "10e999999998": "1e999999999", "1e-40": "1e-40", "1e99999999999999999999": "1e99999999999999999999",
	} {
		if got := canonicalNumber(in); got != want {
			t.Errorf("canonicalNumber(%s) = %s, want %s", in, got, want)
		}
	}
}

func TestCanonicalNumberIsStableAndKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) && !math.IsNaN(f) }).Draw(t, "f")
		raw, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		got := canonicalNumber(string(raw))
		if again := canonicalNumber(got); again != got {
			t.Fatalf("%s became %s and then %s", raw, got, again)
		}
		var back float64
		if err := json.Unmarshal([]byte(got), &back); err != nil || back != f {
			t.Fatalf("%s became %s, which reads as %v (%v)", raw, got, back, err)
		}
	})
}

func TestDefinitionKeepsWhatIsQuoted(t *testing.T) {
	for in, want := range map[string]string{
		"":                              "",
		"a":                             "a",
		"  SELECT\n\t1 ":                "SELECT 1",
		"'a  b'   ||  \"c  d\"":         "'a  b' || \"c  d\"",
		"'it''s  fine'  x":              "'it''s  fine' x",
		"don't   stop":                  "don't stop",
		"$fn$ a  b $fn$   x":            "$fn$ a  b $fn$ x",
		"$1   $2":                       "$1 $2",
		"`a  b`  `":                     "`a  b` `",
		"\u00a0SELECT\u00a0\u00a01":     "SELECT 1",
		"CHECK  (length(a)\r\n  >   0)": "CHECK (length(a) > 0)",
	} {
		if got := Definition(in); got != want {
			t.Errorf("Definition(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDefinitionKeyIsBlindToLayoutOnly(t *testing.T) {
	for _, same := range [][2]string{
		{"(a > 0)", "( a>0 )"}, {"a , b", "a,b"}, {"SELECT 1;", "SELECT 1"}, {"lower (x)", "lower(x)"},
		{"a\n\n+ b", "a+b"},
	} {
		if a, b := definitionKey(same[0]), definitionKey(same[1]); a != b {
			t.Errorf("%q and %q compare as %q and %q, want them equal", same[0], same[1], a, b)
		}
	}
	for _, other := range [][2]string{
		{"a b", "ab"}, {"'a b'", "'a  b'"}, {"a > 0", "a >= 0"}, {`"A"`, `"a"`}, {"not null", "notnull"},
	} {
		if a, b := definitionKey(other[0]), definitionKey(other[1]); a == b {
			t.Errorf("%q and %q both compare as %q, want them apart", other[0], other[1], a)
		}
	}
}

func TestSameFactsHaveTheSameHash(t *testing.T) {
	one := snapshotOf(t, vocab.SnapshotKindSchema, map[string]json.RawMessage{
		"table/a": json.RawMessage(`{"x": 1.0, "y": ["a", {"p": null, "q": true}]}`), "table/b": json.RawMessage(`"z"`),
	})
	two := snapshotOf(t, vocab.SnapshotKindSchema, map[string]json.RawMessage{
		"table/b": json.RawMessage(`  "z"`), "table/a": json.RawMessage(`{"y":["a",{"q":true,"p":null}],"x":1}`),
	})
	if one.ContentHash() != two.ContentHash() {
		t.Errorf("hashes differ: %s and %s", one.ContentHash(), two.ContentHash())
	}
	other := schemaOf(t, map[string]any{"table/a": map[string]any{"x": 2}, "table/b": "z"})
	if one.ContentHash() == other.ContentHash() {
		t.Error("another value has the same hash")
	}
	settings := snapshotOf(t, vocab.SnapshotKindSettings, map[string]any{"table/b": "z"})
	if settings.ContentHash() == schemaOf(t, map[string]any{"table/b": "z"}).ContentHash() {
		t.Error("another kind has the same hash")
	}
}

func TestHashDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		facts := rapid.MapOfN(rapid.StringMatching(`table/[a-z]{1,6}`), rapid.Float64Range(-1e6, 1e6), 1, 20).Draw(t, "facts")
		s, err := New(vocab.SnapshotKindSchema, facts)
		if err != nil {
			t.Fatal(err)
		}
		items := rapid.Permutation(append([]Item(nil), s.Items()...)).Draw(t, "order")
		if got := From(s.Kind, items).ContentHash(); got != s.ContentHash() {
			t.Fatalf("another order gave %s, want %s", got, s.ContentHash())
		}
	})
}

func TestValueIsShownInCanonicalForm(t *testing.T) {
	s := schemaOf(t, map[string]any{"view/v": map[string]any{
		"definition": "SELECT  1\n FROM  t;", "b": "two  spaces", "a": json.Number("1.50"), "auto_increment": 7, "s": "é<&>\"\\\n",
	}})
	item, found := s.Item("view/v")
	want := `{"a":1.5,"auto_increment":7,"b":"two  spaces","definition":"SELECT 1 FROM t;","s":"é<&>\"\\\n"}`
	if !found || string(item.Value) != want {
		t.Errorf("value is %s, want %s", item.Value, want)
	}
	if _, found := s.Item("view/w"); found {
		t.Error("found an item that is not there")
	}
}

func TestNewReportsEveryBadItem(t *testing.T) {
	deep := any("x")
	for range maxDepth + 2 {
		deep = []any{deep}
	}
	_, err := New("picture", map[string]any{
		"": 1, "/a": 1, "a//b": 1, "a\x00": 1, "a/": 1, strings.Repeat("a", MaxPathBytes+1): 1, "nan": math.NaN(), "deep": deep, "fine": 1,
	})
	if !fault.Is(err, fault.Invalid) {
		t.Fatalf("err is %v, want Invalid", err)
	}
	var codes []string
	for _, f := range err.(*fault.Error).Fields {
		codes = append(codes, f.Code)
	}
	count := map[string]int{}
	for _, code := range codes {
		count[code]++
	}
	if diff := cmp.Diff(map[string]int{"invalid_path": 6, "invalid_value": 2, "invalid_choice": 1}, count); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if _, err := New(vocab.SnapshotKindSchema, map[string]any{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("an empty snapshot gave %v, want Invalid", err)
	}
}

func TestItemsAreShared(t *testing.T) {
	a := schemaOf(t, map[string]any{"table/a": "x", "table/b": "y"})
	b := schemaOf(t, map[string]any{"table/a": "x", "table/b": "z"})
	if a.Items()[0].Hash != b.Items()[0].Hash || a.Items()[1].Hash == b.Items()[1].Hash {
		t.Error("equal facts must share a hash and different ones must not")
	}
	back, err := ParseHash(a.Items()[0].Hash.String())
	if err != nil || back != a.Items()[0].Hash {
		t.Errorf("ParseHash gave %s, %v", back, err)
	}
	for _, bad := range []string{"", "00", "zz", strings.Repeat("0", 66)} {
		if _, err := ParseHash(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("ParseHash(%q) gave %v, want Invalid", bad, err)
		}
	}
}

func TestMergeTakesTheLaterValue(t *testing.T) {
	a := schemaOf(t, map[string]any{"table/a": "x", "table/b": "y"})
	b := schemaOf(t, map[string]any{"table/b": "z", "table/c": "w"})
	var got []string
	for _, item := range Merge(a, b).Items() {
		got = append(got, fmt.Sprintf("%s=%s", item.Path, item.Value))
	}
	if diff := cmp.Diff([]string{`table/a="x"`, `table/b="z"`, `table/c="w"`}, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1e5,"definition":"a  b;"}`, `[1,"x",null]`, `"$a$ $a$"`, `{"last_value":1}`, `{"incomparable":"x"}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := New(vocab.SnapshotKindSchema, map[string]json.RawMessage{"view/v": json.RawMessage(raw)})
		if err != nil {
			return
		}
		again, err := New(vocab.SnapshotKindSchema, map[string]json.RawMessage{"view/v": s.Items()[0].Value})
		if err != nil {
			t.Fatalf("the canonical form %s of %s is refused: %v", s.Items()[0].Value, raw, err)
		}
		if string(again.Items()[0].Value) != string(s.Items()[0].Value) || again.ContentHash() != s.ContentHash() {
			t.Fatalf("canonical form is not stable: %s then %s", s.Items()[0].Value, again.Items()[0].Value)
		}
	})
}
