package app

import (
	"crypto/rand"

	"github.com/hindcast-kb/hindcast/internal/secret"
)

// sessionBox seals the sessions of browsers: with the key of the server, and where there is none with one that ends with the process,
// so that a restart signs everybody out and processes do not know the sessions of each other.
func (a *App) sessionBox(opts Options) (*secret.Box, error) {
	box, err := a.box(opts)
	if err != nil || box != nil {
		return box, err
	}
	key := make([]byte, secret.KeySize)
	_, _ = rand.Read(key) // it never fails, by its documentation
	return secret.New(key)
}
