package store

import (
	"context"
	"io/fs"
)

// MigrateFiles is Migrate with other files than the embedded ones.
func (s *Store) MigrateFiles(ctx context.Context, files fs.FS) (Migrated, error) {
	return s.migrate(ctx, files)
}
