// Package migrations carries the versioned changes of the schema, one folder per dialect with the same numbers on both sides. The
// files are generated from ent/schema (`make migration name=…`), read by people and applied by package store. A released file is
// never edited; there is no way down but a copy from before.
package migrations

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"

	"entgo.io/ent/dialect"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// For gives the files of one dialect: "postgres", or anything else for SQLite.
func For(name string) fs.FS {
	dir := "sqlite"
	if name == dialect.Postgres {
		dir = "postgres"
	}
	sub, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // only an invalid folder name, and the two are written above
	}
	return sub
}

// NoTransaction is the first line of a SQLite file that rebuilds a table. goose would otherwise run it in a transaction, where
// switching foreign keys off does nothing, and dropping the old table would delete or detach the rows that refer to it.
const NoTransaction = "-- +goose NO TRANSACTION"

// Lint refuses SQLite files that drop a table inside a transaction, all of them at once.
func Lint(sqlite fs.FS) error {
	names, err := fs.Glob(sqlite, "*.sql")
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	var errs []error
	for _, name := range names {
		text, err := fs.ReadFile(sqlite, name)
		if err != nil {
			return fmt.Errorf("reading migration %s: %w", name, err)
		}
		if DropsTable(string(text)) && !strings.HasPrefix(string(text), NoTransaction+"\n") {
			errs = append(errs, fmt.Errorf("migration %s drops a table and so must begin with %q", name, NoTransaction))
		}
	}
	return errors.Join(errs...)
}

// DropsTable says whether a statement in text drops a table; comments do not count.
func DropsTable(text string) bool {
	text = regexp.MustCompile(`(?m)--.*$`).ReplaceAllString(text, " ")
	return regexp.MustCompile(`(?i)\bDROP\s+TABLE\b`).MatchString(text)
}
