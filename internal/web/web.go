// Package web holds the pages for people: their templates, their styles and the little script that makes them comfortable. It
// turns what package handlers has read into HTML and reads nothing itself. The pages work without the script, ask no other host for
// anything, and say in words what they say in colours.
package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

//go:embed templates/*.html
var templates embed.FS

// Policy is the content security policy of every page: only what this server itself gives out, and no style or script in a page.
const Policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

// layoutFile is what all pages have in common, with the parts that several of them use.
const layoutFile, partsFile = "templates/layout.html", "templates/parts.html"

// Page is one page.
type Page struct {
	// Title names the page, in the window and for search.
	Title string
	// Section is the entry of the menu that the page belongs to.
	Section string
	// Question is what stands in the search box.
	Question string
	// Reader is who is signed in; "" for nobody.
	Reader string
	// CanLeave says that there is a session to end.
	CanLeave bool
	// ID is the record shown, or "".
	ID string
	// Address is where the page is, for people to copy.
	Address string
	// CanShare says that the reader may show the record on other pages.
	CanShare bool
	// Data is what the template of the page shows.
	Data any
}

// Pages makes pages. It is safe for use by many goroutines.
type Pages struct {
	base   string
	zone   *time.Location
	pages  map[string]*template.Template
	assets map[string]asset
	hashed map[string]string
}

// New reads the templates. base is the path before every address on the pages, "" at the root; times are shown in zone, in UTC when
// it is nil. markdown renders texts of records to HTML that may be shown.
func New(base string, zone *time.Location, markdown func(string) string) (*Pages, error) {
	if zone == nil {
		zone = time.UTC
	}
	p := &Pages{base: strings.TrimSuffix(base, "/"), zone: zone, pages: map[string]*template.Template{}}
	if err := p.readAssets(); err != nil {
		return nil, err
	}
	common, err := template.New("layout.html").Funcs(p.funcs(markdown)).ParseFS(templates, layoutFile, partsFile)
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		if file == layoutFile || file == partsFile {
			continue
		}
		page, err := template.Must(common.Clone()).ParseFS(templates, file)
		if err != nil {
			return nil, err
		}
		p.pages[strings.TrimSuffix(path.Base(file), ".html")] = page
	}
	return p, nil
}

// Render writes a page whole, or nothing of it.
func (p *Pages) Render(w io.Writer, name string, page Page) error {
	made, known := p.pages[name]
	if !known {
		return fmt.Errorf("there is no page %q", name)
	}
	var buf bytes.Buffer
	if err := made.ExecuteTemplate(&buf, "layout.html", page); err != nil {
		return err
	}
	_, err := buf.WriteTo(w)
	return err
}
