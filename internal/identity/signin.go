package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Attempt is what has to be remembered between sending somebody to the provider and their return.
type Attempt struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
}

// Begin gives the address at the provider to send somebody to, and what to remember of it.
func (p *Provider) Begin(ctx context.Context) (string, Attempt, error) {
	config, _, err := p.oauth(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a := Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	return config.AuthCodeURL(a.State, oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)), a, nil
}

var errReturn = errors.New("this is not the sign-in that was begun here")

// Finish takes the code that somebody brought back, and gives who they are. Through a browser they may read.
func (p *Provider) Finish(ctx context.Context, a Attempt, state, code string) (auth.Actor, error) {
	if a.State == "" || subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) != 1 {
		return auth.Actor{}, errReturn
	}
	config, keys, err := p.oauth(ctx)
	if err != nil {
		return auth.Actor{}, err
	}
	given, err := config.Exchange(oidc.ClientContext(ctx, p.client), code, oauth2.VerifierOption(a.Verifier))
	if err != nil {
		return auth.Actor{}, fmt.Errorf("exchanging the code: %w", err)
	}
	raw, _ := given.Extra("id_token").(string)
	var names []string
	for _, alg := range algorithms {
		names = append(names, string(alg))
	}
	token, err := oidc.NewVerifier(p.settings.Issuer, keys, &oidc.Config{ClientID: p.settings.ClientID, SupportedSigningAlgs: names, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return auth.Actor{}, err
	}
	var extra struct {
		Party string `json:"azp"`
	}
	payload := rawClaims{}
	if err := errors.Join(token.Claims(&extra), token.Claims(&payload)); err != nil {
		return auth.Actor{}, err
	}
	other := extra.Party != "" && extra.Party != p.settings.ClientID
	if other || subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(a.Nonce)) != 1 || token.Subject == "" || !printable(token.Subject) {
		return auth.Actor{}, errReturn
	}
	return auth.Actor{Name: name(token.Subject), Team: team(payload, p.settings.TeamClaim), Scopes: []vocab.Scope{vocab.ScopeRead}}, nil
}

// rawClaims keeps the claims as they are written.
type rawClaims []byte

// UnmarshalJSON keeps the text.
func (r *rawClaims) UnmarshalJSON(text []byte) error {
	*r = append((*r)[:0], text...)
	return nil
}

func (p *Provider) oauth(ctx context.Context) (*oauth2.Config, *keySet, error) {
	endpoint, keys, err := p.describe(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &oauth2.Config{
		ClientID: p.settings.ClientID, ClientSecret: p.settings.ClientSecret, Endpoint: endpoint, RedirectURL: p.settings.RedirectURL,
		Scopes: []string{oidc.ScopeOpenID, "profile"},
	}, keys, nil
}
