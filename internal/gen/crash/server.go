package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// server is the process that is killed and started again on the same folder.
type server struct {
	binary, data, log string
	url               string
	process           *exec.Cmd
	ended             chan struct{}
}

// start runs the server and gives the time until it was ready, which must be less than within.
func (s *server) start(ctx context.Context, within time.Duration) (time.Duration, error) {
	address, err := freeAddress()
	if err != nil {
		return 0, err
	}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, err
	}
	defer log.Close()
	s.url = "http://" + address
	s.process = exec.Command(s.binary, "serve", "--listen", address, "--data-dir", s.data, "--auth", "off", "--rate-per-second", "0", "--log-level", "warn")
	s.process.Stdout, s.process.Stderr = log, log
	begun := time.Now()
	if err := s.process.Start(); err != nil {
		return 0, fmt.Errorf("starting the server: %w", err)
	}
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		_ = s.process.Wait() // it is killed on purpose
	}()
	if err := s.waitReady(ctx, within); err != nil {
		s.kill()
		text, _ := os.ReadFile(s.log)
		return 0, fmt.Errorf("starting the server: %w\n%s", err, text)
	}
	return time.Since(begun), nil
}

func (s *server) waitReady(ctx context.Context, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		if status, err := get(ctx, s.url+"/readyz", nil); err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-s.ended:
			return errors.New("it ended")
		case <-ctx.Done():
			return fmt.Errorf("not ready after %s", within)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// kill ends the process as SIGKILL does, without a chance to tidy up, and returns when it is gone.
func (s *server) kill() {
	_ = s.process.Process.Kill() // it may have ended by itself
	<-s.ended
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
