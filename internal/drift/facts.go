package drift

import (
	"bytes"
	"encoding/json"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DiffFacts is Diff for facts as a store keeps them, by their paths and in canonical form. It reads only what is written
// differently on the two sides, which is little where environments are meant to be equal.
func DiffFacts(kind vocab.SnapshotKind, base, target map[string]json.RawMessage, names Names) ([]Change, error) {
	one, err := apart(kind, base, target)
	if err != nil {
		return nil, err
	}
	other, err := apart(kind, target, base)
	if err != nil {
		return nil, err
	}
	return Diff(one, other, names), nil
}

// apart makes a snapshot of the facts that the other side does not have in the same words. What could not be read stays, since
// nothing is known about it even where both sides say so.
func apart(kind vocab.SnapshotKind, facts, other map[string]json.RawMessage) (Snapshot, error) {
	kept := map[string]json.RawMessage{}
	for path, value := range facts {
		if there, has := other[path]; has && bytes.Equal(there, value) {
			if _, is := incomparable(value); !is {
				continue
			}
		}
		kept[path] = value
	}
	if len(kept) == 0 {
		return From(kind, nil), nil
	}
	return New(kind, kept)
}
