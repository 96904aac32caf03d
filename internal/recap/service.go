package recap

import (
	"context"
	"strconv"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/assumption"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/timeline"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Services are what the facts are read from.
type Services struct {
	Upgrades     *upgrade.Upgrades
	Attempts     *upgrade.Attempts
	Environments *catalog.Environments
	Timelines    *timeline.Service
	Incidents    *incident.Service
	Findings     *finding.Service
	Assumptions  *assumption.Service
}

// Service drafts reviews.
type Service struct{ of Services }

// New drafts from what the services read.
func New(of Services) *Service { return &Service{of} }

// maxEntries is how much of a timeline is read.
const maxEntries = 2_000

// Draft drafts the review of an attempt from what the actor may know of. Nothing is written. It is NotFound.
func (s *Service) Draft(ctx context.Context, attemptID int) (Draft, error) {
	if err := auth.Require(ctx, vocab.ScopeRead); err != nil {
		return Draft{}, err
	}
	a, err := s.of.Attempts.Get(ctx, attemptID)
	if err != nil {
		return Draft{}, err
	}
	facts := Facts{Attempt: Attempt{
		ID: vocab.Attempt.ID(a.ID), Name: "Attempt " + strconv.Itoa(a.Number), Status: a.Status, StartedAt: a.StartedAt, EndedAt: a.EndedAt,
		UsersAffected: a.UsersAffected, Outcome: a.OutcomeSummary, Visibility: a.Visibility, Team: a.Team, Tags: a.Tags, Sample: a.Sample,
	}}
	if u, err := s.of.Upgrades.Get(ctx, a.UpgradeID); err == nil {
		facts.Attempt.Name = u.Title + ", attempt " + strconv.Itoa(a.Number)
	} else if !fault.Is(err, fault.NotFound) {
		return Draft{}, err
	}
	if e, err := s.of.Environments.Get(ctx, a.EnvironmentID); err == nil {
		facts.Attempt.Environment = e.Name
	} else if !fault.Is(err, fault.NotFound) {
		return Draft{}, err
	}
	if facts.Entries, _, err = s.of.Timelines.Of(ctx, attemptID, nil, maxEntries); err != nil {
		return Draft{}, err
	}
	if err := s.gather(ctx, a, &facts); err != nil {
		return Draft{}, err
	}
	return Compose(facts), nil
}

func (s *Service) gather(ctx context.Context, a *ent.Attempt, facts *Facts) error {
	of := record.ListQuery{Filters: map[string][]string{"attempt_id": {vocab.Attempt.ID(a.ID).String()}}}
	err := s.of.Incidents.Each(ctx, of, func(e *ent.Incident) error {
		facts.Incidents = append(facts.Incidents, Incident{
			ID: vocab.Incident.ID(e.ID), Title: e.Title, Severity: e.Severity, Impact: e.Impact, Start: e.ImpactStart, End: e.ImpactEnd,
			DetectedAt: e.DetectedAt, DetectedBy: e.DetectedBy, NearMiss: e.NearMiss,
		})
		return nil
	})
	if err != nil {
		return err
	}
	err = s.of.Findings.Each(ctx, of, func(e *ent.Finding) error {
		facts.Findings = append(facts.Findings, Finding{ID: vocab.Finding.ID(e.ID), Title: e.Title, Severity: e.Severity, Attribution: e.Attribution})
		return nil
	})
	if err != nil {
		return err
	}
	for _, column := range []string{"attempt_id", "upgrade_id"} {
		id := vocab.Attempt.ID(a.ID)
		if column == "upgrade_id" {
			id = vocab.Upgrade.ID(a.UpgradeID)
		}
		err := s.of.Assumptions.Each(ctx, record.ListQuery{Filters: map[string][]string{column: {id.String()}}}, func(e *ent.Assumption) error {
			status, _ := s.of.Assumptions.StatusOf(e)
			facts.Assumptions = append(facts.Assumptions, Assumption{ID: vocab.Assumption.ID(e.ID), Statement: e.Statement, Category: e.Category, Status: status})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
