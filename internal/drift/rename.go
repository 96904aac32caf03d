package drift

import (
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// side is one side of a pair whose object may have a made-up name.
type side struct {
	pair      int
	value     string
	generated bool
}

// dropRenamed takes out the sides that mean the same object under a name that somebody's software made up: the base's
// sessions_user_id_idx is the target's idx_user when both say the same of the same table. A side whose counterpart stays is
// left as missing or added.
func dropRenamed(pairs []pair) []pair {
	groups := map[string][]int{}
	for i, p := range pairs {
		if slices.Contains(namedByDatabase, parse(p.path).kind()) {
			groups[group(p.path)] = append(groups[group(p.path)], i)
		}
	}
	for _, members := range groups {
		if len(members) > 1 {
			matchSides(pairs, members)
		}
	}
	return slices.DeleteFunc(pairs, func(p pair) bool { return p.base == nil && p.target == nil })
}

func matchSides(pairs []pair, members []int) {
	targets := map[string][]side{}
	for _, i := range members {
		if p := pairs[i]; p.target != nil {
			s := newSide(i, p.path, p.target)
			targets[s.value] = append(targets[s.value], s)
		}
	}
	for _, i := range members {
		if pairs[i].base == nil {
			continue
		}
		b := newSide(i, pairs[i].path, pairs[i].base)
		same := targets[b.value]
		at := slices.IndexFunc(same, func(t side) bool { return b.generated || t.generated })
		if at < 0 {
			continue
		}
		pairs[i].base, pairs[same[at].pair].target = nil, nil
		targets[b.value] = slices.Delete(same, at, at+1)
	}
}

// newSide compares by value without the object's own name, which many tools repeat in the definition.
func newSide(i int, path string, item *Item) side {
	_, key, err := canonical(vocab.SnapshotKindSchema, path, item.Value)
	if err != nil {
		key = item.Value
	}
	value := string(key)
	if name := parse(path).name(); name != "" {
		value = strings.ReplaceAll(value, name, "\x00")
	}
	return side{pair: i, value: value, generated: isGenerated(path)}
}
