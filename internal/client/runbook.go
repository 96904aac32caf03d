package client

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// RunbookFile is a file of runbooks as it is written.
type RunbookFile struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// ImportedRunbook says what became of a runbook.
type ImportedRunbook struct {
	Name   string   `json:"name"`
	Status string   `json:"status"`
	ID     vocab.ID `json:"id"`
	Title  string   `json:"title"`
	Errors []Field  `json:"errors"`
}

// ImportRunbooks makes runbooks from files; baseURL is where pages are read.
func (c *Client) ImportRunbooks(ctx context.Context, files []RunbookFile, baseURL string, dryRun bool) ([]ImportedRunbook, error) {
	var answer struct {
		Items []ImportedRunbook `json:"items"`
	}
	body := map[string]any{"files": files}
	if baseURL != "" {
		body["base_url"] = baseURL
	}
	var raw bytes.Buffer
	if err := json.NewEncoder(&raw).Encode(body); err != nil {
		return nil, err
	}
	_, err := c.ask(ctx, moveTime, request{method: "POST", path: "/imports/runbooks", query: dry(dryRun), media: "application/json", body: &raw}, &answer)
	return answer.Items, err
}
