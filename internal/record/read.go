package record

import (
	"context"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Get reads a record. It is NotFound when there is none, or none that the actor may know of.
func (r *Records[E, M, I]) Get(ctx context.Context, id int) (E, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		var none E
		return none, err
	}
	row, err := r.load(ctx, r.store.Client(ctx), id)
	return row, r.store.Fault(err)
}

// Load reads a record inside the caller's own transaction or read, under the actor's visibility and without asking for a
// scope.
func (r *Records[E, M, I]) Load(ctx context.Context, c *ent.Client, id int) (E, error) {
	return r.load(ctx, c, id)
}

func (r *Records[E, M, I]) load(ctx context.Context, c *ent.Client, id int) (E, error) {
	var none E
	rows, err := r.noun.Table.query(ctx, c, Selection{
		Where: []func(*entsql.Selector){entsql.FieldEQ("id", id), r.noun.Visible(auth.From(ctx))}, Limit: 1,
	})
	switch {
	case err != nil:
		return none, err
	case len(rows) == 0:
		return none, fault.New(fault.NotFound, "%s does not exist", r.noun.Kind.ID(id))
	}
	return rows[0], nil
}

// ByIDs reads those of the records that exist and that the actor may know of, by their numbers.
func (r *Records[E, M, I]) ByIDs(ctx context.Context, ids []int) (map[int]E, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return nil, err
	}
	rows, err := r.noun.Table.query(ctx, r.store.Client(ctx), Selection{
		Where: []func(*entsql.Selector){entsql.FieldIn("id", ids...), r.noun.Visible(auth.From(ctx))},
	})
	if err != nil {
		return nil, r.store.Fault(err)
	}
	found := make(map[int]E, len(rows))
	for _, row := range rows {
		found[row.Meta().ID] = row
	}
	return found, nil
}
