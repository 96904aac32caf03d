package collect

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/hindcast-kb/hindcast/internal/dbtest/pgserver"
)

// postgresServer is started by the first test that needs it.
var postgresServer = sync.OnceValues(func() (*pgserver.Server, error) { return pgserver.Start(context.Background()) })

// stopPostgres ends the server that tests have started; it starts none.
var stopPostgres = func() {}

// postgresURL is the address of an empty database that is dropped when the test ends.
func postgresURL(t testing.TB) string {
	t.Helper()
	server, err := postgresServer()
	if err != nil {
		t.Fatal(err)
	}
	stopPostgres = func() { _ = server.Stop() }
	address, drop, err := server.Database(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := drop(); err != nil {
			t.Errorf("dropping the database: %v", err)
		}
	})
	return address
}

func fileText(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
