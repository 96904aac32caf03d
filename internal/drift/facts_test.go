package drift

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Leaving out what both sides have in the same words must not change what is said of the rest.
func TestFactsAsKeptDifferAsSnapshotsDo(t *testing.T) {
	paths := []string{
		"table/a", "table/a/column/x", "table/a/index/a_x_idx", "table/a/index/a_x_idx1", "table/a/index/named", "table/b", "table/b/statistics/n",
		"table/b/row_band", "view/v", "index", "trigger", "table/b/trigger/t", "setting/a",
	}
	values := []string{
		`{"incomparable":"no right"}`, `{"columns":["x"]}`, `{"columns":["y"]}`, `"SELECT 1"`, `"select  1"`, `"SELECT 2"`, `1`, `null`, `"10 to 99"`, `"0"`,
	}
	facts := func(t *rapid.T, name string) map[string]json.RawMessage {
		out := map[string]json.RawMessage{"table/always": json.RawMessage(`1`)}
		for path, value := range rapid.MapOf(rapid.SampledFrom(paths), rapid.SampledFrom(values)).Draw(t, name) {
			out[path] = json.RawMessage(value)
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]vocab.SnapshotKind{vocab.SnapshotKindSchema, vocab.SnapshotKindSettings}).Draw(t, "kind")
		base, target := facts(t, "base"), facts(t, "target")
		one, err := New(kind, base)
		if err != nil {
			t.Fatal(err)
		}
		other, err := New(kind, target)
		if err != nil {
			t.Fatal(err)
		}
		got, err := DiffFacts(kind, base, target, Names{"PROD", "DEV"})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(Diff(one, other, Names{"PROD", "DEV"}), got); diff != "" {
			t.Errorf("(-whole +apart):\n%s", diff)
		}
	})
}
