package handlers

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/identity"
)

// ReturnPath is where the identity provider sends people back to.
const ReturnPath = "/signin/oidc/callback"

// returnTime is how long somebody may take at the identity provider.
const returnTime = 10 * time.Minute

const sealedForReturn = "sign-in"

// pendingSignIn is remembered at the browser, sealed, while its user is at the identity provider.
type pendingSignIn struct {
	identity.Attempt
	Next    string    `json:"next"`
	Expires time.Time `json:"e"`
}

func (a *API) pendingName(c echo.Context) string { return a.cookieName(c) + "-signin" }

// toProvider sends somebody to the identity provider.
func (a *API) toProvider(c echo.Context) error {
	c.Set(pageMark, true)
	if !a.provider.SignsIn() {
		return fault.New(fault.NotFound, "there is no identity provider")
	}
	address, attempt, err := a.provider.Begin(c.Request().Context())
	if err != nil {
		return err
	}
	pending := pendingSignIn{attempt, localPath(c.QueryParam("next")), a.now().Add(returnTime)}
	text, err := json.Marshal(pending)
	if err != nil {
		return err
	}
	sealed, err := a.sessions.Seal(string(text), sealedForReturn)
	if err != nil {
		return err
	}
	a.setCookie(c, a.pendingName(c), sealed, returnTime)
	return c.Redirect(http.StatusSeeOther, address)
}

var errNotBegun = errors.New("no sign-in was begun at this browser, or too long ago")

// fromProvider takes somebody back from the identity provider, and begins a session.
func (a *API) fromProvider(c echo.Context) error {
	c.Set(pageMark, true)
	if !a.provider.SignsIn() {
		return fault.New(fault.NotFound, "there is no identity provider")
	}
	pending, err := a.pendingSignIn(c)
	a.dropCookie(c, a.pendingName(c))
	var actor auth.Actor
	if err == nil {
		actor, err = a.provider.Finish(c.Request().Context(), pending.Attempt, c.QueryParam("state"), c.QueryParam("code"))
	}
	if fault.Is(err, fault.Unavailable) {
		return err
	}
	if err != nil {
		a.log.LogAttrs(c.Request().Context(), slog.LevelWarn, "sign-in through the identity provider was refused",
			slog.String("request_id", c.Response().Header().Get(echo.HeaderXRequestID)), slog.String("cause", err.Error()))
		return a.showSignIn(c, http.StatusUnauthorized, "The sign-in did not work. Please try again.", "/")
	}
	s := session{Name: actor.Name, Team: actor.Team, Scopes: actor.Scopes, Expires: a.now().Add(sessionTime)}
	if err := a.begin(c, s); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, a.webBase+pending.Next)
}

func (a *API) pendingSignIn(c echo.Context) (pendingSignIn, error) {
	var pending pendingSignIn
	cookie, err := c.Cookie(a.pendingName(c))
	if err != nil {
		return pending, errNotBegun
	}
	text, err := a.sessions.Open(cookie.Value, sealedForReturn)
	if err != nil || json.Unmarshal([]byte(text), &pending) != nil || !a.now().Before(pending.Expires) {
		return pending, errNotBegun
	}
	return pending, nil
}
