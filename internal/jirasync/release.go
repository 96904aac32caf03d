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
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
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
		made, err := tx.Client().SiteState.Create().SetSite(row.Site).SetKind(row.Kind).SetObjectID(row.ObjectID).SetState(raw).
			SetAttemptID(row.AttemptID).SetUpdatedAt(p.now()).Save(ctx)
		if err == nil {
			row.ID = made.ID
		}
		return err
	}
	return tx.Client().SiteState.UpdateOneID(row.ID).SetState(raw).SetAttemptID(row.AttemptID).SetUpdatedAt(p.now()).Exec(ctx)
}

// knownVersion is what is kept of a version: what events told, and the reference that leads from its attempt to it.
type knownVersion struct {
	jira.VersionState
	// Reference is its number, or zero.
	Reference int `json:"reference,omitempty"`
}

// version brings the attempt of a release to what the version is by now.
func (p *Processor) version(ctx context.Context, tx *store.Tx, source *ent.Source, e jira.Event) (inbox.Outcome, error) {
	site := cmp.Or(e.Site, source.Site, vocab.Source.ID(source.ID).String())
	var known knownVersion
	row, err := p.object(ctx, tx, sitestate.KindVersion, site, e.Version.ID, &known)
	if err != nil {
		return inbox.Outcome{}, err
	}
	rules, err := inbox.Rules(source)
	if err != nil {
		return inbox.Outcome{}, err
	}
	next, fx := known.Apply(e)
	known.VersionState = next
	decision := rules.MatchVersion(next)
	outcome := inbox.Outcome{Status: vocab.DeliveryStatusApplied}
	switch {
	case !fx.Changed:
		outcome = inbox.Outcome{Status: vocab.DeliveryStatusNoop, Reason: reasonNoChange}
	case decision.Entity == jira.EntityIgnore:
		outcome = inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoRule}
	case next.Deleted && next.MergedTo != "" && next.MergedTo != next.ID:
		outcome.Effects, err = p.mergeVersion(ctx, tx, row, &known, e.Version.Into)
	case next.Deleted:
		outcome.Effects, err = p.referVersion(ctx, row, &known)
	case !next.Released && row.AttemptID == 0:
	default:
		outcome, err = p.release(ctx, tx, source, row, &known, decision)
	}
	if err != nil {
		return outcome, err
	}
	return outcome, p.saveObject(ctx, tx, row, known)
}

// release marks an attempt as released, or takes the mark away.
func (p *Processor) release(ctx context.Context, tx *store.Tx, source *ent.Source, row *ent.SiteState, v *knownVersion, d jira.VersionDecision) (inbox.Outcome, error) {
	if row.AttemptID == 0 {
		service, err := serviceOf(ctx, tx, source, string(v.ProjectID))
		if err != nil || service.IsZero() {
			return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoService}, err
		}
		n, err := p.attemptFor(ctx, tx, source, service, d.Release)
		if err != nil || n == 0 {
			return inbox.Outcome{Status: vocab.DeliveryStatusIgnored, Reason: reasonNoAttempt}, err
		}
		row.AttemptID = n
	}
	effects, err := p.markReleased(ctx, row, v)
	return inbox.Outcome{Status: vocab.DeliveryStatusApplied, Effects: effects}, err
}

// markReleased brings the attempt of a version to its name and to whether it is released.
func (p *Processor) markReleased(ctx context.Context, row *ent.SiteState, v *knownVersion) ([]string, error) {
	at := record.Happened(releasedAt(v.VersionState, p.now()), p.now())
	entry := record.Entry{Op: vocab.ChangeOpUpdate, Deed: "release", Reason: "changed in Jira"}
	if _, err := p.Attempts.Amend(ctx, row.AttemptID, entry, func(m *ent.AttemptMutation) {
		m.SetReleaseRef(clip(v.Name, 200))
		if v.Released {
			m.SetReleasedAt(at)
		} else {
			m.ClearReleasedAt()
		}
	}); err != nil {
		return nil, err
	}
	return p.referVersion(ctx, row, v)
}

// referVersion keeps the reference from the attempt of a version to the version. The record of what was released outlives the version:
// when that is deleted, the reference says so and the attempt stays as it is.
func (p *Processor) referVersion(ctx context.Context, row *ent.SiteState, v *knownVersion) ([]string, error) {
	if row.AttemptID == 0 {
		return nil, nil
	}
	target := vocab.Attempt.ID(row.AttemptID)
	in := catalog.ReferenceInput{Target: target, Kind: vocab.ReferenceKindOther, ExternalKey: clip(v.Name, 200), Role: roleRelease,
		URL: jira.VersionURL(row.Site, v.ProjectID, v.ID)}
	if v.Deleted {
		in.Role = roleDeleted
	}
	if in.ExternalKey == "" {
		in.ExternalKey = clip(string(v.ID), 200)
	}
	effects := []string{target.String()}
	if v.Reference == 0 {
		added, err := p.References.Add(ctx, in)
		if err != nil {
			return nil, err
		}
		v.Reference = added.ID
		return effects, nil
	}
	_, err := p.References.Change(ctx, v.Reference, record.AnyVersion, func(was catalog.ReferenceInput) (catalog.ReferenceInput, error) {
		in.Title = was.Title
		return in, nil
	})
	if fault.Is(err, fault.NotFound) { // somebody took it away
		err = nil
	}
	return effects, err
}

// mergeVersion moves what a version led to, to the version that took its place: its attempt where that one has none, and in any case
// the issues that name it as the version that fixes them. told is what the event says of that version, which may be nothing.
func (p *Processor) mergeVersion(ctx context.Context, tx *store.Tx, row *ent.SiteState, v *knownVersion, told *jira.Version) ([]string, error) {
	target, into, err := p.successor(ctx, tx, row.Site, v.MergedTo)
	if err != nil {
		return nil, err
	}
	if into.ID == "" {
		into.ID = jira.ID(target.ObjectID)
		if told != nil && told.ID == into.ID {
			into.Name, into.ProjectID, into.Released, into.ReleaseDate = told.Name, told.ProjectID, told.Released, told.ReleaseDate
		}
	}
	var effects []string
	switch {
	case row.AttemptID == 0:
	case target.AttemptID == 0:
		target.AttemptID, into.Reference = row.AttemptID, v.Reference
		row.AttemptID, v.Reference = 0, 0
		if into.Name != "" {
			effects, err = p.markReleased(ctx, target, &into)
		} else {
			effects, err = p.referVersion(ctx, target, &into)
		}
	default:
		effects, err = p.referVersion(ctx, row, v)
	}
	if err != nil {
		return nil, err
	}
	if err := p.saveObject(ctx, tx, target, into); err != nil {
		return nil, err
	}
	if err := p.saveObject(ctx, tx, row, *v); err != nil { // issues are placed by what is kept
		return nil, err
	}
	moved, err := p.placeAgain(ctx, tx, row.Site, v.VersionState)
	return append(effects, moved...), err
}

// maxMerges bounds how often a version may have been merged into the next, should they go round in a circle.
const maxMerges = 20

// successor is the version that a merge leads to in the end, since that one may have been merged itself by now.
func (p *Processor) successor(ctx context.Context, tx *store.Tx, site string, id jira.ID) (row *ent.SiteState, known knownVersion, err error) {
	for range maxMerges {
		known = knownVersion{}
		if row, err = p.object(ctx, tx, sitestate.KindVersion, site, id, &known); err != nil || known.MergedTo == "" {
			return row, known, err
		}
		id = known.MergedTo
	}
	return row, known, nil
}

// placeBatch is how many issues are read at once to be placed again.
const placeBatch = 200

// placeAgain brings the issues that a version fixes to the attempt that its place is now.
func (p *Processor) placeAgain(ctx context.Context, tx *store.Tx, site string, v jira.VersionState) ([]string, error) {
	var effects []string
	sources := map[int]*ent.Source{}
	for after := 0; ; {
		rows, err := tx.Client().IssueState.Query().Where(issuestate.Site(site), issuestate.RecordIDGT(0), issuestate.IDGT(after)).
			Order(ent.Asc(issuestate.FieldID)).Limit(placeBatch).All(ctx)
		if err != nil || len(rows) == 0 {
			return effects, err
		}
		for _, row := range rows {
			after = row.ID
			state, err := openState(row.State)
			if err != nil {
				return nil, err
			}
			if !state.FixedIn(v) {
				continue
			}
			from := sources[row.SourceID]
			if from == nil {
				if from, err = tx.Client().Source.Get(ctx, row.SourceID); err != nil {
					return nil, err
				}
				sources[row.SourceID] = from
			}
			written, err := p.again(ctx, tx, from, row)
			if err != nil {
				return nil, err
			}
			effects = append(effects, written...)
		}
	}
}

// again writes the record of an issue anew from what is known of the issue.
func (p *Processor) again(ctx context.Context, tx *store.Tx, source *ent.Source, row *ent.IssueState) ([]string, error) {
	rules, err := inbox.Rules(source)
	if err != nil {
		return nil, err
	}
	t, err := p.track(ctx, tx, source, row.Site, jira.ID(row.IssueID))
	if err != nil {
		return nil, err
	}
	decision := decide(rules, t.row, t.state, "")
	if decision.Entity == jira.EntityIgnore {
		decision = former(rules, t.row, t.state, jira.Event{}, decision)
	}
	if err := p.write(ctx, tx, source, t, decision, jira.Effects{}); err != nil {
		return nil, err
	}
	return t.effects, p.save(ctx, tx, t, jira.Effects{})
}

// versionAt is what took the place of a version, or the version itself; nil when nothing is known of it.
func versionAt(ctx context.Context, tx *store.Tx, site string, id jira.ID) (*ent.SiteState, error) {
	var row *ent.SiteState
	for range maxMerges {
		next, err := tx.Client().SiteState.Query().Where(sitestate.Site(site), sitestate.KindEQ(sitestate.KindVersion), sitestate.ObjectID(string(id))).Only(ctx)
		if ent.IsNotFound(err) {
			return row, nil
		}
		if err != nil {
			return nil, err
		}
		row = next
		var known knownVersion
		if err := json.Unmarshal(row.State, &known); err != nil {
			return nil, fmt.Errorf("reading the state of a version: %w", err)
		}
		if known.MergedTo == "" || known.MergedTo == id {
			return row, nil
		}
		id = known.MergedTo
	}
	return row, nil
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
		rows, err := tx.Client().IssueState.Query().Where(issuestate.Site(e.Site), issuestate.KeyHasPrefix(next.Key+"-"), issuestate.Link(from)).
			Order(ent.Asc(issuestate.FieldID)).All(ctx)
		if err != nil {
			return outcome, err
		}
		for _, row := range rows {
			effects, err := p.relink(ctx, tx, row, to)
			if err != nil {
				return outcome, err
			}
			outcome.Status, outcome.Reason = vocab.DeliveryStatusApplied, ""
			outcome.Effects = append(outcome.Effects, effects...)
		}
	}
	return outcome, p.saveObject(ctx, tx, row, next)
}

// relink says anew how the link to an issue stands, in its reference as well.
func (p *Processor) relink(ctx context.Context, tx *store.Tx, row *ent.IssueState, link string) ([]string, error) {
	source, err := tx.Client().Source.Get(ctx, row.SourceID)
	if err != nil {
		return nil, err
	}
	t, err := p.track(ctx, tx, source, row.Site, jira.ID(row.IssueID))
	if err != nil {
		return nil, err
	}
	t.row.Link = link
	if err := p.refer(ctx, tx, t, jira.Decision{}, jira.Effects{}); err != nil {
		return nil, err
	}
	return t.effects, p.save(ctx, tx, t, jira.Effects{})
}
