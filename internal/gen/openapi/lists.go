package main

import (
	"io"
	"log/slog"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hindcast-kb/hindcast/handlers"
	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// server is the server as far as it can be asked what it serves; no store is needed for that.
func server() *handlers.API {
	return handlers.New(nil, nil, app.Services(nil, time.Now, nil), handlers.Options{
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Metrics: prometheus.NewRegistry(), Now: time.Now,
	})
}

var pathParameter = regexp.MustCompile(`:(\w+)`)

// addScopes writes to each operation the scope that its route is for, in the form of an annotation.
func addScopes(doc map[string]any, routes []handlers.Route) {
	paths, _ := doc["paths"].(map[string]any)
	for _, route := range routes {
		item, _ := paths[pathParameter.ReplaceAllString(route.Path, "{$1}")].(map[string]any)
		operation, _ := item[strings.ToLower(route.Method)].(map[string]any)
		if operation == nil {
			continue
		}
		scope := string(route.Scope)
		if scope == "" {
			scope = "none"
		}
		operation["security"] = []any{map[string]any{scope: []any{}}}
	}
}

// addLists writes to each list's operation the parameters that the list accepts.
func addLists(doc map[string]any, described map[string]handlers.List) {
	paths, _ := doc["paths"].(map[string]any)
	for path, list := range described {
		item, _ := paths[path].(map[string]any)
		get, _ := item["get"].(map[string]any)
		if get == nil {
			continue
		}
		parameters, _ := get["parameters"].([]any)
		for _, filter := range list.Filters {
			parameters = append(parameters, parameter(filter))
		}
		get["parameters"] = parameters
		if responses, ok := get["responses"].(map[string]any); ok { // where swag puts the directions of an annotation
			responses["x-sort"], responses["x-expand"] = words(list.Sorts), words(list.Expand)
		}
	}
}

const maxValues = 50 // as package record has it

func parameter(f record.Filter) map[string]any {
	item := map[string]any{"type": "string", "maxLength": 200}
	switch {
	case f.Words != nil:
		item = map[string]any{"type": "string", "enum": words(f.Words)}
	case f.Of != vocab.Kind{}:
		item["pattern"], item["examples"] = "^"+f.Of.Prefix+"-[1-9][0-9]*$", []any{f.Of.ID(1).String()}
	case f.AnyKind:
		item["pattern"], item["examples"] = "^[A-Z]{3}-[1-9][0-9]*$", []any{"FND-1"}
	}
	return map[string]any{
		"name": f.Name, "in": "query", "style": "form", "explode": true,
		"description": strings.TrimSpace(f.Doc + " May be repeated; any of the values will do."),
		"schema":      map[string]any{"type": "array", "maxItems": maxValues, "items": item},
	}
}

func words(list []string) []any {
	all := make([]any, len(list))
	for i, word := range list {
		all[i] = word
	}
	return all
}
