package index

import (
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/search"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// layout counts the changes in how records become documents; a snapshot of another layout is of no use.
const layout = "1"

// Names of fields that more than one place relies on.
const (
	fieldTag        = "tag"
	fieldComponent  = "component"
	fieldService    = "service_id"
	fieldAssumption = "assumption_id"
)

// Document is a record as it is searched, with the member of the record that each piece of its text came from.
type Document struct {
	ID         vocab.ID
	Title      Part
	Parts      []Part
	Fields     map[string][]string
	Time       time.Time
	Visibility vocab.Visibility
	Team       string
}

// Part is the text of one member of a record.
type Part struct{ Member, Text string }

// partEnd stands between the parts of a body.
const partEnd = "\n"

// newDocument begins the document of a row.
func newDocument(kind vocab.Kind, e interface{ Meta() ent.Meta }, member, title string) *Document {
	meta := e.Meta()
	d := &Document{
		ID: kind.ID(meta.ID), Title: Part{member, title}, Fields: map[string][]string{}, Time: meta.CreatedAt,
		Visibility: meta.Visibility, Team: meta.Team,
	}
	if d.Visibility == "" { // a kind that is never restricted
		d.Visibility = vocab.VisibilityInternal
	}
	d.field(fieldTag, meta.Tags...)
	return d
}

// text adds a member to the body.
func (d *Document) text(member, text string) *Document {
	if text != "" {
		d.Parts = append(d.Parts, Part{member, text})
	}
	return d
}

func (d *Document) list(member string, values []string) *Document {
	return d.text(member, strings.Join(values, ", "))
}

// field adds values that are filtered by; empty ones are left out.
func (d *Document) field(name string, values ...string) *Document {
	for _, v := range values {
		if v != "" {
			d.Fields[name] = append(d.Fields[name], v)
		}
	}
	return d
}

func (d *Document) ref(name string, kind vocab.Kind, n *int) *Document {
	if n != nil {
		d.field(name, kind.ID(*n).String())
	}
	return d
}

// when sets the time of what the record is about to the first of those known; without one it stays that of the recording.
func (d *Document) when(times ...*time.Time) *Document {
	for _, t := range times {
		if t != nil {
			d.Time = *t
			return d
		}
	}
	return d
}

// body is the text of all members but the title.
func (d *Document) body() string {
	texts := make([]string, len(d.Parts))
	for i, p := range d.Parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, partEnd)
}

func (d *Document) seenBy(actor auth.Actor) bool { return actor.Sees(d.Visibility, d.Team) }

// change is the document as the engine takes it; keys are its names elsewhere.
func (d *Document) change(keys []string) search.Change {
	return search.Change{ID: d.ID.String(), Doc: &search.Document{
		Kind: d.ID.Kind().Name, ID: d.ID.String(), Title: d.Title.Text, Body: d.body(), Keys: keys, Fields: d.Fields, Time: d.Time.UTC(),
		Visibility: string(d.Visibility), Team: d.Team,
	}}
}

func upgradeDocument(e *ent.Upgrade) *Document {
	return newDocument(vocab.Upgrade, e, "title", e.Title).
		text("goal", e.Goal).text("from_version", e.FromVersion).text("to_version", e.ToVersion).
		field("status", string(e.Status)).field("kind", string(e.Kind)).ref(fieldService, vocab.Service, &e.ServiceID)
}

// attemptDocument names an attempt by its upgrade, unless a reader of the attempt may not know of that.
func attemptDocument(e *ent.Attempt) *Document {
	d := newDocument(vocab.Attempt, e, "title", "Attempt "+vocab.Attempt.ID(e.ID).String())
	if u := e.Edges.Upgrade; u != nil {
		d.ref(fieldService, vocab.Service, &u.ServiceID)
		if u.Visibility != vocab.VisibilityRestricted || (e.Visibility == vocab.VisibilityRestricted && e.Team == u.Team) {
			d.Title.Text = u.Title + ", attempt " + strconv.Itoa(e.Number)
		}
	}
	return d.text("strategy", e.Strategy).text("outcome_summary", e.OutcomeSummary).text("release_ref", e.ReleaseRef).
		list("changed_areas", e.ChangedAreas).
		field("status", string(e.Status)).ref("upgrade_id", vocab.Upgrade, &e.UpgradeID).ref("environment_id", vocab.Environment, &e.EnvironmentID).
		when(e.StartedAt)
}

func assumptionDocument(e *ent.Assumption) *Document {
	status := e.EvidenceStatus
	if e.RetiredAt != nil {
		status = vocab.AssumptionStatusRetired
	}
	return newDocument(vocab.Assumption, e, "statement", e.Statement).
		text("falsified_if", e.FalsifiedIf).list("areas", e.Areas).
		field("status", string(status)).field("importance", string(e.Importance)).field("category", string(e.Category)).
		ref("attempt_id", vocab.Attempt, e.AttemptID).ref("upgrade_id", vocab.Upgrade, e.UpgradeID).ref("environment_id", vocab.Environment, e.EnvironmentID)
}

func findingDocument(e *ent.Finding) *Document {
	d := newDocument(vocab.Finding, e, "title", e.Title).
		text("observed", e.Observed).text("expected", e.Expected).text("workaround", e.Workaround).text("component", e.Component).
		field("status", string(e.Status)).field("severity", string(e.Severity)).field("priority", string(e.Priority)).
		field("attribution", string(e.Attribution)).field(fieldComponent, e.Component).
		ref(fieldService, vocab.Service, e.ServiceID).ref("environment_id", vocab.Environment, e.EnvironmentID).
		ref("attempt_id", vocab.Attempt, e.AttemptID).ref("incident_id", vocab.Incident, e.IncidentID).when(e.DetectedAt)
	for _, a := range e.Edges.Assumptions {
		d.ref(fieldAssumption, vocab.Assumption, &a.ID)
	}
	return d
}

func lessonDocument(e *ent.Lesson) *Document {
	d := newDocument(vocab.Lesson, e, "title", e.Title).
		text("when", e.When).text("then", e.Then).text("because", e.Because).text("check", e.Check).
		text("success_criterion", e.SuccessCriterion).list("applies_to.areas", e.AppliesTo.Areas).field("status", string(e.Status))
	for _, id := range e.AppliesTo.ServiceIDs {
		d.field(fieldService, id.String())
	}
	for _, a := range e.Edges.Assumptions {
		d.ref(fieldAssumption, vocab.Assumption, &a.ID)
	}
	return d
}

func incidentDocument(e *ent.Incident) *Document {
	return newDocument(vocab.Incident, e, "title", e.Title).text("impact", e.Impact).
		field("status", string(e.Status)).field("severity", string(e.Severity)).field("priority", string(e.Priority)).
		ref(fieldService, vocab.Service, e.ServiceID).ref("attempt_id", vocab.Attempt, e.AttemptID).when(e.ImpactStart, e.DetectedAt)
}

func decisionDocument(e *ent.Decision) *Document {
	d := newDocument(vocab.Decision, e, "question", e.Question).
		text("chosen", e.Chosen).text("rationale", e.Rationale).text("dissent", e.Dissent)
	for _, o := range e.Options {
		d.text("options", strings.Join([]string{o.Name, o.For, o.Against}, " "))
	}
	return d.field("status", string(e.Status)).field("kind", string(e.Kind)).
		ref("attempt_id", vocab.Attempt, e.AttemptID).ref(fieldAssumption, vocab.Assumption, e.AssumptionID).when(&e.DecidedAt)
}

func actionDocument(e *ent.Action) *Document {
	return newDocument(vocab.Action, e, "title", e.Title).text("done_criterion", e.DoneCriterion).text("owner", e.Owner).
		field("status", string(e.Status)).field("priority", string(e.Priority)).field("kind", string(e.Kind)).
		ref("finding_id", vocab.Finding, e.FindingID).ref("lesson_id", vocab.Lesson, e.LessonID).ref("review_id", vocab.Review, e.ReviewID)
}

func reviewDocument(e *ent.Review) *Document {
	d := newDocument(vocab.Review, e, "title", e.Title).
		text("summary", e.Summary).text("impact", e.Impact).text("went_well", e.WentWell).text("went_poorly", e.WentPoorly).text("lucky", e.Lucky).
		text("body", e.Body)
	for _, f := range e.ContributingFactors {
		d.text("contributing_factors", f.Category+": "+f.Text)
	}
	return d.field("status", string(e.Status))
}

func runbookDocument(e *ent.Runbook) *Document {
	return newDocument(vocab.Runbook, e, "title", e.Title).list("areas", e.Areas).list("alert_names", e.AlertNames).text("url", e.URL).
		ref(fieldService, vocab.Service, e.ServiceID)
}

func serviceDocument(e *ent.Service) *Document {
	return newDocument(vocab.Service, e, "name", e.Name).text("description", e.Description).text("slug", e.Slug).text("owner_team", e.OwnerTeam).
		text("catalog_ref", e.CatalogRef).ref(fieldService, vocab.Service, &e.ID)
}
