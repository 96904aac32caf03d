//go:build !unix

package pgserver

import (
	"context"
	"errors"
)

func startLocal(context.Context, string) (*Server, error) {
	return nil, errors.New("a private PostgreSQL cluster needs a Unix system: set " + EnvURL)
}
