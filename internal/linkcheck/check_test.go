package linkcheck

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/outbound"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here", "/moved/here":
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(`<html><h2 id="restart">Restart</h2><a name="old">x</a>`))
		case "/moved":
			http.Redirect(w, r, "/moved/here", http.StatusMovedPermanently)
		case "/circle":
			http.Redirect(w, r, "/circle", http.StatusFound)
		case "/login":
			w.WriteHeader(http.StatusUnauthorized)
		case "/forbidden":
			w.WriteHeader(http.StatusForbidden)
		case "/gone":
			w.WriteHeader(http.StatusGone)
		case "/busy":
			w.Header().Set("Retry-After", "7200")
			w.WriteHeader(http.StatusTooManyRequests)
		case "/broken":
			w.WriteHeader(http.StatusBadGateway)
		case "/gets":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusMethodNotAllowed)
			}
		case "/headless":
			if r.Method == http.MethodHead {
				w.WriteHeader(http.StatusNotFound)
			}
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer site.Close()
	policy, err := outbound.NewPolicy([]string{"127.0.0.1/32"})
	if err != nil {
		t.Fatal(err)
	}
	checker := NewChecker(policy, time.Now)
	for path, want := range map[string]Look{
		"/here": {Outcome: Here, Detail: "status 200"}, "/moved": {Outcome: Here, Detail: "status 200", FinalURL: site.URL + "/moved/here"},
		"/here#restart": {Outcome: Here, Detail: "status 200"}, "/here#old": {Outcome: Here, Detail: "status 200"},
		"/here#none": {Outcome: Gone, Detail: "status 200, but the page has no such anchor"},
		"/login":     {Outcome: Refused, Detail: "status 401"}, "/forbidden": {Outcome: Refused, Detail: "status 403"},
		"/missing": {Outcome: Gone, Detail: "status 404"}, "/gone": {Outcome: Gone, Detail: "status 410"},
		"/busy": {Outcome: Later, Detail: "status 429", After: 2 * time.Hour}, "/broken": {Outcome: Later, Detail: "status 502"},
		"/gets": {Outcome: Here, Detail: "status 200"}, "/headless": {Outcome: Here, Detail: "status 200"},
		"/circle": {Outcome: Refused, Detail: "the address is not one that this server may call"},
	} {
		if got := checker.Check(t.Context(), site.URL+path); got != want {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
	closed, _, _ := strings.Cut(site.URL, "://")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	if got := checker.Check(t.Context(), closed+"://"+address+"/"); got.Outcome != Later || got.Detail != "no connection" {
		t.Errorf("a host that is down: %+v", got)
	}
}

func TestNothingInsideIsCalled(t *testing.T) {
	t.Parallel()
	var hits atomic.Int64
	canary := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) }))
	defer canary.Close()
	_, port, _ := net.SplitHostPort(canary.Listener.Addr().String())
	checker := NewChecker(outbound.Policy{}, time.Now)
	hosts := []string{
		"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0x7f.1", "0177.0.0.1", "017700000001", "0", "0.0.0.0",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:0:0:1]", "[::1%25lo]", "[64:ff9b::127.0.0.1]", "[2002:7f00:1::]", "127.0.0.1.",
		"①②⑦.0.0.1", "127。0。0。1", "user@127.0.0.1", "user:pass@localhost", "example.com@127.0.0.1", "127.0.0.2", "127.255.255.254", "[::ffff:0:127.0.0.1]",
	}
	for _, host := range hosts {
		for _, scheme := range []string{"http", "https"} {
			if got := checker.Check(t.Context(), scheme+"://"+host+":"+port+"/"); got.Outcome == Here || got.Outcome == Gone {
				t.Errorf("%s://%s answered %+v", scheme, host, got)
			}
		}
	}
	for _, other := range []string{"file:///etc/passwd", "gopher://127.0.0.1:" + port + "/", "ftp://127.0.0.1/", "http:127.0.0.1", "//127.0.0.1:" + port, "javascript:alert(1)", ""} {
		if got := checker.Check(t.Context(), other); got.Outcome != Refused {
			t.Errorf("%q answered %+v", other, got)
		}
	}
	if 2*len(hosts) < 60 || hits.Load() != 0 {
		t.Errorf("of %d addresses, %d reached the canary", 2*len(hosts), hits.Load())
	}
}

func TestALinkIsBrokenAfterThreeFailuresOverADay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	gone := Look{Outcome: Gone}
	s := State{Status: vocab.LinkStatusOk}
	for i, step := range []struct {
		wait time.Duration
		look Look
		want vocab.LinkStatus
		next time.Duration
	}{
		{0, gone, vocab.LinkStatusOk, doubt}, {time.Hour, gone, vocab.LinkStatusOk, doubt}, {time.Hour, gone, vocab.LinkStatusOk, doubt},
		{time.Hour, Look{Outcome: Later}, vocab.LinkStatusOk, retry}, {0, Look{Outcome: Later, After: 3 * time.Hour}, vocab.LinkStatusOk, 3 * time.Hour},
		{0, Look{Outcome: Later, After: 100 * time.Hour}, vocab.LinkStatusOk, calm},
		{22 * time.Hour, gone, vocab.LinkStatusBroken, doubt}, {time.Hour, Look{Outcome: Later}, vocab.LinkStatusBroken, retry},
		{time.Hour, Look{Outcome: Here}, vocab.LinkStatusOk, calm}, {calm, gone, vocab.LinkStatusOk, doubt}, {0, Look{Outcome: Refused}, vocab.LinkStatusRefused, calm},
	} {
		at = at.Add(step.wait)
		if s = s.After(step.look, at); s.Status != step.want || s.Next.Sub(at) != step.next {
			t.Errorf("step %d: got %s and %s, want %s and %s", i, s.Status, s.Next.Sub(at), step.want, step.next)
		}
	}
}
