package drift

import (
	"slices"
	"strings"
	"time"
)

// Ref names a snapshot in an answer.
type Ref struct {
	ID         string
	CapturedAt time.Time
}

// Onset says when a path began to differ.
type Onset struct {
	Path string
	// Since is when the snapshot was taken that first shows the difference that still holds.
	Since time.Time
	// InBase tells on which side that snapshot is.
	InBase bool
	// Before is the last snapshot of that side without the difference; nil when the path differed as far back as both
	// sides are known.
	Before *Ref
	// After is the snapshot that first shows it.
	After Ref
}

// Onsets tells for each path since when it differs, from the snapshots of both sides in any order. A path that does not
// differ between the newest two is left out, and so is every path when a side has no snapshot.
func Onsets(base, target []Snapshot, paths []string) []Onset {
	steps := timeline(base, target)
	var onsets []Onset
	for _, path := range paths {
		if onset, differs := onsetOf(steps, path); differs {
			onsets = append(onsets, onset)
		}
	}
	return onsets
}

// step is a moment at which both sides are known: the newest snapshot of each, and the one that has just come.
type step struct {
	base, target Snapshot
	inBase       bool
	came         Ref
	before       *Ref
}

func timeline(base, target []Snapshot) []step {
	byTime := func(a, b Snapshot) int { return a.CapturedAt.Compare(b.CapturedAt) }
	base, target = slices.SortedStableFunc(slices.Values(base), byTime), slices.SortedStableFunc(slices.Values(target), byTime)
	var steps []step
	for i, j := 0, 0; i < len(base) || j < len(target); {
		inBase := j == len(target) || i < len(base) && !base[i].CapturedAt.After(target[j].CapturedAt)
		if inBase {
			i++
		} else {
			j++
		}
		if i == 0 || j == 0 {
			continue
		}
		s := step{base: base[i-1], target: target[j-1], inBase: inBase}
		if inBase {
			s.came, s.before = refs(base, i)
		} else {
			s.came, s.before = refs(target, j)
		}
		steps = append(steps, s)
	}
	return steps
}

func refs(side []Snapshot, upTo int) (came Ref, before *Ref) {
	came = Ref{side[upTo-1].ID, side[upTo-1].CapturedAt}
	if upTo > 1 {
		before = &Ref{side[upTo-2].ID, side[upTo-2].CapturedAt}
	}
	return came, before
}

// onsetOf walks back from now. Steps at which nobody could read the object tell nothing and are passed over.
func onsetOf(steps []step, path string) (Onset, bool) {
	first := -1
	for i := len(steps) - 1; i >= 0; i-- {
		differs, known := differsAt(steps[i], path)
		if known && !differs {
			break
		}
		if known {
			first = i
		}
	}
	if first < 0 {
		return Onset{}, false
	}
	s := steps[first]
	onset := Onset{Path: path, Since: s.came.CapturedAt, InBase: s.inBase, After: s.came}
	if first > 0 {
		onset.Before = s.before
	}
	return onset, true
}

// differsAt compares the objects beside path only, which is all that the difference of one path can depend on.
func differsAt(s step, path string) (differs, known bool) {
	for _, c := range Diff(within(s.base, path), within(s.target, path), Names{}) {
		if c.Incomparable && (c.Path == path || strings.HasPrefix(path, c.Path+"/") || c.Path == parse(path).kind()) {
			return false, false
		}
		if c.Path == path {
			return true, true
		}
	}
	return false, true
}

// Differs says whether two snapshots differ at a path; known is false when a side could not read what is there.
func Differs(base, target Snapshot, path string) (differs, known bool) {
	return differsAt(step{base: base, target: target}, path)
}

// Beside tells which other items the difference of a path may depend on, so that a store need not read whole snapshots: those
// at the paths in above, path included, and those whose path begins with prefix unless it is empty.
func Beside(path string) (above []string, prefix string) {
	above = []string{path, parse(path).kind()}
	for i, r := range path {
		if r == '/' {
			above = append(above, path[:i])
		}
	}
	return above, group(path)
}

// within is the part of a snapshot that shares the group of path, with the objects above it.
func within(s Snapshot, path string) Snapshot {
	var items []Item
	for i, r := range path {
		if r == '/' {
			if above, found := s.Item(path[:i]); found {
				items = append(items, above)
			}
		}
	}
	if every, found := s.Item(parse(path).kind()); found && every.Path != path {
		items = append(items, every)
	}
	prefix := group(path)
	at, _ := slices.BinarySearchFunc(s.items, prefix, func(item Item, prefix string) int { return strings.Compare(item.Path, prefix) })
	for ; at < len(s.items) && strings.HasPrefix(s.items[at].Path, prefix); at++ {
		if prefix == "" && s.items[at].Path != path {
			continue
		}
		items = append(items, s.items[at])
	}
	return From(s.Kind, items)
}
