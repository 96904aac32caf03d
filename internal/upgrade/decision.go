package upgrade

import (
	"context"
	"fmt"
	"time"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/gateevaluation"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// DecisionInput is what a client may set on a decision, once.
type DecisionInput struct {
	record.Knowledge
	// What was decided.
	Kind vocab.DecisionKind `json:"kind" validate:"required" example:"rollback_or_patch"`
	// The attempt it is about.
	AttemptID vocab.ID `json:"attempt_id,omitzero" swaggertype:"string" example:"ATT-1"`
	// The assumption whose risk is taken, for a waiver or risk acceptance.
	AssumptionID vocab.ID `json:"assumption_id,omitzero" swaggertype:"string" example:"ASM-1"`
	// What had to be decided.
	Question string `json:"question" validate:"required" example:"Patch in place or revert?" maxLength:"100000"`
	// The choices there were.
	Options []vocab.Option `json:"options" maxItems:"50"`
	// The choice made.
	Chosen string `json:"chosen" validate:"required" example:"Revert to the old version" maxLength:"200"`
	// Why.
	Rationale string `json:"rationale" validate:"required" example:"The old version is known to be stable." maxLength:"100000"`
	// What speaks against it, and which role saw it so.
	Dissent string `json:"dissent,omitempty" example:"Director of engineering: the patch was tested." maxLength:"100000"`
	// Who decided, by role.
	DecidedBy string `json:"decided_by" validate:"required" example:"CTO" maxLength:"120"`
	// When; now, unless it is being recorded later.
	DecidedAt *time.Time `json:"decided_at,omitempty" format:"date-time" example:"2026-03-09T18:00:00Z"`
	// When it stops to hold; required for a waiver.
	ExpiresAt *time.Time `json:"expires_at,omitempty" format:"date-time" example:"2026-03-20T00:00:00Z"`
	// The brief that was known when it was decided.
	BriefHash string `json:"brief_hash,omitempty" example:"9f2d" maxLength:"64"`
}

const maxOptions = 50

// Check notes every field that breaks a rule by itself.
func (in DecisionInput) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	fault.RequiredChoice(c, "kind", in.Kind)
	c.Ref("attempt_id", in.AttemptID, vocab.Attempt)
	c.Ref("assumption_id", in.AssumptionID, vocab.Assumption)
	c.Required("question", in.Question)
	c.Text("question", in.Question, fault.MaxText)
	c.Title("chosen", in.Chosen)
	c.Required("rationale", in.Rationale)
	c.Text("rationale", in.Rationale, fault.MaxText)
	c.Text("dissent", in.Dissent, fault.MaxText)
	c.Required("decided_by", in.DecidedBy)
	c.Text("decided_by", in.DecidedBy, fault.MaxName)
	c.Text("brief_hash", in.BriefHash, 64)
	checkOptions(c, in.Options)
	if in.takesRisk() {
		if in.AttemptID.IsZero() && in.AssumptionID.IsZero() {
			c.Add("attempt_id", "required", "is required unless assumption_id is given")
		}
		if in.Kind == vocab.DecisionKindWaiver && in.ExpiresAt == nil {
			c.Add("expires_at", "required", "is required for a waiver")
		}
	}
}

func checkOptions(c *fault.Check, options []vocab.Option) {
	if len(options) > maxOptions {
		c.Add("options", "too_long", "has %d entries, at most %d are allowed", len(options), maxOptions)
		return
	}
	for i, o := range options {
		at := fmt.Sprintf("options[%d]", i)
		c.Title(at+".name", o.Name)
		c.Text(at+".for", o.For, fault.MaxURL)
		c.Text(at+".against", o.Against, fault.MaxURL)
	}
}

// takesRisk holds for decisions that let the gate pass although something is not proven.
func (in DecisionInput) takesRisk() bool {
	return in.Kind == vocab.DecisionKindWaiver || in.Kind == vocab.DecisionKindRiskAcceptance
}

// Decisions keeps decisions. Their text is never changed; a new decision supersedes an old one.
type Decisions struct {
	*record.Records[*ent.Decision, *ent.DecisionMutation, DecisionInput]
}

// NewDecisions keeps decisions in s.
func NewDecisions(s *store.Store, now func() time.Time) *Decisions {
	return &Decisions{record.New(s, now, decisions(now))}
}

// StatusOf is the status of a decision now.
func (s *Decisions) StatusOf(e *ent.Decision) vocab.DecisionStatus {
	return DecisionStatus(e.Status, e.ExpiresAt, s.Now())
}

func decisions(now func() time.Time) record.Noun[*ent.Decision, *ent.DecisionMutation, DecisionInput] {
	return record.Noun[*ent.Decision, *ent.DecisionMutation, DecisionInput]{
		Kind:    vocab.Decision,
		Table:   record.TableOf(func(c *ent.Client) *ent.DecisionClient { return c.Decision }, nil),
		Of:      decisionInputOf,
		Apply:   func(in DecisionInput, m *ent.DecisionMutation) { applyDecision(in, now(), m) },
		Visible: record.ByTeam,
		Filters: record.KnowledgeFilters(
			record.Ref("attempt_id", vocab.Attempt), record.Ref("assumption_id", vocab.Assumption), record.Word("kind", vocab.DecisionKind("")),
			record.Text("decided_by"), record.Computed("status", vocab.DecisionStatus(""), decisionStatusIs),
		),
		Rule: func(_ context.Context, _ *store.Tx, _ *ent.Decision, in DecisionInput, check *fault.Check) error {
			record.NotFuture(check, "decided_at", in.DecidedAt, now())
			if in.takesRisk() && in.ExpiresAt != nil && !in.ExpiresAt.After(now()) {
				check.Add("expires_at", "out_of_range", "must be in the future")
			}
			return nil
		},
		Fill: func(ctx context.Context, tx *store.Tx, _ *ent.Decision, in DecisionInput, m *ent.DecisionMutation) error {
			if in.Visibility != "" {
				return nil
			}
			return decisionLikeParent(ctx, tx, in, m)
		},
		States: &record.States[*ent.Decision, *ent.DecisionMutation]{
			Of:    func(e *ent.Decision) string { return string(e.Status) },
			Set:   func(m *ent.DecisionMutation, to string) { m.SetStatus(vocab.DecisionStatus(to)) },
			Moves: decisionMoves,
			Guard: acceptGuard,
			Effect: func(ctx context.Context, _ *store.Tx, _ *ent.Decision, move record.Move, m *ent.DecisionMutation) error {
				if move.To == string(vocab.DecisionStatusAccepted) {
					m.SetAcceptedBy(auth.From(ctx).Key())
				}
				return nil
			},
		},
	}
}

// acceptGuard is Forbidden for whoever made a waiver or risk acceptance, or asked the gate that it is for: nobody approves
// their own risk.
func acceptGuard(ctx context.Context, tx *store.Tx, e *ent.Decision, move record.Move) ([]fault.Field, error) {
	if move.To != string(vocab.DecisionStatusAccepted) || !decisionInputOf(e).takesRisk() {
		return nil, nil
	}
	actor := auth.From(ctx)
	if e.CreatedBy == actor.Name || e.DecidedBy == actor.Name {
		return nil, fault.New(fault.Forbidden, "%s was made with this token; somebody else has to accept it", vocab.Decision.ID(e.ID))
	}
	attempts, err := attemptsOf(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	asked, err := tx.Client().GateEvaluation.Query().
		Where(gateevaluation.AttemptIDIn(attempts...), gateevaluation.AskedBy(actor.Key())).Exist(ctx)
	if err == nil && asked {
		err = fault.New(fault.Forbidden, "this token asked the gate for the attempt; somebody else has to accept %s", vocab.Decision.ID(e.ID))
	}
	return expiredGuard(e.ExpiresAt, *move.At), err
}

// attemptsOf are the attempts whose gate a decision may open: its own, or those that rest on its assumption.
func attemptsOf(ctx context.Context, tx *store.Tx, e *ent.Decision) ([]int, error) {
	if e.AttemptID != nil {
		return []int{*e.AttemptID}, nil
	}
	if e.AssumptionID == nil {
		return nil, nil
	}
	taken, err := tx.Client().Assumption.Get(ctx, *e.AssumptionID)
	switch {
	case err != nil:
		return nil, err
	case taken.AttemptID != nil:
		return []int{*taken.AttemptID}, nil
	case taken.UpgradeID != nil:
		return tx.Client().Attempt.Query().Where(attempt.UpgradeID(*taken.UpgradeID)).IDs(ctx)
	}
	return nil, nil
}

// decisionLikeParent keeps a decision whose visibility was left open from being seen more widely than what it is about.
func decisionLikeParent(ctx context.Context, tx *store.Tx, in DecisionInput, m *ent.DecisionMutation) error {
	var above record.Entity
	var err error
	switch {
	case !in.AttemptID.IsZero():
		above, err = tx.Client().Attempt.Get(ctx, in.AttemptID.N)
	case !in.AssumptionID.IsZero():
		above, err = tx.Client().Assumption.Get(ctx, in.AssumptionID.N)
	default:
		return nil
	}
	if err == nil {
		record.SetKnowledge(likeParent(in.Knowledge, record.KnowledgeOf(above)), m)
	}
	return err
}

func decisionStatusIs(s *entsql.Selector, want vocab.DecisionStatus, now time.Time) *entsql.Predicate {
	past := entsql.And(entsql.NotNull(s.C("expires_at")), entsql.LTE(s.C("expires_at"), now))
	accepted := entsql.EQ(s.C("status"), string(vocab.DecisionStatusAccepted))
	switch want {
	case vocab.DecisionStatusExpired:
		return entsql.And(accepted, past)
	case vocab.DecisionStatusAccepted:
		return entsql.And(accepted, entsql.Or(entsql.IsNull(s.C("expires_at")), entsql.GT(s.C("expires_at"), now)))
	}
	return entsql.EQ(s.C("status"), string(want))
}

func decisionInputOf(e *ent.Decision) DecisionInput {
	decided := e.DecidedAt.UTC()
	return DecisionInput{
		Knowledge: record.KnowledgeOf(e), Kind: e.Kind, AttemptID: record.RefOf(vocab.Attempt, e.AttemptID),
		AssumptionID: record.RefOf(vocab.Assumption, e.AssumptionID), Question: e.Question, Options: record.ListOf(e.Options), Chosen: e.Chosen,
		Rationale: e.Rationale, Dissent: e.Dissent, DecidedBy: e.DecidedBy, DecidedAt: &decided, ExpiresAt: record.UTC(e.ExpiresAt), BriefHash: e.BriefHash,
	}
}

func applyDecision(in DecisionInput, now time.Time, m *ent.DecisionMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetKind(in.Kind)
	record.SetRef(in.AttemptID, m.SetAttemptID, m.ClearAttemptID)
	record.SetRef(in.AssumptionID, m.SetAssumptionID, m.ClearAssumptionID)
	m.SetQuestion(in.Question)
	m.SetOptions(record.ListOf(in.Options))
	m.SetChosen(in.Chosen)
	m.SetRationale(in.Rationale)
	m.SetDissent(in.Dissent)
	m.SetDecidedBy(in.DecidedBy)
	if in.DecidedAt == nil {
		in.DecidedAt = &now
	}
	m.SetDecidedAt(record.Happened(*in.DecidedAt, now))
	record.SetTime(in.ExpiresAt, m.SetExpiresAt, m.ClearExpiresAt)
	m.SetBriefHash(in.BriefHash)
}
