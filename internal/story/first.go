package story

import (
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// plan is the upgrade, its first attempt and what it takes for granted.
func plan(t *teller) {
	t.at(t.on(theSaturday-70, 9, 30), developer)
	t.upgrade = add(t, t.upgrades, upgrade.Input{
		Knowledge: sample("persistence", "framework-upgrade"), Title: "Web framework 2 to 3", Kind: vocab.UpgradeKindFramework,
		ServiceID: t.platform, FromVersion: "2.8", ToVersion: "3.0",
		Goal: "Leave a version that gets no more fixes, and stop working around it in every feature.",
	})
	move(t, t.upgrades, t.upgrade, vocab.UpgradeStatusActive, "A developer is free for it")
	t.links(t.upgrade, vocab.ReferenceKindJira, "https://jira.example.com/browse/UPG-100", "UPG-100", "Everything found on the way to framework 3", "tracked in")
	t.first = add(t, t.attempts, upgrade.AttemptInput{
		Knowledge: sample("persistence"), UpgradeID: t.upgrade, EnvironmentID: t.prod, ReleaseRef: "platform-3.0.0",
		Strategy:    "Deploy on a Saturday, when few people learn, test for the rest of the day and leave it in place.",
		WindowStart: ptr(t.on(theSaturday, 8, 0)), WindowEnd: ptr(t.on(theSaturday, 10, 0)), WatchUntil: ptr(t.on(theSaturday, 16, 0)),
		ChangedAreas: []string{"sessions", "routing", "templates", "search", "background jobs"},
	})
	t.sameSessions = add(t, t.assumptions, assumption.Input{
		Knowledge: sample("persistence"), UpgradeID: t.upgrade, EnvironmentID: t.prod, Importance: vocab.ImportanceBlocking,
		Statement: "PROD keeps and ends sessions the way DEV does", Category: vocab.AssumptionCategoryEnvironmentParity,
		FalsifiedIf: "the session table of PROD has a column or index that DEV lacks", Owner: techLead, Areas: []string{"sessions"},
	})
	t.loadTime = add(t, t.assumptions, assumption.Input{
		Knowledge: sample(), UpgradeID: t.upgrade, EnvironmentID: t.prod, Importance: vocab.ImportanceMajor, ValidForDays: ptr(180),
		Statement: "Pages load in PROD at most a tenth slower than before", Category: vocab.AssumptionCategoryCapacity,
		FalsifiedIf: "the median of a business hour rises by more than a tenth", Owner: developer, Areas: []string{"templates", "routing"},
	})
	libraries := add(t, t.assumptions, assumption.Input{
		Knowledge: sample(), UpgradeID: t.upgrade, EnvironmentID: t.dev, Importance: vocab.ImportanceMajor,
		Statement: "Nothing in the code base calls the retired libraries any more", Category: vocab.AssumptionCategoryDependency,
		FalsifiedIf: "a build without them breaks", Owner: developer, Areas: []string{"templates", "search"},
	})
	t.quickRevert = add(t, t.assumptions, assumption.Input{
		Knowledge: sample("revert"), UpgradeID: t.upgrade, EnvironmentID: t.prod, Importance: vocab.ImportanceBlocking, ValidForDays: ptr(90),
		Statement: "Going back to framework 2 in PROD takes less than half an hour", Category: vocab.AssumptionCategoryProcess,
		FalsifiedIf: "a rehearsal takes longer, or needs a change of data", Owner: release, Areas: []string{"deployment"},
	})
	pipeline := add(t, t.assumptions, assumption.Input{
		Knowledge: sample(), UpgradeID: t.upgrade, Importance: vocab.ImportanceMinor, Category: vocab.AssumptionCategoryDependency,
		Statement: "The build service we pay for stays until the upgrade is done", Owner: director,
	})
	t.at(t.on(theSaturday-40, 16, 0), developer)
	t.sees(libraries, vocab.EvidenceResultSupports, t.dev, "build without the libraries", "The whole suite passes with the old libraries removed.")
	t.spends(t.upgrade, 310, developer, vocab.EffortPhasePrepare, "Took the old libraries out, one module after another")
	t.spends(t.upgrade, 24, techLead, vocab.EffortPhasePrepare, "Read the changes and settled the open questions")
	t.at(t.on(theSaturday-9, 15, 0), qa)
	t.sees(t.sameSessions, vocab.EvidenceResultSupports, t.dev, "manual test", "A session in DEV was still alive after a weekend.")
	t.sees(t.loadTime, vocab.EvidenceResultSupports, t.dev, "load test", "Forty simulated learners, no measurable difference in DEV.")
	t.at(t.on(theSaturday-8, 10, 0), release)
	t.sees(t.quickRevert, vocab.EvidenceResultSupports, t.prod, "revert rehearsal", "An ordinary release was put back in PROD in eleven minutes.")
	t.at(t.on(theSaturday-8, 11, 0), director)
	move(t, t.assumptions, pipeline, vocab.AssumptionStatusRetired, "The build moves to another service first, whatever becomes of the upgrade")
}

// saturday is the first attempt, up to the evening when everybody went home content.
func saturday(t *teller) {
	t.at(t.on(theSaturday-2, 17, 0), release)
	t.asks(t.first, vocab.GateDecisionFail)
	t.decides(upgrade.DecisionInput{
		Kind: vocab.DecisionKindWaiver, AttemptID: t.first, Question: "Deploy although the gate names things that are not shown?",
		Options: []vocab.Option{
			{Name: "Deploy on Saturday", For: "Months of work wait, and QA has been through all of it in DEV", Against: "Nothing about sessions was looked at in PROD"},
			{Name: "Wait for evidence from PROD", For: "A comparison of the two databases takes an hour", Against: "The weekend is lost"},
		},
		Chosen: "Deploy on Saturday", Rationale: "DEV and PROD are built alike, and few people are online on a weekend.",
		DecidedBy: "engineering leads", ExpiresAt: ptr(t.on(theMonday, 0, 0)),
	}, director)
	t.at(t.on(theSaturday-1, 10, 0), director)
	t.decides(upgrade.DecisionInput{
		Kind: vocab.DecisionKindGoNoGo, AttemptID: t.first, Question: "Is what QA found a reason not to go?",
		Options: []vocab.Option{
			{Name: "Go", For: "What the upgrade caused is repaired; what is left was there before"},
			{Name: "Stop the upgrade", For: "The list is long and the modules are old", Against: "The old version gets no fixes"},
		},
		Chosen: "Go", Rationale: "Case by case, nothing on the list that is still open harms a learner.", DecidedBy: director,
		Dissent: "Support desk: nobody has tried a working day on it.",
	}, cto)
	t.at(t.on(theSaturday-1, 17, 0), release)
	move(t, t.attempts, t.first, vocab.AttemptStatusReady, "Waived until Sunday night")
	t.at(t.on(theSaturday, 8, 0), release)
	move(t, t.attempts, t.first, vocab.AttemptStatusInProgress, "")
	t.notes(t.first, vocab.EventKindAction, "deployment", true, "The release goes to PROD, one host after another.")
	t.at(t.on(theSaturday, 9, 20), release)
	move(t, t.attempts, t.first, vocab.AttemptStatusWatching, "Every host runs the new version")
	t.notes(t.first, vocab.EventKindSignal, "dashboards", false, "Errors and response times look like those of any Saturday.")
	t.at(t.on(theSaturday, 9, 34), qa)
	t.notes(t.first, vocab.EventKindSignal, "QA channel", false, "Two testers are signed out within minutes. Until today a sign-in lasted for good.")
	t.at(t.on(theSaturday, 9, 50), qa)
	t.notes(t.first, vocab.EventKindInterpretation, "QA channel", false, "Taken for a side effect of restarting the hosts, and so for unrelated to the new version.")
	t.expiry = add(t, t.findings, finding.Input{
		Knowledge: sample("sessions"), Title: "Testers are signed out within minutes in PROD", AttemptID: t.first, ServiceID: t.platform,
		Component: "sessions", Observed: "A session ends two to five minutes after signing in.", Expected: "A session lasts until the user signs out.",
		Severity: vocab.SeverityMedium, DetectedBy: vocab.DetectedByQA, DetectedAt: ptr(t.on(theSaturday, 9, 34)), EnvironmentID: t.prod,
		Attribution: vocab.AttributionUnrelated, AttributionBasis: vocab.AttributionBasisJudgement, AssumptionIDs: []vocab.ID{t.sameSessions},
	})
	t.at(t.on(theSaturday, 16, 0), release)
	t.notes(t.first, vocab.EventKindDecision, "release call", true, "After a day of testing the release is called stable and the call ends.")
	t.spends(t.first, 9, release, vocab.EffortPhaseDeploy, "Saturday")
	t.spends(t.first, 26, qa, vocab.EffortPhaseTest, "Saturday in PROD")
	t.spends(t.first, 8, developer, vocab.EffortPhaseDeploy, "Saturday")
}

// firstMonday is when the users came back.
func firstMonday(t *teller) {
	t.at(t.on(theMonday, 7, 10), support)
	t.notes(t.first, vocab.EventKindSignal, "tickets", true, "Learners write that they are signed out in the middle of a course and lose their place.")
	t.at(t.on(theMonday, 7, 25), support)
	t.sessionsDown = add(t, t.incidents, incident.Input{
		Knowledge: sample("sessions"), Title: "Learners and support agents are signed out again and again", Severity: vocab.SeverityCritical,
		Priority: vocab.PriorityP1, ServiceID: t.platform, AttemptID: t.first, AttemptRelation: vocab.AttemptRelationTriggeredBy,
		Impact:      "Courses could not be finished, and agents lost tickets half way through.",
		ImpactStart: ptr(t.on(theSaturday, 9, 20)), DetectedAt: ptr(t.on(theMonday, 7, 10)), DetectedBy: vocab.DetectedByUser,
	})
	t.lockout = add(t, t.findings, finding.Input{
		Knowledge: sample("sessions"), Title: "Learners are signed out in the middle of a course", AttemptID: t.first, IncidentID: t.sessionsDown,
		ServiceID: t.platform, Component: "sessions", Severity: vocab.SeverityCritical, Priority: vocab.PriorityP1,
		Observed: "The sign-in page returns after a few minutes and the progress of the page is gone.", Expected: "Progress is kept for as long as the course is open.",
		DetectedBy: vocab.DetectedByUser, DetectedAt: ptr(t.on(theMonday, 7, 10)), EnvironmentID: t.prod,
		Attribution: vocab.AttributionExposedByChange, AttributionBasis: vocab.AttributionBasisDrift, AssumptionIDs: []vocab.ID{t.sameSessions},
	})
	t.support = add(t, t.findings, finding.Input{
		Knowledge: sample("sessions"), Title: "Support agents lose a ticket when their session ends", AttemptID: t.first, IncidentID: t.sessionsDown,
		ServiceID: t.platform, Component: "support tools", Severity: vocab.SeverityHigh, Priority: vocab.PriorityP1,
		Observed: "What was typed is lost with the session.", Expected: "A ticket is kept as a draft.", DetectedBy: vocab.DetectedBySupport,
		DetectedAt: ptr(t.on(theMonday, 7, 40)), EnvironmentID: t.prod, Attribution: vocab.AttributionExposedByChange,
		AttributionBasis: vocab.AttributionBasisJudgement, Workaround: "Write the answer elsewhere and paste it.",
	})
	t.jira(t.expiry, 124)
	t.jira(t.lockout, 125)
	t.jira(t.support, 126)
	t.at(t.on(theMonday, 8, 30), techLead)
	t.notes(t.sessionsDown, vocab.EventKindInterpretation, "incident call", true, "PROD must differ from DEV somewhere; the search for the difference begins.")
	t.at(t.on(theMonday, 10, 40), database)
	t.notes(t.sessionsDown, vocab.EventKindSignal, "incident call", true, "The session table of PROD carries an index and a combined column that were added for speed and never reached DEV.")
	t.sees(t.sameSessions, vocab.EvidenceResultContradicts, t.prod, "schema comparison", "PROD has an index and a combined column on the session table; DEV has neither.")
	t.at(t.on(theMonday, 10, 50), director)
	t.decides(upgrade.DecisionInput{
		Kind: vocab.DecisionKindRollbackOrPatch, AttemptID: t.first, Question: "Repair sessions in place, or go back?",
		Options: []vocab.Option{
			{Name: "Repair in place", For: "The difference is known by now", Against: "Nobody knows how long it takes, and users are locked out meanwhile"},
			{Name: "Go back to framework 2", For: "Eleven minutes in rehearsal", Against: "The work of months waits again"},
		},
		Chosen: "Go back to framework 2", Rationale: "Four hours of harm are enough, and the way back is known.", DecidedBy: director,
	}, cto)
	t.at(t.on(theMonday, 11, 0), release)
	move(t, t.attempts, t.first, vocab.AttemptStatusRolledBack, "Sessions end early for everybody")
	t.notes(t.first, vocab.EventKindAction, "deployment", true, "The old version is back on every host.")
	t.sees(t.quickRevert, vocab.EvidenceResultSupports, t.prod, "revert rehearsal", "The upgrade itself was taken back in fourteen minutes.")
	move(t, t.incidents, t.sessionsDown, vocab.IncidentStatusMitigated, "The old version is back")
	t.at(t.on(theMonday, 12, 30), support)
	t.notes(t.sessionsDown, vocab.EventKindCommunication, "status page", true, "Learners are told that they can go on and that lost progress is being restored.")
	t.do(func() error { return t.endImpact(t.sessionsDown, t.on(theMonday, 11, 0)) })
	move(t, t.incidents, t.sessionsDown, vocab.IncidentStatusResolved, "No further reports")
	t.at(t.on(theMonday, 17, 0), director)
	t.concludes(t.first, 2400, "Sessions ended within minutes because of a difference between PROD and DEV that nobody had looked for. Taken back on Monday at 11:00, four hours into the working day.")
	t.spends(t.first, 14, support, vocab.EffortPhaseRespond, "Tickets and calls of Monday morning")
	t.spends(t.first, 16, database, vocab.EffortPhaseRespond, "Search for the difference")
	t.spends(t.first, 12, developer, vocab.EffortPhaseRespond, "Search for the difference, and the way back")
}
