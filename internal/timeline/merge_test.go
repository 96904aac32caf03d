package timeline

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func at(minute int) time.Time { return time.Date(2026, 3, 9, 8, minute, 0, 0, time.UTC) }

func rows(entries []Entry) []int {
	out := make([]int, len(entries))
	for i, e := range entries {
		out[i] = e.row
	}
	return out
}

func TestMerge(t *testing.T) {
	events := []Entry{{At: at(5), Type: TypeEvent, row: 2}, {At: at(1), Type: TypeEvent, row: 1}}
	others := []Entry{
		{At: at(5), Type: TypeTransition, row: 30}, {At: at(5), Type: TypeEvidence, row: 10}, {At: at(5), Type: TypeDecision, row: 25},
		{At: at(5), Type: TypeTrip, row: 20},
	}
	position := func(minute int, of Type, row int) *Position { return &Position{at(minute), of, row} }
	for claim, c := range map[string]struct {
		after *Position
		limit int
		want  []int
		more  bool
	}{
		"by time, and at one time what was seen before what was done": {nil, 10, []int{1, 10, 2, 20, 25, 30}, false},
		"a page ends at its limit":                                    {nil, 2, []int{1, 10}, true},
		"the next page goes on within the same moment":                {position(5, TypeEvidence, 10), 2, []int{2, 20}, true},
		"the last page is known to be the last":                       {position(5, TypeTrip, 20), 2, []int{25, 30}, false},
		"nothing follows the last entry":                              {position(5, TypeTransition, 30), 2, []int{}, false},
	} {
		t.Run(claim, func(t *testing.T) {
			page, more := Merge([][]Entry{slices.Clone(events), slices.Clone(others)}, c.after, c.limit)
			if diff := cmp.Diff(c.want, rows(page)); diff != "" || more != c.more {
				t.Errorf("more = %v, want %v; rows (-want +got):\n%s", more, c.more, diff)
			}
		})
	}
}

func TestPagesTogetherAreTheWholeInAnyOrderOfTheSources(t *testing.T) {
	types := []Type{TypeEvidence, TypeEvent, TypeTrip, TypeDecision, TypeTransition}
	rapid.Check(t, func(t *rapid.T) {
		var all []Entry
		for i := range rapid.IntRange(0, 20).Draw(t, "n") {
			all = append(all, Entry{At: at(rapid.IntRange(0, 3).Draw(t, "minute")), Type: rapid.SampledFrom(types).Draw(t, "type"), row: i})
		}
		whole, _ := Merge([][]Entry{all}, nil, 100)
		var told []int
		var after *Position
		for {
			page, more := Merge([][]Entry{rapid.Permutation(all).Draw(t, "order")}, after, 3)
			told = append(told, rows(page)...)
			if !more {
				break
			}
			last := page[len(page)-1].Position()
			after = &last
		}
		if !slices.Equal(told, rows(whole)) {
			t.Fatalf("pages tell %v, the whole is %v", told, rows(whole))
		}
	})
}
