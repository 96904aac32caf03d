package strictjson

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

type colour string

func (c *colour) UnmarshalText(text []byte) error {
	if string(text) != "red" {
		return errors.New("must be red")
	}
	*c = colour(text)
	return nil
}

type presence struct{ given, null bool }

func (p *presence) UnmarshalJSON(data []byte) error {
	p.given, p.null = true, string(data) == "null"
	if !p.null && data[0] != '"' {
		return json.Unmarshal(data, new(string))
	}
	return nil
}

type common struct {
	Tags []string `json:"tags"`
	Name string   `json:"name"`
}

type Shared struct {
	Team string `json:"team"`
}

type scope struct {
	Kinds []string `json:"kinds"`
}

type input struct {
	common
	*Shared
	Name      string            `json:"name"`
	Count     int               `json:"count,omitempty"`
	Small     int8              `json:"small"`
	Size      uint8             `json:"size"`
	Ratio     float64           `json:"ratio"`
	Flag      bool              `json:"flag"`
	Limit     *int              `json:"limit"`
	At        time.Time         `json:"at"`
	Until     *time.Time        `json:"until"`
	Scope     scope             `json:"applies_to"`
	Options   []scope           `json:"options"`
	Colour    colour            `json:"colour"`
	Presence  presence          `json:"presence"`
	Raw       json.RawMessage   `json:"raw"`
	Labels    map[string]string `json:"labels"`
	Any       any               `json:"any"`
	Blob      []byte            `json:"blob"`
	ID        int               `json:"-"`
	unexposed string            //nolint:unused // shows that unexported fields are no members
}

func TestDecodeFills(t *testing.T) {
	t.Parallel()
	seven, at := 7, time.Date(2026, 3, 2, 17, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		body string
		want input
	}{
		"strings and numbers of every kind": {`{"name":"a","count":-3,"small":-128,"size":255,"ratio":0.5,"flag":true}`,
			input{Name: "a", Count: -3, Small: -128, Size: 255, Ratio: 0.5, Flag: true}},
		"a whole number written with a fraction of zero": {`{"count":7.0,"size":1e2}`, input{Count: 7, Size: 100}},
		"the outer of two equal names":                   {`{"name":"outer"}`, input{Name: "outer"}},
		"embedded structs":                               {`{"tags":["x"],"team":"db"}`, input{common: common{Tags: []string{"x"}}, Shared: &Shared{Team: "db"}}},
		"pointers":                                       {`{"limit":7,"until":"2026-03-02T17:00:00Z"}`, input{Limit: &seven, Until: &at}},
		"times":                                          {`{"at":"2026-03-02T17:00:00Z"}`, input{At: at}},
		"nested structs and lists":                       {`{"applies_to":{"kinds":["runtime"]},"options":[{"kinds":[]}]}`, input{Scope: scope{Kinds: []string{"runtime"}}, Options: []scope{{Kinds: []string{}}}}},
		"types that read text":                           {`{"colour":"red"}`, input{Colour: "red"}},
		"types that read JSON":                           {`{"presence":"x"}`, input{Presence: presence{given: true}}},
		"a null for a type that reads JSON":              {`{"presence":null}`, input{Presence: presence{given: true, null: true}}},
		"raw members as written":                         {`{"raw": {"a": [1, 2]} }`, input{Raw: json.RawMessage(`{"a": [1, 2]}`)}},
		"maps":                                           {`{"labels":{"a":"b"}}`, input{Labels: map[string]string{"a": "b"}}},
		"anything":                                       {`{"any":[1,null]}`, input{Any: []any{1.0, nil}}},
		"bytes":                                          {`{"blob":"aGk="}`, input{Blob: []byte("hi")}},
		"null as absent":                                 {`{"name":null,"count":null,"tags":null,"at":null,"limit":null,"colour":null,"team":null}`, input{}},
		"escapes":                                        {`{"name":"\u00e9\ud83d\ude00"}`, input{Name: "é😀"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got input
			if err := Decode([]byte(tc.body), &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(got, tc.want, cmp.AllowUnexported(input{}, presence{})); diff != "" {
				t.Errorf("got (-) want (+):\n%s", diff)
			}
		})
	}
}

func TestDecodeReportsFields(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want []string
	}{
		"an unknown member":                      {`{"nope":1}`, []string{"nope unknown_field"}},
		"a member in another case":               {`{"Name":"x"}`, []string{"Name unknown_field"}},
		"a field kept from clients":              {`{"ID":1,"-":2}`, []string{"ID unknown_field", "- unknown_field"}},
		"an unexported field":                    {`{"unexposed":"x"}`, []string{"unexposed unknown_field"}},
		"a path into an object and a list":       {`{"applies_to":{"kinds":[1,"a",null]}}`, []string{"applies_to.kinds[0] invalid_type", "applies_to.kinds[2] invalid_type"}},
		"an unknown member in a list":            {`{"options":[{},{"x":1}]}`, []string{"options[1].x unknown_field"}},
		"wrong types":                            {`{"name":1,"count":"1","flag":"true","tags":"a","applies_to":[],"labels":[],"at":5,"colour":5,"blob":5,"ratio":"1"}`, []string{"name invalid_type", "count invalid_type", "flag invalid_type", "tags invalid_type", "applies_to invalid_type", "labels invalid_type", "at invalid_type", "colour invalid_type", "blob invalid_type", "ratio invalid_type"}},
		"a fraction or too large a whole number": {`{"count":1.5,"small":128,"size":-1,"limit":9223372036854775808}`, []string{"count invalid_type", "small invalid_type", "size invalid_type", "limit invalid_type"}},
		"a number out of range":                  {`{"ratio":1e999,"any":1e999}`, []string{"ratio invalid_type", "any invalid_type"}},
		"a time in another form":                 {`{"at":"2026-03-02","until":"2026-03-02T17:00:00"}`, []string{"at invalid_format", "until invalid_format"}},
		"an hour of one digit":                   {`{"at":"2026-03-02T7:00:00Z"}`, []string{"at invalid_format"}},
		"a decimal comma in a time":              {`{"at":"2026-03-02T07:00:00,5Z"}`, []string{"at invalid_format"}},
		"a zone that does not exist":             {`{"at":"2026-03-02T07:00:00+25:00"}`, []string{"at invalid_format"}},
		"text a type refuses":                    {`{"colour":"blue"}`, []string{"colour invalid_format"}},
		"JSON a type refuses":                    {`{"presence":{}}`, []string{"presence invalid_type"}},
		"bytes that are not base64":              {`{"blob":"*"}`, []string{"blob invalid_format"}},
		"a map value":                            {`{"labels":{"a":1}}`, []string{"labels.a invalid_type"}},
		"a body that is no object":               {`[]`, []string{" invalid_type"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := fieldErrors(t, Decode([]byte(tc.body), new(input)))
			if diff := cmp.Diff(got, tc.want); diff != "" {
				t.Errorf("got (-) want (+):\n%s", diff)
			}
		})
	}
}

func fieldErrors(t *testing.T, err error) []string {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("got %v, want a fault of kind Invalid", err)
	}
	var got []string
	for _, field := range f.Fields {
		if field.Message == "" {
			t.Errorf("field %s has no message", field.Field)
		}
		got = append(got, field.Field+" "+field.Code)
	}
	return got
}

func TestDecodeBoundsItsAnswer(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString("{")
	for i := range 1000 {
		fmt.Fprintf(&body, "%q:1,", fmt.Sprintf("%d%s", i, strings.Repeat("ä", 1000)))
	}
	body.WriteString(`"last":1}`)
	got := fieldErrors(t, Decode([]byte(body.String()), new(input)))
	if len(got) != maxFields {
		t.Errorf("got %d field errors, want %d", len(got), maxFields)
	}
	if len(got[0]) > 150 {
		t.Errorf("got a path of %d bytes, want it cut", len(got[0]))
	}
}

func TestDecodeRefusesWhatIsNotStrict(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return `{"any":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	if err := Decode([]byte(deep(MaxDepth-1)), new(input)); err != nil {
		t.Errorf("nesting of %d is refused: %v", MaxDepth, err)
	}
	for name, tc := range map[string]struct {
		body   string
		offset int64
		says   string
	}{
		"an empty body":                          {``, 0, "too early"},
		"only blanks":                            {"  \n", 0, "too early"},
		"a repeated name":                        {`{"name":"a","name":"b"}`, 12, "repeated"},
		"a repeated name spelt with an escape":   {`{"name":"a","nam\u0065":"b"}`, 12, "repeated"},
		"a repeated name deep in a raw member":   {`{"raw":{"a":1,"a":2}}`, 14, "repeated"},
		"data after the value":                   {`{} {}`, 4, "after"},
		"garbage after the value":                {`{}x`, 2, ""},
		"a text cut off":                         {`{"name":"a"`, 11, "too early"},
		"a comma too many":                       {`{"name":"a",}`, 11, ""},
		"a comment":                              {`{/* */}`, 1, ""},
		"single quotes":                          {`{'name':1}`, 1, ""},
		"NaN":                                    {`{"ratio":NaN}`, 9, ""},
		"a leading zero":                         {`{"count":01}`, 10, ""},
		"a byte order mark":                      {"\ufeff{}", 0, ""},
		"text that is not UTF-8":                 {"{\"name\":\"\xff\"}", 9, "UTF-8"},
		"a lone surrogate":                       {`{"name":"\ud800"}`, 9, "surrogate"},
		"a surrogate pair the wrong way":         {`{"name":"\udc00\ud800"}`, 9, "surrogate"},
		"an unescaped control character":         {"{\"name\":\"a\nb\"}", 10, ""},
		"nesting past the limit":                 {deep(MaxDepth), 70, "too deep"},
		"malformed text after a field error":     {`{"nope":1,"name":}`, 17, ""},
		"a hundred thousand brackets":            {strings.Repeat("[", 100_000), 64, "too deep"},
		"a hundred thousand nested raw brackets": {`{"raw":` + strings.Repeat("[", 100_000), 70, "too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Decode([]byte(tc.body), new(input))
			var got *Malformed
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want *Malformed", err)
			}
			if got.Offset != tc.offset || !strings.Contains(got.Message, tc.says) {
				t.Errorf("got %q at %d, want %q at %d", got.Message, got.Offset, tc.says, tc.offset)
			}
			if strings.Contains(err.Error(), "jsontext") {
				t.Errorf("the message %q names the parser", err)
			}
		})
	}
}

func TestDecodeNeedsAPointer(t *testing.T) {
	t.Parallel()
	for _, into := range []any{nil, input{}, (*input)(nil)} {
		if err := Decode([]byte(`{}`), into); err == nil {
			t.Errorf("decoding into %T is accepted", into)
		}
	}
}

// What we accept, the standard decoder accepts too, and both read the same.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{}`, `{"name":"a","count":1,"tags":["x"],"applies_to":{"kinds":[null]}}`, `{"at":"2026-03-02T17:00:00Z","until":null}`,
		`{"any":{"a":[1,2.5e3,"\ud83d\ude00"]},"raw":[]}`, `{"name":"a","name":"b"}`, `[[[[`, `{"name":"\ud800"}`, "\xff", `{"labels":{"":"x"},"size":1e2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var ours input
		err := Decode(data, &ours)
		var bad *Malformed
		switch {
		case errors.As(err, &bad):
			if bad.Offset < 0 || bad.Offset > int64(len(data)) {
				t.Errorf("offset %d is outside of %d bytes", bad.Offset, len(data))
			}
			return
		case !json.Valid(data):
			t.Fatalf("%q is not JSON but was read: %v", data, err)
		case err != nil:
			return
		}
		var theirs input
		if err := json.Unmarshal(data, &theirs); err != nil {
			var number *json.UnmarshalTypeError
			if errors.As(err, &number) && strings.HasPrefix(number.Value, "number") {
				return // 1.0 and 1e2 are whole numbers here
			}
			t.Fatalf("%q is read here but not by encoding/json: %v", data, err)
		}
		if theirs.Labels == nil && ours.Labels != nil || theirs.Shared == nil && ours.Shared != nil {
			t.Fatalf("%q fills members that are absent", data)
		}
		if diff := cmp.Diff(ours, theirs, cmp.AllowUnexported(input{}, presence{})); diff != "" {
			t.Errorf("%q: ours (-) encoding/json (+):\n%s", data, diff)
		}
	})
}
