package strictjson

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Kinds of values, as the parser names them: by the first byte, 0 for every number.
const (
	kindNull   jsontext.Kind = 'n'
	kindFalse  jsontext.Kind = 'f'
	kindTrue   jsontext.Kind = 't'
	kindString jsontext.Kind = '"'
	kindNumber jsontext.Kind = '0'
	kindObject jsontext.Kind = '{'
	kindArray  jsontext.Kind = '['
)

// node is one parsed value. Parsing everything before decoding keeps the two kinds of answer apart: a text
// that turns out malformed at its end must not be answered with field errors from its beginning.
type node struct {
	kind    jsontext.Kind
	raw     []byte
	members []member
	items   []node
}

type member struct {
	name  string
	value node
}

func parse(data []byte) (node, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	root, err := parseValue(dec, data)
	if err != nil {
		return node{}, malformed(dec, err)
	}
	switch _, err := dec.ReadToken(); {
	case err == nil:
		return node{}, &Malformed{Offset: dec.InputOffset(), Message: "data after the JSON value"}
	case !errors.Is(err, io.EOF):
		return node{}, malformed(dec, err)
	}
	return root, nil
}

func parseValue(dec *jsontext.Decoder, data []byte) (node, error) {
	switch kind := dec.PeekKind(); kind {
	case kindObject, kindArray:
		return parseContainer(dec, data, kind)
	default:
		raw, err := dec.ReadValue()
		if err != nil {
			return node{}, err
		}
		return node{kind: kind, raw: raw.Clone()}, nil
	}
}

func parseContainer(dec *jsontext.Decoder, data []byte, kind jsontext.Kind) (node, error) {
	if _, err := dec.ReadToken(); err != nil {
		return node{}, err
	}
	start := dec.InputOffset() - 1
	if dec.StackDepth() > MaxDepth {
		return node{}, &Malformed{Offset: start, Message: "nesting too deep"}
	}
	n := node{kind: kind}
	for {
		switch dec.PeekKind() {
		case '}', ']':
			if _, err := dec.ReadToken(); err != nil {
				return node{}, err
			}
			n.raw = data[start:dec.InputOffset()]
			return n, nil
		}
		if kind == kindArray {
			item, err := parseValue(dec, data)
			if err != nil {
				return node{}, err
			}
			n.items = append(n.items, item)
			continue
		}
		name, err := dec.ReadToken()
		if err != nil {
			return node{}, err
		}
		key := name.String()
		value, err := parseValue(dec, data)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, member{key, value})
	}
}

// malformed turns the parser's error into ours, without the parser's own name in the message.
func malformed(dec *jsontext.Decoder, err error) error {
	var own *Malformed
	if errors.As(err, &own) {
		return own
	}
	offset := dec.InputOffset()
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		offset = syntax.ByteOffset
		if syntax.Err != nil {
			err = syntax.Err
		}
	}
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return &Malformed{offset, "a member name is repeated"}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return &Malformed{offset, "the JSON text ends too early"}
	}
	return &Malformed{offset, err.Error()}
}
