// Package fakeissuer is an identity provider for tests: it describes itself, shows its keys, signs what it is told to, and lets
// everybody in who is sent to it. It can be broken.
package fakeissuer

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Issuer is an identity provider.
type Issuer struct {
	URL string
	// Down makes it answer nothing but errors.
	Down atomic.Bool
	// KeyFetches counts how often its keys were asked for.
	KeyFetches atomic.Int32

	t    testing.TB
	mu   sync.Mutex
	keys map[string]*rsa.PrivateKey
	// Shown are the names of the keys that it shows.
	shown []string
	// Nonce, challenge and subject are those of the sign-in under way.
	nonce, challenge string
	// Claims are added to the next ID token.
	Claims map[string]any
	now    func() time.Time
}

// Start serves an issuer that shows the key "one".
func Start(t testing.TB, now func() time.Time) *Issuer {
	t.Helper()
	i := &Issuer{t: t, keys: map[string]*rsa.PrivateKey{}, now: now, Claims: map[string]any{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		i.answer(w, map[string]any{
			"issuer": i.URL, "jwks_uri": i.URL + "/keys", "authorization_endpoint": i.URL + "/authorize", "token_endpoint": i.URL + "/token",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		i.KeyFetches.Add(1)
		i.answer(w, i.set())
	})
	mux.HandleFunc("/authorize", i.authorize)
	mux.HandleFunc("/token", i.token)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	i.URL = server.URL
	i.Show("one")
	return i
}

func (i *Issuer) answer(w http.ResponseWriter, body any) {
	if i.Down.Load() {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}

// Show replaces the keys that the issuer shows by those with the names.
func (i *Issuer) Show(names ...string) {
	for _, name := range names {
		i.Key(name)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.shown = names
}

// Key is the private key with the name, made when it is first asked for.
func (i *Issuer) Key(name string) *rsa.PrivateKey {
	i.t.Helper()
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.keys[name] == nil {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			i.t.Fatal(err)
		}
		i.keys[name] = key
	}
	return i.keys[name]
}

func (i *Issuer) set() jose.JSONWebKeySet {
	i.mu.Lock()
	defer i.mu.Unlock()
	var set jose.JSONWebKeySet
	for _, name := range i.shown {
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: i.keys[name].Public(), KeyID: name, Algorithm: "RS256", Use: "sig"})
	}
	return set
}

// Sign makes a token of the type that the key with the name signs.
func (i *Issuer) Sign(key, kind string, claims map[string]any) string {
	i.t.Helper()
	return SignWith(i.t, jose.RS256, i.Key(key), map[string]any{"kid": key, "typ": kind}, claims)
}

// SignWith makes a token with a header of one's own.
func SignWith(t testing.TB, alg jose.SignatureAlgorithm, key any, header, claims map[string]any) string {
	t.Helper()
	options := &jose.SignerOptions{}
	for name, value := range header {
		if value != "" {
			options.WithHeader(jose.HeaderKey(name), value)
		}
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Good are the claims of an access token that is good for an hour; change replaces some of them, and removes those that are nil.
func (i *Issuer) Good(audience string, change map[string]any) map[string]any {
	claims := map[string]any{
		"iss": i.URL, "sub": "release-pipeline", "aud": audience, "exp": i.now().Add(time.Hour).Unix(), "iat": i.now().Unix(), "scope": "read",
	}
	for name, value := range change {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	return claims
}

// authorize lets everybody in at once.
func (i *Issuer) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	i.mu.Lock()
	i.nonce, i.challenge = q.Get("nonce"), q.Get("code_challenge")
	i.mu.Unlock()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
		http.Error(w, "not a request", http.StatusBadRequest)
		return
	}
	back.RawQuery = url.Values{"state": {q.Get("state")}, "code": {"the-code"}}.Encode()
	http.Redirect(w, r, back.String(), http.StatusSeeOther)
}

// token gives an ID token for the code, to whoever knows what the challenge was made of.
func (i *Issuer) token(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	nonce, challenge := i.nonce, i.challenge
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if r.FormValue("code") != "the-code" || base64.RawURLEncoding.EncodeToString(sum[:]) != challenge {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	client, _, _ := r.BasicAuth()
	if client == "" {
		client = r.FormValue("client_id")
	}
	change := map[string]any{"sub": "somebody", "nonce": nonce, "scope": nil}
	for name, value := range i.Claims {
		change[name] = value
	}
	i.answer(w, map[string]any{"access_token": "opaque", "token_type": "Bearer", "id_token": i.Sign("one", "JWT", i.Good(client, change))})
}
