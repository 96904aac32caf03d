// Package upgrade keeps upgrades, their attempts, what is decided about them, the tripwires that guard them and the effort
// they take. What an attempt rests on is left to package assumption, and whether it may go to package brief.
package upgrade

import (
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Input is what a client may set on an upgrade.
type Input struct {
	record.Knowledge
	// What is to be upgraded.
	Title string `json:"title" validate:"required" example:"Web framework 2 to 3" maxLength:"200"`
	// What is changed.
	Kind vocab.UpgradeKind `json:"kind" validate:"required" example:"framework"`
	// The service upgraded.
	ServiceID vocab.ID `json:"service_id" validate:"required" swaggertype:"string" example:"SVC-1"`
	// The version in use before.
	FromVersion string `json:"from_version,omitempty" example:"2.4" maxLength:"200"`
	// The version wanted.
	ToVersion string `json:"to_version,omitempty" example:"3.0" maxLength:"200"`
	// What the upgrade is for.
	Goal string `json:"goal,omitempty" example:"Pay back three years of postponed maintenance." maxLength:"100000"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	fault.RequiredChoice(c, "kind", in.Kind)
	c.RequiredRef("service_id", in.ServiceID, vocab.Service)
	c.Text("from_version", in.FromVersion, fault.MaxTitle)
	c.Text("to_version", in.ToVersion, fault.MaxTitle)
	c.Text("goal", in.Goal, fault.MaxText)
}

// Upgrades keeps upgrades.
type Upgrades struct {
	*record.Records[*ent.Upgrade, *ent.UpgradeMutation, Input]
}

// NewUpgrades keeps upgrades in s.
func NewUpgrades(s *store.Store, now func() time.Time) *Upgrades {
	return &Upgrades{record.New(s, now, upgrades)}
}

var upgrades = record.Noun[*ent.Upgrade, *ent.UpgradeMutation, Input]{
	Kind:  vocab.Upgrade,
	Table: record.TableOf(func(c *ent.Client) *ent.UpgradeClient { return c.Upgrade }, nil),
	Of: func(e *ent.Upgrade) Input {
		return Input{
			Knowledge: record.KnowledgeOf(e), Title: e.Title, Kind: e.Kind, ServiceID: vocab.Service.ID(e.ServiceID),
			FromVersion: e.FromVersion, ToVersion: e.ToVersion, Goal: e.Goal,
		}
	},
	Apply: func(in Input, m *ent.UpgradeMutation) {
		record.SetKnowledge(in.Knowledge, m)
		m.SetTitle(in.Title)
		m.SetKind(in.Kind)
		m.SetServiceID(in.ServiceID.N)
		m.SetFromVersion(in.FromVersion)
		m.SetToVersion(in.ToVersion)
		m.SetGoal(in.Goal)
	},
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Ref("service_id", vocab.Service), record.Word("kind", vocab.UpgradeKind("")), record.Word("status", vocab.UpgradeStatus("")),
		record.Text("from_version"), record.Text("to_version"),
	),
	States: &record.States[*ent.Upgrade, *ent.UpgradeMutation]{
		Of:    func(e *ent.Upgrade) string { return string(e.Status) },
		Set:   func(m *ent.UpgradeMutation, to string) { m.SetStatus(vocab.UpgradeStatus(to)) },
		Moves: upgradeMoves,
	},
}
