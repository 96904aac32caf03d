// Package jirawork does what is to be done at Jira sites: it sets links to our records, makes issues and comments, reads issues
// anew, goes through everything that changed, and keeps registered webhooks alive. Work is rows that were written with what they are
// for, so that a site that is down delays it and loses nothing. What a call means to Jira is known to package jira, and what an
// issue that was read means to us to package jirasync.
package jirawork

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/jirasync"
	"github.com/hindcast-kb/hindcast/internal/outbound"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Options are what a Service is made of beside the store.
type Options struct {
	// PublicURL is the address of this server for people, which links lead to.
	PublicURL string
	// Policy says which addresses may be called.
	Policy outbound.Policy
	// Seen is told of every call and its outcome: the route by its name, and the code of the error or "ok".
	Seen func(route, outcome string)
	// Alert is told of work that was suspended.
	Alert func(reason string)
	Log   *slog.Logger
	Now   func() time.Time
}

// Service asks for work at sites and does it.
type Service struct {
	opts       Options
	store      *store.Store
	sources    *inbox.Sources
	inbox      *inbox.Inbox
	jira       *jirasync.Processor
	references references
	transport  http.RoundTripper
	name       string
	now        func() time.Time
	wake       chan struct{}

	mu      sync.Mutex
	clients map[int]client
}

// client is the client of a source, with what it was made of.
type client struct {
	*jira.Client
	made string
}

// New does the work that is kept in s.
func New(s *store.Store, sources *inbox.Sources, in *inbox.Inbox, processor *jirasync.Processor, opts Options) *Service {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw) // it never fails, by its documentation
	return &Service{
		opts: opts, store: s, sources: sources, inbox: in, jira: processor, references: processor.References, transport: opts.Policy.Transport(),
		name: hex.EncodeToString(raw), now: opts.Now, wake: make(chan struct{}, 1), clients: map[int]client{},
	}
}

// dial gives the client of a source. It is kept, since it knows what the site said of its limits.
func (s *Service) dial(source *ent.Source) (*jira.Client, error) {
	made := fmt.Sprint(source.Site, " ", source.APIKind, " ", source.APIBase, " ", source.APICloudID, " ", source.APIEmail, " ", source.APIToken)
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.clients[source.ID]; known.Client != nil && known.made == made {
		return known.Client, nil
	}
	c, err := s.connect(source)
	if err != nil {
		return nil, err
	}
	s.clients[source.ID] = client{c, made}
	return c, nil
}

// connect makes a client that never waits: what cannot be done now is done later.
func (s *Service) connect(source *ent.Source) (*jira.Client, error) {
	cfg, err := s.sources.Dial(source)
	if err != nil {
		return nil, err
	}
	cfg.Transport, cfg.UserAgent, cfg.Now = s.transport, "hindcast", s.now
	cfg.MaxWait = time.Nanosecond
	cfg.Sleep = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	c, err := jira.NewClient(cfg)
	if err != nil {
		return nil, err
	}
	return c.Background(), nil
}

// forget makes the next call of a source begin anew, without what was known of its limits.
func (s *Service) forget(source int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.clients, source)
}

// Checked is what a site said when it was asked who we are.
type Checked struct {
	// Code is why the check failed, as in auth_failed; empty when it did not.
	Code string
	// Message is the same in words.
	Message  string
	Identity jira.Identity
}

// Check asks the site of a source who we are, and lets waiting work begin when it answers. It is Conflict for a source without a
// connection. A site that refuses or does not answer is no error.
func (s *Service) Check(ctx context.Context, id int) (Checked, error) {
	source, err := s.sources.Get(ctx, id)
	if err != nil {
		return Checked{}, err
	}
	s.forget(id)
	c, err := s.dial(source)
	if err != nil {
		return Checked{}, noConnection(id, err)
	}
	who, err := c.Check(ctx)
	s.seen("check", err)
	if err != nil {
		code := string(jira.CodeOf(err))
		if code == "" {
			code = string(jira.CodeUnavailable)
		}
		return Checked{Code: code, Message: reasonOf(err)}, nil
	}
	if _, err := s.sources.Identify(ctx, id, who); err != nil {
		return Checked{}, err
	}
	s.Wake()
	return Checked{Identity: who}, nil
}

// noConnection is Conflict for a source that does not say how to sign in.
func noConnection(id int, err error) error {
	if errors.Is(err, inbox.ErrNoConnection) {
		return fault.New(fault.Conflict, "%s has no token for its site; set its api", vocab.Source.ID(id))
	}
	return err
}

func (s *Service) seen(route string, err error) {
	outcome := "ok"
	if err != nil {
		outcome = "error"
		if code := jira.CodeOf(err); code != "" {
			outcome = string(code)
		}
	}
	if s.opts.Seen != nil {
		s.opts.Seen(route, outcome)
	}
}

// Wake tells the worker that there may be something to do.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
