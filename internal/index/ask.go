package index

import (
	"context"
	"errors"

	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Documents are the records that an answer names, by id.
type Documents map[string]*Document

type documentsKey struct{}

// texts reads the records of an answer from the database. Those that the actor may no longer see are left out, so that a record is
// out of sight as soon as it is restricted, however far the index has come.
func (x *Index) texts(ctx context.Context, names []string) (map[string]search.Text, error) {
	ids := make([]vocab.ID, 0, len(names))
	for _, name := range names {
		if id, err := vocab.ParseID(name); err == nil {
			ids = append(ids, id)
		}
	}
	found, err := load(ctx, x.store.Client(ctx), ids)
	if err != nil {
		return nil, x.store.Fault(err)
	}
	actor := auth.From(ctx)
	keep, _ := ctx.Value(documentsKey{}).(Documents)
	texts := make(map[string]search.Text, len(found))
	for id, d := range found {
		if !d.seenBy(actor) {
			continue
		}
		texts[id.String()] = search.Text{Title: d.Title.Text, Body: d.body()}
		if keep != nil {
			keep[id.String()] = d
		}
	}
	return texts, nil
}

func viewer(ctx context.Context) search.Viewer {
	actor := auth.From(ctx)
	return search.Viewer{All: actor.SeesAll(), Team: actor.Team}
}

// Search answers a question for the actor of ctx, with the records of the hits. It is Malformed for a cursor that belongs to
// another question, and Unavailable until the index has caught up.
func (x *Index) Search(ctx context.Context, r search.Request) (search.Result, Documents, error) {
	if err := x.Ready(); err != nil {
		return search.Result{}, nil, err
	}
	docs := Documents{}
	r.Viewer = viewer(ctx)
	result, err := x.current().Search(context.WithValue(ctx, documentsKey{}, docs), r)
	if errors.Is(err, search.ErrCursor) {
		return search.Result{}, nil, fault.Wrap(fault.Malformed, err, "the cursor does not belong to this search")
	}
	return result, docs, err
}

// Suggest completes what was typed, for the actor of ctx. It is Unavailable until the index has caught up.
func (x *Index) Suggest(ctx context.Context, r search.SuggestRequest) ([]search.Completion, error) {
	if err := x.Ready(); err != nil {
		return nil, err
	}
	r.Viewer = viewer(ctx)
	return x.current().Suggest(ctx, r)
}

// Member says which member of the record a highlight of a hit is in, and where in the text of that member it begins and ends,
// in Unicode code points.
func (d *Document) Member(h search.Highlight) search.Highlight {
	if h.Field == "title" {
		h.Field = d.Title.Member
		return h
	}
	from := 0
	for _, p := range d.Parts {
		n := len([]rune(p.Text))
		if h.Start < from+n {
			return search.Highlight{Field: p.Member, Start: h.Start - from, End: min(h.End-from, n)}
		}
		from += n + len(partEnd)
	}
	return h
}
