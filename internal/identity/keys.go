package identity

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// algorithms are those that a signature may have: asymmetric ones, so that knowing how to check is not knowing how to sign.
var algorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA,
}

// keysAge is how long keys are used before they are asked for again, so that a key that was taken back ends.
const keysAge = 5 * time.Minute

// leastRSA is the shortest RSA key that is believed, in bits.
const leastRSA = 2048

var (
	errSignature = errors.New("the signature is not that of the provider")
	errKeys      = errors.New("the keys of the provider cannot be read")
)

// keySet holds the keys of the provider. They are asked for again when they are old and when a token names one that is not known,
// twice a minute at most; while the provider is down the last good ones hold.
type keySet struct {
	url    string
	client *http.Client
	now    func() time.Time

	mu   sync.RWMutex
	keys []jose.JSONWebKey
	at   time.Time

	fetching sync.Mutex
	asked    pace
}

// VerifySignature gives the payload of a token that one of the keys signed. What the token itself says about where keys are is not
// looked at.
func (k *keySet) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(token, algorithms)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, errSignature
	}
	header := signed.Signatures[0].Header
	keys, err := k.named(ctx, header.KeyID)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		if key.Algorithm != "" && key.Algorithm != header.Algorithm {
			continue
		}
		if payload, err := signed.Verify(key.Key); err == nil {
			return payload, nil
		}
	}
	return nil, errSignature
}

// named are the keys with the name, all of them for a token that names none.
func (k *keySet) named(ctx context.Context, name string) ([]jose.JSONWebKey, error) {
	keys, fresh := k.cached(name)
	switch {
	case len(keys) > 0 && fresh:
		return keys, nil
	case len(keys) > 0:
		if k.fetching.TryLock() { // others go on with what there is
			_ = k.fetch(ctx)
			k.fetching.Unlock()
		}
		keys, _ = k.cached(name)
		return keys, nil
	}
	k.fetching.Lock()
	defer k.fetching.Unlock()
	if keys, _ := k.cached(name); len(keys) > 0 { // somebody else has just asked
		return keys, nil
	}
	err := k.fetch(ctx)
	keys, _ = k.cached(name)
	if len(keys) == 0 && err != nil && k.empty() {
		return nil, err
	}
	return keys, nil
}

func (k *keySet) empty() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys == nil
}

func (k *keySet) cached(name string) (keys []jose.JSONWebKey, fresh bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, key := range k.keys {
		if name == "" || key.KeyID == name {
			keys = append(keys, key)
		}
	}
	return keys, k.now().Sub(k.at) < keysAge
}

// fetch asks the provider for its keys. The caller holds fetching.
func (k *keySet) fetch(ctx context.Context) error {
	if !k.asked.may(k.now()) {
		return errKeys
	}
	request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, k.url, nil)
	if err != nil {
		return err
	}
	answer, err := k.client.Do(request)
	if err != nil {
		return fmt.Errorf("%w: %w", errKeys, err)
	}
	defer answer.Body.Close()
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if answer.StatusCode != http.StatusOK || json.NewDecoder(answer.Body).Decode(&set) != nil || len(set.Keys) == 0 {
		return fmt.Errorf("%w: status %d", errKeys, answer.StatusCode)
	}
	usable := []jose.JSONWebKey{}
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(text) == nil && believed(key) { // a key of a kind that we do not know is left out
			usable = append(usable, key)
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys, k.at = usable, k.now()
	return nil
}

// believed says whether a key can sign tokens for us: a public one, for signatures, and long enough.
func believed(key jose.JSONWebKey) bool {
	if !key.IsPublic() || !key.Valid() || (key.Use != "" && key.Use != "sig") {
		return false
	}
	if public, ok := key.Key.(*rsa.PublicKey); ok {
		return public.N.BitLen() >= leastRSA
	}
	return true
}
