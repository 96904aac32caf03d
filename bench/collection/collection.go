// Package collection reads test collections of search (documents, queries and judgements) and
// scores rankings against them. It leaves running an engine to its callers.
package collection

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// Document is one text to index.
type Document struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
}

// Query is one question with its graded answers.
type Query struct {
	ID    string
	Text  string
	Gains map[string]int // by document id; above zero is relevant
}

// Collection is what a folder with docs.jsonl, queries.tsv and qrels.tsv holds.
type Collection struct {
	Name    string
	Docs    []Document
	Queries []Query
}

// Load reads the collection in dir.
func Load(dir string) (Collection, error) {
	c := Collection{Name: filepath.Base(dir)}
	err := lines(filepath.Join(dir, "docs.jsonl"), func(line string) error {
		var d Document
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			return err
		}
		c.Docs = append(c.Docs, d)
		return nil
	})
	if err != nil {
		return c, err
	}
	at := map[string]int{}
	err = lines(filepath.Join(dir, "queries.tsv"), func(line string) error {
		id, text, ok := strings.Cut(line, "\t")
		if !ok {
			return fmt.Errorf("no tab in %q", line)
		}
		at[id] = len(c.Queries)
		c.Queries = append(c.Queries, Query{ID: id, Text: text, Gains: map[string]int{}})
		return nil
	})
	if err != nil {
		return c, err
	}
	return c, lines(filepath.Join(dir, "qrels.tsv"), func(line string) error {
		f := strings.Fields(line)
		if len(f) != 3 {
			return fmt.Errorf("want three columns, got %q", line)
		}
		gain, err := strconv.Atoi(f[2])
		if err != nil {
			return err
		}
		if n, ok := at[f[0]]; ok {
			c.Queries[n].Gains[f[1]] = gain
		}
		return nil
	})
}

func lines(path string, each func(string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		if s.Text() == "" {
			continue
		}
		if err := each(s.Text()); err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
	}
	return s.Err()
}

// The longest title and text the API takes, in code points.
const (
	maxTitle = 200
	maxText  = 100_000
)

// Fit gives title and text as the API takes them: without control characters, a longer title cut at the end of a word and in full
// at the start of the text, and a longer text cut.
func (d Document) Fit() (title, text string) {
	title, text = strings.TrimSpace(plain(d.Title)), plain(d.Text)
	if r := []rune(title); len(r) > maxTitle {
		cut := maxTitle
		for cut > 0 && r[cut] != ' ' {
			cut--
		}
		if cut == 0 {
			cut = maxTitle
		}
		title, text = strings.TrimSpace(string(r[:cut])), title+"\n"+text
	}
	if r := []rune(text); len(r) > maxText {
		text = string(r[:maxText])
	}
	return title, text
}

// plain has a space for every control character that is no white space.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, text)
}
