package drift

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Deed says how a path differs, seen from the base.
type Deed string

// The words of Deed.
const (
	// Added: the target has it and the base does not.
	Added Deed = "added"
	// Missing: the base has it and the target does not.
	Missing Deed = "missing"
	// Changed: both have it, differently, or one of them could not be read.
	Changed Deed = "changed"
)

// Values lists every Deed.
func (Deed) Values() []string { return []string{"added", "missing", "changed"} }

// Change is one path that differs.
type Change struct {
	Path   string `json:"path"`
	Change Deed   `json:"change"`
	// Base and Target are both sides; null stands for a side that does not have the path.
	Base   json.RawMessage `json:"base"`
	Target json.RawMessage `json:"target"`
	// Rank counts from 1, the change to look at first.
	Rank int `json:"rank"`
	// Why says in one line what differs and, after Rank, why it matters here.
	Why string `json:"why"`
	// Incomparable is set where a side could not be read, so nothing is known about the difference.
	Incomparable bool `json:"-"`
	// What is the part of Why that says what differs.
	What string `json:"-"`
	// Reasons are the parts of Why that say why it matters.
	Reasons []string `json:"-"`
}

// Names are what the two sides are called in the words of a change.
type Names struct{ Base, Target string }

// pair is one path with its two sides; a nil side does not have it.
type pair struct {
	path         string
	base, target *Item
}

// Diff is every difference between two snapshots of one kind, ordered by importance of the kind of object and then by
// path. Figures that move by themselves, names made up by a database and whitespace in definitions are no differences.
// An object that could not be read on one side is one Incomparable change and hides only what lies below its own path.
func Diff(base, target Snapshot, names Names) []Change {
	d := differ{names: names, schema: base.Kind == vocab.SnapshotKindSchema, unread: map[string]unread{}}
	d.noteUnread(base.items, true)
	d.noteUnread(target.items, false)
	pairs := slices.DeleteFunc(differing(base.items, target.items), d.skip)
	if d.schema {
		pairs = dropRenamed(pairs)
	}
	changes := make([]Change, 0, len(pairs)+len(d.unread))
	for path := range d.unread {
		changes = append(changes, d.unreadChange(path, base, target))
	}
	for _, p := range pairs {
		changes = append(changes, d.change(p))
	}
	return Rank(changes, Context{})
}

type unread struct {
	reason string
	inBase bool
}

type differ struct {
	names  Names
	schema bool
	unread map[string]unread
}

func (d *differ) noteUnread(items []Item, inBase bool) {
	for _, item := range items {
		if reason, is := incomparable(item.Value); is {
			d.unread[item.Path] = unread{reason: reason, inBase: inBase}
		}
	}
}

// differing walks both sides in step.
func differing(base, target []Item) []pair {
	var out []pair
	for i, j := 0, 0; i < len(base) || j < len(target); {
		switch {
		case j == len(target) || i < len(base) && base[i].Path < target[j].Path:
			out = append(out, pair{base[i].Path, &base[i], nil})
			i++
		case i == len(base) || target[j].Path < base[i].Path:
			out = append(out, pair{target[j].Path, nil, &target[j]})
			j++
		default:
			if base[i].Hash != target[j].Hash {
				out = append(out, pair{base[i].Path, &base[i], &target[j]})
			}
			i, j = i+1, j+1
		}
	}
	return out
}

// skip drops noise, and what an unread object covers.
func (d *differ) skip(p pair) bool {
	if len(d.unread) > 0 && d.covered(p.path) {
		return true
	}
	if !d.schema {
		return false
	}
	if strings.HasSuffix(p.path, rowBandPath) {
		return p.base == nil || p.target == nil || sameBand(plain(p.base.Value), plain(p.target.Value))
	}
	return isNoisePath(p.path)
}

// covered says whether an unread object is path, lies above it, or stands for its kind.
func (d *differ) covered(path string) bool {
	for i, r := range path + "/" {
		if r == '/' {
			if _, is := d.unread[path[:i]]; is {
				return true
			}
		}
	}
	_, is := d.unread[parse(path).kind()]
	return is
}

func (d *differ) change(p pair) Change {
	c := Change{Path: p.path}
	switch {
	case p.target == nil:
		c.Change, c.Base = Missing, p.base.Value
	case p.base == nil:
		c.Change, c.Target = Added, p.target.Value
	default:
		c.Change, c.Base, c.Target = Changed, p.base.Value, p.target.Value
	}
	c.What = d.names.words(c)
	return c
}

func (d *differ) unreadChange(path string, base, target Snapshot) Change {
	c := Change{Path: path, Change: Changed, Incomparable: true}
	if item, found := base.Item(path); found {
		c.Base = item.Value
	}
	if item, found := target.Item(path); found {
		c.Target = item.Value
	}
	where := d.names.Target
	if d.unread[path].inBase {
		where = d.names.Base
	}
	c.What = noun(path) + " cannot"
	if !strings.Contains(path, "/") {
		c.What = "no " + strings.ReplaceAll(path, "_", " ") + " can"
	}
	c.What += " be compared: in " + where + ", " + d.unread[path].reason
	return c
}
