package drift

import (
	"fmt"
	"strings"
)

// Fold leaves one change for an object that is missing or added as a whole: what belongs to it goes, and its words say how
// much that is. The order and the numbering of the rest stay dense.
func Fold(changes []Change) []Change {
	whole := map[string]int{}
	for i, c := range changes {
		if c.Change != Changed {
			whole[c.Path] = i
		}
	}
	parts := map[int]int{}
	kept := make([]Change, 0, len(changes))
	at := make([]int, 0, len(changes))
	for i, c := range changes {
		if above, is := topmost(whole, changes, c); is {
			parts[above]++
			continue
		}
		kept, at = append(kept, c), append(at, i)
	}
	for i := range kept {
		kept[i].Rank = i + 1
		if n := parts[at[i]]; n > 0 {
			with := fmt.Sprintf("%s, with %d objects that belong to it", kept[i].What, n)
			if n == 1 {
				with = kept[i].What + ", with one object that belongs to it"
			}
			kept[i].Why = with + strings.TrimPrefix(kept[i].Why, kept[i].What)
			kept[i].What = with
		}
	}
	return kept
}

// topmost is the outermost object above c that is missing or added like c itself.
func topmost(whole map[string]int, changes []Change, c Change) (int, bool) {
	for i, r := range c.Path {
		if r != '/' {
			continue
		}
		if above, is := whole[c.Path[:i]]; is && changes[above].Change == c.Change {
			return above, true
		}
	}
	return 0, false
}
