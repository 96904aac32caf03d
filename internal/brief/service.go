package brief

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Service makes briefs and asks the gate.
type Service struct {
	store    *store.Store
	now      func() time.Time
	zone     *time.Location
	attempts *upgrade.Attempts
	lessons  *lesson.Service
}

// New makes a Service. zone is where business hours are counted; UTC when nil. The attempts ask it before one becomes ready.
func New(s *store.Store, now func() time.Time, zone *time.Location, attempts *upgrade.Attempts, lessons *lesson.Service) *Service {
	if zone == nil {
		zone = time.UTC
	}
	service := &Service{store: s, now: now, zone: zone, attempts: attempts, lessons: lessons}
	attempts.Gate = service.unmet
	return service
}

// Told is a brief with the facts it was made from.
type Told struct {
	Facts Facts
	Brief Brief
}

// Tell makes the brief of an attempt from what the actor may know of. Matching lessons are noted as shown. With asOf, what
// was recorded later is left out and nothing is noted.
func (s *Service) Tell(ctx context.Context, id int, asOf *time.Time) (Told, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Told{}, err
	}
	at := s.now().UTC()
	if asOf != nil {
		var check fault.Check
		if record.NotFuture(&check, "as_of", asOf, at); len(check.Fields) > 0 {
			return Told{}, check.Err()
		}
		at = asOf.UTC()
	}
	g, err := s.gather(ctx, s.store.Client(ctx), id, at)
	if err != nil {
		return Told{}, s.store.Fault(err)
	}
	if asOf == nil {
		if err := s.surface(ctx, g); err != nil {
			return Told{}, err
		}
	}
	return Told{Facts: g.facts, Brief: Compose(g.facts)}, nil
}

// surface notes that the matching lessons were shown to the attempt, unless it has ended.
func (s *Service) surface(ctx context.Context, g *gathering) error {
	if upgrade.Ended(g.attempt.Status) || len(g.facts.Lessons) == 0 {
		return nil
	}
	ids := make([]int, len(g.facts.Lessons))
	for i, l := range g.facts.Lessons {
		ids[i] = l.ID.N
	}
	fresh, err := s.notShown(ctx, g.c, g.attempt.ID, ids)
	if err != nil || len(fresh) == 0 {
		return s.store.Fault(err)
	}
	return s.store.Tx(auth.With(ctx, auth.System("brief")), func(ctx context.Context, tx *store.Tx) error {
		return s.lessons.Surface(ctx, tx, g.attempt.ID, fresh)
	})
}

// Ask evaluates the gate for an attempt, and keeps the answer with the brief that was true. It looks at everything that is
// known, whoever asks; a reason that the caller may not know of keeps its code and loses its words. It fails closed: what
// cannot be evaluated is an error.
func (s *Service) Ask(ctx context.Context, id int) (Verdict, error) {
	if err := auth.Require(ctx, vocab.ScopeGate); err != nil {
		return Verdict{}, err
	}
	var verdict Verdict
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := s.attempts.Load(ctx, tx.Client(), id); err != nil {
			return err
		}
		all := auth.With(ctx, auth.System("gate"))
		g, err := s.gather(all, tx.Client(), id, s.now().UTC())
		if err != nil {
			return err
		}
		if err := s.surface(ctx, g); err != nil {
			return err
		}
		verdict = Evaluate(g.facts)
		return s.keep(ctx, tx, g.facts, verdict)
	})
	if err != nil {
		return Verdict{}, err
	}
	return s.discreet(ctx, verdict)
}

func (s *Service) keep(ctx context.Context, tx *store.Tx, f Facts, v Verdict) error {
	verdict, err := json.Marshal(v)
	if err != nil {
		return err
	}
	told, err := json.Marshal(Compose(f))
	if err != nil {
		return err
	}
	actor := auth.From(ctx)
	err = tx.Client().GateEvaluation.Create().SetAttemptID(f.Attempt.ID.N).SetDecision(v.Decision).SetBriefHash(v.BriefHash).
		SetVerdict(verdict).SetBrief(told).SetAt(f.At).SetAskedBy(actor.Key()).Exec(ctx)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{
		Target: f.Attempt.ID, Action: "gate_evaluated", At: f.At,
		Changes: []vocab.FieldChange{{Field: "decision", To: v.Decision}, {Field: "brief_hash", To: v.BriefHash}, {Field: "counts", To: v.Counts}},
	})
}

// discreet takes the words from reasons about records that the caller may not know of.
func (s *Service) discreet(ctx context.Context, v Verdict) (Verdict, error) {
	ids := make([]vocab.ID, len(v.Reasons))
	for i, r := range v.Reasons {
		ids[i] = r.Ref
	}
	known, err := record.Known(ctx, s.store.Client(ctx), s.store.Dialect(), ids)
	if err != nil {
		return Verdict{}, s.store.Fault(err)
	}
	for i, r := range v.Reasons {
		if !known[r.Ref] {
			v.Reasons[i] = Reason{
				Code: r.Code, Importance: r.Importance, Why: "a record that this token may not see keeps the gate shut",
				Next: "ask a team that may see it", WaivedBy: r.WaivedBy,
			}
		}
	}
	return v, nil
}

// unmet gives the reasons that keep an attempt from being ready. It is asked inside the transaction of the move.
func (s *Service) unmet(ctx context.Context, tx *store.Tx, attempt *ent.Attempt) ([]fault.Field, error) {
	g, err := s.gather(auth.With(ctx, auth.System("gate")), tx.Client(), attempt.ID, s.now().UTC())
	if err != nil {
		return nil, err
	}
	verdict, err := s.discreet(ctx, Evaluate(g.facts))
	if err != nil {
		return nil, err
	}
	var fields []fault.Field
	for _, r := range verdict.Reasons {
		if r.WaivedBy == nil {
			fields = append(fields, fault.Field{Field: r.Ref.String(), Code: string(r.Code), Message: r.Why + "; " + r.Next})
		}
	}
	return fields, nil
}

// Look says what the gate would have answered at a moment, without keeping it, and without what was recorded later. As with Ask,
// a reason that the caller may not know of loses its words.
func (s *Service) Look(ctx context.Context, id int, at time.Time) (Verdict, error) {
	if err := auth.Require(ctx, vocab.ScopeGate); err != nil {
		return Verdict{}, err
	}
	c := s.store.Client(ctx)
	if _, err := s.attempts.Load(ctx, c, id); err != nil {
		return Verdict{}, s.store.Fault(err)
	}
	g, err := s.gather(auth.With(ctx, auth.System("gate")), c, id, at.UTC())
	if err != nil {
		return Verdict{}, s.store.Fault(err)
	}
	return s.discreet(ctx, Evaluate(g.facts))
}
