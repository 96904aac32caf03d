// Package assumption keeps assumptions and the evidence for and against them, and says what an assumption is worth by its
// evidence. What a gate makes of that is left to package brief, and where drift comes from to package drift.
package assumption

import (
	"context"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// maxDays is the longest that evidence may be said to stay fresh: a hundred years.
const maxDays = 36_500

// Input is what a client may set on an assumption.
type Input struct {
	record.Knowledge
	// What is taken for granted.
	Statement string `json:"statement" validate:"required" example:"Development and production treat sessions the same" maxLength:"100000"`
	// The attempt that rests on it; either this or upgrade_id is required.
	AttemptID vocab.ID `json:"attempt_id,omitzero" swaggertype:"string" example:"ATT-1"`
	// The upgrade that rests on it, with every attempt.
	UpgradeID vocab.ID `json:"upgrade_id,omitzero" swaggertype:"string" example:"UPG-1"`
	// The environment it is about: evidence from elsewhere proves nothing. Without it, evidence from any environment counts.
	EnvironmentID vocab.ID `json:"environment_id,omitzero" swaggertype:"string" example:"ENV-1"`
	// How much rests on it.
	Importance vocab.Importance `json:"importance" validate:"required" example:"blocking"`
	// What it is about.
	Category vocab.AssumptionCategory `json:"category,omitempty" example:"environment_parity"`
	// What would show that it is wrong.
	FalsifiedIf string `json:"falsified_if,omitempty" example:"An index exists in production only" maxLength:"100000"`
	// Days that evidence stays fresh; without it, evidence does not age.
	ValidForDays *int `json:"valid_for_days,omitempty" example:"30" minimum:"1" maximum:"36500"`
	// Who is to check it, by role.
	Owner string `json:"owner,omitempty" example:"database team" maxLength:"120"`
	// Components or tables it covers.
	Areas []string `json:"areas" example:"sessions" maxItems:"200"`
	// Where it came from; manual when it is not given.
	Origin vocab.AssumptionOrigin `json:"origin,omitempty" example:"manual"`
	// DriftPath is the path of the drift that it was made from; it is set once, and never by a client.
	DriftPath string `json:"-"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Required("statement", in.Statement)
	c.Text("statement", in.Statement, fault.MaxText)
	c.Ref("attempt_id", in.AttemptID, vocab.Attempt)
	c.Ref("upgrade_id", in.UpgradeID, vocab.Upgrade)
	switch given := !in.AttemptID.IsZero(); {
	case given && !in.UpgradeID.IsZero():
		c.Add("upgrade_id", "conflict", "cannot be given together with attempt_id")
	case !given && in.UpgradeID.IsZero():
		c.Add("attempt_id", "required", "is required unless upgrade_id is given")
	}
	c.Ref("environment_id", in.EnvironmentID, vocab.Environment)
	fault.RequiredChoice(c, "importance", in.Importance)
	fault.Choice(c, "category", in.Category)
	c.Text("falsified_if", in.FalsifiedIf, fault.MaxText)
	if d := in.ValidForDays; d != nil && (*d < 1 || *d > maxDays) {
		c.Add("valid_for_days", "out_of_range", "must be from 1 to %d", maxDays)
	}
	c.Text("owner", in.Owner, fault.MaxName)
	c.List("areas", in.Areas)
	fault.Choice(c, "origin", in.Origin)
}

// Service keeps assumptions.
type Service struct {
	*record.Records[*ent.Assumption, *ent.AssumptionMutation, Input]
	store *store.Store
}

// New keeps assumptions in s.
func New(s *store.Store, now func() time.Time) *Service {
	service := &Service{store: s}
	service.Records = record.New(s, now, service.noun(now))
	return service
}

// StatusOf says what the evidence of an assumption is worth now. It needs no other row: the row keeps what its evidence
// adds up to, and only the clock is added.
func (s *Service) StatusOf(e *ent.Assumption) (vocab.AssumptionStatus, vocab.StatusReason) {
	return standingOf(e).At(record.UTC(e.RetiredAt), s.Now())
}

func standingOf(e *ent.Assumption) Standing {
	return Standing{Status: e.EvidenceStatus, Reason: e.EvidenceReason, Until: record.UTC(e.VerifiedUntil)}
}

func (s *Service) noun(now func() time.Time) record.Noun[*ent.Assumption, *ent.AssumptionMutation, Input] {
	return record.Noun[*ent.Assumption, *ent.AssumptionMutation, Input]{
		Kind:    vocab.Assumption,
		Table:   record.TableOf(func(c *ent.Client) *ent.AssumptionClient { return c.Assumption }, nil),
		Of:      inputOf,
		Apply:   apply,
		Visible: record.ByTeam,
		Filters: record.KnowledgeFilters(
			record.Ref("attempt_id", vocab.Attempt), record.Ref("upgrade_id", vocab.Upgrade), record.Ref("environment_id", vocab.Environment),
			record.Word("importance", vocab.Importance("")), record.Word("category", vocab.AssumptionCategory("")), record.Text("owner"),
			record.List("areas"), record.Word("origin", vocab.AssumptionOrigin("")),
			record.Computed("status", vocab.AssumptionStatus(""), statusIs),
		),
		Fill: func(ctx context.Context, tx *store.Tx, old *ent.Assumption, in Input, m *ent.AssumptionMutation) error {
			if old == nil {
				m.SetDriftPath(in.DriftPath)
				return nil
			}
			claim := Claim{EnvironmentID: in.EnvironmentID.N, ValidForDays: in.ValidForDays, AreaChangedAt: record.UTC(old.AreaChangedAt)}
			return weigh(ctx, tx, old.ID, claim, now(), m)
		},
		States: &record.States[*ent.Assumption, *ent.AssumptionMutation]{
			Of:    stateOf,
			Set:   func(*ent.AssumptionMutation, string) {},
			Moves: moves,
			Effect: func(_ context.Context, _ *store.Tx, _ *ent.Assumption, move record.Move, m *ent.AssumptionMutation) error {
				m.SetRetiredAt(record.Happened(*move.At, now()))
				return nil
			},
		},
	}
}

// moves is how an assumption moves between states: people only retire it, the rest is computed.
var moves = record.MovesOf("unverified: retired", "verified: retired", "expired: retired", "falsified: retired", "disputed: retired")

func stateOf(e *ent.Assumption) string {
	if e.RetiredAt != nil {
		return string(vocab.AssumptionStatusRetired)
	}
	return string(e.EvidenceStatus)
}

func inputOf(e *ent.Assumption) Input {
	return Input{
		Knowledge: record.KnowledgeOf(e), Statement: e.Statement, AttemptID: record.RefOf(vocab.Attempt, e.AttemptID),
		UpgradeID: record.RefOf(vocab.Upgrade, e.UpgradeID), EnvironmentID: record.RefOf(vocab.Environment, e.EnvironmentID),
		Importance: e.Importance, Category: e.Category, FalsifiedIf: e.FalsifiedIf, ValidForDays: e.ValidForDays, Owner: e.Owner,
		Areas: record.ListOf(slices.Clone(e.Areas)), Origin: e.Origin, DriftPath: e.DriftPath,
	}
}

func apply(in Input, m *ent.AssumptionMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetStatement(in.Statement)
	record.SetRef(in.AttemptID, m.SetAttemptID, m.ClearAttemptID)
	record.SetRef(in.UpgradeID, m.SetUpgradeID, m.ClearUpgradeID)
	record.SetRef(in.EnvironmentID, m.SetEnvironmentID, m.ClearEnvironmentID)
	m.SetImportance(in.Importance)
	record.SetWord(in.Category, m.SetCategory, m.ClearCategory)
	m.SetFalsifiedIf(in.FalsifiedIf)
	record.Set(in.ValidForDays, m.SetValidForDays, m.ClearValidForDays)
	m.SetOwner(in.Owner)
	m.SetAreas(record.ListOf(in.Areas))
	m.SetOrigin(originOf(in))
}

func originOf(in Input) vocab.AssumptionOrigin {
	if in.Origin == "" {
		return vocab.AssumptionOriginManual
	}
	return in.Origin
}
