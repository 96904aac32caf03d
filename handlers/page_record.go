package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// recordPage shows the members of a record that has no page of its own design.
type recordPage struct {
	Kind, Heading, Status string
	Record                Record
	Fields                []recordField
	References            []ReferenceView
}

type recordField struct {
	Name, Text string
	// Block shows the text as it is written.
	Block bool
}

// plainPage is the page of a kind of record without a design of its own. Kinds that only admin may read stay with admin.
func plainPage[V any](a *API, kind vocab.Kind, scope vocab.Scope, read func(ctx context.Context, n int) (V, *Record, error)) reading {
	return func(c echo.Context) (web.Page, error) {
		ctx := c.Request().Context()
		if err := auth.Require(ctx, scope); err != nil {
			return web.Page{}, err
		}
		n, err := pathID(c, "id", kind)
		if err != nil {
			return web.Page{}, err
		}
		view, common, err := read(ctx, n)
		if err != nil {
			return web.Page{}, err
		}
		p := recordPage{Kind: strings.ReplaceAll(kind.Name, "_", " "), Record: *common, References: common.References, Heading: common.ID.String()}
		if p.Fields, err = fieldsOfView(view); err != nil {
			return web.Page{}, err
		}
		for _, f := range p.Fields {
			switch f.Name {
			case "title", "text", "summary", "signal", "name":
				p.Heading = f.Text
			case "status":
				p.Status = f.Text
			}
		}
		return about(*common, p.Heading, "", p), nil
	}
}

// common reads a record of a resource for plainPage.
func common[E record.Entity, I record.Input, V any, PV viewed[V]](r *resource[E, I, V, PV]) func(context.Context, int) (V, *Record, error) {
	return func(ctx context.Context, n int) (V, *Record, error) {
		view, err := r.get(ctx, n)
		return view, PV(&view).common(), err
	}
}

// unsaid are the members that every page says elsewhere.
var unsaid = map[string]bool{
	"id": true, "created_at": true, "updated_at": true, "created_by": true, "version": true, "html_url": true, "references": true, "sample": true,
}

// fieldsOfView are the members of a view, in its order, without those that say nothing.
func fieldsOfView(view any) ([]recordField, error) {
	text, err := json.Marshal(view)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	var fields []recordField
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		if f := fieldOf(name.(string), value); f.Text != "" && !unsaid[f.Name] {
			fields = append(fields, f)
		}
	}
	return fields, nil
}

// fieldOf writes a member as people read it.
func fieldOf(name string, value json.RawMessage) recordField {
	var decoded any
	_ = json.Unmarshal(value, &decoded) // it was just marshalled
	switch v := decoded.(type) {
	case nil:
		return recordField{Name: name}
	case string:
		return recordField{Name: name, Text: v}
	case []any:
		words := make([]string, 0, len(v))
		for _, item := range v {
			if s, ok := item.(string); ok {
				words = append(words, s)
			}
		}
		if len(words) == len(v) {
			return recordField{Name: name, Text: strings.Join(words, ", ")}
		}
	case map[string]any:
	default:
		return recordField{Name: name, Text: string(value)}
	}
	var pretty bytes.Buffer
	_ = json.Indent(&pretty, value, "", "  ")
	return recordField{Name: name, Text: pretty.String(), Block: true}
}
