package record

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
)

// Entity is a row that every record has the common columns of.
type Entity interface{ Meta() ent.Meta }

// Mutation is the part of an ent mutation that the common columns need.
type Mutation interface {
	SetCreatedAt(time.Time)
	SetUpdatedAt(time.Time)
	SetCreatedBy(string)
	AddVersion(int)
}

// Selection says which rows of a table are wanted, in what order and how many; zero Limit means all.
type Selection struct {
	Where []func(*entsql.Selector)
	Order []func(*entsql.Selector)
	Limit int
}

// Table is the access to the rows of one entity, with its builders behind plain functions.
type Table[E Entity, M Mutation] struct {
	create func(ctx context.Context, c *ent.Client, fill func(M)) (E, error)
	update func(ctx context.Context, c *ent.Client, id int, where func(*entsql.Selector), fill func(M)) (E, error)
	remove func(ctx context.Context, c *ent.Client, id int, where func(*entsql.Selector)) error
	query  func(ctx context.Context, c *ent.Client, s Selection) ([]E, error)
}

// The builders that ent generates for an entity, as far as a Table uses them.
type (
	builders[C, U, D, Q any] interface {
		Create() C
		UpdateOneID(int) U
		DeleteOneID(int) D
		Query() Q
	}
	creator[E, M any] interface {
		Mutation() M
		Save(context.Context) (*E, error)
	}
	updater[E, M, P, U any] interface {
		Mutation() M
		Where(...P) U
		Save(context.Context) (*E, error)
	}
	deleter[P, D any] interface {
		Where(...P) D
		Exec(context.Context) error
	}
	querier[E, P, O, Q any] interface {
		Where(...P) Q
		Order(...O) Q
		Limit(int) Q
		All(context.Context) ([]*E, error)
	}
	pointer[E any] interface {
		*E
		Entity
	}
)

// TableOf makes a Table from the entity's client; eager, which may be nil, adds the edges that are read with each row.
func TableOf[
	E any, PE pointer[E], M Mutation, P, O ~func(*entsql.Selector),
	C creator[E, M], U updater[E, M, P, U], D deleter[P, D], Q querier[E, P, O, Q], B builders[C, U, D, Q],
](of func(*ent.Client) B, eager func(Q)) Table[PE, M] {
	return Table[PE, M]{
		create: func(ctx context.Context, c *ent.Client, fill func(M)) (PE, error) {
			b := of(c).Create()
			fill(b.Mutation())
			return b.Save(ctx)
		},
		update: func(ctx context.Context, c *ent.Client, id int, where func(*entsql.Selector), fill func(M)) (PE, error) {
			b := of(c).UpdateOneID(id).Where(where)
			fill(b.Mutation())
			return b.Save(ctx)
		},
		remove: func(ctx context.Context, c *ent.Client, id int, where func(*entsql.Selector)) error {
			return of(c).DeleteOneID(id).Where(where).Exec(ctx)
		},
		query: func(ctx context.Context, c *ent.Client, s Selection) ([]PE, error) {
			q := of(c).Query()
			for _, where := range s.Where {
				q = q.Where(where)
			}
			for _, order := range s.Order {
				q = q.Order(order)
			}
			if s.Limit > 0 {
				q = q.Limit(s.Limit)
			}
			if eager != nil {
				eager(q)
			}
			rows, err := q.All(ctx)
			out := make([]PE, len(rows))
			for i, row := range rows {
				out[i] = row
			}
			return out, err
		},
	}
}
