package finish

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// rename gives schemas the names that clients see: handlers.FindingView becomes Finding, finding.Input
// FindingInput, handlers.Page-handlers_FindingView FindingPage.
func (f *finisher) rename() error {
	names, taken := map[string]string{}, map[string]string{}
	for _, old := range slices.Sorted(maps.Keys(f.schemas)) {
		name := publicName(old)
		if other, ok := taken[name]; ok {
			return fmt.Errorf("types %s and %s would both be named %s: rename one", other, old, name)
		}
		taken[name], names[old] = old, name
	}
	renamed := object{}
	for old, name := range names {
		renamed[name] = f.schemas[old]
	}
	f.schemas = renamed
	child(f.doc, "components")["schemas"] = renamed
	missing := ""
	walk(f.doc, func(o object) {
		old, ok := refName(o)
		if !ok {
			return
		}
		if name, ok := names[old]; ok {
			o["$ref"] = schemaRef + name
		} else if old != "RecordID" {
			missing = old
		}
		delete(o, "summary")
	})
	if missing != "" {
		return fmt.Errorf("a schema refers to %s, which no operation takes or gives", missing)
	}
	return nil
}

func publicName(old string) string {
	outer, arguments, generic := strings.Cut(old, "-")
	pkg, name, found := strings.Cut(outer, ".")
	if !found {
		pkg, name = "", outer
	}
	if generic {
		inner := ""
		for _, argument := range strings.Split(arguments, "-") {
			inner += publicName(strings.Replace(strings.TrimPrefix(argument, "array_"), "_", ".", 1))
		}
		return inner + strings.TrimSuffix(name, "View")
	}
	if old == "fault.Field" {
		return "FieldError"
	}
	switch name {
	case "ID":
		return "RecordID"
	case "Input", "Patch", "Filter", "View", "Change", "Transition", "Result", "Verdict", "Item", "Query", "Field":
		return title(pkg) + strings.TrimSuffix(name, "View")
	}
	return title(strings.TrimSuffix(name, "View"))
}

func title(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// singular is enough for the nouns of paths.
func singular(noun string) string {
	switch {
	case strings.HasSuffix(noun, "ies"):
		return strings.TrimSuffix(noun, "ies") + "y"
	case strings.HasSuffix(noun, "ss"):
		return noun
	}
	return strings.TrimSuffix(noun, "s")
}

// camel joins words split at underscores and dashes.
func camel(s string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("_-.{}", r) }) {
		out.WriteString(title(word))
	}
	return out.String()
}

// operationID names an operation without @ID after its method and path: listFindings, createFinding,
// getFinding, updateFinding, deleteFinding, createFindings in bulk, transitionFinding; listAttemptEvents below
// another record.
func operationID(o operation, list bool) string {
	var owners []string
	last, onRecord := "", false
	for _, segment := range strings.Split(strings.TrimPrefix(o.path, apiBase), "/") {
		switch {
		case segment == "":
		case strings.HasPrefix(segment, "{"):
			onRecord = true
		default:
			if last != "" {
				owners = append(owners, camel(singular(last)))
			}
			last, onRecord = segment, false
		}
	}
	if o.method == "post" && len(owners) > 0 {
		switch last {
		case "bulk":
			return "create" + strings.Join(owners[:len(owners)-1], "") + camel(segmentBefore(o.path))
		case "transitions":
			return "transition" + strings.Join(owners, "")
		}
	}
	owner := strings.Join(owners, "")
	one, many := owner+camel(singular(last)), owner+camel(last)
	switch {
	case o.method == "get" && list:
		return "list" + many
	case o.method == "get" && onRecord:
		return "get" + one
	case o.method == "get":
		return "get" + many
	case o.method == "post":
		return "create" + one
	case o.method == "put":
		return "put" + one
	case o.method == "patch":
		return "update" + one
	}
	return o.method + one
}

// segmentBefore is the last segment but one.
func segmentBefore(path string) string {
	segments := strings.Split(path, "/")
	return segments[len(segments)-2]
}
