package finish

import (
	"maps"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// anID is the example of an id of no kind in particular.
const anID = "FND-12"

const recordIDPattern = "^[A-Z]{3}-[1-9][0-9]{0,15}$"

func recordIDSchema() object {
	return object{
		"type": "string", "pattern": recordIDPattern, "maxLength": 20,
		"description": "The name of a record: the prefix of its kind and a number.",
		"examples":    []any{anID},
	}
}

// relations are names before _id that refer to a record without naming its kind.
var relations = map[string]bool{"parent": true, "parity_target": true, "supersedes": true, "target": true}

// takesRecordID reports whether a plain string is an id, told by its name.
func takesRecordID(s object, name string) bool {
	if !is(s, "string") || s["format"] != nil || s["pattern"] != nil || s["enum"] != nil {
		return false
	}
	if name == "id" {
		return true
	}
	noun, ok := strings.CutSuffix(name, "_id")
	if !ok {
		return false
	}
	_, known := kindNamed(noun)
	return known || relations[noun]
}

// recordID makes s an id, keeping its description and whether it takes null.
func recordID(s object) {
	orNull, kept := is(s, "null"), object{}
	for _, key := range []string{"description", "examples"} {
		if value, ok := s[key]; ok {
			kept[key] = value
		}
	}
	clear(s)
	if orNull {
		maps.Copy(s, recordIDSchema())
		s["type"] = []any{"string", "null"}
		delete(s, "examples")
	} else {
		s["$ref"] = schemaRef + "RecordID"
	}
	maps.Copy(s, kept)
}

// asIDs makes the schema of a Go field that holds an id, or a list of them, one of ids, whatever the tags
// called it.
func asIDs(p object) {
	fixSwag(p)
	if items, ok := p["items"].(object); ok {
		recordID(items)
	} else if p["$ref"] == nil {
		recordID(p)
	}
	delete(p, "examples")
}

func kindNamed(name string) (vocab.Kind, bool) {
	for _, kind := range vocab.Kinds() {
		if kind.Name == name {
			return kind, true
		}
	}
	return vocab.Kind{}, false
}

// singularField is the name of one entry of a list of ids.
func singularField(name string) string {
	if noun, ok := strings.CutSuffix(name, "_ids"); ok {
		return noun + "_id"
	}
	return ""
}
