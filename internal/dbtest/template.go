package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/internal/dbtest/pgserver"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/migrations"
)

// These three run once per test process. They are the exception from having no package state: a test function has no other place
// to keep what all tests of its package share. A server started here ends with the process, see package pgserver.
var (
	server           = sync.OnceValues(func() (*pgserver.Server, error) { return pgserver.Start(context.Background()) })
	sqliteTemplate   = sync.OnceValues(migratedFile)
	postgresTemplate = sync.OnceValues(migratedDatabase)
)

// migratedFile is the content of a SQLite file that was migrated from nothing.
func migratedFile() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "hindcast-dbtest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := migrate(store.Config{DataDir: dir, SQLiteSynchronous: "normal"}); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, "hindcast.db")) // closing the last connection folded the WAL into it
}

// migratedDatabase is the name of a migrated database. The name holds what it was made from, so that test processes share it and
// a change of the schema makes a new one.
func migratedDatabase() (string, error) {
	s, err := server()
	if err != nil {
		return "", err
	}
	digest, err := schemaDigest()
	if err != nil {
		return "", err
	}
	name := "hindcast_template_" + digest
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return name, s.Template(ctx, name, func(address string) error { return migrate(store.Config{DatabaseURL: address}) })
}

// schemaDigest stands for the migrations.
func schemaDigest() (string, error) {
	sum := sha256.New()
	files := migrations.For(store.Postgres)
	err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(files, path)
		fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil))[:16], err
}

func migrate(cfg store.Config) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s, err := store.Open(ctx, cfg, time.Now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	_, err = s.Migrate(ctx)
	return err
}
