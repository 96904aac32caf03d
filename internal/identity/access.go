package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// leeway is how far clocks may be apart.
const leeway = time.Minute

// errToken does not say what is wrong with a token.
var errToken = fault.New(fault.Unauthenticated, "the token is not valid")

// claims are what a token says, as far as it is looked at.
type claims struct {
	Issuer   string          `json:"iss"`
	Subject  string          `json:"sub"`
	Audience audience        `json:"aud"`
	Expires  *float64        `json:"exp"`
	Begins   *float64        `json:"nbf"`
	Issued   *float64        `json:"iat"`
	Scope    string          `json:"scope"`
	ScopeIn  json.RawMessage `json:"scp"`
	Type     string          `json:"typ"`
	Nonce    string          `json:"nonce"`
	HashAT   string          `json:"at_hash"`
	HashC    string          `json:"c_hash"`
	Bound    json.RawMessage `json:"cnf"`
}

// audience is one text or a list of them.
type audience []string

// UnmarshalJSON reads either form.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// Authenticate gives the actor of an access token. It is Unauthenticated for a token that is not good, and Unavailable while the
// provider has never been reached.
func (p *Provider) Authenticate(ctx context.Context, token string) (auth.Actor, error) {
	kind, ok := headerType(token)
	if !ok || p.settings.Audience == "" {
		return auth.Actor{}, errToken
	}
	_, keys, err := p.describe(ctx)
	if err != nil {
		return auth.Actor{}, err
	}
	payload, err := keys.VerifySignature(ctx, token)
	if errors.Is(err, errKeys) {
		return auth.Actor{}, unreachable(err)
	}
	var c claims
	if err != nil || json.Unmarshal(payload, &c) != nil || c.check(p.settings, p.now()) != nil || !c.forAccess(kind) {
		return auth.Actor{}, errToken
	}
	return auth.Actor{Name: name(c.Subject), Team: team(payload, p.settings.TeamClaim), Scopes: c.scopes()}, nil
}

// headerType reads the type that the header of a token names, in lower case; it is false for what is no token.
func headerType(token string) (string, bool) {
	first, rest, ok := strings.Cut(token, ".")
	if !ok || strings.Count(rest, ".") != 1 || len(token) > 16<<10 {
		return "", false
	}
	text, err := base64.RawURLEncoding.DecodeString(first)
	var header struct {
		Type     string          `json:"typ"`
		Critical json.RawMessage `json:"crit"`
	}
	if err != nil || json.Unmarshal(text, &header) != nil || header.Critical != nil {
		return "", false
	}
	return strings.TrimPrefix(strings.ToLower(header.Type), "application/"), true
}

var errClaims = errors.New("the claims do not hold")

// check holds the claims that every token has against the settings and the clock.
func (c claims) check(s Settings, now time.Time) error {
	switch {
	case c.Issuer != s.Issuer, c.Subject == "", !slices.Contains(c.Audience, s.Audience), !printable(c.Subject):
		return errClaims
	case c.Expires == nil, !now.Before(moment(*c.Expires).Add(leeway)):
		return errClaims
	case c.Begins != nil && now.Add(leeway).Before(moment(*c.Begins)), c.Issued != nil && now.Add(leeway).Before(moment(*c.Issued)):
		return errClaims
	}
	return nil
}

// moment is a time in seconds since 1970, with its fraction; what is out of all bounds is long past.
func moment(seconds float64) time.Time {
	if math.IsNaN(seconds) || math.Abs(seconds) > 1e11 {
		return time.Time{}
	}
	return time.UnixMilli(int64(seconds * 1000))
}

// forAccess tells an access token from others that the provider signs, above all from an ID token, which is for a client and no right
// to call anybody. The type at+jwt (RFC 9068) says it; other types have to carry scopes, and nothing that only ID tokens have. A token
// that is bound to a key of its holder is refused, since nobody shows us that key.
func (c claims) forAccess(kind string) bool {
	if c.Bound != nil {
		return false
	}
	if kind == "at+jwt" {
		return true
	}
	own := c.Type == "" || strings.EqualFold(c.Type, "bearer") || strings.EqualFold(c.Type, "jwt")
	return (kind == "" || kind == "jwt") && own && c.Nonce == "" && c.HashAT == "" && c.HashC == "" && (c.Scope != "" || c.ScopeIn != nil)
}

// scopes are ours among those that the token has, as they are or behind "hindcast:".
func (c claims) scopes() []vocab.Scope {
	words := strings.Fields(c.Scope)
	var list []string
	var text string
	switch {
	case json.Unmarshal(c.ScopeIn, &list) == nil:
		words = append(words, list...)
	case json.Unmarshal(c.ScopeIn, &text) == nil:
		words = append(words, strings.Fields(text)...)
	}
	scopes := []vocab.Scope{}
	for _, word := range words {
		scope := vocab.Scope(strings.TrimPrefix(word, "hindcast:"))
		if vocab.Valid(scope) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
}

// team is the text that the claim holds, or the only one in its list.
func team(payload []byte, claim string) string {
	var all map[string]json.RawMessage
	if json.Unmarshal(payload, &all) != nil {
		return ""
	}
	var one string
	var list []string
	switch {
	case json.Unmarshal(all[claim], &one) == nil:
	case json.Unmarshal(all[claim], &list) == nil && len(list) == 1:
		one = list[0]
	}
	if len(one) > fault.MaxName || !printable(one) {
		return ""
	}
	return one
}

// name is how an actor is called in audit entries: by the subject, which the provider gives to nobody else. A subject that is too
// long is written as its hash.
func name(subject string) string {
	if len(subject) > fault.MaxName-10 {
		sum := sha256.Sum256([]byte(subject))
		subject = hex.EncodeToString(sum[:16])
	}
	return "oidc:" + subject
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) })
}
