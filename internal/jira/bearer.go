package jira

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// verifyBearer checks the JWT of an OAuth dynamic webhook: HS256 with the app's client secret, and not expired. The method is
// fixed here and not read from the token, so neither `none` nor a public key taken for a secret can pass.
func verifyBearer(keys []Secret, header http.Header, now time.Time) (string, error) {
	scheme, token, ok := strings.Cut(header.Get("Authorization"), " ")
	if !ok || !(strings.EqualFold(scheme, "Bearer") || strings.EqualFold(scheme, "JWT")) || strings.TrimSpace(token) == "" {
		return "", refuse(AuthMissing, "the delivery has no bearer token")
	}
	parser := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }), jwt.WithLeeway(30*time.Second))
	expired, found, id := false, false, ""
	for _, k := range keys {
		_, err := parser.Parse(strings.TrimSpace(token), func(*jwt.Token) (any, error) { return []byte(k.Value), nil })
		expired = expired || errors.Is(err, jwt.ErrTokenExpired)
		if err == nil && !found {
			found, id = true, k.ID
		}
	}
	switch {
	case found:
		return id, nil
	case expired:
		return "", refuse(AuthTokenExpired, "the bearer token has expired")
	default:
		return "", refuse(AuthTokenInvalid, "the bearer token is not one of this source")
	}
}
