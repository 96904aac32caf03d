package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestJira13TheNetworksHoldForWhoIsBehindTrustedProxies(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, map[string]any{"cidrs": []string{"203.0.113.0/24", "2001:db8::/32"}})
		for claim, c := range map[string]struct {
			forwarded []string // one for each header line
			want      int
		}{
			"a proxy that adds no header":                  {nil, 403},
			"an address of the networks":                   {[]string{"203.0.113.9"}, 200},
			"the same through two proxies":                 {[]string{"203.0.113.9, 10.1.2.3"}, 200},
			"and in two lines":                             {[]string{"203.0.113.9", "10.1.2.3"}, 200},
			"another address":                              {[]string{"198.51.100.7"}, 403},
			"another that forges one before its own":       {[]string{"203.0.113.9, 198.51.100.7"}, 403},
			"and forges a line":                            {[]string{"203.0.113.9", "198.51.100.7, 10.1.2.3"}, 403},
			"one that was forged before a true one":        {[]string{"198.51.100.7, 203.0.113.9, 10.1.2.3"}, 200},
			"an address of version 6":                      {[]string{"2001:db8::9"}, 200},
			"one of version 4 in the form of version 6":    {[]string{"::ffff:203.0.113.9"}, 200},
			"with a port":                                  {[]string{"203.0.113.9:4711"}, 200},
			"what is no address":                           {[]string{"203.0.113.9, unknown"}, 403},
			"proxies alone":                                {[]string{"10.1.2.3, 10.1.2.4"}, 403},
			"an empty header":                              {[]string{""}, 403},
			"a name that begins as an address in the list": {[]string{"203.0.113.9.evil.example"}, 403},
		} {
			body := issueEvent(change{})
			request, err := http.NewRequestWithContext(context.Background(), "POST", s.URL+"/api/v1/webhooks/jira/"+src.id, strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set(jira.SignatureHeader, jira.Sign([]byte(hookSecret), []byte(body)))
			request.Header.Set(jira.IdentifierHeader, claim)
			for _, line := range c.forwarded {
				request.Header.Add("X-Forwarded-For", line)
			}
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != c.want {
				t.Errorf("%s: %d, want %d", claim, answer.StatusCode, c.want)
			}
		}
		if n := len(s.Must(t, 200, "GET", "/api/v1/deliveries?limit=200", nil).Body["items"].([]any)); n != 7 {
			t.Errorf("%d rows, want one for each that was let in", n)
		}
	}, func(o *app.Options) { o.TrustedProxies = []string{"127.0.0.0/8", "::1/128", "10.0.0.0/8"} })
}

// TestJira14AnUnknownSourceCostsWhatAWrongSignatureCosts compares the least of several times, which noise can only make longer, over a
// body so large that hashing it is most of the work: whoever leaves that out for an unknown source answers many times faster.
func TestJira14AnUnknownSourceCostsWhatAWrongSignatureCosts(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		var number int
		if _, err := fmt.Sscanf(src.id, "SRC-%d", &number); err != nil {
			t.Fatal(err)
		}
		body := []byte(`{"x":"` + strings.Repeat("x", 16<<20) + `"}`)
		ask := func(id int, signature string) (time.Duration, fault.Kind) {
			begun := time.Now()
			_, err := s.Services.Inbox.Accept(context.Background(), inbox.Message{Source: id, Header: http.Header{jira.SignatureHeader: {signature}},
				URL: &url.URL{Path: "/"}, Peer: netip.MustParseAddr("127.0.0.1"), Body: body})
			return time.Since(begun), fault.KindOf(err)
		}
		for claim, signature := range map[string]string{"a wrong digest": "sha256=" + strings.Repeat("0", 64), "a signature by the right key": jira.Sign([]byte(hookSecret), body)} {
			wrong, unknown := time.Hour, time.Hour
			for range 12 {
				took, kind := ask(number, "sha256="+strings.Repeat("1", 64))
				if wrong = min(wrong, took); kind != fault.Unauthenticated {
					t.Fatalf("a wrong signature is %v", kind)
				}
				if took, kind = ask(number+1000, signature); kind != fault.NotFound {
					t.Fatalf("%s at an unknown source is %v", claim, kind)
				}
				unknown = min(unknown, took)
			}
			if unknown < wrong/2 || unknown > 2*wrong {
				t.Errorf("%s takes %s at an unknown source and %s at a known one, want the same", claim, unknown, wrong)
			}
		}
	})
}

// TestJira20DeepBodiesCostWhatFlatOnesCost is not parallel, since it counts what the whole process allocates.
func TestJira20DeepBodiesCostWhatFlatOnesCost(t *testing.T) {
	for name, cfg := range map[string]store.Config{"sqlite": {DataDir: t.TempDir(), SQLiteSynchronous: "normal"}, "postgres": {DatabaseURL: dbtest.PostgresURL(t)}} {
		s := apptest.Start(t, cfg)
		src := source(t, s, nil)
		cost := func(body string) (allocated, stacks uint64) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			id := src.ok(t, "accepted", body)
			runtime.ReadMemStats(&after)
			src.drain(t)
			if d := s.Must(t, 200, "GET", "/api/v1/deliveries/"+id, nil); d.Text("status") != "quarantined" {
				t.Errorf("%s: it is %s", name, d.Text("status"))
			}
			return after.TotalAlloc - before.TotalAlloc, max(after.StackInuse, before.StackInuse) - before.StackInuse
		}
		for _, depth := range []int{10_000, 1_000_000} {
			flat, _ := cost(`["` + strings.Repeat("x", 2*depth) + `"]`)
			for claim, body := range map[string]string{
				"lists":   strings.Repeat("[", depth) + strings.Repeat("]", depth),
				"unended": strings.Repeat("[", 2*depth),
				"objects": strings.Repeat(`{"a":`, depth/3) + "1" + strings.Repeat("}", depth/3),
			} {
				deep, stacks := cost(body)
				if deep > flat+flat/2+1<<20 || stacks > 4<<20 {
					t.Errorf("%s: %d %s deep allocate %d bytes and %d of stacks, want about the %d of a flat body", name, depth, claim, deep, stacks, flat)
				}
			}
		}
	}
}

// cable is a connection to a database that can be cut or held.
type cable struct {
	to       string
	listener net.Listener
	mu       sync.Mutex
	conns    []net.Conn
	held     chan struct{} // closed when the cable carries on; nil while it does
}

// newCable listens for what is meant for another address.
func newCable(t *testing.T, to string) *cable {
	t.Helper()
	w := &cable{to: to}
	w.listen(t, "127.0.0.1:0")
	t.Cleanup(w.cut)
	return w
}

func (w *cable) listen(t *testing.T, address string) {
	t.Helper()
	var err error
	if w.listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	listener := w.listener
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", w.to)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, near, far)
			w.mu.Unlock()
			go w.carry(near, far)
			go w.carry(far, near)
		}
	}()
}

func (w *cable) carry(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		w.mu.Lock()
		held := w.held
		w.mu.Unlock()
		if held != nil {
			<-held
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// cut is what a server that was stopped looks like: connections end, and new ones are refused.
func (w *cable) cut() {
	_ = w.listener.Close() // it may be closed already
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// hold is what a network that drops everything looks like: connections stay, and nothing comes through.
func (w *cable) hold() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	held := make(chan struct{})
	w.held = held
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.held = nil
		close(held)
	}
}

// comeAgain wants deliveries to be answered in time with a request to come again, while the database is away. The first finds
// connections that were there, the second has to make one. It is the least time that counts: a busy machine only makes it longer.
func (s site) comeAgain(t *testing.T, claim string) {
	t.Helper()
	least := time.Hour
	for i := range 2 {
		begun := time.Now()
		s.refused(t, claim, fmt.Sprint(claim, " ", i))
		least = min(least, time.Since(begun))
	}
	if least > 2*time.Second {
		t.Errorf("%s: the answers took %s, want 2 s at most", claim, least)
	}
}

func (s site) refused(t *testing.T, claim, identifier string) {
	t.Helper()
	answer := s.post(t, "", issueEvent(change{}), jira.IdentifierHeader, identifier)
	if answer.Status != 503 || answer.Header.Get("Retry-After") == "" || answer.Header.Get("Content-Type") != "application/problem+json" || strings.Contains(string(answer.Raw), "goroutine") {
		t.Errorf("%s: %d %s, Retry-After %q, want 503 with it", claim, answer.Status, answer.Raw, answer.Header.Get("Retry-After"))
	}
}

// takenAgain wants the same delivery to be kept once the database is back, and applied once.
func (s site) takenAgain(t *testing.T, claim string) {
	t.Helper()
	answer := s.post(t, "", issueEvent(change{}), jira.IdentifierHeader, claim+" 0", jira.RetryHeader, "1")
	if answer.Status != 200 {
		t.Fatalf("%s: after it is back %d %s, want 200", claim, answer.Status, answer.Raw)
	}
	s.drain(t)
	s.only(t)
}

func TestJira23APostgreSQLThatIsStoppedOrHangs(t *testing.T) {
	t.Parallel()
	address, err := url.Parse(dbtest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	w := newCable(t, address.Host)
	through := w.listener.Addr().String()
	address.Host = through
	s := apptest.Start(t, store.Config{DatabaseURL: address.String()})
	src := source(t, s, nil)

	w.cut()
	src.comeAgain(t, "stopped")
	w.listen(t, through)
	src.takenAgain(t, "stopped")

	release := w.hold()
	src.comeAgain(t, "hangs")
	release()
	src.takenAgain(t, "hangs")
}

func TestJira23ASQLiteFileThatAnotherProcessHasLocked(t *testing.T) {
	t.Parallel()
	s := apptest.Start(t, store.Config{DataDir: t.TempDir(), SQLiteSynchronous: "normal"})
	src := source(t, s, nil)
	db, err := sql.Open("sqlite", "file:"+s.Store.File())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(context.Background(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	src.comeAgain(t, "locked")
	if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	src.takenAgain(t, "locked")
}

func TestJira66ARangeOfManyIsReplayedToTheSameEnd(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		const issues, changes = 60, 5
		begun := s.Clock.Now()
		for n := range changes { // a round of changes each minute
			for i := range issues {
				id := fmt.Sprint(6000 + i)
				src.ok(t, "accepted", issueEvent(change{id: id, key: "UPG-" + id, summary: fmt.Sprintf("Issue %d, change %d", i, n), at: morning.Add(time.Duration(n) * time.Second), changelog: 100*i + n + 1}))
			}
			s.Clock.Move(time.Minute)
		}
		src.drain(t)
		want := src.knowledge(t)
		versions := func() (sum int) {
			rows, err := s.Store.Read().Finding.Query().All(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range rows {
				sum += row.Version
			}
			return sum
		}
		before := versions()
		if len(src.findings(t)) != issues || !strings.Contains(want, "Issue 7, change 4") {
			t.Fatalf("%d findings, want %d in their latest state", len(src.findings(t)), issues)
		}
		stamp := func(n int) string {
			return url.QueryEscape(begun.Add(time.Duration(n)*time.Minute - time.Second).Format(time.RFC3339))
		}
		for claim, c := range map[string]struct {
			query string
			want  int
		}{
			"all":            {"source_id=" + src.id, issues * changes},
			"from":           {"from=" + stamp(3), 2 * issues},
			"from and to":    {"from=" + stamp(1) + "&to=" + stamp(3), 2 * issues},
			"before any":     {"to=" + stamp(0), 0},
			"another status": {"status=dead", 0},
		} {
			if got := s.Must(t, 202, "POST", "/api/v1/deliveries/replay?"+c.query, nil).Text("count"); got != fmt.Sprint(c.want) {
				t.Errorf("%s: %s wait, want %d", claim, got, c.want)
			}
			src.drain(t)
			if got := src.knowledge(t); got != want {
				t.Errorf("%s: after the replay\n%s\nwant\n%s", claim, got, want)
			}
			if now := versions(); now != before {
				t.Errorf("%s: the replay changed records: %d versions, want %d", claim, now, before)
			}
		}
	})
}
