package identity

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/identity/fakeissuer"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const us = "https://hindcast.example.com"

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

func start(t *testing.T) (*Provider, *fakeissuer.Issuer, *clock) {
	t.Helper()
	c := &clock{at: time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC)}
	issuer := fakeissuer.Start(t, c.now)
	return New(Settings{Issuer: issuer.URL, Audience: us, TeamClaim: "team"}, c.now), issuer, c
}

func TestAnAccessTokenSaysWhoItIsFor(t *testing.T) {
	t.Parallel()
	p, issuer, _ := start(t)
	for claim, c := range map[string]struct {
		kind   string
		claims map[string]any
		want   auth.Actor
	}{
		"by its scopes": {"at+jwt", map[string]any{"scope": "read hindcast:gate openid other"},
			auth.Actor{Name: "oidc:release-pipeline", Scopes: []vocab.Scope{vocab.ScopeRead, vocab.ScopeGate}}},
		"by a list of scopes": {"application/AT+JWT", map[string]any{"scope": nil, "scp": []string{"write"}},
			auth.Actor{Name: "oidc:release-pipeline", Scopes: []vocab.Scope{vocab.ScopeWrite}}},
		"by its team": {"JWT", map[string]any{"team": "payments", "typ": "Bearer"},
			auth.Actor{Name: "oidc:release-pipeline", Team: "payments", Scopes: []vocab.Scope{vocab.ScopeRead}}},
		"by the only team of a list": {"", map[string]any{"team": []string{"payments"}, "aud": []string{"other", us}},
			auth.Actor{Name: "oidc:release-pipeline", Team: "payments", Scopes: []vocab.Scope{vocab.ScopeRead}}},
		"and by no team where there are several": {"at+jwt", map[string]any{"team": []string{"a", "b"}},
			auth.Actor{Name: "oidc:release-pipeline", Scopes: []vocab.Scope{vocab.ScopeRead}}},
		"and may do nothing without scopes": {"at+jwt", map[string]any{"scope": nil}, auth.Actor{Name: "oidc:release-pipeline", Scopes: []vocab.Scope{}}},
	} {
		t.Run(claim, func(t *testing.T) {
			got, err := p.Authenticate(context.Background(), issuer.Sign("one", c.kind, issuer.Good(us, c.claims)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// bad are tokens that nobody may come in with.
func bad(t *testing.T, issuer *fakeissuer.Issuer, now time.Time) map[string]string {
	t.Helper()
	foreign, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	good := issuer.Sign("one", "at+jwt", issuer.Good(us, nil))
	header, rest, _ := strings.Cut(good, ".")
	payload, signature, _ := strings.Cut(rest, ".")
	encode := base64.RawURLEncoding.EncodeToString
	with := func(change map[string]any) string { return issuer.Sign("one", "at+jwt", issuer.Good(us, change)) }
	public, err := (&jose.JSONWebKey{Key: issuer.Key("one").Public()}).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	signed := func(alg jose.SignatureAlgorithm, key any, header map[string]any) string {
		return fakeissuer.SignWith(t, alg, key, header, issuer.Good(us, nil))
	}
	return map[string]string{
		"without a signature":                  header + "." + payload + ".",
		"with the algorithm none":              encode([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + payload + ".",
		"with the algorithm NONE":              encode([]byte(`{"alg":"nOnE","kid":"one","typ":"at+jwt"}`)) + "." + payload + "." + signature,
		"signed with the public key as HS":     signed(jose.HS256, public, map[string]any{"kid": "one", "typ": "at+jwt"}),
		"with another algorithm of the key":    signed(jose.RS512, issuer.Key("one"), map[string]any{"kid": "one", "typ": "at+jwt"}),
		"signed by a stranger":                 signed(jose.RS256, foreign, map[string]any{"kid": "one", "typ": "at+jwt"}),
		"signed by a stranger, no name":        signed(jose.RS256, foreign, map[string]any{"typ": "at+jwt"}),
		"with the key of a stranger in it":     signed(jose.RS256, foreign, map[string]any{"typ": "at+jwt", "jwk": jose.JSONWebKey{Key: foreign.Public()}}),
		"with a place for keys in it":          signed(jose.RS256, foreign, map[string]any{"kid": "theirs", "typ": "at+jwt", "jku": "https://keys.example.com/"}),
		"with a changed payload":               header + "." + encode([]byte(`{"iss":"`+issuer.URL+`","sub":"x","aud":"`+us+`","exp":9999999999}`)) + "." + signature,
		"with a changed signature":             header + "." + payload + "." + encode([]byte("not it")),
		"of another issuer":                    with(map[string]any{"iss": "https://id.example.com"}),
		"of the issuer with a slash":           with(map[string]any{"iss": issuer.URL + "/"}),
		"without an issuer":                    with(map[string]any{"iss": nil}),
		"for somebody else":                    with(map[string]any{"aud": "https://other.example.com"}),
		"for nobody":                           with(map[string]any{"aud": nil}),
		"with an audience that begins alike":   with(map[string]any{"aud": us + ".evil.example"}),
		"expired":                              with(map[string]any{"exp": now.Add(-2 * time.Minute).Unix()}),
		"without an end":                       with(map[string]any{"exp": nil}),
		"with an end that is no time":          with(map[string]any{"exp": "tomorrow"}),
		"not valid yet":                        with(map[string]any{"nbf": now.Add(2 * time.Minute).Unix()}),
		"issued in the future":                 with(map[string]any{"iat": now.Add(2 * time.Minute).Unix()}),
		"without a subject":                    with(map[string]any{"sub": nil}),
		"with line breaks in its subject":      with(map[string]any{"sub": "a\nb"}),
		"bound to a key":                       with(map[string]any{"cnf": map[string]string{"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}}),
		"an ID token":                          issuer.Sign("one", "JWT", issuer.Good(us, map[string]any{"scope": nil})),
		"an ID token with a nonce":             issuer.Sign("one", "JWT", issuer.Good(us, map[string]any{"nonce": "n"})),
		"a refresh token":                      issuer.Sign("one", "JWT", issuer.Good(us, map[string]any{"typ": "Refresh"})),
		"a logout token":                       issuer.Sign("one", "logout+jwt", issuer.Good(us, nil)),
		"with a header that it calls critical": encode([]byte(`{"alg":"RS256","kid":"one","typ":"at+jwt","crit":["b64"],"b64":false}`)) + "." + payload + "." + signature,
		"encrypted":                            "a.b.c.d.e",
		"not a token":                          "nothing of the kind",
		"too long":                             good + strings.Repeat("a", 17<<10),
		"with no payload":                      header + ".." + signature,
		"a list of claims":                     header + "." + encode([]byte(`[1]`)) + "." + signature,
	}
}

func TestABadTokenLetsNobodyIn(t *testing.T) {
	t.Parallel()
	p, issuer, c := start(t)
	tokens := bad(t, issuer, c.now())
	if len(tokens) < 25 {
		t.Fatalf("%d bad tokens are too few", len(tokens))
	}
	if _, err := p.Authenticate(context.Background(), issuer.Sign("one", "at+jwt", issuer.Good(us, nil))); err != nil {
		t.Fatalf("a good token: %v", err)
	}
	for name, token := range tokens {
		if actor, err := p.Authenticate(context.Background(), token); !fault.Is(err, fault.Unauthenticated) || actor.Name != "" {
			t.Errorf("a token %s = %+v, %v, want Unauthenticated", name, actor, err)
		}
	}
	if n := issuer.KeyFetches.Load(); n > 2 {
		t.Errorf("the keys were fetched %d times, want at most 2", n)
	}
}

func TestClocksMayBeAMinuteApart(t *testing.T) {
	t.Parallel()
	p, issuer, c := start(t)
	for name, change := range map[string]map[string]any{
		"expired a moment ago": {"exp": c.now().Add(-50 * time.Second).Unix()}, "valid in a moment": {"nbf": c.now().Add(50 * time.Second).Unix()},
	} {
		if _, err := p.Authenticate(context.Background(), issuer.Sign("one", "at+jwt", issuer.Good(us, change))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysChange(t *testing.T) {
	t.Parallel()
	p, issuer, c := start(t)
	ctx := context.Background()
	token := func(key string) string { return issuer.Sign(key, "at+jwt", issuer.Good(us, nil)) }
	old := token("one")
	if _, err := p.Authenticate(ctx, old); err != nil {
		t.Fatal(err)
	}
	issuer.Show("one", "two")
	if _, err := p.Authenticate(ctx, token("two")); err != nil {
		t.Errorf("a token of the new key: %v", err)
	}
	issuer.Show("two")
	c.move(keysAge + time.Second)
	if _, err := p.Authenticate(ctx, old); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a token of the key that was taken back = %v, want Unauthenticated", err)
	}
	if _, err := p.Authenticate(ctx, token("two")); err != nil {
		t.Errorf("a token of the key that is left: %v", err)
	}
}

func TestAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	p, issuer, c := start(t)
	ctx := context.Background()
	good := issuer.Sign("one", "at+jwt", issuer.Good(us, nil))
	issuer.Down.Store(true)
	if _, err := p.Authenticate(ctx, good); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("before the provider was ever there = %v, want Unavailable", err)
	}
	issuer.Down.Store(false)
	c.move(time.Minute)
	if _, err := p.Authenticate(ctx, good); err != nil {
		t.Fatalf("once it is there: %v", err)
	}
	issuer.Down.Store(true)
	for range 10 {
		c.move(time.Minute)
		if _, err := p.Authenticate(ctx, good); err != nil {
			t.Fatalf("a key that is known, at %s: %v", c.now(), err)
		}
	}
	if _, err := p.Authenticate(ctx, issuer.Sign("new", "at+jwt", issuer.Good(us, nil))); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a key that is not known = %v, want Unauthenticated", err)
	}
}

func TestAFloodOfUnknownKeysIsNotPassedOn(t *testing.T) {
	t.Parallel()
	p, issuer, _ := start(t)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var work sync.WaitGroup
	for i := range 50 {
		token := fakeissuer.SignWith(t, jose.RS256, stranger, map[string]any{"kid": fmt.Sprint("k", i), "typ": "at+jwt"}, issuer.Good(us, nil))
		work.Go(func() {
			if _, err := p.Authenticate(context.Background(), token); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("a token of an unknown key = %v", err)
			}
		})
	}
	work.Wait()
	if n := issuer.KeyFetches.Load(); n > 2 {
		t.Errorf("the keys were fetched %d times in a minute, want at most 2", n)
	}
}

func TestALongSubjectIsWrittenAsItsHash(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("s", 255)
	if got := name(long); len(got) > fault.MaxName || got == name(long+"t") || got != name(long) {
		t.Errorf("name of a long subject = %q", got)
	}
}

func FuzzHeaderType(f *testing.F) {
	f.Add("eyJ0eXAiOiJhdCtqd3QifQ.e30.c2ln")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if kind, ok := headerType(token); ok && kind != strings.ToLower(kind) {
			t.Errorf("headerType(%q) = %q", token, kind)
		}
	})
}
