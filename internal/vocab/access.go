package vocab

// Visibility says who may see a record.
type Visibility string

// The words of Visibility.
const (
	VisibilityInternal   Visibility = "internal"
	VisibilityRestricted Visibility = "restricted"
)

// Values lists every Visibility.
func (Visibility) Values() []string { return words(`internal restricted`) }

// Scope is what a token may do.
type Scope string

// The words of Scope.
const (
	ScopeRead   Scope = "read"
	ScopeWrite  Scope = "write"
	ScopeGate   Scope = "gate"
	ScopeIngest Scope = "ingest"
	ScopeAdmin  Scope = "admin"
)

// Values lists every Scope.
func (Scope) Values() []string { return words(`read write gate ingest admin`) }

// ChangeOp says what a write did to a record.
type ChangeOp string

// The words of ChangeOp.
const (
	ChangeOpCreate     ChangeOp = "create"
	ChangeOpUpdate     ChangeOp = "update"
	ChangeOpDelete     ChangeOp = "delete"
	ChangeOpTransition ChangeOp = "transition"
)

// Values lists every ChangeOp.
func (ChangeOp) Values() []string { return words(`create update delete transition`) }

// GateDecision is the gate's answer.
type GateDecision string

// The words of GateDecision.
const (
	GateDecisionPass           GateDecision = "pass"
	GateDecisionFail           GateDecision = "fail"
	GateDecisionPassWithWaiver GateDecision = "pass_with_waiver"
)

// Values lists every GateDecision.
func (GateDecision) Values() []string { return words(`pass fail pass_with_waiver`) }

// GateCode names a reason the gate gives.
type GateCode string

// The words of GateCode.
const (
	GateCodeAssumptionUnverified GateCode = "assumption_unverified"
	GateCodeAssumptionExpired    GateCode = "assumption_expired"
	GateCodeAssumptionFalsified  GateCode = "assumption_falsified"
	GateCodeAssumptionDisputed   GateCode = "assumption_disputed"
	GateCodeLessonUnanswered     GateCode = "lesson_unanswered"
	GateCodeTripwireMissing      GateCode = "tripwire_missing"
	GateCodeWatchTooShort        GateCode = "watch_too_short"
	GateCodeActionOverdue        GateCode = "action_overdue"
	GateCodeFindingOpen          GateCode = "finding_open"
)

// Values lists every GateCode.
func (GateCode) Values() []string {
	return words(`assumption_unverified assumption_expired assumption_falsified assumption_disputed lesson_unanswered tripwire_missing watch_too_short action_overdue finding_open`)
}
