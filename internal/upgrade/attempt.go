package upgrade

import (
	"context"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	entupgrade "github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// AttemptInput is what a client may set on an attempt.
type AttemptInput struct {
	record.Knowledge
	// The upgrade tried.
	UpgradeID vocab.ID `json:"upgrade_id" validate:"required" swaggertype:"string" example:"UPG-1"`
	// Where it is tried.
	EnvironmentID vocab.ID `json:"environment_id" validate:"required" swaggertype:"string" example:"ENV-1"`
	// How this try is meant to go.
	Strategy string `json:"strategy,omitempty" example:"Deploy at 05:00 and check the known issues before office hours." maxLength:"100000"`
	// When the change may begin.
	WindowStart *time.Time `json:"window_start,omitempty" format:"date-time" example:"2026-03-06T05:00:00Z"`
	// When the change must be in place.
	WindowEnd *time.Time `json:"window_end,omitempty" format:"date-time" example:"2026-03-06T07:00:00Z"`
	// How long it is watched before it may be called a success.
	WatchUntil *time.Time `json:"watch_until,omitempty" format:"date-time" example:"2026-03-09T17:00:00Z"`
	// The release deployed: a version, tag or build.
	ReleaseRef string `json:"release_ref,omitempty" example:"3.0.1" maxLength:"200"`
	// Components or tables that the change touches.
	ChangedAreas []string `json:"changed_areas" example:"sessions" maxItems:"200"`
	// How many users were affected; unknown counts as affected once the attempt ran in production.
	UsersAffected *int `json:"users_affected,omitempty" example:"1200" minimum:"0"`
	// How it ended, in a few sentences.
	OutcomeSummary string `json:"outcome_summary,omitempty" example:"Reverted after four hours." maxLength:"100000"`
	// When the change began; set by the move to in_progress.
	StartedAt *time.Time `json:"started_at,omitempty" format:"date-time" example:"2026-03-06T05:00:00Z"`
	// When it ended, either way; set by the move that ends it.
	EndedAt *time.Time `json:"ended_at,omitempty" format:"date-time" example:"2026-03-09T18:00:00Z"`
}

// Check notes every field that breaks a rule by itself.
func (in AttemptInput) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.RequiredRef("upgrade_id", in.UpgradeID, vocab.Upgrade)
	c.RequiredRef("environment_id", in.EnvironmentID, vocab.Environment)
	c.Text("strategy", in.Strategy, fault.MaxText)
	c.Order("window_start", in.WindowStart, "window_end", in.WindowEnd)
	c.Order("window_end", in.WindowEnd, "watch_until", in.WatchUntil)
	if in.WindowEnd == nil {
		c.Order("window_start", in.WindowStart, "watch_until", in.WatchUntil)
	}
	c.Text("release_ref", in.ReleaseRef, fault.MaxTitle)
	c.List("changed_areas", in.ChangedAreas)
	if in.UsersAffected != nil && *in.UsersAffected < 0 {
		c.Add("users_affected", "out_of_range", "must be 0 or more")
	}
	c.Text("outcome_summary", in.OutcomeSummary, fault.MaxText)
	c.Order("started_at", in.StartedAt, "ended_at", in.EndedAt)
}

// Attempts keeps attempts.
type Attempts struct {
	*record.Records[*ent.Attempt, *ent.AttemptMutation, AttemptInput]
	// Gate gives what keeps an attempt from being ready. It is package brief's to say; without it no attempt becomes ready.
	Gate func(ctx context.Context, tx *store.Tx, attempt *ent.Attempt) ([]fault.Field, error)
}

// NewAttempts keeps attempts in s.
func NewAttempts(s *store.Store, now func() time.Time) *Attempts {
	a := &Attempts{}
	a.Records = record.New(s, now, a.noun(now))
	return a
}

func (a *Attempts) noun(now func() time.Time) record.Noun[*ent.Attempt, *ent.AttemptMutation, AttemptInput] {
	return record.Noun[*ent.Attempt, *ent.AttemptMutation, AttemptInput]{
		Kind:    vocab.Attempt,
		Table:   record.TableOf(func(c *ent.Client) *ent.AttemptClient { return c.Attempt }, nil),
		Of:      attemptInputOf,
		Apply:   applyAttempt,
		Visible: record.ByTeam,
		Filters: record.KnowledgeFilters(
			record.Ref("upgrade_id", vocab.Upgrade), record.Ref("environment_id", vocab.Environment), record.Word("status", vocab.AttemptStatus("")),
			record.List("changed_areas"), record.Text("release_ref"),
		),
		Rule: func(_ context.Context, _ *store.Tx, old *ent.Attempt, in AttemptInput, check *fault.Check) error {
			record.NotFuture(check, "started_at", in.StartedAt, now())
			record.NotFuture(check, "ended_at", in.EndedAt, now())
			if old == nil {
				return nil
			}
			return attemptChange(old, in, check)
		},
		Fill: func(ctx context.Context, tx *store.Tx, old *ent.Attempt, in AttemptInput, m *ent.AttemptMutation) error {
			if old != nil {
				return nil
			}
			if in.Visibility == "" {
				if err := attemptLikeUpgrade(ctx, tx, in, m); err != nil {
					return err
				}
			}
			return numberAttempt(ctx, tx, in.UpgradeID.N, m)
		},
		States: &record.States[*ent.Attempt, *ent.AttemptMutation]{
			Of:    func(e *ent.Attempt) string { return string(e.Status) },
			Set:   func(m *ent.AttemptMutation, to string) { m.SetStatus(vocab.AttemptStatus(to)) },
			Moves: attemptMoves,
			Guard: a.guard,
			Effect: func(_ context.Context, _ *store.Tx, e *ent.Attempt, move record.Move, m *ent.AttemptMutation) error {
				stamp(e, move, now(), m)
				return nil
			},
		},
	}
}

// attemptChange notes a change of upgrade, and is Conflict for a change of what an attempt that has ended was.
func attemptChange(old *ent.Attempt, in AttemptInput, check *fault.Check) error {
	was := attemptInputOf(old)
	if in.UpgradeID != was.UpgradeID {
		check.Add("upgrade_id", "immutable", "cannot be changed; an attempt belongs to its upgrade")
	}
	if !Ended(old.Status) {
		return nil
	}
	conflict := fault.New(fault.Conflict, "%s has ended, so its plan stands; start the next attempt instead", vocab.Attempt.ID(old.ID))
	if conflict.Fields = planChanges(was, in); len(conflict.Fields) == 0 {
		return nil
	}
	return conflict
}

// attemptLikeUpgrade keeps an attempt whose visibility was left open from being seen more widely than its upgrade.
func attemptLikeUpgrade(ctx context.Context, tx *store.Tx, in AttemptInput, m *ent.AttemptMutation) error {
	up, err := tx.Client().Upgrade.Get(ctx, in.UpgradeID.N)
	if err == nil {
		record.SetKnowledge(likeParent(in.Knowledge, record.KnowledgeOf(up)), m)
	}
	return err
}

// numberAttempt gives the attempt the next number of its upgrade. The upgrade's row is held until the commit, so that two
// attempts made at once get two numbers.
func numberAttempt(ctx context.Context, tx *store.Tx, upgradeID int, m *ent.AttemptMutation) error {
	if _, err := tx.Client().Upgrade.Update().Where(entupgrade.ID(upgradeID)).AddVersion(0).Save(ctx); err != nil {
		return fmt.Errorf("holding the upgrade: %w", err)
	}
	last, err := tx.Client().Attempt.Query().Where(attempt.UpgradeID(upgradeID)).Order(ent.Desc(attempt.FieldNumber)).First(ctx)
	switch {
	case ent.IsNotFound(err):
		m.SetNumber(1)
		return nil
	case err != nil:
		return err
	}
	m.SetNumber(last.Number + 1)
	return nil
}

// guard gives what keeps an attempt from a move.
func (a *Attempts) guard(ctx context.Context, tx *store.Tx, e *ent.Attempt, move record.Move) ([]fault.Field, error) {
	switch vocab.AttemptStatus(move.To) {
	case vocab.AttemptStatusReady:
		if a.Gate == nil {
			return []fault.Field{{Field: "gate", Code: "gate_unavailable", Message: "the gate cannot be asked"}}, nil
		}
		return a.Gate(ctx, tx, e)
	case vocab.AttemptStatusSucceeded:
		return watchGuards(e.WatchUntil, record.Happened(*move.At, a.Now())), nil
	}
	return nil, nil
}

// stamp sets when the attempt began or ended, unless that is known already.
func stamp(e *ent.Attempt, move record.Move, now time.Time, m *ent.AttemptMutation) {
	at := record.Happened(*move.At, now)
	switch to := vocab.AttemptStatus(move.To); {
	case to == vocab.AttemptStatusInProgress && e.StartedAt == nil:
		m.SetStartedAt(at)
	case Ended(to) && e.EndedAt == nil && to != vocab.AttemptStatusCancelled:
		m.SetEndedAt(at)
	}
}

func attemptInputOf(e *ent.Attempt) AttemptInput {
	return AttemptInput{
		Knowledge: record.KnowledgeOf(e), UpgradeID: vocab.Upgrade.ID(e.UpgradeID), EnvironmentID: vocab.Environment.ID(e.EnvironmentID),
		Strategy: e.Strategy, WindowStart: record.UTC(e.WindowStart), WindowEnd: record.UTC(e.WindowEnd), WatchUntil: record.UTC(e.WatchUntil),
		ReleaseRef: e.ReleaseRef, ChangedAreas: record.ListOf(e.ChangedAreas), UsersAffected: e.UsersAffected,
		OutcomeSummary: e.OutcomeSummary, StartedAt: record.UTC(e.StartedAt), EndedAt: record.UTC(e.EndedAt),
	}
}

func applyAttempt(in AttemptInput, m *ent.AttemptMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetUpgradeID(in.UpgradeID.N)
	m.SetEnvironmentID(in.EnvironmentID.N)
	m.SetStrategy(in.Strategy)
	record.SetTime(in.WindowStart, m.SetWindowStart, m.ClearWindowStart)
	record.SetTime(in.WindowEnd, m.SetWindowEnd, m.ClearWindowEnd)
	record.SetTime(in.WatchUntil, m.SetWatchUntil, m.ClearWatchUntil)
	m.SetReleaseRef(in.ReleaseRef)
	m.SetChangedAreas(record.ListOf(in.ChangedAreas))
	record.Set(in.UsersAffected, m.SetUsersAffected, m.ClearUsersAffected)
	m.SetOutcomeSummary(in.OutcomeSummary)
	record.SetTime(in.StartedAt, m.SetStartedAt, m.ClearStartedAt)
	record.SetTime(in.EndedAt, m.SetEndedAt, m.ClearEndedAt)
}
