package index

import (
	"context"
	"fmt"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// loader reads the rows of one kind that where selects.
type loader struct {
	kind vocab.Kind
	load func(ctx context.Context, c *ent.Client, where func(*entsql.Selector)) ([]*Document, error)
}

func documents[E any](rows []E, err error, document func(E) *Document) ([]*Document, error) {
	if err != nil {
		return nil, err
	}
	docs := make([]*Document, len(rows))
	for i, row := range rows {
		docs[i] = document(row)
	}
	return docs, nil
}

// loaders are the kinds of record that are searched.
func loaders() []loader {
	type where = func(*entsql.Selector)
	onlyID := func(q *ent.AssumptionQuery) { q.Select(assumption.FieldID) }
	return []loader{
		{vocab.Upgrade, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Upgrade.Query().Where(predicate.Upgrade(w)).All(ctx)
			return documents(rows, err, upgradeDocument)
		}},
		{vocab.Attempt, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Attempt.Query().Where(predicate.Attempt(w)).WithUpgrade().All(ctx)
			return documents(rows, err, attemptDocument)
		}},
		{vocab.Assumption, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Assumption.Query().Where(predicate.Assumption(w)).All(ctx)
			return documents(rows, err, assumptionDocument)
		}},
		{vocab.Finding, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Finding.Query().Where(predicate.Finding(w)).WithAssumptions(onlyID).All(ctx)
			return documents(rows, err, findingDocument)
		}},
		{vocab.Lesson, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Lesson.Query().Where(predicate.Lesson(w)).WithAssumptions(onlyID).All(ctx)
			return documents(rows, err, lessonDocument)
		}},
		{vocab.Incident, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Incident.Query().Where(predicate.Incident(w)).All(ctx)
			return documents(rows, err, incidentDocument)
		}},
		{vocab.Decision, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Decision.Query().Where(predicate.Decision(w)).All(ctx)
			return documents(rows, err, decisionDocument)
		}},
		{vocab.Action, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Action.Query().Where(predicate.Action(w)).All(ctx)
			return documents(rows, err, actionDocument)
		}},
		{vocab.Review, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Review.Query().Where(predicate.Review(w)).All(ctx)
			return documents(rows, err, reviewDocument)
		}},
		{vocab.Runbook, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Runbook.Query().Where(predicate.Runbook(w)).All(ctx)
			return documents(rows, err, runbookDocument)
		}},
		{vocab.Service, func(ctx context.Context, c *ent.Client, w where) ([]*Document, error) {
			rows, err := c.Service.Query().Where(predicate.Service(w)).All(ctx)
			return documents(rows, err, serviceDocument)
		}},
	}
}

// Kinds are the kinds of record that are searched.
func Kinds() []vocab.Kind {
	var kinds []vocab.Kind
	for _, l := range loaders() {
		kinds = append(kinds, l.kind)
	}
	return kinds
}

// numbered selects rows by number.
func numbered(numbers []int) func(*entsql.Selector) {
	return func(s *entsql.Selector) { s.Where(entsql.InInts(s.C("id"), numbers...)) }
}

// after selects the next rows in the order of their numbers.
func after(n, limit int) func(*entsql.Selector) {
	return func(s *entsql.Selector) { s.Where(entsql.GT(s.C("id"), n)).OrderBy(s.C("id")).Limit(limit) }
}

// byNumber groups the ids that are searched by their kind.
func byNumber(ids []vocab.ID) map[string][]int {
	numbers := map[string][]int{}
	for _, id := range ids {
		numbers[id.Prefix] = append(numbers[id.Prefix], id.N)
	}
	return numbers
}

// load reads the records named, with one query a kind; those that are gone are left out.
func load(ctx context.Context, c *ent.Client, ids []vocab.ID) (map[vocab.ID]*Document, error) {
	numbers := byNumber(ids)
	found := make(map[vocab.ID]*Document, len(ids))
	for _, l := range loaders() {
		if len(numbers[l.kind.Prefix]) == 0 {
			continue
		}
		docs, err := l.load(ctx, c, numbered(numbers[l.kind.Prefix]))
		if err != nil {
			return nil, fmt.Errorf("loading %s to search: %w", l.kind.Table, err)
		}
		for _, d := range docs {
			found[d.ID] = d
		}
	}
	return found, nil
}

// keysOf reads the names that the records have elsewhere, with one query a kind.
func keysOf(ctx context.Context, c *ent.Client, ids []vocab.ID) (map[vocab.ID][]string, error) {
	keys := map[vocab.ID][]string{}
	for prefix, numbers := range byNumber(ids) {
		rows, err := c.RecordReference.Query().Where(
			recordreference.TargetKind(prefix), recordreference.TargetIDIn(numbers...), recordreference.ExternalKeyNEQ(""),
		).Order(recordreference.ByID()).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("loading the names of records elsewhere: %w", err)
		}
		for _, r := range rows {
			id := vocab.ID{Prefix: prefix, N: r.TargetID}
			keys[id] = append(keys[id], r.ExternalKey)
		}
	}
	return keys, nil
}
