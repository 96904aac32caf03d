package jira

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Warning is a part of a delivery that was not understood. It holds a path and no text of the body.
type Warning struct {
	Path string `json:"path"`
	Code string `json:"code"`
}

// object is a JSON object whose members are read on demand.
type object map[string]json.RawMessage

// reader reads members leniently: a member of an unexpected type is absent and leaves a warning.
type reader struct {
	warnings []Warning
}

// maxWarnings bounds the notes on a body made of nothing but mistakes.
const maxWarnings = 50

func (r *reader) warn(path, code string) {
	if len(r.warnings) < maxWarnings {
		r.warnings = append(r.warnings, Warning{Path: path, Code: code})
	}
}

func isNull(raw json.RawMessage) bool {
	return len(raw) == 0 || bytes.Equal(bytes.TrimSpace(raw), []byte("null"))
}

func (r *reader) object(raw json.RawMessage, path string) (object, bool) {
	if isNull(raw) {
		return nil, false
	}
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		r.warn(path, "not_object")
		return nil, false
	}
	return o, true
}

func (r *reader) list(raw json.RawMessage, path string) []json.RawMessage {
	if isNull(raw) {
		return nil
	}
	var l []json.RawMessage
	if err := json.Unmarshal(raw, &l); err != nil {
		r.warn(path, "not_list")
		return nil
	}
	return l
}

// scalar gives a string, number or boolean as text.
func scalar(raw json.RawMessage) (string, bool) {
	raw = bytes.TrimSpace(raw)
	if isNull(raw) {
		return "", false
	}
	switch c := raw[0]; {
	case c == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return "", false
		}
		return s, true
	case c == '-' || c >= '0' && c <= '9':
		return string(raw), true
	case c == 't' || c == 'f':
		return string(raw), true
	}
	return "", false
}

// text is a member as cleaned text.
func (r *reader) text(o object, key, path string) string {
	raw, ok := o[key]
	if !ok || isNull(raw) {
		return ""
	}
	s, ok := scalar(raw)
	if !ok {
		r.warn(path+"."+key, "not_text")
		return ""
	}
	return clean(s)
}

// word is a member as it is, for ids of people, which may look like addresses.
func (r *reader) word(o object, key string) string {
	s, _ := scalar(o[key])
	if len(s) > 255 {
		return ""
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' {
			return -1
		}
		return c
	}, s)
}

// id is a member as an ID, whether it came as a string or a number.
func (r *reader) id(o object, key, path string) ID {
	raw, ok := o[key]
	if !ok || isNull(raw) {
		return ""
	}
	s, ok := scalar(raw)
	if !ok || len(s) > 100 {
		r.warn(path+"."+key, "not_id")
		return ""
	}
	if raw[0] != '"' {
		// 1.0124e4 and 10124.0 are the same id as 10124.
		if f, err := strconv.ParseFloat(s, 64); err == nil && strings.ContainsAny(s, ".eE") && f == float64(int64(f)) {
			s = strconv.FormatInt(int64(f), 10)
		}
	}
	return ID(clean(s))
}

func (r *reader) flag(o object, key string) bool {
	s, _ := scalar(o[key])
	return strings.EqualFold(s, "true")
}

func (r *reader) time(o object, key string) time.Time {
	s, _ := scalar(o[key])
	return parseTime(s)
}

// millis is a member that counts milliseconds since 1970, as a number or as its digits.
func (r *reader) millis(o object, key, path string) int64 {
	s, ok := scalar(o[key])
	if !ok {
		return 0
	}
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || f < 0 || f > 1e15 {
			r.warn(path+"."+key, "not_timestamp")
			return 0
		}
		n = int64(f)
	}
	if n < 0 || n > 1e15 {
		r.warn(path+"."+key, "not_timestamp")
		return 0
	}
	return n
}

func (r *reader) person(raw json.RawMessage, path string) Person {
	o, ok := r.object(raw, path)
	if !ok {
		return Person{}
	}
	p := Person{AccountID: r.word(o, "accountId"), Key: r.word(o, "key"), Name: r.word(o, "name")}
	if p.AccountID == "" {
		// Atlassian's own sample misspells it.
		p.AccountID = r.word(o, "accoundId")
	}
	if !p.Known() {
		// Some senders leave out every id but the one in the user's address.
		if u, err := url.Parse(r.word(o, "self")); err == nil {
			q := u.Query()
			p = Person{AccountID: q.Get("accountId"), Key: q.Get("key"), Name: q.Get("username")}
		}
	}
	return p
}

// named reads `{id, name}`, or a bare string as its name.
func (r *reader) named(raw json.RawMessage, path string) (Named, bool) {
	if s, ok := scalar(raw); ok {
		return Named{Name: clean(s)}, s != ""
	}
	o, ok := r.object(raw, path)
	if !ok {
		return Named{}, false
	}
	n := Named{ID: r.id(o, "id", path), Name: r.text(o, "name", path)}
	if n.Name == "" {
		n.Name = r.text(o, "value", path)
	}
	return n, n != Named{}
}

func (r *reader) namedList(raw json.RawMessage, path string) []Named {
	var out []Named
	for i, item := range r.list(raw, path) {
		if n, ok := r.named(item, path+"["+strconv.Itoa(i)+"]"); ok {
			out = append(out, n)
		}
	}
	return out
}
