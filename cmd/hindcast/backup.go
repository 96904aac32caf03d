package main

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/store"
)

type backupCmd struct {
	config.Database
	File string `arg:"" help:"The file to write; a manifest is written beside it, as FILE.json."`
}

// Run writes the backup and says what is in it.
func (cmd *backupCmd) Run(ctx context.Context, io console) error {
	return withStore(ctx, &cmd.Database, true, func(ctx context.Context, s *store.Store) error {
		m, err := s.Backup(ctx, cmd.File)
		if err != nil {
			return err
		}
		fmt.Fprintf(io.out, "%s: %s\n", cmd.File, contents(m))
		if m.Dialect == store.SQLite {
			fmt.Fprintln(io.err, "the key that seals secrets is not in it: keep encryption.key of the data directory apart from it")
		}
		return nil
	})
}

func contents(m store.Manifest) string {
	rows := 0
	for _, n := range m.Rows {
		rows += n
	}
	return fmt.Sprintf("%d rows in %d tables, schema version %d, %d bytes, sha256 %s", rows, len(m.Rows), m.Schema, m.Bytes, m.SHA256)
}

type restoreCmd struct {
	config.Database
	File string `arg:"" help:"The backup, with its manifest beside it."`
}

// Run restores the backup and says what was in it.
func (cmd *restoreCmd) Run(ctx context.Context, io console) error {
	if err := cmd.Check(); err != nil {
		return exit{2, err}
	}
	m, err := store.Restore(ctx, storeConfig(&cmd.Database), cmd.File, time.Now)
	if err != nil {
		return err
	}
	fmt.Fprintln(io.out, "restored", contents(m))
	return nil
}
