package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/client"
	"github.com/hindcast-kb/hindcast/internal/drift/collect"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

type snapshotCmd struct {
	Postgres   snapshotPostgresCmd   `cmd:"" help:"Read schema and settings of a PostgreSQL database."`
	Mysql      snapshotMysqlCmd      `cmd:"" help:"Read schema and settings of a MySQL or MariaDB database."`
	Sqlite     snapshotSqliteCmd     `cmd:"" help:"Read schema and settings of a SQLite file."`
	Packages   snapshotPackagesCmd   `cmd:"" help:"Read versions of packages from lock files and SBOMs."`
	Kubernetes snapshotKubernetesCmd `cmd:"" help:"Read images, resources and names of variables from manifest files."`
	Env        snapshotEnvCmd        `cmd:"" help:"Read the names of environment variables, and hashes of their values."`
	Custom     snapshotCustomCmd     `cmd:"" help:"Read any JSON object."`
}

// sending says where a snapshot goes, and keeps secrets from going there.
type sending struct {
	Server      string `help:"Address of the server." env:"HINDCAST_SERVER" placeholder:"URL"`
	TokenFile   string `help:"File with the token; without one, none is sent." env:"HINDCAST_TOKEN_FILE" placeholder:"FILE"`
	Environment string `help:"The environment that is read: its id, such as ENV-1, or its name." env:"HINDCAST_ENVIRONMENT" placeholder:"ENV-1"`
	HashKeyFile string `help:"File with a key for the hashes of secret values, the same for all environments, so that a short secret cannot be guessed." env:"HINDCAST_HASH_KEY_FILE" placeholder:"FILE"`
	DryRun      bool   `help:"Print what would be sent, and send nothing."`
}

// named tells two readings of one kind and environment apart.
type named struct {
	Name string `help:"What is read, where an environment has several: each name has snapshots of its own." placeholder:"NAME"`
}

// database says how a database is reached.
type database struct {
	DSN     string        `name:"dsn" help:"Address of the database." env:"HINDCAST_DSN" placeholder:"DSN"`
	DSNFile string        `name:"dsn-file" help:"File with the address of the database." env:"HINDCAST_DSN_FILE" placeholder:"FILE"`
	Timeout time.Duration `name:"statement-timeout" help:"How long one statement may take." default:"30s"`
}

func (d database) address() (string, error) {
	if d.DSN != "" && d.DSNFile != "" {
		return "", errors.New("--dsn and --dsn-file exclude each other")
	}
	if d.DSNFile == "" {
		if d.DSN == "" {
			return "", errors.New("--dsn or --dsn-file is required")
		}
		return d.DSN, nil
	}
	text, err := os.ReadFile(d.DSNFile)
	if err != nil {
		return "", fmt.Errorf("reading --dsn-file: %w", err)
	}
	if address := strings.TrimSpace(string(text)); address != "" {
		return address, nil
	}
	return "", fmt.Errorf("--dsn-file: %s is empty", d.DSNFile)
}

// readDatabase is one of the readers of package collect.
type readDatabase func(context.Context, string, collect.Options) ([]collect.Result, error)

func (s sending) ofDatabase(ctx context.Context, io console, d database, read readDatabase) error {
	address, err := d.address()
	if err != nil {
		return exit{2, err}
	}
	return s.send(ctx, io, "", func(o collect.Options) ([]collect.Result, error) {
		o.StatementTimeout = d.Timeout
		return read(ctx, address, o)
	})
}

type snapshotPostgresCmd struct {
	sending
	database
}

// Run sends the schema and the settings of the database.
func (cmd *snapshotPostgresCmd) Run(ctx context.Context, io console) error {
	return cmd.ofDatabase(ctx, io, cmd.database, collect.Postgres)
}

type snapshotMysqlCmd struct {
	sending
	database
}

// Run sends the schema and the settings of the database.
func (cmd *snapshotMysqlCmd) Run(ctx context.Context, io console) error {
	return cmd.ofDatabase(ctx, io, cmd.database, collect.MySQL)
}

type snapshotSqliteCmd struct {
	sending
	database
}

// Run sends the schema and the settings of the file.
func (cmd *snapshotSqliteCmd) Run(ctx context.Context, io console) error {
	return cmd.ofDatabase(ctx, io, cmd.database, collect.SQLite)
}

type snapshotPackagesCmd struct {
	sending
	named
	Paths []string `arg:"" name:"path" help:"go.mod, package-lock.json, requirements.txt, Gemfile.lock, composer.lock, CycloneDX SBOMs, or folders that hold them."`
}

// Run sends the versions of the packages.
func (cmd *snapshotPackagesCmd) Run(ctx context.Context, io console) error {
	return cmd.send(ctx, io, cmd.Name, func(collect.Options) ([]collect.Result, error) {
		return one(collect.Packages(cmd.Paths...))
	})
}

type snapshotKubernetesCmd struct {
	sending
	named
	Paths []string `arg:"" name:"path" help:"Manifest files, or folders that hold them."`
}

// Run sends what the manifests say.
func (cmd *snapshotKubernetesCmd) Run(ctx context.Context, io console) error {
	return cmd.send(ctx, io, cmd.Name, func(o collect.Options) ([]collect.Result, error) {
		return one(collect.Kubernetes(o, cmd.Paths...))
	})
}

type snapshotEnvCmd struct {
	sending
	named
}

// Run sends the names of the variables of this process, without those that are for this command.
func (cmd *snapshotEnvCmd) Run(ctx context.Context, io console) error {
	return cmd.send(ctx, io, cmd.Name, func(o collect.Options) ([]collect.Result, error) {
		var variables []string
		for _, variable := range os.Environ() {
			if !strings.HasPrefix(variable, "HINDCAST_") {
				variables = append(variables, variable)
			}
		}
		return []collect.Result{collect.Env(variables, o)}, nil
	})
}

type snapshotCustomCmd struct {
	sending
	named
	File string `arg:"" help:"The file with the JSON object; - for the standard input."`
}

// Run sends every leaf of the object.
func (cmd *snapshotCustomCmd) Run(ctx context.Context, console console) error {
	return cmd.send(ctx, console, cmd.Name, func(o collect.Options) ([]collect.Result, error) {
		var raw []byte
		var err error
		if cmd.File == "-" {
			raw, err = io.ReadAll(console.in)
		} else {
			raw, err = os.ReadFile(cmd.File)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the document: %w", err)
		}
		return one(collect.Custom(raw, o))
	})
}

func one(result collect.Result, err error) ([]collect.Result, error) {
	return []collect.Result{result}, err
}

// send reads and sends, and prints a line for each snapshot. It exits 2 when something could not be read or sent.
func (s sending) send(ctx context.Context, io console, name string, read func(collect.Options) ([]collect.Result, error)) error {
	var opts collect.Options
	if s.HashKeyFile != "" {
		key, err := os.ReadFile(s.HashKeyFile)
		if err != nil {
			return exit{2, fmt.Errorf("reading --hash-key-file: %w", err)}
		}
		if opts.HashKey = []byte(strings.TrimSpace(string(key))); len(opts.HashKey) == 0 {
			return exit{2, fmt.Errorf("--hash-key-file: %s is empty", s.HashKeyFile)}
		}
	}
	at := time.Now().UTC()
	results, err := read(opts)
	if err != nil {
		return exit{2, err}
	}
	captures := make([]client.Capture, len(results))
	for i, r := range results {
		captures[i] = client.Capture{CapturedAt: at, Kind: r.Kind, Tool: strings.TrimSpace(r.Tool + " " + name), Items: r.Items}
	}
	if s.DryRun {
		encoder := json.NewEncoder(io.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(captures)
	}
	return s.deliver(ctx, io, captures)
}

func (s sending) deliver(ctx context.Context, io console, captures []client.Capture) error {
	if s.Server == "" || s.Environment == "" {
		return exit{2, errors.New("--server and --environment are required, unless --dry-run is given")}
	}
	c, err := (&remote{Server: s.Server, TokenFile: s.TokenFile}).client()
	if err != nil {
		return exit{2, err}
	}
	environment, err := environmentOf(ctx, c, s.Environment)
	if err != nil {
		return exit{2, err}
	}
	for _, capture := range captures {
		if len(capture.Items) == 0 {
			continue // an empty database, or no settings: there is nothing to tell
		}
		kept, err := c.Capture(ctx, environment, capture)
		if err != nil {
			return exit{2, fmt.Errorf("sending the %s: %w", capture.Kind, err)}
		}
		news := "as before"
		if kept.New {
			news = "new"
		}
		fmt.Fprintf(io.out, "%s: %s of %s, %d items, %s\n", kept.ID, capture.Kind, environment, kept.ItemCount, news)
	}
	return nil
}

// environmentOf reads the id of an environment, or looks it up by its name.
func environmentOf(ctx context.Context, c *client.Client, text string) (vocab.ID, error) {
	if id, err := vocab.ParseID(text); err == nil && id.Is(vocab.Environment) {
		return id, nil
	}
	all, err := c.Environments(ctx)
	if err != nil {
		return vocab.ID{}, err
	}
	for _, e := range all {
		if strings.EqualFold(e.Name, text) {
			return e.ID, nil
		}
	}
	return vocab.ID{}, fmt.Errorf("there is no environment %q", text)
}
