package collect

import (
	"testing"

	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// serverOn serves Hindcast on a database of the kind.
func serverOn(t *testing.T, kind string) *apptest.Server {
	t.Helper()
	if kind == "postgres" {
		return apptest.Start(t, store.Config{DatabaseURL: postgresURL(t)})
	}
	return apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"})
}
