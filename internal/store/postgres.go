package store

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	connectTimeout  = time.Second
	connLifetime    = 30 * time.Minute
	migratorConns   = 2 // the lock's and goose's
	migratorLockMax = 5 * time.Second
)

func isPostgresURL(s string) bool {
	return strings.HasPrefix(s, "postgres://") || strings.HasPrefix(s, "postgresql://")
}

func (s *Store) openPostgres(ctx context.Context) error {
	cfg, err := s.pgConfig()
	if err != nil {
		return err
	}
	s.writer = openPool(cfg, s.cfg.MaxConns)
	s.reader = s.writer
	if err := s.writer.PingContext(ctx); err != nil {
		return fmt.Errorf("connecting to PostgreSQL: %w", err)
	}
	return nil
}

// openPool keeps idle connections, because opening one costs more than most queries, and ages them apart, so that replicas do
// not all reconnect at the same moment.
func openPool(cfg *pgx.ConnConfig, n int) *sql.DB {
	db := stdlib.OpenDB(*cfg)
	fixPool(db, n)
	db.SetConnMaxLifetime(connLifetime + rand.N(connLifetime/3))
	return db
}

// pgConfig reads the address. What it says about timeouts wins over the configuration.
func (s *Store) pgConfig() (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(s.cfg.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("reading the database address: %w", err)
	}
	if !strings.Contains(s.cfg.DatabaseURL, "connect_timeout") {
		cfg.ConnectTimeout = connectTimeout
	}
	for name, value := range map[string]string{
		"application_name":                    "hindcast",
		"statement_timeout":                   milliseconds(s.cfg.StatementTimeout),
		"idle_in_transaction_session_timeout": milliseconds(s.cfg.IdleInTxTimeout),
	} {
		if _, set := cfg.RuntimeParams[name]; !set {
			cfg.RuntimeParams[name] = value
		}
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	return cfg, nil
}

// openMigrator opens connections for changing the schema: statements may take long, but waiting for a lock may not, since
// everybody else would wait behind it.
func (s *Store) openMigrator(ctx context.Context) (*sql.DB, error) {
	if s.dialect == SQLite {
		return s.openWriter(ctx)
	}
	cfg, err := s.pgConfig()
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["statement_timeout"] = "0"
	cfg.RuntimeParams["lock_timeout"] = milliseconds(migratorLockMax)
	cfg.RuntimeParams["idle_in_transaction_session_timeout"] = "0"
	return openPool(cfg, migratorConns), nil
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
