package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/hindcast-kb/hindcast/internal/app"
	"github.com/hindcast-kb/hindcast/internal/config"
	"github.com/hindcast-kb/hindcast/internal/story"
)

type demoCmd struct {
	Listen string `help:"Address to listen on, on loopback." default:"127.0.0.1:8080" env:"HINDCAST_LISTEN" placeholder:"HOST:PORT"`
}

// Run serves the story from a store that is gone when it ends.
func (cmd *demoCmd) Run(ctx context.Context, io console) error {
	dir, err := os.MkdirTemp("", "hindcast-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	settings := &config.Server{
		Database: config.Database{DataDir: dir, SQLiteSynchronous: "normal"}, // nobody needs the demo after a power cut
		Listen:   cmd.Listen, Auth: "off", Timezone: "UTC", LogLevel: "warn", DrainTimeout: time.Second,
	}
	if err := settings.Check(); err != nil {
		return exit{2, err}
	}
	log := slog.New(slog.NewTextHandler(io.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
	options := appOptions(settings, log)
	running, err := app.New(ctx, options)
	if err != nil {
		return err
	}
	defer running.Close()
	if err := story.Tell(ctx, running.Store, options.Zone, options.Now()); err != nil {
		return fmt.Errorf("telling the story: %w", err)
	}
	return listenAndServe(ctx, settings, running, log, func(at net.Addr) { invite(io, "http://"+at.String()) })
}

// invite says what to open and what to try.
func invite(io console, url string) {
	fmt.Fprintf(io.out, `Hindcast tells the story of an upgrade that was reverted twice.

Open   %[1]s/attempts/ATT-2   what happened on the second attempt
       %[1]s/attempts/ATT-3   what to know before the third
       %[1]s/docs             the API

Try    curl %[1]s/api/v1/upgrades
       curl '%[1]s/api/v1/assumptions?status=unverified'
       curl '%[1]s/api/v1/findings?attribution=pre_existing'

The store is temporary. Stop with Ctrl-C.
`, url)
}
