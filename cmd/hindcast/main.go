// Command hindcast serves the knowledge of why upgrades failed, and asks it from pipelines and terminals.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the table of subcommands.
type commands struct {
	Config kong.ConfigFlag `help:"YAML file with settings, named as the flags are." env:"HINDCAST_CONFIG" placeholder:"FILE"`

	Serve    serveCmd    `cmd:"" help:"Serve the API."`
	Demo     demoCmd     `cmd:"" help:"Serve the story of an upgrade from a temporary store, without tokens on loopback."`
	Migrate  migrateCmd  `cmd:"" help:"Look at or update the schema of the database."`
	Token    tokenCmd    `cmd:"" help:"Make, list and revoke service tokens."`
	Export   exportCmd   `cmd:"" help:"Write everything a server knows to a file."`
	Import   importCmd   `cmd:"" help:"Read an export, or reviews in Markdown, into a server."`
	Gate     gateCmd     `cmd:"" help:"Ask whether an attempt may go ahead."`
	Drift    driftCmd    `cmd:"" help:"Tell how environments differ from those they are meant to equal."`
	Snapshot snapshotCmd `cmd:"" help:"Read what an environment is like and send it to a server."`
	Jira     jiraCmd     `cmd:"" help:"Check the connection of a source to its Jira, and read what it did not deliver."`
	Search   searchCmd   `cmd:"" help:"Look at the search index of a server, or fill it anew."`
	Backup   backupCmd   `cmd:"" help:"Write everything in a database to a file, while a server may be running."`
	Restore  restoreCmd  `cmd:"" help:"Put a backup into an empty database."`
	Audit    auditCmd    `cmd:"" help:"Make sure that nobody changed the record of who changed what."`
	Doctor   doctorCmd   `cmd:"" help:"Check the settings, the database, the clock and the disk."`
	Version  versionCmd  `cmd:"" help:"Say which version this is."`
}

// exit is an error that ends the process with its own code.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string { return e.err.Error() }
func (e exit) Unwrap() error { return e.err }

// console is where results and messages go, and where input comes from.
type console struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	os.Exit(run(os.Args[1:], console{os.Stdin, os.Stdout, os.Stderr}))
}

// newParser reads the command line into the table of subcommands.
func newParser(io console) (*kong.Kong, error) {
	return kong.New(new(commands), kong.Name("hindcast"), kong.UsageOnError(), kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Description("Remembers why your upgrades failed, and tells you before the next attempt."),
		kong.Configuration(settingsFile), kong.Writers(io.out, io.err))
}

// run is the whole program but its exit.
func run(args []string, io console) int {
	parser, err := newParser(io)
	if err != nil {
		fmt.Fprintln(io.err, "hindcast:", err)
		return 2
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(io.err, "hindcast:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(io)
	var coded exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		if coded.err != nil {
			fmt.Fprintln(io.err, "hindcast:", coded.err)
		}
		return coded.code
	}
	fmt.Fprintln(io.err, "hindcast:", err)
	return 1
}
