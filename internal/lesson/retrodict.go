package lesson

import (
	"context"
	"slices"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/incident"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// notSample holds for rows that are no demonstration data.
func notSample(s *entsql.Selector) { s.Where(entsql.EQ(s.C(attempt.FieldSample), false)) }

// happened reads what was found on each of the attempts, with one query for each kind of record.
func happened(ctx context.Context, c *ent.Client, e *ent.Lesson, attempts []*ent.Attempt, visible func(*entsql.Selector)) ([]Past, error) {
	numbers := make([]int, len(attempts))
	for i, a := range attempts {
		numbers[i] = a.ID
	}
	findings, err := c.Finding.Query().Where(finding.AttemptIDIn(numbers...), visible).Order(ent.Asc(finding.FieldID)).All(ctx)
	if err != nil {
		return nil, err
	}
	incidents, err := c.Incident.Query().Where(incident.AttemptIDIn(numbers...), visible).Order(ent.Asc(incident.FieldID)).All(ctx)
	if err != nil {
		return nil, err
	}
	learned := slices.Concat(record.IDsOf(vocab.Finding, e.Edges.Findings), record.IDsOf(vocab.Incident, e.Edges.Incidents))
	services, err := learnedOn(ctx, c, e)
	if err != nil {
		return nil, err
	}
	past := make([]Past, len(attempts))
	for i, a := range attempts {
		p := Past{Attempt: a}
		p.Shared, _ = Matches(Scopes(e.AppliesTo, services), Traits(a, a.Edges.Upgrade))
		for _, f := range findings {
			if *f.AttemptID == a.ID {
				p.Findings = append(p.Findings, vocab.Finding.ID(f.ID))
			}
		}
		for _, x := range incidents {
			if *x.AttemptID == a.ID {
				p.Incidents = append(p.Incidents, vocab.Incident.ID(x.ID))
			}
		}
		for _, id := range slices.Concat(p.Findings, p.Incidents) {
			if slices.Contains(learned, id) {
				p.Learned = append(p.Learned, id)
			}
		}
		past[i] = p
	}
	return past, nil
}
