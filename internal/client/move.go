package client

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"

	"github.com/hindcast-kb/hindcast/internal/vocab"
)

const ndjson = "application/x-ndjson"

// ErrCutOff says that an export came without its end.
var ErrCutOff = errors.New("the export was cut off")

// Export writes everything the server knows to w. It is ErrCutOff when the end is missing or does not fit what came before;
// what was written by then is of no use.
func (c *Client) Export(ctx context.Context, w io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, moveTime)
	defer cancel()
	answer, err := c.send(ctx, request{method: "GET", path: "/exports/bundle"})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if !is(answer, ndjson) {
		return fmt.Errorf("the server answered with %q, not with a bundle", answer.Header.Get("Content-Type"))
	}
	return copyBundle(w, answer.Body)
}

// copyBundle copies lines and compares them with the trailer, which is the last.
func copyBundle(w io.Writer, r io.Reader) error {
	lines, sum := bufio.NewReaderSize(r, 1<<16), sha256.New()
	var last []byte
	for n := 0; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%w: %w", ErrCutOff, err)
		}
		if len(line) == 0 {
			break
		}
		if n > 1 { // the line before is neither the header nor the trailer
			_, _ = sum.Write(last) // a hash never fails to write
		}
		last = line
		if _, err := w.Write(line); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
	}
	var end struct {
		Trailer *struct {
			SHA256 string `json:"sha256"`
		} `json:"trailer"`
	}
	if err := json.Unmarshal(last, &end); err != nil || end.Trailer == nil || end.Trailer.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
		return ErrCutOff
	}
	return nil
}

// BundleReport says what an import of a bundle did.
type BundleReport struct {
	Status string         `json:"status"`
	Rows   int            `json:"rows"`
	Counts map[string]int `json:"counts"`
	SHA256 string         `json:"sha256"`
}

// ImportBundle sends a bundle; with dryRun the server says what it would do.
func (c *Client) ImportBundle(ctx context.Context, r io.Reader, dryRun bool) (BundleReport, error) {
	var report BundleReport
	_, err := c.ask(ctx, moveTime, request{method: "POST", path: "/imports/bundle", query: dry(dryRun), media: ndjson, body: r}, &report)
	return report, err
}

func dry(dryRun bool) url.Values {
	if !dryRun {
		return nil
	}
	return url.Values{"dry_run": {"true"}}
}

// MarkdownFile is a review as it is written.
type MarkdownFile struct {
	Name     string `json:"name"`
	Markdown string `json:"markdown"`
}

// ImportedFile says what became of a review.
type ImportedFile struct {
	Name         string     `json:"name"`
	Status       string     `json:"status"`
	ReviewID     vocab.ID   `json:"review_id"`
	IncidentID   vocab.ID   `json:"incident_id"`
	EventIDs     []vocab.ID `json:"event_ids"`
	ActionIDs    []vocab.ID `json:"action_ids"`
	ReferenceIDs []vocab.ID `json:"reference_ids"`
	Counts       struct {
		Events     int `json:"events"`
		Factors    int `json:"factors"`
		Actions    int `json:"actions"`
		References int `json:"references"`
	} `json:"counts"`
	Mapping []struct {
		Line  int    `json:"line"`
		Text  string `json:"text"`
		Field string `json:"field"`
	} `json:"mapping"`
	Notes []struct {
		Line    int    `json:"line"`
		Message string `json:"message"`
	} `json:"notes"`
	Errors []Field `json:"errors"`
}

// ImportMarkdown sends reviews; times without a zone are read in timezone, UTC when it is empty.
func (c *Client) ImportMarkdown(ctx context.Context, files []MarkdownFile, timezone string, dryRun bool) ([]ImportedFile, error) {
	var answer struct {
		Items []ImportedFile `json:"items"`
	}
	var raw bytes.Buffer
	if err := json.NewEncoder(&raw).Encode(map[string]any{"files": files, "timezone": timezone}); err != nil {
		return nil, err
	}
	_, err := c.ask(ctx, moveTime, request{method: "POST", path: "/imports/markdown", query: dry(dryRun), media: "application/json", body: &raw}, &answer)
	return answer.Items, err
}
