package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"time"

	"bytes"

	"github.com/hindcast-kb/hindcast/internal/timeline/draw"
)

//go:embed static/*
var static embed.FS

type asset struct {
	content []byte
	media   string
}

// readAssets gives every file a name that changes with its content, so that browsers may keep it for good.
func (p *Pages) readAssets() error {
	p.assets, p.hashed = map[string]asset{}, map[string]string{}
	files, err := fs.ReadDir(static, "static")
	if err != nil {
		return err
	}
	for _, file := range files {
		content, err := fs.ReadFile(static, path.Join("static", file.Name()))
		if err != nil {
			return err
		}
		if file.Name() == "app.css" {
			content = append(content, draw.Style...)
		}
		sum := sha256.Sum256(content)
		hashed := hex.EncodeToString(sum[:6]) + "-" + file.Name()
		p.hashed[file.Name()] = p.base + "/assets/" + hashed
		p.assets[hashed] = asset{content, mime.TypeByExtension(path.Ext(file.Name()))}
	}
	return nil
}

// Asset serves a file by its hashed name; it is false for a name that is none.
func (p *Pages) Asset(w http.ResponseWriter, r *http.Request, name string) bool {
	found, known := p.assets[name]
	if !known {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", found.media)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("ETag", `"`+name+`"`)
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(found.content))
	return true
}

// Icon is the address of the picture that stands for us in windows and links.
func (p *Pages) Icon() string { return p.hashed["icon.svg"] }
