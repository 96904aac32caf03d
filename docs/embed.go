// Package docs holds the API reference: the OpenAPI document as generated, and a page that shows it without
// asking any other host for anything.
//
// It knows where it stands by relative URLs alone, so it works behind any prefix. Authentication, the
// routes and the caching of the document are the server's business.
package docs

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed openapi.json
var openAPIJSON []byte

//go:embed openapi.yaml
var openAPIYAML []byte

//go:embed ui
var ui embed.FS

// OpenAPIJSON is the OpenAPI 3.1 document as JSON. Callers must not change it.
func OpenAPIJSON() []byte { return openAPIJSON }

// OpenAPIYAML is the same document as YAML. Callers must not change it.
func OpenAPIYAML() []byte { return openAPIYAML }

// Policy is the Content-Security-Policy of the page: scripts, styles and requests of this host only.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

type asset struct {
	contentType string
	etag        string
	plain       []byte
	gzipped     []byte // nil where compressing is not worth it
}

// UI serves the page at any path that ends in /docs and its files below it. The page loads openapi.json
// from beside /docs.
func UI() (http.Handler, error) {
	assets := map[string]asset{}
	for name, contentType := range map[string]string{
		"index.html":              "text/html; charset=utf-8",
		"page.css":                "text/css; charset=utf-8",
		"page.js":                 "text/javascript; charset=utf-8",
		"swagger-ui.css.gz":       "text/css; charset=utf-8",
		"swagger-ui-bundle.js.gz": "text/javascript; charset=utf-8",
	} {
		a, err := load(name, contentType)
		if err != nil {
			return nil, fmt.Errorf("loading the API reference: %w", err)
		}
		assets[strings.TrimSuffix(name, ".gz")] = a
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, assets)
	}), nil
}

func load(name, contentType string) (asset, error) {
	data, err := ui.ReadFile("ui/" + name)
	if err != nil {
		return asset{}, err
	}
	a := asset{contentType: contentType, plain: data}
	if strings.HasSuffix(name, ".gz") {
		zr, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return asset{}, err
		}
		a.gzipped = data
		if a.plain, err = io.ReadAll(zr); err != nil {
			return asset{}, err
		}
	}
	sum := sha256.Sum256(a.plain)
	a.etag = hex.EncodeToString(sum[:8])
	return a, nil
}

func serve(w http.ResponseWriter, r *http.Request, assets map[string]asset) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	dir, name := path.Split(r.URL.Path)
	switch {
	case name == "docs":
		name = "index.html"
	case name == "" && strings.HasSuffix(dir, "/docs/"):
		// The page's relative URLs count from /docs, so the slash has to go.
		w.Header().Set("Location", "../docs")
		w.WriteHeader(http.StatusPermanentRedirect)
		return
	case name == "index.html":
		name = ""
	}
	a, ok := assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	a.write(w, r)
}

func (a asset) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Content-Security-Policy", Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
	body, etag := a.plain, a.etag
	if a.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if acceptsGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body, etag = a.gzipped, a.etag+"-gzip"
		}
	}
	h.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func acceptsGzip(r *http.Request) bool {
	for _, coding := range strings.Split(r.Header.Get("Accept-Encoding"), ",") {
		name, quality, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if name == "gzip" && strings.ReplaceAll(quality, " ", "") != "q=0" {
			return true
		}
	}
	return false
}
