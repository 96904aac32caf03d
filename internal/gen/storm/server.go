package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"sync/atomic"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"
)

// server is a process that may be killed and started again at the same address.
type server struct {
	binary, log string
	args        []string
	address     string
	process     *exec.Cmd
	ended       chan struct{}
	// alive and lives tell an answer of a server that was killed from that of one that was not.
	alive atomic.Bool
	lives atomic.Int64
}

func (s *server) url() string { return "http://" + s.address }

func (s *server) start(ctx context.Context) error {
	if s.address == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		s.address = l.Addr().String()
		if err := l.Close(); err != nil {
			return err
		}
	}
	log, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.process = exec.Command(s.binary, append([]string{"serve", "--listen", s.address, "--auth", "off", "--rate-per-second", "0", "--log-level", "warn"}, s.args...)...)
	s.process.Stdout, s.process.Stderr = log, log
	if err := s.process.Start(); err != nil {
		return fmt.Errorf("starting a server: %w", err)
	}
	ended := make(chan struct{})
	s.ended = ended
	process := s.process
	go func() {
		defer close(ended)
		_ = process.Wait() // it is killed on purpose
	}()
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		if _, err := s.get(ctx, "/readyz", nil); err == nil {
			s.alive.Store(true)
			return nil
		}
		select {
		case <-ended:
			text, _ := os.ReadFile(s.log)
			return fmt.Errorf("a server ended by itself:\n%s", text)
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
	}
	return errors.New("a server was not ready within a minute")
}

// kill ends the process as SIGKILL does.
func (s *server) kill() {
	s.alive.Store(false)
	s.lives.Add(1)
	_ = s.process.Process.Kill() // it may have ended by itself
	<-s.ended
}

func (s *server) get(ctx context.Context, path string, into any) (int, error) {
	return s.call(ctx, http.MethodGet, path, nil, into)
}

func (s *server) call(ctx context.Context, method, path string, in, into any) (int, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return 0, err
	}
	var reader io.Reader
	if in != nil {
		reader = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.url()+path, reader)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err
	}
	if response.StatusCode >= 300 {
		return response.StatusCode, fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode, answer)
	}
	if into == nil {
		return response.StatusCode, nil
	}
	return response.StatusCode, json.Unmarshal(answer, into)
}

func (s *server) addSource(ctx context.Context, mode string) (string, error) {
	var made struct {
		ID string `json:"id"`
	}
	_, err := s.call(ctx, http.MethodPost, "/api/v1/sources", map[string]any{"name": "Storm", "product": "jira_cloud", "mode": mode, "auth": map[string]any{"kind": "hmac", "secret": secret}}, &made)
	return made.ID, err
}

func (s *server) replay(ctx context.Context) (int, error) {
	var said struct {
		Count int `json:"count"`
	}
	_, err := s.call(ctx, http.MethodPost, "/api/v1/deliveries/replay", nil, &said)
	return said.Count, err
}

// waitSettled returns when no delivery waits or is at work.
func (s *server) waitSettled(ctx context.Context, patience time.Duration) error {
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(time.Second) {
		var page struct {
			Items []struct{} `json:"items"`
		}
		if _, err := s.get(ctx, "/api/v1/deliveries?limit=1&status=received&status=processing", &page); err != nil {
			return err
		}
		if len(page.Items) == 0 {
			return nil
		}
	}
	return fmt.Errorf("deliveries still wait after %s", patience)
}

// each reads a list page by page.
func (s *server) each(ctx context.Context, path string, see func(map[string]any) error) error {
	cursor := ""
	for {
		var page struct {
			Items []map[string]any `json:"items"`
			Next  *string          `json:"next_cursor"`
		}
		if _, err := s.get(ctx, path+"&limit=200"+cursor, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := see(item); err != nil {
				return err
			}
		}
		if page.Next == nil {
			return nil
		}
		cursor = "&cursor=" + url.QueryEscape(*page.Next)
	}
}

func (s *server) count(ctx context.Context, path string) (n int, err error) {
	err = s.each(ctx, path, func(map[string]any) error { n++; return nil })
	return n, err
}

// aside says why deliveries were set aside, of which there should be none.
func (s *server) aside(ctx context.Context) string {
	reasons := map[string]int{}
	err := s.each(ctx, "/api/v1/deliveries?status=quarantined&status=dead&status=ignored&sort=id", func(d map[string]any) error {
		reasons[fmt.Sprint(d["status"], " ", d["reason"], " ", d["error"])]++
		return nil
	})
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("set aside: %v", reasons)
}

// look compares what is known with what every issue is in the end.
func look(ctx context.Context, s *server, issues map[string]issue) error {
	titles := map[string]string{}
	err := s.each(ctx, "/api/v1/findings?sort=id", func(f map[string]any) error {
		titles[fmt.Sprint(f["id"])] = fmt.Sprint(f["title"])
		return nil
	})
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	err = s.each(ctx, "/api/v1/references?kind=jira&sort=id", func(r map[string]any) error {
		key := fmt.Sprint(r["external_key"])
		want, known := issues[key]
		role := map[bool]string{true: "deleted in Jira", false: "tracked in"}[want.deleted]
		switch got := titles[fmt.Sprint(r["target"])]; {
		case !known || seen[key]:
			return fmt.Errorf("%s has a record too many", key)
		case got != want.summary:
			return fmt.Errorf("%s is %q, want %q", key, got, want.summary)
		case r["role"] != role:
			return fmt.Errorf("%s is %q, want %q", key, r["role"], role)
		}
		seen[key] = true
		return nil
	})
	if err != nil {
		return err
	}
	if len(seen) != len(issues) || len(titles) != len(issues) {
		return fmt.Errorf("%d records and %d links for %d issues", len(titles), len(seen), len(issues))
	}
	return nil
}

// newDatabase makes a database of its own on the server that TEST_POSTGRES_URL names, and gives its address and how to remove it.
func newDatabase(ctx context.Context) (string, func(), error) {
	base := os.Getenv("TEST_POSTGRES_URL")
	if base == "" {
		return "", nil, errors.New("set TEST_POSTGRES_URL, or run it as make does, with a PostgreSQL of its own")
	}
	u, err := url.Parse(base)
	if err != nil {
		return "", nil, fmt.Errorf("TEST_POSTGRES_URL is not an address: %w", err)
	}
	db, err := sql.Open("pgx", base)
	if err != nil {
		return "", nil, err
	}
	raw := make([]byte, 6)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	name := "storm_" + hex.EncodeToString(raw)
	if _, err := db.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", nil, errors.Join(err, db.Close())
	}
	u.Path = "/" + name
	return u.String(), func() {
		_, _ = db.Exec("DROP DATABASE " + name + " WITH (FORCE)") // it is a leftover at worst
		_ = db.Close()
	}, nil
}
