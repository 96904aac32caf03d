// Command crash kills a server while eight writers are at work, starts it again and looks for every write that it had
// acknowledged: `go run ./internal/gen/crash -rounds 10`, from the root of the module. It fails when one is gone or altered, when
// the SQLite file is damaged, when the search finds more or fewer records than there are, when the chain of audit entries is broken,
// or when the server takes too long to be ready. It ends a process, not the power: what a disk does
// with a write it has confirmed is beyond it.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// The server is killed between these times after its writers have begun.
const (
	shortest = 50 * time.Millisecond
	longest  = 1500 * time.Millisecond
)

func main() {
	rounds := flag.Int("rounds", 10, "how often the server is killed")
	writers := flag.Int("writers", 8, "how many write at the same time")
	ready := flag.Duration("ready", 2*time.Second, "how long a start may take until /readyz answers 200")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	figures, err := run(ctx, *rounds, *writers, *ready)
	if err != nil {
		fmt.Fprintln(os.Stderr, "crash:", err)
		stop()
		os.Exit(1)
	}
	fmt.Println(figures)
}

// run gives the figures in one line, or what was lost.
func run(ctx context.Context, rounds, writers int, ready time.Duration) (string, error) {
	dir, err := os.MkdirTemp("", "hindcast-crash-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "hindcast")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/hindcast").CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the server: %w\n%s", err, out)
	}
	book, err := openBook(filepath.Join(dir, "acknowledged"))
	if err != nil {
		return "", err
	}
	defer book.close()
	s := &server{binary: binary, data: filepath.Join(dir, "data"), log: filepath.Join(dir, "log")}
	if _, err := s.start(ctx, time.Minute); err != nil { // the first start makes the schema
		return "", err
	}
	defer s.kill()
	var slowest time.Duration
	for round := range rounds {
		took, err := s.round(ctx, book, round, writers, ready)
		if err != nil {
			return "", fmt.Errorf("round %d of %d: %w", round+1, rounds, err)
		}
		slowest = max(slowest, took)
	}
	if err := s.verify(ctx, book.all(), writers); err != nil {
		return "", fmt.Errorf("after the last round: %w", err)
	}
	if len(book.all()) == 0 {
		return "", errors.New("no write was acknowledged, so nothing was tried")
	}
	return fmt.Sprintf("%d kills under %d writers: %d writes acknowledged, all of them there and found, integrity and audit ok, ready again within %s at most",
		rounds, writers, len(book.all()), slowest.Round(time.Millisecond)), nil
}

// round is one life of the server: traffic, a kill, a start and a look. It gives the time until the server was ready again.
func (s *server) round(ctx context.Context, book *book, round, writers int, ready time.Duration) (time.Duration, error) {
	before := len(book.all())
	ended := s.write(ctx, book, round, writers)
	select {
	case <-time.After(shortest + rand.N(longest-shortest)):
	case <-s.ended:
		return 0, errors.New("the server ended by itself")
	case <-ctx.Done():
	}
	s.kill()
	if err := errors.Join(ended(), ctx.Err()); err != nil {
		return 0, err
	}
	took, err := s.start(ctx, ready)
	if err != nil {
		return 0, err
	}
	if err := s.verify(ctx, book.all()[before:], writers); err != nil {
		return 0, err
	}
	findings, err := intact(ctx, filepath.Join(s.data, "hindcast.db"))
	if err != nil {
		return 0, err
	}
	return took, errors.Join(s.searchKnows(ctx, findings), s.auditHolds(ctx))
}

// intact asks SQLite whether the file is whole, and how many findings it has. It does so beside the running server, so that it is
// the server that had to recover.
func intact(ctx context.Context, file string) (findings int, err error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	var answer string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&answer); err != nil {
		return 0, fmt.Errorf("checking the integrity: %w", err)
	}
	if answer != "ok" {
		return 0, fmt.Errorf("the file is damaged: %s", answer)
	}
	return findings, db.QueryRowContext(ctx, "SELECT count(*) FROM findings").Scan(&findings)
}
