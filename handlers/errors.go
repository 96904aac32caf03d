package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/strictjson"
)

// problemBase is where the problem types are explained.
const problemBase = "https://github.com/hindcast-kb/hindcast/blob/main/docs/problems.md#"

// Problem is an error as RFC 9457 has it.
type Problem struct {
	// Names the type of problem and leads to its explanation.
	Type string `json:"type" format:"uri" example:"https://github.com/hindcast-kb/hindcast/blob/main/docs/problems.md#invalid"`
	// Says what type of problem it is, the same each time.
	Title string `json:"title" example:"Some fields are not valid"`
	// The HTTP status.
	Status int `json:"status" example:"422" minimum:"400" maximum:"599"`
	// Says what is wrong this time.
	Detail string `json:"detail,omitempty" example:"severity: must be one of critical, high, medium, low"`
	// The path asked for.
	Instance string `json:"instance,omitempty" format:"uri-reference" example:"/api/v1/findings"`
	// Names this request in our logs.
	RequestID string `json:"request_id,omitempty" example:"0b6e0f3a9c"`
	// Every bad field, or every condition that is not met.
	Errors []fault.Field `json:"errors,omitempty" maxItems:"200"`
}

// kinds says how each kind of error looks over HTTP.
var kinds = map[fault.Kind]struct {
	status      int
	slug, title string
}{
	fault.Internal:         {http.StatusInternalServerError, "internal", "Something broke on our side"},
	fault.Malformed:        {http.StatusBadRequest, "malformed", "The request cannot be read"},
	fault.Unauthenticated:  {http.StatusUnauthorized, "unauthenticated", "A valid token is needed"},
	fault.Forbidden:        {http.StatusForbidden, "forbidden", "The token may not do this"},
	fault.NotFound:         {http.StatusNotFound, "not-found", "There is no such thing"},
	fault.Conflict:         {http.StatusConflict, "conflict", "The state does not allow this"},
	fault.Precondition:     {http.StatusPreconditionFailed, "precondition", "The record has changed since it was read"},
	fault.TooLarge:         {http.StatusRequestEntityTooLarge, "too-large", "The request is too large"},
	fault.UnsupportedMedia: {http.StatusUnsupportedMediaType, "unsupported-media", "The body is in a form that is not read here"},
	fault.Invalid:          {http.StatusUnprocessableEntity, "invalid", "Some fields are not valid"},
	fault.TooMany:          {http.StatusTooManyRequests, "too-many", "There are too many requests"},
	fault.Unavailable:      {http.StatusServiceUnavailable, "unavailable", "This cannot be answered for now"},
	fault.Gone:             {http.StatusGone, "gone", "This was removed for good"},
}

// problemOf says what err is for a client. The cause of an internal error is left out.
func problemOf(err error) (Problem, time.Duration) {
	f := faultOf(err)
	kind := kinds[f.Kind]
	problem := Problem{Type: problemBase + kind.slug, Title: kind.title, Status: kind.status, Detail: f.Message, Errors: f.Fields}
	if f.Kind == fault.Internal {
		problem.Detail = "the request id names it in our logs"
	}
	return problem, f.RetryAfter
}

// faultOf gives every error a kind: ours have one, the router's have a status, and the rest is Internal.
func faultOf(err error) *fault.Error {
	var f *fault.Error
	var malformed *strictjson.Malformed
	var routed *echo.HTTPError
	switch {
	case errors.As(err, &f):
		return f
	case errors.As(err, &malformed):
		return fault.New(fault.Malformed, "%s", malformed)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return &fault.Error{Kind: fault.Unavailable, Message: "the request took too long", RetryAfter: time.Second}
	case errors.As(err, &routed):
		for kind, look := range kinds {
			if look.status == routed.Code {
				return fault.New(kind, "%v", routed.Message)
			}
		}
	}
	return fault.Wrap(fault.Internal, err, "internal")
}

// writeError is the only place where an error becomes HTTP.
func (a *API) writeError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	problem, retryAfter := problemOf(err)
	var routed *echo.HTTPError
	if errors.As(err, &routed) && routed.Code == http.StatusMethodNotAllowed {
		problem = Problem{Type: problemBase + "method-not-allowed", Title: "This method is not for this path", Status: routed.Code}
	}
	header := c.Response().Header()
	problem.Instance, problem.RequestID = c.Request().URL.Path, header.Get(echo.HeaderXRequestID)
	if retryAfter == 0 && (problem.Status == http.StatusServiceUnavailable || problem.Status == http.StatusTooManyRequests) {
		retryAfter = time.Second
	}
	if retryAfter > 0 {
		header.Set(echo.HeaderRetryAfter, strconv.Itoa(int((retryAfter+time.Second-1)/time.Second)))
	}
	if problem.Status == http.StatusUnauthorized {
		header.Set(echo.HeaderWWWAuthenticate, `Bearer realm="hindcast"`)
	}
	gone := errors.Is(c.Request().Context().Err(), context.Canceled) // who goes away does not learn of it, and nothing is wrong
	if problem.Status >= http.StatusInternalServerError && !gone {
		a.log.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
			slog.String("request_id", problem.RequestID), slog.Int("status", problem.Status), slog.String("cause", err.Error()))
	}
	if wantsPage(c) {
		a.writeErrorPage(c, problem)
		return
	}
	writeProblem(c, problem)
}

func writeProblem(c echo.Context, problem Problem) {
	body, err := json.Marshal(problem)
	if err != nil { // its fields are texts and numbers
		body = []byte(`{}`)
	}
	if c.Request().Method == http.MethodHead {
		body = nil
	}
	_ = c.Blob(problem.Status, "application/problem+json", body) // the client is gone
}
