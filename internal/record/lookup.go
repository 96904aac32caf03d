package record

import (
	"context"
	"errors"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Known gives those of the ids that exist and that the actor of the context may know of. One query is made for each kind.
func Known(ctx context.Context, c *ent.Client, dialect string, ids []vocab.ID) (map[vocab.ID]bool, error) {
	numbers := make(map[vocab.Kind][]any)
	for _, id := range ids {
		numbers[id.Kind()] = append(numbers[id.Kind()], id.N)
	}
	known := make(map[vocab.ID]bool, len(ids))
	for kind, wanted := range numbers {
		t := entsql.Dialect(dialect).Table(kind.Table)
		s := entsql.Dialect(dialect).Select(t.C("id")).From(t).Where(entsql.In(t.C("id"), wanted...))
		visibleKind(kind, auth.From(ctx))(s)
		found, err := numbersOf(ctx, c, s)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			known[kind.ID(n)] = true
		}
	}
	return known, nil
}

// MustKnow is NotFound unless the record exists and the actor of the context may know of it.
func MustKnow(ctx context.Context, c *ent.Client, dialect string, id vocab.ID) error {
	known, err := Known(ctx, c, dialect, []vocab.ID{id})
	if err == nil && !known[id] {
		return fault.New(fault.NotFound, "%s does not exist", id)
	}
	return err
}

// RestrictedTo gives the team that alone may see a record, "" for a record that everyone may see. The record must be of a kind that
// carries its own visibility and exist, which is NotFound otherwise, or of a kind that is never restricted.
func RestrictedTo(ctx context.Context, c *ent.Client, dialect string, id vocab.ID) (team string, err error) {
	if !Restrictable(id.Kind()) {
		return "", nil
	}
	t := entsql.Dialect(dialect).Table(id.Kind().Table)
	query, args := entsql.Dialect(dialect).Select(t.C("visibility"), t.C("team")).From(t).Where(entsql.EQ(t.C("id"), id.N)).Query()
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	if !rows.Next() {
		return "", errors.Join(rows.Err(), fault.New(fault.NotFound, "%s does not exist", id))
	}
	var visibility vocab.Visibility
	if err := rows.Scan(&visibility, &team); err != nil {
		return "", err
	}
	if visibility != vocab.VisibilityRestricted {
		team = ""
	}
	return team, rows.Err()
}

// checkRefs notes every reference of the check that names no record the actor may know of.
func checkRefs(ctx context.Context, c *ent.Client, dialect string, check *fault.Check) error {
	if len(check.Refs) == 0 {
		return nil
	}
	ids := make([]vocab.ID, len(check.Refs))
	for i, ref := range check.Refs {
		ids[i] = ref.ID
	}
	known, err := Known(ctx, c, dialect, ids)
	if err != nil {
		return err
	}
	for _, ref := range check.Refs {
		if !known[ref.ID] {
			check.Add(ref.Field, "not_found", "%s does not exist", ref.ID)
		}
	}
	return nil
}

func numbersOf(ctx context.Context, c *ent.Client, s *entsql.Selector) ([]int, error) {
	query, args := s.Query()
	rows, err := c.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var numbers []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	return numbers, rows.Err()
}
