package drift

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var prodDev = Names{Base: "PROD", Target: "DEV"}

type facts = map[string]any

func whys(changes []Change) []string {
	var out []string
	for _, c := range changes {
		out = append(out, string(c.Change)+" "+c.Path+": "+c.Why)
	}
	return out
}

func TestDiffOfPostedSchemas(t *testing.T) {
	for name, tc := range map[string]struct {
		base, target facts
		want         []string
	}{
		"nothing differs": {facts{"table/a": 1}, facts{"table/a": 1.0}, nil},
		"missing, added and changed": {
			facts{"table/a/column/b": facts{"type": "int"}, "table/a/column/c": facts{"type": "int"}},
			facts{"table/a/column/b": facts{"type": "text"}, "table/a/column/d": facts{"type": "int"}},
			[]string{
				"changed table/a/column/b: column a.b differs: type int in PROD, text in DEV",
				"missing table/a/column/c: column a.c is missing in DEV",
				"added table/a/column/d: column a.d is only in DEV",
			},
		},
		"statistics are noise": {
			facts{"statistics/a/n_live_tup": 5, "table/a": facts{"reltuples": 5, "x": 1}, "sequence/s/last_value": 4, "sequence/s": facts{"last_value": 4, "increment": 1}, "table/a/stats/b": 1},
			facts{"table/a": facts{"reltuples": 6, "n_live_tup": 4, "x": 1}, "sequence/s/last_value": 5, "sequence/s": facts{"last_value": 9, "increment": 1}},
			nil,
		},
		"a table may be called like noise": {
			facts{"table/statistics": facts{"x": 1}, "table/cardinality": facts{"x": 1}, "table/a/column/row_count": facts{"x": 1}},
			facts{"table/zzz": facts{}},
			[]string{
				"missing table/cardinality: table cardinality is missing in DEV", "missing table/statistics: table statistics is missing in DEV",
				"added table/zzz: table zzz is only in DEV", "missing table/a/column/row_count: column a.row_count is missing in DEV",
			},
		},
		"whitespace in definitions is noise": {
			facts{"view/v": "SELECT a,\n  b FROM t;", "table/t/check/c": facts{"definition": "CHECK ( a>0 )"}, "table/t/index/i": "CREATE INDEX i ON t (a,  b)"},
			facts{"view/v": "SELECT a, b  FROM t", "table/t/check/c": facts{"definition": "CHECK (a > 0)"}, "table/t/index/i": "CREATE INDEX i ON t(a,b)"},
			nil,
		},
		"whitespace in a literal or a comment is a fact": {
			facts{"view/v": "SELECT 'a  b'", "table/t": facts{"comment": "a  b"}}, facts{"view/v": "SELECT 'a b'", "table/t": facts{"comment": "a b"}},
			[]string{"changed table/t: table t differs: comment a  b in PROD, a b in DEV", "changed view/v: view v differs: SELECT 'a  b' in PROD, SELECT 'a b' in DEV"},
		},
		"made-up names are noise": {
			facts{"table/t/index/t_a_idx": "CREATE INDEX t_a_idx ON t (a)", "table/t/foreign_key/fk_rails_0123456789": facts{"columns": []string{"a"}}, "table/t/check/t_check": "a > 0", "table/t/check/t_check1": "b > 0"},
			facts{"table/t/index/by_a": "CREATE INDEX by_a ON t (a)", "table/t/foreign_key/t_ibfk_1": facts{"columns": []string{"a"}}, "table/t/check/t_check": "b > 0", "table/t/check/t_check1": "a > 0"},
			nil,
		},
		"a given name is a fact": {
			facts{"table/t/index/by_a": "(a)"}, facts{"table/t/index/on_a": "(a)"},
			[]string{"missing table/t/index/by_a: index by_a on t is missing in DEV", "added table/t/index/on_a: index on_a on t is only in DEV"},
		},
		"a made-up name hides no missing twin": {
			facts{"table/t/index/t_a_idx": "(a)", "table/t/index/t_a_idx1": "(a)"}, facts{"table/t/index/t_a_idx2": "(a)"},
			[]string{"missing table/t/index/t_a_idx1: index t_a_idx1 on t is missing in DEV"},
		},
		"a made-up name does not stand for another table's": {
			facts{"table/t/index/t_a_idx": "(a)"}, facts{"table/u/index/u_a_idx": "(a)"},
			[]string{"missing table/t/index/t_a_idx: index t_a_idx on t is missing in DEV", "added table/u/index/u_a_idx: index u_a_idx on u is only in DEV"},
		},
		"what stays of a pair is missing or added": {
			facts{"table/t/check/t_check": "a > 0"}, facts{"table/t/check/t_check": "b > 0", "table/t/check/t_check1": "a > 0"},
			[]string{"added table/t/check/t_check: check t_check on t is only in DEV"},
		},
		"bands next to each other are noise": {
			facts{"table/t/row_band": "10 to 99", "table/u/row_band": "0"}, facts{"table/t/row_band": "100 to 999", "table/u/row_band": "100 to 999"},
			[]string{"changed table/u/row_band: table u holds 0 rows in PROD and 100 to 999 in DEV"},
		},
		"long values show where they part": {
			facts{"view/v": facts{"definition": strings.Repeat("a", 200) + " b"}}, facts{"view/v": facts{"definition": strings.Repeat("a", 200) + " c"}},
			[]string{"changed view/v: view v differs: definition …" + strings.Repeat("a", 29) + " b in PROD, …" + strings.Repeat("a", 29) + " c in DEV"},
		},
		"long lists show what differs": {
			facts{"type/t": facts{"labels": []string{"one", "two", "three", strings.Repeat("x", 90)}}}, facts{"type/t": facts{"labels": []string{"one", "three", "four", strings.Repeat("x", 90)}}},
			[]string{"changed type/t: type t differs: labels (two) only in PROD, (four) only in DEV"},
		},
		"long lists in another order": {
			facts{"type/t": facts{"labels": []string{"one", strings.Repeat("x", 90)}}}, facts{"type/t": facts{"labels": []string{strings.Repeat("x", 90), "one"}}},
			[]string{"changed type/t: type t differs: labels has another order"},
		},
		"a path of no known kind": {
			facts{"tables.t.x": "a"}, facts{"tables.t.x": "b"}, []string{"changed tables.t.x: tables.t.x is a in PROD and b in DEV"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			base, target := schemaOf(t, tc.base), schemaOf(t, tc.target)
			if diff := cmp.Diff(tc.want, whys(Diff(base, target, prodDev))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyASchemaHasNoise(t *testing.T) {
	base := snapshotOf(t, vocab.SnapshotKindCustom, facts{"cache/row_count": 5, "view/v": "a  b", "table/t/index/t_a_idx": "x"})
	target := snapshotOf(t, vocab.SnapshotKindCustom, facts{"cache/row_count": 6, "view/v": "a b", "table/t/index/t_b_idx": "x"})
	if got := Diff(base, target, prodDev); len(got) != 4 {
		t.Errorf("got %q, want 4 changes", whys(got))
	}
}

func TestNoiseDoesNotChangeTheContentHash(t *testing.T) {
	a := schemaOf(t, facts{"table/t": facts{"x": 1, "reltuples": 4}, "statistics/t": 1})
	b := schemaOf(t, facts{"table/t": facts{"reltuples": 9, "x": 1}, "statistics/t": 2})
	if a.ContentHash() != b.ContentHash() {
		t.Error("hashes differ, want them equal")
	}
}

func TestIncomparableObjectsHideNothingElse(t *testing.T) {
	base := schemaOf(t, facts{"table/a": facts{}, "table/a/column/x": 1, "table/b": 1, "table/b/trigger/t": 1, "table/c": Incomparable("it is locked")})
	target := schemaOf(t, facts{"table/a": Incomparable("permission denied"), "table/b": 2, "trigger": Incomparable("triggers could not be read"), "table/c": Incomparable("it is locked")})
	changes := Diff(base, target, prodDev)
	want := []string{
		"changed table/a: table a cannot be compared: in DEV, permission denied",
		"changed table/c: table c cannot be compared: in DEV, it is locked",
		"changed trigger: no trigger can be compared: in DEV, triggers could not be read",
		"changed table/b: table b differs: 1 in PROD, 2 in DEV",
	}
	if diff := cmp.Diff(want, whys(changes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !changes[0].Incomparable || changes[3].Incomparable {
		t.Error("the flag is on the wrong change")
	}
}

func TestChangeIsWrittenAsTheContractSays(t *testing.T) {
	changes := Diff(schemaOf(t, facts{"table/a": facts{"b": 1}}), schemaOf(t, facts{"table/c": facts{}}), prodDev)
	raw, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"path":"table/a","change":"missing","base":{"b":1},"target":null,"rank":1,"why":"table a is missing in DEV"},` +
		`{"path":"table/c","change":"added","base":null,"target":{},"rank":2,"why":"table c is only in DEV"}]`
	if string(raw) != want {
		t.Errorf("got  %s\nwant %s", raw, want)
	}
}

func TestSettingsAreSetOrLeftAtTheirDefault(t *testing.T) {
	base := snapshotOf(t, vocab.SnapshotKindSettings, facts{"setting/a": "1", "setting/c": "x", "setting/s": "sha256:00"})
	target := snapshotOf(t, vocab.SnapshotKindSettings, facts{"setting/b": "2", "setting/c": "", "setting/s": "sha256:01"})
	want := []string{
		"missing setting/a: setting a is set in PROD and left at its default in DEV",
		"added setting/b: setting b is set in DEV and left at its default in PROD",
		"changed setting/c: setting c is x in PROD and empty in DEV",
		"changed setting/s: setting s has another value in DEV than in PROD",
	}
	if diff := cmp.Diff(want, whys(Diff(base, target, prodDev))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDiffTurnsRoundWithItsSides(t *testing.T) {
	path := rapid.SampledFrom([]string{"table/a", "table/a/column/x", "table/a/index/a_x_idx", "table/a/index/a_y_idx", "table/a/index/given", "table/a/check/a_check", "view/v"})
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) Snapshot {
			s, err := New(vocab.SnapshotKindSchema, rapid.MapOfN(path, rapid.SampledFrom([]string{"1", "2", "a  b"}), 1, 7).Draw(t, label))
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		base, target := draw("base"), draw("target")
		if got := Diff(base, base, prodDev); len(got) != 0 {
			t.Fatalf("a snapshot differs from itself: %q", whys(got))
		}
		there, back := Diff(base, target, prodDev), Diff(target, base, prodDev)
		count := func(changes []Change) map[Deed]int {
			out := map[Deed]int{Added: 0, Missing: 0}
			for _, c := range changes {
				if c.Change == Changed { // a pair may be told as one change or as two
					out[Added]++
					out[Missing]++
					continue
				}
				out[c.Change]++
			}
			return out
		}
		a, b := count(there), count(back)
		if a[Added] != b[Missing] || a[Missing] != b[Added] {
			t.Fatalf("there %q\nback %q", whys(there), whys(back))
		}
	})
}

func TestFoldLeavesOneChangeForAWholeObject(t *testing.T) {
	base := schemaOf(t, facts{"table/a": facts{}, "table/a/column/x": 1, "table/a/column/x/grant/r": 1, "table/b": facts{}, "table/b/column/y": 1, "table/c": facts{}})
	target := schemaOf(t, facts{"table/c": facts{}, "table/c/column/z": 1, "view/v": 1, "view/v/trigger/t": 1})
	got := Fold(Rank(Diff(base, target, prodDev), Context{ChangedAreas: []string{"a"}}))
	want := []string{
		"missing table/a: table a is missing in DEV, with 2 objects that belong to it; the attempt changes a",
		"missing table/b: table b is missing in DEV, with one object that belongs to it",
		"added table/c/column/z: column c.z is only in DEV",
		"added view/v: view v is only in DEV, with one object that belongs to it",
	}
	if diff := cmp.Diff(want, whys(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, c := range got {
		if c.Rank != i+1 {
			t.Errorf("rank of %s is %d, want %d", c.Path, c.Rank, i+1)
		}
	}
}
