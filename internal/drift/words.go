package drift

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxShown is how much of a value the words repeat, in characters; both values are in the change in full.
const maxShown = 80

// words says in one line what differs.
func (n Names) words(c Change) string {
	what := noun(c.Path)
	setting := strings.HasPrefix(c.Path, "setting/")
	switch {
	case c.Change == Missing && setting:
		return fmt.Sprintf("%s is set in %s and left at its default in %s", what, n.Base, n.Target)
	case c.Change == Added && setting:
		return fmt.Sprintf("%s is set in %s and left at its default in %s", what, n.Target, n.Base)
	case c.Change == Missing:
		return fmt.Sprintf("%s is missing in %s", what, n.Target)
	case c.Change == Added:
		return fmt.Sprintf("%s is only in %s", what, n.Target)
	case strings.HasSuffix(c.Path, rowBandPath):
		return fmt.Sprintf("%s holds %s rows in %s and %s in %s", what, plain(c.Base), n.Base, plain(c.Target), n.Target)
	}
	base, isObject := fields(c.Base)
	target, both := fields(c.Target)
	if isObject && both {
		return what + " differs: " + n.fieldWords(base, target)
	}
	if isHashed(plain(c.Base)) || isHashed(plain(c.Target)) {
		return what + " has another value in " + n.Target + " than in " + n.Base
	}
	if parse(c.Path).kind() != "setting" && slices.Contains(definitionKinds, parse(c.Path).kind()) {
		return fmt.Sprintf("%s differs: %s in %s, %s in %s", what, plain(c.Base), n.Base, plain(c.Target), n.Target)
	}
	return fmt.Sprintf("%s is %s in %s and %s in %s", what, plain(c.Base), n.Base, plain(c.Target), n.Target)
}

func (n Names) fieldWords(base, target map[string]any) string {
	names := make([]string, 0, len(base)+len(target))
	for name := range base {
		names = append(names, name)
	}
	for name := range target {
		if _, both := base[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []string
	for _, name := range names {
		a, b := base[name], target[name]
		if isNoiseField(name) || sameField(name, show(a), show(b)) {
			continue
		}
		out = append(out, n.field(strings.ReplaceAll(name, "_", " "), a, b))
	}
	if len(out) == 0 {
		return "details"
	}
	return strings.Join(out, "; ")
}

func sameField(name, a, b string) bool {
	if definitionFields[strings.ToLower(name)] {
		return definitionKey(a) == definitionKey(b)
	}
	return a == b
}

func (n Names) field(name string, a, b any) string {
	listA, isListA := a.([]any)
	listB, isListB := b.([]any)
	switch {
	case name == "hash" || isHashed(show(a)) || isHashed(show(b)):
		if name == "hash" {
			name = "definition"
		}
		return name + " is not the same"
	case isTrue(a) && !isTrue(b):
		return fmt.Sprintf("%s in %s, not in %s", name, n.Base, n.Target)
	case isTrue(b) && !isTrue(a):
		return fmt.Sprintf("%s in %s, not in %s", name, n.Target, n.Base)
	case isListA && isListB && utf8.RuneCountInString(show(a)+show(b)) > maxShown:
		return n.list(name, listA, listB)
	}
	shownA, shownB := shortenBoth(show(a), show(b))
	return fmt.Sprintf("%s %s in %s, %s in %s", name, shownA, n.Base, shownB, n.Target)
}

// list says which entries of two long lists differ.
func (n Names) list(name string, a, b []any) string {
	onlyA, onlyB := without(a, b), without(b, a)
	if len(onlyA)+len(onlyB) == 0 {
		return name + " has another order"
	}
	var out []string
	if len(onlyA) > 0 {
		out = append(out, shorten(show(onlyA))+" only in "+n.Base)
	}
	if len(onlyB) > 0 {
		out = append(out, shorten(show(onlyB))+" only in "+n.Target)
	}
	return name + " " + strings.Join(out, ", ")
}

func without(a, b []any) []any {
	return slices.DeleteFunc(slices.Clone(a), func(x any) bool {
		return slices.ContainsFunc(b, func(y any) bool { return show(x) == show(y) })
	})
}

// noun names the object of a path in words.
func noun(path string) string {
	o := parse(path)
	kind, name := o.kind(), o.name()
	ownerKind, owner := o.owner()
	spaced := strings.ReplaceAll(kind, "_", " ")
	switch kind {
	case "":
		return path
	case "column":
		return "column " + owner + "." + name
	case "row_band":
		return ownerKind + " " + owner
	case "package":
		return o.kinds[0] + " package " + name
	case "env":
		if owner != "" {
			return "environment variable " + name + " of " + ownerKind + " " + owner
		}
		return "environment variable " + name
	case "grant":
		if owner == "" {
			return "grant to " + name
		}
		return "grant to " + name + " on " + noun(path[:strings.LastIndex(path, "/grant/")])
	case "server", "database", "runtime":
		return kind + " " + strings.ReplaceAll(name, "_", " ")
	}
	if name == "" {
		if owner != "" {
			return spaced + " of " + strings.ReplaceAll(ownerKind, "_", " ") + " " + owner
		}
		return "every " + spaced
	}
	if owner != "" {
		return spaced + " " + name + " on " + owner
	}
	return spaced + " " + name
}

func fields(raw json.RawMessage) (map[string]any, bool) {
	value, err := decode(raw)
	if err != nil {
		return nil, false
	}
	object, is := value.(map[string]any)
	return object, is
}

// plain is a value as people read it.
func plain(raw json.RawMessage) string {
	value, err := decode(raw)
	if err != nil {
		return shorten(string(raw))
	}
	return shorten(show(value))
}

func show(value any) string {
	switch v := value.(type) {
	case nil:
		return "none"
	case string:
		if v == "" {
			return "empty"
		}
		return v
	case []any:
		parts := make([]string, len(v))
		for i, entry := range v {
			parts[i] = show(entry)
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return "unreadable"
	}
	return strings.Trim(string(raw), `"`)
}

func shorten(text string) string {
	runes := []rune(text)
	if len(runes) <= maxShown {
		return text
	}
	return string(runes[:maxShown]) + "…"
}

func isTrue(value any) bool { b, is := value.(bool); return is && b }

// shortenBoth cuts two long texts so that the place where they part is in view.
func shortenBoth(a, b string) (string, string) {
	const lead = 30
	runesA, runesB := []rune(a), []rune(b)
	if len(runesA) <= maxShown && len(runesB) <= maxShown {
		return a, b
	}
	same := 0
	for same < len(runesA) && same < len(runesB) && runesA[same] == runesB[same] {
		same++
	}
	if same <= lead {
		return shorten(a), shorten(b)
	}
	return "…" + shorten(string(runesA[same-lead:])), "…" + shorten(string(runesB[same-lead:]))
}

// isHashed says whether a value was hashed where it was read.
func isHashed(text string) bool {
	return strings.HasPrefix(text, "sha256:") || strings.HasPrefix(text, "hmac-sha256:")
}
