package analytics

import (
	"context"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/action"
	entassumption "github.com/hindcast-kb/hindcast/ent/assumption"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/effortentry"
	"github.com/hindcast-kb/hindcast/ent/event"
	"github.com/hindcast-kb/hindcast/ent/finding"
	"github.com/hindcast-kb/hindcast/ent/incident"
	"github.com/hindcast-kb/hindcast/ent/lessonapplication"
	entrecurrence "github.com/hindcast-kb/hindcast/ent/recurrence"
	"github.com/hindcast-kb/hindcast/ent/transition"
	"github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// reading reads the rows of one figure.
type reading struct {
	c      *ent.Client
	actor  auth.Actor
	seen   func(*entsql.Selector)
	window Window
	now    time.Time
	sample bool
	// upgrades and attempts are those that the actor may know of, once read.
	upgrades, attempts map[int]place
}

// place is where an upgrade or attempt belongs.
type place struct {
	Place
	environment vocab.EnvironmentKind
	sample      bool
}

func newReading(ctx context.Context, c *ent.Client, window Window, now time.Time, sample bool) *reading {
	actor := auth.From(ctx)
	return &reading{c: c, actor: actor, seen: record.ByTeam(actor), window: window, now: now, sample: sample}
}

// within holds for rows whose time lies in the window.
func (r *reading) within(column string) func(*entsql.Selector) {
	return func(s *entsql.Selector) { s.Where(r.in(s.C(column))) }
}

// withinOr is within by the first column, or by the second where the first is empty.
func (r *reading) withinOr(column, other string) func(*entsql.Selector) {
	return func(s *entsql.Selector) {
		s.Where(entsql.Or(r.in(s.C(column)), entsql.And(entsql.IsNull(s.C(column)), r.in(s.C(other)))))
	}
}

func (r *reading) in(column string) *entsql.Predicate {
	return entsql.And(entsql.GTE(column, r.window.From), entsql.LTE(column, r.window.To))
}

// places reads where upgrades and attempts belong.
func (r *reading) places(ctx context.Context) error {
	upgrades, err := r.c.Upgrade.Query().Where(r.seen).Select(upgrade.FieldServiceID, upgrade.FieldKind, upgrade.FieldSample).All(ctx)
	if err != nil {
		return err
	}
	r.upgrades = make(map[int]place, len(upgrades))
	for _, e := range upgrades {
		r.upgrades[e.ID] = place{Place: Place{Service: vocab.Service.ID(e.ServiceID).String(), Kind: string(e.Kind)}, sample: e.Sample}
	}
	environments, err := r.c.Environment.Query().All(ctx)
	if err != nil {
		return err
	}
	kinds := make(map[int]vocab.EnvironmentKind, len(environments))
	for _, e := range environments {
		kinds[e.ID] = e.Kind
	}
	attempts, err := r.c.Attempt.Query().Where(r.seen).Select(attempt.FieldUpgradeID, attempt.FieldEnvironmentID, attempt.FieldSample).All(ctx)
	r.attempts = make(map[int]place, len(attempts))
	for _, e := range attempts {
		at := r.upgrades[e.UpgradeID]
		at.Environment, at.environment, at.sample = vocab.Environment.ID(e.EnvironmentID).String(), kinds[e.EnvironmentID], e.Sample
		r.attempts[e.ID] = at
	}
	return err
}

// of is the place of an attempt, or of an upgrade, or none.
func (r *reading) of(attemptID, upgradeID *int) place {
	switch {
	case attemptID != nil:
		return r.attempts[*attemptID]
	case upgradeID != nil:
		return r.upgrades[*upgradeID]
	}
	return place{}
}

func (r *reading) changeFailure(ctx context.Context) ([]Case, error) {
	if err := r.places(ctx); err != nil {
		return nil, err
	}
	rows, err := r.c.Attempt.Query().Where(attempt.StatusIn(
		vocab.AttemptStatusSucceeded, vocab.AttemptStatusRolledBack, vocab.AttemptStatusFixedForward, vocab.AttemptStatusAborted,
	), r.withinOr(attempt.FieldEndedAt, attempt.FieldCreatedAt), r.seen).All(ctx)
	all := make([]Attempt, len(rows))
	for i, e := range rows {
		at := r.attempts[e.ID]
		all[i] = Attempt{
			Row:    Row{vocab.Attempt.ID(e.ID), e.Sample, at.Place, orTime(e.EndedAt, e.CreatedAt)},
			Status: e.Status, In: at.environment, UsersAffected: e.UsersAffected, EndedAt: record.UTC(e.EndedAt),
		}
	}
	return changeFailure(all), err
}

func orTime(at *time.Time, other time.Time) time.Time {
	if at != nil {
		return at.UTC()
	}
	return other.UTC()
}

func (r *reading) detection(ctx context.Context) ([]Case, error) {
	all, attempts, err := r.incidents(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.timelines(ctx, all, attempts); err != nil {
		return nil, err
	}
	return detection(all), nil
}

func (r *reading) recovery(ctx context.Context) ([]Case, error) {
	all, _, err := r.incidents(ctx)
	return recovery(all), err
}

// incidents reads the incidents of the window, with the number of the attempt that triggered each, zero for none.
func (r *reading) incidents(ctx context.Context) ([]Incident, []int, error) {
	if err := r.places(ctx); err != nil {
		return nil, nil, err
	}
	rows, err := r.c.Incident.Query().Where(r.withinOr(incident.FieldImpactStart, incident.FieldCreatedAt), r.seen).
		Order(ent.Asc(incident.FieldID)).All(ctx)
	all, attempts := make([]Incident, len(rows)), make([]int, len(rows))
	for i, e := range rows {
		at := r.of(e.AttemptID, nil).Place
		if e.ServiceID != nil {
			at.Service = vocab.Service.ID(*e.ServiceID).String()
		}
		all[i] = Incident{
			Row:         Row{vocab.Incident.ID(e.ID), e.Sample, at, orTime(e.ImpactStart, e.CreatedAt)},
			ImpactStart: record.UTC(e.ImpactStart), ImpactEnd: record.UTC(e.ImpactEnd), DetectedAt: record.UTC(e.DetectedAt),
			DetectedBy: e.DetectedBy, NearMiss: e.NearMiss,
		}
		if e.AttemptID != nil && e.AttemptRelation != vocab.AttemptRelationCoincident {
			if _, known := r.attempts[*e.AttemptID]; known {
				attempts[i] = *e.AttemptID
			}
		}
	}
	return all, attempts, err
}

// timelines gives the incidents their events; those that were corrected do not count.
func (r *reading) timelines(ctx context.Context, all []Incident, attempts []int) error {
	rows, err := r.c.Event.Query().Where(
		event.Or(event.KindEQ(vocab.EventKindSignal), event.ActedOn(true)), event.Not(event.HasSupersededBy()), r.ofIncidents,
	).All(ctx)
	ofIncident, ofAttempt := map[int][]Event{}, map[int][]Event{}
	for _, e := range rows {
		told := Event{e.OccurredAt.UTC(), e.Kind, e.Source, e.ActedOn}
		if e.IncidentID != nil {
			ofIncident[*e.IncidentID] = append(ofIncident[*e.IncidentID], told)
		} else if e.AttemptID != nil {
			ofAttempt[*e.AttemptID] = append(ofAttempt[*e.AttemptID], told)
		}
	}
	for i := range all {
		all[i].Events = append(ofIncident[all[i].ID.N], ofAttempt[attempts[i]]...)
	}
	return err
}

// ofIncidents holds for events of the incidents of the window and of their attempts. What the actor may not know of is dropped
// where the events are given to incidents.
func (r *reading) ofIncidents(s *entsql.Selector) {
	inWindow := func(column string) *entsql.Selector {
		t := entsql.Dialect(s.Dialect()).Table(incident.Table)
		return entsql.Dialect(s.Dialect()).Select(t.C(column)).From(t).Where(entsql.And(entsql.NotNull(t.C(column)), r.in(t.C(incident.FieldImpactStart))))
	}
	s.Where(entsql.Or(
		entsql.In(s.C(event.FieldIncidentID), inWindow(incident.FieldID)), entsql.In(s.C(event.FieldAttemptID), inWindow(incident.FieldAttemptID)),
	))
}

func (r *reading) effort(ctx context.Context) ([]Case, error) {
	if err := r.places(ctx); err != nil {
		return nil, err
	}
	rows, err := r.c.EffortEntry.Query().Where(r.within(effortentry.FieldSpentAt), record.ThroughParent(vocab.Effort)(r.actor)).All(ctx)
	all := make([]Effort, len(rows))
	for i, e := range rows {
		at := r.of(e.AttemptID, e.UpgradeID)
		all[i] = Effort{
			Row: Row{vocab.Effort.ID(e.ID), e.Sample || at.sample, at.Place, e.SpentAt}, Hours: e.Hours, Phase: e.Phase, Role: e.Role,
			Attempt: record.RefOf(vocab.Attempt, e.AttemptID),
		}
	}
	return effort(all), err
}

func (r *reading) lessons(ctx context.Context) ([]Case, error) {
	if err := r.places(ctx); err != nil {
		return nil, err
	}
	through := record.Through(map[string]vocab.Kind{lessonapplication.FieldAttemptID: vocab.Attempt, lessonapplication.FieldLessonID: vocab.Lesson})
	rows, err := r.c.LessonApplication.Query().Where(r.within(lessonapplication.FieldCreatedAt), through(r.actor)).All(ctx)
	all := make([]Application, len(rows))
	for i, e := range rows {
		at := r.attempts[e.AttemptID]
		all[i] = Application{
			Row:    Row{vocab.Attempt.ID(e.AttemptID), at.sample, at.Place, e.CreatedAt},
			Lesson: vocab.Lesson.ID(e.LessonID), Response: e.Response, Outcome: e.Outcome,
		}
	}
	return lessons(all, r.sample), err
}

func (r *reading) assumptions(ctx context.Context) ([]Case, error) {
	if err := r.places(ctx); err != nil {
		return nil, err
	}
	rows, err := r.c.Assumption.Query().Where(r.within(entassumption.FieldCreatedAt), r.seen).All(ctx)
	all := make([]Assumption, len(rows))
	for i, e := range rows {
		at := r.of(e.AttemptID, e.UpgradeID).Place
		if e.EnvironmentID != nil {
			at.Environment = vocab.Environment.ID(*e.EnvironmentID).String()
		}
		standing := assumption.Standing{Status: e.EvidenceStatus, Reason: e.EvidenceReason, Until: record.UTC(e.VerifiedUntil)}
		status, _ := standing.At(record.UTC(e.RetiredAt), r.now)
		all[i] = Assumption{Row{vocab.Assumption.ID(e.ID), e.Sample, at, e.CreatedAt}, status}
	}
	return assumptions(all), err
}

func (r *reading) recurrence(ctx context.Context) ([]Case, error) {
	if err := r.places(ctx); err != nil {
		return nil, err
	}
	visible := record.Both(record.ThroughKinds("from_kind", "from_id"), record.ThroughKinds("to_kind", "to_id"))
	known, err := r.c.Recurrence.Query().Where(entrecurrence.StatusEQ(vocab.RecurrenceStatusConfirmed), visible(r.actor)).
		Order(ent.Desc(entrecurrence.FieldID)).All(ctx)
	if err != nil {
		return nil, err
	}
	cameBack := make(map[vocab.ID]vocab.RecurrenceKind, len(known))
	for _, e := range known {
		cameBack[vocab.ID{Prefix: e.ToKind, N: e.ToID}] = e.Kind
	}
	findings, err := r.c.Finding.Query().Where(r.withinOr(finding.FieldDetectedAt, finding.FieldCreatedAt), r.seen).All(ctx)
	if err != nil {
		return nil, err
	}
	var all []Observed
	for _, e := range findings {
		at := r.of(e.AttemptID, nil).Place
		if e.ServiceID != nil {
			at.Service = vocab.Service.ID(*e.ServiceID).String()
		}
		if e.EnvironmentID != nil {
			at.Environment = vocab.Environment.ID(*e.EnvironmentID).String()
		}
		id := vocab.Finding.ID(e.ID)
		all = append(all, Observed{
			Row{id, e.Sample, at, orTime(e.DetectedAt, e.CreatedAt)}, e.Status == vocab.FindingStatusDuplicate, cameBack[id],
		})
	}
	incidents, _, err := r.incidents(ctx)
	for _, in := range incidents {
		all = append(all, Observed{Row: in.Row, CameBack: cameBack[in.ID]})
	}
	return recurrence(all), err
}

func (r *reading) actions(ctx context.Context) ([]Case, error) {
	rows, err := r.c.Action.Query().Where(r.within(action.FieldCreatedAt), r.seen).All(ctx)
	if err != nil {
		return nil, err
	}
	moves, err := r.c.Transition.Query().Where(
		transition.TargetKind(vocab.Action.Prefix), transition.ToState(string(vocab.ActionStatusDone)), transition.CreatedAtGTE(r.window.From),
	).Order(ent.Asc(transition.FieldAt, transition.FieldID)).All(ctx)
	done := make(map[int]time.Time, len(moves))
	for _, move := range moves {
		done[move.TargetID] = move.At.UTC()
	}
	all := make([]Action, len(rows))
	for i, e := range rows {
		all[i] = Action{
			Row: Row{vocab.Action.ID(e.ID), e.Sample, Place{Kind: string(e.Kind)}, e.CreatedAt}, Status: e.Status, Due: record.UTC(e.DueOn),
		}
		if at, ok := done[e.ID]; ok {
			all[i].DoneAt = &at
		}
	}
	return actions(all, r.now), err
}
