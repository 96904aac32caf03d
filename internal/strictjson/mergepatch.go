package strictjson

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// MergePatch applies an RFC 7396 merge patch: null removes a member, objects merge, anything else replaces.
// Numbers and strings keep the form they were written in. It returns *Malformed when the patch is not
// strict JSON; a target that is not JSON is an error of ours, as it is our own representation.
//
// The algorithm is that of section 2 on the tree Decode uses. The common library for it drops nulls inside
// arrays of the patch too, where section 2 replaces an array as it stands.
func MergePatch(target, patch []byte) ([]byte, error) {
	changes, err := parse(patch)
	if err != nil {
		return nil, err
	}
	before, err := parse(target)
	if err != nil {
		return nil, fmt.Errorf("reading the target of a merge patch: %v", err)
	}
	var out bytes.Buffer
	if err := merge(before, changes).write(&out); err != nil {
		return nil, fmt.Errorf("writing a merged patch: %w", err)
	}
	return out.Bytes(), nil
}

func merge(target, patch node) node {
	if patch.kind != kindObject {
		return patch
	}
	changes := make(map[string]node, len(patch.members))
	for _, m := range patch.members {
		changes[m.name] = m.value
	}
	merged := node{kind: kindObject}
	if target.kind == kindObject {
		for _, m := range target.members {
			change, touched := changes[m.name]
			delete(changes, m.name)
			switch {
			case !touched:
				merged.members = append(merged.members, m)
			case change.kind != kindNull:
				merged.members = append(merged.members, member{m.name, merge(m.value, change)})
			}
		}
	}
	for _, m := range patch.members {
		if _, left := changes[m.name]; left && m.value.kind != kindNull {
			merged.members = append(merged.members, member{m.name, merge(node{}, m.value)})
		}
	}
	return merged
}

// write gives back the text of n. A merged object has none yet and is put together from its members.
func (n node) write(out *bytes.Buffer) error {
	if n.raw != nil {
		out.Write(n.raw)
		return nil
	}
	out.WriteByte('{')
	for i, m := range n.members {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := jsontext.AppendQuote(nil, m.name)
		if err != nil {
			return err
		}
		out.Write(name)
		out.WriteByte(':')
		if err := m.value.write(out); err != nil {
			return err
		}
	}
	out.WriteByte('}')
	return nil
}
