package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/client"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// serve answers every call with the handler and gives a client of it.
func serve(t *testing.T, answer http.HandlerFunc) *client.Client {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	c, err := client.New(server.URL+"/", "hc_token")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestOnlyTheAddressOfAServerIsTaken(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "127.0.0.1:8080", "ftp://example.org", "http://", "http://user:secret@example.org", "https://example.org?x=1", "http://[::1"} {
		if _, err := client.New(bad, ""); err == nil {
			t.Errorf("New(%q) succeeds, want it refused", bad)
		}
	}
}

func TestTheTokenGoesToTheServerAloneAndNotAlongARedirect(t *testing.T) {
	t.Parallel()
	var leaked string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { leaked = r.Header.Get("Authorization") }))
	t.Cleanup(other.Close)
	var sent string
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		sent = r.Header.Get("Authorization")
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	var problem *client.Problem
	if _, err := c.Gate(context.Background(), vocab.Attempt.ID(1)); !errors.As(err, &problem) || problem.Status != http.StatusTemporaryRedirect {
		t.Errorf("a redirect gives %v, want a problem with its status", err)
	}
	if sent != "Bearer hc_token" || leaked != "" {
		t.Errorf("the server saw %q and the one redirected to %q, want the token at the first only", sent, leaked)
	}
}

func TestARefusalCarriesEveryField(t *testing.T) {
	t.Parallel()
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"title":"Some fields are not valid","detail":"two","request_id":"r1","errors":[{"field":"line 2","code":"c","message":"is bad"},{"field":"line 3","message":"too"}]}`)
	})
	_, err := c.ImportBundle(context.Background(), strings.NewReader("x"), true)
	const want = "the server answered 422: Some fields are not valid: two (line 2 is bad; line 3 too) [request r1]"
	if err == nil || err.Error() != want {
		t.Errorf("refused with %v, want %s", err, want)
	}
}

func TestAServerThatDoesNotAnswerIsAnError(t *testing.T) {
	t.Parallel()
	c := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := c.Gate(ctx, vocab.Attempt.ID(1)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a gate that never answers gives %v, want that the time is over", err)
	}
}

func TestAnExportIsTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	const head, rows = `{"format":"hindcast-bundle"}` + "\n", `{"table":"a","row":{"id":1}}` + "\n" + `{"table":"a","row":{"id":2}}` + "\n"
	end := func(rows string) string {
		return fmt.Sprintf(`{"trailer":{"rows":2,"sha256":"%x"}}`+"\n", sha256.Sum256([]byte(rows)))
	}
	for name, tc := range map[string]struct {
		body  string
		whole bool
	}{
		"whole":           {head + rows + end(rows), true},
		"no rows":         {head + end(""), true},
		"nothing":         {"", false},
		"header only":     {head, false},
		"no trailer":      {head + rows, false},
		"within a line":   {head + rows[:40], false},
		"a row is gone":   {head + rows[:29] + end(rows), false},
		"other rows":      {head + rows + end(rows+"x"), false},
		"trailer in half": {(head + rows + end(rows))[:len(head+rows)+30], false},
	} {
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/x-ndjson")
			fmt.Fprint(w, tc.body)
		})
		var out bytes.Buffer
		err := c.Export(context.Background(), &out)
		if tc.whole && (err != nil || out.String() != tc.body) || !tc.whole && !errors.Is(err, client.ErrCutOff) {
			t.Errorf("%s: export = %v and %q, want it whole: %v", name, err, out.String(), tc.whole)
		}
	}
}
