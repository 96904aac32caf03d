package story

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/brief"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/snapshot"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// services are what the story is told through.
type services struct {
	catalog      *catalog.Services
	environments *catalog.Environments
	runbooks     *catalog.Runbooks
	references   *catalog.References
	upgrades     *upgrade.Upgrades
	attempts     *upgrade.Attempts
	decisions    *upgrade.Decisions
	tripwires    *upgrade.Tripwires
	efforts      *upgrade.Efforts
	assumptions  *assumption.Service
	evidence     *assumption.EvidenceService
	findings     *finding.Service
	recurrences  *finding.Recurrences
	incidents    *incident.Service
	events       *incident.Events
	lessons      *lesson.Service
	reviews      *review.Service
	actions      *review.Actions
	snapshots    *snapshot.Service
	briefs       *brief.Service
}

func newServices(s *store.Store, now func() time.Time, zone *time.Location) services {
	assumptions := assumption.New(s, now)
	attempts, lessons := upgrade.NewAttempts(s, now), lesson.New(s, now)
	return services{
		catalog: catalog.NewServices(s, now), environments: catalog.NewEnvironments(s, now), runbooks: catalog.NewRunbooks(s, now),
		references: catalog.NewReferences(s, now), upgrades: upgrade.NewUpgrades(s, now), attempts: attempts,
		decisions: upgrade.NewDecisions(s, now), tripwires: upgrade.NewTripwires(s, now), efforts: upgrade.NewEfforts(s, now),
		assumptions: assumptions, evidence: assumption.NewEvidence(s, now, assumptions), findings: finding.New(s, now),
		recurrences: finding.NewRecurrences(s, now), incidents: incident.New(s, now), events: incident.NewEvents(s, now),
		lessons: lessons, reviews: review.New(s, now), actions: review.NewActions(s, now),
		snapshots: snapshot.New(s, now, assumptions.AreasChanged), briefs: brief.New(s, now, zone, attempts, lessons),
	}
}

// keeper is a service that keeps one kind of record.
type keeper[E, I any] interface {
	Add(ctx context.Context, in I) (E, error)
	ID(e E) vocab.ID
}

// add makes a record and gives its id.
func add[E, I any](t *teller, k keeper[E, I], in I) vocab.ID {
	if t.err != nil {
		return vocab.ID{}
	}
	e, err := k.Add(t.ctx, in)
	if err != nil {
		t.err = fmt.Errorf("adding %+v: %w", in, err)
		return vocab.ID{}
	}
	return k.ID(e)
}

// mover is a service whose records have states.
type mover[E any] interface {
	Transition(ctx context.Context, id, ifVersion int, move record.Move) (E, error)
}

// move takes a record to another state.
func move[E any, S ~string](t *teller, m mover[E], id vocab.ID, to S, reason string) {
	if t.err != nil {
		return
	}
	if _, err := m.Transition(t.ctx, id.N, record.AnyVersion, record.Move{To: string(to), Reason: reason}); err != nil {
		t.err = fmt.Errorf("moving %s to %s: %w", id, to, err)
	}
}

// do runs a deed that the helpers have no shape for.
func (t *teller) do(deed func() error) {
	if t.err == nil {
		t.err = deed()
	}
}

// sample marks a record as part of the demonstration.
func sample(tags ...string) record.Knowledge { return record.Knowledge{Tags: tags, Sample: true} }

func ptr[T any](v T) *T { return &v }

// sees adds evidence that is observed now.
func (t *teller) sees(of vocab.ID, result vocab.EvidenceResult, where vocab.ID, method, summary string) {
	add(t, t.evidence, assumption.EvidenceInput{
		AssumptionID: of, Result: result, EnvironmentID: where, ObservedAt: ptr(t.now), Summary: summary, Method: method,
	})
}

// notes adds an event that happens now.
func (t *teller) notes(of vocab.ID, kind vocab.EventKind, source string, actedOn bool, text string) {
	add(t, t.events, incident.EventInput{Of: of, OccurredAt: ptr(t.now), Kind: kind, Text: text, Source: source, ActedOn: actedOn})
}

// links adds a reference to a record.
func (t *teller) links(target vocab.ID, kind vocab.ReferenceKind, url, key, title, role string) {
	add(t, t.references, catalog.ReferenceInput{Target: target, Kind: kind, URL: url, ExternalKey: key, Title: title, Role: role})
}

// spends adds effort on an attempt or upgrade.
func (t *teller) spends(on vocab.ID, hours float64, role string, phase vocab.EffortPhase, note string) {
	in := upgrade.EffortInput{Hours: hours, Role: role, Phase: phase, Note: note, Sample: true}
	if on.Is(vocab.Attempt) {
		in.AttemptID = on
	} else {
		in.UpgradeID = on
	}
	add(t, t.efforts, in)
}

// decides adds a decision that somebody else accepts shortly after.
func (t *teller) decides(in upgrade.DecisionInput, acceptedBy string) {
	in.Knowledge = sample("framework-upgrade")
	id := add(t, t.decisions, in)
	t.at(t.now.Add(5*time.Minute), acceptedBy)
	move(t, t.decisions, id, vocab.DecisionStatusAccepted, "")
}

// asks asks the gate, and fails when it answers anything but what the story needs.
func (t *teller) asks(attempt vocab.ID, want vocab.GateDecision) {
	t.do(func() error {
		verdict, err := t.briefs.Ask(t.ctx, attempt.N)
		if err == nil && verdict.Decision != want {
			err = fmt.Errorf("the gate of %s says %s, not %s: %+v", attempt, verdict.Decision, want, verdict.Reasons)
		}
		return err
	})
}

// answers answers a lesson on an attempt.
func (t *teller) answers(attempt, id vocab.ID, response vocab.LessonResponse, reason string, outcome vocab.LessonOutcome) {
	t.do(func() error {
		_, err := t.lessons.Respond(t.ctx, attempt.N, id.N, lesson.Answer{Response: response, Reason: reason, Outcome: outcome})
		return err
	})
}

// concludes writes down how an attempt that has ended went.
func (t *teller) concludes(attempt vocab.ID, users int, summary string) {
	t.do(func() error {
		_, err := t.attempts.Change(t.ctx, attempt.N, record.AnyVersion, func(in upgrade.AttemptInput) (upgrade.AttemptInput, error) {
			in.UsersAffected, in.OutcomeSummary = &users, summary
			return in, nil
		})
		return err
	})
}
