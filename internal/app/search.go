package app

import (
	"os"

	"github.com/hindcast-kb/hindcast/internal/store"
)

// snapshotDir is where the search index keeps its snapshot: beside the SQLite file, and on PostgreSQL in the data directory where
// there is one.
func snapshotDir(s *store.Store, dir string) string {
	if s.Dialect() == store.SQLite {
		return dir
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}
