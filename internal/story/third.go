package story

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// aftermath is what the second attempt taught.
func aftermath(t *teller) {
	t.at(t.on(secondRevert+1, 9, 0), reliability)
	t.sees(t.nightly, vocab.EvidenceResultSupports, t.prod, "watching the first hour", "On the old version the last job ended at five.")
	t.at(t.on(secondRevert+1, 9, 30), techLead)
	t.answers(t.second, t.compare, vocab.LessonResponseApplied, "", vocab.LessonOutcomePrevented)
	t.answers(t.second, t.watch, vocab.LessonResponseApplied, "", vocab.LessonOutcomePrevented)
	t.answers(t.second, t.suspect, vocab.LessonResponseSkipped, "The list of known issues says what to look for, and there are not enough people for more.", vocab.LessonOutcomeRecurred)
	t.query = t.learns(lesson.Input{
		Knowledge: sample("persistence", "database"), Title: "Look at every statement that a new version runs in another way",
		When: "A new version changes the statements it sends to the database", Then: "Compare the statements of both versions under the load of a working day, and have the database team read the plans of those that changed",
		Because:   "The statement that collects ended sessions was new, read the whole table, and took the database down on the first busy day",
		DoneCheck: "The changed statements are listed on the attempt, each with its plan", SuccessCriterion: "No statement of the new version surprises the database team",
		AppliesTo: vocab.AppliesTo{Kinds: []vocab.UpgradeKind{vocab.UpgradeKindFramework, vocab.UpgradeKindDatabase}, Tags: []string{"persistence"}},
		ReviewBy:  record.Date(t.on(365, 0, 0).Format(time.DateOnly)), FindingIDs: []vocab.ID{t.pileUp, t.slow}, IncidentIDs: []vocab.ID{t.databaseDown},
	})
	add(t, t.recurrences, finding.RecurrenceInput{
		From: t.sessionsDown, To: t.databaseDown, Kind: vocab.RecurrenceKindSameCause,
		Explanation: "Both times the new version met a session table that nobody had looked at in PROD.",
	})
	apart := add(t, t.recurrences, finding.RecurrenceInput{From: t.support, To: t.slow, Kind: vocab.RecurrenceKindSameSymptom})
	move(t, t.recurrences, apart, vocab.RecurrenceStatusRejected, "Agents lost nothing the second time")
	t.at(t.on(secondRevert+1, 14, 0), developer)
	move(t, t.findings, t.pileUp, vocab.FindingStatusResolved, "By the patch, which has run in SANDBOX only")
	t.at(t.on(secondRevert+1, 16, 0), techLead)
	draft := add(t, t.reviews, review.Input{
		Knowledge: sample("database", "persistence"), Title: "Framework 3, second attempt", AttemptIDs: []vocab.ID{t.second}, IncidentIDs: []vocab.ID{t.databaseDown},
		Summary:    "Deployed on a Friday at 05:00 and taken back on Monday at 18:00. Sessions held; the collection of ended sessions did not.",
		Impact:     "Pages took seconds for most of a Monday.",
		WentWell:   "What ended the first attempt did not come back. Monitoring saw the trouble before any user wrote, and the watch reached the first busy day.",
		WentPoorly: "The waiting processes were seen on Friday afternoon and left over the weekend.",
		ContributingFactors: []vocab.Factor{
			{Category: "coverage", Text: "The collection of sessions was on the list of what changes, and nothing was assumed or checked about it.", Refs: []vocab.ID{t.pileUp}},
			{Category: "timing", Text: "Four office hours were thought to show everything.", Refs: []vocab.ID{t.busyHours}},
		},
		Participants: []string{developer, techLead, database, qa, release, director, cto},
	})
	add(t, t.actions, review.ActionInput{
		Knowledge: sample("database"), Title: "List the statements that version 3 runs in another way", DoneCriterion: "Each has a plan that the database team has read",
		Owner: developer, DueOn: record.Date(t.ahead(-2, 0, 0).Format(time.DateOnly)), Priority: vocab.PriorityP1, Kind: vocab.ActionKindPrevent, LessonID: t.query, ReviewID: draft,
	})
	run := add(t, t.actions, review.ActionInput{
		Knowledge: sample("database"), Title: "Run the patch under the load of a working day", DoneCriterion: "A recorded day is replayed against a copy of PROD without waiting processes",
		Owner: qa, DueOn: record.Date(t.ahead(-1, 0, 0).Format(time.DateOnly)), Priority: vocab.PriorityP1, Kind: vocab.ActionKindDetect, FindingID: t.pileUp, ReviewID: draft,
	})
	t.at(t.on(secondRevert+1, 16, 30), qa)
	move(t, t.actions, run, vocab.ActionStatusInProgress, "")
	add(t, t.runbooks, catalog.RunbookInput{
		Knowledge: sample("revert"), Title: "Take a release of the learning platform back", URL: "https://wiki.example.com/runbooks/revert-platform",
		ServiceID: t.platform, Areas: []string{"deployment", "sessions"}, AlertNames: []string{"LogoutRateHigh", "DatabaseProcessesHigh"},
		ReviewedAt: ptr(t.now), ReviewEveryDays: ptr(90),
	})
	t.spends(t.upgrade, 11, "engineering leads", vocab.EffortPhaseRespond, "Whether the upgrade is worth a third attempt")
}

// thirdPlan is where the story stands today: an attempt that is planned, and what it still lacks.
func thirdPlan(t *teller) {
	t.at(t.on(secondRevert+1, 17, 0), developer)
	t.third = add(t, t.attempts, upgrade.AttemptInput{
		Knowledge: sample("persistence"), UpgradeID: t.upgrade, EnvironmentID: t.prod, ReleaseRef: "platform-3.0.5",
		Strategy:    "As the second attempt, with the patch, and with the statements that changed read by the database team beforehand.",
		WindowStart: ptr(t.ahead(0, 5, 0)), WindowEnd: ptr(t.ahead(0, 7, 0)), WatchUntil: ptr(t.ahead(3, 20, 0)),
		ChangedAreas: []string{"sessions", "session garbage collection", "database", "mail"},
	})
	t.links(t.third, vocab.ReferenceKindPullRequest, "https://git.example.com/platform/pulls/423", "", "Framework 3 with the patch", "deploys")
	wire := add(t, t.tripwires, upgrade.TripwireInput{
		AttemptID: t.third, Signal: "Database processes", Comparator: vocab.ComparatorGt, Threshold: ptr(150.0), ForMinutes: 10,
		Deadline: ptr(t.ahead(3, 20, 0)), Then: vocab.TripwireThenRollback, AgreedBy: "tech lead, database team and CTO",
	})
	move(t, t.tripwires, wire, vocab.TripwireStatusArmed, "")
	keepsPace := add(t, t.assumptions, assumption.Input{
		Knowledge: sample("persistence", "database"), AttemptID: t.third, EnvironmentID: t.prod, Importance: vocab.ImportanceBlocking, ValidForDays: ptr(30),
		Statement: "The changed statement that collects ended sessions keeps pace with a working day in PROD", Category: vocab.AssumptionCategoryCapacity,
		FalsifiedIf: "processes wait for each other under the load of a working day", Owner: database, Areas: []string{"session garbage collection"}, Origin: vocab.AssumptionOriginLesson,
	})
	add(t, t.assumptions, assumption.Input{
		Knowledge: sample("database"), AttemptID: t.third, EnvironmentID: t.prod, Importance: vocab.ImportanceMajor, Category: vocab.AssumptionCategoryBehavior,
		Statement: "Collecting ended sessions is the only thing that the patch changes", FalsifiedIf: "another statement differs between 3.0.4 and 3.0.5",
		Owner: developer, Areas: []string{"database"}, Origin: vocab.AssumptionOriginPremortem,
	})
	t.sees(keepsPace, vocab.EvidenceResultSupports, t.sandbox, "patch test", "The patch collects ten thousand ended sessions in SANDBOX without waiting.")
	t.at(t.on(secondRevert+1, 17, 30), techLead)
	t.answers(t.third, t.watch, vocab.LessonResponseApplied, "", "")
	t.spends(t.third, 12, developer, vocab.EffortPhasePrepare, "The patch on top of 3.0.4")
}
