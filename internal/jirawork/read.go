package jirawork

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/delivery"
	"github.com/hindcast-kb/hindcast/ent/issuestate"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/jirasync"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// customFields are the fields that the rules of a source look at.
func customFields(source *ent.Source) ([]string, error) {
	rules, err := inbox.Rules(source)
	return rules.CustomFields(), err
}

// fetch reads an issue anew and hands it to the inbox. An issue that is gone, and was known, is deleted for us too; one that we may
// not read is only marked.
func (s *Service) fetch(ctx context.Context, t *task) (result, error) {
	extra, err := customFields(t.source)
	if err != nil {
		return result{}, err
	}
	issue, raw, err := t.client.FetchIssue(ctx, t.Issue, extra...)
	switch jira.CodeOf(err) {
	case "":
		if err != nil {
			return result{}, err
		}
	case jira.CodeNotFound:
		return s.gone(ctx, t)
	case jira.CodeForbidden:
		return result{settle: func(ctx context.Context, tx *store.Tx, update updating) error {
			update.SetError(reasonOf(err))
			return s.jira.Unreachable(ctx, tx, t.source, jira.ID(t.Issue))
		}}, nil
	default:
		return result{}, err
	}
	now := s.now()
	body, err := jira.FetchedBody(raw, now)
	if err != nil {
		return result{}, err
	}
	key := fmt.Sprintf("rf:%s:%d:%d", issue.ID, issue.Updated.UnixMilli(), now.UnixMicro())
	return result{settle: func(ctx context.Context, tx *store.Tx, _ updating) error {
		if _, err := s.inbox.KeepRead(ctx, tx, t.source, inbox.Read{Key: key, From: jira.ProvenanceRefetch, Body: body}); err != nil {
			return err
		}
		return s.answered(ctx, tx, t)
	}}, nil
}

// answered settles the deliveries that only said which issue to read.
func (s *Service) answered(ctx context.Context, tx *store.Tx, t *task) error {
	return tx.Client().Delivery.Update().Where(delivery.SourceID(t.SourceID), delivery.IssueID(t.Issue), delivery.Reason("needs_refetch")).
		SetStatus(vocab.DeliveryStatusNoop).SetReason("fetched").SetUpdatedAt(s.now()).AddVersion(1).Exec(ctx)
}

// gone hands the inbox the deletion of an issue that the site does not have.
func (s *Service) gone(ctx context.Context, t *task) (result, error) {
	row, err := s.store.Client(ctx).IssueState.Query().Where(issuestate.Site(t.source.Site), issuestate.IssueID(t.Issue)).Only(ctx)
	if ent.IsNotFound(err) {
		return result{settle: func(ctx context.Context, tx *store.Tx, update updating) error {
			update.SetError(string(jira.CodeNotFound))
			return s.answered(ctx, tx, t)
		}}, nil
	}
	if err != nil {
		return result{}, s.store.Fault(err)
	}
	now := s.now()
	body, err := jira.GoneBody(row.IssueID, row.Key, row.Site+"/rest/api/2/issue/"+row.IssueID, now)
	if err != nil {
		return result{}, err
	}
	return result{settle: func(ctx context.Context, tx *store.Tx, _ updating) error {
		key := fmt.Sprintf("gone:%s:%d", row.IssueID, now.UnixMicro())
		_, err := s.inbox.KeepRead(ctx, tx, t.source, inbox.Read{Key: key, From: jira.ProvenanceRefetch, Body: body})
		return err
	}}, nil
}

// reading is how far a search through a site has come.
type reading struct {
	// Since is where the next search begins, by the clock of the site.
	Since time.Time `json:"since"`
	// Cursor goes on within the search that began there.
	Cursor string `json:"cursor,omitempty"`
	// Pages, Issues and New count what was read, and what of it was not known.
	Pages  int `json:"pages"`
	Issues int `json:"issues"`
	New    int `json:"new"`
	// Seen are the issues a reconciliation has met, with the time each last changed.
	Seen map[jira.ID]int64 `json:"seen,omitempty"`
	// Missing counts the issues that are known here and were not met.
	Missing int `json:"missing,omitempty"`
}

// BackfillRequest asks to read everything that changed.
type BackfillRequest struct {
	// Changes since this time are read; since the last backfill when it is not given, and else all.
	Since *time.Time `json:"since,omitempty" format:"date-time" example:"2026-03-01T00:00:00Z"`
}

// zone is where the searches of our account are read.
func zone(source *ent.Source) *time.Location {
	at, err := time.LoadLocation(source.APIZone)
	if err != nil {
		return time.UTC
	}
	return at
}

// projectsOf are the projects that a source maps; all when it maps none.
func projectsOf(source *ent.Source) []string { return slices.Sorted(maps.Keys(source.Projects)) }

// backfill reads one page of what changed and hands it to the inbox; how far it came is kept with the page. Pages are asked for by
// time, oldest change first: the next search begins at the newest change that was read, in the minute that it is in, since a search
// knows no seconds. So an edit during the search moves an issue to a later page and none is passed over. Only within a minute that
// fills whole pages the cursor goes on.
func (s *Service) backfill(ctx context.Context, t *task) (result, error) {
	var at reading
	if len(t.Progress) > 0 {
		if err := json.Unmarshal(t.Progress, &at); err != nil {
			return result{}, fmt.Errorf("reading how far a backfill came: %w", err)
		}
	}
	if at.Since.IsZero() { // it begins
		if err := s.identify(ctx, t); err != nil {
			return result{}, err
		}
		at = reading{Since: jira.Beginning}
		if t.source.Watermark != nil {
			at.Since = t.source.Watermark.Add(-jira.BackfillOverlap)
		}
		var wanted BackfillRequest
		if len(t.Wanted) > 0 && json.Unmarshal(t.Wanted, &wanted) == nil && wanted.Since != nil {
			at.Since = *wanted.Since
		}
	}
	extra, err := customFields(t.source)
	if err != nil {
		return result{}, err
	}
	page, err := t.client.SearchPage(ctx, jira.Query{JQL: jira.ChangedJQL(projectsOf(t.source), at.Since, zone(t.source)), Extra: extra, Cursor: at.Cursor})
	if err != nil {
		return result{}, err
	}
	next, newest := at, at.Since
	next.Pages++
	for _, issue := range page.Issues {
		if issue.Updated.After(newest) {
			newest = issue.Updated
		}
	}
	switch {
	case page.Next == "":
	case newest.Truncate(time.Minute).After(at.Since.Truncate(time.Minute)):
		next.Since, next.Cursor = newest.Truncate(time.Minute), ""
	default:
		next.Cursor = page.Next
	}
	r := result{settle: func(ctx context.Context, tx *store.Tx, update updating) error {
		return s.keepPage(ctx, tx, t, page, newest, &next, update)
	}}
	if page.Next != "" {
		r.again = s.now()
	}
	return r, nil
}

// keepPage hands a page to the inbox and moves the watermark.
func (s *Service) keepPage(ctx context.Context, tx *store.Tx, t *task, page jira.Page, newest time.Time, next *reading, update updating) error {
	for i, issue := range page.Issues {
		body, err := jira.FetchedBody(page.Raw[i], s.now())
		if err != nil {
			return err
		}
		fresh, err := s.inbox.KeepRead(ctx, tx, t.source, inbox.Read{Key: jira.BackfillKey(issue), From: jira.ProvenanceBackfill, Body: body})
		if err != nil {
			return err
		}
		next.Issues++
		if fresh {
			next.New++
		}
	}
	if page.Next == "" {
		next.Since, next.Cursor = time.Time{}, "" // the next backfill begins at the watermark
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return err
	}
	update.SetProgress(raw)
	if len(page.Issues) == 0 || t.source.Watermark != nil && !newest.After(*t.source.Watermark) {
		return nil
	}
	return tx.Client().Source.UpdateOneID(t.SourceID).SetWatermark(newest).Exec(ctx)
}

// identify asks who we are, once for each connection, since searches are read in the time zone of our account.
func (s *Service) identify(ctx context.Context, t *task) error {
	if t.source.APIZone != "" {
		return nil
	}
	who, err := t.client.Check(ctx)
	if err != nil {
		return err
	}
	t.source, err = s.sources.Identify(ctx, t.SourceID, who)
	return err
}

// reconcile compares all issues of the site with what is known: those that are missing here or older are read anew, and so are those
// that the site does not list, to find which are gone. It asks for links that were never set, too.
func (s *Service) reconcile(ctx context.Context, t *task) (result, error) {
	at := reading{}
	if len(t.Progress) > 0 {
		if err := json.Unmarshal(t.Progress, &at); err != nil {
			return result{}, fmt.Errorf("reading how far a reconciliation came: %w", err)
		}
	}
	if at.Cursor == "" {
		if err := s.identify(ctx, t); err != nil {
			return result{}, err
		}
		at = reading{Seen: map[jira.ID]int64{}}
	}
	page, err := t.client.SearchPage(ctx, jira.Query{JQL: jira.EverythingJQL(projectsOf(t.source)), Cursor: at.Cursor, Brief: true, Limit: 500})
	if err != nil {
		return result{}, err
	}
	for _, issue := range page.Issues {
		at.Seen[issue.ID] = issue.Updated.UnixMilli()
	}
	at.Pages, at.Issues, at.Cursor = at.Pages+1, at.Issues+len(page.Issues), page.Next
	if page.Next != "" {
		return result{progress: at, again: s.now()}, nil
	}
	known, err := s.jira.Known(ctx, t.source)
	if err != nil {
		return result{}, err
	}
	var read []string
	for id, updated := range at.Seen {
		if was, there := known[id]; !there || was < updated {
			read = append(read, string(id))
			at.New++
		}
	}
	for id := range known {
		if _, met := at.Seen[id]; !met {
			read = append(read, string(id))
			at.Missing++
		}
	}
	slices.Sort(read)
	at.Seen = nil
	return result{settle: func(ctx context.Context, tx *store.Tx, update updating) error {
		for _, id := range read {
			if err := inbox.PutFetch(ctx, tx, s.now(), t.SourceID, id, 0); err != nil {
				return err
			}
		}
		if err := s.relink(ctx, tx, t.source); err != nil {
			return err
		}
		return tx.Client().Source.UpdateOneID(t.SourceID).SetReconciledAt(s.now()).Exec(ctx)
	}, progress: at}, nil
}

// erase takes accounts out of what came from a source, and out of the work itself.
func (s *Service) erase(ctx context.Context, t *task) (result, error) {
	var wanted jirasync.Erasure
	if err := json.Unmarshal(t.Wanted, &wanted); err != nil {
		return result{}, fmt.Errorf("reading what was wanted: %w", err)
	}
	for _, account := range wanted.Accounts {
		if err := s.jira.Erase(ctx, t.source, account); err != nil {
			return result{}, err
		}
	}
	return result{settle: func(_ context.Context, _ *store.Tx, update updating) error {
		update.SetWanted(json.RawMessage(`{"accounts":[]}`))
		return nil
	}}, nil
}
