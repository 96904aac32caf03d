package vocab

// LessonStatus is the state of a lesson.
type LessonStatus string

// The words of LessonStatus.
const (
	LessonStatusDraft      LessonStatus = "draft"
	LessonStatusActive     LessonStatus = "active"
	LessonStatusSuperseded LessonStatus = "superseded"
	LessonStatusRetired    LessonStatus = "retired"
)

// Values lists every LessonStatus.
func (LessonStatus) Values() []string { return words(`draft active superseded retired`) }

// ApplicationStatus is the state of a lesson on one attempt.
type ApplicationStatus string

// The words of ApplicationStatus.
const (
	ApplicationStatusSurfaced ApplicationStatus = "surfaced"
	ApplicationStatusAnswered ApplicationStatus = "answered"
	ApplicationStatusAssessed ApplicationStatus = "assessed"
)

// Values lists every ApplicationStatus.
func (ApplicationStatus) Values() []string { return words(`surfaced answered assessed`) }

// LessonResponse is a team's answer to a lesson.
type LessonResponse string

// The words of LessonResponse.
const (
	LessonResponseApplied       LessonResponse = "applied"
	LessonResponseSkipped       LessonResponse = "skipped"
	LessonResponseNotApplicable LessonResponse = "not_applicable"
)

// Values lists every LessonResponse.
func (LessonResponse) Values() []string { return words(`applied skipped not_applicable`) }

// LessonOutcome says what became of an answered lesson once its attempt had ended.
type LessonOutcome string

// The words of LessonOutcome.
const (
	LessonOutcomePrevented LessonOutcome = "prevented"
	LessonOutcomeNoEffect  LessonOutcome = "no_effect"
	LessonOutcomeRecurred  LessonOutcome = "recurred"
	LessonOutcomeUnknown   LessonOutcome = "unknown"
)

// Values lists every LessonOutcome.
func (LessonOutcome) Values() []string { return words(`prevented no_effect recurred unknown`) }

// LessonVerdict is computed from a lesson's applications.
type LessonVerdict string

// The words of LessonVerdict.
const (
	LessonVerdictUntested    LessonVerdict = "untested"
	LessonVerdictEffective   LessonVerdict = "effective"
	LessonVerdictIneffective LessonVerdict = "ineffective"
	LessonVerdictIgnored     LessonVerdict = "ignored"
)

// Values lists every LessonVerdict.
func (LessonVerdict) Values() []string { return words(`untested effective ineffective ignored`) }

// ActionKind says what an action is meant to do.
type ActionKind string

// The words of ActionKind.
const (
	ActionKindPrevent  ActionKind = "prevent"
	ActionKindDetect   ActionKind = "detect"
	ActionKindMitigate ActionKind = "mitigate"
	ActionKindProcess  ActionKind = "process"
)

// Values lists every ActionKind.
func (ActionKind) Values() []string { return words(`prevent detect mitigate process`) }

// ActionStatus is the state of an action.
type ActionStatus string

// The words of ActionStatus.
const (
	ActionStatusOpen        ActionStatus = "open"
	ActionStatusInProgress  ActionStatus = "in_progress"
	ActionStatusDone        ActionStatus = "done"
	ActionStatusVerified    ActionStatus = "verified"
	ActionStatusIneffective ActionStatus = "ineffective"
	ActionStatusWontDo      ActionStatus = "wont_do"
)

// Values lists every ActionStatus.
func (ActionStatus) Values() []string {
	return words(`open in_progress done verified ineffective wont_do`)
}

// ReviewStatus is the state of a review.
type ReviewStatus string

// The words of ReviewStatus.
const (
	ReviewStatusDraft     ReviewStatus = "draft"
	ReviewStatusInReview  ReviewStatus = "in_review"
	ReviewStatusPublished ReviewStatus = "published"
)

// Values lists every ReviewStatus.
func (ReviewStatus) Values() []string { return words(`draft in_review published`) }

// RunbookHealth is computed from a runbook's review date and its link.
type RunbookHealth string

// The words of RunbookHealth.
const (
	RunbookHealthFresh      RunbookHealth = "fresh"
	RunbookHealthStale      RunbookHealth = "stale"
	RunbookHealthBroken     RunbookHealth = "broken"
	RunbookHealthUnverified RunbookHealth = "unverified"
)

// Values lists every RunbookHealth.
func (RunbookHealth) Values() []string { return words(`fresh stale broken unverified`) }

// LinkStatus is what the last check of a link found.
type LinkStatus string

// The words of LinkStatus.
const (
	LinkStatusUnchecked LinkStatus = "unchecked"
	LinkStatusOk        LinkStatus = "ok"
	LinkStatusBroken    LinkStatus = "broken"
	LinkStatusRefused   LinkStatus = "refused"
)

// Values lists every LinkStatus.
func (LinkStatus) Values() []string { return words(`unchecked ok broken refused`) }

// RunbookVerdict is what the use of a runbook showed.
type RunbookVerdict string

// The words of RunbookVerdict.
const (
	RunbookVerdictUsed       RunbookVerdict = "used"
	RunbookVerdictHelped     RunbookVerdict = "helped"
	RunbookVerdictDidNotHelp RunbookVerdict = "did_not_help"
	RunbookVerdictOutdated   RunbookVerdict = "outdated"
)

// Values lists every RunbookVerdict.
func (RunbookVerdict) Values() []string { return words(`used helped did_not_help outdated`) }

// ReferenceKind says what a reference points at.
type ReferenceKind string

// The words of ReferenceKind.
const (
	ReferenceKindJira        ReferenceKind = "jira"
	ReferenceKindRunbook     ReferenceKind = "runbook"
	ReferenceKindWiki        ReferenceKind = "wiki"
	ReferenceKindPullRequest ReferenceKind = "pull_request"
	ReferenceKindDashboard   ReferenceKind = "dashboard"
	ReferenceKindDeploy      ReferenceKind = "deploy"
	ReferenceKindOther       ReferenceKind = "other"
)

// Values lists every ReferenceKind.
func (ReferenceKind) Values() []string {
	return words(`jira runbook wiki pull_request dashboard deploy other`)
}
