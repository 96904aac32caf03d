package drift

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Limits on one snapshot.
const (
	MaxItems     = 500_000
	MaxPathBytes = 1_000
)

// Hash is a SHA-256: of an item's path and value, or of a whole snapshot.
type Hash [sha256.Size]byte

// String is the hash in lower-case hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash as String does.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// ParseHash reads what String writes; anything else is Invalid.
func ParseHash(text string) (Hash, error) {
	var h Hash
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(h) {
		return h, fault.New(fault.Invalid, "%q is no SHA-256 in hexadecimal", text)
	}
	copy(h[:], raw)
	return h, nil
}

// Item is one fact. Two items with the same Hash are the same fact, so a store needs to keep only one of them.
type Item struct {
	Path string
	// Value is canonical JSON: sorted names, normal numbers, single spaces in definitions.
	Value json.RawMessage
	// Hash covers the kind of the snapshot, the path and the value as it is compared.
	Hash Hash
}

// Snapshot is what one environment looked like at one time. It is immutable: build it with New, From or Merge.
type Snapshot struct {
	// ID is the caller's name for the snapshot, as in SNP-7; drift only passes it on.
	ID         string
	Kind       vocab.SnapshotKind
	CapturedAt time.Time
	items      []Item
}

// New brings facts into canonical form. It is Invalid with every bad path and value when some cannot be kept.
func New[V any](kind vocab.SnapshotKind, facts map[string]V) (Snapshot, error) {
	var check fault.Check
	fault.RequiredChoice(&check, "kind", kind)
	if len(facts) == 0 {
		check.Add("items", "required", "must hold at least one item")
	}
	if len(facts) > MaxItems {
		check.Add("items", "too_long", "has %d items, at most %d are allowed", len(facts), MaxItems)
		return Snapshot{}, check.Err()
	}
	items := make([]Item, 0, len(facts))
	for path, value := range facts {
		if reason := badPath(path); reason != "" {
			check.Add(itemField(path), "invalid_path", "%s", reason)
			continue
		}
		item, err := newItem(kind, path, value)
		if err != nil {
			check.Add(itemField(path), "invalid_value", "%s", err)
			continue
		}
		items = append(items, item)
	}
	slices.SortFunc(check.Fields, func(a, b fault.Field) int { return strings.Compare(a.Field, b.Field) })
	if err := check.Err(); err != nil {
		return Snapshot{}, err
	}
	return From(kind, items), nil
}

// From builds a snapshot from items that New has made before, as a store reads them back, in any order.
func From(kind vocab.SnapshotKind, items []Item) Snapshot {
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Path, b.Path) })
	return Snapshot{Kind: kind, items: items}
}

// Merge is one snapshot with the items of several of one kind, as when two tools describe one environment. Where two hold
// the same path, the later one counts. Its time is the newest of them; it has no ID.
func Merge(snapshots ...Snapshot) Snapshot {
	byPath := map[string]Item{}
	var merged Snapshot
	for _, s := range snapshots {
		for _, item := range s.items {
			byPath[item.Path] = item
		}
		merged.Kind = s.Kind
		if s.CapturedAt.After(merged.CapturedAt) {
			merged.CapturedAt = s.CapturedAt
		}
	}
	items := make([]Item, 0, len(byPath))
	for _, item := range byPath {
		items = append(items, item)
	}
	at := merged.CapturedAt
	merged = From(merged.Kind, items)
	merged.CapturedAt = at
	return merged
}

// Items are the facts by ascending path; the caller must not change them.
func (s Snapshot) Items() []Item { return s.items }

// Item is the fact at path.
func (s Snapshot) Item(path string) (Item, bool) {
	i, found := slices.BinarySearchFunc(s.items, path, func(item Item, path string) int { return strings.Compare(item.Path, path) })
	if !found {
		return Item{}, false
	}
	return s.items[i], true
}

// ContentHash is equal for the same facts in any order. Figures that move by themselves do not count.
func (s Snapshot) ContentHash() Hash {
	sum := sha256.New()
	sum.Write([]byte(s.Kind))
	for _, item := range s.items {
		if s.Kind == vocab.SnapshotKindSchema && isNoisePath(item.Path) {
			continue
		}
		sum.Write(item.Hash[:])
	}
	return Hash(sum.Sum(nil))
}

func newItem(kind vocab.SnapshotKind, path string, value any) (Item, error) {
	shown, key, err := canonical(kind, path, value)
	if err != nil {
		return Item{}, err
	}
	sum := sha256.New()
	for _, part := range [][]byte{[]byte(kind), []byte(path), key} {
		sum.Write(part)
		sum.Write([]byte{0})
	}
	return Item{Path: path, Value: shown, Hash: Hash(sum.Sum(nil))}, nil
}

func badPath(path string) string {
	switch {
	case path == "":
		return "is empty"
	case len(path) > MaxPathBytes:
		return fmt.Sprintf("is longer than %d bytes", MaxPathBytes)
	case !utf8.ValidString(path) || strings.ContainsFunc(path, unicode.IsControl):
		return "holds a character that no path may hold"
	case path[0] == '/' || path[len(path)-1] == '/' || strings.Contains(path, "//"):
		return "has an empty segment"
	}
	return ""
}

// itemField names the item in an error without repeating an endless path.
func itemField(path string) string {
	const enough = 100
	if runes := []rune(strings.ToValidUTF8(path, "?")); len(runes) > enough {
		path = string(runes[:enough]) + "…"
	}
	return "items." + path
}

// Incomparable is the value of an object that could not be read, with the reason for people.
func Incomparable(reason string) map[string]any { return map[string]any{"incomparable": reason} }

// incomparable is the reason why an item could not be read, if it could not.
func incomparable(value json.RawMessage) (reason string, is bool) {
	const start = `{"incomparable":"`
	if !strings.HasPrefix(string(value), start) {
		return "", false
	}
	var v struct{ Incomparable string }
	if err := json.Unmarshal(value, &v); err != nil {
		return "", false
	}
	return v.Incomparable, true
}
