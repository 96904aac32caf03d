package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"sync"
	"time"
)

// A request that takes longer than this has no answer.
const requestTimeout = 10 * time.Second

// entry is a write that the server has acknowledged.
type entry struct{ id, marker string }

// book keeps what was acknowledged, in memory and in a file beside the server's folder.
type book struct {
	mu      sync.Mutex
	file    *os.File
	entries []entry
}

func openBook(path string) (*book, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &book{file: file}, err
}

func (b *book) add(e entry) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, e)
	_, err := fmt.Fprintln(b.file, e.id, e.marker)
	return err
}

func (b *book) all() []entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.entries)
}

func (b *book) close() { _ = b.file.Close() }

// write sends findings from each writer until the server is gone. What it gives waits for the writers and says what went wrong
// while the server was there.
func (s *server) write(ctx context.Context, b *book, round, writers int) func() error {
	var group sync.WaitGroup
	errs := make([]error, writers)
	for w := range writers {
		group.Go(func() {
			for n := 0; errs[w] == nil; n++ {
				e := entry{marker: fmt.Sprintf("marker %d-%d-%d", round, w, n)}
				var gone bool
				if e.id, gone, errs[w] = s.post(ctx, e.marker); gone {
					return
				}
				if errs[w] == nil {
					errs[w] = b.add(e)
				}
			}
		})
	}
	return func() error {
		group.Wait()
		return errors.Join(errs...)
	}
}

// post gives the id of the finding once it is acknowledged; gone says that no answer came.
func (s *server) post(ctx context.Context, marker string) (id string, gone bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	body, err := json.Marshal(map[string]string{"title": marker, "severity": "low"})
	if err != nil {
		return "", false, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/v1/findings", bytes.NewReader(body))
	if err != nil {
		return "", false, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", true, nil
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return "", false, fmt.Errorf("a finding was answered with status %d", response.StatusCode)
	}
	var made struct{ ID string }
	if err := json.NewDecoder(response.Body).Decode(&made); err != nil {
		return "", true, nil // cut off in the middle of the answer
	}
	return made.ID, false, nil
}

// verify reads every entry back, each writer its share, and says which are lost or altered.
func (s *server) verify(ctx context.Context, entries []entry, readers int) error {
	var group sync.WaitGroup
	errs := make([]error, readers)
	for r := range readers {
		group.Go(func() {
			for i := r; i < len(entries); i += readers {
				errs[r] = errors.Join(errs[r], s.find(ctx, entries[i]))
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

func (s *server) find(ctx context.Context, e entry) error {
	var found struct{ Title string }
	status, err := get(ctx, s.url+"/api/v1/findings/"+e.id, &found)
	switch {
	case err != nil:
		return fmt.Errorf("reading %s back: %w", e.id, err)
	case status != http.StatusOK:
		return fmt.Errorf("%s (%s) was acknowledged and is lost: status %d", e.id, e.marker, status)
	case found.Title != e.marker:
		return fmt.Errorf("%s was acknowledged as %q and is %q", e.id, e.marker, found.Title)
	}
	return nil
}

// searchKnows compares what a search counts with the findings there are. Every title has the word.
func (s *server) searchKnows(ctx context.Context, findings int) error {
	var found struct {
		Facets map[string][]struct {
			Value string
			Count int
		}
	}
	status, err := get(ctx, s.url+"/api/v1/search?q=marker&facets=type&limit=1", &found)
	if err != nil {
		return fmt.Errorf("searching: %w", err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("searching is answered with status %d", status)
	}
	counted := 0
	for _, kind := range found.Facets["type"] {
		counted += kind.Count
	}
	if counted != findings {
		return fmt.Errorf("the search counts %d findings of %d", counted, findings)
	}
	return nil
}

// auditHolds walks the chain of audit entries, as an operator would.
func (s *server) auditHolds(ctx context.Context) error {
	if out, err := exec.CommandContext(ctx, s.binary, "audit", "verify", "--data-dir", s.data).CombinedOutput(); err != nil {
		return fmt.Errorf("verifying the audit: %w: %s", err, out)
	}
	return nil
}

// get gives the status, and reads the answer into a value unless that is nil.
func get(ctx context.Context, url string, into any) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if into == nil || response.StatusCode != http.StatusOK {
		return response.StatusCode, nil
	}
	return response.StatusCode, json.NewDecoder(response.Body).Decode(into)
}
