package remedy

import (
	"context"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/finding"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Service finds runbooks.
type Service struct {
	runbooks   *catalog.Runbooks
	references *catalog.References
	findings   *finding.Service
	incidents  *incident.Service
}

// New finds among what the services keep.
func New(runbooks *catalog.Runbooks, references *catalog.References, findings *finding.Service, incidents *incident.Service) *Service {
	return &Service{runbooks: runbooks, references: references, findings: findings, incidents: incidents}
}

// For finds the runbooks for a finding or an incident, among those that the actor may know of. It is NotFound.
func (s *Service) For(ctx context.Context, id vocab.ID) ([]Match, error) {
	subject, err := s.subject(ctx, id)
	if err != nil {
		return nil, err
	}
	links, err := s.references.OfTargets(ctx, []vocab.ID{id})
	if err != nil {
		return nil, err
	}
	for _, l := range links[id] {
		subject.Links = append(subject.Links, Link{ID: vocab.Reference.ID(l.ID), URL: l.URL, Key: l.ExternalKey})
	}
	var all []Runbook
	err = s.runbooks.Each(ctx, record.ListQuery{}, func(e *ent.Runbook) error {
		all = append(all, Runbook{
			ID: vocab.Runbook.ID(e.ID), Title: e.Title, URL: e.URL, ServiceID: record.RefOf(vocab.Service, e.ServiceID), Areas: e.Areas, Alerts: e.AlertNames,
			Rules: e.MatchRules, Health: s.runbooks.HealthOf(e),
		})
		return nil
	})
	return Find(subject, all), err
}

func (s *Service) subject(ctx context.Context, id vocab.ID) (Subject, error) {
	switch id.Kind() {
	case vocab.Finding:
		e, err := s.findings.Get(ctx, id.N)
		if err != nil {
			return Subject{}, err
		}
		return Subject{
			ID: id, Title: e.Title, Texts: []string{e.Observed, e.Expected, e.Workaround}, Component: e.Component,
			ServiceID: record.RefOf(vocab.Service, e.ServiceID), Tags: e.Tags, Severity: e.Severity,
		}, nil
	case vocab.Incident:
		e, err := s.incidents.Get(ctx, id.N)
		if err != nil {
			return Subject{}, err
		}
		return Subject{ID: id, Title: e.Title, Texts: []string{e.Impact}, ServiceID: record.RefOf(vocab.Service, e.ServiceID), Tags: e.Tags, Severity: e.Severity}, nil
	}
	return Subject{}, fault.New(fault.NotFound, "%s has no runbooks", id)
}
