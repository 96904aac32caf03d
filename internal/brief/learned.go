package brief

import (
	"context"
	"slices"
	"strings"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqljson"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/evidence"
	"github.com/hindcast-kb/hindcast/ent/lessonapplication"
	"github.com/hindcast-kb/hindcast/ent/reading"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// stand is the status of an assumption and why.
type stand struct {
	status vocab.AssumptionStatus
	reason vocab.StatusReason
}

// statuses weighs the evidence of all the assumptions as it was at asOf.
func (g *gathering) statuses(ctx context.Context, rows []*ent.Assumption) (map[int]stand, error) {
	ids := make([]int, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	found, err := g.c.Evidence.Query().Where(evidence.AssumptionIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, err
	}
	of := map[int][]assumption.Evidence{}
	for _, e := range found {
		of[e.AssumptionID] = append(of[e.AssumptionID], assumption.EvidenceOf(e))
	}
	statuses := make(map[int]stand, len(rows))
	for _, row := range rows {
		var st stand
		st.status, st.reason = assumption.Status(assumption.ClaimOf(row), of[row.ID], g.asOf)
		statuses[row.ID] = st
	}
	return statuses, nil
}

// readLessons reads the lessons that match, with the answers of this attempt and what became of them on others.
func (g *gathering) readLessons(ctx context.Context) error {
	rows, err := g.service.lessons.Matching(ctx, g.c, g.attempt)
	if err != nil {
		return err
	}
	ids := make([]int, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	answers, err := g.c.LessonApplication.Query().
		Where(lessonapplication.LessonIDIn(ids...), lessonapplication.CreatedAtLTE(g.asOf)).
		Select(lessonapplication.FieldLessonID, lessonapplication.FieldAttemptID, lessonapplication.FieldResponse, lessonapplication.FieldOutcome,
			lessonapplication.FieldAnsweredAt, lessonapplication.FieldAssessedAt).All(ctx)
	if err != nil {
		return err
	}
	past, response := g.weighAnswers(answers)
	traits := lesson.Traits(g.attempt, g.attempt.Edges.Upgrade)
	for _, row := range rows {
		if row.CreatedAt.After(g.asOf) || g.earlier.state(vocab.Lesson.ID(row.ID), string(row.Status)) != string(vocab.LessonStatusActive) {
			continue
		}
		g.facts.Lessons = append(g.facts.Lessons, Lesson{
			ID: vocab.Lesson.ID(row.ID), Title: row.Title, When: row.When, Then: row.Then, Check: row.Check, Matched: g.matched(row, traits),
			Response: response[row.ID], Past: past[row.ID], Stale: lesson.Stale(row, g.asOf),
		})
	}
	return nil
}

// matched says in words what a lesson has in common with the attempt. Names stand for ids, which differ between stores.
func (g *gathering) matched(row *ent.Lesson, traits []lesson.Scope) []string {
	shared, _ := lesson.Matches(lesson.Scopes(row.AppliesTo, nil), traits)
	if len(shared) == 0 {
		return []string{"the service it was learned on"}
	}
	words := make([]string, len(shared))
	for i, scope := range shared {
		if words[i] = scope.Dimension + " " + scope.Value; strings.HasPrefix(scope.Dimension, "service") {
			words[i] = "service " + g.facts.Upgrade.Service
		}
	}
	return words
}

// weighAnswers counts what became of each lesson on other attempts, and finds the answers of this one.
func (g *gathering) weighAnswers(rows []*ent.LessonApplication) (map[int]Past, map[int]vocab.LessonResponse) {
	past, response := map[int]Past{}, map[int]vocab.LessonResponse{}
	for _, a := range rows {
		answered := a.AnsweredAt != nil && !a.AnsweredAt.After(g.asOf)
		if a.AttemptID == g.attempt.ID {
			if answered {
				response[a.LessonID] = a.Response
			}
			continue
		}
		p := past[a.LessonID]
		p.Surfaced++
		if answered && a.Response == vocab.LessonResponseApplied {
			p.Applied++
		}
		if answered && a.Response == vocab.LessonResponseSkipped {
			p.Skipped++
		}
		if a.AssessedAt != nil && !a.AssessedAt.After(g.asOf) {
			switch a.Outcome {
			case vocab.LessonOutcomePrevented:
				p.Prevented++
			case vocab.LessonOutcomeRecurred:
				p.Recurred++
			}
		}
		past[a.LessonID] = p
	}
	return past, response
}

// extremes reads the worst reading of each wire: the highest where too much is bad, else the lowest.
func (g *gathering) extremes(ctx context.Context, wires []*ent.Tripwire) (map[int]*float64, error) {
	ids := make([]int, len(wires))
	for i, w := range wires {
		ids[i] = w.ID
	}
	var rows []struct {
		TripwireID int     `json:"tripwire_id"`
		Max        float64 `json:"max"`
		Min        float64 `json:"min"`
	}
	err := g.c.Reading.Query().Where(reading.TripwireIDIn(ids...), reading.CreatedAtLTE(g.asOf)).
		GroupBy(reading.FieldTripwireID).Aggregate(ent.Max(reading.FieldValue), ent.Min(reading.FieldValue)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	worst := make(map[int]*float64, len(rows))
	for _, row := range rows {
		for _, w := range wires {
			if w.ID != row.TripwireID {
				continue
			}
			if worst[w.ID] = &row.Max; w.Comparator == vocab.ComparatorLt || w.Comparator == vocab.ComparatorLte {
				worst[w.ID] = &row.Min
			}
		}
	}
	return worst, nil
}

// readRunbooks reads the runbooks of the service and those of the areas that the change touches.
func (g *gathering) readRunbooks(ctx context.Context) error {
	serviceID := g.attempt.Edges.Upgrade.ServiceID
	rows, err := g.c.Runbook.Query().Where(g.recorded(), func(s *entsql.Selector) {
		anyOf := []*entsql.Predicate{entsql.EQ(s.C("service_id"), serviceID)}
		for _, area := range g.attempt.ChangedAreas {
			anyOf = append(anyOf, sqljson.ValueContains(s.C("areas"), area))
		}
		s.Where(entsql.Or(anyOf...))
	}).All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		why := "is of this service"
		if areas := shared(row.Areas, g.attempt.ChangedAreas); len(areas) > 0 {
			why = "covers " + strings.Join(sorted(areas), ", ")
		}
		g.facts.Runbooks = append(g.facts.Runbooks, Runbook{
			ID: vocab.Runbook.ID(row.ID), Title: row.Title, Why: why,
			Health: catalog.Health(catalog.Checked{Link: row.LinkStatus, ReviewedAt: row.ReviewedAt, DueAt: row.ReviewDueAt}, g.asOf),
		})
	}
	return nil
}

// notShown are those of the lessons that were not shown to the attempt yet.
func (s *Service) notShown(ctx context.Context, c *ent.Client, attemptID int, lessonIDs []int) ([]int, error) {
	var shown []int
	err := c.LessonApplication.Query().
		Where(lessonapplication.AttemptID(attemptID), lessonapplication.LessonIDIn(lessonIDs...)).
		Select(lessonapplication.FieldLessonID).Scan(ctx, &shown)
	return slices.DeleteFunc(slices.Clone(lessonIDs), func(id int) bool { return slices.Contains(shown, id) }), err
}
