// Package apptest serves the whole of Hindcast to a test, over real HTTP and on a real database.
package apptest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Server is Hindcast, serving.
type Server struct {
	*app.App
	URL   string
	Token string // may do everything
	Clock *Clock
}

// Each runs the test against a server on each database; change changes how it is made.
func Each(t *testing.T, test func(t *testing.T, s *Server), change ...func(*app.Options)) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"}, change...))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Start(t, store.Config{DatabaseURL: dbtest.PostgresURL(t)}, change...))
	})
}

// Start serves on the database that cfg names until the test ends. The clock stands still until the test moves it.
func Start(t testing.TB, cfg store.Config, change ...func(*app.Options)) *Server {
	t.Helper()
	clock := &Clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	key := filepath.Join(t.TempDir(), "encryption.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("0f", 32)), 0o600); err != nil {
		t.Fatalf("writing a key: %v", err)
	}
	options := app.Options{
		Store: cfg, PublicURL: "http://hindcast.test", Now: clock.Now, KeyFile: key, OutboundAllow: []string{"127.0.0.0/8"}, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	}
	for _, c := range change {
		c(&options)
	}
	running, err := app.New(context.Background(), options)
	if err != nil {
		t.Fatalf("starting the server: %v", err)
	}
	listener := httptest.NewServer(running.API.Echo())
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { running.Services.Index.Run(ctx) })
	t.Cleanup(func() {
		listener.Close()
		stop()
		work.Wait()
		if err := running.Close(); err != nil {
			t.Errorf("closing the store: %v", err)
		}
	})
	s := &Server{App: running, URL: listener.URL, Clock: clock}
	s.Token = s.Grant(t, "test admin", "", vocab.ScopeAdmin)
	return s
}

// Grant makes a token.
func (s *Server) Grant(t testing.TB, name, team string, scopes ...vocab.Scope) string {
	t.Helper()
	ctx := auth.With(context.Background(), auth.System("test"))
	_, text, err := s.Tokens.Issue(ctx, auth.Grant{Name: name, Team: team, Scopes: scopes})
	if err != nil {
		t.Fatalf("issuing a token: %v", err)
	}
	return text
}

// Answer is what came back.
type Answer struct {
	Status int
	Header http.Header
	Raw    []byte
	// Body is the decoded JSON object, nil for anything else.
	Body map[string]any
}

// Text reads a member of the answer by its path, such as "items.0.title"; it is "" where there is none.
func (a Answer) Text(path string) string {
	var at any = a.Body
	for step := range strings.SplitSeq(path, ".") {
		switch v := at.(type) {
		case map[string]any:
			at = v[step]
		case []any:
			i := 0
			for _, digit := range step {
				i = i*10 + int(digit-'0')
			}
			if i >= len(v) {
				return ""
			}
			at = v[i]
		default:
			return ""
		}
	}
	switch v := at.(type) {
	case nil:
		return ""
	case string:
		return v
	default:
		text, _ := json.Marshal(v) // it came from JSON
		return string(text)
	}
}

// Call sends a request as the server's own token. A body that is a string is sent as it is, anything else as JSON. Headers
// come in pairs.
func (s *Server) Call(t testing.TB, method, path string, body any, headers ...string) Answer {
	t.Helper()
	return s.CallAs(t, s.Token, method, path, body, headers...)
}

// CallAs is Call with another token; an empty one sends none.
func (s *Server) CallAs(t testing.TB, token, method, path string, body any, headers ...string) Answer {
	t.Helper()
	sent := encode(t, body)
	request, err := http.NewRequestWithContext(context.Background(), method, s.URL+path, bytes.NewReader(sent))
	if err != nil {
		t.Fatalf("making a request: %v", err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := send(t, request)
	hold(t, request, sent, answer)
	return answer
}

// encode writes a body that is a string as it is, and anything else as JSON.
func encode(t testing.TB, body any) []byte {
	t.Helper()
	switch v := body.(type) {
	case nil:
		return nil
	case string:
		return []byte(v)
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatalf("encoding a body: %v", err)
	}
	return text
}

func send(t testing.TB, request *http.Request) Answer {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("%s %s: %v", request.Method, request.URL.Path, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("reading the answer of %s %s: %v", request.Method, request.URL.Path, err)
	}
	answer := Answer{Status: response.StatusCode, Header: response.Header, Raw: raw}
	_ = json.Unmarshal(raw, &answer.Body) // what is no object stays nil
	return answer
}

// Must is Call for a request that has to succeed with the given status.
func (s *Server) Must(t testing.TB, status int, method, path string, body any, headers ...string) Answer {
	t.Helper()
	answer := s.Call(t, method, path, body, headers...)
	if answer.Status != status {
		t.Fatalf("%s %s = %d, want %d: %s", method, path, answer.Status, status, answer.Raw)
	}
	return answer
}
