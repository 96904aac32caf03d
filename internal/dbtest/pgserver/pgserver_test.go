package pgserver

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// serveEnv makes the test binary start a server, print its folder and address, and wait to be killed.
const serveEnv = "HINDCAST_TEST_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		serve()
	}
	os.Exit(m.Run())
}

func serve() {
	s, err := startLocal(context.Background(), findBinaries())
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println(s.URL)
	select {}
}

// own starts a private server, whatever the environment offers, because the tests are about that.
func own(t *testing.T) *Server {
	t.Helper()
	dir := findBinaries()
	if dir == "" {
		t.Fatal(errNone)
	}
	s, err := startLocal(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func clusters(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(os.TempDir(), "hindcast-pg-*"))
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}

func TestStopLeavesNothingBehind(t *testing.T) {
	t.Setenv("TMPDIR", openTempDir(t))
	s := own(t)
	if len(clusters(t)) != 1 {
		t.Errorf("clusters = %v, want one", clusters(t))
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if len(clusters(t)) != 0 {
		t.Errorf("clusters afterwards = %v, want none", clusters(t))
	}
	if conn, err := pgx.Connect(context.Background(), s.URL); err == nil {
		_ = conn.Close(context.Background())
		t.Error("the server still answers")
	}
}

// openTempDir is a folder that the server's user can reach, which t.TempDir is not when root made it.
func openTempDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "hindcast-pgserver-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAKilledProcessTakesItsServerAlong(t *testing.T) {
	dir := openTempDir(t)
	t.Setenv("TMPDIR", dir)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), serveEnv+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil || !strings.HasPrefix(string(line), "postgres://") {
		t.Fatalf("the process said %q, %v", line[:n], err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for deadline := time.Now().Add(20 * time.Second); len(clusters(t)) > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("clusters = %v, want none", clusters(t))
		}
	}
	if conn, err := pgx.Connect(context.Background(), strings.TrimSpace(string(line[:n]))); err == nil {
		_ = conn.Close(context.Background())
		t.Error("the server still answers")
	}
}

func TestDatabasesFromATemplate(t *testing.T) {
	ctx := context.Background()
	s := own(t)
	t.Cleanup(func() { _ = s.Stop() })
	fills := 0
	fill := func(address string) error {
		fills++
		conn, err := pgx.Connect(ctx, address)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "CREATE TABLE made (id integer)")
		return errors.Join(err, conn.Close(ctx))
	}
	failed := errors.New("failed")
	if err := s.Template(ctx, "base", func(string) error { return failed }); !errors.Is(err, failed) {
		t.Errorf("Template = %v, want the error of fill", err)
	}
	var callers sync.WaitGroup
	for range 4 {
		callers.Go(func() {
			if err := s.Template(ctx, "base", fill); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if fills != 1 {
		t.Errorf("filled %d times, want once", fills)
	}
	address, drop, err := s.Database(ctx, "base")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "SELECT id FROM made"); err != nil {
		t.Errorf("the copy is empty: %v", err)
	}
	if err := drop(); err != nil { // although we are connected
		t.Fatal(err)
	}
	var left int
	admin, err := pgx.Connect(ctx, s.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(ctx)
	if err := admin.QueryRow(ctx, "SELECT count(*) FROM pg_database WHERE datname LIKE 'hindcast_test_%'").Scan(&left); err != nil || left != 0 {
		t.Errorf("%d databases are left, %v; want none", left, err)
	}
}

func TestASourceIsChosenInOrder(t *testing.T) {
	broken := errors.New("broken")
	starting := func(name string, err error) func(context.Context) (*Server, error) {
		return func(context.Context) (*Server, error) { return &Server{URL: name}, err }
	}
	for name, tc := range map[string]struct {
		binaries          string
		container, debian bool
		containerErr      error
		installErr        error
		want              string
	}{
		"installed binaries":                    {binaries: "/x", container: true, debian: true, want: "local"},
		"else a container":                      {container: true, debian: true, want: "container"},
		"else the package of Debian":            {debian: true, want: "local"},
		"a container that fails is not the end": {container: true, containerErr: broken, debian: true, want: "local"},
		"else an error that says what to do":    {},
		"an error that keeps the reasons":       {container: true, containerErr: broken},
		"a package that could not be installed": {debian: true, installErr: broken},
	} {
		h := host{
			binaries:   func() string { return tc.binaries },
			container:  func() bool { return tc.container },
			debianRoot: func() bool { return tc.debian },
			local:      func(context.Context, string) (*Server, error) { return &Server{URL: "local"}, nil },
			contained:  starting("container", tc.containerErr),
			install: func(context.Context) error {
				tc.binaries = "/installed"
				return tc.installErr
			},
		}
		s, err := start(context.Background(), h)
		switch {
		case tc.want == "" && !errors.Is(err, errNone):
			t.Errorf("%s: error = %v, want what to install", name, err)
		case tc.want == "" && errors.Join(tc.containerErr, tc.installErr) != nil && !errors.Is(err, broken):
			t.Errorf("%s: error = %v, want the reason in it", name, err)
		case tc.want != "" && (err != nil || s.URL != tc.want):
			t.Errorf("%s: got %v, %v; want %s", name, s, err, tc.want)
		}
	}
}

func TestANamedServerIsUsedAndLeftAlone(t *testing.T) {
	t.Setenv(EnvURL, "postgres://user@example.invalid:5432/postgres?sslmode=disable&connect_timeout=1")
	s, err := Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
	address, err := s.address("other")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil || u.Path != "/other" || u.Query().Get("connect_timeout") != "1" || u.Host != "example.invalid:5432" {
		t.Errorf("address = %s, %v", address, err)
	}
}
