package main

import (
	"context"

	"github.com/hindcast-kb/hindcast/bench/collection"
	"github.com/hindcast-kb/hindcast/internal/search"
)

// inProcess indexes the collection in an engine of its own.
func inProcess(c collection.Collection, firstStage, noModel bool) (*search.Engine, searcher, error) {
	e := search.New(search.Options{})
	changes := make([]search.Change, len(c.Docs))
	for i, d := range c.Docs {
		title, text := d.Fit()
		changes[i] = search.Change{Seq: int64(i + 1), ID: d.ID, Doc: &search.Document{
			Kind: "finding", ID: d.ID, Title: title, Body: text, Visibility: search.Internal,
		}}
	}
	if err := e.Apply(changes); err != nil {
		return nil, nil, err
	}
	if !noModel {
		if err := e.Apply([]search.Change{{Seq: int64(len(changes) + 1), Model: e.TrainModel()}}); err != nil {
			return nil, nil, err
		}
	}
	return e, func(q string, literal bool) ([]string, error) {
		res, err := e.Search(context.Background(), search.Request{
			Text: q, Limit: 101, Literal: literal, FirstStageOnly: firstStage,
			Filters: map[string][]string{"type": {"finding"}},
		})
		if err != nil {
			return nil, err
		}
		ids := make([]string, len(res.Hits))
		for i, h := range res.Hits {
			ids[i] = h.ID
		}
		return ids, nil
	}, nil
}

// likeIt is a searcher that takes the id of a document and answers similar ones.
func likeIt(e *search.Engine) searcher {
	return func(id string, _ bool) ([]string, error) {
		items, err := e.Similar(context.Background(), search.SimilarRequest{ID: id, Limit: 101})
		ids := make([]string, len(items))
		for i, it := range items {
			ids[i] = it.ID
		}
		return ids, err
	}
}
