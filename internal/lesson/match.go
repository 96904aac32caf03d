package lesson

import (
	"context"
	"slices"
	"strconv"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/incident"
	"github.com/hindcast-kb/hindcast/ent/lesson"
	"github.com/hindcast-kb/hindcast/ent/lessonscope"
	"github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// dimensions are all dimensions of a scope.
var dimensions = []string{dimensionKind, dimensionService, dimensionArea, dimensionTag, dimensionLearnedOn}

// Matching are the active lessons that the actor may know of and that an attempt must be shown, oldest first. It finds them
// by the index over scopes: at least one value in common, and no dimension without one.
func (s *Service) Matching(ctx context.Context, c *ent.Client, a *ent.Attempt) ([]*ent.Lesson, error) {
	up, err := c.Upgrade.Get(ctx, a.UpgradeID)
	if err != nil {
		return nil, err
	}
	byDimension := map[string][]any{}
	for _, trait := range Traits(a, up) {
		byDimension[trait.Dimension] = append(byDimension[trait.Dimension], trait.Value)
	}
	q := c.Lesson.Query().
		Where(lesson.StatusEQ(vocab.LessonStatusActive), record.ByTeam(auth.From(ctx)), matching(byDimension)).Order(ent.Asc(lesson.FieldID))
	withLinks(q)
	return q.All(ctx)
}

// matching is Matches as SQL.
func matching(traits map[string][]any) func(*entsql.Selector) {
	return func(s *entsql.Selector) {
		scopes := func() *entsql.Selector {
			t := entsql.Dialect(s.Dialect()).Table(lessonscope.Table).As("scope")
			return entsql.Dialect(s.Dialect()).Select(t.C(lessonscope.FieldLessonID)).From(t)
		}
		met := func(scope *entsql.Selector, dimension string) *entsql.Predicate {
			return entsql.And(entsql.EQ(scope.C(lessonscope.FieldDimension), dimension), entsql.In(scope.C(lessonscope.FieldValue), traits[dimension]...))
		}
		common := scopes()
		var anyOf []*entsql.Predicate
		for _, dimension := range dimensions {
			if len(traits[dimension]) > 0 {
				anyOf = append(anyOf, met(common, dimension))
			}
		}
		s.Where(entsql.In(s.C(lesson.FieldID), common.Where(entsql.Or(anyOf...))))
		for _, dimension := range dimensions {
			named := scopes()
			named.Where(entsql.And(entsql.ColumnsEQ(named.C(lessonscope.FieldLessonID), s.C(lesson.FieldID)),
				entsql.EQ(named.C(lessonscope.FieldDimension), dimension)))
			if len(traits[dimension]) == 0 {
				s.Where(entsql.NotExists(named))
				continue
			}
			shared := scopes()
			shared.Where(entsql.And(entsql.ColumnsEQ(shared.C(lessonscope.FieldLessonID), s.C(lesson.FieldID)), met(shared, dimension)))
			s.Where(entsql.Or(entsql.NotExists(named), entsql.Exists(shared)))
		}
	}
}

// writeScopes rewrites the scopes of a lesson.
func writeScopes(ctx context.Context, tx *store.Tx, e *ent.Lesson) error {
	c := tx.Client()
	learnedOn, err := learnedOn(ctx, c, e)
	if err != nil {
		return err
	}
	if _, err := c.LessonScope.Delete().Where(lessonscope.LessonID(e.ID)).Exec(ctx); err != nil {
		return err
	}
	scopes := Scopes(e.AppliesTo, learnedOn)
	rows := make([]*ent.LessonScopeCreate, len(scopes))
	for i, scope := range scopes {
		rows[i] = c.LessonScope.Create().SetLessonID(e.ID).SetDimension(scope.Dimension).SetValue(scope.Value)
	}
	for chunk := range slices.Chunk(rows, 200) { // the databases limit the values of one statement
		if err := c.LessonScope.CreateBulk(chunk...).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// learnedOn are the services that the findings, incidents and assumptions of a lesson are about.
func learnedOn(ctx context.Context, c *ent.Client, e *ent.Lesson) ([]int, error) {
	var numbers []int
	ofFindings := finding.IDIn(record.Numbers(record.IDsOf(vocab.Finding, e.Edges.Findings))...)
	ofIncidents := incident.IDIn(record.Numbers(record.IDsOf(vocab.Incident, e.Edges.Incidents))...)
	ofAssumptions := assumption.IDIn(record.Numbers(record.IDsOf(vocab.Assumption, e.Edges.Assumptions))...)
	for _, services := range []*ent.ServiceQuery{
		c.Finding.Query().Where(ofFindings).QueryService(), c.Finding.Query().Where(ofFindings).QueryAttempt().QueryUpgrade().QueryService(),
		c.Finding.Query().Where(ofFindings).QueryIncident().QueryService(), c.Incident.Query().Where(ofIncidents).QueryService(),
		c.Incident.Query().Where(ofIncidents).QueryAttempt().QueryUpgrade().QueryService(),
		c.Assumption.Query().Where(ofAssumptions).QueryUpgrade().QueryService(),
		c.Assumption.Query().Where(ofAssumptions).QueryAttempt().QueryUpgrade().QueryService(),
	} {
		ids, err := services.IDs(ctx)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, ids...)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers), nil
}

// scopeFilter narrows a list to lessons that name a value in a dimension.
func scopeFilter(name, dimension string) record.Filter {
	return record.Filter{
		Name: name, Doc: "Only lessons that name this " + name + " among what they apply to.",
		Where: func(s *entsql.Selector, values []string, _ time.Time) *entsql.Predicate {
			t := entsql.Dialect(s.Dialect()).Table(lessonscope.Table)
			folded := make([]any, len(values))
			for i, value := range values {
				folded[i] = fold(value)
			}
			return entsql.In(s.C("id"), entsql.Dialect(s.Dialect()).Select(t.C(lessonscope.FieldLessonID)).From(t).
				Where(entsql.And(entsql.EQ(t.C(lessonscope.FieldDimension), dimension), entsql.In(t.C(lessonscope.FieldValue), folded...))))
		},
	}
}

// serviceFilter narrows a list to lessons for a service, named or learned on it.
func serviceFilter() record.Filter {
	named, learned := scopeFilter("service_id", dimensionService), scopeFilter("service_id", dimensionLearnedOn)
	return record.Filter{
		Name: "service_id", Of: vocab.Service, Doc: "Only lessons that apply to this service.",
		Where: func(s *entsql.Selector, values []string, now time.Time) *entsql.Predicate {
			numbers := make([]string, len(values))
			for i, value := range values {
				id, _ := vocab.ParseID(value)
				numbers[i] = strconv.Itoa(id.N)
			}
			return entsql.Or(named.Where(s, numbers, now), learned.Where(s, numbers, now))
		},
	}
}

// retrodicted reads the ended attempts that a lesson would have been shown on, oldest first.
func retrodicted(ctx context.Context, c *ent.Client, e *ent.Lesson, visible func(*entsql.Selector)) ([]*ent.Attempt, error) {
	learned, err := learnedOn(ctx, c, e)
	if err != nil {
		return nil, err
	}
	scopes := Scopes(e.AppliesTo, learned)
	var found []*ent.Attempt
	q := c.Attempt.Query().Where(attempt.EndedAtNotNil(), visible, attempt.HasUpgradeWith(narrow(scopes))).WithUpgrade().
		Order(ent.Asc(attempt.FieldEndedAt, attempt.FieldID))
	rows, err := q.All(ctx)
	for _, row := range rows {
		if _, ok := Matches(scopes, Traits(row, row.Edges.Upgrade)); ok {
			found = append(found, row)
		}
	}
	return found, err
}

// narrow leaves out what the columns of an upgrade can tell: kinds and services.
func narrow(scopes []Scope) func(*entsql.Selector) {
	var kinds []vocab.UpgradeKind
	var services []int
	for _, scope := range scopes {
		switch scope.Dimension {
		case dimensionKind:
			kinds = append(kinds, vocab.UpgradeKind(scope.Value))
		case dimensionService, dimensionLearnedOn:
			n, _ := strconv.Atoi(scope.Value) // Scopes wrote it
			services = append(services, n)
		}
	}
	return func(s *entsql.Selector) {
		if len(kinds) > 0 {
			upgrade.KindIn(kinds...)(s)
		}
		if len(services) > 0 {
			upgrade.ServiceIDIn(services...)(s)
		}
	}
}
