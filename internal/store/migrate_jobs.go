package store

import (
	"context"
	"database/sql"
	"log/slog"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
)

// migrateJobs brings the tables of the job queue up to date and counts the steps. The queue numbers its own migrations.
func migrateJobs(ctx context.Context, db *sql.DB, dialect string) (int, error) {
	var driver riverdriver.Driver[*sql.Tx] = riversqlite.New(db)
	if dialect == Postgres {
		driver = riverdatabasesql.New(db)
	}
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	result, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return 0, err
	}
	return len(result.Versions), nil
}
