package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const postgresTables = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"

// dumpPostgres counts the rows in the very snapshot that pg_dump writes.
func (s *Store) dumpPostgres(ctx context.Context, part string) (rows map[string]int, err error) {
	err = s.SnapshotTx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var snapshot string
		if err := tx.QueryRowContext(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil { // pg_dump takes its time
			return err
		}
		if rows, err = countRows(ctx, tx, postgresTables); err != nil {
			return err
		}
		return pgTool(ctx, s.cfg.DatabaseURL, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--snapshot="+snapshot, "--file="+part)
	})
	return rows, err
}

func restorePostgres(ctx context.Context, cfg Config, file string, now func() time.Time) (_ map[string]int, err error) {
	s, err := Open(ctx, cfg, now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	there, err := countRows(ctx, s.reader, postgresTables)
	if err != nil {
		return nil, err
	}
	if len(there) > 0 {
		return nil, fmt.Errorf("the database has %d tables already: a backup goes into an empty one only", len(there))
	}
	if err := pgTool(ctx, cfg.DatabaseURL, "pg_restore", "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", file); err != nil {
		return nil, err
	}
	return countRows(ctx, s.reader, postgresTables)
}

// libpqParameters are those of an address that the programs of PostgreSQL know as we do; the rest are ours.
var libpqParameters = []string{
	"application_name", "channel_binding", "connect_timeout", "host", "options", "port", "sslcert", "sslkey", "sslmode", "sslrootcert", "target_session_attrs",
}

// pgTool runs a program of PostgreSQL on the database. The password goes by the environment, since others see arguments.
func pgTool(ctx context.Context, address, name string, args ...string) error {
	program, err := exec.LookPath(name)
	if err != nil {
		return fmt.Errorf("%s is not on the PATH: install the client programs of PostgreSQL (on Debian, the package postgresql-client)", name)
	}
	at, err := url.Parse(address)
	if err != nil {
		return errors.New("the database address is not a URL")
	}
	env := os.Environ()
	if password, given := at.User.Password(); given {
		env = append(env, "PGPASSWORD="+password)
		at.User = url.User(at.User.Username())
	}
	query := at.Query()
	for parameter := range query {
		if !slices.Contains(libpqParameters, parameter) {
			query.Del(parameter)
		}
	}
	at.RawQuery = query.Encode()
	cmd := exec.CommandContext(ctx, program, append([]string{"--dbname=" + at.String(), "--no-password"}, args...)...)
	cmd.Env = env
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(said.String()))
	}
	return nil
}
