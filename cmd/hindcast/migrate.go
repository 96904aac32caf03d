package main

import (
	"context"
	"fmt"

	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/store"
)

type migrateCmd struct {
	Up     migrateUpCmd     `cmd:"" help:"Bring the schema up to date."`
	Status migrateStatusCmd `cmd:"" help:"Say which version the schema has and what is pending; exits 1 when something is."`
}

type migrateUpCmd struct{ config.Database }

// Run applies what is pending and prints it.
func (cmd *migrateUpCmd) Run(ctx context.Context, io console) error {
	return withStore(ctx, &cmd.Database, false, func(ctx context.Context, s *store.Store) error {
		done, err := s.Migrate(ctx)
		if err != nil {
			return err
		}
		for _, name := range done.Applied {
			fmt.Fprintln(io.out, "applied", name)
		}
		if done.Copy != "" {
			fmt.Fprintln(io.out, "the database as it was is in", done.Copy)
		}
		fmt.Fprintln(io.out, "the schema is up to date")
		return nil
	})
}

type migrateStatusCmd struct{ config.Database }

// Run prints the versions.
func (cmd *migrateStatusCmd) Run(ctx context.Context, io console) error {
	return withStore(ctx, &cmd.Database, true, func(ctx context.Context, s *store.Store) error {
		st, err := s.Status(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(io.out, "%s: schema version %d of %d\n", s.Dialect(), st.Current, st.Target)
		for _, name := range st.Pending {
			fmt.Fprintln(io.out, "pending", name)
		}
		if len(st.Pending) > 0 || st.Newer() {
			return exit{code: 1}
		}
		return nil
	})
}
