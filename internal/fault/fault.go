// Package fault is the one vocabulary of errors: a closed list of kinds for code, a message for people and, for bad input,
// every bad field at once. How a kind looks over HTTP is the business of package handlers.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what went wrong in a way code can act on.
type Kind int

// The kinds of error.
const (
	// Internal is a defect or a broken dependency; its cause is never shown outside.
	Internal Kind = iota
	// Malformed is input that could not be read at all.
	Malformed
	// Unauthenticated is a caller without a valid credential.
	Unauthenticated
	// Forbidden is a caller who may not do this.
	Forbidden
	// NotFound is a record that does not exist or that the caller may not know of.
	NotFound
	// Conflict is a state that does not allow this.
	Conflict
	// Precondition is a version that has moved since the caller read it.
	Precondition
	// TooLarge is input over a limit.
	TooLarge
	// UnsupportedMedia is input in a form that is not read here.
	UnsupportedMedia
	// Invalid is input with fields that break a rule.
	Invalid
	// TooMany is a caller over a rate.
	TooMany
	// Unavailable is a dependency that is down for now; trying again is right.
	Unavailable
	// Gone is something that existed and was removed for good.
	Gone
)

// Field says what is wrong with one field.
type Field struct {
	// Field is the path of the field, as in `applies_to.kinds[0]`.
	Field string `json:"field" example:"severity" maxLength:"200"`
	// Code is stable and meant for programs.
	Code string `json:"code" example:"invalid_choice" maxLength:"60"`
	// Message is meant for people.
	Message string `json:"message" example:"must be one of critical, high, medium, low" maxLength:"1000"`
}

// Error is an error with a kind.
type Error struct {
	Kind    Kind
	Message string
	// Fields are the bad fields of an Invalid error, or the unmet guards of a Conflict.
	Fields []Field
	// RetryAfter tells when trying again makes sense, where that is known.
	RetryAfter time.Duration
	cause      error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap gives the cause, which is for logs only.
func (e *Error) Unwrap() error { return e.cause }

// New is an error of the given kind with a message for people.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrap is an error of the given kind that keeps its cause for the log.
func Wrap(kind Kind, cause error, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...), cause: cause}
}

// Is says whether err, or an error it wraps, is of the given kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}

// KindOf is the kind of err; an error that is no *Error is Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
