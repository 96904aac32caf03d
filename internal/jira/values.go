package jira

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// ID is an identifier of Jira. The same id comes as a string in one family of events and as a number in another, so it is kept
// as its digits.
type ID string

// Number is the id as a number, for ordering; an id that is none counts as zero.
func (id ID) Number() int64 {
	n, err := strconv.ParseInt(string(id), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Field is one field of an issue. Absent is not null: an event that does not carry a field says nothing about it.
type Field[T any] struct {
	// Set is whether the event carried the field at all.
	Set bool
	// Null is whether it carried null.
	Null bool
	// Value is the field where Set and not Null.
	Value T
}

// Has says whether there is a value.
func (f Field[T]) Has() bool { return f.Set && !f.Null }

// Or gives the value, or other where there is none.
func (f Field[T]) Or(other T) T {
	if f.Has() {
		return f.Value
	}
	return other
}

// Named is anything Jira names: a priority, a component, a version, a resolution, a security level.
type Named struct {
	ID   ID     `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// Status is a workflow status. Names are localised and edited, the category is one of new, indeterminate and done.
type Status struct {
	ID       ID     `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Category string `json:"category,omitempty"`
}

// IssueType is the type of an issue.
type IssueType struct {
	ID      ID     `json:"id,omitempty"`
	Name    string `json:"name,omitempty"`
	Subtask bool   `json:"subtask,omitempty"`
}

// Project is where an issue lives.
type Project struct {
	ID   ID     `json:"id,omitempty"`
	Key  string `json:"key,omitempty"`
	Name string `json:"name,omitempty"`
}

// IssueRef points to another issue.
type IssueRef struct {
	ID      ID     `json:"id,omitempty"`
	Key     string `json:"key,omitempty"`
	Summary string `json:"summary,omitempty"`
}

// Person is who did something, by the ids a site knows them by. Names for people and addresses are never kept.
type Person struct {
	AccountID string
	Key       string
	Name      string
}

// Known says whether there is any id.
func (p Person) Known() bool { return p.AccountID != "" || p.Key != "" || p.Name != "" }

// ID is the stable id of the person: the account id on Cloud, the key or user name on Data Center. A user name that is an e-mail
// address is replaced by a digest, since addresses are not kept. An unknown person is "unknown".
func (p Person) ID() string {
	for _, id := range []string{p.AccountID, p.Key, p.Name} {
		if id == "" {
			continue
		}
		if markup.RedactEmails(id) != id {
			sum := sha256.Sum256([]byte(strings.ToLower(id)))
			return "user:" + hex.EncodeToString(sum[:6])
		}
		return id
	}
	return "unknown"
}

// Is says whether the person goes by this id.
func (p Person) Is(id string) bool {
	return id != "" && (id == p.AccountID || id == p.Key || id == p.Name || p.Known() && id == p.ID())
}

// maxString is far above what a record takes of a text; what is longer lives in the raw body alone, so that no text is worked on for
// seconds.
const maxString = 1 << 20

// clean is what every text from Jira passes through before it is kept.
func clean(s string) string {
	if len(s) > maxString {
		s = strings.ToValidUTF8(s[:maxString], "") // a character may have been cut
	}
	return markup.RedactEmails(markup.Clean(s))
}

// cleanJSON keeps a value for later, without characters a database refuses and without names and addresses of people. Objects
// come out with sorted keys, so equal values have equal bytes.
func cleanJSON(raw json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil
	}
	out, err := json.Marshal(cleanValue(value))
	if err != nil {
		return nil
	}
	return out
}

func cleanValue(value any) any {
	switch v := value.(type) {
	case string:
		return clean(v)
	case []any:
		for i := range v {
			v[i] = cleanValue(v[i])
		}
	case map[string]any:
		// A user inside a field: keep the ids.
		_, account := v["accountId"]
		_, avatar := v["avatarUrls"]
		if _, mail := v["emailAddress"]; mail || account || avatar && v["name"] != nil {
			delete(v, "emailAddress")
			delete(v, "displayName")
			delete(v, "avatarUrls")
			delete(v, "self")
		}
		for k := range v {
			v[k] = cleanValue(v[k])
		}
	}
	return value
}

// times Jira writes: RFC 3339 with an offset that has no colon, and sometimes without a fraction.
var timeLayouts = []string{"2006-01-02T15:04:05.000-0700", "2006-01-02T15:04:05-0700", time.RFC3339Nano, time.DateOnly}

// parseTime reads a time of Jira; the zero time stands for one that cannot be read.
func parseTime(s string) time.Time {
	for _, layout := range timeLayouts {
		if at, err := time.Parse(layout, s); err == nil && at.Year() > 0 && at.Year() < 10_000 {
			return at.UTC()
		}
	}
	return time.Time{}
}
