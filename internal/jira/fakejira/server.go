package fakejira

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/internal/jira"
)

// Options set up a site.
type Options struct {
	// Product decides which endpoints exist; empty means Cloud.
	Product jira.Product
	// Context is the path a Data Center site may live under, such as /jira.
	Context string
	// Token is the token the site accepts; empty means `token`.
	Token string
	// PageSize caps every page; zero means 50.
	PageSize int
	// Now is the site's clock, used for `updated` and for the time of events; nil means a clock that starts at a fixed time and
	// moves a second with each change.
	Now func() time.Time
}

// Server is a running site. All methods are safe for use by many goroutines.
type Server struct {
	// URL is the site's base address, with its context path.
	URL string

	opts Options
	http *httptest.Server

	mu       sync.Mutex
	clock    time.Time
	issues   map[string]*Issue
	next     int
	change   int
	tokens   map[string]int
	faults   []*Fault
	requests []Request
	hooks    []Hook
	outbox   []Delivery
	comments int
	expires  time.Time
}

// Start runs a site until Close.
func Start(o Options) *Server {
	if o.Product == "" {
		o.Product = jira.ProductCloud
	}
	if o.Token == "" {
		o.Token = "token"
	}
	if o.PageSize == 0 {
		o.PageSize = 50
	}
	s := &Server{opts: o, clock: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC), issues: map[string]*Issue{}, next: 10_000, change: 20_000, tokens: map[string]int{}}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = s.http.URL + strings.TrimRight(o.Context, "/")
	return s
}

// Close stops the site, cutting slow answers off.
func (s *Server) Close() {
	s.http.CloseClientConnections()
	s.http.Close()
}

// tick gives the time of the next change. Callers hold mu.
func (s *Server) tick() time.Time {
	if s.opts.Now != nil {
		return s.opts.Now().UTC().Truncate(time.Millisecond)
	}
	s.clock = s.clock.Add(time.Second)
	return s.clock
}

// Request is one request the site has seen.
type Request struct {
	Method string
	Path   string
	Body   string
	// Authorization is what the request was signed with.
	Authorization string
	Status        int
}

// Requests are all requests so far, oldest first.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Count counts the requests of a method whose path contains a text.
func (s *Server) Count(method, path string) int {
	n := 0
	for _, r := range s.Requests() {
		if r.Method == method && strings.Contains(r.Path, path) {
			n++
		}
	}
	return n
}
