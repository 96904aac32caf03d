package main

import (
	"context"

	"github.com/hindcast-kb/hindcast/bench/collection"
	"github.com/hindcast-kb/hindcast/internal/search"
)

// depth is how many results are asked for: a hundred, and one since the document the query was made from is dropped.
const depth = 101

// index fills an engine with the collection.
func index(c collection.Collection, noModel bool) (*search.Engine, error) {
	e := search.New(search.Options{})
	changes := make([]search.Change, len(c.Docs))
	for i, d := range c.Docs {
		title, text := d.Fit()
		changes[i] = search.Change{Seq: int64(i + 1), ID: d.ID, Doc: &search.Document{
			Kind: "finding", ID: d.ID, Title: title, Body: text, Visibility: search.Internal,
		}}
	}
	if err := e.Apply(changes); err != nil {
		return nil, err
	}
	if noModel {
		return e, nil
	}
	return e, e.Apply([]search.Change{{Seq: int64(len(changes) + 1), Model: e.TrainModel()}})
}

// find asks as a person does.
func find(e *search.Engine) searcher { return ask(e, search.Request{}) }

// literally leaves words that no document has as they are.
func literally(e *search.Engine) searcher { return ask(e, search.Request{Literal: true}) }

// firstStage orders by BM25F alone.
func firstStage(e *search.Engine) searcher { return ask(e, search.Request{FirstStageOnly: true}) }

func ask(e *search.Engine, r search.Request) searcher {
	r.Limit, r.Filters = depth, map[string][]string{"type": {"finding"}}
	return func(q string) ([]string, error) {
		r.Text = q
		res, err := e.Search(context.Background(), r)
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(res.Hits))
		for i, h := range res.Hits {
			ids[i] = h.ID
		}
		return ids, nil
	}
}

// alike takes the id of a document and answers similar ones.
func alike(e *search.Engine) searcher {
	return func(id string) ([]string, error) {
		items, err := e.Similar(context.Background(), search.SimilarRequest{ID: id, Limit: depth})
		ids := make([]string, len(items))
		for i, it := range items {
			ids[i] = it.ID
		}
		return ids, err
	}
}
