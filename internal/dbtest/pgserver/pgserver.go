// Package pgserver finds or starts a PostgreSQL server for tests and tools: the one TEST_POSTGRES_URL names, else a private cluster
// from installed binaries, else a container, else it installs the Debian package. A private server ends with the process that
// started it, however that one ends. Which databases are made on it is left to package dbtest.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// EnvURL names the variable with the address of a server to use; its user must be allowed to create databases.
const EnvURL = "TEST_POSTGRES_URL"

// Server is a running server.
type Server struct {
	// URL is the address of a maintenance database, with a user who may create others.
	URL  string
	stop func() error
}

// Stop ends a private server and removes its files; a server that was there before goes on.
func (s *Server) Stop() error {
	if s.stop == nil {
		return nil
	}
	return s.stop()
}

var errNone = errors.New("tests need PostgreSQL: install its server (Debian: apt-get install postgresql; macOS: brew install postgresql), " +
	"start a container runtime, or set " + EnvURL + " to a server where databases may be created")

// Start gives a server from the first source that works. The error says in one sentence what to install.
func Start(ctx context.Context) (*Server, error) {
	if url := os.Getenv(EnvURL); url != "" {
		return &Server{URL: url}, nil
	}
	return start(ctx, host{
		binaries: findBinaries, container: canContain, debianRoot: isDebianRoot,
		local: startLocal, contained: startContainer, install: install,
	})
}

// host is what the choice of a source depends on.
type host struct {
	binaries              func() string
	container, debianRoot func() bool
	local                 func(ctx context.Context, binaries string) (*Server, error)
	contained             func(context.Context) (*Server, error)
	install               func(context.Context) error
}

func start(ctx context.Context, h host) (*Server, error) {
	if dir := h.binaries(); dir != "" {
		return h.local(ctx, dir)
	}
	var errs []error
	if h.container() {
		s, err := h.contained(ctx)
		if err == nil {
			return s, nil
		}
		errs = append(errs, fmt.Errorf("starting a container: %w", err))
	}
	if h.debianRoot() {
		err := h.install(ctx)
		if dir := h.binaries(); err == nil && dir != "" {
			return h.local(ctx, dir)
		}
		errs = append(errs, fmt.Errorf("installing postgresql: %w", err))
	}
	return nil, errors.Join(append([]error{errNone}, errs...)...)
}

func canContain() bool {
	if os.Getenv("DOCKER_HOST") != "" {
		return true
	}
	_, err := os.Stat("/var/run/docker.sock")
	return err == nil
}

func isDebianRoot() bool {
	if os.Geteuid() != 0 {
		return false
	}
	if _, err := os.Stat("/etc/debian_version"); err != nil {
		return false
	}
	_, err := exec.LookPath("apt-get")
	return err == nil
}
