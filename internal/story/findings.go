package story

import (
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// item is one entry of the list that QA kept before the first attempt.
type item struct {
	title, component string
	severity         vocab.Severity
	attribution      vocab.Attribution
	basis            vocab.AttributionBasis
	// ends are the states it went through before the attempt.
	ends []vocab.FindingStatus
}

var (
	repaired = []vocab.FindingStatus{vocab.FindingStatusConfirmed, vocab.FindingStatusResolved, vocab.FindingStatusVerified}
	lived    = []vocab.FindingStatus{vocab.FindingStatusTriaged, vocab.FindingStatusAccepted}
	known    = []vocab.FindingStatus{vocab.FindingStatusTriaged, vocab.FindingStatusConfirmed}
	vanished = []vocab.FindingStatus{vocab.FindingStatusTriaged, vocab.FindingStatusNotReproducible}
	waiting  = []vocab.FindingStatus{vocab.FindingStatusTriaged}
)

const (
	caused    = vocab.AttributionCausedByChange
	exposed   = vocab.AttributionExposedByChange
	old       = vocab.AttributionPreExisting
	unclear   = vocab.AttributionUndetermined
	onOld     = vocab.AttributionBasisReproducedOnOldVersion
	bisected  = vocab.AttributionBasisBisect
	judgement = vocab.AttributionBasisJudgement
	critical  = vocab.SeverityCritical
	high      = vocab.SeverityHigh
	medium    = vocab.SeverityMedium
	low       = vocab.SeverityLow
)

// qaList is what QA found in DEV and STAGING in the week before the first attempt.
func qaList() []item {
	return []item{
		{"Course pages with an apostrophe in the title do not open", "routing", high, caused, bisected, repaired},
		{"Certificates are printed without the date", "certificates", medium, caused, bisected, repaired},
		{"The second page of search results repeats the first", "search", medium, caused, bisected, repaired},
		{"Uploading homework over ten megabytes ends in an error page", "uploads", high, caused, judgement, repaired},
		{"Mails to learners arrive with the wrong line breaks", "mail", low, caused, judgement, repaired},
		{"The administrator's menu is empty in the narrow layout", "templates", low, caused, bisected, lived},
		{"The import of class lists stops at the first empty line", "imports", medium, exposed, judgement, repaired},
		{"Numbers in reports use the server's language", "reports", low, exposed, judgement, lived},
		{"Two editors can save the same lesson and the first change is lost", "editor", high, old, onOld, known},
		{"Reports of a closed school year cannot be exported", "reports", medium, old, onOld, known},
		{"The calendar shows the wrong week at the turn of the year", "calendar", low, old, onOld, lived},
		{"A deleted course stays in the list of favourites", "favourites", low, old, onOld, known},
		{"Avatars with transparent background turn black", "uploads", low, old, onOld, lived},
		{"Group invitations can be accepted twice", "groups", medium, old, onOld, known},
		{"The glossary cannot be sorted by the second column", "glossary", low, old, onOld, waiting},
		{"Quiz timers stop when the window is minimised", "quizzes", medium, old, judgement, known},
		{"The print view of a course leaves out its last section", "templates", low, old, onOld, lived},
		{"A background job now and then runs twice", "background jobs", medium, unclear, "", waiting},
		{"The first page after a deployment takes half a minute", "templates", low, unclear, "", waiting},
		{"One tester saw the course of another class for a moment", "routing", high, unclear, "", vanished},
		{"The mail server of STAGING is slow in the mornings", "mail", low, vocab.AttributionUnrelated, judgement, lived},
	}
}

// findTrouble is the long list of the week in which QA went through everything.
func findTrouble(t *teller) {
	for i, it := range qaList() {
		where := t.dev
		if i%3 == 2 {
			where = t.staging
		}
		seen := t.on(theSaturday-5+i/6, 9, 10+80*(i%6)) // six a day, from Monday on
		t.at(seen, qa)
		id := add(t, t.findings, finding.Input{
			Knowledge: sample(it.component), Title: it.title, AttemptID: t.first, ServiceID: t.platform, Component: it.component,
			Severity: it.severity, Priority: priorityOf(it.severity), DetectedBy: vocab.DetectedByQA, DetectedAt: &seen, EnvironmentID: where,
			Attribution: it.attribution, AttributionBasis: it.basis,
		})
		t.jira(id, 101+i)
		for _, state := range it.ends {
			t.at(t.now.Add(15*time.Minute), developer)
			move(t, t.findings, id, state, "")
		}
	}
	t.at(t.on(theSaturday-2, 16, 0), qa)
	t.spends(t.first, 140, qa, vocab.EffortPhaseTest, "Every module, twice")
	t.spends(t.first, 60, developer, vocab.EffortPhaseRepair, "What the list asked for")
	t.spends(t.first, 18, "engineering leads", vocab.EffortPhaseTest, "Went through the list case by case")
}

func priorityOf(s vocab.Severity) vocab.Priority {
	return map[vocab.Severity]vocab.Priority{
		critical: vocab.PriorityP1, high: vocab.PriorityP2, medium: vocab.PriorityP3, low: vocab.PriorityP4,
	}[s]
}

// jira links a finding to its issue.
func (t *teller) jira(id vocab.ID, number int) {
	key := fmt.Sprintf("UPG-%d", number)
	t.links(id, vocab.ReferenceKindJira, "https://jira.example.com/browse/"+key, key, "", "tracked in")
}

// endImpact writes down when an incident stopped to harm.
func (t *teller) endImpact(id vocab.ID, at time.Time) error {
	_, err := t.incidents.Change(t.ctx, id.N, record.AnyVersion, func(in incident.Input) (incident.Input, error) {
		in.ImpactEnd = &at
		return in, nil
	})
	return err
}
