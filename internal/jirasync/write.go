package jirasync

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/attempt"
	"github.com/hindcast-kb/hindcast/ent/environment"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/ent/upgrade"
	"github.com/hindcast-kb/hindcast/internal/catalog"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Words of IssueState.link.
const (
	linkDeleted = "deleted_in_jira"
	linkNoMatch = "no_longer_matches"
	linkStale   = "project_gone"
	// linkUnreachable is an issue that the site does not show us, although it may well be there.
	linkUnreachable = "unreachable"
)

// Roles of the reference that leads from a record to its issue.
const (
	roleTracked     = "tracked in"
	roleDeleted     = "deleted in Jira"
	roleFormer      = "former key"
	roleStale       = "project gone in Jira"
	roleUnreachable = "not readable in Jira"
	roleMentioned   = "mentioned in Jira"
	roleListed      = "listed in"
	roleRelease     = "release in Jira"
)

// write brings the record of an issue, its timeline and its link to what the issue is by now.
func (p *Processor) write(ctx context.Context, tx *store.Tx, source *ent.Source, t *tracked, d jira.Decision, fx jira.Effects) error {
	if d.NeedsState {
		return nil
	}
	if d.Entity == jira.EntityIgnore {
		return p.refer(ctx, tx, t, d, fx)
	}
	if t.state.Deleted() && t.state.LiveAt == 0 { // it was never seen alive
		return p.refer(ctx, tx, t, d, fx)
	}
	if t.row.Link == linkNoMatch || t.row.Link == linkDeleted || t.row.Link == linkUnreachable {
		t.row.Link = ""
	}
	if d.Former && t.row.Link == "" && !t.state.Deleted() {
		t.row.Link = linkNoMatch
	}
	at, err := p.place(ctx, tx, source, t, d.Fields)
	if err != nil {
		return err
	}
	// What was told before a deletion is knowledge, however late it comes.
	if err := p.record(ctx, tx, t, d, at); err != nil {
		return err
	}
	if err := p.refer(ctx, tx, t, d, fx); err != nil {
		return err
	}
	if t.row.RecordID == 0 || d.LinkOnly {
		return nil
	}
	if t.seeding {
		return nil
	}
	if err := p.mentioned(ctx, tx, t, d); err != nil {
		return err
	}
	if err := p.timeline(ctx, tx, t, fx); err != nil {
		return err
	}
	return p.effort(ctx, tx, t, at, fx)
}

// place is where a record belongs.
type place struct{ service, environment, attempt vocab.ID }

// place finds the service of the issue's project, the environment by its name, and the attempt by its id or by a release.
func (p *Processor) place(ctx context.Context, tx *store.Tx, source *ent.Source, t *tracked, m jira.Mapped) (place, error) {
	var at place
	issue := t.state.Issue()
	var err error
	if at.service, err = serviceOf(ctx, tx, source, issue.Project.Value.Key, string(issue.Project.Value.ID)); err != nil {
		return at, err
	}
	if m.Environment != "" {
		n, err := tx.Client().Environment.Query().Where(environment.NameEqualFold(m.Environment)).FirstID(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return at, err
		}
		if err == nil {
			at.environment = vocab.Environment.ID(n)
		}
	}
	at.attempt, err = attemptOf(ctx, tx, t, at.service, m)
	return at, err
}

// serviceOf is the service of a project, by its key or id, or that of the whole source. One that was deleted since is none.
func serviceOf(ctx context.Context, tx *store.Tx, source *ent.Source, names ...string) (vocab.ID, error) {
	for _, name := range names {
		for project, text := range source.Projects {
			id, err := vocab.ParseID(text)
			if err != nil || name == "" || !strings.EqualFold(project, name) {
				continue
			}
			if known, err := exists(ctx, tx, id); err != nil || known {
				return id, err
			}
		}
	}
	return record.RefOf(vocab.Service, source.ServiceID), nil
}

// exists says whether a record is there.
func exists(ctx context.Context, tx *store.Tx, id vocab.ID) (bool, error) {
	known, err := record.Known(ctx, tx.Client(), tx.Dialect(), []vocab.ID{id})
	return known[id], err
}

// attemptOf is the attempt that an issue names by an id, the one that a version which fixes it is the release of, or the newest one of
// the service that deploys one of its releases.
func attemptOf(ctx context.Context, tx *store.Tx, t *tracked, service vocab.ID, m jira.Mapped) (vocab.ID, error) {
	if id, err := vocab.ParseID(strings.ToUpper(m.Attempt)); err == nil && id.Is(vocab.Attempt) {
		known, err := tx.Client().Attempt.Query().Where(attempt.ID(id.N)).Exist(ctx)
		if err != nil || known {
			return id, err
		}
	}
	releases := m.Releases
	if m.Attempt != "" {
		releases = append([]string{m.Attempt}, releases...)
	}
	for _, release := range releases {
		id, err := attemptOfRelease(ctx, tx, t, service, release)
		if err != nil || !id.IsZero() {
			return id, err
		}
	}
	return vocab.ID{}, nil
}

// attemptOfRelease finds the attempt of a release by the version of that name, also when another version took its place by now, and
// else by what attempts say they deploy.
func attemptOfRelease(ctx context.Context, tx *store.Tx, t *tracked, service vocab.ID, release string) (vocab.ID, error) {
	issue := t.state.Issue()
	for _, named := range append(slices.Clone(issue.FixVersions.Value), issue.AffectsVersions.Value...) {
		if named.Name != release || named.ID == "" {
			continue
		}
		version, err := versionAt(ctx, tx, t.row.Site, named.ID)
		if err != nil {
			return vocab.ID{}, err
		}
		if version == nil || version.AttemptID == 0 {
			break
		}
		known, err := tx.Client().Attempt.Query().Where(attempt.ID(version.AttemptID)).Exist(ctx)
		if err != nil || known {
			return vocab.Attempt.ID(version.AttemptID), err
		}
	}
	query := tx.Client().Attempt.Query().Where(attempt.ReleaseRef(release))
	if !service.IsZero() {
		query.Where(attempt.HasUpgradeWith(upgrade.ServiceID(service.N)))
	}
	n, err := query.Order(ent.Desc(attempt.FieldID)).FirstID(ctx)
	if ent.IsNotFound(err) {
		return vocab.ID{}, nil
	}
	if err != nil {
		return vocab.ID{}, err
	}
	return vocab.Attempt.ID(n), nil
}

// target is the record of the issue, or the zero ID.
func (t *tracked) target() vocab.ID {
	if t.row.RecordID == 0 {
		return vocab.ID{}
	}
	return vocab.ID{Prefix: t.row.RecordKind, N: t.row.RecordID}
}

// touched notes that a record was written.
func (t *tracked) touched(id vocab.ID) {
	for _, known := range t.effects {
		if known == id.String() {
			return
		}
	}
	t.effects = append(t.effects, id.String())
}

// jiraSays is what a field shall be: what Jira says when Jira has changed it since it was last written, and otherwise what the
// record has, so that people's own edits stay until Jira says something new. With ours_wins an edited field stays for good.
func (t *tracked) jiraSays(name, current, mapped string, rule jira.Conflict) string {
	last, wasWritten := t.written[name]
	t.written[name] = mapped
	switch {
	case wasWritten && last == mapped:
		return current
	case wasWritten && rule == jira.ConflictOurs && current != last:
		return current
	}
	return mapped
}

// refer keeps the link from the record to its issue: made once, moved with the key, marked when the issue is gone.
func (p *Processor) refer(ctx context.Context, tx *store.Tx, t *tracked, d jira.Decision, fx jira.Effects) error {
	target := t.target()
	key := t.state.Issue().Key
	if target.IsZero() || key == "" {
		return nil
	}
	rows, err := tx.Client().RecordReference.Query().Where(recordreference.TargetKind(target.Prefix), recordreference.TargetID(target.N),
		recordreference.KindEQ(vocab.ReferenceKindJira)).Order(ent.Asc(recordreference.FieldID)).All(ctx)
	if err != nil {
		return err
	}
	role := roleTracked
	switch {
	case t.state.Deleted():
		role, t.row.Link = roleDeleted, linkDeleted
	case t.row.Link == linkStale:
		role = roleStale
	case t.row.Link == linkUnreachable:
		role = roleUnreachable
	}
	in := catalog.ReferenceInput{Target: target, Kind: vocab.ReferenceKindJira, ExternalKey: key, URL: jira.BrowseURL(t.row.Site, key), Role: role}
	var own *ent.RecordReference
	known := map[string]bool{}
	mine := append(t.state.Aliases(), key)
	for _, row := range rows {
		known[row.ExternalKey] = true
		if own == nil && row.Role != roleFormer && slices.Contains(mine, row.ExternalKey) { // people may have linked others
			own = row
		}
	}
	switch {
	case own != nil && role == roleDeleted && d.OnDelete == jira.DeleteUnlink:
		t.touched(target)
		return p.References.Remove(ctx, own.ID, record.AnyVersion)
	case own == nil && role == roleDeleted && d.OnDelete == jira.DeleteUnlink:
		return nil
	case own == nil:
		t.touched(target)
		if _, err := p.References.Add(ctx, in); err != nil {
			return err
		}
	case own.ExternalKey != in.ExternalKey || own.URL != in.URL || own.Role != in.Role:
		t.touched(target)
		if _, err := p.References.Change(ctx, own.ID, record.AnyVersion, func(was catalog.ReferenceInput) (catalog.ReferenceInput, error) {
			in.Title = was.Title
			return in, nil
		}); err != nil {
			return err
		}
	}
	for _, former := range t.state.Aliases() {
		if known[former] && (own == nil || own.ExternalKey != former) {
			continue
		}
		alias := catalog.ReferenceInput{Target: target, Kind: vocab.ReferenceKindJira, ExternalKey: former, URL: jira.BrowseURL(t.row.Site, former), Role: roleFormer}
		if _, err := p.References.Add(ctx, alias); err != nil {
			return err
		}
	}
	return nil
}

// titleOf is the title of a record; the key stands in for an issue whose text is not taken.
func titleOf(d jira.Decision) string { return cmp.Or(d.Fields.Title, d.Fields.Key, "An issue in Jira") }

// tagsOf are the tags of an issue that a record can have.
func tagsOf(m jira.Mapped) []string {
	var tags []string
	for _, tag := range m.Tags {
		if tag != "" && len([]rune(tag)) <= fault.MaxListItem && len(tags) < fault.MaxList {
			tags = append(tags, tag)
		}
	}
	return record.ListOf(tags)
}
