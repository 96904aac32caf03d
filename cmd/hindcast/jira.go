package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/client"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

type jiraCmd struct {
	Check     jiraCheckCmd     `cmd:"" help:"Ask the site of a source who we are."`
	Backfill  jiraBackfillCmd  `cmd:"" help:"Read what changed at the site of a source."`
	Reconcile jiraReconcileCmd `cmd:"" help:"Compare all issues of the site of a source with what is known."`
}

// jiraSource is the source that a command is about.
type jiraSource struct {
	remote
	Source string `arg:"" help:"The source, such as SRC-1."`
}

func (cmd *jiraSource) open() (*client.Client, vocab.ID, error) {
	id, err := vocab.ParseID(cmd.Source)
	if err != nil || !id.Is(vocab.Source) {
		return nil, id, exit{2, fmt.Errorf("%q is not the id of a source, such as SRC-1", cmd.Source)}
	}
	c, err := cmd.client()
	if err != nil {
		return nil, id, exit{2, err}
	}
	return c, id, nil
}

type jiraCheckCmd struct{ jiraSource }

// Run prints what the site said, and exits 1 when it does not let us in.
func (cmd *jiraCheckCmd) Run(ctx context.Context, io console) error {
	c, id, err := cmd.open()
	if err != nil {
		return err
	}
	said, err := c.CheckSource(ctx, id)
	if err != nil {
		return err
	}
	if !said.OK {
		return exit{1, fmt.Errorf("the site of %s does not let us in: %s", id, oneLine(said.Message))}
	}
	_, err = fmt.Fprintf(io.out, "account     %s\ndeployment  %s\nversion     %s\ntime zone   %s\n", oneLine(said.Account), oneLine(said.Deployment), oneLine(said.Version), oneLine(said.TimeZone))
	return err
}

type jiraBackfillCmd struct {
	jiraSource
	Since time.Time     `help:"Read changes since this time, such as 2026-03-01T00:00:00Z; since the last backfill when it is not given."`
	Wait  time.Duration `help:"How long to wait until it is done; 0 only asks for it." default:"10m"`
}

// Run asks for a backfill, and waits until it is done.
func (cmd *jiraBackfillCmd) Run(ctx context.Context, io console) error {
	c, id, err := cmd.open()
	if err != nil {
		return err
	}
	job, err := c.Backfill(ctx, id, cmd.Since)
	if err != nil {
		return err
	}
	return follow(ctx, io, c, job, cmd.Wait)
}

type jiraReconcileCmd struct {
	jiraSource
	Wait time.Duration `help:"How long to wait until it is done; 0 only asks for it." default:"10m"`
}

// Run asks for a reconciliation, and waits until it is done.
func (cmd *jiraReconcileCmd) Run(ctx context.Context, io console) error {
	c, id, err := cmd.open()
	if err != nil {
		return err
	}
	job, err := c.Reconcile(ctx, id)
	if err != nil {
		return err
	}
	return follow(ctx, io, c, job, cmd.Wait)
}

// follow waits until work is done and prints how far it came. Work that failed exits 1, and so does work that is not done in time.
func follow(ctx context.Context, io console, c *client.Client, job client.Job, wait time.Duration) error {
	for until := time.Now().Add(wait); ; {
		switch job.State {
		case vocab.JobStateDone:
			return printJob(io, job)
		case vocab.JobStateFailed, vocab.JobStateSuspended:
			return exit{1, fmt.Errorf("%s %s: %s", job.ID, job.State, oneLine(job.Error))}
		}
		if !time.Now().Before(until) {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Second, time.Until(until))):
		}
		var err error
		if job, err = c.Job(ctx, job.ID); err != nil {
			return err
		}
	}
	if err := printJob(io, job); err != nil || wait == 0 {
		return err
	}
	cause := fmt.Sprintf("%s is not done after %s", job.ID, wait)
	if job.Error != "" {
		cause += ": " + oneLine(job.Error)
	}
	return exit{1, errors.New(cause)}
}

func printJob(io console, job client.Job) error {
	var at client.JobProgress
	if len(job.Progress) > 0 {
		if err := json.Unmarshal(job.Progress, &at); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(io.out, "%s %s: %d pages, %d issues, %d new or changed, %d missing at the site\n", job.ID, job.State, at.Pages, at.Issues, at.New, at.Missing)
	return err
}
