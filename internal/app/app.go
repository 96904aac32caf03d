// Package app puts Hindcast together: it is the only place that knows every part. It opens the store, makes the services,
// serves the API and stops in order.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/hindcast-kb/hindcast/handlers"
	"github.com/hindcast-kb/hindcast/internal/analytics"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/idempotency"
	"github.com/hindcast-kb/hindcast/internal/identity"
	"github.com/hindcast-kb/hindcast/internal/importer"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/index"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/linkcheck"
	"github.com/hindcast-kb/hindcast/internal/parity"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/support"
	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
)

// Options say what an App is made of.
type Options struct {
	Store          store.Config
	PublicURL      string
	Open           bool
	LoopbackOnly   bool
	TrustedProxies []string
	RatePerSecond  int
	// OutboundAllow are networks beside the public internet that may be called.
	OutboundAllow []string
	// KeyFile holds the key that seals secrets; on SQLite one is made when it is empty.
	KeyFile string
	// EmbedOrigins may frame shared views; any that a grant names when empty.
	EmbedOrigins []string
	// ReviewTemplate is the text of a template for reviews; empty for none.
	ReviewTemplate string
	// Zone is where business hours are counted; UTC when nil.
	Zone *time.Location
	// Identity names the identity provider that is believed; none when its issuer is empty.
	Identity identity.Settings
	Log      *slog.Logger
	Now      func() time.Time
}

// App is Hindcast, running.
type App struct {
	Store    *store.Store
	Tokens   *auth.Tokens
	Services handlers.Services
	API      *handlers.API
	// Deliveries works on what sources sent.
	Deliveries *inbox.Worker
	figures    *figures
	// Links looks whether the pages of runbooks are still there.
	Links    *linkcheck.Worker
	draining atomic.Bool
}

// New opens the store, brings its schema up to date and makes everything over it. The caller must Close what it gets.
func New(ctx context.Context, opts Options) (*App, error) {
	s, err := store.Open(ctx, opts.Store, opts.Now)
	if err != nil {
		return nil, err
	}
	app := &App{Store: s}
	if err := app.build(ctx, opts); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return app, nil
}

func (a *App) build(ctx context.Context, opts Options) error {
	if _, err := a.Store.Migrate(ctx); err != nil {
		return fmt.Errorf("migrating: %w", err)
	}
	if a.Store.Dialect() == store.SQLite { // the file is ours alone, so whatever ran before has ended
		if err := idempotency.New(a.Store, opts.Now).Forget(ctx); err != nil {
			return fmt.Errorf("forgetting requests that were cut off: %w", err)
		}
	}
	a.Tokens = auth.NewTokens(a.Store, opts.Now)
	a.Services = Services(a.Store, opts.Now, opts.Zone)
	a.Services.Index = index.New(a.Store, index.Options{Dir: snapshotDir(a.Store, opts.Store.DataDir), Log: opts.Log, Now: opts.Now})
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	a.figures = newFigures(registry)
	if err := a.buildJira(opts); err != nil {
		return err
	}
	if err := a.buildCards(opts); err != nil {
		return err
	}
	sessions, err := a.sessionBox(opts)
	if err != nil {
		return err
	}
	a.API = handlers.New(a.Store, a.Tokens, a.Services, handlers.Options{
		PublicURL: opts.PublicURL, Open: opts.Open, LoopbackOnly: opts.LoopbackOnly, TrustedProxies: opts.TrustedProxies,
		RatePerSecond: opts.RatePerSecond, Ready: a.ready, Log: opts.Log, Metrics: registry, Now: opts.Now,
		Zone: opts.Zone, Sessions: sessions, Provider: provider(opts), ReviewTemplate: opts.ReviewTemplate,
	})
	return nil
}

// Services makes the services over a store; zone is where business hours are counted.
func Services(s *store.Store, now func() time.Time, zone *time.Location) handlers.Services {
	assumptions := assumption.New(s, now)
	evidence, environments := assumption.NewEvidence(s, now, assumptions), catalog.NewEnvironments(s, now)
	attempts, lessons := upgrade.NewAttempts(s, now), lesson.New(s, now)
	var compared *parity.Service
	snapshots := snapshot.New(s, now, func(ctx context.Context, tx *store.Tx, environmentID int, touched func(string) bool, at time.Time) error {
		if err := assumptions.AreasChanged(ctx, tx, environmentID, touched, at); err != nil {
			return err
		}
		return compared.Recheck(ctx, tx, environmentID)
	})
	compared = parity.New(s, now, environments, attempts, snapshots, assumptions, evidence)
	return handlers.Services{
		Findings:    finding.New(s, now),
		Recurrences: finding.NewRecurrences(s, now),
		Assumptions: assumptions,
		Evidence:    evidence,
		Incidents:   incident.New(s, now),
		Events:      incident.NewEvents(s, now),
		Lessons:     lessons,
		Reviews:     review.New(s, now),
		Actions:     review.NewActions(s, now),
		Snapshots:   snapshots,
		References:  catalog.NewReferences(s, now),

		Briefs:         brief.New(s, now, zone, attempts, lessons),
		ServiceCatalog: catalog.NewServices(s, now),
		Environments:   environments,
		Parity:         compared,
		DriftIgnores:   parity.NewIgnores(s, now),
		Runbooks:       catalog.NewRunbooks(s, now),
		Upgrades:       upgrade.NewUpgrades(s, now),
		Attempts:       attempts,
		Decisions:      upgrade.NewDecisions(s, now),
		Tripwires:      upgrade.NewTripwires(s, now),
		Efforts:        upgrade.NewEfforts(s, now),
		AuditLog:       audit.NewLog(s),
		Synonyms:       index.NewSynonyms(s, now),
		Timelines:      timeline.New(s),
		Support:        support.New(s, now),
		Analytics:      analytics.New(s, now),
		Importer:       importer.New(s, now),
	}
}

var errDraining = fault.New(fault.Unavailable, "the server is about to stop")

func (a *App) ready(ctx context.Context) error {
	if a.draining.Load() {
		return errDraining
	}
	if err := a.Services.Index.Ready(); err != nil {
		return err
	}
	return a.Store.Ping(ctx)
}

// Drain makes the server say that it is not ready, so that a balancer sends no more.
func (a *App) Drain() { a.draining.Store(true) }

// Close ends the connections to the database.
func (a *App) Close() error { return a.Store.Close() }
