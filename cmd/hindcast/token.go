package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

type tokenCmd struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token and print it."`
	List   tokenListCmd   `cmd:"" help:"List the tokens, without their secrets."`
	Revoke tokenRevokeCmd `cmd:"" help:"End a token for good."`
}

type tokenCreateCmd struct {
	config.Database
	Name    string        `arg:"" help:"Who the token is for."`
	Scope   []vocab.Scope `required:"" help:"What it may do: read, write, gate, ingest or admin; may be repeated."`
	Team    string        `help:"The team whose restricted records it may see."`
	Expires time.Duration `help:"How long it works, such as 24h; for ever when it is not given."`
}

// Run prints the token alone.
func (cmd *tokenCreateCmd) Run(ctx context.Context, io console) error {
	for _, scope := range cmd.Scope {
		if !vocab.Valid(scope) {
			return exit{2, fmt.Errorf("--scope: %q is none of %s", scope, strings.Join(scope.Values(), ", "))}
		}
	}
	return withTokens(ctx, &cmd.Database, func(ctx context.Context, tokens *auth.Tokens) error {
		grant := auth.Grant{Name: cmd.Name, Scopes: cmd.Scope, Team: cmd.Team}
		if cmd.Expires != 0 {
			at := time.Now().Add(cmd.Expires)
			grant.Expires = &at
		}
		_, text, err := tokens.Issue(ctx, grant)
		if err != nil {
			return err
		}
		fmt.Fprintln(io.out, text)
		return nil
	})
}

type tokenListCmd struct{ config.Database }

// Run prints a table.
func (cmd *tokenListCmd) Run(ctx context.Context, io console) error {
	return withTokens(ctx, &cmd.Database, func(ctx context.Context, tokens *auth.Tokens) error {
		all, err := tokens.List(ctx)
		if err != nil {
			return err
		}
		table := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "ID\tNAME\tSCOPES\tTEAM\tCREATED\tLAST USED\tSTATE")
		for _, t := range all {
			fmt.Fprintf(table, "%s\t%s\t%v\t%s\t%s\t%s\t%s\n", vocab.Token.ID(t.ID), t.Name, t.Scopes, t.Team,
				t.CreatedAt.Format(time.DateOnly), date(t.LastUsedAt), tokenState(t, time.Now()))
		}
		return table.Flush()
	})
}

func date(t *time.Time) string {
	if t == nil {
		return "never"
	}
	return t.Format(time.DateOnly)
}

func tokenState(t *ent.Token, now time.Time) string {
	switch {
	case t.RevokedAt != nil:
		return "revoked"
	case t.ExpiresAt != nil && !now.Before(*t.ExpiresAt):
		return "expired"
	}
	return "active"
}

type tokenRevokeCmd struct {
	config.Database
	ID string `arg:"" help:"The token, such as TOK-3."`
}

// Run ends the token.
func (cmd *tokenRevokeCmd) Run(ctx context.Context) error {
	id, err := vocab.ParseID(cmd.ID)
	if err != nil || !id.Is(vocab.Token) {
		return exit{2, fmt.Errorf("%q is not the id of a token, such as TOK-3", cmd.ID)}
	}
	return withTokens(ctx, &cmd.Database, func(ctx context.Context, tokens *auth.Tokens) error {
		return tokens.Revoke(ctx, id.N)
	})
}

// withTokens opens the database as its operator, who may do everything.
func withTokens(ctx context.Context, d *config.Database, do func(context.Context, *auth.Tokens) error) error {
	return withStore(ctx, d, true, func(ctx context.Context, s *store.Store) error {
		if _, err := s.Migrate(ctx); err != nil {
			return err
		}
		return do(ctx, auth.NewTokens(s, time.Now))
	})
}

// withStore opens the database for one command, as the operator of the machine; beside lets a server go on meanwhile.
func withStore(ctx context.Context, d *config.Database, beside bool, do func(context.Context, *store.Store) error) error {
	if err := d.Check(); err != nil {
		return exit{2, err}
	}
	cfg := storeConfig(d)
	cfg.Beside = beside
	if beside {
		cfg.LockWait = 0
	}
	s, err := store.Open(ctx, cfg, time.Now)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(auth.With(ctx, auth.System("operator")), s)
}
