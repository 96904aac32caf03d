package jira

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"
)

// AuthKind is how deliveries to a source prove where they come from.
type AuthKind string

// The kinds of authentication. AuthNone is for a listener on loopback only; the caller enforces that.
const (
	AuthHMAC   AuthKind = "hmac"
	AuthBearer AuthKind = "bearer"
	AuthHeader AuthKind = "header"
	AuthNone   AuthKind = "none"
)

// Secret is one key of a source.
type Secret struct {
	// ID names the key in metrics and in the result of Verify.
	ID string
	// Value is the key itself.
	Value Hidden
	// NotAfter is when the key stops being accepted; the zero time means never.
	NotAfter time.Time
}

// Hidden is a text that prints as *** wherever it is formatted or logged.
type Hidden string

// String hides the text.
func (Hidden) String() string { return "***" }

// GoString hides the text from %#v.
func (Hidden) GoString() string { return "***" }

// MarshalText hides the text from encoders.
func (Hidden) MarshalText() ([]byte, error) { return []byte("***"), nil }

// Auth is how a source is authenticated: the kind, up to two keys during a rotation and, for static tokens, where they travel.
type Auth struct {
	Kind    AuthKind
	Secrets []Secret
	// Header carries the token of AuthHeader; empty means X-Webhook-Token.
	Header string
	// QueryToken also accepts the token in the query parameter of that name. It ends up in logs of proxies, so it is off by default.
	QueryToken string
}

// DefaultTokenHeader is where an automation rule puts its token when the source names no other header.
const DefaultTokenHeader = "X-Webhook-Token"

// Headers of a delivery.
const (
	SignatureHeader  = "X-Hub-Signature"
	IdentifierHeader = "X-Atlassian-Webhook-Identifier"
	RetryHeader      = "X-Atlassian-Webhook-Retry"
	FlowHeader       = "X-Atlassian-Webhook-Flow"
)

// AuthCode says why a delivery is not authentic, or why that cannot be told. The values are stable.
type AuthCode string

// The codes of an AuthError. AuthNoSecret is our fault and must be answered as unavailable, never as a refusal.
const (
	AuthMissing           AuthCode = "auth_missing"
	AuthWrongHeader       AuthCode = "wrong_header"
	AuthUnsupportedMethod AuthCode = "unsupported_method"
	AuthMalformed         AuthCode = "malformed_signature"
	AuthMismatch          AuthCode = "signature_mismatch"
	AuthTokenInvalid      AuthCode = "token_invalid"
	AuthTokenExpired      AuthCode = "token_expired"
	AuthNoSecret          AuthCode = "no_active_secret"
)

// AuthError is a failed verification. Its text holds no digest, token or secret.
type AuthError struct {
	Code    AuthCode
	Message string
}

func (e *AuthError) Error() string { return e.Message }

// Unavailable says that the source cannot verify anything at present: the sender should try again.
func (e *AuthError) Unavailable() bool { return e.Code == AuthNoSecret }

func refuse(code AuthCode, message string) error { return &AuthError{Code: code, Message: message} }

// Verify says whether a delivery is authentic and which key proved it. body is what came over the wire, byte for byte: a
// signature covers bytes, not JSON. Every key is tried, in constant time for a given number of keys. Errors are *AuthError.
func Verify(auth Auth, header http.Header, query map[string][]string, body []byte, now time.Time) (keyID string, err error) {
	if auth.Kind == AuthNone {
		return "", nil
	}
	keys, expired := activeSecrets(auth.Secrets, now)
	if len(keys) == 0 && len(expired) == 0 {
		return "", refuse(AuthNoSecret, "the source has no secret")
	}
	switch auth.Kind {
	case AuthHMAC:
		return verifySignature(keys, header, body)
	case AuthBearer:
		return verifyBearer(keys, header, now)
	case AuthHeader:
		return verifyToken(auth, keys, header, query)
	default:
		return "", refuse(AuthNoSecret, "the source has no known kind of authentication")
	}
}

// activeSecrets leaves out empty secrets, for which anybody can compute a signature, and those past their time.
func activeSecrets(all []Secret, now time.Time) (active, expired []Secret) {
	for _, s := range all {
		switch {
		case s.Value == "":
		case !s.NotAfter.IsZero() && !now.Before(s.NotAfter):
			expired = append(expired, s)
		default:
			active = append(active, s)
		}
	}
	return active, expired
}

// Sign gives the value of SignatureHeader for a body, as Jira computes it (WebSub: method=hexdigest over the raw bytes).
func Sign(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func verifySignature(keys []Secret, header http.Header, body []byte) (string, error) {
	value := header.Get(SignatureHeader)
	if value == "" {
		if header.Get(SignatureHeader+"-256") != "" {
			return "", refuse(AuthWrongHeader, "the signature came in X-Hub-Signature-256; Jira sends it in X-Hub-Signature")
		}
		return "", refuse(AuthMissing, "the delivery has no X-Hub-Signature header")
	}
	method, digest, ok := strings.Cut(value, "=")
	if !ok {
		return "", refuse(AuthMalformed, "the X-Hub-Signature header is not of the form method=hexdigest")
	}
	if !strings.EqualFold(strings.TrimSpace(method), "sha256") {
		return "", refuse(AuthUnsupportedMethod, "the signature method is not sha256")
	}
	given, err := hex.DecodeString(strings.TrimSpace(digest))
	if err != nil || len(given) != sha256.Size {
		return "", refuse(AuthMalformed, "the X-Hub-Signature header does not hold a sha256 digest in hex")
	}
	return matchKey(keys, func(secret []byte) bool {
		mac := hmac.New(sha256.New, secret)
		mac.Write(body)
		return hmac.Equal(mac.Sum(nil), given)
	}, "the signature does not match the body")
}

// matchKey tries every key even after one matched, so that the time taken does not tell which it was.
func matchKey(keys []Secret, matches func([]byte) bool, message string) (string, error) {
	found, id := false, ""
	for _, k := range keys {
		if matches([]byte(k.Value)) && !found {
			found, id = true, k.ID
		}
	}
	if !found {
		return "", refuse(AuthMismatch, message)
	}
	return id, nil
}

func verifyToken(auth Auth, keys []Secret, header http.Header, query map[string][]string) (string, error) {
	name := auth.Header
	if name == "" {
		name = DefaultTokenHeader
	}
	token := header.Get(name)
	if strings.EqualFold(name, "Authorization") {
		if scheme, rest, ok := strings.Cut(token, " "); ok && strings.EqualFold(scheme, "Bearer") {
			token = strings.TrimSpace(rest)
		}
	}
	if token == "" && auth.QueryToken != "" && len(query[auth.QueryToken]) > 0 {
		token = query[auth.QueryToken][0]
	}
	if token == "" {
		return "", refuse(AuthMissing, "the delivery has no token")
	}
	// Comparing digests hides the length of the secret too.
	given := sha256.Sum256([]byte(token))
	return matchKey(keys, func(secret []byte) bool {
		want := sha256.Sum256(secret)
		return subtle.ConstantTimeCompare(want[:], given[:]) == 1
	}, "the token is not the one of this source")
}

// MaxAge is how old the timestamp of a signed body may be. A signature is not bound to a time, so a captured body would stay
// valid for ever; a day survives Jira's own schedule of retries.
const MaxAge = 24 * time.Hour

// Stale says whether an event of a signed source is too old to apply. A body without a timestamp cannot be stale.
func Stale(at, now time.Time) bool {
	return !at.IsZero() && now.Sub(at) > MaxAge
}
