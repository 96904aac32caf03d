package jira

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ErrorCode says what kind of failure a call met. The values are stable and are shown on a connection.
type ErrorCode string

// The codes of an APIError.
const (
	// CodeAuthFailed is a refused token. Nothing more is sent until the connection is set up anew.
	CodeAuthFailed ErrorCode = "auth_failed"
	// CodeForbidden is a permission the account lacks; the thing may well exist.
	CodeForbidden ErrorCode = "forbidden"
	CodeNotFound  ErrorCode = "not_found"
	// CodeInvalid is a request that Jira will refuse again.
	CodeInvalid ErrorCode = "invalid"
	// CodeRateLimited is a limit that passes soon.
	CodeRateLimited ErrorCode = "rate_limited"
	// CodeQuota is a quota of the site; background work stops until it is reset.
	CodeQuota       ErrorCode = "quota_exhausted"
	CodeUnavailable ErrorCode = "unavailable"
	// CodeAmbiguous is a request that may or may not have been carried out and must not be sent again blindly.
	CodeAmbiguous ErrorCode = "ambiguous"
	CodeTooLarge  ErrorCode = "response_too_large"
	// CodeBadResponse is an answer that is none of Jira's API, such as a login page.
	CodeBadResponse ErrorCode = "bad_response"
)

// APIError is a call that failed. Its text holds no token and no address.
type APIError struct {
	Code ErrorCode
	// Status is the HTTP status, zero where none came.
	Status int
	// RetryAfter is when trying again makes sense, where Jira said so.
	RetryAfter time.Duration
	// Messages are Jira's own words, shortened and without e-mail addresses.
	Messages []string
	// Route names the call.
	Route string
	cause error
}

func (e *APIError) Error() string {
	s := fmt.Sprintf("jira %s: %s", e.Route, e.Code)
	if e.Status != 0 {
		s += fmt.Sprintf(" (status %d)", e.Status)
	}
	if len(e.Messages) > 0 {
		s += ": " + strings.Join(e.Messages, "; ")
	}
	if e.cause != nil {
		s += ": " + e.cause.Error()
	}
	return s
}

// Unwrap gives the cause in the transport, if there was one.
func (e *APIError) Unwrap() error { return e.cause }

// CodeOf is the code of err, or "" for an error that is no APIError.
func CodeOf(err error) ErrorCode {
	var e *APIError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Temporary says whether the same call may succeed later without anybody doing anything.
func (e *APIError) Temporary() bool {
	return e.Code == CodeRateLimited || e.Code == CodeQuota || e.Code == CodeUnavailable || e.Code == CodeAmbiguous
}

const maxMessages, maxMessageLength = 5, 300

// messages reads what Jira says about a refused request: a list, and one message per field.
func messages(body []byte) []string {
	var said struct {
		ErrorMessages []string          `json:"errorMessages"`
		Errors        map[string]string `json:"errors"`
		Message       string            `json:"message"`
	}
	if json.Unmarshal(body, &said) != nil {
		return nil
	}
	all := said.ErrorMessages
	if said.Message != "" {
		all = append(all, said.Message)
	}
	for _, field := range sortedKeys(said.Errors) {
		all = append(all, field+": "+said.Errors[field])
	}
	var out []string
	for _, m := range all[:min(len(all), maxMessages)] {
		m = clean(m)
		if len(m) > maxMessageLength {
			m = strings.ToValidUTF8(m[:maxMessageLength], "") + "…"
		}
		if m != "" && utf8.ValidString(m) {
			out = append(out, m)
		}
	}
	return out
}
