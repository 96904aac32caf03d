package config

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// OIDC says which identity provider is believed.
type OIDC struct {
	OIDCIssuer           string `name:"oidc-issuer" help:"Identity provider (OpenID Connect) that is believed, exactly as its tokens name it." env:"HINDCAST_OIDC_ISSUER" placeholder:"URL"`
	OIDCAudience         string `name:"oidc-audience" help:"What access tokens for this server are for; without it, none is accepted." env:"HINDCAST_OIDC_AUDIENCE" placeholder:"NAME"`
	OIDCClientID         string `name:"oidc-client-id" help:"This server as a client of the provider; without it, people sign in with tokens only." env:"HINDCAST_OIDC_CLIENT_ID" placeholder:"ID"`
	OIDCClientSecret     Secret `name:"oidc-client-secret" help:"Secret of the client; not needed for a public one." env:"HINDCAST_OIDC_CLIENT_SECRET" placeholder:"SECRET"`
	OIDCClientSecretFile string `name:"oidc-client-secret-file" help:"File with the secret of the client." env:"HINDCAST_OIDC_CLIENT_SECRET_FILE" placeholder:"FILE"`
	OIDCTeamClaim        string `name:"oidc-team-claim" help:"Claim that names the team, whose restricted records may be seen." default:"team" env:"HINDCAST_OIDC_TEAM_CLAIM" placeholder:"CLAIM"`
}

// Check reads the secret that is given as a file and refuses an issuer that nobody could trust, or one that is for nothing.
func (o *OIDC) Check() error {
	if o.OIDCIssuer == "" {
		if o.OIDCAudience != "" || o.OIDCClientID != "" {
			return errors.New("--oidc-audience and --oidc-client-id need --oidc-issuer")
		}
		return nil
	}
	u, err := url.Parse(o.OIDCIssuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || (u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname()))) {
		return fmt.Errorf("--oidc-issuer: %q is not an https address", o.OIDCIssuer)
	}
	if o.OIDCAudience == "" && o.OIDCClientID == "" {
		return errors.New("--oidc-issuer needs --oidc-audience for the API, --oidc-client-id for people, or both")
	}
	if o.OIDCClientSecretFile == "" {
		return nil
	}
	if o.OIDCClientSecret != "" {
		return errors.New("give --oidc-client-secret or --oidc-client-secret-file, not both")
	}
	text, err := os.ReadFile(o.OIDCClientSecretFile)
	if err != nil {
		return fmt.Errorf("reading --oidc-client-secret-file: %w", err)
	}
	o.OIDCClientSecret = Secret(strings.TrimSpace(string(text)))
	return nil
}
