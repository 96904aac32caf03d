package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/identity"
	"github.com/hindcast-kb/hindcast/internal/store"
)

type serveCmd struct{ config.Server }

// Run serves until the context ends.
func (cmd *serveCmd) Run(ctx context.Context, io console) error {
	if err := cmd.Check(); err != nil {
		return exit{2, err}
	}
	log := slog.New(slog.NewJSONHandler(io.err, &slog.HandlerOptions{Level: level(cmd.LogLevel)}))
	running, err := app.New(ctx, appOptions(&cmd.Server, log))
	if err != nil {
		return err
	}
	defer running.Close()
	if err := cmd.bootstrap(ctx, running, io); err != nil {
		return err
	}
	return listenAndServe(ctx, &cmd.Server, running, log, func(net.Addr) {})
}

// bootstrap makes the first token of an empty store and shows it once, apart from the log.
func (cmd *serveCmd) bootstrap(ctx context.Context, running *app.App, io console) error {
	text, err := running.Tokens.Bootstrap(ctx)
	if err != nil || text == "" {
		return err
	}
	if cmd.BootstrapTokenFile != "" {
		if err := os.WriteFile(cmd.BootstrapTokenFile, []byte(text+"\n"), 0o600); err != nil {
			return fmt.Errorf("writing the first token: %w", err)
		}
	}
	fmt.Fprintf(io.err, "\nFirst admin token, shown once and valid for a day unless it is used:\n\n    %s\n\n", text)
	return nil
}

func appOptions(s *config.Server, log *slog.Logger) app.Options {
	zone, _ := time.LoadLocation(s.Timezone) // Check has loaded it
	return app.Options{
		Store: storeConfig(&s.Database), PublicURL: s.PublicURL, Open: s.Auth == "off", LoopbackOnly: s.Loopback(),
		TrustedProxies: s.TrustedProxies, OutboundAllow: s.OutboundAllow, RatePerSecond: s.RatePerSecond, KeyFile: s.EncryptionKeyFile, EmbedOrigins: s.EmbedOrigins, ReviewTemplate: s.ReviewTemplate, Zone: zone, Log: log, Now: time.Now,
		Identity: identity.Settings{
			Issuer: s.OIDCIssuer, Audience: s.OIDCAudience, ClientID: s.OIDCClientID, ClientSecret: string(s.OIDCClientSecret), TeamClaim: s.OIDCTeamClaim,
		},
	}
}

func storeConfig(d *config.Database) store.Config {
	return store.Config{
		DatabaseURL: string(d.DatabaseURL), DataDir: d.DataDir, SQLiteSynchronous: d.SQLiteSynchronous,
		MaxConns: d.MaxConns, StatementTimeout: d.StatementTimeout, LockWait: 5 * time.Second,
	}
}

func level(name string) slog.Level {
	var l slog.Level
	_ = l.UnmarshalText([]byte(name)) // the flag allows the four names only
	return l
}

// listenAndServe serves until ctx ends, and then stops in order: not ready, no new connections, drain. started is told the
// address once connections are accepted.
func listenAndServe(ctx context.Context, s *config.Server, running *app.App, log *slog.Logger, started func(net.Addr)) error {
	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{
		Handler: running.API.Echo(), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn), MaxHeaderBytes: 64 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second, IdleTimeout: 120 * time.Second,
	}
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var working sync.WaitGroup
	working.Go(func() { running.Run(work) })
	defer func() {
		stopWork()
		working.Wait()
	}()
	failed := make(chan error, 1)
	go func() {
		if s.TLSCert != "" {
			failed <- server.ServeTLS(listener, s.TLSCert, s.TLSKey)
		} else {
			failed <- server.Serve(listener)
		}
	}()
	log.Info("serving", "address", listener.Addr().String(), "public_url", s.PublicURL, "database", running.Store.Dialect())
	started(listener.Addr())
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping")
	running.Drain()
	time.Sleep(s.DrainDelay)
	drained, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.DrainTimeout)
	defer cancel()
	if err := server.Shutdown(drained); err != nil {
		return errors.Join(fmt.Errorf("draining: %w", err), server.Close())
	}
	return nil
}
