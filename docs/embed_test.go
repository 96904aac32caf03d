package docs

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"gopkg.in/yaml.v3"

	"github.com/hindcast-kb/hindcast/internal/chrome"
)

func TestJSONAndYAMLAreOneDocument(t *testing.T) {
	t.Parallel()
	var fromJSON, fromYAML any
	if err := json.Unmarshal(OpenAPIJSON(), &fromJSON); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(OpenAPIYAML(), &fromYAML); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(fromJSON)
	b, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("openapi.json and openapi.yaml differ: generate them anew")
	}
}

func handler(t *testing.T) http.Handler {
	t.Helper()
	h, err := UI()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestUIServesItsFilesOnly(t *testing.T) {
	t.Parallel()
	h := handler(t)
	for request, want := range map[string]int{
		"GET /docs":                              200,
		"HEAD /docs":                             200,
		"GET /kept/behind/a/prefix/docs":         200,
		"GET /docs/swagger-ui.css":               200,
		"GET /docs/swagger-ui-bundle.js":         200,
		"GET /docs/page.js":                      200,
		"GET /docs/page.css":                     200,
		"GET /docs/":                             308,
		"GET /docs/index.html":                   404,
		"GET /docs/swagger-ui-bundle.js.gz":      404,
		"GET /docs/../embed.go":                  404,
		"GET /":                                  404,
		"POST /docs":                             405,
		"GET /docs/swagger-ui-LICENSE.txt/other": 404,
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, &http.Request{Method: method, URL: &url.URL{Path: path}, Header: http.Header{}})
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", request, w.Code, want)
		}
		if want == 200 && w.Header().Get("Content-Security-Policy") != Policy {
			t.Errorf("%s has no policy", request)
		}
	}
}

func TestUIAnswersByEncodingAndVersion(t *testing.T) {
	t.Parallel()
	h := handler(t)
	get := func(encoding, match string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/docs/swagger-ui.css", nil)
		r.Header.Set("Accept-Encoding", encoding)
		r.Header.Set("If-None-Match", match)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	plain, packed := get("gzip;q=0, br", ""), get("br, gzip", "")
	if plain.Header().Get("Content-Encoding") != "" || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("got encodings %q and %q", plain.Header().Get("Content-Encoding"), packed.Header().Get("Content-Encoding"))
	}
	zr, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(unpacked, plain.Body.Bytes()) {
		t.Error("the two encodings hold different bytes")
	}
	if plain.Header().Get("ETag") == packed.Header().Get("ETag") {
		t.Error("two representations share one strong ETag")
	}
	if again := get("gzip", packed.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("an unchanged file: got %d with %d bytes, want 304 with none", again.Code, again.Body.Len())
	}
}

// The page works behind a prefix, renders every operation, breaks no policy and asks no other host.
func TestPageInABrowser(t *testing.T) {
	sample, err := os.ReadFile("../internal/gen/openapi/testdata/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, document := range map[string][]byte{"published": OpenAPIJSON(), "sample": sample} {
		t.Run(name, func(t *testing.T) {
			ui := handler(t)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/prefix/openapi.json" {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write(document)
					return
				}
				ui.ServeHTTP(w, r)
			}))
			defer server.Close()
			visit(t, server.URL, "/prefix/docs", operationCount(t, document))
		})
	}
}

func operationCount(t *testing.T, document []byte) int {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, item := range doc.Paths {
		n += len(item)
	}
	return n
}

func visit(t *testing.T, origin, path string, operations int) {
	t.Helper()
	w := &watch{}
	ctx := browser(t, w.see)
	selector := chromedp.CSS(`.swagger-ui .info .title`)
	if err := chromedp.Do(ctx, chromedp.Navigate(origin+path), chromedp.WaitVisible(selector)); err != nil {
		t.Fatalf("showing %s: %v, requests %v, console %v", path, err, w.requests, w.complaints)
	}
	rendered, err := chromedp.Run(ctx, chromedp.Evaluate[int](known))
	if err != nil {
		t.Fatal(err)
	}
	if operations > 0 {
		err := chromedp.Do(ctx, chromedp.Click(chromedp.CSS(`.opblock .opblock-summary-control`)), chromedp.WaitVisible(chromedp.CSS(`.opblock.is-open .responses-wrapper`)))
		if err != nil {
			t.Fatalf("opening an operation: %v", err)
		}
	}
	shown, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll('.errors-wrapper').length`))
	if err != nil {
		t.Fatal(err)
	}
	if file := os.Getenv("DOCS_SCREENSHOT"); file != "" {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, request := range w.requests {
		if !strings.HasPrefix(request, origin+"/") && !strings.HasPrefix(request, "data:") && !strings.HasPrefix(request, "blob:"+origin+"/") {
			t.Errorf("the page asks another host: %s", request)
		}
	}
	if len(w.requests) < 5 {
		t.Errorf("only %v was asked for: the watch does not see the page", w.requests)
	}
	if rendered != operations {
		t.Errorf("got %d operations on the page, want %d", rendered, operations)
	}
	if shown > 0 || len(w.complaints) > 0 {
		t.Errorf("the page complains: %d errors shown, console: %q", shown, w.complaints)
	}
}

// known counts the operations that the page has read: it draws one only when it comes into view.
const known = `window.ui.getSystem().specSelectors.operations().size`

// watch keeps what the page asks for and what it complains of, a broken policy among it.
type watch struct {
	mu                   sync.Mutex
	requests, complaints []string
}

func (w *watch) see(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		w.requests = append(w.requests, event.Request.URL)
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			w.complaints = append(w.complaints, event.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		w.complaints = append(w.complaints, event.ExceptionDetails.Text)
	}
}

// browser starts a headless Chromium that asks nothing of its own.
func browser(t *testing.T, see func(any)) context.Context {
	t.Helper()
	ctx, stop, err := chrome.New(context.Background(), 1200, 900, see)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	ctx, stopClock := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stopClock)
	return ctx
}
