package catalog

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// EnvironmentInput is what a client may set on an environment.
type EnvironmentInput struct {
	// The name people use, unique.
	Name string `json:"name" validate:"required" example:"PROD" maxLength:"120"`
	// What the environment is for.
	Kind vocab.EnvironmentKind `json:"kind" validate:"required" example:"production"`
	// The environment this one is meant to equal.
	ParityTargetID vocab.ID `json:"parity_target_id,omitzero" swaggertype:"string" example:"ENV-1"`
}

// Check notes every field that breaks a rule by itself.
func (in EnvironmentInput) Check(c *fault.Check) {
	c.Title("name", in.Name)
	c.Text("name", in.Name, fault.MaxName)
	fault.RequiredChoice(c, "kind", in.Kind)
	c.Ref("parity_target_id", in.ParityTargetID, vocab.Environment)
}

// Environments keeps environments.
type Environments struct {
	*record.Records[*ent.Environment, *ent.EnvironmentMutation, EnvironmentInput]
}

// NewEnvironments keeps environments in s.
func NewEnvironments(s *store.Store, now func() time.Time) *Environments {
	return &Environments{record.New(s, now, environments)}
}

var environments = record.Noun[*ent.Environment, *ent.EnvironmentMutation, EnvironmentInput]{
	Kind:  vocab.Environment,
	Table: record.TableOf(func(c *ent.Client) *ent.EnvironmentClient { return c.Environment }, nil),
	Of: func(e *ent.Environment) EnvironmentInput {
		return EnvironmentInput{Name: e.Name, Kind: e.Kind, ParityTargetID: record.RefOf(vocab.Environment, e.ParityTargetID)}
	},
	Apply: func(in EnvironmentInput, m *ent.EnvironmentMutation) {
		m.SetName(in.Name)
		m.SetKind(in.Kind)
		record.SetRef(in.ParityTargetID, m.SetParityTargetID, m.ClearParityTargetID)
	},
	Visible: record.ToAll,
	Filters: []record.Filter{
		record.Text("name"), record.Word("kind", vocab.EnvironmentKind("")), record.Ref("parity_target_id", vocab.Environment),
	},
	Rule: func(_ context.Context, _ *store.Tx, old *ent.Environment, in EnvironmentInput, check *fault.Check) error {
		if old != nil && in.ParityTargetID == vocab.Environment.ID(old.ID) {
			check.Add("parity_target_id", "invalid_choice", "must be another environment")
		}
		return nil
	},
}
