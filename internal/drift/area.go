package drift

import (
	"slices"
	"strings"
	"unicode"
)

// Match says how well an area and a path meet.
type Match int

// The matches, weakest first.
const (
	// MatchNone: the path is not in the area.
	MatchNone Match = iota
	// MatchWord: an object of the path has all words of the area in its name, as session_timeout has session.
	MatchWord
	// MatchName: the area names an object of the path.
	MatchName
)

// MatchArea says whether path lies in area, the way people write areas on attempts, assumptions and findings:
//
//	sessions                        any object of that name, with all that belongs to it
//	table:sessions, table/sessions  the object of that kind and name, with all that belongs to it
//	sessions.user_id                the object within its owner: a column of a table, a table of a schema
//	column:sessions.user_id         the same, with the kind of the last name
//	table/sessions/index/i          that path and all below it
//
// Case does not count. The schema public may be written or left out. Nothing but a whole name is a MatchName.
func MatchArea(path, area string) Match { return newMatcher(path).match(readArea(area)) }

// AreaOf is the area that a path lies in, as a new assumption would name it: the outermost object, with its kind unless that
// is a table. MatchArea says MatchName of a path and its own area.
func AreaOf(path string) string {
	o := parse(path)
	kind, name := o.kinds[0], unescape(o.names[0])
	if strings.HasPrefix(path, "package/") && o.kind() == "package" {
		kind, name = "package", o.name()
	}
	if kind == "" || kind == "table" && !strings.Contains(name, ":") {
		return name
	}
	return kind + ":" + name
}

// area is an area as read.
type area struct {
	raw, path, kind string
	names           []string
	words           []string
}

func readArea(raw string) area {
	text := strings.ToLower(strings.TrimSpace(raw))
	a := area{raw: strings.TrimSpace(raw), path: strings.Trim(text, "/")}
	name := text
	if kind, rest, found := strings.Cut(text, ":"); found && kind != "" && !strings.ContainsAny(kind, " /.") {
		a.kind, name = strings.ReplaceAll(kind, "-", "_"), strings.TrimSpace(rest)
		a.path = a.kind + "/" + strings.Trim(name, "/")
	}
	if name == "" {
		a.path = ""
		return a
	}
	a.names = strings.Split(strings.TrimPrefix(name, "public."), ".")
	if a.kind == "" {
		a.words = words(name)
	}
	return a
}

// matcher is a path prepared for many areas.
type matcher struct {
	path  string
	names []string // every name of the path, outermost first, with schemas apart
	kinds []string // the kind each name has; a schema's is "schema"
	words [][]string
}

func newMatcher(path string) matcher {
	m := matcher{path: strings.ToLower(path)}
	o := parse(path)
	for i, name := range o.names {
		if name == "" {
			continue
		}
		parts := []string{name}
		if o.kinds[i] != "package" && o.kinds[i] != "setting" {
			parts = strings.Split(name, ".")
		}
		for j, part := range parts {
			kind := o.kinds[i]
			if j < len(parts)-1 {
				kind = "schema"
			}
			part = strings.ToLower(unescape(part))
			m.names, m.kinds, m.words = append(m.names, part), append(m.kinds, kind), append(m.words, words(part))
		}
	}
	return m
}

func (m matcher) match(a area) Match {
	if a.path == "" {
		return MatchNone
	}
	if m.path == a.path || strings.HasPrefix(m.path, a.path+"/") {
		return MatchName
	}
	for i := 0; i+len(a.names) <= len(m.names) && len(a.names) > 0; i++ {
		last := i + len(a.names) - 1
		if slices.Equal(m.names[i:last+1], a.names) && (a.kind == "" || a.kind == m.kinds[last]) {
			return MatchName
		}
	}
	// A name with a dot in it, such as a setting or a package, is one name.
	if len(a.names) > 1 {
		whole := strings.Join(a.names, ".")
		for i, name := range m.names {
			if name == whole && (a.kind == "" || a.kind == m.kinds[i]) {
				return MatchName
			}
		}
	}
	for _, have := range m.words {
		if len(a.words) > 0 && containsAll(have, a.words) {
			return MatchWord
		}
	}
	return MatchNone
}

func containsAll(have, want []string) bool {
	for _, word := range want {
		if !slices.Contains(have, word) {
			return false
		}
	}
	return true
}

// words are the words of a name in the singular. Words of one or two letters say too little to match on.
func words(name string) []string {
	var out []string
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(word) > 2 {
			out = append(out, singular(word))
		}
	}
	return out
}

func singular(word string) string {
	switch {
	case strings.HasSuffix(word, "ies") && len(word) > 4:
		return word[:len(word)-3] + "y"
	case strings.HasSuffix(word, "ss") || strings.HasSuffix(word, "us"):
		return word
	case strings.HasSuffix(word, "xes") || strings.HasSuffix(word, "ches") || strings.HasSuffix(word, "sses"):
		return word[:len(word)-2]
	}
	return strings.TrimSuffix(word, "s")
}
