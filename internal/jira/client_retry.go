package jira

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"time"
)

// Retrying: Jira's advice is a base of two seconds, doubled each time, with a jitter of 0.7 to 1.3 and four tries in all.
const (
	maxTries  = 4
	baseDelay = 2 * time.Second
	maxDelay  = 30 * time.Second
)

// do sends a call within the limits, tries again where that is safe and makes sense, and decodes the answer into out, which may be
// nil. Errors are *APIError, or the context's.
func (c *Client) do(ctx context.Context, q call, out any) (answer, error) {
	var last error
	for try := range maxTries {
		if err := c.admit(ctx, q); err != nil {
			return answer{}, err
		}
		a, err := c.roundTrip(ctx, q)
		if ctx.Err() != nil && err != nil {
			return answer{}, ctx.Err()
		}
		failure := c.judge(q, a, err)
		if failure == nil {
			return a, decodeAnswer(q, a, out)
		}
		last = failure
		if !failure.again() || try == maxTries-1 {
			return a, last
		}
		delay := c.backoff(try)
		if failure.RetryAfter > delay {
			delay = failure.RetryAfter
		}
		if delay > c.cfg.MaxWait {
			return a, last
		}
		if err := c.cfg.Sleep(ctx, delay); err != nil {
			return answer{}, err
		}
	}
	return answer{}, last
}

func (c *Client) backoff(try int) time.Duration {
	delay := min(baseDelay<<try, maxDelay)
	return time.Duration(float64(delay) * (0.7 + 0.6*c.cfg.Jitter()))
}

// admit waits for a limit that passes soon and refuses while one does not.
func (c *Client) admit(ctx context.Context, q call) error {
	wait, code := c.limits.wait(q, c.background)
	switch {
	case code == "":
		return nil
	case code == CodeAuthFailed:
		return &APIError{Code: code, Route: q.route}
	case code == CodeQuota || wait > c.cfg.MaxWait:
		return &APIError{Code: code, Route: q.route, RetryAfter: wait}
	}
	return c.cfg.Sleep(ctx, wait)
}

// judge turns an answer into an error, or nil, and tells the limiter what it learned.
func (c *Client) judge(q call, a answer, err error) *APIError {
	if err != nil {
		e := &APIError{Code: CodeUnavailable, Status: a.status, Route: q.route, cause: err}
		switch {
		case errors.Is(err, ErrTooLarge):
			e.Code = CodeTooLarge
		case q.once:
			e.Code = CodeAmbiguous
		}
		return e
	}
	if a.status >= 200 && a.status < 300 {
		return nil
	}
	e := &APIError{Status: a.status, Route: q.route, Messages: messages(a.body), RetryAfter: retryAfter(a.header, c.cfg.Now())}
	switch s := a.status; {
	case s == http.StatusUnauthorized:
		e.Code = CodeAuthFailed
		c.limits.authFailed()
	case s == http.StatusForbidden:
		e.Code = CodeForbidden
	case s == http.StatusNotFound, s == http.StatusGone:
		e.Code = CodeNotFound
	case s == http.StatusTooManyRequests:
		e.Code = c.limits.limited(q, a.header, &e.RetryAfter)
	case s >= 500 || s == http.StatusRequestTimeout || s == http.StatusTooEarly:
		e.Code = CodeUnavailable
		if e.RetryAfter > 0 {
			c.limits.pause(q.route, e.RetryAfter)
		} else if q.once {
			e.Code = CodeAmbiguous
		}
	case s >= 300 && s < 400:
		e.Code = CodeBadResponse
	default:
		e.Code = CodeInvalid
	}
	return e
}

// again says whether the same call may be sent once more: it was not carried out, or doing it twice is the same as once. A call
// that must be sent once is CodeAmbiguous instead.
func (e *APIError) again() bool { return e.Code == CodeRateLimited || e.Code == CodeUnavailable }

func decodeAnswer(q call, a answer, out any) error {
	if out == nil || len(a.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		// The decoder's own words quote the body.
		return &APIError{Code: CodeBadResponse, Status: a.status, Route: q.route}
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
