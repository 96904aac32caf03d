// Package finding keeps findings and recurrences: what was observed and not expected, how it relates to the change, and
// what came back. Which text is similar to which is left to package search.
package finding

import (
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Input is what a client may set on a finding.
type Input struct {
	record.Knowledge
	// What was seen, in one line.
	Title string `json:"title" validate:"required" example:"Sessions expire after two minutes" maxLength:"200"`
	// The attempt it was seen on.
	AttemptID vocab.ID `json:"attempt_id,omitzero" swaggertype:"string" example:"ATT-1"`
	// The incident it belongs to.
	IncidentID vocab.ID `json:"incident_id,omitzero" swaggertype:"string" example:"INC-1"`
	// The service it was seen in.
	ServiceID vocab.ID `json:"service_id,omitzero" swaggertype:"string" example:"SVC-1"`
	// The part of the service.
	Component string `json:"component,omitempty" example:"sessions" maxLength:"200"`
	// What happened.
	Observed string `json:"observed,omitempty" example:"Users are logged out in the middle of a course." maxLength:"100000"`
	// What was expected.
	Expected string `json:"expected,omitempty" example:"A session lasts until the user logs out." maxLength:"100000"`
	// The impact.
	Severity vocab.Severity `json:"severity" validate:"required" example:"critical"`
	// The order of work.
	Priority vocab.Priority `json:"priority,omitempty" example:"p1"`
	// Who noticed first.
	DetectedBy vocab.DetectedBy `json:"detected_by,omitempty" example:"qa"`
	// When it was noticed.
	DetectedAt *time.Time `json:"detected_at,omitempty" format:"date-time" example:"2026-03-07T08:20:00Z"`
	// Where it was seen.
	EnvironmentID vocab.ID `json:"environment_id,omitzero" swaggertype:"string" example:"ENV-1"`
	// How it relates to the change; undetermined when it is not given.
	Attribution vocab.Attribution `json:"attribution,omitempty" example:"exposed_by_change"`
	// What the attribution rests on.
	AttributionBasis vocab.AttributionBasis `json:"attribution_basis,omitempty" example:"drift"`
	// What helps until it is resolved.
	Workaround string `json:"workaround,omitempty" example:"Log in again" maxLength:"100000"`
	// The assumptions that it shows to be wrong or doubtful.
	AssumptionIDs []vocab.ID `json:"assumption_ids" swaggertype:"array,string" example:"ASM-1" maxItems:"200"`
}

// Check notes every field that breaks a rule by itself.
func (in Input) Check(c *fault.Check) {
	in.Knowledge.Check(c)
	c.Title("title", in.Title)
	c.Ref("attempt_id", in.AttemptID, vocab.Attempt)
	c.Ref("incident_id", in.IncidentID, vocab.Incident)
	c.Ref("service_id", in.ServiceID, vocab.Service)
	c.Text("component", in.Component, fault.MaxTitle)
	c.Text("observed", in.Observed, fault.MaxText)
	c.Text("expected", in.Expected, fault.MaxText)
	fault.RequiredChoice(c, "severity", in.Severity)
	fault.Choice(c, "priority", in.Priority)
	fault.Choice(c, "detected_by", in.DetectedBy)
	c.Ref("environment_id", in.EnvironmentID, vocab.Environment)
	fault.Choice(c, "attribution", in.Attribution)
	fault.Choice(c, "attribution_basis", in.AttributionBasis)
	c.Text("workaround", in.Workaround, fault.MaxText)
	c.RefList("assumption_ids", in.AssumptionIDs, vocab.Assumption)
	checkAttribution(c, in.Attribution, in.AttributionBasis)
}

// Service keeps findings.
type Service struct {
	*record.Records[*ent.Finding, *ent.FindingMutation, Input]
}

// New keeps findings in s.
func New(s *store.Store, now func() time.Time) *Service {
	return &Service{record.New(s, now, noun)}
}

var noun = record.Noun[*ent.Finding, *ent.FindingMutation, Input]{
	Kind: vocab.Finding,
	Table: record.TableOf(func(c *ent.Client) *ent.FindingClient { return c.Finding },
		func(q *ent.FindingQuery) { q.WithAssumptions(func(q *ent.AssumptionQuery) { q.Order(ent.Asc("id")) }) }),
	Of:      inputOf,
	Apply:   apply,
	Visible: record.ByTeam,
	Filters: record.KnowledgeFilters(
		record.Ref("attempt_id", vocab.Attempt), record.Ref("incident_id", vocab.Incident), record.Ref("service_id", vocab.Service),
		record.Ref("environment_id", vocab.Environment), record.Text("component"),
		record.Word("severity", vocab.Severity("")), record.Word("priority", vocab.Priority("")),
		record.Word("detected_by", vocab.DetectedBy("")), record.Word("attribution", vocab.Attribution("")),
		record.Word("attribution_basis", vocab.AttributionBasis("")), record.Word("status", vocab.FindingStatus("")),
		record.Linked("assumption_id", vocab.Assumption, "finding_assumptions", "finding_id", "assumption_id"),
	),
	States: &record.States[*ent.Finding, *ent.FindingMutation]{
		Of:    func(e *ent.Finding) string { return string(e.Status) },
		Set:   func(m *ent.FindingMutation, to string) { m.SetStatus(vocab.FindingStatus(to)) },
		Moves: moves,
	},
}

func inputOf(e *ent.Finding) Input {
	return Input{
		Knowledge: record.KnowledgeOf(e), Title: e.Title,
		AttemptID: record.RefOf(vocab.Attempt, e.AttemptID), IncidentID: record.RefOf(vocab.Incident, e.IncidentID),
		ServiceID: record.RefOf(vocab.Service, e.ServiceID), Component: e.Component, Observed: e.Observed, Expected: e.Expected,
		Severity: e.Severity, Priority: e.Priority, DetectedBy: e.DetectedBy, DetectedAt: record.UTC(e.DetectedAt),
		EnvironmentID: record.RefOf(vocab.Environment, e.EnvironmentID), Attribution: e.Attribution, AttributionBasis: e.AttributionBasis,
		Workaround: e.Workaround, AssumptionIDs: record.IDsOf(vocab.Assumption, e.Edges.Assumptions),
	}
}

func apply(in Input, m *ent.FindingMutation) {
	record.SetKnowledge(in.Knowledge, m)
	m.SetTitle(in.Title)
	record.SetRef(in.AttemptID, m.SetAttemptID, m.ClearAttemptID)
	record.SetRef(in.IncidentID, m.SetIncidentID, m.ClearIncidentID)
	record.SetRef(in.ServiceID, m.SetServiceID, m.ClearServiceID)
	m.SetComponent(in.Component)
	m.SetObserved(in.Observed)
	m.SetExpected(in.Expected)
	m.SetSeverity(in.Severity)
	record.SetWord(in.Priority, m.SetPriority, m.ClearPriority)
	record.SetWord(in.DetectedBy, m.SetDetectedBy, m.ClearDetectedBy)
	record.SetTime(in.DetectedAt, m.SetDetectedAt, m.ClearDetectedAt)
	record.SetRef(in.EnvironmentID, m.SetEnvironmentID, m.ClearEnvironmentID)
	m.SetAttribution(orUndetermined(in.Attribution))
	record.SetWord(in.AttributionBasis, m.SetAttributionBasis, m.ClearAttributionBasis)
	m.SetWorkaround(in.Workaround)
	m.ClearAssumptions()
	m.AddAssumptionIDs(record.Numbers(in.AssumptionIDs)...)
}
