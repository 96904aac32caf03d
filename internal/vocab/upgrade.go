package vocab

// UpgradeKind says what an upgrade changes.
type UpgradeKind string

// The words of UpgradeKind.
const (
	UpgradeKindFramework      UpgradeKind = "framework"
	UpgradeKindRuntime        UpgradeKind = "runtime"
	UpgradeKindDatabase       UpgradeKind = "database"
	UpgradeKindDependency     UpgradeKind = "dependency"
	UpgradeKindInfrastructure UpgradeKind = "infrastructure"
	UpgradeKindMigration      UpgradeKind = "migration"
	UpgradeKindConfiguration  UpgradeKind = "configuration"
	UpgradeKindOther          UpgradeKind = "other"
)

// Values lists every UpgradeKind.
func (UpgradeKind) Values() []string {
	return words(`framework runtime database dependency infrastructure migration configuration other`)
}

// UpgradeStatus is the state of an upgrade.
type UpgradeStatus string

// The words of UpgradeStatus.
const (
	UpgradeStatusProposed  UpgradeStatus = "proposed"
	UpgradeStatusActive    UpgradeStatus = "active"
	UpgradeStatusCompleted UpgradeStatus = "completed"
	UpgradeStatusAbandoned UpgradeStatus = "abandoned"
)

// Values lists every UpgradeStatus.
func (UpgradeStatus) Values() []string { return words(`proposed active completed abandoned`) }

// AttemptStatus is the state of one try of an upgrade.
type AttemptStatus string

// The words of AttemptStatus.
const (
	AttemptStatusPlanned      AttemptStatus = "planned"
	AttemptStatusReady        AttemptStatus = "ready"
	AttemptStatusInProgress   AttemptStatus = "in_progress"
	AttemptStatusWatching     AttemptStatus = "watching"
	AttemptStatusSucceeded    AttemptStatus = "succeeded"
	AttemptStatusRolledBack   AttemptStatus = "rolled_back"
	AttemptStatusFixedForward AttemptStatus = "fixed_forward"
	AttemptStatusAborted      AttemptStatus = "aborted"
	AttemptStatusCancelled    AttemptStatus = "cancelled"
)

// Values lists every AttemptStatus.
func (AttemptStatus) Values() []string {
	return words(`planned ready in_progress watching succeeded rolled_back fixed_forward aborted cancelled`)
}

// DecisionKind says what was decided.
type DecisionKind string

// The words of DecisionKind.
const (
	DecisionKindGoNoGo          DecisionKind = "go_no_go"
	DecisionKindRollbackOrPatch DecisionKind = "rollback_or_patch"
	DecisionKindWaiver          DecisionKind = "waiver"
	DecisionKindRiskAcceptance  DecisionKind = "risk_acceptance"
	DecisionKindOther           DecisionKind = "other"
)

// Values lists every DecisionKind.
func (DecisionKind) Values() []string {
	return words(`go_no_go rollback_or_patch waiver risk_acceptance other`)
}

// DecisionStatus is the state of a decision; expired is computed from its expiry, never stored.
type DecisionStatus string

// The words of DecisionStatus.
const (
	DecisionStatusProposed   DecisionStatus = "proposed"
	DecisionStatusAccepted   DecisionStatus = "accepted"
	DecisionStatusSuperseded DecisionStatus = "superseded"
	DecisionStatusExpired    DecisionStatus = "expired"
)

// Values lists every DecisionStatus.
func (DecisionStatus) Values() []string { return words(`proposed accepted superseded expired`) }

// Comparator compares a reading with a tripwire's threshold.
type Comparator string

// The words of Comparator.
const (
	ComparatorGt  Comparator = "gt"
	ComparatorGte Comparator = "gte"
	ComparatorLt  Comparator = "lt"
	ComparatorLte Comparator = "lte"
)

// Values lists every Comparator.
func (Comparator) Values() []string { return words(`gt gte lt lte`) }

// TripwireThen says what was agreed to happen when a tripwire trips.
type TripwireThen string

// The words of TripwireThen.
const (
	TripwireThenRollback TripwireThen = "rollback"
	TripwireThenPause    TripwireThen = "pause"
	TripwireThenPage     TripwireThen = "page"
)

// Values lists every TripwireThen.
func (TripwireThen) Values() []string { return words(`rollback pause page`) }

// TripwireStatus is the state of a tripwire.
type TripwireStatus string

// The words of TripwireStatus.
const (
	TripwireStatusDraft   TripwireStatus = "draft"
	TripwireStatusArmed   TripwireStatus = "armed"
	TripwireStatusTripped TripwireStatus = "tripped"
	TripwireStatusCleared TripwireStatus = "cleared"
	TripwireStatusExpired TripwireStatus = "expired"
)

// Values lists every TripwireStatus.
func (TripwireStatus) Values() []string { return words(`draft armed tripped cleared expired`) }

// EffortPhase is the part of the work that hours were spent on.
type EffortPhase string

// The words of EffortPhase.
const (
	EffortPhasePrepare EffortPhase = "prepare"
	EffortPhaseTest    EffortPhase = "test"
	EffortPhaseDeploy  EffortPhase = "deploy"
	EffortPhaseRespond EffortPhase = "respond"
	EffortPhaseRepair  EffortPhase = "repair"
)

// Values lists every EffortPhase.
func (EffortPhase) Values() []string { return words(`prepare test deploy respond repair`) }
