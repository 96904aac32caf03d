package finish

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func TestPublicNames(t *testing.T) {
	t.Parallel()
	for old, want := range map[string]string{
		"handlers.FindingView":                     "Finding",
		"finding.Input":                            "FindingInput",
		"vocab.Severity":                           "Severity",
		"vocab.ID":                                 "RecordID",
		"fault.Field":                              "FieldError",
		"handlers.Page-handlers_FindingView":       "FindingPage",
		"handlers.Bulk-finding_Input":              "FindingInputBulk",
		"handlers.Page-array_handlers_FindingView": "FindingPage",
	} {
		if got := publicName(old); got != want {
			t.Errorf("%s: got %s, want %s", old, got, want)
		}
	}
}

func TestOperationIDs(t *testing.T) {
	t.Parallel()
	for request, want := range map[string]string{
		"get /api/v1/findings":                          "listFindings",
		"get /api/v1/findings/{id}":                     "getFinding",
		"post /api/v1/findings":                         "createFinding",
		"patch /api/v1/findings/{id}":                   "updateFinding",
		"delete /api/v1/findings/{id}":                  "deleteFinding",
		"post /api/v1/findings/{id}/transitions":        "transitionFinding",
		"post /api/v1/findings/bulk":                    "createFindings",
		"post /api/v1/attempts/{id}/lessons/bulk":       "createAttemptLessons",
		"put /api/v1/attempts/{id}/lessons/{lesson_id}": "putAttemptLesson",
		"post /api/v1/assumptions/{id}/evidence":        "createAssumptionEvidence",
		"get /api/v1/analytics/change-failure":          "getAnalyticChangeFailure",
		"post /api/v1/environments/{a}/drift/propose":   "createEnvironmentDriftPropose",
		"get /livez": "getLivez",
		"get /api/v1/deliveries/{id}/attempts/{attempt_id}": "getDeliveryAttempt",
	} {
		method, path, _ := strings.Cut(request, " ")
		if got := operationID(operation{path: path, method: method}, request == "get /api/v1/findings"); got != want {
			t.Errorf("%s: got %s, want %s", request, got, want)
		}
	}
}

func TestDescriptionsDropGoNames(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		"Finding is something observed.":   "Something observed.",
		"Finding says what was\nobserved.": "Says what was observed.",
		"What was observed.":               "What was observed.",
		"Finding":                          "Finding",
		"":                                 "",
	} {
		if got := describe("Finding", doc); got != want {
			t.Errorf("%q: got %q, want %q", doc, got, want)
		}
	}
}

func document(t *testing.T, paths string) object {
	t.Helper()
	var doc object
	if err := json.Unmarshal([]byte(`{"info":{"title":"x","version":"1"},"paths":{`+paths+`}}`), &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

const plainOperation = `"summary":"s","description":"d","tags":["t"],"responses":{"204":{"description":"done"}}`

func TestFinishRefusesBrokenConventions(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ paths, says string }{
		"an operation without a summary":     {`"/api/v1/a":{"get":{"description":"d","tags":["t"],"responses":{}}}`, "GET /api/v1/a has no summary"},
		"two operations of one name":         {`"/api/v1/a":{"get":{"operationId":"x",` + plainOperation + `}},"/api/v1/b":{"get":{"operationId":"x",` + plainOperation + `}}`, "are both named x"},
		"a scope that does not exist":        {`"/api/v1/a":{"get":{"security":[{"root":[]}],` + plainOperation + `}}`, "@Security root"},
		"a path that holds something else":   {`"/api/v1/a":{"get":[]}`, "not an operation"},
		"a list parameter that is not known": {`"/api/v1/a":{"get":{"summary":"s","description":"d","tags":["t"],"responses":{"x-list":["offset"],"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/h.Page-h_AView"}}}}}}}`, `@x-list names "offset"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc := document(t, tc.paths)
			doc["components"] = object{"schemas": object{"h.AView": object{}, "h.Page-h_AView": object{"properties": object{"items": object{}, "next_cursor": object{}}}}}
			err := Finish(doc, Source{})
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("got %v, want an error with %q", err, tc.says)
			}
		})
	}
	doc := document(t, "")
	doc["components"] = object{"schemas": object{"a.ThingView": object{}, "b.Thing": object{}}}
	if err := Finish(doc, Source{}); err == nil || !strings.Contains(err.Error(), "both be named Thing") {
		t.Errorf("two types of one name: got %v", err)
	}
}

func finished(t *testing.T, method, path, body string) operation {
	t.Helper()
	doc := document(t, `"`+path+`":{"`+method+`":{`+body+`}}`)
	if err := Finish(doc, Source{}); err != nil {
		t.Fatal(err)
	}
	return operation{path, method, doc["paths"].(object)[path].(object)[method].(object)}
}

func TestSecurityFollowsTheMethodUnlessNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		method, path, body string
		want               any
	}{
		"reading needs read":              {"get", "/api/v1/a", plainOperation, "read"},
		"writing needs write":             {"delete", "/api/v1/a", plainOperation, "write"},
		"a named scope wins":              {"post", "/api/v1/a", `"security":[{"gate":[]}],` + plainOperation, "gate"},
		"none opens an operation":         {"get", "/api/v1/a", `"security":[{"none":[]}],` + plainOperation, nil},
		"outside the API nothing is kept": {"get", "/livez", plainOperation, nil},
	} {
		got := finished(t, tc.method, tc.path, tc.body).body
		if got["x-required-scope"] != tc.want {
			t.Errorf("%s: got %v, want %v", name, got["x-required-scope"], tc.want)
		}
		if open := len(got["security"].([]any)) == 0; open != (tc.want == nil) {
			t.Errorf("%s: security is %v", name, got["security"])
		}
	}
}

func TestErrorsFollowMethodAndPath(t *testing.T) {
	t.Parallel()
	body := `"requestBody":{"content":{"application/json":{"schema":{"type":"object"}}}},` + plainOperation
	for name, tc := range map[string]struct{ method, path, body, want, not string }{
		"a list":              {"get", "/api/v1/a", plainOperation, "400 401 403 422 429 500 503", "404 409 412 413 415"},
		"a record":            {"get", "/api/v1/a/{id}", plainOperation, "404", "409 412 304"},
		"a creation":          {"post", "/api/v1/a", body, "409 413 415", "404 412"},
		"a change":            {"patch", "/api/v1/a/{id}", body, "404 409 412 413 415", ""},
		"a transition":        {"post", "/api/v1/a/{id}/transitions", body, "412", ""},
		"a deletion":          {"delete", "/api/v1/a/{id}", plainOperation, "409 412", "413 415"},
		"a probe":             {"get", "/livez", plainOperation, "500 503", "401 403 422"},
		"an embed by a token": {"get", "/embed/{token}", plainOperation, "404", "401"},
	} {
		responses := finished(t, tc.method, tc.path, tc.body).body["responses"].(object)
		for _, status := range strings.Fields(tc.want) {
			if responses[status] == nil {
				t.Errorf("%s: %s is missing", name, status)
			}
		}
		for _, status := range strings.Fields(tc.not) {
			if responses[status] != nil {
				t.Errorf("%s: %s cannot happen", name, status)
			}
		}
	}
}

func TestAnOwnAnswerToAnErrorStays(t *testing.T) {
	t.Parallel()
	o := finished(t, "post", "/api/v1/a/{id}/gate", `"summary":"s","description":"d","tags":["t"],"responses":{"409":{"description":"fail","content":{"application/json":{"schema":{"type":"boolean"}}}}}`)
	content := o.body["responses"].(object)["409"].(object)["content"].(object)
	if content["application/json"] == nil || content[problemJSON] == nil {
		t.Errorf("got %v, want the own answer and the problem", content)
	}
}

func TestADeclaredProblemHasAnExampleOfItsStatus(t *testing.T) {
	t.Parallel()
	doc := document(t, `"/view":{"get":{"summary":"s","description":"d","tags":["t"],"responses":{"501":{"description":"no","content":{"application/json":{"schema":{"$ref":"#/components/schemas/h.Problem"}}}}}}}`)
	doc["components"] = object{"schemas": object{"h.Problem": object{"type": "object"}}}
	if err := Finish(doc, Source{}); err != nil {
		t.Fatal(err)
	}
	response := doc["paths"].(object)["/view"].(object)["get"].(object)["responses"].(object)["501"].(object)
	problem := response["content"].(object)[problemJSON].(object)
	if got := problem["example"].(object)["status"]; got != 501 {
		t.Errorf("the example of 501 has the status %v", got)
	}
}

func TestASecondAnswerIsAnotherJSONForm(t *testing.T) {
	t.Parallel()
	o := finished(t, "get", "/view", `"summary":"s","description":"d","tags":["t"],"responses":{"200":{"description":"ok","content":{
		"application/json":{"schema":{"type":"object"}},"text/html":{"schema":{"oneOf":[{"type":"object"},{"type":"array"}]}}}}}`)
	content := o.body["responses"].(object)["200"].(object)["content"].(object)
	if several, _ := content["application/json"].(object)["schema"].(object)["oneOf"].([]any); len(several) != 2 {
		t.Errorf("the JSON form is %v, want one of two", content["application/json"])
	}
	if !is(content["text/html"].(object)["schema"].(object), "string") {
		t.Errorf("the page is %v, want text", content["text/html"])
	}
}

func TestEverySchemaGetsLimits(t *testing.T) {
	t.Parallel()
	f := &finisher{schemas: object{}}
	for given, want := range map[string]string{
		`{"type":"string"}`:                                               `{"type":"string","maxLength":20000}`,
		`{"type":"string","maxLength":5}`:                                 `{"type":"string","maxLength":5}`,
		`{"type":"string","enum":["a"]}`:                                  `{"type":"string","enum":["a"]}`,
		`{"type":"string","format":"date-time"}`:                          `{"type":"string","format":"date-time","maxLength":35}`,
		`{"type":"integer","exclusiveMinimum":0}`:                         `{"type":"integer","exclusiveMinimum":0,"format":"int64","maximum":9007199254740991}`,
		`{"type":"array","items":{"type":"boolean"}}`:                     `{"type":"array","maxItems":1000,"items":{"type":"boolean"}}`,
		`{"type":"object"}`:                                               `{"type":"object","maxProperties":10000}`,
		`{"type":"array","additionalProperties":{"type":"boolean"}}`:      `{"type":"array","maxItems":1000,"items":{"type":"boolean"}}`,
		`{"type":"array","enum":["a"],"items":{"type":"string"}}`:         `{"type":"array","maxItems":1000,"items":{"type":"string","enum":["a"]}}`,
		`{"type":"boolean","example":true}`:                               `{"type":"boolean","examples":[true]}`,
		`{"type":"object","properties":{"finding_id":{"type":"string"}}}`: `{"type":"object","properties":{"finding_id":{"$ref":"#/components/schemas/RecordID"}}}`,
		`{"type":"object","properties":{"request_id":{"type":"string"}}}`: `{"type":"object","properties":{"request_id":{"type":"string","maxLength":20000}}}`,
	} {
		var got, expected object
		_ = json.Unmarshal([]byte(given), &got)
		_ = json.Unmarshal([]byte(want), &expected)
		f.completeSchema(got, "")
		text, _ := json.Marshal(got)
		_ = json.Unmarshal(text, &got)
		if diff := cmp.Diff(got, expected); diff != "" {
			t.Errorf("%s: got (-) want (+):\n%s", given, diff)
		}
	}
}

func TestAnExampleOfASchemaThatHoldsItselfEnds(t *testing.T) {
	t.Parallel()
	f := &finisher{schemas: object{"Tree": object{"type": "object", "properties": object{
		"name":     object{"type": "string"},
		"children": object{"type": "array", "items": ref("schemas", "Tree")},
	}}}}
	got := f.example(ref("schemas", "Tree"), "", "", nil)
	want := object{"name": "name", "children": []any{}}
	if diff := cmp.Diff(got, any(want)); diff != "" {
		t.Errorf("got (-) want (+):\n%s", diff)
	}
}

func TestJSONAndYAMLSayTheSame(t *testing.T) {
	t.Parallel()
	doc := object{"openapi": "3.1.0", "paths": object{"/a": object{"get": object{"responses": object{"200": object{"description": "yes"}}}}},
		"x": []any{json.Number("9007199254740991"), json.Number("0.5"), nil, true, "true", "2026-03-02", "1e3", "<b>", "a: b"}}
	asJSON, asYAML, err := Encode(doc)
	if err != nil {
		t.Fatal(err)
	}
	var fromJSON, fromYAML any
	if err := json.Unmarshal(asJSON, &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(asYAML, &fromYAML); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	var comparable any
	_ = json.Unmarshal(again, &comparable)
	if diff := cmp.Diff(fromJSON, comparable); diff != "" {
		t.Errorf("JSON (-) YAML (+):\n%s", diff)
	}
	if !strings.HasPrefix(string(asYAML), "openapi:") || strings.Contains(string(asJSON), `\u003c`) {
		t.Errorf("got %s", asJSON)
	}
}
