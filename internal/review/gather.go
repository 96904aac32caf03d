package review

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/action"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/event"
	"github.com/hindcast-kb/hindcast/ent/incident"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/ent/service"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Documented is a review with what belongs to it.
type Documented struct {
	Review   *ent.Review
	Document Document
}

// Document reads a review with its timeline, actions and links, as far as the actor may know of them. It is NotFound.
func (s *Service) Document(ctx context.Context, id int) (Documented, error) {
	e, err := s.Get(ctx, id)
	if err != nil {
		return Documented{}, err
	}
	d := document(s.Of(e))
	d.Status, d.Date = string(e.Status), cmp.Or(dayOf(e.PublishedAt), dayOf(&e.CreatedAt))
	g := gathering{
		c: s.store.Client(ctx), actor: auth.From(ctx), review: e.ID, into: &d,
		attempts: record.Numbers(record.IDsOf(vocab.Attempt, e.Edges.Attempts)), incidents: record.Numbers(record.IDsOf(vocab.Incident, e.Edges.Incidents)),
	}
	return Documented{e, d}, s.store.Fault(g.read(ctx, g.readIncidents, g.readServices, g.readTimeline, g.readActions, g.readLinks))
}

// Preview is the document that a review with this input would be, as far as the actor may know of what belongs to it. Nothing is
// written.
func (s *Service) Preview(ctx context.Context, in Input) (Document, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Document{}, err
	}
	d := document(in)
	d.Status = string(vocab.ReviewStatusDraft)
	g := gathering{c: s.store.Client(ctx), actor: auth.From(ctx), into: &d, attempts: record.Numbers(in.AttemptIDs), incidents: record.Numbers(in.IncidentIDs)}
	return d, s.store.Fault(g.read(ctx, g.readIncidents, g.readServices, g.readTimeline))
}

// document is a review without what belongs to it.
func document(in Input) Document {
	d := Document{
		Title: in.Title, Tags: in.Tags, Summary: in.Summary, Impact: in.Impact, Factors: in.ContributingFactors, WentWell: in.WentWell,
		WentPoorly: in.WentPoorly, Lucky: in.Lucky, Body: in.Body,
	}
	for _, role := range in.Participants {
		d.Participants = append(d.Participants, Participant{Text: role})
	}
	return d
}

// gathering reads what belongs to a review, or to one that is not written yet, which has no number.
type gathering struct {
	c                   *ent.Client
	actor               auth.Actor
	review              int
	attempts, incidents []int
	into                *Document
}

func (g gathering) read(ctx context.Context, parts ...func(context.Context) error) error {
	for _, part := range parts {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// readIncidents sets the worst severity, and the times of the harm from its first sign to its last.
func (g gathering) readIncidents(ctx context.Context) error {
	rows, err := g.c.Incident.Query().Where(incident.IDIn(g.incidents...), record.ByTeam(g.actor)).All(ctx)
	d := g.into
	for _, i := range rows {
		if d.Severity == "" || vocab.Rank(i.Severity) < vocab.Rank(vocab.Severity(d.Severity)) {
			d.Severity = string(i.Severity)
		}
		d.ImpactStart, d.DetectedAt = first(d.ImpactStart, i.ImpactStart), first(d.DetectedAt, i.DetectedAt)
		if i.ImpactEnd != nil && (d.ImpactEnd == nil || i.ImpactEnd.After(*d.ImpactEnd)) {
			d.ImpactEnd = record.UTC(i.ImpactEnd)
		}
	}
	return err
}

func first(a, b *time.Time) *time.Time {
	if b == nil || (a != nil && a.Before(*b)) {
		return a
	}
	return record.UTC(b)
}

func (g gathering) readServices(ctx context.Context) error {
	harmed, err := g.c.Incident.Query().Where(incident.IDIn(g.incidents...), record.ByTeam(g.actor)).QueryService().IDs(ctx)
	if err != nil {
		return err
	}
	upgraded, err := g.c.Attempt.Query().Where(attempt.IDIn(g.attempts...), record.ByTeam(g.actor)).QueryUpgrade().QueryService().IDs(ctx)
	if err != nil {
		return err
	}
	g.into.Services, err = g.c.Service.Query().Where(service.IDIn(append(harmed, upgraded...)...)).Order(ent.Asc(service.FieldName)).
		Select(service.FieldName).Strings(ctx)
	return err
}

// readTimeline reads the events of the attempts and incidents; what was corrected is left out.
func (g gathering) readTimeline(ctx context.Context) error {
	rows, err := g.c.Event.Query().
		Where(event.Or(event.AttemptIDIn(g.attempts...), event.IncidentIDIn(g.incidents...)), record.ThroughParent(vocab.Event)(g.actor)).
		Order(ent.Asc(event.FieldOccurredAt, event.FieldID)).All(ctx)
	corrected := map[int]bool{}
	for _, e := range rows {
		if e.SupersedesID != nil {
			corrected[*e.SupersedesID] = true
		}
	}
	for _, e := range rows {
		if !corrected[e.ID] {
			g.into.Timeline = append(g.into.Timeline, Entry{At: e.OccurredAt.UTC(), Kind: e.Kind, Text: e.Text})
		}
	}
	return err
}

func (g gathering) readActions(ctx context.Context) error {
	rows, err := g.c.Action.Query().Where(action.ReviewID(g.review), record.ByTeam(g.actor)).Order(ent.Asc(action.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	ids := make([]vocab.ID, len(rows))
	for i, a := range rows {
		ids[i] = vocab.Action.ID(a.ID)
	}
	links, err := g.links(ctx, ids...)
	for i, a := range rows {
		up := FollowUp{
			Title: a.Title, DoneCriterion: a.DoneCriterion, Owner: a.Owner, Due: dayOf(a.DueOn), Priority: string(a.Priority), Kind: a.Kind,
			Done: slices.Contains([]vocab.ActionStatus{vocab.ActionStatusDone, vocab.ActionStatusVerified}, a.Status),
		}
		for _, l := range links[ids[i]] {
			if l.URL != "" {
				up.URLs = append(up.URLs, l.URL)
			}
		}
		g.into.Actions = append(g.into.Actions, up)
	}
	return err
}

func (g gathering) readLinks(ctx context.Context) error {
	id := vocab.Review.ID(g.review)
	links, err := g.links(ctx, id)
	g.into.Links = links[id]
	return err
}

func (g gathering) links(ctx context.Context, of ...vocab.ID) (map[vocab.ID][]Link, error) {
	if len(of) == 0 {
		return nil, nil
	}
	anyOf := make([]predicate.RecordReference, len(of))
	for i, id := range of {
		anyOf[i] = recordreference.And(recordreference.TargetKind(id.Prefix), recordreference.TargetID(id.N))
	}
	rows, err := g.c.RecordReference.Query().Where(recordreference.Or(anyOf...)).Order(ent.Asc(recordreference.FieldID)).All(ctx)
	links := map[vocab.ID][]Link{}
	for _, r := range rows {
		id := vocab.ID{Prefix: r.TargetKind, N: r.TargetID}
		links[id] = append(links[id], Link{Kind: r.Kind, URL: r.URL, ExternalKey: r.ExternalKey, Title: r.Title})
	}
	return links, err
}

func dayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return at.UTC().Format(time.DateOnly)
}
