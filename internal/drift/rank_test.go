package drift

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestRankPutsWhatTheAttemptTouchesFirst(t *testing.T) {
	base := schemaOf(t, facts{
		"table/sessions/index/sessions_user_last_seen": facts{"columns": []string{"user_id", "last_seen"}}, "table/sessions/column/user_last_seen": facts{"type": "text"},
		"table/courses": facts{}, "table/payments/index/i": facts{}, "extension/x": facts{}, "function/collect_session_garbage()": facts{"hash": "sha256:0"},
		"table/logs/grant/app": []string{"select"},
	})
	target := schemaOf(t, facts{"function/collect_session_garbage()": facts{"hash": "sha256:1"}})
	got := Rank(Diff(base, target, prodDev), Context{
		Attempt: "ATT-1", ChangedAreas: []string{"sessions", "login"},
		Assumptions: []Record{{"ASM-3", []string{"table:sessions"}}, {"ASM-4", []string{"logs"}}},
		Findings:    []Record{{"FND-2", []string{"sessions"}}, {"FND-5", []string{"payments", "sessions"}}, {"FND-6", nil}},
	})
	want := []string{
		"missing table/sessions/column/user_last_seen: column sessions.user_last_seen is missing in DEV; ATT-1 changes sessions; FND-2 was about sessions; FND-5 was about sessions; ASM-3 names table:sessions",
		"missing table/sessions/index/sessions_user_last_seen: index sessions_user_last_seen on sessions is missing in DEV; ATT-1 changes sessions; FND-2 was about sessions; FND-5 was about sessions; ASM-3 names table:sessions",
		"missing table/payments/index/i: index i on payments is missing in DEV; FND-5 was about payments",
		"changed function/collect_session_garbage(): function collect_session_garbage() differs: definition is not the same; ATT-1 changes sessions; FND-2 was about sessions; FND-5 was about sessions",
		"missing table/logs/grant/app: grant to app on table logs is missing in DEV; ASM-4 names logs",
		"missing table/courses: table courses is missing in DEV",
		"missing extension/x: extension x is missing in DEV",
	}
	if diff := cmp.Diff(want, whys(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, c := range got {
		if c.Rank != i+1 {
			t.Errorf("rank %d at place %d", c.Rank, i+1)
		}
	}
}

func TestRankAgainForgetsTheFirstReasons(t *testing.T) {
	changes := Diff(schemaOf(t, facts{"table/a": facts{}}), schemaOf(t, facts{"table/b": facts{}}), prodDev)
	once := Rank(Rank(changes, Context{ChangedAreas: []string{"a"}}), Context{ChangedAreas: []string{"b"}})
	if diff := cmp.Diff([]string{"added table/b: table b is only in DEV; the attempt changes b", "missing table/a: table a is missing in DEV"}, whys(once)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRankDoesNotDependOnTheOrder(t *testing.T) {
	var changes []Change
	for i := range 12 {
		changes = append(changes, Change{Path: fmt.Sprintf("table/t%d", i%5), Change: Missing, What: "x"}, Change{Path: fmt.Sprintf("setting/s%d", i)})
	}
	ctx := Context{ChangedAreas: []string{"t3", "s4"}}
	want := whys(Rank(changes, ctx))
	rapid.Check(t, func(t *rapid.T) {
		if diff := cmp.Diff(want, whys(Rank(rapid.Permutation(changes).Draw(t, "order"), ctx))); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestIgnorePatterns(t *testing.T) {
	for name, tc := range map[string]struct {
		pattern, path string
		want          bool
	}{
		"the path itself":                {"table/a", "table/a", true},
		"not what is below":              {"table/a", "table/a/column/b", false},
		"two stars take what is below":   {"table/a/**", "table/a/column/b", true},
		"two stars take nothing as well": {"table/a/**", "table/a", true},
		"one star is one segment":        {"table/*", "table/a/column/b", false},
		"a star in a segment":            {"table/tmp_*/column/*", "table/tmp_x/column/y", true},
		"a star matches nothing as well": {"table/tmp_*", "table/tmp_", true},
		"a question mark":                {"table/t?", "table/t1", true},
		"a question mark is one":         {"table/t?", "table/t", false},
		"two stars in between":           {"table/**/grant/*", "table/a/column/b/grant/app", true},
		"two stars in front":             {"**/grant/app", "grant/app", true},
		"another case":                   {"TABLE/A", "table/a", true},
		"only a part":                    {"able/a", "table/a", false},
		"many stars":                     {"*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", false},
	} {
		t.Run(name, func(t *testing.T) {
			rule := IgnoreRule{Pattern: tc.pattern, Reason: "known"}
			kept, hidden := Ignore([]Change{{Path: tc.path}}, []IgnoreRule{rule}, time.Time{})
			if (len(kept) == 0) != tc.want || (hidden[0].Count == 1) != tc.want {
				t.Errorf("%s on %s: kept %d, hidden %d; want it hidden: %t", tc.pattern, tc.path, len(kept), hidden[0].Count, tc.want)
			}
		})
	}
}

func TestIgnoreCountsAndExpires(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later := at.Add(time.Hour)
	changes := []Change{{Path: "table/a", Rank: 1}, {Path: "table/b", Rank: 2}, {Path: "setting/c", Rank: 3}, {Path: "setting/d", Rank: 4, Incomparable: true}}
	rules := []IgnoreRule{
		{ID: "old", Pattern: "table/**", Reason: "known", ExpiresAt: &at},
		{ID: "one", Pattern: "table/b", Reason: "known", ExpiresAt: &later},
		{ID: "all", Pattern: "*/b", Reason: "known"},
		{ID: "rest", Pattern: "setting/**", Reason: "known"},
	}
	kept, hidden := Ignore(changes, rules, at)
	if diff := cmp.Diff([]Change{{Path: "table/a", Rank: 1}, {Path: "setting/d", Rank: 2, Incomparable: true}}, kept); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
	counts := map[string]int{}
	for _, h := range hidden {
		counts[h.Rule.ID] = h.Count
	}
	if diff := cmp.Diff(map[string]int{"one": 1, "all": 0, "rest": 1}, counts); diff != "" {
		t.Errorf("hidden (-want +got):\n%s", diff)
	}
}

func TestIgnoreRulesAreChecked(t *testing.T) {
	for name, tc := range map[string]struct {
		rule IgnoreRule
		want []string
	}{
		"fine":                {IgnoreRule{Pattern: "table/a_*/**", Reason: "known"}, nil},
		"nothing given":       {IgnoreRule{}, []string{"pattern required", "reason required"}},
		"everything hidden":   {IgnoreRule{Pattern: "**/*", Reason: "x"}, []string{"pattern too_broad"}},
		"an empty segment":    {IgnoreRule{Pattern: "table//a", Reason: "x"}, []string{"pattern invalid_format"}},
		"a slash at its ends": {IgnoreRule{Pattern: "/table/", Reason: "x"}, []string{"pattern invalid_format"}},
	} {
		t.Run(name, func(t *testing.T) {
			var check fault.Check
			tc.rule.Check(&check)
			var got []string
			for _, f := range check.Fields {
				got = append(got, f.Field+" "+f.Code)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzIgnorePattern(f *testing.F) {
	f.Add("table/**/a*", "table/b/a")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		Ignore([]Change{{Path: path}}, []IgnoreRule{{Pattern: pattern}}, time.Time{})
		if kept, _ := Ignore([]Change{{Path: path}}, []IgnoreRule{{Pattern: "**"}}, time.Time{}); len(kept) != 0 {
			t.Errorf("** does not match %q", path)
		}
		MatchArea(path, pattern)
	})
}

// at is day n of a month.
func at(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }

func taken(t *testing.T, id string, day int, items facts) Snapshot {
	s := snapshotOf(t, vocab.SnapshotKindSchema, items)
	s.ID, s.CapturedAt = id, at(day)
	return s
}

func TestOnsetTellsSinceWhen(t *testing.T) {
	same, index := facts{"table/t": facts{}}, facts{"table/t": facts{}, "table/t/index/i": "(a)"}
	unread := facts{"table/t": facts{}, "index": Incomparable("nobody could")}
	ref := func(id string, day int) *Ref { return &Ref{id, at(day)} }
	for name, tc := range map[string]struct {
		base, target []Snapshot
		want         []Onset
	}{
		"the base got it": {
			[]Snapshot{taken(t, "P1", 1, same), taken(t, "P2", 4, index), taken(t, "P3", 6, index)}, []Snapshot{taken(t, "D1", 2, same), taken(t, "D2", 5, same)},
			[]Onset{{Path: "table/t/index/i", Since: at(4), InBase: true, Before: ref("P1", 1), After: *ref("P2", 4)}},
		},
		"the target lost it, in any order": {
			[]Snapshot{taken(t, "P1", 1, index)}, []Snapshot{taken(t, "D2", 5, same), taken(t, "D1", 2, index)},
			[]Onset{{Path: "table/t/index/i", Since: at(5), Before: ref("D1", 2), After: *ref("D2", 5)}},
		},
		"it came, went and came": {
			[]Snapshot{taken(t, "P1", 1, index), taken(t, "P2", 3, same), taken(t, "P3", 7, index)}, []Snapshot{taken(t, "D1", 2, same)},
			[]Onset{{Path: "table/t/index/i", Since: at(7), InBase: true, Before: ref("P2", 3), After: *ref("P3", 7)}},
		},
		"it was never otherwise": {
			[]Snapshot{taken(t, "P1", 1, index), taken(t, "P2", 3, index)}, []Snapshot{taken(t, "D1", 2, same)},
			[]Onset{{Path: "table/t/index/i", Since: at(2), After: *ref("D1", 2)}},
		},
		"it does not differ now": {
			[]Snapshot{taken(t, "P1", 1, index)}, []Snapshot{taken(t, "D1", 2, same), taken(t, "D2", 3, index)}, nil,
		},
		"a made-up name is no difference": {
			[]Snapshot{taken(t, "P1", 1, facts{"table/t/index/i": "(a)"})}, []Snapshot{taken(t, "D1", 2, facts{"table/t/index/t_a_idx": "(a)"})}, nil,
		},
		"one side is unknown": {[]Snapshot{taken(t, "P1", 1, index)}, nil, nil},
		"a time when nobody could read it is passed over": {
			[]Snapshot{taken(t, "P1", 1, same), taken(t, "P2", 3, index)}, []Snapshot{taken(t, "D1", 2, same), taken(t, "D2", 4, unread), taken(t, "D3", 5, same)},
			[]Onset{{Path: "table/t/index/i", Since: at(3), InBase: true, Before: ref("P1", 1), After: *ref("P2", 3)}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, Onsets(tc.base, tc.target, []string{"table/t/index/i"})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnsetOfATopLevelPath(t *testing.T) {
	base := []Snapshot{taken(t, "P1", 1, facts{"a": 1, "b": 1})}
	target := []Snapshot{taken(t, "D1", 2, facts{"a": 1, "b": 1}), taken(t, "D2", 3, facts{"a": 2, "b": 1})}
	got := Onsets(base, target, []string{"a", "b", "c"})
	if diff := cmp.Diff([]Onset{{Path: "a", Since: at(3), Before: &Ref{"D1", at(2)}, After: Ref{"D2", at(3)}}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
