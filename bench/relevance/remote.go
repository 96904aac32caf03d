package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/bench/collection"
)

const bulkSize = 1000

// api is a running server.
type api struct {
	base, token string
	http        *http.Client
	seq         int64             // of the newest write
	ids         map[string]string // collection id by record id
}

// overAPI loads the collection as findings of a running server. The server should hold nothing else.
func overAPI(base, tokenFile string, c collection.Collection) (searcher, error) {
	a := &api{base: strings.TrimRight(base, "/"), http: &http.Client{Timeout: 5 * time.Minute}, ids: map[string]string{}}
	if tokenFile != "" {
		b, err := os.ReadFile(tokenFile)
		if err != nil {
			return nil, err
		}
		a.token = strings.TrimSpace(string(b))
	}
	for from := 0; from < len(c.Docs); {
		n, err := a.load(c.Docs[from:])
		if err != nil {
			return nil, fmt.Errorf("loading documents from %d: %w", from, err)
		}
		from += n
	}
	return a.search, nil
}

type bulkItem struct {
	Title    string `json:"title"`
	Observed string `json:"observed"`
	Severity string `json:"severity"`
}

// maxBody keeps a call below the API's limit of one MiB.
const maxBody = 900 << 10

// load sends as many of the documents as fit into one call and says how many those were.
func (a *api) load(docs []collection.Document) (int, error) {
	var items []bulkItem
	size := 0
	for _, d := range docs[:min(len(docs), bulkSize)] {
		title, text := d.Fit()
		b, err := json.Marshal(bulkItem{title, text, "low"})
		if err != nil {
			return 0, err
		}
		if len(items) > 0 && size+len(b) > maxBody {
			break
		}
		items = append(items, bulkItem{title, text, "low"})
		size += len(b) + 1
	}
	body, err := json.Marshal(map[string]any{"items": items})
	if err != nil {
		return 0, err
	}
	var answer struct {
		Items []struct {
			Index   int             `json:"index"`
			Status  int             `json:"status"`
			ID      string          `json:"id"`
			Problem json.RawMessage `json:"problem"`
		} `json:"items"`
	}
	if err := a.call(http.MethodPost, "/api/v1/findings/bulk", body, http.StatusMultiStatus, &answer); err != nil {
		return 0, err
	}
	if len(answer.Items) != len(items) {
		return 0, fmt.Errorf("sent %d items, answered %d", len(items), len(answer.Items))
	}
	for _, it := range answer.Items {
		if it.Status != http.StatusCreated || it.Index < 0 || it.Index >= len(items) {
			return 0, fmt.Errorf("document %q refused: %d %s", docs[it.Index].ID, it.Status, it.Problem)
		}
		a.ids[it.ID] = docs[it.Index].ID
	}
	return len(items), nil
}

func (a *api) call(method, path string, body []byte, want int, into any) error {
	req, err := http.NewRequest(method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if a.token != "" {
		req.Header.Set("Authorization", "Bearer "+a.token)
	}
	resp, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != want {
		return fmt.Errorf("%s %s answered %d: %.300s", method, path, resp.StatusCode, b)
	}
	if seq, err := strconv.ParseInt(resp.Header.Get("Hindcast-Seq"), 10, 64); err == nil {
		a.seq = max(a.seq, seq)
	}
	return json.Unmarshal(b, into)
}

// maxQuery is the longest query the API takes, in code points.
const maxQuery = 512

// search asks as a person does.
func (a *api) search(q string) ([]string, error) {
	if r := []rune(q); len(r) > maxQuery {
		q = string(r[:maxQuery])
	}
	v := url.Values{"type": {"finding"}, "limit": {strconv.Itoa(depth)}, "q": {q}}
	if a.seq > 0 {
		v.Set("min_seq", strconv.FormatInt(a.seq, 10))
	}
	var answer struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	var err error
	for try := 0; try < 60; try++ {
		err = a.call(http.MethodGet, "/api/v1/search?"+v.Encode(), nil, http.StatusOK, &answer)
		if err == nil || !strings.Contains(err.Error(), "answered 503") {
			break
		}
		time.Sleep(time.Second)
	}
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(answer.Items))
	for _, it := range answer.Items {
		if id, ok := a.ids[it.ID]; ok {
			ids = append(ids, id)
		}
	}
	return ids, nil
}
