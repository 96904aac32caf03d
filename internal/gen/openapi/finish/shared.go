package finish

import (
	"maps"
	"slices"
)

// shared adds the components that operations refer to; those that none does are pruned later.
func (f *finisher) shared() {
	components := child(f.doc, "components")
	f.problemSchemas()
	setDefault(f.schemas, "RecordID", recordIDSchema())
	components["parameters"] = sharedParameters()
	components["headers"] = sharedHeaders()
	responses := object{"NotModified": object{
		"description": "The caller's copy is still current.",
		"headers":     object{"ETag": ref("headers", "ETag"), "X-Request-Id": ref("headers", "X-Request-Id")},
	}}
	for _, status := range slices.Sorted(maps.Keys(problems)) {
		responses[responseNames[status]] = problemResponse(status)
	}
	components["responses"] = responses
	components["securitySchemes"] = object{
		"webhookSignature": object{
			"type": "apiKey", "in": "header", "name": "X-Hub-Signature",
			"description": "HMAC-SHA256 of the body with the secret of the source, as `sha256=` and hexadecimal digits. A source may ask for a bearer token or a header of its own instead.",
		},
		"serviceToken": object{
			"type": "http", "scheme": "bearer", "bearerFormat": "hc_",
			"description": "A token made by the operator or an administrator. It carries scopes, can expire and can be revoked.",
		},
		"oidc": object{
			"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
			"description": "An access token of the identity provider that the operator has named (OpenID Connect), where there is one. Its claim `scope` carries the scopes, as they are or behind `hindcast:`. It is checked as RFC8725 advises: signed by an asymmetric algorithm of a fixed list, for this audience, by this issuer, and within its time.",
		},
	}
}

// problemSchemas describes errors, unless the handlers' own types do already.
func (f *finisher) problemSchemas() {
	setDefault(f.schemas, "FieldError", object{
		"type":        "object",
		"description": "What is wrong with one field or parameter.",
		"required":    []any{"field", "code", "message"},
		"properties": object{
			"field":   object{"type": "string", "maxLength": 300, "description": "The path of the field; empty for the body itself.", "examples": []any{"applies_to.kinds[0]"}},
			"code":    object{"type": "string", "maxLength": 60, "pattern": "^[a-z_]+$", "description": "Stable, meant for programs.", "examples": []any{"invalid_choice"}},
			"message": object{"type": "string", "maxLength": 1000, "description": "Meant for people.", "examples": []any{"must be one of critical, high, medium, low"}},
		},
	})
	setDefault(f.schemas, "Problem", object{
		"type":        "object",
		"description": "An error, in the form of RFC 9457.",
		"required":    []any{"type", "title", "status"},
		"properties": object{
			"type":       object{"type": "string", "format": "uri", "maxLength": 200, "description": "Names the kind of problem.", "examples": []any{problemBase + "not-found"}},
			"title":      object{"type": "string", "maxLength": 100, "description": "The kind of problem in words.", "examples": []any{problems["404"].title}},
			"status":     object{"type": "integer", "format": "int32", "minimum": 400, "maximum": 599, "description": "The status of the answer.", "examples": []any{404}},
			"detail":     object{"type": "string", "maxLength": 2000, "description": "What went wrong this time.", "examples": []any{"there is no such record"}},
			"instance":   object{"type": "string", "format": "uri-reference", "maxLength": 2000, "description": "The path of the request.", "examples": []any{"/api/v1/findings/FND-12"}},
			"request_id": object{"type": "string", "maxLength": 128, "description": "Finds the request in the server's log.", "examples": []any{"01J9Z3K8Q4T7"}},
			"errors":     object{"type": "array", "maxItems": 1000, "description": "Every bad field, or every guard that is not met.", "items": ref("schemas", "FieldError")},
		},
	})
}

func problemResponse(status string) object {
	headers := object{"X-Request-Id": ref("headers", "X-Request-Id"), "RateLimit": ref("headers", "RateLimit"), "RateLimit-Policy": ref("headers", "RateLimit-Policy")}
	switch status {
	case "429", "503":
		headers["Retry-After"] = ref("headers", "Retry-After")
	case "401":
		headers["WWW-Authenticate"] = ref("headers", "WWW-Authenticate")
	}
	return object{
		"description": problems[status].when,
		"headers":     headers,
		"content":     object{problemJSON: object{"schema": ref("schemas", "Problem"), "example": problemExample(status)}},
	}
}

func sharedParameters() object {
	instant := object{"type": "string", "format": "date-time", "maxLength": 35, "examples": []any{"2026-03-01T00:00:00Z"}}
	all := object{
		"limit": object{"in": "query", "description": "How many records one page holds at most.",
			"schema": object{"type": "integer", "format": "int32", "minimum": 1, "maximum": 200, "default": 50}},
		"cursor": object{"in": "query", "description": "Where to go on: next_cursor of the page before, with the same filters and order.",
			"schema": object{"type": "string", "maxLength": 1000, "minLength": 1}},
		"sort": object{"in": "query", "description": "The field to sort by; a dash in front turns the order around.",
			"schema": object{"type": "string", "enum": []any{"created_at", "-created_at", "updated_at", "-updated_at"}, "default": "-created_at"}},
		"created_since": object{"in": "query", "description": "Only records made at this time or later.", "schema": instant},
		"updated_since": object{"in": "query", "description": "Only records changed at this time or later.", "schema": clone(instant)},
		"min_seq": object{"in": "query", "description": "Waits until the write that answered this Hindcast-Seq is visible, 500 ms at most, then answers 503.",
			"schema": object{"type": "integer", "format": "int64", "minimum": 0, "examples": []any{123}}},
		"If-None-Match": object{"in": "header", "description": "Answers 304 when the record still has this ETag.",
			"schema": object{"type": "string", "maxLength": 200, "examples": []any{`"v7"`}}},
		"If-Match": object{"in": "header", "description": "Answers 412 unless the record has this ETag. Without it the last write wins.",
			"schema": object{"type": "string", "maxLength": 200, "examples": []any{`"v7"`}}},
		"Idempotency-Key": object{"in": "header", "description": "Makes the request safe to repeat for 24 hours: the same key and body answer the stored response.",
			"schema": object{"type": "string", "minLength": 1, "maxLength": 200, "examples": []any{"0b0c6a52-5f2e-4a53-9d2e-7f8a4c1d9e10"}}},
	}
	for name, parameter := range all {
		parameter.(object)["name"] = name
	}
	return all
}

func sharedHeaders() object {
	text := func(description, example string) object {
		return object{"description": description, "schema": object{"type": "string", "maxLength": 2000, "examples": []any{example}}}
	}
	count := func(description string, example int) object {
		return object{"description": description, "schema": object{"type": "integer", "format": "int64", "minimum": 0, "examples": []any{example}}}
	}
	return object{
		"ETag":                 text("The version of the record.", `"v7"`),
		"Location":             text("The path of the new record.", "/api/v1/findings/FND-12"),
		"Link":                 text("The next page, as rel=\"next\" (RFC 8288); absent on the last one.", `</api/v1/findings?cursor=eyJ2IjoxfQ>; rel="next"`),
		"Hindcast-Seq":         count("The number of this write; give it to a read as min_seq.", 123),
		"Idempotency-Replayed": object{"description": "true when the response is the stored one of an earlier request.", "schema": object{"type": "string", "enum": []any{"true"}}},
		"X-Request-Id":         text("The id of the request: the one the caller sent in this header, or a new one.", "01J9Z3K8Q4T7"),
		"RateLimit":            text("What is left of the caller's rate; absent where no limit applies.", `"default";r=599;t=60`),
		"RateLimit-Policy":     text("The caller's rate; absent where no limit applies.", `"default";q=600;w=60`),
		"Retry-After":          count("Seconds to wait before trying again.", 1),
		"WWW-Authenticate":     text("The way to show a credential.", "Bearer"),
	}
}
