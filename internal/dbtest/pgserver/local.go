//go:build unix

package pgserver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	startTimeout = 60 * time.Second // a loaded machine takes a while
	startPoll    = 20 * time.Millisecond
)

// supervise runs the server as a child and ends it when our end of the pipe on its standard input closes, which the operating
// system does for a process that was killed, too.
const supervise = `
"$@" & server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$CLUSTER_DIR"
`

// startLocal makes a cluster in a folder of its own. Nothing of it survives a power cut, which is what makes it quick.
func startLocal(ctx context.Context, binaries string) (*Server, error) {
	as, err := serverUser()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(memoryDir(), "hindcast-pg-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for PostgreSQL: %w", err)
	}
	s, err := startIn(ctx, dir, binaries, as)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL from %s: %w", binaries, err), os.RemoveAll(dir))
	}
	return s, nil
}

func startIn(ctx context.Context, dir, binaries string, as *syscall.Credential) (*Server, error) {
	password := rand.Text()
	passwordFile := filepath.Join(dir, "password")
	if err := os.WriteFile(passwordFile, []byte(password), 0o600); err != nil {
		return nil, err
	}
	if as != nil {
		if err := errors.Join(os.Chown(dir, int(as.Uid), int(as.Gid)), os.Chown(passwordFile, int(as.Uid), int(as.Gid))); err != nil {
			return nil, err
		}
	}
	data := filepath.Join(dir, "data")
	initdb := exec.CommandContext(ctx, filepath.Join(binaries, "initdb"), "-D", data, "-U", "postgres", "--pwfile", passwordFile,
		"-A", "password", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = dir, &syscall.SysProcAttr{Credential: as}
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w: %s", err, lastLines(string(out), 5))
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	stop, ended, err := runSupervised(dir, as, filepath.Join(binaries, "postgres"), "-D", data, "-k", dir,
		"-c", "listen_addresses=127.0.0.1", "-p", strconv.Itoa(port), "-c", "max_connections=300", "-c", "shared_buffers=64MB",
		"-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "jit=off", "-c", "log_min_messages=fatal")
	if err != nil {
		return nil, err
	}
	s := &Server{URL: fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/postgres?sslmode=disable", password, port), stop: stop}
	if err := waitFor(ctx, s.URL, ended); err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		return nil, errors.Join(fmt.Errorf("%w: %s", err, lastLines(string(log), 5)), stop())
	}
	return s, nil
}

func runSupervised(dir string, as *syscall.Credential, server ...string) (stop func() error, ended <-chan struct{}, err error) {
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, nil, err
	}
	defer log.Close()
	reader, writer, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	defer reader.Close()
	cmd := exec.Command("/bin/sh", append([]string{"-c", supervise, "sh"}, server...)...)
	cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = "/", reader, log, log
	cmd.Env = append(os.Environ(), "CLUSTER_DIR="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as, Setpgid: true} // an interrupt from the terminal is not meant for it
	if err := cmd.Start(); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // killed on purpose, so its exit code says nothing
	}()
	return func() error {
		err := writer.Close()
		<-done
		return err
	}, done, nil
}

func waitFor(ctx context.Context, url string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, url)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ended:
			return errors.New("the server ended")
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s: %w", startTimeout, err)
		case <-time.After(startPoll):
		}
	}
}

// serverUser is nil for an ordinary user. PostgreSQL refuses to run as root, so root lends it the identity of its own user.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("root needs a user named postgres to run PostgreSQL as")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
