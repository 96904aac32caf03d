package app

import (
	"crypto/rand"
	"strings"

	"github.com/hindcast-kb/hindcast/handlers"
	"github.com/hindcast-kb/hindcast/internal/identity"
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

// provider is the identity provider that the options name, or nil.
func provider(opts Options) *identity.Provider {
	settings := opts.Identity
	if settings.Issuer == "" {
		return nil
	}
	settings.RedirectURL = strings.TrimSuffix(opts.PublicURL, "/") + handlers.ReturnPath
	return identity.New(settings, opts.Now)
}
