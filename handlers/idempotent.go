package handlers

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"regexp"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/idempotency"
)

const (
	keyHeader    = "Idempotency-Key"
	replayHeader = "Idempotency-Replayed"
)

var keyForm = regexp.MustCompile(`^[\x21-\x7e]{1,255}$`)

// kept are the headers of an answer that a replay sends again.
var kept = []string{echo.HeaderContentType, echo.HeaderLocation, "ETag", "Hindcast-Seq"}

// keptBody is where a handler leaves what a replay may show in place of its answer, for an answer that holds a secret.
const keptBody = "kept_body"

// idempotent runs a POST that carries an Idempotency-Key once, and answers later ones from memory.
func (a *API) idempotent(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		key := c.Request().Header.Get(keyHeader)
		if key == "" {
			return next(c)
		}
		if !keyForm.MatchString(key) {
			var check fault.Check
			check.Add(keyHeader, "invalid_format", "must be 1 to 255 visible ASCII characters")
			return check.Err()
		}
		print, err := fingerprint(c)
		if err != nil {
			return err
		}
		ctx := c.Request().Context()
		claim, earlier, err := a.keeper.Begin(ctx, auth.From(ctx).Key(), key, print)
		switch {
		case err != nil:
			return err
		case earlier != nil:
			return a.replay(c, earlier)
		}
		return a.runClaimed(c, claim, next)
	}
}

// fingerprint reads the body, puts it back, and names the request by everything that makes it what it is.
func fingerprint(c echo.Context) (string, error) {
	r := c.Request()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return "", bodyFault(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.New()
	for _, part := range []string{r.Method, r.URL.Path, r.URL.RawQuery, r.Header.Get(echo.HeaderContentType)} {
		_, _ = io.WriteString(sum, part+"\n") // a hash never fails to write
	}
	_, _ = sum.Write(body)
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// runClaimed runs the request and keeps its answer. A request that wrote nothing and failed gives the key back.
func (a *API) runClaimed(c echo.Context, claim *idempotency.Claim, next echo.HandlerFunc) error {
	ctx := c.Request().Context()
	watched := claim.Watch(ctx, func(r feed.Receipt) string { return basePath + "/" + r.First.Kind().Path + "/" + r.First.String() })
	c.SetRequest(c.Request().WithContext(watched))
	tee := &teeWriter{ResponseWriter: c.Response().Writer}
	c.Response().Writer = tee
	defer func() { c.Response().Writer = tee.ResponseWriter }()
	if err := next(c); err != nil {
		if undo := claim.Release(ctx); undo != nil { // the key frees itself when its lease ends
			a.log.Warn("a key could not be given back", "cause", undo.Error())
		}
		return err
	}
	answer := idempotency.Answer{Status: c.Response().Status, Headers: map[string]string{}, Body: tee.body.Bytes()}
	if instead, ok := c.Get(keptBody).([]byte); ok {
		answer.Body = instead
	}
	for _, name := range kept {
		if value := c.Response().Header().Get(name); value != "" {
			answer.Headers[name] = value
		}
	}
	if err := claim.Answered(ctx, answer); err != nil {
		a.log.Warn("an answer could not be kept", "cause", err.Error())
	}
	return nil
}

// teeWriter keeps what is written to the client.
type teeWriter struct {
	http.ResponseWriter
	body bytes.Buffer
}

func (t *teeWriter) Write(p []byte) (int, error) {
	t.body.Write(p)
	return t.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the writer below.
func (t *teeWriter) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// replay answers a request that was answered before. An answer that was lost with its process is made again from the record.
func (a *API) replay(c echo.Context, earlier *idempotency.Earlier) error {
	header := c.Response().Header()
	header.Set(replayHeader, "true")
	if earlier.Answer == nil {
		return a.remake(c, earlier.Location)
	}
	for name, value := range earlier.Answer.Headers {
		header.Set(name, value)
	}
	return c.Blob(earlier.Answer.Status, earlier.Answer.Headers[echo.HeaderContentType], earlier.Answer.Body)
}

// remake answers with the record that the lost answer was about, as a read of it would.
func (a *API) remake(c echo.Context, location string) error {
	if location == "" {
		return fault.New(fault.Conflict, "the request took effect, but its answer was lost")
	}
	c.Response().Header().Set(echo.HeaderLocation, location)
	r := c.Request().Clone(c.Request().Context())
	r.Method, r.URL.Path, r.URL.RawQuery = http.MethodGet, location, ""
	c.SetRequest(r)
	a.echo.Router().Find(http.MethodGet, location, c)
	return c.Handler()(c)
}
