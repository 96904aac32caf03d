package jirawork

import (
	"context"
	"strings"

	entsql "entgo.io/ent/dialect/sql"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/ent/job"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/ent/setting"
	"github.com/hindcast-kb/hindcast/ent/source"
	"github.com/hindcast-kb/hindcast/internal/feed"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// feedSetting keeps how far the feed of changes has been followed.
const feedSetting = "jira_feed"

// followBatch is how many changes are followed in one transaction.
const followBatch = 500

// Follow asks for the links that the changes since the last time make necessary: a record that changed, a reference that was made
// or removed. The changes were written with the records, and the mark with the work, so nothing is lost.
func (s *Service) Follow(ctx context.Context) error {
	for {
		n, err := s.follow(ctx)
		if err != nil || n < followBatch {
			return err
		}
	}
}

func (s *Service) follow(ctx context.Context) (int, error) {
	mark, err := s.mark(ctx)
	if err != nil {
		return 0, err
	}
	changes, err := feed.Read(ctx, s.store, mark, followBatch)
	if err != nil || len(changes) == 0 {
		return 0, err
	}
	sites, err := s.linkedSites(ctx)
	if err != nil {
		return 0, err
	}
	err = s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		moved, err := s.moveMark(ctx, tx, mark, changes[len(changes)-1].Mark)
		if err != nil || !moved || len(sites) == 0 { // another worker follows too
			return err
		}
		links, err := s.linksOf(ctx, tx, changes)
		if err != nil {
			return err
		}
		return s.want(ctx, tx, sites, links)
	})
	return len(changes), err
}

// Behind says whether there are changes that were not followed yet. On PostgreSQL a change waits for older transactions to end, those
// of other databases of the same server included.
func (s *Service) Behind(ctx context.Context) (bool, error) {
	mark, err := s.mark(ctx)
	if err != nil {
		return false, err
	}
	return feed.Pending(ctx, s.store, mark)
}

func (s *Service) mark(ctx context.Context) (feed.Mark, error) {
	row, err := s.store.Read().Setting.Query().Where(setting.Name(feedSetting)).Only(ctx)
	if ent.IsNotFound(err) {
		return feed.Mark{}, nil
	}
	if err != nil {
		return feed.Mark{}, s.store.Fault(err)
	}
	return feed.ParseMark(string(row.Value))
}

// moveMark says whether the mark was still where it was read.
func (s *Service) moveMark(ctx context.Context, tx *store.Tx, from, to feed.Mark) (bool, error) {
	if from == (feed.Mark{}) {
		err := tx.Client().Setting.Create().SetName(feedSetting).SetValue([]byte(to.String())).SetUpdatedAt(s.now()).Exec(ctx)
		if ent.IsConstraintError(err) {
			return false, nil
		}
		return err == nil, err
	}
	n, err := tx.Client().Setting.Update().Where(setting.Name(feedSetting), setting.Value([]byte(from.String()))).
		SetValue([]byte(to.String())).SetUpdatedAt(s.now()).Save(ctx)
	return n == 1, err
}

// linkedSites are the sources whose issues get links, by their site.
func (s *Service) linkedSites(ctx context.Context) ([]*ent.Source, error) {
	rows, err := s.store.Read().Source.Query().Where(source.APIKindNEQ(vocab.SourceAPINone), source.APILinks(true), source.ModeNEQ(vocab.SourceModeDryRun)).
		Order(ent.Asc(source.FieldID)).All(ctx)
	return rows, s.store.Fault(err)
}

// tie is a record and an issue that belong together, or did.
type tie struct {
	target vocab.ID
	// key is the key of the issue, and url where a reference says it is.
	key, url string
}

// linksOf are the ties that changes may have altered: the references of the records that changed and the references that were
// written. Links whose references are gone are asked to be taken away.
func (s *Service) linksOf(ctx context.Context, tx *store.Tx, changes []feed.Entry) ([]tie, error) {
	anyOf := []predicate.RecordReference{}
	numbers := map[string][]int{}
	var written []int
	removals := false
	for _, c := range changes {
		switch {
		case c.ID.Is(vocab.Reference) && c.Op == vocab.ChangeOpDelete:
			removals = true
		case c.ID.Is(vocab.Reference):
			written = append(written, c.ID.N)
		case c.ID.Is(vocab.Delivery), c.ID.Is(vocab.Source), c.ID.Is(vocab.Event), c.ID.Is(vocab.Effort):
		default:
			numbers[c.ID.Prefix] = append(numbers[c.ID.Prefix], c.ID.N)
		}
	}
	if len(written) > 0 {
		anyOf = append(anyOf, recordreference.IDIn(written...))
	}
	for prefix, ids := range numbers {
		anyOf = append(anyOf, recordreference.And(recordreference.TargetKind(prefix), recordreference.TargetIDIn(ids...)))
	}
	if err := s.untie(ctx, tx, numbers, removals); err != nil || len(anyOf) == 0 {
		return nil, err
	}
	rows, err := tx.Client().RecordReference.Query().Where(recordreference.KindEQ(vocab.ReferenceKindJira), recordreference.Or(anyOf...)).
		Order(ent.Asc(recordreference.FieldID)).All(ctx)
	if err != nil {
		return nil, err
	}
	var ties []tie
	for _, row := range rows {
		ties = append(ties, tie{vocab.ID{Prefix: row.TargetKind, N: row.TargetID}, keyOf(row), row.URL})
	}
	return ties, nil
}

// untie asks to take away the links that were set for records which no reference ties to an issue any more. Only those records are
// looked at that changed, or all of them when a reference was removed, since that does not tell any more where it led.
func (s *Service) untie(ctx context.Context, tx *store.Tx, numbers map[string][]int, removals bool) error {
	query := tx.Client().Job.Query().Where(job.KindEQ(vocab.JobKindLink), job.PushedHashNotIn("", removed), func(q *entsql.Selector) {
		r := entsql.Dialect(q.Dialect()).Table(recordreference.Table).As("r")
		q.Where(entsql.NotExists(entsql.Dialect(q.Dialect()).Select(r.C(recordreference.FieldID)).From(r).Where(entsql.And(
			entsql.ColumnsEQ(r.C(recordreference.FieldTargetKind), q.C(job.FieldTargetKind)),
			entsql.ColumnsEQ(r.C(recordreference.FieldTargetID), q.C(job.FieldTargetID)),
			entsql.EQ(r.C(recordreference.FieldKind), vocab.ReferenceKindJira)))))
	})
	if !removals {
		var anyOf []predicate.Job
		for prefix, ids := range numbers {
			anyOf = append(anyOf, job.And(job.TargetKind(prefix), job.TargetIDIn(ids...)))
		}
		if len(anyOf) == 0 {
			return nil
		}
		query.Where(job.Or(anyOf...))
	}
	rows, err := query.All(ctx)
	if err != nil {
		return err
	}
	for _, row := range rows {
		target := vocab.ID{Prefix: row.TargetKind, N: row.TargetID}
		ask := inbox.Ask{Source: row.SourceID, Kind: vocab.JobKindLink, Key: row.DedupeKey, Issue: row.Issue, Target: target}
		if _, err := inbox.Put(ctx, tx, s.now(), "jira", ask); err != nil {
			return err
		}
	}
	return nil
}

// keyOf is the key of the issue that a reference leads to; empty for one that leads to none.
func keyOf(row *ent.RecordReference) string {
	if jira.ValidKey(row.ExternalKey) {
		return row.ExternalKey
	}
	if _, key, found := strings.Cut(row.URL, "/browse/"); found {
		key, _, _ = strings.Cut(key, "?")
		if key = strings.Trim(key, "/"); jira.ValidKey(key) {
			return key
		}
	}
	return ""
}

// want asks for the links of ties whose issue is at one of the sites.
func (s *Service) want(ctx context.Context, tx *store.Tx, sites []*ent.Source, ties []tie) error {
	for _, one := range ties {
		if one.key == "" {
			continue
		}
		from, issue, err := s.issueAt(ctx, tx, sites, one)
		if err != nil {
			return err
		}
		if from == nil {
			continue
		}
		ask := inbox.Ask{Source: from.ID, Kind: vocab.JobKindLink, Key: "link:" + issue + ":" + one.target.String(), Issue: issue, Target: one.target}
		if _, err := inbox.Put(ctx, tx, s.now(), "jira", ask); err != nil {
			return err
		}
	}
	tx.AfterCommit(s.Wake)
	return nil
}

// issueAt finds the site of an issue and names the issue by its id where that is known, so that a move changes nothing.
func (s *Service) issueAt(ctx context.Context, tx *store.Tx, sites []*ent.Source, one tie) (*ent.Source, string, error) {
	var at *ent.Source
	for _, from := range sites {
		if one.url != "" && strings.HasPrefix(one.url, from.Site+"/browse/") {
			at = from
			break
		}
	}
	if at == nil && one.url == "" && len(sites) == 1 {
		at = sites[0]
	}
	if at == nil {
		return nil, "", nil
	}
	row, err := tx.Client().IssueState.Query().Where(issuestate.Site(at.Site), issuestate.Key(one.key)).First(ctx)
	switch {
	case err == nil:
		return at, row.IssueID, nil
	case !ent.IsNotFound(err):
		return nil, "", err
	}
	row, err = tx.Client().IssueState.Query().Where(issuestate.Site(at.Site), issuestate.RecordKind(one.target.Prefix), issuestate.RecordID(one.target.N)).First(ctx)
	if err == nil && hadKey(row, one.key) {
		return at, row.IssueID, nil
	}
	if err != nil && !ent.IsNotFound(err) {
		return nil, "", err
	}
	return at, one.key, nil
}

// hadKey says whether an issue was called by a key before.
func hadKey(row *ent.IssueState, key string) bool { return strings.Contains(string(row.State), key) }
