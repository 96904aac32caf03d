package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/migrations"
)

// bootEnv makes the test binary behave as one process of a service that starts: it holds the configuration.
const bootEnv = "HINDCAST_TEST_BOOT"

func TestMain(m *testing.M) {
	if raw := os.Getenv(bootEnv); raw != "" {
		os.Exit(boot(raw))
	}
	os.Exit(m.Run())
}

// boot migrates and prints what it applied.
func boot(raw string) int {
	var cfg store.Config
	ctx := context.Background()
	err := json.Unmarshal([]byte(raw), &cfg)
	var done store.Migrated
	if err == nil {
		var s *store.Store
		if s, err = store.Open(ctx, cfg, time.Now); err == nil {
			done, err = s.Migrate(ctx)
			_ = s.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := json.NewEncoder(os.Stdout).Encode(done); err != nil {
		return 1
	}
	return 0
}

func TestEightProcessesMigrateAnEmptyDatabaseOnce(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, cfg := range map[string]store.Config{
		"sqlite":   {DataDir: t.TempDir(), LockWait: time.Minute},
		"postgres": {DatabaseURL: dbtest.PostgresURL(t)},
	} {
		t.Run(name, func(t *testing.T) {
			raw, err := json.Marshal(cfg)
			if err != nil {
				t.Fatal(err)
			}
			var processes sync.WaitGroup
			results := make([]store.Migrated, 8)
			for i := range results {
				processes.Go(func() {
					cmd := exec.Command(self)
					cmd.Env = append(os.Environ(), bootEnv+"="+string(raw))
					var messages strings.Builder
					cmd.Stderr = &messages
					out, err := cmd.Output()
					if err == nil {
						err = json.Unmarshal(out, &results[i])
					}
					if err != nil {
						t.Errorf("process %d: %v: %s", i, err, messages.String())
					}
				})
			}
			processes.Wait()
			var applied []string
			for _, r := range results {
				applied = append(applied, r.Applied...)
			}
			want, err := fs.Glob(migrations.For(name), "*.sql")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, applied); diff != "" {
				t.Errorf("applied by all together (-want +got):\n%s", diff)
			}
			s := dbtest.Open(t, cfg)
			st, err := s.Status(context.Background())
			if err != nil || len(st.Pending) > 0 || st.Current != st.Target {
				t.Errorf("status = %+v, %v; want current", st, err)
			}
			insert(t, s, "usable")
		})
	}
}
