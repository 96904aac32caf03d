package handlers

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
	"github.com/hindcast-kb/hindcast/internal/web"
)

// sessionTime is how long somebody stays signed in at a browser.
const sessionTime = 8 * time.Hour

// sealedFor binds what is sealed to its use, so that one kind of sealed text is never taken for another.
const sealedForSession = "session"

// session is what the cookie of a browser holds, sealed. It names a token, which is looked up at every request, or holds who an
// identity provider said it is.
type session struct {
	TokenID int       `json:"t,omitempty"`
	Expires time.Time `json:"e"`
	// Name, Team and Scopes are those of somebody who came through the identity provider.
	Name   string        `json:"n,omitempty"`
	Team   string        `json:"m,omitempty"`
	Scopes []vocab.Scope `json:"s,omitempty"`
}

const sessionMark = "session"

// signedIn says whether the request came with a session.
func signedIn(c echo.Context) bool { return c.Get(sessionMark) != nil }

// secureSite says whether people reach this server over TLS.
func (a *API) secureSite(c echo.Context) bool {
	return c.IsTLS() || strings.HasPrefix(a.publicURL, "https:")
}

// cookieName is that of the session. With the prefix, browsers take it from this host only, over TLS, and for all of its paths.
func (a *API) cookieName(c echo.Context) string {
	if a.secureSite(c) {
		return "__Host-hindcast"
	}
	return "hindcast"
}

// begin signs somebody in.
func (a *API) begin(c echo.Context, s session) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	sealed, err := a.sessions.Seal(string(text), sealedForSession)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "sealing a session")
	}
	a.setCookie(c, a.cookieName(c), sealed, s.Expires.Sub(a.now()))
	return nil
}

// setCookie keeps a text at the browser for a time, out of reach of scripts and of other sites.
func (a *API) setCookie(c echo.Context, name, text string, keep time.Duration) {
	c.SetCookie(&http.Cookie{
		Name: name, Value: text, Path: "/", MaxAge: int(keep.Seconds()), HttpOnly: true, Secure: a.secureSite(c), SameSite: http.SameSiteLaxMode,
	})
}

// dropCookie makes the browser forget.
func (a *API) dropCookie(c echo.Context, name string) { a.setCookie(c, name, "", -time.Second) }

// fromSession is who is signed in at the browser. It holds for requests that change nothing; whatever else comes with a session only
// is nobody's, but for the few forms that ask for it by ownForm.
func (a *API) fromSession(c echo.Context) (auth.Actor, bool) {
	if m := c.Request().Method; m != http.MethodGet && m != http.MethodHead {
		return auth.Actor{}, false
	}
	return a.sessionOf(c)
}

// sessionOf is whose session the request came with. A session that has ended, or whose token was revoked, is none.
func (a *API) sessionOf(c echo.Context) (auth.Actor, bool) {
	cookie, err := c.Cookie(a.cookieName(c))
	if err != nil {
		return auth.Actor{}, false
	}
	text, err := a.sessions.Open(cookie.Value, sealedForSession)
	var s session
	if err != nil || json.Unmarshal([]byte(text), &s) != nil || !a.now().Before(s.Expires) {
		return auth.Actor{}, false
	}
	actor := auth.Actor{Name: s.Name, Team: s.Team, Scopes: s.Scopes}
	if s.TokenID != 0 {
		if actor, err = a.tokens.Holder(c.Request().Context(), s.TokenID); err != nil {
			return auth.Actor{}, false
		}
	}
	c.Set(sessionMark, s)
	return actor, true
}

// signInPage is what the page to sign in shows.
type signInPage struct {
	Problem, Next string
	// OIDC offers to sign in through the identity provider.
	OIDC bool
}

// signInForm shows the page to sign in; who is signed in, or needs not be, goes on.
func (a *API) signInForm(c echo.Context) error {
	c.Set(pageMark, true)
	next := localPath(c.QueryParam("next"))
	if auth.From(c.Request().Context()).Name != "" {
		return c.Redirect(http.StatusSeeOther, a.webBase+next)
	}
	return a.showSignIn(c, http.StatusOK, "", next)
}

func (a *API) showSignIn(c echo.Context, status int, problem, next string) error {
	return a.show(c, status, "signin", web.Page{Title: "Sign in", Data: signInPage{problem, next, a.provider.SignsIn()}})
}

// signIn takes a token and begins a session.
func (a *API) signIn(c echo.Context) error {
	c.Set(pageMark, true)
	next := localPath(c.FormValue("next"))
	actor, err := a.tokens.Authenticate(c.Request().Context(), strings.TrimSpace(c.FormValue("token")))
	if fault.Is(err, fault.Unauthenticated) {
		return a.showSignIn(c, http.StatusUnauthorized, "This token is not valid. It may have expired or been revoked.", next)
	}
	if err != nil {
		return err
	}
	if err := a.begin(c, session{TokenID: actor.TokenID, Expires: a.now().Add(sessionTime)}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, a.webBase+next)
}

// signOut ends the session at this browser.
func (a *API) signOut(c echo.Context) error {
	a.dropCookie(c, a.cookieName(c))
	return c.Redirect(http.StatusSeeOther, a.webBase+"/signin")
}

// localPath is a path of this server, never an address elsewhere.
func localPath(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsAny(text, "\\\r\n\t") {
		return "/"
	}
	return text
}

// sameOrigin refuses a form that another site sent.
func (a *API) sameOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := a.crossOrigin.Check(c.Request()); err != nil {
			return fault.New(fault.Forbidden, "the form came from another site")
		}
		return next(c)
	}
}

// ownForm takes a form that one of our pages sent, as whoever is signed in at the browser. It is the one way in which a session
// changes something. Browsers say with every form where it comes from; a request that does not say so came from no form of ours.
func (a *API) ownForm(next echo.HandlerFunc) echo.HandlerFunc {
	return a.sameOrigin(func(c echo.Context) error {
		c.Set(pageMark, true)
		h, ctx := c.Request().Header, c.Request().Context()
		if h.Get("Sec-Fetch-Site") == "" && h.Get(echo.HeaderOrigin) == "" {
			return fault.New(fault.Forbidden, "the form does not say where it comes from")
		}
		if auth.From(ctx).Name == "" {
			actor, ok := a.sessionOf(c)
			if !ok {
				return fault.New(fault.Unauthenticated, "nobody is signed in at this browser, or no longer")
			}
			c.SetRequest(c.Request().WithContext(auth.With(ctx, actor)))
		}
		return next(c)
	})
}

// newCrossOrigin believes the address that people use, whatever a proxy makes of it.
func newCrossOrigin(publicURL string) *http.CrossOriginProtection {
	protection := http.NewCrossOriginProtection()
	if u, err := url.Parse(publicURL); err == nil && u.Host != "" {
		_ = protection.AddTrustedOrigin(u.Scheme + "://" + u.Host) // its form was just made
	}
	return protection
}

// requireRead is for what belongs to pages and is none.
func requireRead(c echo.Context) error { return auth.Require(c.Request().Context(), vocab.ScopeRead) }
