package postmortem

import (
	"fmt"
	"sort"
)

// notebook collects notes; equal notes on one line are kept once.
type notebook struct {
	notes []Note
	seen  map[string]bool
}

func (n *notebook) add(line int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	n.once(fmt.Sprint(line, message), line, "%s", message)
}

// once notes only the first thing of its kind.
func (n *notebook) once(kind string, line int, format string, args ...any) {
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	if n.seen[kind] {
		return
	}
	n.seen[kind] = true
	n.notes = append(n.notes, Note{Line: line + 1, Message: fmt.Sprintf(format, args...)})
}

func (n *notebook) sorted() []Note {
	sort.SliceStable(n.notes, func(i, j int) bool { return n.notes[i].Line < n.notes[j].Line })
	return n.notes
}
