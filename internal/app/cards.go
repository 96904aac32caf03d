package app

import (
	"fmt"

	"github.com/hindcast-kb/hindcast/internal/card"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/draw"
	"github.com/hindcast-kb/hindcast/internal/embed"
	"github.com/hindcast-kb/hindcast/internal/linkcheck"
	"github.com/hindcast-kb/hindcast/internal/outbound"
	"github.com/hindcast-kb/hindcast/internal/recap"
	"github.com/hindcast-kb/hindcast/internal/remedy"
	"github.com/hindcast-kb/hindcast/internal/review"
)

// buildCards makes what shows records on pages of others.
func (a *App) buildCards(opts Options) error {
	box, err := a.box(opts)
	if err != nil {
		return err
	}
	s := &a.Services
	drawer, err := card.NewDrawer()
	if err != nil {
		return err
	}
	s.Cards = drawer
	s.Draw = draw.New(draw.Services{
		Upgrades: s.Upgrades, Attempts: s.Attempts, Decisions: s.Decisions, Assumptions: s.Assumptions, Findings: s.Findings, Lessons: s.Lessons,
		Incidents: s.Incidents, Reviews: s.Reviews, Actions: s.Actions, Runbooks: s.Runbooks, Catalog: s.ServiceCatalog,
		Environments: s.Environments, References: s.References, Briefs: s.Briefs, Parity: s.Parity, Index: s.Index,
	}, opts.Now, opts.PublicURL)
	s.Remedies = remedy.New(s.Runbooks, s.References, s.Findings, s.Incidents)
	s.RunbookFeedback = catalog.NewFeedback(a.Store, opts.Now, s.Runbooks)
	policy, err := outbound.NewPolicy(opts.OutboundAllow)
	if err != nil {
		return err
	}
	a.Links = linkcheck.NewWorker(s.Runbooks, linkcheck.NewChecker(policy, opts.Now), opts.Log)
	s.Recaps = recap.New(recap.Services{
		Upgrades: s.Upgrades, Attempts: s.Attempts, Environments: s.Environments, Timelines: s.Timelines, Incidents: s.Incidents,
		Findings: s.Findings, Assumptions: s.Assumptions,
	})
	if _, err := review.ParseTemplate(opts.ReviewTemplate); err != nil {
		return fmt.Errorf("reading the template of reviews: %w", err)
	}
	var origins []string
	for _, text := range opts.EmbedOrigins {
		origin, ok := embed.Origin(text)
		if !ok {
			return fmt.Errorf("%q is not an origin such as https://wiki.example.com", text)
		}
		origins = append(origins, origin)
	}
	s.Embeds = embed.New(a.Store, opts.Now, embed.Options{Box: box, Origins: origins, Names: s.Draw.Names, ComparedNames: draw.ComparedNames()})
	return nil
}
