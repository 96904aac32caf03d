// Package identity lets in whoever an OpenID Connect provider vouches for: callers of the API with access tokens, and people at a
// browser through the authorization code flow with PKCE. Service tokens are the business of package auth, and cookies that of package
// handlers.
package identity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/hindcast-kb/hindcast/internal/fault"
)

// Settings say whom to believe.
type Settings struct {
	// Issuer is the provider, exactly as its tokens name it.
	Issuer string
	// Audience is what access tokens for this server are for; without it, no access token is accepted.
	Audience string
	// ClientID is this server as a client of the provider; without it, nobody can sign in through it.
	ClientID, ClientSecret string
	// RedirectURL is where the provider sends people back to.
	RedirectURL string
	// TeamClaim is the claim that holds the team.
	TeamClaim string
}

// Provider is an identity provider. It is asked for its description when that is first needed, so that it may be down while this
// server starts. It is safe for use by many goroutines.
type Provider struct {
	settings Settings
	client   *http.Client
	now      func() time.Time

	mu       sync.Mutex
	asked    pace
	found    *oidc.Provider
	endpoint oauth2.Endpoint
	keys     *keySet
}

// unreachable is for callers while the provider has not answered yet.
func unreachable(cause error) error {
	f := fault.Wrap(fault.Unavailable, cause, "the identity provider cannot be reached")
	f.RetryAfter = perMinute / 2
	return f
}

var errTooSoon = errors.New("it did not answer a moment ago")

// maxAnswer is how much of an answer of the provider is read, in bytes.
const maxAnswer = 1 << 20

// New believes the provider that the settings name.
func New(s Settings, now func() time.Time) *Provider {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil // a proxy in the environment is not for this
	client := &http.Client{Timeout: 5 * time.Second, Transport: brief{transport}, CheckRedirect: func(*http.Request, []*http.Request) error {
		return errors.New("the identity provider sent us elsewhere")
	}}
	return &Provider{settings: s, client: client, now: now}
}

// SignsIn says whether people can sign in through the provider.
func (p *Provider) SignsIn() bool { return p != nil && p.settings.ClientID != "" }

// describe is the provider as it describes itself, with its keys; it is Unavailable as long as it cannot be reached.
func (p *Provider) describe(ctx context.Context) (oauth2.Endpoint, *keySet, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.endpoint, p.keys, nil
	}
	if !p.asked.may(p.now()) {
		return oauth2.Endpoint{}, nil, unreachable(errTooSoon)
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.settings.Issuer)
	if err != nil {
		return oauth2.Endpoint{}, nil, unreachable(err)
	}
	var described struct {
		Keys string `json:"jwks_uri"`
	}
	if err := found.Claims(&described); err != nil {
		return oauth2.Endpoint{}, nil, err
	}
	p.found, p.endpoint, p.keys = found, found.Endpoint(), &keySet{url: described.Keys, client: p.client, now: p.now}
	return p.endpoint, p.keys, nil
}

// brief reads no more of an answer than a provider has to say.
type brief struct{ http.RoundTripper }

// RoundTrip sends the request and bounds the body of the answer.
func (b brief) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	}
	return answer, err
}

// pace lets something happen twice a minute at most.
type pace struct{ last [2]time.Time }

// perMinute is the time in which it may happen twice.
const perMinute = time.Minute

func (p *pace) may(now time.Time) bool {
	if !p.last[0].IsZero() && now.Sub(p.last[0]) < perMinute {
		return false
	}
	p.last[0], p.last[1] = p.last[1], now
	return true
}
