package collection

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestMeasures(t *testing.T) {
	t.Parallel()
	q := Query{Gains: map[string]int{"a": 2, "b": 1, "c": 0}}
	log3 := math.Log2(3)
	ideal := 2 + 1/log3
	for name, tc := range map[string]struct {
		ranked             []string
		ndcg, recall, rank float64
	}{
		"the ideal order":                  {[]string{"a", "b"}, 1, 1, 1},
		"swapped answers":                  {[]string{"b", "a"}, (1 + 2/log3) / ideal, 1, 1},
		"one answer in second place":       {[]string{"x", "a"}, (2 / log3) / ideal, 0.5, 0.5},
		"a judged but irrelevant document": {[]string{"c"}, 0, 0, 0},
		"nothing":                          {nil, 0, 0, 0},
	} {
		got := [3]float64{q.NDCG(tc.ranked, 10), q.Recall(tc.ranked, 100), q.ReciprocalRank(tc.ranked, 10)}
		for i, want := range [3]float64{tc.ndcg, tc.recall, tc.rank} {
			if math.Abs(got[i]-want) > 1e-12 {
				t.Errorf("%s: got %v, want %v %v %v", name, got, tc.ndcg, tc.recall, tc.rank)
				break
			}
		}
	}
}

func TestFitKeepsLongTitlesInTheText(t *testing.T) {
	t.Parallel()
	long := strings.TrimSpace(strings.Repeat("word ", 60))
	title, text := Document{Title: long, Text: "body"}.Fit()
	if len(title) > maxTitle || !strings.HasSuffix(title, "word") || text != long+"\nbody" {
		t.Errorf("title %q, text %q", title, text)
	}
	if title, text := (Document{Title: "short", Text: "body"}).Fit(); title != "short" || text != "body" {
		t.Errorf("a short title was changed: %q, %q", title, text)
	}
}

func TestTyposAreReproducibleAndOnePerWord(t *testing.T) {
	t.Parallel()
	typo := func() string { return Typo("Session table lost v2", 1, rand.New(rand.NewPCG(1, 2))) }
	got := typo()
	if got != typo() {
		t.Error("the same seed mistypes differently")
	}
	changed := 0
	for i, w := range strings.Fields(got) {
		if w != strings.Fields("session table lost v2")[i] {
			changed++
		}
	}
	if changed > 1 || strings.Fields(got)[3] != "v2" {
		t.Errorf("got %q", got)
	}
}
