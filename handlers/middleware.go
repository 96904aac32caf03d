package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// identify gives every request an id: the caller's, where it has the form of one, or a new one.
func (a *API) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !requestIDForm.MatchString(id) {
			id = a.newRequestID()
		}
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		c.SetRequest(c.Request().WithContext(audit.WithRequest(c.Request().Context(), id)))
		return next(c)
	}
}

// secure sets the headers that every answer carries. Handlers of pages and embeds set a policy of their own.
func (a *API) secure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Cache-Control", "no-store")
		if c.IsTLS() || strings.HasPrefix(a.publicURL, "https:") {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		return next(c)
	}
}

// contain turns a panic into an internal error, so that it ends one request and not the process.
func (a *API) contain(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler { //nolint:errorlint // it is passed to panic as it is
				panic(cause)
			}
			a.log.Error("panic in a handler", "cause", fmt.Sprint(cause), "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "panic")
		}()
		return next(c)
	}
}

// observe writes one log line and the figures of each request. Errors are written to the client here, so that their status
// is known.
func (a *API) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		a.metrics.inFlight.Inc()
		defer a.metrics.inFlight.Dec()
		if err := next(c); err != nil {
			a.writeError(err, c)
		}
		took := time.Since(start)
		route, status := routeOf(c), c.Response().Status
		a.metrics.seen(c.Request().Method, route, status, took)
		a.log.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
			slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)),
			slog.String("method", c.Request().Method), slog.String("route", route), slog.Int("status", status),
			slog.Float64("duration_ms", float64(took.Microseconds())/1000), slog.Int64("bytes", c.Response().Size),
			slog.String("actor", auth.From(c.Request().Context()).Name), slog.String("peer", c.RealIP()))
		return nil
	}
}

// routeOf is the template of the route, so that ids never become labels.
func routeOf(c echo.Context) string {
	if path := c.Path(); path != "" && path != "/*" {
		return path
	}
	return "other"
}

// limitBody refuses a body over the limit, counted after decompression. It must come after the decompressing middleware.
func limitBody(limit int64) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if c.Request().ContentLength > limit {
				return tooLarge(limit)
			}
			c.Request().Body = &limitedBody{http.MaxBytesReader(nil, c.Request().Body, limit), limit}
			return next(c)
		}
	}
}

type limitedBody struct {
	body interface {
		Read([]byte) (int, error)
		Close() error
	}
	limit int64
}

func (b *limitedBody) Close() error { return b.body.Close() }

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return n, tooLarge(b.limit)
	}
	return n, err
}

func tooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "the body has more than %d bytes", limit)
}

// host refuses names that a browser was made to resolve to this machine. On loopback only its own names and that of the
// public address are served.
func (a *API) host(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if len(a.hosts) > 0 && !a.hosts[hostOnly(c.Request().Host)] {
			return fault.New(fault.Forbidden, "this host name is not served here; set --public-url to the address people use")
		}
		return next(c)
	}
}

func hostOnly(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(strings.Trim(hostport, "[]"))
}

// authenticate finds out who calls. A request without a token goes on as nobody, and is refused by what it asks for.
func (a *API) authenticate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if isHook(c) { // its source says how it proves itself, and its Authorization is none of ours
			return next(c)
		}
		actor, err := a.actor(c)
		if err != nil {
			return err
		}
		if err := a.limiter.allow(c, actor); err != nil {
			return err
		}
		ctx, receipt := feed.WithReceipt(auth.With(c.Request().Context(), actor))
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Before(func() {
			if receipt.Seq > 0 {
				c.Response().Header().Set("Hindcast-Seq", strconv.Itoa(receipt.Seq))
			}
		})
		return next(c)
	}
}

func (a *API) actor(c echo.Context) (auth.Actor, error) {
	header := c.Request().Header.Get(echo.HeaderAuthorization)
	scheme, token, _ := strings.Cut(header, " ")
	switch {
	case header == "" && a.open && isLoopback(c.RealIP()):
		return openActor, nil
	case header == "":
		actor, _ := a.fromSession(c)
		return actor, nil
	case !strings.EqualFold(scheme, "Bearer"):
		return auth.Actor{}, fault.New(fault.Unauthenticated, "the authorization must be Bearer and a token")
	}
	if token = strings.TrimSpace(token); a.provider != nil && !auth.IsToken(token) {
		return a.provider.Authenticate(c.Request().Context(), token)
	}
	return a.tokens.Authenticate(c.Request().Context(), token)
}

// openActor is everyone on loopback when no token is asked for.
var openActor = auth.Actor{Name: "loopback", Scopes: []vocab.Scope{vocab.ScopeAdmin}}

func isLoopback(ip string) bool { return net.ParseIP(ip).IsLoopback() }

// require is the guard of a route: deny by default, and by the one scope that the route is for.
func require(scope vocab.Scope) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := auth.Require(c.Request().Context(), scope); err != nil {
				return err
			}
			return next(c)
		}
	}
}

// seqWait is how long a read waits for the sequence it asks for.
const seqWait = 500 * time.Millisecond

// minSeq holds a read until wait has seen the sequence it asks for, and answers 503 when it does not come in time.
func minSeq(wait func(ctx context.Context, seq int) error) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error { return afterSeq(c, next, wait) }
	}
}

func afterSeq(c echo.Context, next echo.HandlerFunc, wait func(ctx context.Context, seq int) error) error {
	text := c.QueryParam("min_seq")
	if text == "" {
		return next(c)
	}
	wanted, err := strconv.Atoi(text)
	if err != nil || wanted < 0 {
		var check fault.Check
		check.Add("min_seq", "invalid_format", "must be a sequence number, as in the Hindcast-Seq header")
		return check.Err()
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), seqWait)
	defer cancel()
	if err := wait(ctx, wanted); err != nil {
		return err
	}
	return next(c)
}
