package embed

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
)

// A token is 54 bytes in the base64 of addresses, which is 72 characters without a bit to spare: the version of the form, the key
// that signed it, the number of the grant, when it expires in seconds since 1970, a digest of what it shows, and the signature.
const (
	tokenVersion = 1
	keySize      = 4
	numberSize   = 4
	timeSize     = 5
	digestSize   = 8
	signedSize   = 1 + keySize + numberSize + timeSize + digestSize
	tokenSize    = signedSize + sha256.Size
)

// purpose keeps a signature from meaning anything elsewhere.
const purpose = "hindcast embed v1\x00"

// errToken does not say whether a token is unknown, altered, expired or revoked.
var errToken = fault.New(fault.Unauthenticated, "this view is not shared, or no longer")

// tokenText is the encoding of tokens. It is strict, so that each token is written in one way only.
func tokenText() *base64.Encoding { return base64.RawURLEncoding.Strict() }

// Token writes the token of a grant, signed with the newest key.
func (s *Service) Token(ctx context.Context, e *ent.Embed) (string, error) {
	key, err := s.keys.signing(ctx)
	if err != nil {
		return "", err
	}
	return sign(key, e), nil
}

func sign(key key, e *ent.Embed) string {
	raw := make([]byte, 0, tokenSize)
	raw = append(raw, tokenVersion)
	raw = append(raw, key.id[:]...)
	raw = binary.BigEndian.AppendUint32(raw, uint32(e.ID)) //nolint:gosec // checked when it is read
	var at [8]byte
	binary.BigEndian.PutUint64(at[:], uint64(e.ExpiresAt.Unix())) //nolint:gosec // it lies in the future of 2026
	raw = append(raw, at[8-timeSize:]...)
	raw = append(raw, digest(e)...)
	return tokenText().EncodeToString(append(raw, mac(key, raw)...))
}

func mac(key key, signed []byte) []byte {
	h := hmac.New(sha256.New, key.secret)
	h.Write([]byte(purpose))
	h.Write(signed)
	return h.Sum(nil)
}

// digest is of what a grant shows: a token of one grant is no token of another, whatever becomes of its row.
func digest(e *ent.Embed) []byte {
	sum := sha256.Sum256([]byte(Target(e) + "\x00" + strings.Join(e.Fields, "\x00")))
	return sum[:digestSize]
}

// Admit gives the grant of a token, or Unauthenticated for one that was altered, has expired or was revoked. The last two come with
// the grant, so that the page that says so can be framed where the view was. The row is read each time, so that a revocation
// counts from the next request on.
func (s *Service) Admit(ctx context.Context, token string) (*ent.Embed, error) {
	raw, err := tokenText().DecodeString(token)
	if err != nil || len(raw) != tokenSize || raw[0] != tokenVersion {
		return nil, errToken
	}
	signed, signature := raw[:signedSize], raw[signedSize:]
	key, err := s.keys.find(ctx, [keySize]byte(signed[1:1+keySize]))
	switch {
	case errors.Is(err, errNoKey):
		return nil, errToken
	case err != nil:
		return nil, err
	case !hmac.Equal(signature, mac(key, signed)):
		return nil, errToken
	}
	rest := signed[1+keySize:]
	found, err := s.store.Read().Embed.Get(ctx, int(binary.BigEndian.Uint32(rest)))
	if ent.IsNotFound(err) {
		return nil, errToken
	}
	if err != nil {
		return nil, s.store.Fault(err)
	}
	at := binary.BigEndian.Uint64(append(make([]byte, 8-timeSize), rest[numberSize:numberSize+timeSize]...))
	expires := time.Unix(int64(at), 0) //nolint:gosec // five bytes
	same := hmac.Equal(rest[numberSize+timeSize:], digest(found)) && expires.Equal(found.ExpiresAt)
	switch {
	case !same:
		return nil, errToken
	case found.RevokedAt != nil, !s.now().Before(expires):
		return found, errToken
	}
	return found, nil
}
