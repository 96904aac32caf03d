// Command migration writes the next migration of both dialects from the difference between ent/schema and the files in migrations:
// `go run ./internal/gen/migration NAME`. With -check it writes nothing and fails when there is a difference. It replays the files
// on an empty database of each kind; where PostgreSQL comes from is told by package pgserver.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"entgo.io/ent/dialect"
)

func main() {
	check := flag.Bool("check", false, "write nothing, and fail when the schema and the files differ")
	dir := flag.String("dir", "migrations", "the folder with one folder per dialect")
	flag.Parse()
	if err := run(context.Background(), *dir, flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "migration:", err)
		os.Exit(1)
	}
}

var dialects = []string{dialect.Postgres, dialect.SQLite}

// folder is where the files of a dialect are: ent calls SQLite "sqlite3".
func folder(dir, name string) string {
	if name == dialect.SQLite {
		name = "sqlite"
	}
	return filepath.Join(dir, name)
}

func run(ctx context.Context, dir, name string, check bool) error {
	if !check && !regexp.MustCompile(`^[a-z][a-z0-9_]*$`).MatchString(name) {
		return errors.New("give the migration a name of small letters, digits and underscores")
	}
	number, err := nextNumber(folder(dir, dialect.Postgres), folder(dir, dialect.SQLite))
	if err != nil {
		return err
	}
	plans, err := planAll(ctx, dir, number, name)
	switch {
	case err != nil:
		return err
	case len(plans) == 0:
		fmt.Println("the schema and the files agree")
		return nil
	case check:
		return fmt.Errorf("the schema and the files in %s differ: run make migration name=…", dir)
	}
	for _, d := range dialects {
		text, ok := plans[d]
		if !ok {
			text = nothing
		}
		path := filepath.Join(folder(dir, d), fmt.Sprintf("%04d_%s.sql", number, name))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
		fmt.Println(path)
	}
	return nil
}

// planAll gives the text of the next file by dialect, leaving out a dialect without a difference.
func planAll(ctx context.Context, dir string, number int, name string) (map[string]string, error) {
	plans := map[string]string{}
	for _, d := range dialects {
		text, err := planFor(ctx, d, folder(dir, d))
		if err != nil {
			return nil, fmt.Errorf("planning %04d_%s for %s: %w", number, name, d, err)
		}
		if text != "" {
			plans[d] = text
		}
	}
	return plans, nil
}
