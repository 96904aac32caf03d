package drift

import (
	"slices"
	"strings"
)

// Path writes a path from its segments and escapes what a segment must not hold.
func Path(segments ...string) string {
	escaped := make([]string, len(segments))
	for i, segment := range segments {
		escaped[i] = escape(segment)
	}
	return strings.Join(escaped, "/")
}

// Qualified is the name of an object in a database schema: the bare name in the default schema, schema and name elsewhere.
func Qualified(schema, defaultSchema, name string) string {
	name = strings.ReplaceAll(strings.ReplaceAll(name, "%", "%25"), ".", "%2E")
	if schema == "" || schema == defaultSchema {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(schema, "%", "%25"), ".", "%2E") + "." + name
}

// escape keeps the escapes that Qualified has written.
func escape(segment string) string {
	if !strings.ContainsAny(segment, "%/") {
		return segment
	}
	var b strings.Builder
	for i := 0; i < len(segment); i++ {
		switch rest := segment[i:]; {
		case segment[i] == '/':
			b.WriteString("%2F")
		case segment[i] == '%' && !strings.HasPrefix(rest, "%25") && !strings.HasPrefix(rest, "%2E") && !strings.HasPrefix(rest, "%2F"):
			b.WriteString("%25")
		default:
			b.WriteByte(segment[i])
		}
	}
	return b.String()
}

func unescape(segment string) string {
	if !strings.Contains(segment, "%") {
		return segment
	}
	return strings.NewReplacer("%2F", "/", "%2f", "/", "%2E", ".", "%2e", ".", "%25", "%").Replace(segment)
}

// object is a path as read: the kinds and names of its pairs, outermost first.
type object struct {
	kinds, names []string
}

// parse reads a path. A path whose last kind has no name, or that starts with an unknown kind, is read as one name per
// segment, with empty kinds.
func parse(path string) object {
	segments := strings.Split(path, "/")
	if segments[0] == "package" && len(segments) > 2 {
		return object{kinds: []string{segments[1], "package"}, names: []string{"", strings.Join(segments[2:], "/")}}
	}
	var o object
	if !slices.Contains(topKinds, segments[0]) || len(segments) < 2 {
		for _, segment := range segments {
			o.kinds, o.names = append(o.kinds, ""), append(o.names, segment)
		}
		return o
	}
	for i := 0; i < len(segments); i += 2 {
		name := ""
		if i+1 < len(segments) {
			name = segments[i+1]
		}
		o.kinds, o.names = append(o.kinds, segments[i]), append(o.names, name)
	}
	return o
}

func (o object) kind() string { return o.kinds[len(o.kinds)-1] }
func (o object) name() string { return unescape(o.names[len(o.names)-1]) }

// owner is the kind and name of the object that this one belongs to; both are empty at the top.
func (o object) owner() (kind, name string) {
	if len(o.kinds) < 2 {
		return "", ""
	}
	return o.kinds[len(o.kinds)-2], unescape(o.names[len(o.names)-2])
}

// group is what comes before the last name: objects of one group differ in their name only.
func group(path string) string {
	return path[:strings.LastIndexByte(path, '/')+1]
}

// topKinds are the kinds that a path of pairs may start with.
var topKinds = []string{
	"table", "view", "materialized_view", "function", "procedure", "aggregate", "type", "sequence", "extension", "schema",
	"grant", "event", "event_trigger", "publication", "extended_statistics", "setting", "server", "database", "role_setting",
	"env", "deployment", "statefulset", "daemonset", "job", "cronjob", "pod", "configmap", "secret", "runtime",
}
