package vocab

// Severity is the impact of a finding or incident, worst first.
type Severity string

// The words of Severity.
const (
	SeverityCritical Severity = "critical"
	SeverityHigh     Severity = "high"
	SeverityMedium   Severity = "medium"
	SeverityLow      Severity = "low"
)

// Values lists every Severity.
func (Severity) Values() []string { return words(`critical high medium low`) }

// Priority is the order of work, most urgent first; it is independent of severity.
type Priority string

// The words of Priority.
const (
	PriorityP1 Priority = "p1"
	PriorityP2 Priority = "p2"
	PriorityP3 Priority = "p3"
	PriorityP4 Priority = "p4"
)

// Values lists every Priority.
func (Priority) Values() []string { return words(`p1 p2 p3 p4`) }

// DetectedBy says who or what noticed first.
type DetectedBy string

// The words of DetectedBy.
const (
	DetectedByQA         DetectedBy = "qa"
	DetectedByMonitoring DetectedBy = "monitoring"
	DetectedByUser       DetectedBy = "user"
	DetectedBySupport    DetectedBy = "support"
	DetectedByEngineer   DetectedBy = "engineer"
)

// Values lists every DetectedBy.
func (DetectedBy) Values() []string { return words(`qa monitoring user support engineer`) }

// Attribution says how a finding relates to the change.
type Attribution string

// The words of Attribution.
const (
	AttributionCausedByChange  Attribution = "caused_by_change"
	AttributionExposedByChange Attribution = "exposed_by_change"
	AttributionPreExisting     Attribution = "pre_existing"
	AttributionUnrelated       Attribution = "unrelated"
	AttributionUndetermined    Attribution = "undetermined"
)

// Values lists every Attribution.
func (Attribution) Values() []string {
	return words(`caused_by_change exposed_by_change pre_existing unrelated undetermined`)
}

// AttributionBasis says what an attribution rests on.
type AttributionBasis string

// The words of AttributionBasis.
const (
	AttributionBasisReproducedOnOldVersion AttributionBasis = "reproduced_on_old_version"
	AttributionBasisBisect                 AttributionBasis = "bisect"
	AttributionBasisDrift                  AttributionBasis = "drift"
	AttributionBasisJudgement              AttributionBasis = "judgement"
)

// Values lists every AttributionBasis.
func (AttributionBasis) Values() []string {
	return words(`reproduced_on_old_version bisect drift judgement`)
}

// FindingStatus is the state of a finding.
type FindingStatus string

// The words of FindingStatus.
const (
	FindingStatusReported        FindingStatus = "reported"
	FindingStatusTriaged         FindingStatus = "triaged"
	FindingStatusConfirmed       FindingStatus = "confirmed"
	FindingStatusResolved        FindingStatus = "resolved"
	FindingStatusVerified        FindingStatus = "verified"
	FindingStatusDuplicate       FindingStatus = "duplicate"
	FindingStatusNotReproducible FindingStatus = "not_reproducible"
	FindingStatusAccepted        FindingStatus = "accepted"
)

// Values lists every FindingStatus.
func (FindingStatus) Values() []string {
	return words(`reported triaged confirmed resolved verified duplicate not_reproducible accepted`)
}

// IncidentStatus is the state of an incident.
type IncidentStatus string

// The words of IncidentStatus.
const (
	IncidentStatusOpen      IncidentStatus = "open"
	IncidentStatusMitigated IncidentStatus = "mitigated"
	IncidentStatusResolved  IncidentStatus = "resolved"
	IncidentStatusClosed    IncidentStatus = "closed"
)

// Values lists every IncidentStatus.
func (IncidentStatus) Values() []string { return words(`open mitigated resolved closed`) }

// AttemptRelation says how an incident relates to its attempt.
type AttemptRelation string

// The words of AttemptRelation.
const (
	AttemptRelationTriggeredBy AttemptRelation = "triggered_by"
	AttemptRelationCoincident  AttemptRelation = "coincident"
)

// Values lists every AttemptRelation.
func (AttemptRelation) Values() []string { return words(`triggered_by coincident`) }

// EventKind says what a timeline event records.
type EventKind string

// The words of EventKind.
const (
	EventKindSignal         EventKind = "signal"
	EventKindInterpretation EventKind = "interpretation"
	EventKindDecision       EventKind = "decision"
	EventKindAction         EventKind = "action"
	EventKindCommunication  EventKind = "communication"
)

// Values lists every EventKind.
func (EventKind) Values() []string {
	return words(`signal interpretation decision action communication`)
}

// RecurrenceKind says in what way something came back.
type RecurrenceKind string

// The words of RecurrenceKind.
const (
	RecurrenceKindSameCause   RecurrenceKind = "same_cause"
	RecurrenceKindSameSymptom RecurrenceKind = "same_symptom"
	RecurrenceKindRegression  RecurrenceKind = "regression"
)

// Values lists every RecurrenceKind.
func (RecurrenceKind) Values() []string { return words(`same_cause same_symptom regression`) }

// RecurrenceStatus is the state of a suspected recurrence.
type RecurrenceStatus string

// The words of RecurrenceStatus.
const (
	RecurrenceStatusSuggested RecurrenceStatus = "suggested"
	RecurrenceStatusConfirmed RecurrenceStatus = "confirmed"
	RecurrenceStatusRejected  RecurrenceStatus = "rejected"
)

// Values lists every RecurrenceStatus.
func (RecurrenceStatus) Values() []string { return words(`suggested confirmed rejected`) }
