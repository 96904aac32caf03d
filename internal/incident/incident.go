// Package incident keeps incidents, which are harm to users or harm that was close, and the timelines that attempts,
// incidents and findings have. How long it took to notice or to recover is left to package analytics.
package incident

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Input is what a client may set on an incident.
type Input struct {
	record.Knowledge
	// What happened, in one line.
	Title string `json:"title" validate:"required" example:"Users are thrown out of their courses" maxLength:"200"`
	// The impact.
	Severity vocab.Severity `json:"severity" validate:"required" example:"critical"`
	// The order of work.
	Priority vocab.Priority `json:"priority,omitempty" example:"p1"`
	// The service harmed.
	ServiceID vocab.ID `json:"service_id,omitzero" swaggertype:"string" example:"SVC-1"`
	// The attempt it happened on.
	AttemptID vocab.ID `json:"attempt_id,omitzero" swaggertype:"string" example:"ATT-1"`
	// Whether the attempt triggered it.
	AttemptRelation vocab.AttemptRelation `json:"attempt_relation,omitempty" example:"triggered_by"`
	// Who was harmed and how.
	Impact string `json:"impact,omitempty" example:"Users and support agents are logged out again and again." maxLength:"100000"`
	// When the harm began.
	ImpactStart *time.Time `json:"impact_start,omitempty" format:"date-time" example:"2026-03-09T06:40:00Z"`
	// When it was over.
	ImpactEnd *time.Time `json:"impact_end,omitempty" format:"date-time" example:"2026-03-09T11:20:00Z"`
	// When it was noticed.
	DetectedAt *time.Time `json:"detected_at,omitempty" format:"date-time" example:"2026-03-09T07:10:00Z"`
	// Who noticed first.
	DetectedBy vocab.DetectedBy `json:"detected_by,omitempty" example:"support"`
	// True when harm was close and did not happen.
	NearMiss bool `json:"near_miss" example:"false"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	fault.RequiredChoice(c, "severity", in.Severity)
	fault.Choice(c, "priority", in.Priority)
	c.Ref("service_id", in.ServiceID, vocab.Service)
	c.Ref("attempt_id", in.AttemptID, vocab.Attempt)
	fault.Choice(c, "attempt_relation", in.AttemptRelation)
	c.Text("impact", in.Impact, fault.MaxText)
	c.Order("impact_start", in.ImpactStart, "impact_end", in.ImpactEnd)
	fault.Choice(c, "detected_by", in.DetectedBy)
}

// Service keeps incidents.
type Service struct {
	*record.Records[*ent.Incident, *ent.IncidentMutation, Input]
}

// New keeps incidents in s.
func New(s *store.Store, now func() time.Time) *Service {
	noun := noun
	noun.Rule = func(_ context.Context, _ *store.Tx, _ *ent.Incident, in Input, check *fault.Check) error {
		record.NotFuture(check, "impact_start", in.ImpactStart, now())
		record.NotFuture(check, "impact_end", in.ImpactEnd, now())
		record.NotFuture(check, "detected_at", in.DetectedAt, now())
		return nil
	}
	return &Service{record.New(s, now, noun)}
}

// moves is how an incident moves between states. One that was resolved too early is opened again; a closed one stays.
var moves = record.MovesOf("open: mitigated", "mitigated: resolved", "resolved: closed open")

var noun = record.Noun[*ent.Incident, *ent.IncidentMutation, Input]{
	Kind:    vocab.Incident,
	Table:   record.TableOf(func(c *ent.Client) *ent.IncidentClient { return c.Incident }, nil),
	Of:      inputOf,
	Apply:   apply,
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Ref("service_id", vocab.Service), record.Ref("attempt_id", vocab.Attempt), record.Word("severity", vocab.Severity("")),
		record.Word("priority", vocab.Priority("")), record.Word("attempt_relation", vocab.AttemptRelation("")),
		record.Word("detected_by", vocab.DetectedBy("")), record.Bool("near_miss"), record.Word("status", vocab.IncidentStatus("")),
	),
	States: &record.States[*ent.Incident, *ent.IncidentMutation]{
		Of:    func(e *ent.Incident) string { return string(e.Status) },
		Set:   func(m *ent.IncidentMutation, to string) { m.SetStatus(vocab.IncidentStatus(to)) },
		Moves: moves,
	},
}

func inputOf(e *ent.Incident) Input {
	return Input{
		Knowledge: record.KnowledgeOf(e), Title: e.Title, Severity: e.Severity, Priority: e.Priority,
		ServiceID: record.RefOf(vocab.Service, e.ServiceID), AttemptID: record.RefOf(vocab.Attempt, e.AttemptID),
		AttemptRelation: e.AttemptRelation, Impact: e.Impact, ImpactStart: record.UTC(e.ImpactStart), ImpactEnd: record.UTC(e.ImpactEnd),
		DetectedAt: record.UTC(e.DetectedAt), DetectedBy: e.DetectedBy, NearMiss: e.NearMiss,
	}
}

func apply(in Input, m *ent.IncidentMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetTitle(in.Title)
	m.SetSeverity(in.Severity)
	record.SetWord(in.Priority, m.SetPriority, m.ClearPriority)
	record.SetRef(in.ServiceID, m.SetServiceID, m.ClearServiceID)
	record.SetRef(in.AttemptID, m.SetAttemptID, m.ClearAttemptID)
	record.SetWord(in.AttemptRelation, m.SetAttemptRelation, m.ClearAttemptRelation)
	m.SetImpact(in.Impact)
	record.SetTime(in.ImpactStart, m.SetImpactStart, m.ClearImpactStart)
	record.SetTime(in.ImpactEnd, m.SetImpactEnd, m.ClearImpactEnd)
	record.SetTime(in.DetectedAt, m.SetDetectedAt, m.ClearDetectedAt)
	record.SetWord(in.DetectedBy, m.SetDetectedBy, m.ClearDetectedBy)
	m.SetNearMiss(in.NearMiss)
}
