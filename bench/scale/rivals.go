package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/hindcast-kb/hindcast/bench/text"
)

// rival is another engine with the same documents. Both keep positions and are durable, which the
// product's index leaves to the database.
type rival struct {
	name   string
	search func(query string) error
	close  func()
}

func (r rival) compare(classes []class, own map[string]spread) error {
	for _, c := range classes {
		m, err := timed(len(c.queries), func(i int) error { return r.search(c.queries[i]) })
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		o := own[c.name]
		fmt.Printf("%-6s %-7s top 10 %s   %.1f / %.1f times the own first stage\n",
			r.name, c.name, m, ms(m.p50)/max(ms(o.p50), 0.001), ms(m.p95)/max(ms(o.p95), 0.001))
	}
	return nil
}

func buildBleve(g *text.Generator, n int) (rival, error) {
	dir, err := os.MkdirTemp("", "bleve")
	if err != nil {
		return rival{}, err
	}
	mapping := bleve.NewIndexMapping()
	doc := bleve.NewDocumentStaticMapping()
	field := bleve.NewTextFieldMapping()
	field.Analyzer = en.AnalyzerName
	field.Store, field.IncludeInAll, field.DocValues, field.IncludeTermVectors = false, false, false, false
	doc.AddFieldMappingsAt("all", field)
	mapping.DefaultMapping = doc
	index, err := bleve.New(filepath.Join(dir, "index"), mapping)
	if err != nil {
		return rival{}, err
	}
	var spent time.Duration
	for from := 0; from < n; from += batch {
		b := index.NewBatch()
		docs := make([]text.Document, 0, batch)
		for i := from; i < min(n, from+batch); i++ {
			docs = append(docs, g.Doc(i))
		}
		start := cpu()
		for _, d := range docs {
			if err := b.Index(d.ID, map[string]string{"all": d.Title + " " + d.Body}); err != nil {
				return rival{}, err
			}
		}
		if err := index.Batch(b); err != nil {
			return rival{}, err
		}
		spent += cpu() - start
	}
	fmt.Printf("bleve  build %.0f docs/s/core\n", float64(n)/spent.Seconds())
	return rival{
		name: "bleve",
		search: func(q string) error {
			m := bleve.NewMatchQuery(q)
			m.SetField("all")
			_, err := index.Search(bleve.NewSearchRequestOptions(m, 10, 0, false))
			return err
		},
		close: func() {
			index.Close()
			os.RemoveAll(dir)
		},
	}, nil
}

func buildFTS5(g *text.Generator, n int) (rival, error) {
	dir, err := os.MkdirTemp("", "fts5")
	if err != nil {
		return rival{}, err
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "fts.db")+"?_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		return rival{}, err
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE VIRTUAL TABLE docs USING fts5(title, body, content='', tokenize='porter unicode61')`); err != nil {
		return rival{}, err
	}
	var spent time.Duration
	for from := 0; from < n; from += 10 * batch {
		docs := make([]text.Document, 0, 10*batch)
		for i := from; i < min(n, from+10*batch); i++ {
			docs = append(docs, g.Doc(i))
		}
		start := cpu()
		if err := insert(db, from, docs); err != nil {
			return rival{}, err
		}
		spent += cpu() - start
	}
	fmt.Printf("fts5   build %.0f docs/s/core\n", float64(n)/spent.Seconds())
	return rival{
		name: "fts5",
		search: func(q string) error {
			rows, err := db.Query(`SELECT rowid FROM docs WHERE docs MATCH ? ORDER BY bm25(docs, 3, 1) LIMIT 10`, anyOf(q))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		},
		close: func() {
			db.Close()
			os.RemoveAll(dir)
		},
	}, nil
}

func insert(db *sql.DB, from int, docs []text.Document) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt, err := tx.Prepare(`INSERT INTO docs(rowid, title, body) VALUES(?, ?, ?)`)
	if err != nil {
		return err
	}
	for i, d := range docs {
		if _, err := stmt.Exec(from+i+1, d.Title, d.Body); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// anyOf is the query in FTS5's syntax: its words, quoted, any of them.
func anyOf(q string) string {
	words := strings.FieldsFunc(q, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = `"` + w + `"`
	}
	return strings.Join(words, " OR ")
}
