package search

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// shelf keeps documents, plays the change feed and is the text loader.
type shelf struct {
	t      testing.TB
	engine *Engine
	docs   map[string]Document
	seq    int64
}

func newShelf(t testing.TB, docs ...Document) *shelf {
	s := &shelf{t: t, docs: map[string]Document{}}
	s.engine = New(Options{Texts: s.load})
	s.put(docs...)
	return s
}

func (s *shelf) load(_ context.Context, ids []string) (map[string]Text, error) {
	texts := map[string]Text{}
	for _, id := range ids {
		if d, ok := s.docs[id]; ok {
			texts[id] = Text{d.Title, d.Body}
		}
	}
	return texts, nil
}

func (s *shelf) put(docs ...Document) {
	s.t.Helper()
	for _, d := range docs {
		if d.Visibility == "" {
			d.Visibility = Internal
		}
		if d.Kind == "" {
			d.Kind = "finding"
		}
		s.docs[d.ID] = d
		s.apply(Change{ID: d.ID, Doc: &d})
	}
}

func (s *shelf) remove(id string) {
	delete(s.docs, id)
	s.apply(Change{ID: id})
}

func (s *shelf) apply(c Change) {
	s.t.Helper()
	s.seq++
	c.Seq = s.seq
	if err := s.engine.Apply([]Change{c}); err != nil {
		s.t.Fatalf("applying %+v: %v", c, err)
	}
}

func (s *shelf) search(r Request) Result {
	s.t.Helper()
	res, err := s.engine.Search(context.Background(), r)
	if err != nil {
		s.t.Fatalf("searching %+v: %v", r, err)
	}
	return res
}

// ids answers a query as a line of ids.
func (s *shelf) ids(text string) string { return line(s.search(Request{Text: text})) }

func line(r Result) string {
	var ids []string
	for _, h := range r.Hits {
		ids = append(ids, h.ID)
	}
	return strings.Join(ids, " ")
}

func doc(n int, title, body string) Document {
	return Document{ID: fmt.Sprintf("FND-%d", n), Title: title, Body: body, Time: time.Unix(int64(n), 0)}
}

// sessions is a small corpus that most tests share.
func sessions() []Document {
	return []Document{
		doc(1, "Sessions expire during checkout", "Users lose the session table lock when the index is missing."),
		doc(2, "Session table index differs between production and development", "The combined index exists in production only."),
		doc(3, "Garbage collection query locks the database", "Processes pile up because the cleanup query scans the session table."),
		doc(4, "Support agents are logged out", "Agents report a logout after every deployment."),
		doc(5, "Mail queue grows", "Delivery of notifications stalls; the worker crashed with OutOfMemoryError."),
	}
}

// vocabularyOf random documents: few words, so that queries match, with names and stop words among them.
var randomWords = []string{
	"session", "sessions", "index", "table", "lock", "locked", "query", "the", "and", "of", "deploy", "rollback",
	"database", "timeout", "v2.1", "NodeManager", "user_id", "cleanup", "worker", "mail", "IT", "covid19",
}

func randomText(t *rapid.T, label string, most int) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(randomWords), 0, most).Draw(t, label), " ")
}

func randomDocument(t *rapid.T, id int) Document {
	d := Document{
		Kind:  rapid.SampledFrom([]string{"finding", "lesson", "incident"}).Draw(t, "kind"),
		ID:    fmt.Sprintf("FND-%d", id),
		Title: randomText(t, "title", 6), Body: randomText(t, "body", 20),
		Fields: map[string][]string{
			"severity": {rapid.SampledFrom([]string{"low", "high"}).Draw(t, "severity")},
			"tag":      rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"db", "ui", "ops"}), 0, 3, rapid.ID).Draw(t, "tags"),
		},
		Time:       time.UnixMilli(int64(rapid.IntRange(0, 50).Draw(t, "time"))),
		Visibility: rapid.SampledFrom([]string{Internal, Internal, Restricted}).Draw(t, "visibility"),
		Team:       rapid.SampledFrom([]string{"", "blue", "red"}).Draw(t, "team"),
	}
	if rapid.IntRange(0, 3).Draw(t, "keyed") == 0 {
		d.Keys = []string{fmt.Sprintf("OPS-%d", id%7)}
	}
	return d
}

func randomQuery(t *rapid.T) string {
	pieces := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		w := rapid.SampledFrom(randomWords).Draw(t, "word")
		switch rapid.IntRange(0, 9).Draw(t, "form") {
		case 0:
			return "-" + w
		case 1:
			return `"` + w + " " + rapid.SampledFrom(randomWords).Draw(t, "second") + `"`
		case 2:
			return w[:1+len(w)/2] + "*"
		case 3:
			return "tag:" + rapid.SampledFrom([]string{"db", "ui", "none"}).Draw(t, "tag")
		case 4:
			return w[:len(w)-1] + "x" // mistyped
		case 5:
			return rapid.SampledFrom([]string{"FND-1", "fnd-2", "OPS-3", "ops-1"}).Draw(t, "name")
		}
		return w
	}), 0, 5).Draw(t, "query")
	return strings.Join(pieces, " ")
}
