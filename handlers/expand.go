package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// expander embeds a related record in each of the views; it makes one query for all of them.
type expander[V any] func(ctx context.Context, views []V) error

// one is the expander of a relation to a single record: id says which, and put embeds it. A record that the caller may not
// know of is left out.
func one[E record.Entity, I record.Input, W any, PW viewed[W], V any](
	r *resource[E, I, W, PW], id func(*V) vocab.ID, put func(*V, *W),
) expander[V] {
	return func(ctx context.Context, views []V) error {
		var wanted []int
		for i := range views {
			if n := id(&views[i]).N; n != 0 {
				wanted = append(wanted, n)
			}
		}
		found, err := r.deed.ByIDs(ctx, wanted)
		if err != nil {
			return err
		}
		for i := range views {
			if e, ok := found[id(&views[i]).N]; ok {
				view := r.view(e)
				put(&views[i], &view)
			}
		}
		return nil
	}
}

// expansions reads the expand parameters, each of which may list several relations.
func (r *resource[E, I, V, PV]) expansions(given []string) ([]string, error) {
	var check fault.Check
	var wanted []string
	for _, list := range given {
		for name := range strings.SplitSeq(list, ",") {
			if _, known := r.expand[name]; !known && name != "references" {
				check.Add("expand", "invalid_choice", "must be among %s", strings.Join(r.Expandable(), ", "))
			}
			wanted = append(wanted, name)
		}
	}
	return wanted, check.Err()
}

// Expandable are the relations that the expand parameter of this resource may name.
func (r *resource[E, I, V, PV]) Expandable() []string {
	names := []string{"references"}
	for name := range r.expand {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// embed completes the views and adds the relations that were asked for.
func (r *resource[E, I, V, PV]) embed(ctx context.Context, wanted []string, views []V) error {
	if r.complete != nil && len(views) > 0 {
		if err := r.complete(ctx, views); err != nil {
			return err
		}
	}
	for _, name := range wanted {
		if name == "references" {
			common := make([]*Record, len(views))
			for i := range views {
				common[i] = PV(&views[i]).common()
			}
			if err := r.api.embedReferences(ctx, common); err != nil {
				return err
			}
			continue
		}
		if err := r.expand[name](ctx, views); err != nil {
			return err
		}
	}
	return nil
}
