package importer

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	entreview "github.com/hindcast-kb/hindcast/ent/review"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/postmortem"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Service writes reviews from Markdown.
type Service struct {
	store      *store.Store
	now        func() time.Time
	reviews    *review.Service
	actions    *review.Actions
	incidents  *incident.Service
	events     *incident.Events
	references *catalog.References
	runbooks   *catalog.Runbooks
}

// New writes to s.
func New(s *store.Store, now func() time.Time) *Service {
	return &Service{
		store: s, now: now, reviews: review.New(s, now), actions: review.NewActions(s, now), incidents: incident.New(s, now),
		events: incident.NewEvents(s, now), references: catalog.NewReferences(s, now),
		runbooks: catalog.NewRunbooks(s, now),
	}
}

// Import writes one review in one transaction; dryRun only says what it would write. Times without a zone are read in zone. A
// text that was imported before changes nothing, whatever its name. The actor must be admin. A text that cannot be a review is
// a Result with the status Refused; an error means that the store did not answer as it should.
func (s *Service) Import(ctx context.Context, name, markdown string, zone *time.Location, dryRun bool) (Result, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return Result{}, err
	}
	text, cleaned := clean(markdown)
	draft, err := postmortem.Parse(name, []byte(text), postmortem.Options{Zone: zone})
	if err != nil {
		return refused(name, err), nil
	}
	plan := PlanOf(draft, s.now())
	if cleaned {
		plan.Notes = append(plan.Notes, postmortem.Note{Message: "control characters were replaced"})
	}
	result := resultOf(name, plan)
	if err := plan.check(); err != nil {
		return refusal(result, err), nil
	}
	for again := true; ; again = false {
		err = s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.once(ctx, tx, plan, &result, dryRun) })
		if !again || !fault.Is(err, fault.Conflict) { // another request imported the same text just now: look again
			break
		}
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return refusal(result, err), nil
	}
	return result, err
}

// check notes what a record of the plan could not hold, so that a trial finds what an import would.
func (p Plan) check() error {
	var check fault.Check
	p.Review.Check(&check)
	p.Incident.Check(&check)
	for _, e := range p.Events {
		e.Check(&check)
	}
	for _, a := range p.Actions {
		a.Input.Check(&check)
	}
	return check.Err()
}

func (s *Service) once(ctx context.Context, tx *store.Tx, plan Plan, result *Result, dryRun bool) error {
	found, err := tx.Client().Review.Query().Where(entreview.ImportKey(plan.Key)).WithIncidents().Only(ctx)
	switch {
	case err == nil:
		result.Status = Unchanged
		return s.known(ctx, tx, found, plan, result)
	case !ent.IsNotFound(err):
		return err
	case dryRun:
		result.Status = WouldCreate
		return nil
	}
	result.Status = Created
	return s.write(ctx, plan, result)
}

// write makes the records; what an earlier run of the transaction noted is forgotten.
func (s *Service) write(ctx context.Context, plan Plan, result *Result) error {
	result.EventIDs, result.ActionIDs, result.ReferenceIDs = []vocab.ID{}, []vocab.ID{}, []vocab.ID{}
	happened, err := s.incidents.Add(ctx, plan.Incident)
	if err != nil {
		return err
	}
	result.IncidentID = s.incidents.ID(happened)
	for _, e := range plan.Events {
		e.Of = result.IncidentID
		added, err := s.events.Add(ctx, e)
		if err != nil {
			return err
		}
		result.EventIDs = append(result.EventIDs, s.events.ID(added))
	}
	if err := s.resolve(ctx, happened.ID, plan.Over); err != nil {
		return err
	}
	plan.Review.IncidentIDs, plan.Review.ImportKey = []vocab.ID{result.IncidentID}, plan.Key
	written, err := s.reviews.Add(ctx, plan.Review)
	if err != nil {
		return err
	}
	result.ReviewID = s.reviews.ID(written)
	if err := s.link(ctx, result, result.ReviewID, plan.References); err != nil {
		return err
	}
	return s.follow(ctx, plan, result)
}

const importReason = "imported from a review"

// resolve moves an incident that is over to where it ended.
func (s *Service) resolve(ctx context.Context, id int, over *time.Time) error {
	if over == nil {
		return nil
	}
	for _, to := range []vocab.IncidentStatus{vocab.IncidentStatusMitigated, vocab.IncidentStatusResolved} {
		if _, err := s.incidents.Transition(ctx, id, record.AnyVersion, record.Move{To: string(to), Reason: importReason, At: over}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) follow(ctx context.Context, plan Plan, result *Result) error {
	for _, a := range plan.Actions {
		a.Input.ReviewID = result.ReviewID
		added, err := s.actions.Add(ctx, a.Input)
		if err != nil {
			return err
		}
		id := s.actions.ID(added)
		result.ActionIDs = append(result.ActionIDs, id)
		if a.Done {
			for _, to := range []vocab.ActionStatus{vocab.ActionStatusInProgress, vocab.ActionStatusDone} {
				if _, err := s.actions.Transition(ctx, added.ID, record.AnyVersion, record.Move{To: string(to), Reason: importReason}); err != nil {
					return err
				}
			}
		}
		if err := s.link(ctx, result, id, a.References); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) link(ctx context.Context, result *Result, target vocab.ID, links []catalog.ReferenceInput) error {
	for _, in := range links {
		in.Target = target
		added, err := s.references.Add(ctx, in)
		if err != nil {
			return err
		}
		result.ReferenceIDs = append(result.ReferenceIDs, s.references.ID(added))
	}
	return nil
}
