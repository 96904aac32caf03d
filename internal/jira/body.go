package jira

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
)

// MaxBody is the largest body we take, just over the 25 MB above which Jira Cloud drops a delivery itself.
const MaxBody = 26 << 20

// Errors of ReadBody and Unpack.
var (
	// ErrTooLarge is a body over the limit, as sent or once unpacked.
	ErrTooLarge = errors.New("the body is over the limit")
	// ErrEncoding is a content encoding we do not read, or one that the body does not have.
	ErrEncoding = errors.New("the body does not have the content encoding it names")
)

// ReadBody reads at most limit bytes, and is ErrTooLarge when there is one more. The bytes are those a signature covers.
func ReadBody(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	return body, nil
}

// Unpack undoes the Content-Encoding of a body. The limit holds for what comes out, so a bomb is ErrTooLarge.
func Unpack(body []byte, encoding string, limit int64) ([]byte, error) {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body, nil
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, ErrEncoding
		}
		out, err := ReadBody(r, limit)
		if err != nil && !errors.Is(err, ErrTooLarge) {
			return nil, ErrEncoding
		}
		return out, err
	default:
		return nil, ErrEncoding
	}
}
