// Command storm tries the inbox with what a bad day of Jira looks like: `go run ./internal/gen/storm` from the root of the module.
//
// It delivers the events of many issues in any order, several times each and many at once, to two servers on one PostgreSQL
// database, kills one of them in the middle, and then looks: one record for each issue, in its latest state, deleted ones marked, and
// no 5xx but from the server that was killed. Then it replays everything and looks again. With -ingest it measures instead how long
// an acknowledgement takes at a steady rate while nothing is applied.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

// settings are the flags.
type settings struct {
	issues, parallel int
	seed             uint64
	patience         time.Duration
	ingest           bool
	rate             int
	duration         time.Duration
}

func main() {
	var s settings
	flag.IntVar(&s.issues, "issues", 5000, "how many issues there are")
	flag.IntVar(&s.parallel, "parallel", 64, "how many deliveries are under way at once")
	flag.Uint64Var(&s.seed, "seed", 1, "makes a run repeatable")
	flag.DurationVar(&s.patience, "patience", 30*time.Minute, "how long the servers may take to apply everything")
	flag.BoolVar(&s.ingest, "ingest", false, "measure acknowledgements instead")
	flag.IntVar(&s.rate, "rate", 200, "with -ingest: deliveries a second")
	flag.DurationVar(&s.duration, "duration", 30*time.Second, "with -ingest: for how long")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "storm:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	dir, err := os.MkdirTemp("", "hindcast-storm-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "hindcast")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/hindcast").CombinedOutput(); err != nil {
		return fmt.Errorf("building the server: %w\n%s", err, out)
	}
	key := filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("0f", 32)), 0o600); err != nil {
		return err
	}
	database, drop, err := newDatabase(ctx)
	if err != nil {
		return err
	}
	defer drop()
	if s.ingest {
		for _, on := range []struct {
			name string
			args []string
		}{
			{"sqlite", []string{"--data-dir", filepath.Join(dir, "data")}},
			{"postgres", []string{"--database-url", database, "--encryption-key-file", key}},
		} {
			if err := measure(ctx, s, &server{binary: binary, args: on.args, log: filepath.Join(dir, on.name)}, on.name); err != nil {
				return fmt.Errorf("on %s: %w", on.name, err)
			}
		}
		return nil
	}
	args := []string{"--database-url", database, "--encryption-key-file", key}
	return storm(ctx, s, [2]*server{{binary: binary, args: args, log: filepath.Join(dir, "a")}, {binary: binary, args: args, log: filepath.Join(dir, "b")}})
}

// storm delivers, kills, waits and looks.
func storm(ctx context.Context, s settings, servers [2]*server) error {
	for _, one := range servers {
		if err := one.start(ctx); err != nil {
			return err
		}
		defer one.kill()
	}
	source, err := servers[0].addSource(ctx, "live")
	if err != nil {
		return err
	}
	issues, all := weather(s)
	sender := &sender{servers: servers, source: source}
	begun := time.Now()
	if err := sender.deliver(ctx, all, s.parallel); err != nil {
		return err
	}
	sent := time.Since(begun)
	if err := servers[0].waitSettled(ctx, s.patience); err != nil {
		return err
	}
	applied := time.Since(begun)
	if err := look(ctx, servers[0], issues); err != nil {
		return fmt.Errorf("after the storm: %w; %s", err, servers[0].aside(ctx))
	}
	count, err := servers[0].replay(ctx)
	if err != nil {
		return err
	}
	if err := servers[0].waitSettled(ctx, s.patience); err != nil {
		return err
	}
	if err := look(ctx, servers[0], issues); err != nil {
		return fmt.Errorf("after %d replays: %w; %s", count, err, servers[0].aside(ctx))
	}
	fmt.Printf("%d issues, %d deliveries of which %d were repeats, sent in %s (p99 of an answer %s), one server killed with %d sent: applied after %s, one record each in its latest state, the same after %d replays\n",
		len(issues), len(all), len(all)-sender.accepted(), sent.Round(time.Second), sender.percentile(0.99).Round(time.Millisecond), sender.killedAt, applied.Round(time.Second), count)
	if len(sender.refused()) > 0 {
		return errors.Join(sender.refused()...)
	}
	return nil
}
