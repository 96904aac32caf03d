package jira

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/markup"
)

// secretHeaders are never kept with a delivery.
var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", SignatureHeader, SignatureHeader + "-256", DefaultTokenHeader}

// RedactHeaders is what may be kept of a delivery's headers: what proves it is authentic is not kept. auth names the header of a
// static token.
func RedactHeaders(h http.Header, auth Auth) http.Header {
	out := h.Clone()
	for name := range out {
		if strings.EqualFold(name, auth.Header) || slices.ContainsFunc(secretHeaders, func(s string) bool { return strings.EqualFold(s, name) }) {
			out[name] = []string{"***"}
		}
	}
	return out
}

// RedactURL is what may be kept of a delivery's address: the token's parameter, and any that looks like one, is blotted out.
func RedactURL(u *url.URL, auth Auth) string {
	q := u.Query()
	for name := range q {
		low := strings.ToLower(name)
		if name == auth.QueryToken || strings.Contains(low, "token") || strings.Contains(low, "secret") || strings.Contains(low, "password") || strings.Contains(low, "signature") {
			q[name] = []string{"***"}
		}
	}
	out := url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}
	return out.String()
}

// Erased stands where a person was.
const Erased = "erased"

// EraseRaw takes a person out of a raw body: every object that is this person loses its names and addresses, the id is replaced
// wherever it stands, and so are the person's names in texts of the same body. A body that is no JSON is given back as nil, since
// nothing in it can be told apart.
func EraseRaw(raw []byte, id string) []byte {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil || id == "" {
		return nil
	}
	e := &eraser{id: id}
	e.collect(value)
	out, err := json.Marshal(e.scrub(value))
	if err != nil {
		return nil
	}
	return out
}

type eraser struct {
	id    string
	names []string
}

var userMembers = []string{"displayName", "emailAddress", "name", "key", "text"}

func (e *eraser) isPerson(o map[string]any) bool {
	for _, member := range []string{"accountId", "key", "name", "id"} {
		if s, _ := o[member].(string); s == e.id {
			return true
		}
	}
	return false
}

func (e *eraser) collect(value any) {
	switch v := value.(type) {
	case []any:
		for _, c := range v {
			e.collect(c)
		}
	case map[string]any:
		if e.isPerson(v) {
			for _, member := range userMembers {
				// Very short names would blot out parts of other words.
				if s, _ := v[member].(string); len(strings.TrimPrefix(s, "@")) > 3 && s != e.id {
					e.names = append(e.names, s)
				}
			}
		}
		for _, c := range v {
			e.collect(c)
		}
	}
}

func (e *eraser) scrub(value any) any {
	switch v := value.(type) {
	case string:
		return e.text(v)
	case []any:
		for i := range v {
			v[i] = e.scrub(v[i])
		}
	case map[string]any:
		if e.isPerson(v) {
			for _, member := range []string{"displayName", "emailAddress", "avatarUrls", "timeZone", "locale"} {
				delete(v, member)
			}
		}
		for k := range v {
			v[k] = e.scrub(v[k])
		}
	}
	return value
}

func (e *eraser) text(s string) string {
	for _, name := range append([]string{e.id}, e.names...) {
		s = strings.ReplaceAll(s, name, Erased)
	}
	return s
}

// EraseText takes a person out of a derived text, by the id and the mentions the text was found to hold.
func EraseText(s, id string, mentions []markup.Mention) string {
	for _, m := range mentions {
		if m.ID == id {
			s = strings.ReplaceAll(s, m.Text, "@"+Erased)
		}
	}
	if id == "" {
		return s
	}
	return strings.ReplaceAll(s, id, Erased)
}

// Erase takes a person out of what is known of an issue. Stamps stay, so a late event cannot bring the person back; a newer one from
// Jira can, which is why Jira erases first.
func (s State) Erase(id string) State {
	s = s.clone()
	for name, r := range s.Fields {
		if erased := EraseRaw(r.Value, id); erased != nil && !bytes.Equal(erased, r.Value) {
			r.Value = erased
			s.Fields[name] = r
		}
	}
	return s
}
