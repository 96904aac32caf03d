package client

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Job is a piece of work at the site of a source.
type Job struct {
	ID       vocab.ID        `json:"id"`
	Kind     vocab.JobKind   `json:"kind"`
	State    vocab.JobState  `json:"state"`
	Error    string          `json:"error"`
	Attempts int             `json:"attempts"`
	Progress json.RawMessage `json:"progress"`
	Next     time.Time       `json:"next_attempt_at"`
}

// JobProgress is how far a backfill or a reconciliation came.
type JobProgress struct {
	Pages   int `json:"pages"`
	Issues  int `json:"issues"`
	New     int `json:"new"`
	Missing int `json:"missing"`
}

// SourceCheck is what a site said when it was asked who we are.
type SourceCheck struct {
	OK         bool   `json:"ok"`
	Code       string `json:"code"`
	Message    string `json:"message"`
	Account    string `json:"account"`
	Deployment string `json:"deployment"`
	Version    string `json:"version"`
	TimeZone   string `json:"time_zone"`
}

// CheckSource asks the site of a source who we are.
func (c *Client) CheckSource(ctx context.Context, source vocab.ID) (SourceCheck, error) {
	var said SourceCheck
	_, err := c.ask(ctx, answerTime, request{method: "POST", path: "/sources/" + source.String() + "/check"}, &said)
	return said, err
}

// Backfill asks to read what changed at the site of a source since a time; since the last backfill when it is zero.
func (c *Client) Backfill(ctx context.Context, source vocab.ID, since time.Time) (Job, error) {
	in := map[string]any{}
	if !since.IsZero() {
		in["since"] = since.UTC()
	}
	return c.work(ctx, source, "backfill", in)
}

// Reconcile asks to compare the site of a source with what is known.
func (c *Client) Reconcile(ctx context.Context, source vocab.ID) (Job, error) {
	return c.work(ctx, source, "reconcile", nil)
}

func (c *Client) work(ctx context.Context, source vocab.ID, what string, in any) (Job, error) {
	var job Job
	r := request{method: "POST", path: "/sources/" + source.String() + "/" + what}
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return job, err
		}
		r.media, r.body = "application/json", bytes.NewReader(raw)
	}
	_, err := c.ask(ctx, answerTime, r, &job)
	return job, err
}

// Job reads a piece of work.
func (c *Client) Job(ctx context.Context, id vocab.ID) (Job, error) {
	var job Job
	_, err := c.ask(ctx, answerTime, request{method: "GET", path: "/jobs/" + url.PathEscape(id.String())}, &job)
	return job, err
}
