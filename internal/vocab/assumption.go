package vocab

// Importance says how much rests on an assumption.
type Importance string

// The words of Importance.
const (
	ImportanceBlocking Importance = "blocking"
	ImportanceMajor    Importance = "major"
	ImportanceMinor    Importance = "minor"
)

// Values lists every Importance.
func (Importance) Values() []string { return words(`blocking major minor`) }

// AssumptionCategory says what an assumption is about.
type AssumptionCategory string

// The words of AssumptionCategory.
const (
	AssumptionCategoryEnvironmentParity AssumptionCategory = "environment_parity"
	AssumptionCategoryData              AssumptionCategory = "data"
	AssumptionCategoryCapacity          AssumptionCategory = "capacity"
	AssumptionCategoryBehavior          AssumptionCategory = "behavior"
	AssumptionCategoryDependency        AssumptionCategory = "dependency"
	AssumptionCategoryProcess           AssumptionCategory = "process"
)

// Values lists every AssumptionCategory.
func (AssumptionCategory) Values() []string {
	return words(`environment_parity data capacity behavior dependency process`)
}

// AssumptionOrigin says where an assumption came from.
type AssumptionOrigin string

// The words of AssumptionOrigin.
const (
	AssumptionOriginManual    AssumptionOrigin = "manual"
	AssumptionOriginDrift     AssumptionOrigin = "drift"
	AssumptionOriginPremortem AssumptionOrigin = "premortem"
	AssumptionOriginLesson    AssumptionOrigin = "lesson"
)

// Values lists every AssumptionOrigin.
func (AssumptionOrigin) Values() []string { return words(`manual drift premortem lesson`) }

// AssumptionStatus is computed from evidence; only retired is set by people.
type AssumptionStatus string

// The words of AssumptionStatus.
const (
	AssumptionStatusUnverified AssumptionStatus = "unverified"
	AssumptionStatusVerified   AssumptionStatus = "verified"
	AssumptionStatusExpired    AssumptionStatus = "expired"
	AssumptionStatusFalsified  AssumptionStatus = "falsified"
	AssumptionStatusDisputed   AssumptionStatus = "disputed"
	AssumptionStatusRetired    AssumptionStatus = "retired"
)

// Values lists every AssumptionStatus.
func (AssumptionStatus) Values() []string {
	return words(`unverified verified expired falsified disputed retired`)
}

// StatusReason says why an assumption has its status.
type StatusReason string

// The words of StatusReason.
const (
	StatusReasonNoEvidence               StatusReason = "no_evidence"
	StatusReasonEvidenceWrongEnvironment StatusReason = "evidence_wrong_environment"
	StatusReasonEvidenceSupports         StatusReason = "evidence_supports"
	StatusReasonEvidenceContradicts      StatusReason = "evidence_contradicts"
	StatusReasonEvidenceConflicts        StatusReason = "evidence_conflicts"
	StatusReasonEvidenceTooOld           StatusReason = "evidence_too_old"
	StatusReasonAreaChanged              StatusReason = "area_changed"
	StatusReasonRetired                  StatusReason = "retired"
)

// Values lists every StatusReason.
func (StatusReason) Values() []string {
	return words(`no_evidence evidence_wrong_environment evidence_supports evidence_contradicts evidence_conflicts evidence_too_old area_changed retired`)
}

// EvidenceResult says what evidence does to the assumption.
type EvidenceResult string

// The words of EvidenceResult.
const (
	EvidenceResultSupports     EvidenceResult = "supports"
	EvidenceResultContradicts  EvidenceResult = "contradicts"
	EvidenceResultInconclusive EvidenceResult = "inconclusive"
)

// Values lists every EvidenceResult.
func (EvidenceResult) Values() []string { return words(`supports contradicts inconclusive`) }
