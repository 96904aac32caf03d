package finish

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

const problemJSON = "application/problem+json"

// responses completes what an operation declares with the errors and headers that every operation of its
// kind has.
func (f *finisher) responses(o operation, page bool) {
	responses := child(o.body, "responses")
	for _, status := range slices.Sorted(maps.Keys(responses)) {
		response, ok := responses[status].(object)
		if !ok || response["$ref"] != nil {
			continue
		}
		f.fixMedia(response)
		asProblem(response, status)
		headers := child(response, "headers")
		for _, name := range responseHeaders(o, status, page, f.versioned(o)) {
			headers[name] = ref("headers", name)
		}
	}
	for _, status := range errorStatuses(o, f.versioned(o)) {
		shared := ref("responses", responseNames[status])
		own, declared := responses[status].(object)
		if !declared {
			responses[status] = shared
			if o.method == "delete" && status == "409" {
				responses[status] = referred()
			}
			continue
		}
		if content := child(own, "content"); content[problemJSON] == nil {
			content[problemJSON] = object{"schema": ref("schemas", "Problem"), "example": problemExample(status)}
		}
	}
}

// asProblem gives a declared error its media type and an example of its status: a Problem is never plain JSON.
func asProblem(response object, status string) {
	content, ok := response["content"].(object)
	if !ok {
		return
	}
	if plain, ok := content["application/json"].(object); ok {
		if name, isRef := refName(child(plain, "schema")); isRef && name == "Problem" {
			content[problemJSON] = plain
			delete(content, "application/json")
			if _, known := problems[status]; known {
				plain["example"] = problemExample(status)
			}
		}
	}
}

// referred is the conflict that a deletion can meet, which is not that of a state.
func referred() object {
	example := problemExample("409")
	example["detail"] = "other records refer to FND-12"
	example["errors"] = []any{object{"field": "id", "code": "referenced", "message": "ACT-7 refers to it"}}
	return object{
		"description": "Other records refer to it; the errors name them.",
		"headers":     object{"X-Request-Id": ref("headers", "X-Request-Id"), "RateLimit": ref("headers", "RateLimit"), "RateLimit-Policy": ref("headers", "RateLimit-Policy")},
		"content":     object{problemJSON: object{"schema": ref("schemas", "Problem"), "example": example}},
	}
}

// fixMedia keeps a schema for the JSON form only: a page of text is text. A second answer of one status, which swag puts beside the
// first in whichever form it comes upon, is another JSON form.
func (f *finisher) fixMedia(response object) {
	if response["content"] == nil {
		return
	}
	content := child(response, "content")
	for _, m := range content {
		schema := child(m.(object), "schema")
		if several := schema["oneOf"]; several != nil && content["application/json"] != nil {
			child(content, "application/json")["schema"] = object{"oneOf": several}
			maps.DeleteFunc(schema, func(string, any) bool { return true })
			schema["type"], schema["maxLength"] = "string", 5_000_000
		}
	}
	for media, m := range child(response, "content") {
		if media == "application/json" || strings.HasSuffix(media, "+json") {
			continue
		}
		if schema := child(m.(object), "schema"); schema["$ref"] != nil || is(schema, "object") {
			m.(object)["schema"] = object{"type": "string", "maxLength": 5_000_000}
		}
	}
}

func responseHeaders(o operation, status string, page, versioned bool) []string {
	if !strings.HasPrefix(o.path, apiBase) {
		return []string{"RateLimit", "X-Request-Id"}
	}
	names := []string{"RateLimit", "RateLimit-Policy", "X-Request-Id"}
	if !strings.HasPrefix(status, "2") {
		return names
	}
	if versioned {
		names = append(names, "ETag")
	}
	if page {
		names = append(names, "Link")
	}
	if status == "201" {
		names = append(names, "Location")
	}
	if o.method != "get" {
		names = append(names, "Hindcast-Seq")
	}
	if o.method == "post" && !strings.Contains(o.path, "/webhooks/") {
		names = append(names, "Idempotency-Replayed")
	}
	return names
}

// errorStatuses are the problems an operation can answer with, told by its method and path.
func errorStatuses(o operation, versioned bool) []string {
	inPath := strings.Contains(o.path, "{")
	if !strings.HasPrefix(o.path, apiBase) {
		statuses := []string{"429", "500", "503"}
		if inPath {
			statuses = append(statuses, "404")
		}
		return append(statuses, "400")
	}
	statuses := []string{"400", "401", "403", "422", "429", "500", "503"}
	if inPath {
		statuses = append(statuses, "404")
	}
	if o.method == "get" && versioned {
		statuses = append(statuses, "304")
	}
	if o.method != "get" {
		statuses = append(statuses, "409")
	}
	if o.method != "get" && o.method != "post" || strings.HasSuffix(o.path, "/transitions") {
		statuses = append(statuses, "412")
	}
	if o.body["requestBody"] != nil {
		statuses = append(statuses, "413", "415")
	}
	return statuses
}

var responseNames = map[string]string{
	"304": "NotModified",
	"400": "BadRequest",
	"401": "Unauthorized",
	"403": "Forbidden",
	"404": "NotFound",
	"409": "Conflict",
	"412": "PreconditionFailed",
	"413": "ContentTooLarge",
	"415": "UnsupportedMediaType",
	"422": "UnprocessableContent",
	"429": "TooManyRequests",
	"500": "InternalServerError",
	"501": "NotImplemented",
	"503": "ServiceUnavailable",
}

// problemBase is where the problem types are explained; it is that of handlers/errors.go.
const problemBase = "https://github.com/hindcast-kb/hindcast/blob/main/docs/problems.md#"

// problems says of each status how the server names it, when it is answered, and with which detail.
var problems = map[string]struct{ slug, title, when, detail string }{
	"400": {"malformed", "The request cannot be read", "The request cannot be read: malformed JSON, or a cursor of another list.", "a member name is repeated at byte 17"},
	"401": {"unauthenticated", "A valid token is needed", "No token came with the request, or it is not valid any more.", "send a service token or an access token"},
	"403": {"forbidden", "The token may not do this", "The token lacks the scope that this operation needs.", "this needs the scope write"},
	"404": {"not-found", "There is no such thing", "There is no such record, or the caller may not know of it.", "there is no such record"},
	"409": {"conflict", "The state does not allow this", "The state of the record, or of a request with the same key, does not allow this.", "attempt ATT-3 has ended; start the next attempt instead"},
	"412": {"precondition", "The record has changed since it was read", "The record has changed since the version that If-Match names.", "the record is at version 8"},
	"413": {"too-large", "The request is too large", "The body is larger than this operation takes.", "the body is larger than 1 MiB"},
	"415": {"unsupported-media", "The request is in a form that is not read here", "The body is in a form that this operation does not read.", "send application/json"},
	"422": {"invalid", "Some fields are not valid", "Fields or parameters break a rule; every one of them is listed.", "severity: must be one of critical, high, medium, low"},
	"429": {"too-many", "There are too many requests", "The caller is over its rate; Retry-After says when to go on.", "over the rate of this token"},
	"500": {"internal", "Something broke on our side", "The server failed; the request id leads to the cause in its log.", "the request id names it in our logs"},
	"501": {"not-implemented", "This format is not offered", "The answer is asked for in a format that is not offered.", "format must be json or xml"},
	"503": {"unavailable", "This cannot be answered for now", "The server cannot answer for now; Retry-After says when to try again.", "the store does not answer"},
}

func problemExample(status string) object {
	p := problems[status]
	code, _ := strconv.Atoi(status)
	example := object{
		"type":       problemBase + p.slug,
		"title":      p.title,
		"status":     code,
		"detail":     p.detail,
		"instance":   "/api/v1/findings/FND-12",
		"request_id": "01J9Z3K8Q4T7",
	}
	if status == "422" {
		example["errors"] = []any{object{"field": "severity", "code": "invalid_choice", "message": "must be one of critical, high, medium, low"}}
	}
	return example
}
