package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/store"
)

type doctorCmd struct{ config.Server }

// check is one thing that doctor looks at; it says what it found.
type check struct {
	name string
	run  func(ctx context.Context) (string, error)
}

// Run prints a line for each check and exits 1 when one failed.
func (cmd *doctorCmd) Run(ctx context.Context, io console) error {
	failed := false
	report := func(name, found string, err error) {
		mark := "ok  "
		if err != nil {
			mark, found, failed = "FAIL", err.Error(), true
		}
		fmt.Fprintf(io.out, "%s  %-10s  %s\n", mark, name, found)
	}
	if err := cmd.Check(); err != nil {
		report("settings", "", err)
		return exit{code: 1}
	}
	report("settings", "listening on "+cmd.Listen+" as "+cmd.PublicURL, nil)
	err := withStore(ctx, &cmd.Database, true, func(ctx context.Context, s *store.Store) error {
		for _, c := range databaseChecks(s) {
			found, err := c.run(ctx)
			report(c.name, found, err)
		}
		return nil
	})
	if err != nil {
		report("database", "", err)
	}
	if failed {
		return exit{code: 1}
	}
	return nil
}

func databaseChecks(s *store.Store) []check {
	return []check{
		{"database", func(ctx context.Context) (string, error) { return s.Dialect() + " answers", s.Ping(ctx) }},
		{"migrations", func(ctx context.Context) (string, error) {
			st, err := s.Status(ctx)
			if err == nil && (len(st.Pending) > 0 || st.Newer()) {
				err = fmt.Errorf("schema version %d, this binary expects %d: run hindcast migrate up", st.Current, st.Target)
			}
			return fmt.Sprintf("schema version %d", st.Current), err
		}},
		{"clock", func(ctx context.Context) (string, error) { return checkClock(ctx, s) }},
		{"disk", func(context.Context) (string, error) { return checkDisk(s) }},
	}
}

// clockTolerance is how far our clock may be from the database's before expiries would be wrong.
const clockTolerance = 5 * time.Second

func checkClock(ctx context.Context, s *store.Store) (string, error) {
	theirs, err := s.Clock(ctx)
	if err != nil {
		return "", err
	}
	apart := time.Since(theirs).Abs()
	if apart > clockTolerance {
		return "", fmt.Errorf("our clock and the database's are %s apart", apart.Round(time.Millisecond))
	}
	return fmt.Sprintf("within %s of the database's", clockTolerance), nil
}

// checkDisk writes, syncs and removes a small file beside the database.
func checkDisk(s *store.Store) (string, error) {
	if s.File() == "" {
		return "the records are in PostgreSQL", nil
	}
	f, err := os.CreateTemp(filepath.Dir(s.File()), "doctor-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(f.Name())
	start := time.Now()
	if _, err := f.WriteString("hindcast"); err != nil {
		return "", err
	}
	if err := f.Sync(); err != nil {
		return "", err
	}
	return "a write is on disk after " + time.Since(start).Round(10*time.Microsecond).String(), f.Close()
}
