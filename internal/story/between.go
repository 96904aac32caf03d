package story

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// firstReview is the fortnight after the first attempt: what was learned, and what is to be done about it.
func firstReview(t *teller) {
	capture(t, t.on(theMonday+1, 9, 0))
	t.at(t.on(theMonday+1, 11, 0), qa)
	t.do(func() error {
		return t.attribute(t.expiry, vocab.AttributionExposedByChange, vocab.AttributionBasisDrift)
	})
	move(t, t.findings, t.expiry, vocab.FindingStatusDuplicate, "The same as what learners reported on Monday")
	same := add(t, t.recurrences, finding.RecurrenceInput{
		From: t.expiry, To: t.lockout, Kind: vocab.RecurrenceKindSameSymptom, Explanation: "Both are sessions that end within minutes in PROD.",
	})
	move(t, t.recurrences, same, vocab.RecurrenceStatusConfirmed, "")
	t.at(t.on(theMonday+2, 10, 0), techLead)
	t.firstLessons()
	t.at(t.on(theMonday+3, 9, 0), techLead)
	t.review = add(t, t.reviews, review.Input{
		Knowledge: sample("sessions", "persistence"), Title: "Framework 3, first attempt", AttemptIDs: []vocab.ID{t.first}, IncidentIDs: []vocab.ID{t.sessionsDown},
		Summary:    "The new version went to PROD on a Saturday and was taken back on Monday at 11:00. It reads sessions in another order, which ends them early where the session table has the combined column that only PROD has.",
		Impact:     "About 2,400 learners and the support desk were signed out every few minutes for four hours of a Monday.",
		WentWell:   "The way back took fourteen minutes. The database team found the difference within two hours of looking.",
		WentPoorly: "The first sign was on the table sixteen minutes after the deployment and was explained away. Two days passed before it was taken up.",
		Lucky:      "No examination was scheduled that Monday.",
		ContributingFactors: []vocab.Factor{
			{Category: "environment parity", Text: "A change for speed was made in PROD and thought to be of no interest to DEV.", Refs: []vocab.ID{t.sameSessions}},
			{Category: "signals", Text: "Short sessions were read as an effect of the restart, and nobody was asked to check.", Refs: []vocab.ID{t.expiry}},
			{Category: "timing", Text: "A quiet weekend showed nothing of what a working day does.", Refs: []vocab.ID{t.first}},
		},
		Participants: []string{developer, techLead, qa, database, support, release, director},
	})
	t.links(t.review, vocab.ReferenceKindWiki, "https://wiki.example.com/reviews/framework-3-first-attempt", "", "Notes of the meeting", "notes")
	move(t, t.reviews, t.review, vocab.ReviewStatusInReview, "")
	t.firstActions()
	t.at(t.on(theMonday+8, 11, 0), director)
	move(t, t.reviews, t.review, vocab.ReviewStatusPublished, "Everybody who took part has read it")
	move(t, t.incidents, t.sessionsDown, vocab.IncidentStatusClosed, "Reviewed")
	t.spends(t.first, 21, "engineering leads", vocab.EffortPhaseRespond, "Review and follow-ups")
}

func (t *teller) attribute(id vocab.ID, to vocab.Attribution, basis vocab.AttributionBasis) error {
	_, err := t.findings.Change(t.ctx, id.N, record.AnyVersion, func(in finding.Input) (finding.Input, error) {
		in.Attribution, in.AttributionBasis = to, basis
		return in, nil
	})
	return err
}

func (t *teller) firstLessons() {
	year := record.Date(t.on(theMonday+365, 0, 0).Format(time.DateOnly))
	t.compare = t.learns(lesson.Input{
		Knowledge: sample("persistence"), Title: "Compare the schemas of PROD and DEV before every attempt that touches persistence",
		When: "An attempt changes how anything is stored or read", Then: "Capture both schemas, list the differences, and explain or remove each of them",
		Because:   "An index and a column that only PROD had ended every session within minutes, and months of work were taken back",
		DoneCheck: "The comparison is linked to the attempt and is not older than a week", SuccessCriterion: "No finding of the attempt comes from a difference between the two",
		AppliesTo: vocab.AppliesTo{Tags: []string{"persistence"}}, ReviewBy: year,
		FindingIDs: []vocab.ID{t.lockout}, AssumptionIDs: []vocab.ID{t.sameSessions}, IncidentIDs: []vocab.ID{t.sessionsDown},
	})
	t.watch = t.learns(lesson.Input{
		Knowledge: sample("timing"), Title: "Watch an upgrade through the first busy day",
		When: "A framework, runtime, database or library goes to PROD", Then: "Plan the watch to the end of the first working day, with people at the dashboards",
		Because:   "A Saturday was quiet, and Monday found what it hid",
		DoneCheck: "watch_until lies after the next business peak", SuccessCriterion: "Monitoring sees trouble before users do",
		AppliesTo: vocab.AppliesTo{Kinds: []vocab.UpgradeKind{
			vocab.UpgradeKindFramework, vocab.UpgradeKindRuntime, vocab.UpgradeKindDatabase, vocab.UpgradeKindDependency,
		}}, ReviewBy: year, IncidentIDs: []vocab.ID{t.sessionsDown},
	})
	t.suspect = t.learns(lesson.Input{
		Knowledge: sample("signals"), Title: "Hold the change responsible for odd signals until somebody shows otherwise",
		When: "Something unusual is seen while an attempt is under way or watched", Then: "Give it an owner and a time by which it is explained; until then it counts as caused by the change",
		Because:          "Short sessions were seen within minutes, explained away, and cost a Monday",
		SuccessCriterion: "Every signal of the timeline is acted on or explained within an hour",
		AppliesTo:        vocab.AppliesTo{ServiceIDs: []vocab.ID{t.platform}}, ReviewBy: year, FindingIDs: []vocab.ID{t.expiry},
	})
}

// learns adds a lesson and puts it to work.
func (t *teller) learns(in lesson.Input) vocab.ID {
	id := add(t, t.lessons, in)
	move(t, t.lessons, id, vocab.LessonStatusActive, "")
	return id
}

func (t *teller) firstActions() {
	due := record.Date(t.on(theMonday+28, 0, 0).Format(time.DateOnly))
	code := add(t, t.actions, review.ActionInput{
		Knowledge: sample("sessions"), Title: "Read sessions without the combined column", DoneCriterion: "Sessions last in PROD and in DEV, with the column and without",
		Owner: developer, DueOn: due, Priority: vocab.PriorityP1, Kind: vocab.ActionKindPrevent, FindingID: t.lockout, ReviewID: t.review,
	})
	list := add(t, t.actions, review.ActionInput{
		Knowledge: sample("sessions"), Title: "Put session length first on the list that is checked after a deployment",
		DoneCriterion: "The list is part of the release plan", Owner: qa, DueOn: due, Priority: vocab.PriorityP2, Kind: vocab.ActionKindDetect, ReviewID: t.review,
	})
	add(t, t.actions, review.ActionInput{
		Knowledge: sample("persistence"), Title: "Bring the session table of DEV level with PROD", DoneCriterion: "A comparison of the two schemas lists nothing",
		Owner: database, DueOn: record.Date(t.ahead(14, 0, 0).Format(time.DateOnly)), Priority: vocab.PriorityP2, Kind: vocab.ActionKindPrevent, LessonID: t.compare, ReviewID: t.review,
	})
	drop := add(t, t.actions, review.ActionInput{
		Knowledge: sample("sessions"), Title: "Keep what support agents type in the browser", DoneCriterion: "A signed-out agent finds the draft again",
		Owner: "learning-platform team", Priority: vocab.PriorityP4, Kind: vocab.ActionKindMitigate, FindingID: t.support, ReviewID: t.review,
	})
	t.at(t.on(theMonday+7, 16, 0), developer)
	for _, state := range []vocab.FindingStatus{vocab.FindingStatusConfirmed, vocab.FindingStatusResolved} {
		move(t, t.findings, t.lockout, state, "")
		move(t, t.findings, t.support, state, "")
	}
	move(t, t.actions, drop, vocab.ActionStatusWontDo, "Sessions no longer end early, so drafts are not lost")
	for _, id := range []vocab.ID{code, list} {
		move(t, t.actions, id, vocab.ActionStatusInProgress, "")
		move(t, t.actions, id, vocab.ActionStatusDone, "")
	}
	t.at(t.on(theMonday+7, 17, 0), qa)
	move(t, t.findings, t.lockout, vocab.FindingStatusVerified, "Sessions of the new version last on a copy of PROD")
	move(t, t.actions, code, vocab.ActionStatusVerified, "")
}

// ordinary is an upgrade as most are: small, checked where it matters, watched, and forgotten.
func ordinary(t *teller) {
	t.at(t.on(ordinaryDay, 10, 0), "messaging team")
	t.library = add(t, t.upgrades, upgrade.Input{
		Knowledge: sample("library"), Title: "Mail library 4.1 to 4.2", Kind: vocab.UpgradeKindDependency, ServiceID: t.notifications,
		FromVersion: "4.1.3", ToVersion: "4.2.0", Goal: "Take in the fixes of half a year.",
	})
	move(t, t.upgrades, t.library, vocab.UpgradeStatusActive, "")
	t.bump = add(t, t.attempts, upgrade.AttemptInput{
		Knowledge: sample("library"), UpgradeID: t.library, EnvironmentID: t.prod, ReleaseRef: "notifications-118",
		Strategy:    "Deploy in the morning to one host, then to all, and watch the next working day.",
		WindowStart: ptr(t.on(ordinaryDay+1, 9, 0)), WindowEnd: ptr(t.on(ordinaryDay+1, 10, 0)), WatchUntil: ptr(t.on(ordinaryDay+2, 17, 0)),
		ChangedAreas: []string{"mail"},
	})
	delivered := add(t, t.assumptions, assumption.Input{
		Knowledge: sample("library"), AttemptID: t.bump, EnvironmentID: t.prod, Importance: vocab.ImportanceBlocking, ValidForDays: ptr(365),
		Statement: "Mail leaves PROD through the relay as before", Category: vocab.AssumptionCategoryBehavior,
		FalsifiedIf: "the relay refuses a message of the new version", Owner: "messaging team", Areas: []string{"mail"},
	})
	t.at(t.on(ordinaryDay, 15, 0), "messaging team")
	t.sees(delivered, vocab.EvidenceResultSupports, t.prod, "trial on one host", "One host of PROD sent 900 messages with the new library; the relay took them all.")
	t.answers(t.bump, t.watch, vocab.LessonResponseApplied, "", "")
	t.asks(t.bump, vocab.GateDecisionPass)
	move(t, t.attempts, t.bump, vocab.AttemptStatusReady, "The gate passes")
	t.at(t.on(ordinaryDay+1, 9, 0), "messaging team")
	move(t, t.attempts, t.bump, vocab.AttemptStatusInProgress, "")
	t.at(t.on(ordinaryDay+1, 9, 40), "messaging team")
	move(t, t.attempts, t.bump, vocab.AttemptStatusWatching, "")
	t.notes(t.bump, vocab.EventKindSignal, "dashboards", false, "Mail leaves at the usual rate.")
	t.at(t.on(ordinaryDay+2, 17, 30), "messaging team")
	move(t, t.attempts, t.bump, vocab.AttemptStatusSucceeded, "A working day without a complaint")
	t.answers(t.bump, t.watch, vocab.LessonResponseApplied, "", vocab.LessonOutcomeUnknown)
	t.concludes(t.bump, 0, "In place since the first morning. Nobody noticed.")
	t.spends(t.bump, 5, "messaging team", vocab.EffortPhasePrepare, "")
	t.spends(t.bump, 2, "messaging team", vocab.EffortPhaseDeploy, "")
	move(t, t.upgrades, t.library, vocab.UpgradeStatusCompleted, "")
}
