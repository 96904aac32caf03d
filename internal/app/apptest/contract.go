package apptest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	"github.com/pb33f/libopenapi-validator/errors"

	"github.com/hindcast-kb/hindcast/docs"
)

// contract is the API description, to hold requests and answers against.
type contract struct {
	mu       sync.Mutex // the validator says nothing of concurrent use
	validate validator.Validator
	driven   map[string]bool
}

var described = sync.OnceValues(func() (*contract, error) {
	doc, err := libopenapi.NewDocument(docs.OpenAPIJSON())
	if err != nil {
		return nil, fmt.Errorf("reading the API description: %w", err)
	}
	v, errs := validator.NewValidator(doc, config.WithFormatAssertions())
	if len(errs) > 0 {
		return nil, fmt.Errorf("reading the API description: %v", errs)
	}
	return &contract{validate: v, driven: map[string]bool{}}, nil
})

// maxHeld is the greatest body, in bytes, that is held against the description: the validator takes seconds and gigabytes for a
// large one, and a small one of the same kind tells the same.
const maxHeld = 1 << 20

var (
	number = regexp.MustCompile(`/[A-Z]{3}-[0-9]+`)
	// shared is the path of a view that a token shows, and badge that of a badge.
	shared = regexp.MustCompile(`^/embed/[^/]+$`)
	badge  = regexp.MustCompile(`^/badge/[^/]+/[^/]+$`)
)

// operationOf is the path of an operation, with everything that is a parameter written {id}.
func operationOf(path string) string {
	path = number.ReplaceAllString(path, "/{id}")
	path = shared.ReplaceAllString(path, "/embed/{id}")
	return badge.ReplaceAllString(path, "/badge/{id}/{id}")
}

// Driven are the operations that were called with success, as "GET /api/v1/findings/{id}" with every id written {id}.
func Driven() map[string]bool {
	c, err := described()
	if err != nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.driven
}

// hold fails the test when an answer, or a request that was answered with success, is not as the description has it. Paths
// that the description does not know are left to the tests that ask for them.
func hold(t testing.TB, request *http.Request, body []byte, answer Answer) {
	t.Helper()
	c, err := described()
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	again := request.Clone(request.Context())
	again.Body = io.NopCloser(bytes.NewReader(body))
	if answer.Status < http.StatusBadRequest {
		c.driven[request.Method+" "+operationOf(request.URL.Path)] = true
	}
	if len(body) > maxHeld {
		return
	}
	if strings.HasSuffix(request.URL.Path, "/bundle") && answer.Status < http.StatusBadRequest {
		return // lines of JSON are not one JSON text, which is all that the validator reads
	}
	if answer.Status < http.StatusBadRequest && !tolerated(request, answer) {
		_, faults := c.validate.ValidateHttpRequestSync(again)
		report(t, "the request", request, answer, faults)
	}
	again.Body = io.NopCloser(bytes.NewReader(body))
	_, faults := c.validate.ValidateHttpResponse(again, &http.Response{
		StatusCode: answer.Status, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(answer.Raw)), Request: again,
	})
	report(t, "the answer", request, answer, faults)
}

// tolerated tells whether a request may break the description and still succeed: a hook keeps whatever comes, and of many
// records written together some may be refused.
func tolerated(request *http.Request, answer Answer) bool {
	return strings.Contains(request.URL.Path, "/webhooks/") ||
		answer.Status == http.StatusMultiStatus && bytes.Contains(answer.Raw, []byte(`"problem":{`))
}

func report(t testing.TB, what string, request *http.Request, answer Answer, faults []*errors.ValidationError) {
	t.Helper()
	for _, fault := range faults {
		if fault.ValidationType == "path" {
			return
		}
		var reasons strings.Builder
		for _, cause := range fault.SchemaValidationErrors {
			reasons.WriteString("; " + cause.FieldPath + ": " + cause.Reason)
		}
		t.Errorf("%s of %s %s (%d) is not as described: %s: %s%s", what, request.Method, request.URL.RequestURI(), answer.Status, fault.Message, fault.Reason, reasons.String())
	}
}
