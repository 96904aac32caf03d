package jirasync

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// kindOf says which kind of record an entity of the rules is. A lesson is written by people; its issue is a finding until then.
var kindOf = map[jira.Entity]string{
	jira.EntityFinding: vocab.Finding.Prefix, jira.EntityAction: vocab.Action.Prefix, jira.EntityIncident: vocab.Incident.Prefix,
	jira.EntityLesson: vocab.Finding.Prefix, jira.EntityAttempt: vocab.Attempt.Prefix,
}

// entityOf is the entity of a kind of record.
func entityOf(prefix string) jira.Entity {
	for _, entity := range []jira.Entity{jira.EntityFinding, jira.EntityAction, jira.EntityIncident, jira.EntityAttempt} {
		if kindOf[entity] == prefix {
			return entity
		}
	}
	return jira.EntityFinding
}

// record makes the record of an issue, or brings it up to date. An issue keeps the kind of record it first became.
func (p *Processor) record(ctx context.Context, tx *store.Tx, t *tracked, d jira.Decision, at place) error {
	kind := t.row.RecordKind
	if kind == "" {
		kind = kindOf[d.Entity]
	}
	switch kind {
	case vocab.Finding.Prefix:
		return p.finding(ctx, tx, t, d, at)
	case vocab.Action.Prefix:
		return p.action(ctx, tx, t, d)
	case vocab.Incident.Prefix:
		return p.incident(ctx, tx, t, d, at)
	case vocab.Attempt.Prefix:
		if t.row.RecordID == 0 && !at.attempt.IsZero() {
			t.row.RecordKind, t.row.RecordID = at.attempt.Prefix, at.attempt.N
		}
	}
	return nil
}

// kept is the part of record.Records that a record of an issue needs.
type kept[E record.Entity, M, I any] interface {
	Kind() vocab.Kind
	Of(E) I
	Load(ctx context.Context, c *ent.Client, id int) (E, error)
	Add(ctx context.Context, in I) (E, error)
	Change(ctx context.Context, id, ifVersion int, patch func(I) (I, error)) (E, error)
	Force(ctx context.Context, id int, move record.Move, fill func(M)) (E, error)
}

// sync makes or changes a record: fill gives the input that Jira wants, given what the record is. Nothing is written when nothing
// is another than before.
func sync[E record.Entity, M, I any](ctx context.Context, tx *store.Tx, t *tracked, keep kept[E, M, I], d jira.Decision, now time.Time,
	status func(E) string, initial string, fill func(I) I,
) error {
	var none I
	if t.row.RecordID == 0 {
		e, err := keep.Add(ctx, fill(none))
		if err != nil {
			return err
		}
		t.row.RecordKind, t.row.RecordID = keep.Kind().Prefix, e.Meta().ID
		t.touched(t.target())
	} else {
		e, err := keep.Load(ctx, tx.Client(), t.row.RecordID)
		if err != nil {
			return err
		}
		was := keep.Of(e)
		if now := fill(was); !t.seeding && !same(was, now) {
			if _, err := keep.Change(ctx, t.row.RecordID, record.AnyVersion, func(I) (I, error) { return now, nil }); err != nil {
				return err
			}
			t.touched(t.target())
		}
	}
	return moveTo(ctx, tx, t, keep, d, now, status, initial)
}

// moveTo brings the record to the state that Jira's status stands for, when that has changed since it was last written.
func moveTo[E record.Entity, M, I any](ctx context.Context, tx *store.Tx, t *tracked, keep kept[E, M, I], d jira.Decision, now time.Time,
	status func(E) string, initial string,
) error {
	wanted := d.Fields.Status
	if wanted == "" {
		return nil
	}
	e, err := keep.Load(ctx, tx.Client(), t.row.RecordID)
	if err != nil {
		return err
	}
	current := status(e)
	if t.jiraSays("status", current, cmp.Or(wanted, initial), d.Conflict) == current || t.seeding {
		return nil
	}
	_, err = keep.Force(ctx, t.row.RecordID, record.Move{To: wanted, Reason: "changed in Jira", At: &now}, func(M) {})
	t.touched(t.target())
	return err
}

func (p *Processor) finding(ctx context.Context, tx *store.Tx, t *tracked, d jira.Decision, at place) error {
	m := d.Fields
	fill := func(in finding.Input) finding.Input {
		in.Title = t.jiraSays("title", in.Title, titleOf(d), d.Conflict)
		in.Observed = t.jiraSays("body", in.Observed, m.Body.Markdown, d.Conflict)
		in.Severity = vocab.Severity(t.jiraSays("severity", string(in.Severity), string(cmp.Or(m.Severity, vocab.SeverityMedium)), d.Conflict))
		in.Priority = vocab.Priority(t.jiraSays("priority", string(in.Priority), string(m.Priority), d.Conflict))
		in.DetectedBy = vocab.DetectedBy(t.jiraSays("detected_by", string(in.DetectedBy), string(m.DetectedBy), d.Conflict))
		in.Component = t.jiraSays("component", in.Component, clip(m.Component, 200), d.Conflict)
		in.Attribution = vocab.Attribution(t.jiraSays("attribution", string(in.Attribution), string(cmp.Or(m.Attribution, vocab.AttributionUndetermined)), d.Conflict))
		in.ServiceID = t.place("service", in.ServiceID, at.service, d.Conflict)
		in.AttemptID = t.place("attempt", in.AttemptID, at.attempt, d.Conflict)
		in.EnvironmentID = t.place("environment", in.EnvironmentID, at.environment, d.Conflict)
		in.Tags = t.list("tags", in.Tags, tagsOf(m), d.Conflict)
		in.DetectedAt = happened(in.DetectedAt, m.Created, p.now())
		return in
	}
	return sync(ctx, tx, t, p.Findings, d, p.now(), func(e *ent.Finding) string { return string(e.Status) }, string(vocab.FindingStatusReported), fill)
}

func (p *Processor) action(ctx context.Context, tx *store.Tx, t *tracked, d jira.Decision) error {
	m := d.Fields
	fill := func(in review.ActionInput) review.ActionInput {
		in.Title = t.jiraSays("title", in.Title, titleOf(d), d.Conflict)
		in.DoneCriterion = t.jiraSays("criterion", in.DoneCriterion, "Issue "+cmp.Or(m.Key, t.row.IssueID)+" is done", jira.ConflictOurs)
		in.Owner = t.jiraSays("owner", in.Owner, clip(cmp.Or(m.Owner, "unassigned"), 120), d.Conflict)
		in.Priority = vocab.Priority(t.jiraSays("priority", string(in.Priority), string(m.Priority), d.Conflict))
		in.DueOn = record.Date(t.jiraSays("due", string(in.DueOn), m.DueOn, d.Conflict))
		in.Tags = t.list("tags", in.Tags, tagsOf(m), d.Conflict)
		return in
	}
	return sync(ctx, tx, t, p.Actions, d, p.now(), func(e *ent.Action) string { return string(e.Status) }, string(vocab.ActionStatusOpen), fill)
}

func (p *Processor) incident(ctx context.Context, tx *store.Tx, t *tracked, d jira.Decision, at place) error {
	m := d.Fields
	fill := func(in incident.Input) incident.Input {
		in.Title = t.jiraSays("title", in.Title, titleOf(d), d.Conflict)
		in.Impact = t.jiraSays("body", in.Impact, m.Body.Markdown, d.Conflict)
		in.Severity = vocab.Severity(t.jiraSays("severity", string(in.Severity), string(cmp.Or(m.Severity, vocab.SeverityMedium)), d.Conflict))
		in.Priority = vocab.Priority(t.jiraSays("priority", string(in.Priority), string(m.Priority), d.Conflict))
		in.DetectedBy = vocab.DetectedBy(t.jiraSays("detected_by", string(in.DetectedBy), string(m.DetectedBy), d.Conflict))
		in.ServiceID = t.place("service", in.ServiceID, at.service, d.Conflict)
		in.AttemptID = t.place("attempt", in.AttemptID, at.attempt, d.Conflict)
		in.Tags = t.list("tags", in.Tags, tagsOf(m), d.Conflict)
		in.DetectedAt = happened(in.DetectedAt, m.Created, p.now())
		return in
	}
	return sync(ctx, tx, t, p.Incidents, d, p.now(), func(e *ent.Incident) string { return string(e.Status) }, string(vocab.IncidentStatusOpen), fill)
}

// place is jiraSays for the id of another record; what Jira does not tell stays as it is.
func (t *tracked) place(name string, current, mapped vocab.ID, rule jira.Conflict) vocab.ID {
	if mapped.IsZero() {
		return current
	}
	id, err := vocab.ParseID(t.jiraSays(name, current.String(), mapped.String(), rule))
	if err != nil {
		return vocab.ID{}
	}
	return id
}

// list is jiraSays for a list of texts.
func (t *tracked) list(name string, current, mapped []string, rule jira.Conflict) []string {
	was, wanted := strings.Join(slices.Sorted(slices.Values(current)), "\n"), strings.Join(slices.Sorted(slices.Values(mapped)), "\n")
	if t.jiraSays(name, was, wanted, rule) == was {
		return record.ListOf(current)
	}
	return mapped
}

// happened is when an issue was created, unless the record knows better.
func happened(current *time.Time, created, now time.Time) *time.Time {
	if current != nil || created.IsZero() {
		return current
	}
	at := record.Happened(created, now)
	return &at
}
