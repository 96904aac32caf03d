package strictjson

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The fifteen cases of RFC 7396, appendix A, and those of ours.
func TestMergePatch(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `null`, `null`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},

		{`{"a":1}`, `{}`, `{"a":1}`},
		{`{"a":{"b":1}}`, `{"a":{}}`, `{"a":{"b":1}}`},
		{`{"a":[{"b":null}]}`, `{"c":[null,{"d":null}]}`, `{"a":[{"b":null}],"c":[null,{"d":null}]}`},
		{`{"n":12345678901234567890}`, `{"m":98765432109876543210}`, `{"n":12345678901234567890,"m":98765432109876543210}`},
		{`{"a":"x"}`, `{"a":{"b":null,"c":1}}`, `{"a":{"c":1}}`},
		{`1`, `{"a":1}`, `{"a":1}`},
	} {
		got, err := MergePatch([]byte(tc.target), []byte(tc.patch))
		if err != nil {
			t.Errorf("%s with %s: %v", tc.target, tc.patch, err)
			continue
		}
		if diff := cmp.Diff(value(t, got), value(t, []byte(tc.want))); diff != "" {
			t.Errorf("%s with %s: got (-) want (+):\n%s", tc.target, tc.patch, diff)
		}
	}
}

func TestMergePatchRefusesMalformedPatches(t *testing.T) {
	t.Parallel()
	for _, patch := range []string{``, `{`, `{"a":1,"a":2}`, `{} {}`, `{"a":"\ud800"}`} {
		_, err := MergePatch([]byte(`{}`), []byte(patch))
		var bad *Malformed
		if !errors.As(err, &bad) {
			t.Errorf("%q: got %v, want *Malformed", patch, err)
		}
	}
	if _, err := MergePatch([]byte(`{`), []byte(`{}`)); err == nil || errors.As(err, new(*Malformed)) {
		t.Errorf("a target that is no JSON: got %v, want an error that blames nobody's patch", err)
	}
}

// value keeps numbers as written, so that a large one that was rounded shows.
func value(t *testing.T, data []byte) any {
	t.Helper()
	root, err := parse(data)
	if err != nil {
		t.Fatalf("%q: %v", data, err)
	}
	return plain(root)
}

func plain(n node) any {
	switch n.kind {
	case '{':
		object := map[string]any{}
		for _, m := range n.members {
			object[m.name] = plain(m.value)
		}
		return object
	case '[':
		list := []any{}
		for _, item := range n.items {
			list = append(list, plain(item))
		}
		return list
	case 'n':
		return nil
	case '"':
		text, _ := n.text()
		return text
	}
	return json.Number(n.raw)
}

// apply is the pseudo code of RFC 7396, section 2.
func apply(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged := map[string]any{}
	if object, ok := target.(map[string]any); ok {
		for name, v := range object {
			merged[name] = v
		}
	}
	for name, v := range changes {
		if v == nil {
			delete(merged, name)
		} else {
			merged[name] = apply(merged[name], v)
		}
	}
	return merged
}

func FuzzMergePatch(f *testing.F) {
	f.Add([]byte(`{"a":{"b":1},"e":null}`), []byte(`{"a":{"b":null,"c":[null]}}`))
	f.Add([]byte(`[1]`), []byte(`{"a":{"b":{"c":null}}}`))
	f.Add([]byte(`{}`), []byte(`"x"`))
	f.Add([]byte(` {"a":1} `), []byte(` null `))
	f.Fuzz(func(t *testing.T, target, patch []byte) {
		before, err := parse(target)
		if err != nil {
			return
		}
		changes, err := parse(patch)
		if err != nil {
			return
		}
		got, err := MergePatch(target, patch)
		if err != nil {
			t.Fatalf("%q with %q: %v", target, patch, err)
		}
		if diff := cmp.Diff(value(t, got), apply(plain(before), plain(changes))); diff != "" {
			t.Errorf("%q with %q: got (-) want (+):\n%s", target, patch, diff)
		}
	})
}
