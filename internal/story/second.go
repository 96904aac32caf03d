package story

import (
	"time"

	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// secondPlan takes the upgrade up again, with another strategy.
func secondPlan(t *teller) {
	t.at(t.on(theFriday-12, 10, 0), developer)
	t.second = add(t, t.attempts, upgrade.AttemptInput{
		Knowledge: sample("persistence"), UpgradeID: t.upgrade, EnvironmentID: t.prod, ReleaseRef: "platform-3.0.4",
		Strategy:    "Deploy at 05:00 on a working day, check the list of known issues before the offices open, then let it settle.",
		WindowStart: ptr(t.on(theFriday, 5, 0)), WindowEnd: ptr(t.on(theFriday, 7, 0)), WatchUntil: ptr(t.on(secondRevert, 20, 0)),
		ChangedAreas: []string{"sessions", "session garbage collection", "templates", "background jobs"},
	})
	t.links(t.second, vocab.ReferenceKindDashboard, "https://dashboards.example.com/platform/database", "", "Database of the platform", "watched on")
	busy := add(t, t.assumptions, assumption.Input{
		Knowledge: sample("timing"), AttemptID: t.second, EnvironmentID: t.prod, Importance: vocab.ImportanceMajor,
		Statement: "What goes wrong under load shows within the first four office hours", Category: vocab.AssumptionCategoryBehavior,
		FalsifiedIf: "trouble begins later than that", Owner: director, Areas: []string{"background jobs"},
	})
	t.headroom = add(t, t.assumptions, assumption.Input{
		Knowledge: sample("database"), AttemptID: t.second, EnvironmentID: t.prod, Importance: vocab.ImportanceMajor, ValidForDays: ptr(14),
		Statement: "The database of PROD has a third of its processes to spare", Category: vocab.AssumptionCategoryCapacity,
		FalsifiedIf: "more than two thirds are busy in a business hour", Owner: database, Areas: []string{"database"},
	})
	t.nightly = add(t, t.assumptions, assumption.Input{
		Knowledge: sample("background jobs"), UpgradeID: t.upgrade, EnvironmentID: t.prod, Importance: vocab.ImportanceMinor, ValidForDays: ptr(60),
		Statement: "The nightly jobs end before the first learners come", Category: vocab.AssumptionCategoryCapacity, Owner: reliability, Areas: []string{"background jobs"},
	})
	t.at(t.on(theFriday-10, 14, 0), database)
	t.sees(t.headroom, vocab.EvidenceResultSupports, t.prod, "process list", "At noon four of ten processes are busy.")
	t.processes = add(t, t.tripwires, upgrade.TripwireInput{
		AttemptID: t.second, Signal: "Database processes", Comparator: vocab.ComparatorGt, Threshold: ptr(200.0), ForMinutes: 15,
		Deadline: ptr(t.on(secondRevert, 20, 0)), Then: vocab.TripwireThenRollback, AgreedBy: "tech lead and database team",
	})
	move(t, t.tripwires, t.processes, vocab.TripwireStatusArmed, "")
	capture(t, t.on(theFriday-2, 9, 0))
	t.at(t.on(theFriday-2, 15, 0), techLead)
	t.answers(t.second, t.compare, vocab.LessonResponseApplied, "", "")
	t.answers(t.second, t.watch, vocab.LessonResponseApplied, "", "")
	t.answers(t.second, t.suspect, vocab.LessonResponseSkipped, "The list of known issues says what to look for, and there are not enough people for more.", "")
	t.at(t.on(theFriday-2, 16, 0), release)
	t.asks(t.second, vocab.GateDecisionFail)
	t.decides(upgrade.DecisionInput{
		Kind: vocab.DecisionKindWaiver, AttemptID: t.second, AssumptionID: t.sameSessions,
		Question: "Deploy although PROD and DEV still differ on the session table?",
		Options: []vocab.Option{
			{Name: "Deploy on Friday", For: "The new code no longer reads the combined column", Against: "It was shown on a copy of PROD only"},
			{Name: "Bring DEV level first", For: "The difference would be gone", Against: "The database team has no time this month"},
		},
		Chosen: "Deploy on Friday", Rationale: "What the difference did is repaired, and session length is the first thing on the list.",
		DecidedBy: "engineering leads", ExpiresAt: ptr(t.on(secondRevert, 20, 0)),
	}, director)
	t.at(t.on(theFriday-1, 11, 0), director)
	t.decides(upgrade.DecisionInput{
		Kind: vocab.DecisionKindGoNoGo, AttemptID: t.second, Question: "Deploy on a Friday, against the habit of the trade?",
		Options: []vocab.Option{
			{Name: "Friday at 05:00", For: "Two hours before the offices open, and everybody is on the call", Against: "A weekend follows"},
			{Name: "Tuesday at 05:00", For: "Four working days follow", Against: "Half of the team is away"},
		},
		Chosen: "Friday at 05:00", Rationale: "The watch is planned through Monday, and the way back is a quarter of an hour.", DecidedBy: director,
	}, cto)
	t.at(t.on(theFriday-1, 16, 0), release)
	move(t, t.attempts, t.second, vocab.AttemptStatusReady, "Waived until Monday evening")
	t.spends(t.second, 85, developer, vocab.EffortPhasePrepare, "Sessions without the combined column, and the way to 3.0.4")
	t.spends(t.second, 48, qa, vocab.EffortPhaseTest, "The list of known issues")
	t.busyHours = busy
}

// friday is the second attempt until it was left alone for the weekend.
func friday(t *teller) {
	t.at(t.on(theFriday, 5, 0), release)
	move(t, t.attempts, t.second, vocab.AttemptStatusInProgress, "")
	t.notes(t.second, vocab.EventKindAction, "deployment", true, "The release goes to PROD with everybody on the call.")
	t.at(t.on(theFriday, 5, 45), release)
	move(t, t.attempts, t.second, vocab.AttemptStatusWatching, "Every host runs the new version")
	t.at(t.on(theFriday, 6, 30), qa)
	t.notes(t.second, vocab.EventKindSignal, "release call", true, "Sessions last, pages load as before, and the known issues are gone.")
	t.reads([]int{theFriday, 7, 0}, 62, 71, 95, 104)
	t.at(t.on(theFriday, 12, 0), reliability)
	t.notes(t.second, vocab.EventKindInterpretation, "release call", false, "Five office hours without a complaint: the attempt is thought to be through.")
	t.at(t.on(theFriday, 16, 40), database)
	t.notes(t.second, vocab.EventKindSignal, "database dashboard", true, "Processes that collect ended sessions begin to wait for each other. The statement they run is another one than in version 2.")
	t.reads([]int{theFriday, 16, 45}, 131, 148)
	t.at(t.on(theFriday, 17, 5), database)
	t.notes(t.second, vocab.EventKindInterpretation, "database dashboard", true, "The new statement reads the whole session table; the database team is asked what would make it fast.")
	t.sees(t.busyHours, vocab.EvidenceResultContradicts, t.prod, "process list", "Nothing was to be seen before the afternoon.")
	t.pileUp = add(t, t.findings, finding.Input{
		Knowledge: sample("database", "sessions"), Title: "Collecting ended sessions piles up database processes", AttemptID: t.second, ServiceID: t.platform,
		Component: "session garbage collection", Observed: "Every sign-in starts a collection, and each reads the whole table.",
		Expected: "Collection is rare and touches the ended sessions only.", Severity: vocab.SeverityHigh, Priority: vocab.PriorityP1,
		DetectedBy: vocab.DetectedByMonitoring, DetectedAt: ptr(t.on(theFriday, 16, 40)), EnvironmentID: t.prod,
		Attribution: vocab.AttributionCausedByChange, AttributionBasis: vocab.AttributionBasisBisect, Workaround: "End the waiting processes by hand.",
	})
	move(t, t.findings, t.pileUp, vocab.FindingStatusConfirmed, "")
	t.jira(t.pileUp, 131)
	t.at(t.on(theFriday, 18, 0), director)
	t.notes(t.second, vocab.EventKindDecision, "release call", true, "A patch is to bring in the collection of the latest version over the weekend; the upgrade stays in place.")
	t.spends(t.second, 30, "release team", vocab.EffortPhaseDeploy, "Friday from 05:00")
}

// reads brings readings of the process count, five minutes apart from a day, hour and minute on.
func (t *teller) reads(from []int, values ...float64) {
	readings := make([]upgrade.ReadingInput, len(values))
	for i, value := range values {
		readings[i] = upgrade.ReadingInput{Value: ptr(value), At: ptr(t.on(from[0], from[1], from[2]+5*i))}
	}
	t.at(*readings[len(readings)-1].At, "monitoring")
	t.do(func() error {
		_, err := t.tripwires.Read(t.ctx, t.processes.N, readings)
		return err
	})
}

// secondMonday is the day on which the database gave way.
func secondMonday(t *teller) {
	t.at(t.on(secondRevert-1, 20, 0), developer)
	t.spends(t.second, 19, developer, vocab.EffortPhaseRepair, "The patch, over the weekend")
	t.links(t.pileUp, vocab.ReferenceKindPullRequest, "https://git.example.com/platform/pulls/418", "", "Collect ended sessions as the latest version does", "fixed by")
	t.reads([]int{secondRevert, 9, 40}, 171, 204, 231, 226, 260, 312)
	t.at(t.on(secondRevert, 10, 10), reliability)
	t.notes(t.second, vocab.EventKindSignal, "alerts", true, "Database alerts: more than two hundred processes for a quarter of an hour.")
	t.databaseDown = add(t, t.incidents, incident.Input{
		Knowledge: sample("database"), Title: "Pages are slow while database processes pile up", Severity: vocab.SeverityHigh, Priority: vocab.PriorityP1,
		ServiceID: t.platform, AttemptID: t.second, AttemptRelation: vocab.AttemptRelationTriggeredBy,
		Impact: "Pages took three to eight seconds for most of the day.", ImpactStart: ptr(t.on(secondRevert, 9, 45)),
		DetectedAt: ptr(t.on(secondRevert, 10, 0)), DetectedBy: vocab.DetectedByMonitoring,
	})
	t.slow = add(t, t.findings, finding.Input{
		Knowledge: sample("database"), Title: "Pages take seconds when many learners sign in", AttemptID: t.second, IncidentID: t.databaseDown, ServiceID: t.platform,
		Component: "database", Observed: "Three to eight seconds a page.", Expected: "Under one second.", Severity: vocab.SeverityMedium, Priority: vocab.PriorityP2,
		DetectedBy: vocab.DetectedBySupport, DetectedAt: ptr(t.on(secondRevert, 10, 5)), EnvironmentID: t.prod, Attribution: vocab.AttributionCausedByChange,
		AttributionBasis: vocab.AttributionBasisJudgement,
	})
	t.jira(t.slow, 132)
	t.at(t.on(secondRevert, 11, 0), database)
	t.notes(t.databaseDown, vocab.EventKindAction, "incident call", true, "Waiting processes are ended by hand, every few minutes.")
	t.sees(t.nightly, vocab.EvidenceResultContradicts, t.prod, "job log", "The jobs of the night were still running at eight.")
	t.reads([]int{secondRevert, 13, 0}, 188, 240, 255)
	t.at(t.on(secondRevert, 15, 30), qa)
	t.notes(t.second, vocab.EventKindCommunication, "release call", true, "The patch passed its tests in SANDBOX and is approved.")
	t.spends(t.second, 17, qa, vocab.EffortPhaseTest, "The patch in SANDBOX")
	t.at(t.on(secondRevert, 16, 45), cto)
	t.decides(upgrade.DecisionInput{
		Kind: vocab.DecisionKindRollbackOrPatch, AttemptID: t.second, Question: "Deploy the patch, or go back to framework 2?",
		Options: []vocab.Option{
			{Name: "Deploy the patch", For: "Approved, and tested in SANDBOX; the upgrade could stay", Against: "It is large, was written in two days and has never run under the load of PROD"},
			{Name: "Go back to framework 2", For: "Known to be stable, and the way back takes a quarter of an hour", Against: "The upgrade waits a third time"},
		},
		Chosen: "Go back to framework 2", Rationale: "A large change in a hurry can do worse than slow pages, and there is a stable version to return to. The hours spent are no reason either way.",
		Dissent: "Director of engineering: the patch is in our hands and tested; going back gives away the weekend's work and what Friday showed.", DecidedBy: cto,
	}, release)
	t.at(t.on(secondRevert, 18, 0), release)
	move(t, t.attempts, t.second, vocab.AttemptStatusRolledBack, "The database cannot carry a working day of the new collection")
	t.notes(t.second, vocab.EventKindAction, "deployment", true, "The old version is back on every host.")
	t.sees(t.quickRevert, vocab.EvidenceResultSupports, t.prod, "revert rehearsal", "Taken back in sixteen minutes, in the middle of a busy hour.")
	move(t, t.incidents, t.databaseDown, vocab.IncidentStatusMitigated, "The old version is back")
	t.at(t.on(secondRevert, 19, 0), reliability)
	t.do(func() error { return t.endImpact(t.databaseDown, t.on(secondRevert, 18, 0)) })
	move(t, t.incidents, t.databaseDown, vocab.IncidentStatusResolved, "Processes are back to what they were")
	t.spends(t.second, 28, database, vocab.EffortPhaseRespond, "Monday")
	t.spends(t.second, 22, "release team", vocab.EffortPhaseRespond, "Monday")
	t.at(t.now.Add(time.Hour), director)
	t.concludes(t.second, 5200, "Sessions held. The statement that collects ended sessions had changed, which nobody had looked at, and it piled up database processes on the first busy day. Taken back on Monday at 18:00 with a patch at hand.")
}
