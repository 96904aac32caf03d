package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ariga.io/atlas/sql/migrate"
	as "ariga.io/atlas/sql/schema"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
	_ "modernc.org/sqlite"             // registers the driver "sqlite"

	entmigrate "github.com/hindcast-kb/hindcast/ent/migrate"
	"github.com/hindcast-kb/hindcast/internal/dbtest/pgserver"
)

// ownPrefix begins the names of indexes and columns that people wrote by hand into a migration, on tables that ent owns: ent does
// not know them, and would otherwise plan to drop them.
const ownPrefix = "own_"

// planFor replays the files in dir on an empty database and gives the text of the file that is missing, or nothing.
func planFor(ctx context.Context, d, dir string) (text string, err error) {
	db, cleanup, err := scratch(ctx, d)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, cleanup()) }()
	return plan(ctx, d, db, dir, entmigrate.Tables)
}

func plan(ctx context.Context, d string, db *sql.DB, dir string, tables []*schema.Table) (text string, err error) {
	files, cleanup, err := summed(dir)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, cleanup()) }()
	out := &catcher{dialect: d}
	m, err := schema.NewMigrate(entsql.OpenDB(d, db), schema.WithDir(files), schema.WithFormatter(out), schema.WithDialect(d),
		schema.WithMigrationMode(schema.ModeReplay), schema.WithErrNoPlan(true),
		schema.WithDropColumn(true), schema.WithDropIndex(true), schema.WithDiffHook(keepOwn))
	if err != nil {
		return "", err
	}
	if err := m.NamedDiff(ctx, "next", tables...); err != nil && !errors.Is(err, migrate.ErrNoPlan) {
		return "", err
	}
	return out.text, nil
}

// summed copies the files to where the planner may put its checksums: the repository does not need them, since a released
// migration is guarded by review, and files written by hand would have to be summed again and again.
func summed(dir string) (files migrate.Dir, cleanup func() error, err error) {
	tmp, err := os.MkdirTemp("", "hindcast-migration-")
	if err != nil {
		return nil, nil, err
	}
	cleanup = func() error { return os.RemoveAll(tmp) }
	if err := os.CopyFS(tmp, os.DirFS(dir)); err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	goose, err := sqltool.NewGooseDir(tmp)
	if err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	sum, err := goose.Checksum()
	if err == nil {
		err = migrate.WriteSumFile(goose, sum)
	}
	if err != nil {
		return nil, nil, errors.Join(err, cleanup())
	}
	return goose, cleanup, nil
}

// keepOwn takes the drops of hand-written indexes and columns out of a plan.
func keepOwn(next schema.Differ) schema.Differ {
	return schema.DiffFunc(func(current, desired *as.Schema) ([]as.Change, error) {
		changes, err := next.Diff(current, desired)
		if err != nil {
			return nil, err
		}
		var kept []as.Change
		for _, change := range changes {
			table, ok := change.(*as.ModifyTable)
			if ok {
				table.Changes = withoutOwn(table.Changes)
			}
			if !ok || len(table.Changes) > 0 {
				kept = append(kept, change)
			}
		}
		return kept, nil
	})
}

func withoutOwn(changes []as.Change) []as.Change {
	var kept []as.Change
	for _, change := range changes {
		name := ""
		switch c := change.(type) {
		case *as.DropIndex:
			name = c.I.Name
		case *as.DropColumn:
			name = c.C.Name
		}
		if !strings.HasPrefix(name, ownPrefix) {
			kept = append(kept, change)
		}
	}
	return kept
}

// scratch opens an empty database and gives what removes it again.
func scratch(ctx context.Context, d string) (*sql.DB, func() error, error) {
	if d == dialect.SQLite {
		db, err := sql.Open("sqlite", "file:"+rand.Text()+"?mode=memory&cache=shared&_pragma=foreign_keys(1)")
		if err != nil {
			return nil, nil, err
		}
		db.SetMaxIdleConns(1) // the database lives as long as one connection
		return db, db.Close, nil
	}
	server, err := pgserver.Start(ctx)
	if err != nil {
		return nil, nil, err
	}
	db, drop, err := server.Database(ctx, "")
	if err != nil {
		return nil, nil, errors.Join(err, server.Stop())
	}
	pool, err := sql.Open("pgx", db)
	if err != nil {
		return nil, nil, errors.Join(err, drop(), server.Stop())
	}
	return pool, func() error { return errors.Join(pool.Close(), drop(), server.Stop()) }, nil
}

// nextNumber is one more than the highest number in any of the folders.
func nextNumber(dirs ...string) (int, error) {
	highest := 0
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.sql"))
		if err != nil {
			return 0, err
		}
		for _, name := range names {
			digits, _, _ := strings.Cut(filepath.Base(name), "_")
			n, err := strconv.Atoi(digits)
			if err != nil {
				return 0, fmt.Errorf("the name of %s does not begin with a number", name)
			}
			highest = max(highest, n)
		}
	}
	return highest + 1, nil
}
