package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Database makes a database, as a copy of template unless that is empty, and gives its address and what drops it again, even
// while somebody is connected.
func (s *Server) Database(ctx context.Context, template string) (address string, drop func() error, err error) {
	name := "hindcast_test_" + strings.ToLower(rand.Text())
	if err := s.create(ctx, name, template); err != nil {
		return "", nil, fmt.Errorf("making a database: %w", err)
	}
	address, err = s.address(name)
	return address, func() error {
		return s.exec(context.WithoutCancel(ctx), "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	}, err
}

// create copies files where that is the quicker way: it needs two checkpoints, which cost nothing only while nothing is synced, and
// the choice came with PostgreSQL 15.
func (s *Server) create(ctx context.Context, name, template string) (err error) {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	statement := "CREATE DATABASE " + quote(name)
	if template != "" {
		statement += " TEMPLATE " + quote(template)
	}
	var copies bool
	const ask = "SELECT current_setting('server_version_num')::int >= 150000 AND current_setting('fsync') = 'off'"
	if err := conn.QueryRow(ctx, ask).Scan(&copies); err != nil {
		return err
	}
	if copies {
		statement += " STRATEGY FILE_COPY"
	}
	_, err = conn.Exec(ctx, statement)
	return err
}

// templateLock keeps two processes from making one template at once. The number has no meaning.
const templateLock = 7_401_950_120_263

// Template makes a database of the given name with fill, once, however many processes ask for it.
func (s *Server) Template(ctx context.Context, name string, fill func(address string) error) (err error) {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }() // ends the lock, too
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return fmt.Errorf("waiting for the template: %w", err)
	}
	var ready bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&ready); err != nil || ready {
		return err
	}
	address, drop, err := s.Database(ctx, "")
	if err != nil {
		return err
	}
	if err := fill(address); err != nil {
		return errors.Join(fmt.Errorf("filling the template: %w", err), drop())
	}
	filled, err := url.Parse(address)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+quote(strings.TrimPrefix(filled.Path, "/"))+" RENAME TO "+quote(name))
	return err
}

func (s *Server) address(database string) (string, error) {
	u, err := url.Parse(s.URL)
	if err != nil {
		return "", errors.New("the address of the test server is not a URL")
	}
	u.Path = "/" + database
	return u.String(), nil
}

func (s *Server) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	return errors.Join(err, conn.Close(ctx))
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
