package lesson

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/lessonapplication"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Answer is what a team says to a lesson on one attempt.
type Answer struct {
	// The answer.
	Response vocab.LessonResponse `json:"response" validate:"required" example:"applied"`
	// Why it was not applied; required unless it was.
	Reason string `json:"reason,omitempty" example:"This attempt does not touch the database" maxLength:"100000"`
	// What became of it; only once the attempt has ended.
	Outcome vocab.LessonOutcome `json:"outcome,omitempty" example:"prevented"`
}

// Check notes every field that breaks a rule by itself.
func (a Answer) Check(c *fault.Check) {
	fault.RequiredChoice(c, "response", a.Response)
	c.Text("reason", a.Reason, fault.MaxText)
	if vocab.Valid(a.Response) && a.Response != vocab.LessonResponseApplied {
		c.Required("reason", a.Reason)
	}
	fault.Choice(c, "outcome", a.Outcome)
}

// applications declares how answers are listed; they have no id of their own, so nothing else is done through it.
var applications = record.Noun[*ent.LessonApplication, *ent.LessonApplicationMutation, Answer]{
	Table: record.TableOf(func(c *ent.Client) *ent.LessonApplicationClient { return c.LessonApplication }, nil),
	Of: func(e *ent.LessonApplication) Answer {
		return Answer{Response: e.Response, Reason: e.Reason, Outcome: e.Outcome}
	},
	Visible: record.Through(map[string]vocab.Kind{lessonapplication.FieldAttemptID: vocab.Attempt, lessonapplication.FieldLessonID: vocab.Lesson}),
	Filters: []record.Filter{
		record.Ref("lesson_id", vocab.Lesson), record.Word("response", vocab.LessonResponse("")), record.Word("outcome", vocab.LessonOutcome("")),
		record.Word("status", vocab.ApplicationStatus("")),
	},
}

// Surface notes that lessons were shown to an attempt. Those that were shown before stay as they are.
func (s *Service) Surface(ctx context.Context, tx *store.Tx, attemptID int, lessonIDs []int) error {
	for _, id := range lessonIDs {
		_, err := tx.Client().LessonApplication.Query().
			Where(lessonapplication.AttemptID(attemptID), lessonapplication.LessonID(id)).OnlyID(ctx)
		if err == nil {
			continue
		}
		if !ent.IsNotFound(err) {
			return err
		}
		if _, err := s.surface(ctx, tx, attemptID, id); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) surface(ctx context.Context, tx *store.Tx, attemptID, lessonID int) (*ent.LessonApplication, error) {
	now := s.Now()
	row, err := tx.Client().LessonApplication.Create().SetAttemptID(attemptID).SetLessonID(lessonID).
		SetCreatedAt(now).SetUpdatedAt(now).SetCreatedBy(auth.From(ctx).Name).Save(ctx)
	if err != nil {
		return nil, err
	}
	return row, s.keep(ctx, tx, "surface_lesson", nil, row)
}

// keep audits and feeds a write of an application under its attempt, since it has no id of its own.
func (s *Service) keep(ctx context.Context, tx *store.Tx, deed string, before, after *ent.LessonApplication) error {
	var was any
	if before != nil {
		was = applications.Of(before)
	}
	changes, err := audit.Diff(was, applications.Of(after))
	if err != nil {
		return err
	}
	target := vocab.Attempt.ID(after.AttemptID)
	changes = append(changes, vocab.FieldChange{Field: "lesson_id", To: vocab.Lesson.ID(after.LessonID)})
	if err := audit.Record(ctx, tx, audit.Entry{Target: target, Action: deed, Changes: changes, Reason: after.Reason, At: s.Now()}); err != nil {
		return err
	}
	return feed.Append(ctx, tx, target, vocab.ChangeOpUpdate, s.Now())
}

// Respond answers a lesson on an attempt, whether it was shown before or not. The same answer again changes nothing. It is
// NotFound for an attempt or lesson that the actor may not know of, and Invalid without a reason where one is needed, or
// for an outcome before the attempt has ended.
func (s *Service) Respond(ctx context.Context, attemptID, lessonID int, answer Answer) (*ent.LessonApplication, error) {
	if err := auth.Require(ctx, vocab.ScopeWrite); err != nil {
		return nil, err
	}
	var kept *ent.LessonApplication
	err := s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := s.answerable(ctx, tx, attemptID, lessonID, answer); err != nil {
			return err
		}
		row, err := tx.Client().LessonApplication.Query().
			Where(lessonapplication.AttemptID(attemptID), lessonapplication.LessonID(lessonID)).Only(ctx)
		if ent.IsNotFound(err) {
			row, err = s.surface(ctx, tx, attemptID, lessonID)
		}
		if err != nil {
			return err
		}
		if applications.Of(row) == answer {
			kept = row
			return nil
		}
		kept, err = s.answer(ctx, tx, row, answer)
		return err
	})
	return kept, err
}

func (s *Service) answerable(ctx context.Context, tx *store.Tx, attemptID, lessonID int, answer Answer) error {
	for _, id := range []vocab.ID{vocab.Attempt.ID(attemptID), vocab.Lesson.ID(lessonID)} {
		if err := record.MustKnow(ctx, tx.Client(), tx.Dialect(), id); err != nil {
			return err
		}
	}
	var check fault.Check
	answer.Check(&check)
	if answer.Outcome != "" {
		a, err := tx.Client().Attempt.Get(ctx, attemptID)
		if err != nil {
			return err
		}
		if !ended(a.Status) {
			check.Add("outcome", "too_early", "can be told once %s has ended", vocab.Attempt.ID(attemptID))
		}
	}
	return check.Err()
}

// ended holds for states that an attempt does not leave.
func ended(s vocab.AttemptStatus) bool {
	switch s {
	case vocab.AttemptStatusPlanned, vocab.AttemptStatusReady, vocab.AttemptStatusInProgress, vocab.AttemptStatusWatching:
		return false
	}
	return true
}

func (s *Service) answer(ctx context.Context, tx *store.Tx, row *ent.LessonApplication, answer Answer) (*ent.LessonApplication, error) {
	now := s.Now()
	update := tx.Client().LessonApplication.UpdateOneID(row.ID).SetUpdatedAt(now).AddVersion(1).
		SetResponse(answer.Response).SetReason(answer.Reason).SetStatus(vocab.ApplicationStatusAnswered)
	if row.AnsweredAt == nil || row.Response != answer.Response || row.Reason != answer.Reason {
		update.SetAnsweredAt(now).SetAnsweredBy(auth.From(ctx).Name)
	}
	if answer.Outcome == "" {
		update.ClearOutcome().ClearAssessedAt()
	} else {
		update.SetOutcome(answer.Outcome).SetAssessedAt(now).SetStatus(vocab.ApplicationStatusAssessed)
	}
	after, err := update.Save(ctx)
	if err != nil {
		return nil, err
	}
	return after, s.keep(ctx, tx, "answer_lesson", row, after)
}

// Effect is what became of a lesson on the attempts it was shown on.
type Effect struct {
	Counts
	// What the counts say.
	Verdict vocab.LessonVerdict `json:"verdict" example:"effective"`
}

// EffectOf counts the applications of a lesson that the actor may know of; sample data is left out, unless the lesson is
// sample data itself.
func (s *Service) EffectOf(ctx context.Context, lessonID int) (Effect, error) {
	e, err := s.Get(ctx, lessonID)
	if err != nil {
		return Effect{}, err
	}
	q := s.store.Client(ctx).LessonApplication.Query().
		Where(lessonapplication.LessonID(lessonID), applications.Visible(auth.From(ctx)))
	if !e.Sample {
		q.Where(lessonapplication.HasAttemptWith(notSample))
	}
	rows, err := q.All(ctx)
	all := make([]Application, len(rows))
	for i, row := range rows {
		all[i] = Application{Response: row.Response, Outcome: row.Outcome}
	}
	counts, verdict := Effectiveness(all)
	return Effect{counts, verdict}, s.store.Fault(err)
}

// Past is an attempt that a lesson would have been shown on, and what happened there.
type Past struct {
	Attempt *ent.Attempt
	// Shared are the values that the lesson and the attempt have in common.
	Shared []Scope
	// Findings and Incidents are those of the attempt that the actor may know of; Learned are those among them that the
	// lesson was learned from.
	Findings, Incidents, Learned []vocab.ID
}

// Retrodict tells on which ended attempts a lesson would have been shown, oldest first, and what happened there.
func (s *Service) Retrodict(ctx context.Context, lessonID int) ([]Past, error) {
	e, err := s.Get(ctx, lessonID)
	if err != nil {
		return nil, err
	}
	visible := record.ByTeam(auth.From(ctx))
	c := s.store.Client(ctx)
	attempts, err := retrodicted(ctx, c, e, visible)
	if err != nil {
		return nil, s.store.Fault(err)
	}
	past, err := happened(ctx, c, e, attempts, visible)
	return past, s.store.Fault(err)
}
