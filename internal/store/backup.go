package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Manifest says what a backup holds. It lies beside the backup, as FILE.json.
type Manifest struct {
	Dialect string         `json:"dialect"` // SQLite or Postgres
	Schema  int64          `json:"schema"`  // the version of the schema
	Made    time.Time      `json:"made"`    // everything committed before is in it
	Bytes   int64          `json:"bytes"`
	SHA256  string         `json:"sha256"` // of the file, in hexadecimal
	Rows    map[string]int `json:"rows"`   // how many each table has
}

// Backup writes everything to a new file while others read and write, and a manifest beside it. The file has its name only once it
// is whole and on disk. On PostgreSQL it is made by pg_dump, in its custom format.
func (s *Store) Backup(ctx context.Context, file string) (Manifest, error) {
	for _, name := range []string{file, file + manifestSuffix} {
		if _, err := os.Lstat(name); !errors.Is(err, os.ErrNotExist) {
			return Manifest{}, fmt.Errorf("%s is there already: a backup is never written over", name)
		}
	}
	st, err := s.Status(ctx)
	if err != nil {
		return Manifest{}, err
	}
	m := Manifest{Dialect: s.dialect, Schema: st.Current, Made: s.Now()}
	part := file + ".part"
	f, err := os.OpenFile(part, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return m, fmt.Errorf("making the backup: %w", err)
	}
	dump := s.dumpSQLite
	if s.dialect == Postgres {
		dump = s.dumpPostgres
	}
	m.Rows, err = dump(ctx, part)
	if err == nil {
		m.Bytes, m.SHA256, err = sumOf(f)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = s.finish(part, file, m)
	}
	if err != nil {
		return m, errors.Join(fmt.Errorf("making the backup: %w", err), ignoreMissing(os.Remove(part)))
	}
	return m, nil
}

const manifestSuffix = ".json"

// finish puts the manifest down first: a backup without one could not be restored.
func (s *Store) finish(part, file string, m Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+manifestSuffix, append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	return syncDir(filepath.Dir(file))
}

func (s *Store) dumpSQLite(ctx context.Context, part string) (map[string]int, error) {
	if _, err := s.writer.ExecContext(ctx, "VACUUM INTO ?", part); err != nil { // it accepts an empty file, and keeps its mode
		return nil, err
	}
	return inspect(ctx, part)
}

// inspect counts the rows of a SQLite file that is whole.
func inspect(ctx context.Context, file string) (map[string]int, error) {
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?mode=ro&immutable=1")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&verdict); err != nil {
		return nil, err
	}
	if verdict != "ok" {
		return nil, fmt.Errorf("the file is damaged: %s", verdict)
	}
	return countRows(ctx, db, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// countRows counts the rows of the tables that a query names.
func countRows(ctx context.Context, db querier, tables string) (map[string]int, error) {
	rows, err := db.QueryContext(ctx, tables)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counts := map[string]int{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		counts[name] = 0
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for name := range counts {
		var n int
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM "`+name+`"`).Scan(&n); err != nil {
			return nil, err
		}
		counts[name] = n
	}
	return counts, nil
}

func sumOf(f *os.File) (size int64, sum string, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, "", err
	}
	hash := sha256.New()
	size, err = io.Copy(hash, f)
	return size, hex.EncodeToString(hash.Sum(nil)), err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
