// Package runbookdoc reads runbooks as teams keep them beside their code: pages of Markdown, one for each alert, in folders named
// after components, and the links of a Backstage catalog. It opens no file and asks nobody; keeping what was read is left to others.
package runbookdoc

import (
	"bytes"
	"errors"
	"io"
	"path"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Page is one runbook as it was read.
type Page struct {
	// Key names where it came from, so that reading it again finds the same runbook.
	Key   string
	Title string
	URL   string
	// Service is the name or the catalog entity of the service it is about; empty when that is not said.
	Service string
	Areas   []string
	Alerts  []string
	Tags    []string
	Body    string
}

var (
	// errNoRunbook is a file that is no runbook, such as the index of a folder.
	errNoRunbook = errors.New("the file is not a runbook")
	alertName    = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*[a-z0-9][A-Za-z0-9]*$`)
	firstHeading = regexp.MustCompile(`(?m)^#\s+(.+?)\s*#*\s*$`)
)

// NoRunbook says whether err is that of a file that is no runbook and can be left out.
func NoRunbook(err error) bool { return errors.Is(err, errNoRunbook) }

// Read reads a file by its name: catalog-info.yaml as a catalog, .md as a page. base is the address that pages are read at; in it
// {path} stands for the path without its ending, {file} for the whole path and {slug} for the path in small letters, and without any
// of them the path follows it.
func Read(name string, text []byte, base string) ([]Page, error) {
	switch file := strings.ToLower(path.Base(name)); {
	case file == "catalog-info.yaml", file == "catalog-info.yml":
		return readCatalog(text)
	case strings.HasPrefix(file, "_index."), file == "readme.md":
		return nil, errNoRunbook
	case strings.HasSuffix(file, ".md"), strings.HasSuffix(file, ".markdown"):
		page, err := readPage(name, text, base)
		return []Page{page}, err
	}
	return nil, errNoRunbook
}

// front is what the front matter of a page may say.
type front struct {
	Title   string   `yaml:"title"`
	URL     string   `yaml:"url"`
	Alert   string   `yaml:"alert"`
	Alerts  []string `yaml:"alerts"`
	Service string   `yaml:"service"`
	Areas   []string `yaml:"areas"`
	Tags    []string `yaml:"tags"`
}

func readPage(name string, text []byte, base string) (Page, error) {
	text = bytes.TrimPrefix(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\ufeff"))
	var meta front
	body := string(text)
	if rest, fenced := strings.CutPrefix(body, "---\n"); fenced {
		head, after, ends := strings.Cut(rest, "\n---")
		if !ends {
			return Page{}, errors.New("the front matter does not end")
		}
		if err := yaml.Unmarshal([]byte(head), &meta); err != nil {
			return Page{}, errors.New("the front matter cannot be read")
		}
		_, body, _ = strings.Cut(after, "\n")
	}
	clean := strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/")
	bare := strings.TrimSuffix(clean, path.Ext(clean))
	stem := path.Base(bare)
	page := Page{Key: "file:" + base + ":" + clean, Title: meta.Title, URL: meta.URL, Service: meta.Service, Areas: meta.Areas, Tags: meta.Tags, Alerts: meta.Alerts, Body: strings.TrimSpace(body)}
	if meta.Alert != "" {
		page.Alerts = append(page.Alerts, meta.Alert)
	}
	if len(page.Alerts) == 0 && alertName.MatchString(stem) {
		page.Alerts = []string{stem} // the name of the file is that of the alert
	}
	if found := firstHeading.FindStringSubmatch(page.Body); page.Title == "" && found != nil {
		page.Title = found[1]
	}
	if page.Title == "" {
		page.Title = stem
	}
	if folder := path.Base(path.Dir(bare)); len(page.Areas) == 0 && folder != "." && folder != "/" && folder != "runbooks" && folder != "content" {
		page.Areas = []string{folder}
	}
	if page.URL == "" {
		page.URL = address(base, clean, bare)
	}
	if page.URL == "" {
		return Page{}, errors.New("there is no address to read it at: give one for all files, or url in the front matter")
	}
	return page, nil
}

func address(base, file, bare string) string {
	if base == "" {
		return ""
	}
	filled := strings.NewReplacer("{path}", bare, "{file}", file, "{slug}", strings.ToLower(bare)).Replace(base)
	if filled != base {
		return filled
	}
	return strings.TrimSuffix(base, "/") + "/" + bare
}

// entity is what is read of an entity of a catalog.
type entity struct {
	Kind     string `yaml:"kind"`
	Metadata struct {
		Name      string   `yaml:"name"`
		Namespace string   `yaml:"namespace"`
		Title     string   `yaml:"title"`
		Tags      []string `yaml:"tags"`
		Links     []struct {
			URL   string `yaml:"url"`
			Title string `yaml:"title"`
			Type  string `yaml:"type"`
			Icon  string `yaml:"icon"`
		} `yaml:"links"`
	} `yaml:"metadata"`
}

// maxEntities is how many entities one file may hold.
const maxEntities = 1_000

func readCatalog(text []byte) ([]Page, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var pages []Page
	for range maxEntities {
		var e entity
		err := decoder.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errors.New("the catalog cannot be read")
		}
		for _, l := range e.Metadata.Links {
			if l.URL == "" || !aboutRunbook(l.Type, l.Title, l.Icon) {
				continue
			}
			namespace := e.Metadata.Namespace
			if namespace == "" {
				namespace = "default"
			}
			ref := strings.ToLower(e.Kind + ":" + namespace + "/" + e.Metadata.Name)
			title := l.Title
			if title == "" || strings.EqualFold(title, "runbook") {
				title = "Runbook of " + e.Metadata.Name
			}
			pages = append(pages, Page{Key: "catalog:" + ref + "#" + l.URL, Title: title, URL: l.URL, Service: ref, Tags: e.Metadata.Tags})
		}
	}
	if len(pages) == 0 {
		return nil, errNoRunbook
	}
	return pages, nil
}

// aboutRunbook says whether a link of a catalog leads to a runbook: by its type, which is a convention, or by what it is called.
func aboutRunbook(kind, title, icon string) bool {
	for _, word := range []string{kind, title, icon} {
		word = strings.ToLower(word)
		if strings.Contains(word, "runbook") || strings.Contains(word, "playbook") {
			return true
		}
	}
	return false
}
