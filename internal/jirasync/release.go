package jirasync

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/environment"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/ent/sitestate"
	entupgrade "github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// releasesTitle is the upgrade under which attempts are made for releases that no open attempt is for.
const releasesTitle = "Jira releases"

// object reads what is known of a version or a project, and keeps other transactions from it.
func (p *Processor) object(ctx context.Context, tx *store.Tx, kind sitestate.Kind, site string, id jira.ID, into any) (*ent.SiteState, error) {
	if err := tx.Lock(ctx, site+" "+string(kind)+" "+string(id)); err != nil {
		return nil, err
	}
	row, err := tx.Client().SiteState.Query().Where(sitestate.Site(site), sitestate.KindEQ(kind), sitestate.ObjectID(string(id))).Only(ctx)
	if ent.IsNotFound(err) {
		return &ent.SiteState{Site: site, Kind: kind, ObjectID: string(id)}, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(row.State, into); err != nil {
		return nil, fmt.Errorf("reading the state of a %s: %w", kind, err)
	}
	return row, nil
}

func (p *Processor) saveObject(ctx context.Context, tx *store.Tx, row *ent.SiteState, state any) error {
	raw, err := json.Marshal(state)
	if err != nil {
		return err
	}
	if row.ID == 0 {
		return tx.Client().SiteState.Create().SetSite(row.Site).SetKind(row.Kind).SetObjectID(row.ObjectID).SetState(raw).
			SetAttemptID(row.AttemptID).SetUpdatedAt(p.now()).Exec(ctx)
	}
	return tx.Client().SiteState.UpdateOneID(row.ID).SetState(raw).SetAttemptID(row.AttemptID).SetUpdatedAt(p.now()).Exec(ctx)
}

// version brings the attempt of a release to what the version is by now.
func (p *Processor) version(ctx context.Context, tx *store.Tx, source *ent.Source, e jira.Event) (inbox.Outcome, error) {
	site := cmp.Or(e.Site, source.Site, vocab.Source.ID(source.ID).String())
	var state jira.VersionState
	row, err := p.object(ctx, tx, sitestate.KindVersion, site, e.Version.ID, &state)
	if err != nil {
		return inbox.Outcome{}, err
	}
	rules, err := inbox.Rules(source)
	if err != nil {
		return inbox.Outcome{}, err
	}
	next, fx := state.Apply(e)
	decision := rules.MatchVersion(next)
	outcome := inbox.Outcome{Status: vocab.DeliveryStatusApplied}
	switch {
	case !fx.Changed:
		outcome = inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: reasonNoChange}
	case decision.Entity == jira.EntityIgnore:
		outcome = inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoRule}
	case !next.Released && row.AttemptID == 0:
	default:
		if outcome, err = p.release(ctx, tx, source, row, next, decision); err != nil {
			return outcome, err
		}
	}
	return outcome, p.saveObject(ctx, tx, row, next)
}

// release marks an attempt as released, or takes the mark away.
func (p *Processor) release(ctx context.Context, tx *store.Tx, source *ent.Source, row *ent.SiteState, v jira.VersionState, d jira.VersionDecision) (inbox.Outcome, error) {
	if row.AttemptID == 0 {
		service := serviceOf(source, string(v.ProjectID))
		if service.IsZero() {
			return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoService}, nil
		}
		n, err := p.attemptFor(ctx, tx, source, service, d.Release)
		if err != nil || n == 0 {
			return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoAttempt}, err
		}
		row.AttemptID = n
	}
	released := v.Released && !v.Deleted
	at := record.Happened(releasedAt(v, p.now()), p.now())
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "release", Reason: "changed in Jira"}
	changed, err := p.Attempts.Amend(ctx, row.AttemptID, entry, func(m *ent.AttemptMutation) {
		m.SetReleaseRef(clip(d.Release, 200))
		if released {
			m.SetReleasedAt(at)
		} else {
			m.ClearReleasedAt()
		}
	})
	if err != nil {
		return inbox.Outcome{}, err
	}
	return inbox.Outcome{Status: vocab.DeliveryStatusApplied, Effects: []string{vocab.Attempt.ID(changed.ID).String()}}, nil
}

// releasedAt is the day of the release, or the time of the event for one without a day.
func releasedAt(v jira.VersionState, now time.Time) time.Time {
	if at, err := time.Parse(time.DateOnly, v.ReleaseDate); err == nil {
		return at
	}
	if v.TS > 0 {
		return time.UnixMilli(v.TS)
	}
	return now
}

// attemptFor is the attempt that a release belongs to: one that names it, else the newest open one of the service without a release,
// else a planned one under an upgrade for releases.
func (p *Processor) attemptFor(ctx context.Context, tx *store.Tx, source *ent.Source, service vocab.ID, release string) (int, error) {
	of := attempt.HasUpgradeWith(entupgrade.ServiceID(service.N))
	named, err := tx.Client().Attempt.Query().Where(of, attempt.ReleaseRef(release)).Order(ent.Desc(attempt.FieldID)).FirstID(ctx)
	if err == nil || !ent.IsNotFound(err) {
		return named, err
	}
	open, err := tx.Client().Attempt.Query().Where(of, attempt.ReleaseRef(""), attempt.StatusIn(vocab.AttemptStatusPlanned, vocab.AttemptStatusReady,
		vocab.AttemptStatusInProgress, vocab.AttemptStatusWatching)).Order(ent.Desc(attempt.FieldID)).FirstID(ctx)
	if err == nil || !ent.IsNotFound(err) {
		return open, err
	}
	return p.planned(ctx, tx, source, service)
}

func (p *Processor) planned(ctx context.Context, tx *store.Tx, source *ent.Source, service vocab.ID) (int, error) {
	if err := tx.Lock(ctx, "releases of "+service.String()); err != nil {
		return 0, err
	}
	where := source.EnvironmentID
	if where == nil {
		n, err := tx.Client().Environment.Query().Where(environment.KindEQ(vocab.EnvironmentKindProduction)).Order(ent.Asc(environment.FieldID)).FirstID(ctx)
		if ent.IsNotFound(err) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		where = &n
	}
	n, err := tx.Client().Upgrade.Query().Where(entupgrade.ServiceID(service.N), entupgrade.Title(releasesTitle)).Order(ent.Asc(entupgrade.FieldID)).FirstID(ctx)
	if ent.IsNotFound(err) {
		made, err := p.Upgrades.Add(ctx, upgrade.Input{Title: releasesTitle, Kind: vocab.UpgradeKindOther, ServiceID: service})
		if err != nil {
			return 0, err
		}
		n = made.ID
	} else if err != nil {
		return 0, err
	}
	made, err := p.Attempts.Add(ctx, upgrade.AttemptInput{UpgradeID: vocab.Upgrade.ID(n), EnvironmentID: vocab.Environment.ID(*where)})
	if err != nil {
		return 0, err
	}
	return made.ID, nil
}

// project marks the links to the issues of a project that is gone, and unmarks them when it comes back.
func (p *Processor) project(ctx context.Context, tx *store.Tx, e jira.Event) (inbox.Outcome, error) {
	var state jira.ProjectState
	row, err := p.object(ctx, tx, sitestate.KindProject, e.Site, e.Project.ID, &state)
	if err != nil {
		return inbox.Outcome{}, err
	}
	next, turned := state.Apply(e)
	outcome := inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: reasonNoChange}
	if turned && next.Key != "" {
		from, to := "", linkStale
		if !next.Gone {
			from, to = linkStale, ""
		}
		n, err := tx.Client().IssueState.Update().Where(issuestate.Site(e.Site), issuestate.KeyHasPrefix(next.Key+"-"), issuestate.Link(from)).
			SetLink(to).SetUpdatedAt(p.now()).Save(ctx)
		if err != nil {
			return outcome, err
		}
		if n > 0 {
			outcome = inbox.Outcome{Status: vocab.DeliveryStatusApplied}
		}
	}
	return outcome, p.saveObject(ctx, tx, row, next)
}
