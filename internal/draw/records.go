package draw

import (
	"strconv"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/lesson"
	"github.com/hindcast-kb/hindcast/internal/review"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

func (s *Service) upgrade(e *ent.Upgrade, names named) *sheet {
	d := s.sheet(vocab.Upgrade, e.ID, e.Title, names)
	d.status(string(e.Status), upgradeTones[e.Status])
	d.word("kind", "Kind", string(e.Kind))
	d.ref("service_id", "Service", vocab.Service, &e.ServiceID)
	d.fact("from_version", "From version", e.FromVersion)
	d.fact("to_version", "To version", e.ToVersion)
	d.list("tags", "Tags", e.Tags)
	d.text("goal", "Goal", e.Goal)
	return d
}

var upgradeTones = map[vocab.UpgradeStatus]card.Tone{vocab.UpgradeStatusActive: card.Warn, vocab.UpgradeStatusCompleted: card.Good}

func (s *Service) attempt(e *ent.Attempt, names named) *sheet {
	title := "Attempt " + strconv.Itoa(e.Number)
	if called := names[vocab.Upgrade.ID(e.UpgradeID)]; called != "" {
		title = called + ", attempt " + strconv.Itoa(e.Number)
	}
	d := s.sheet(vocab.Attempt, e.ID, title, names)
	d.status(string(e.Status), AttemptTone(e.Status))
	d.ref("upgrade_id", "Upgrade", vocab.Upgrade, &e.UpgradeID)
	d.ref("environment_id", "Environment", vocab.Environment, &e.EnvironmentID)
	d.at("window_start", "Window starts", e.WindowStart)
	d.at("window_end", "Window ends", e.WindowEnd)
	d.at("started_at", "Started", e.StartedAt)
	d.at("watch_until", "Watched until", e.WatchUntil)
	d.at("ended_at", "Ended", e.EndedAt)
	d.fact("release_ref", "Release", e.ReleaseRef)
	d.number("users_affected", "Users affected", e.UsersAffected)
	d.list("changed_areas", "Changed areas", e.ChangedAreas)
	d.list("tags", "Tags", e.Tags)
	d.text("outcome_summary", "Outcome", e.OutcomeSummary)
	d.text("strategy", "Strategy", e.Strategy)
	return d
}

// AttemptTone says how good the state of an attempt is.
func AttemptTone(status vocab.AttemptStatus) card.Tone {
	switch status {
	case vocab.AttemptStatusSucceeded:
		return card.Good
	case vocab.AttemptStatusInProgress, vocab.AttemptStatusWatching:
		return card.Warn
	case vocab.AttemptStatusRolledBack, vocab.AttemptStatusFixedForward, vocab.AttemptStatusAborted:
		return card.Bad
	}
	return card.Neutral
}

func (s *Service) assumption(e *ent.Assumption, names named) *sheet {
	d := s.sheet(vocab.Assumption, e.ID, firstLine(e.Statement), names)
	status, reason := s.of.Assumptions.StatusOf(e)
	d.status(string(status), AssumptionTone(status))
	d.word("status_reason", "Because", string(reason))
	d.word("importance", "Importance", string(e.Importance))
	d.word("category", "Category", string(e.Category))
	d.ref("environment_id", "Environment", vocab.Environment, e.EnvironmentID)
	d.ref("attempt_id", "Attempt", vocab.Attempt, e.AttemptID)
	d.ref("upgrade_id", "Upgrade", vocab.Upgrade, e.UpgradeID)
	d.number("valid_for_days", "Evidence holds for days", e.ValidForDays)
	d.fact("owner", "Checked by", e.Owner)
	d.list("areas", "Areas", e.Areas)
	d.list("tags", "Tags", e.Tags)
	statement := e.Statement
	if firstLine(statement) == strings.TrimSpace(statement) {
		statement = ""
	}
	d.text("statement", "Statement", statement)
	d.text("falsified_if", "Falsified if", e.FalsifiedIf)
	return d
}

// AssumptionTone says how good the status of an assumption is.
func AssumptionTone(status vocab.AssumptionStatus) card.Tone {
	switch status {
	case vocab.AssumptionStatusVerified:
		return card.Good
	case vocab.AssumptionStatusFalsified:
		return card.Bad
	case vocab.AssumptionStatusRetired:
		return card.Neutral
	}
	return card.Warn
}

func (s *Service) finding(e *ent.Finding, names named) *sheet {
	d := s.sheet(vocab.Finding, e.ID, e.Title, names)
	tone := card.Neutral
	switch e.Status {
	case vocab.FindingStatusResolved, vocab.FindingStatusVerified:
		tone = card.Good
	case vocab.FindingStatusReported, vocab.FindingStatusTriaged, vocab.FindingStatusConfirmed:
		tone = card.Warn
	}
	d.status(string(e.Status), tone)
	d.word("severity", "Severity", string(e.Severity))
	d.word("priority", "Priority", string(e.Priority))
	d.word("attribution", "Attribution", string(e.Attribution))
	d.word("attribution_basis", "Based on", string(e.AttributionBasis))
	d.ref("service_id", "Service", vocab.Service, e.ServiceID)
	d.fact("component", "Component", e.Component)
	d.ref("environment_id", "Environment", vocab.Environment, e.EnvironmentID)
	d.ref("attempt_id", "Attempt", vocab.Attempt, e.AttemptID)
	d.ref("incident_id", "Incident", vocab.Incident, e.IncidentID)
	d.word("detected_by", "Detected by", string(e.DetectedBy))
	d.at("detected_at", "Detected", e.DetectedAt)
	d.list("tags", "Tags", e.Tags)
	d.text("observed", "Observed", e.Observed)
	d.text("expected", "Expected", e.Expected)
	d.text("workaround", "Workaround", e.Workaround)
	return d
}

func (s *Service) lesson(e *ent.Lesson, names named) *sheet {
	d := s.sheet(vocab.Lesson, e.ID, e.Title, names)
	status, tone := string(e.Status), card.Neutral
	switch {
	case lesson.Stale(e, s.now()):
		status, tone = status+", stale", card.Warn
	case e.Status == vocab.LessonStatusActive:
		tone = card.Good
	}
	d.status(status, tone)
	d.list("applies_to", "Applies to", appliesTo(e.AppliesTo))
	d.day("review_by", "Look at it again by", e.ReviewBy)
	d.list("tags", "Tags", e.Tags)
	d.text("when", "When", e.When)
	d.text("then", "Then", e.Then)
	d.text("because", "Because", e.Because)
	d.text("check", "Check", e.Check)
	d.text("success_criterion", "It helped if", e.SuccessCriterion)
	return d
}

func appliesTo(a vocab.AppliesTo) []string {
	var all []string
	for _, k := range a.Kinds {
		all = append(all, string(k))
	}
	for _, id := range a.ServiceIDs {
		all = append(all, id.String())
	}
	return append(append(all, a.Areas...), a.Tags...)
}

func (s *Service) incident(e *ent.Incident, names named) *sheet {
	d := s.sheet(vocab.Incident, e.ID, e.Title, names)
	tones := map[vocab.IncidentStatus]card.Tone{
		vocab.IncidentStatusOpen: card.Bad, vocab.IncidentStatusMitigated: card.Warn, vocab.IncidentStatusResolved: card.Good, vocab.IncidentStatusClosed: card.Good,
	}
	d.status(string(e.Status), tones[e.Status])
	d.word("severity", "Severity", string(e.Severity))
	d.word("priority", "Priority", string(e.Priority))
	d.ref("service_id", "Service", vocab.Service, e.ServiceID)
	d.ref("attempt_id", "Attempt", vocab.Attempt, e.AttemptID)
	d.word("attempt_relation", "The attempt", string(e.AttemptRelation))
	d.at("impact_start", "Impact began", e.ImpactStart)
	d.at("detected_at", "Detected", e.DetectedAt)
	d.word("detected_by", "Detected by", string(e.DetectedBy))
	d.at("impact_end", "Impact ended", e.ImpactEnd)
	near := ""
	if e.NearMiss {
		near = "yes"
	}
	d.fact("near_miss", "Near miss", near)
	d.list("tags", "Tags", e.Tags)
	d.text("impact", "Impact", e.Impact)
	return d
}

func (s *Service) decision(e *ent.Decision, names named) *sheet {
	d := s.sheet(vocab.Decision, e.ID, firstLine(e.Question), names)
	status := s.of.Decisions.StatusOf(e)
	tones := map[vocab.DecisionStatus]card.Tone{vocab.DecisionStatusAccepted: card.Good, vocab.DecisionStatusExpired: card.Warn}
	d.status(string(status), tones[status])
	d.word("kind", "Kind", string(e.Kind))
	d.fact("chosen", "Chosen", e.Chosen)
	d.fact("decided_by", "Decided by", e.DecidedBy)
	if decided := e.DecidedAt; decided.IsZero() {
		d.at("decided_at", "Decided", nil)
	} else {
		d.at("decided_at", "Decided", &decided)
	}
	d.at("expires_at", "Holds until", e.ExpiresAt)
	d.ref("attempt_id", "Attempt", vocab.Attempt, e.AttemptID)
	d.ref("assumption_id", "Assumption", vocab.Assumption, e.AssumptionID)
	d.list("tags", "Tags", e.Tags)
	d.text("rationale", "Rationale", e.Rationale)
	d.text("dissent", "Dissent", e.Dissent)
	return d
}

func (s *Service) action(e *ent.Action, names named) *sheet {
	d := s.sheet(vocab.Action, e.ID, e.Title, names)
	status, tone := string(e.Status), card.Neutral
	switch {
	case review.Overdue(e.Status, e.DueOn, s.now()):
		status, tone = status+", overdue", card.Bad
	case e.Status == vocab.ActionStatusDone, e.Status == vocab.ActionStatusVerified:
		tone = card.Good
	case e.Status == vocab.ActionStatusIneffective:
		tone = card.Warn
	}
	d.status(status, tone)
	d.fact("owner", "Owner", e.Owner)
	d.day("due_on", "Due", e.DueOn)
	d.word("priority", "Priority", string(e.Priority))
	d.word("kind", "Kind", string(e.Kind))
	d.ref("finding_id", "Finding", vocab.Finding, e.FindingID)
	d.ref("lesson_id", "Lesson", vocab.Lesson, e.LessonID)
	d.ref("review_id", "Review", vocab.Review, e.ReviewID)
	d.list("tags", "Tags", e.Tags)
	d.text("done_criterion", "Done when", e.DoneCriterion)
	return d
}

func (s *Service) review(e *ent.Review, names named) *sheet {
	d := s.sheet(vocab.Review, e.ID, e.Title, names)
	tone := card.Neutral
	if e.Status == vocab.ReviewStatusPublished {
		tone = card.Good
	}
	d.status(string(e.Status), tone)
	d.at("published_at", "Published", e.PublishedAt)
	d.list("participants", "Took part", e.Participants)
	d.list("tags", "Tags", e.Tags)
	d.text("summary", "Summary", e.Summary)
	d.text("impact", "Impact", e.Impact)
	d.text("contributing_factors", "Contributing factors", factors(e.ContributingFactors))
	d.text("went_well", "What went well", e.WentWell)
	d.text("went_poorly", "What went poorly", e.WentPoorly)
	d.text("lucky", "Where we got lucky", e.Lucky)
	return d
}

func (s *Service) runbook(e *ent.Runbook, names named) *sheet {
	d := s.sheet(vocab.Runbook, e.ID, e.Title, names)
	health := s.of.Runbooks.HealthOf(e)
	tone := card.Warn
	switch health {
	case vocab.RunbookHealthFresh:
		tone = card.Good
	case vocab.RunbookHealthBroken:
		tone = card.Bad
	}
	d.status(string(health), tone)
	d.Fields = append(d.Fields, card.Field{Name: "url", Label: "Page", Value: e.URL, URL: e.URL})
	d.ref("service_id", "Service", vocab.Service, e.ServiceID)
	d.list("alert_names", "Alerts", e.AlertNames)
	d.list("areas", "Areas", e.Areas)
	d.at("reviewed_at", "Reviewed", e.ReviewedAt)
	d.list("tags", "Tags", e.Tags)
	d.text("body", "Text", e.Body)
	return d
}

func (s *Service) service(e *ent.Service, names named) *sheet {
	d := s.sheet(vocab.Service, e.ID, e.Name, names)
	d.fact("tier", "Tier", e.Tier)
	d.fact("owner_team", "Owner", e.OwnerTeam)
	d.fact("catalog_ref", "Catalog", e.CatalogRef)
	d.text("description", "What it does", e.Description)
	return d
}
