package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// Restore puts a backup into the empty database that cfg names, and compares it with its manifest. It refuses a database that has
// anything, a file that is not as it was written, and a backup of the other dialect.
func Restore(ctx context.Context, cfg Config, file string, now func() time.Time) (Manifest, error) {
	if err := cfg.check(); err != nil {
		return Manifest{}, err
	}
	m, err := readManifest(file)
	if err != nil {
		return m, err
	}
	want := SQLite
	load := restoreSQLite
	if cfg.DatabaseURL != "" {
		want, load = Postgres, restorePostgres
	}
	if m.Dialect != want {
		return m, fmt.Errorf("%s is a backup of %s, and this database is %s: use export and import instead", file, m.Dialect, want)
	}
	rows, err := load(ctx, cfg, file, now)
	if err != nil {
		return m, fmt.Errorf("restoring %s: %w", file, err)
	}
	if !maps.Equal(rows, m.Rows) {
		return m, fmt.Errorf("what was restored from %s has other rows than its manifest says", file)
	}
	return m, nil
}

// readManifest reads the manifest and holds the file against it.
func readManifest(file string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(file + manifestSuffix)
	if err != nil {
		return m, fmt.Errorf("reading the manifest of the backup: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, fmt.Errorf("reading the manifest of the backup: %w", err)
	}
	f, err := os.Open(file)
	if err != nil {
		return m, fmt.Errorf("reading the backup: %w", err)
	}
	defer f.Close()
	size, sum, err := sumOf(f)
	if err != nil {
		return m, fmt.Errorf("reading the backup: %w", err)
	}
	if size != m.Bytes || sum != m.SHA256 {
		return m, fmt.Errorf("%s is not as it was written: its checksum differs from the manifest's", file)
	}
	return m, nil
}

// restoreSQLite copies under a name of its own, so that a copy cut short is no database.
func restoreSQLite(ctx context.Context, cfg Config, file string, now func() time.Time) (_ map[string]int, err error) {
	if err := prepareDir(cfg.DataDir); err != nil {
		return nil, err
	}
	target := filepath.Join(cfg.DataDir, sqliteFile)
	lock, err := lockProcess(ctx, target+".lock", cfg.LockWait, now)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lock.release()) }()
	if _, err := os.Lstat(target); !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s is there already: a backup goes into an empty folder only", target)
	}
	part := target + ".part"
	if err := copyTo(part, file); err != nil {
		return nil, errors.Join(err, ignoreMissing(os.Remove(part)))
	}
	rows, err := inspect(ctx, part)
	if err != nil {
		return nil, errors.Join(err, ignoreMissing(os.Remove(part)))
	}
	if err := os.Rename(part, target); err != nil {
		return nil, err
	}
	return rows, syncDir(cfg.DataDir)
}

func copyTo(target, source string) error {
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(target, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Sync(), to.Close())
}
