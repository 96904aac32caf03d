package support

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func at(hour, minute int) time.Time { return time.Date(2026, 3, 9, hour, minute, 0, 0, time.UTC) }

func TestNextLimit(t *testing.T) {
	wire, watch := NextLimit{at(18, 0), vocab.Tripwire.ID(1)}, NextLimit{at(17, 0), vocab.Attempt.ID(2)}
	for claim, c := range map[string]struct {
		limits  []NextLimit
		now     time.Time
		want    *NextLimit
		seconds int64
	}{
		"the nearest counts":              {[]NextLimit{wire, watch}, at(16, 30), &watch, 1800},
		"one that has passed does not":    {[]NextLimit{wire, watch}, at(17, 0), &wire, 3600},
		"none ahead leaves no time":       {[]NextLimit{wire, watch}, at(18, 0), nil, 0},
		"nothing agreed leaves no answer": {nil, at(8, 0), nil, 0},
	} {
		t.Run(claim, func(t *testing.T) {
			got, seconds := nextLimit(c.limits, c.now)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (seconds == nil) != (c.want == nil) || (seconds != nil && *seconds != c.seconds) {
				t.Errorf("seconds left = %v, want %d", seconds, c.seconds)
			}
		})
	}
}

func TestReversibility(t *testing.T) {
	ended := []Ended{{3, at(18, 0)}, {2, at(12, 0)}, {1, at(9, 0)}}
	for claim, c := range map[string]struct {
		decided []Decided
		want    *Reversibility
	}{
		"unknown without a decision":               {nil, nil},
		"a decision after the end is no beginning": {[]Decided{{7, 3, at(18, 1)}}, nil},
		"the last decision before the end counts": {
			[]Decided{{7, 3, at(16, 0)}, {8, 3, at(17, 30)}, {9, 3, at(17, 0)}},
			&Reversibility{1800, 1800, []Rollback{{vocab.Attempt.ID(3), vocab.Decision.ID(8), 1800}}},
		},
		"of two, the longer is the middle": {
			[]Decided{{7, 3, at(17, 50)}, {8, 1, at(8, 0)}},
			&Reversibility{3600, 3600, []Rollback{{vocab.Attempt.ID(3), vocab.Decision.ID(7), 600}, {vocab.Attempt.ID(1), vocab.Decision.ID(8), 3600}}},
		},
	} {
		t.Run(claim, func(t *testing.T) {
			if diff := cmp.Diff(c.want, reversibility(ended, c.decided)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestSunkEffortIsSplitAndAReversalTakesItBack(t *testing.T) {
	got := sunk([]Spent{
		{8, vocab.EffortPhaseTest, "QA", true}, {4, vocab.EffortPhaseRespond, "engineer", false}, {-3, vocab.EffortPhaseTest, "QA", true},
	})
	want := SunkEffort{9, 5, map[string]float64{"test": 5, "respond": 4}, map[string]float64{"QA": 5, "engineer": 4}, sunkNote}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLikeness(t *testing.T) {
	for want, c := range map[string][3]bool{
		"same upgrade": {true, true, true}, "same service and kind": {false, true, true}, "same service": {false, true, false}, "same kind": {false, false, true},
	} {
		if got := likeness(c[0], c[1], c[2]); got != want {
			t.Errorf("likeness%v = %q, want %q", c, got, want)
		}
	}
}
