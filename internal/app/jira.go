package app

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/hindcast-kb/hindcast/internal/alertsync"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jirasync"
	"github.com/hindcast-kb/hindcast/internal/jirawork"
	"github.com/hindcast-kb/hindcast/internal/outbound"
	"github.com/hindcast-kb/hindcast/internal/secret"
	"github.com/hindcast-kb/hindcast/internal/store"
)

// buildJira makes what takes and applies deliveries. On SQLite the key that seals secrets is made beside the file where none is given.
func (a *App) buildJira(opts Options) error {
	box, err := a.box(opts)
	if err != nil {
		return err
	}
	s := &a.Services
	s.Sources = inbox.NewSources(a.Store, opts.Now, box, opts.LoopbackOnly)
	s.Inbox = inbox.New(a.Store, opts.Now, s.Sources)
	s.Jira = jirasync.New(a.Store, opts.Now, jirasync.Services{
		Findings: s.Findings, Actions: s.Actions, Incidents: s.Incidents, Events: s.Events, References: s.References,
		Upgrades: s.Upgrades, Attempts: s.Attempts, Efforts: s.Efforts,
	})
	policy, err := outbound.NewPolicy(opts.OutboundAllow)
	if err != nil {
		return fmt.Errorf("reading the networks that may be called: %w", err)
	}
	s.Jobs = inbox.NewJobs(a.Store, opts.Now)
	s.JiraWork = jirawork.New(a.Store, s.Sources, s.Inbox, s.Jira, jirawork.Options{
		PublicURL: strings.TrimSuffix(opts.PublicURL, "/"), Policy: policy, Seen: a.figures.called, Alert: a.figures.alerted, Log: opts.Log, Now: opts.Now,
	})
	a.Deliveries = inbox.NewWorker(s.Inbox, byProduct(s.Jira.Process, alertsync.New(opts.Now, s.Tripwires).Process), opts.Log)
	a.Deliveries.Settled = a.figures.worked
	return nil
}

// box seals with the key of the server; it is nil where there is none.
func (a *App) box(opts Options) (*secret.Box, error) {
	dir := ""
	if a.Store.Dialect() == store.SQLite {
		dir = opts.Store.DataDir
	}
	box, err := secret.Load(opts.KeyFile, dir)
	if err != nil {
		return nil, fmt.Errorf("loading the encryption key: %w", err)
	}
	return box, nil
}

// Run does the work that no request waits for, until ctx ends.
func (a *App) Run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { a.Services.Index.Run(ctx) })
	work.Go(func() { a.Deliveries.Run(ctx) })
	work.Go(func() { a.Links.Run(ctx) })
	work.Go(func() { a.Services.JiraWork.Run(ctx) })
	work.Wait()
}
