package jira

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func hmacAuth(secrets ...Secret) Auth { return Auth{Kind: AuthHMAC, Secrets: secrets} }

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func codeOf(err error) AuthCode {
	var e *AuthError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

const vectorKey, vectorBody, vectorSignature = "It's a Secret to Everybody", "Hello World!", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"

func TestJira01_AtlassianVector(t *testing.T) {
	t.Parallel()
	auth := hmacAuth(Secret{ID: "k1", Value: vectorKey})
	key, err := Verify(auth, header(SignatureHeader, vectorSignature), nil, []byte(vectorBody), now)
	if err != nil || key != "k1" {
		t.Errorf("got %q, %v; want k1", key, err)
	}
	if got := Sign([]byte(vectorKey), []byte(vectorBody)); got != vectorSignature {
		t.Errorf("signing: got %s, want %s", got, vectorSignature)
	}
	if _, err := Verify(auth, header(SignatureHeader, vectorSignature), nil, []byte("Hello World?"), now); codeOf(err) != AuthMismatch {
		t.Errorf("one byte changed: got %v, want %s", err, AuthMismatch)
	}
}

func TestJira03to06_RefusedSignatures(t *testing.T) {
	t.Parallel()
	auth := hmacAuth(Secret{ID: "k1", Value: vectorKey})
	mac := hmac.New(sha1.New, []byte(vectorKey))
	mac.Write([]byte(vectorBody))
	for name, tc := range map[string]struct {
		header http.Header
		want   AuthCode
	}{
		"03 no signature":                  {header(), AuthMissing},
		"04 a wrong digest":                {header(SignatureHeader, "sha256="+strings.Repeat("ab", 32)), AuthMismatch},
		"05 the header of another product": {header(SignatureHeader+"-256", vectorSignature), AuthWrongHeader},
		"06 a valid sha1":                  {header(SignatureHeader, "sha1="+hex.EncodeToString(mac.Sum(nil))), AuthUnsupportedMethod},
		"06 upper-case method":             {header(SignatureHeader, "SHA256="+vectorSignature[7:]), ""},
		"06 upper-case digest":             {header(SignatureHeader, "sha256="+strings.ToUpper(vectorSignature[7:])), ""},
		"a short digest":                   {header(SignatureHeader, vectorSignature[:40]), AuthMalformed},
		"no method":                        {header(SignatureHeader, vectorSignature[7:]), AuthMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Verify(auth, tc.header, nil, []byte(vectorBody), now)
			if codeOf(err) != tc.want {
				t.Errorf("got %v, want code %q", err, tc.want)
			}
			if err != nil && (strings.Contains(err.Error(), vectorSignature[7:]) || strings.Contains(err.Error(), vectorKey)) {
				t.Errorf("the error shows the digest or the secret: %v", err)
			}
		})
	}
}

func TestJira04_SecretsDoNotPrint(t *testing.T) {
	t.Parallel()
	auth := hmacAuth(Secret{ID: "k1", Value: vectorKey})
	for _, s := range []string{fmt.Sprintf("%v", auth), fmt.Sprintf("%+v", auth), fmt.Sprintf("%#v", auth), asJSON(t, auth)} {
		if strings.Contains(s, vectorKey) {
			t.Errorf("got the secret in %s", s)
		}
	}
}

func TestJira07_EmptySecretVerifiesNothing(t *testing.T) {
	t.Parallel()
	_, err := Verify(hmacAuth(Secret{ID: "k1"}), header(SignatureHeader, Sign(nil, []byte("x"))), nil, []byte("x"), now)
	var e *AuthError
	if !errors.As(err, &e) || !e.Unavailable() {
		t.Errorf("got %v, want an error that says the source is unavailable", err)
	}
}

func TestJira08_SignatureCoversBytes(t *testing.T) {
	t.Parallel()
	body := []byte("{\"a\":\"😀 \\u00e9\",\r\n\"b\": 1 }")
	if _, err := Verify(hmacAuth(Secret{ID: "k1", Value: "s"}), header(SignatureHeader, Sign([]byte("s"), body)), nil, body, now); err != nil {
		t.Error(err)
	}
}

func TestJira09_Rotation(t *testing.T) {
	t.Parallel()
	auth := hmacAuth(Secret{ID: "new", Value: "n"}, Secret{ID: "old", Value: "o", NotAfter: now.Add(time.Hour)})
	signed := header(SignatureHeader, Sign([]byte("o"), []byte("x")))
	if key, err := Verify(auth, signed, nil, []byte("x"), now); err != nil || key != "old" {
		t.Errorf("within the overlap: got %q, %v; want old", key, err)
	}
	if _, err := Verify(auth, signed, nil, []byte("x"), now.Add(time.Hour)); codeOf(err) != AuthMismatch {
		t.Errorf("after the overlap: got %v, want %s", err, AuthMismatch)
	}
}

func TestJira10_StaleAfterADay(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		at   time.Time
		want bool
	}{"25 h": {now.Add(-25 * time.Hour), true}, "23 h": {now.Add(-23 * time.Hour), false}, "no time": {time.Time{}, false}, "the future": {now.Add(time.Hour), false}} {
		if got := Stale(tc.at, now); got != tc.want {
			t.Errorf("%s: got %v, want %v", name, got, tc.want)
		}
	}
}

func TestJira11_BearerTokens(t *testing.T) {
	t.Parallel()
	auth := Auth{Kind: AuthBearer, Secrets: []Secret{{ID: "k1", Value: "client secret"}}}
	sign := func(method jwt.SigningMethod, key any, exp time.Time) string {
		claims := jwt.MapClaims{"iss": "app"}
		if !exp.IsZero() {
			claims["exp"] = exp.Unix()
		}
		s, err := jwt.NewWithClaims(method, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	soon := now.Add(time.Minute)
	for name, tc := range map[string]struct {
		token string
		want  AuthCode
	}{
		"a valid one":                {sign(jwt.SigningMethodHS256, []byte("client secret"), soon), ""},
		"expired":                    {sign(jwt.SigningMethodHS256, []byte("client secret"), now.Add(-time.Hour)), AuthTokenExpired},
		"no expiry":                  {sign(jwt.SigningMethodHS256, []byte("client secret"), time.Time{}), AuthTokenInvalid},
		"another key":                {sign(jwt.SigningMethodHS256, []byte("other"), soon), AuthTokenInvalid},
		"alg none":                   {sign(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, soon), AuthTokenInvalid},
		"another hash, same key":     {sign(jwt.SigningMethodHS512, []byte("client secret"), soon), AuthTokenInvalid},
		"a header that says RS256":   {"eyJhbGciOiJSUzI1NiJ9" + sign(jwt.SigningMethodHS256, []byte("client secret"), soon)[20:], AuthTokenInvalid},
		"not a token":                {"a.b.c", AuthTokenInvalid},
		"nothing after the scheme":   {"", AuthMissing},
		"an expired one, wrong key ": {sign(jwt.SigningMethodHS256, []byte("other"), now.Add(-time.Hour)), AuthTokenInvalid},
	} {
		if _, err := Verify(auth, header("Authorization", "Bearer "+tc.token), nil, nil, now); codeOf(err) != tc.want {
			t.Errorf("%s: got %v, want code %q", name, err, tc.want)
		}
	}
}

func TestJira12_StaticToken(t *testing.T) {
	t.Parallel()
	auth := Auth{Kind: AuthHeader, Secrets: []Secret{{ID: "k1", Value: "tok"}}}
	query := map[string][]string{"token": {"tok"}}
	withQuery := auth
	withQuery.QueryToken = "token"
	for name, tc := range map[string]struct {
		auth   Auth
		header http.Header
		query  map[string][]string
		want   AuthCode
	}{
		"equal":                    {auth, header(DefaultTokenHeader, "tok"), nil, ""},
		"absent":                   {auth, header(), nil, AuthMissing},
		"another":                  {auth, header(DefaultTokenHeader, "tok2"), nil, AuthMismatch},
		"query, not enabled":       {auth, header(), query, AuthMissing},
		"query, enabled":           {withQuery, header(), query, ""},
		"own header, bearer form ": {Auth{Kind: AuthHeader, Header: "Authorization", Secrets: auth.Secrets}, header("Authorization", "Bearer tok"), nil, ""},
	} {
		if _, err := Verify(tc.auth, tc.header, tc.query, nil, now); codeOf(err) != tc.want {
			t.Errorf("%s: got %v, want code %q", name, err, tc.want)
		}
	}
}

func TestJira16_BodyOverTheLimit(t *testing.T) {
	t.Parallel()
	if _, err := ReadBody(bytes.NewReader(make([]byte, 11)), 10); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
	if b, err := ReadBody(bytes.NewReader(make([]byte, 10)), 10); err != nil || len(b) != 10 {
		t.Errorf("at the limit: got %d bytes, %v", len(b), err)
	}
}

func TestJira22_GzipBodies(t *testing.T) {
	t.Parallel()
	pack := func(b []byte) []byte {
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, _ = w.Write(b)
		_ = w.Close()
		return out.Bytes()
	}
	packed := pack([]byte(`{"a":1}`))
	if got, err := Unpack(packed, "gzip", 100); err != nil || string(got) != `{"a":1}` {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Unpack(pack(make([]byte, 1<<20)), "gzip", 1000); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a bomb: got %v, want %v", err, ErrTooLarge)
	}
	for name, tc := range map[string]struct {
		body     []byte
		encoding string
	}{"not gzip": {[]byte("x"), "gzip"}, "cut short": {packed[:len(packed)-6], "gzip"}, "unknown": {packed, "br"}} {
		if _, err := Unpack(tc.body, tc.encoding, 100); !errors.Is(err, ErrEncoding) {
			t.Errorf("%s: got %v, want %v", name, err, ErrEncoding)
		}
	}
}
