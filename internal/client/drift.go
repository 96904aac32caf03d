package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Capture is what an environment is like, as it is sent.
type Capture struct {
	CapturedAt time.Time          `json:"captured_at"`
	Kind       vocab.SnapshotKind `json:"kind"`
	Tool       string             `json:"tool,omitempty"`
	Items      map[string]any     `json:"items"`
}

// Captured is a snapshot as the server keeps it.
type Captured struct {
	ID          vocab.ID           `json:"id"`
	Kind        vocab.SnapshotKind `json:"kind"`
	ItemCount   int                `json:"item_count"`
	ContentHash string             `json:"content_hash"`
	// New is false when the newest snapshot said the same already.
	New bool `json:"-"`
}

// Capture sends a snapshot of an environment.
func (c *Client) Capture(ctx context.Context, environment vocab.ID, capture Capture) (Captured, error) {
	body, err := json.Marshal(capture)
	if err != nil {
		return Captured{}, fmt.Errorf("writing the snapshot: %w", err)
	}
	var kept Captured
	status, err := c.put(ctx, moveTime, request{
		method: "POST", path: environmentPath(environment) + "/snapshots", media: "application/json", body: bytes.NewReader(body),
	}, &kept)
	kept.New = status == http.StatusCreated
	return kept, err
}

// Environment is a place where services run.
type Environment struct {
	ID             vocab.ID `json:"id"`
	Name           string   `json:"name"`
	ParityTargetID vocab.ID `json:"parity_target_id"`
}

// Environments are all that the server knows, the newest first.
func (c *Client) Environments(ctx context.Context) ([]Environment, error) {
	var all []Environment
	query := url.Values{"limit": {"200"}}
	for {
		var page struct {
			Items      []Environment `json:"items"`
			NextCursor *string       `json:"next_cursor"`
		}
		if _, err := c.ask(ctx, answerTime, request{method: "GET", path: "/environments", query: query}, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextCursor == nil {
			return all, nil
		}
		query.Set("cursor", *page.NextCursor)
	}
}

// DriftQuestion asks what differs between two environments.
type DriftQuestion struct {
	Base vocab.ID
	// Target is left to the server when it is zero.
	Target  vocab.ID
	Kind    vocab.SnapshotKind
	Attempt vocab.ID
}

// Drift is what differs.
type Drift struct {
	Items  []DriftItem `json:"items"`
	Hidden DriftHidden `json:"hidden"`
	// Raw is the answer as it came.
	Raw []byte `json:"-"`
}

// DriftItem is one difference.
type DriftItem struct {
	Path     string          `json:"path"`
	Change   string          `json:"change"`
	Base     json.RawMessage `json:"base"`
	Target   json.RawMessage `json:"target"`
	Rank     int             `json:"rank"`
	Why      string          `json:"why"`
	Blocking bool            `json:"blocking"`
}

// DriftHidden counts what ignore rules hide.
type DriftHidden struct {
	Count int `json:"count"`
}

// Drift compares two environments.
func (c *Client) Drift(ctx context.Context, q DriftQuestion) (Drift, error) {
	query := url.Values{"kind": {string(q.Kind)}}
	if !q.Target.IsZero() {
		query.Set("target", q.Target.String())
	}
	if !q.Attempt.IsZero() {
		query.Set("attempt_id", q.Attempt.String())
	}
	answer := struct {
		Drift
		Items *[]DriftItem `json:"items"`
	}{}
	raw, err := c.ask(ctx, moveTime, request{method: "GET", path: environmentPath(q.Base) + "/drift", query: query}, &answer)
	if err != nil {
		return Drift{}, err
	}
	if answer.Items == nil { // whatever this is, it is not a comparison that found nothing
		return Drift{}, fmt.Errorf("the server answered with no list of differences")
	}
	return Drift{Items: *answer.Items, Hidden: answer.Hidden, Raw: raw}, nil
}

func environmentPath(id vocab.ID) string { return "/environments/" + url.PathEscape(id.String()) }
