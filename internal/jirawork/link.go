package jirawork

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/ent/job"
	"github.com/hindcast-kb/hindcast/ent/recordreference"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// removed is the hash of a link that was taken away.
const removed = "removed"

// suspended is why work is done no more: it wrote more often than people do, so something answers us.
const suspended = "sync_suspended"

func (t *task) target() vocab.ID { return vocab.ID{Prefix: t.TargetKind, N: t.TargetID} }

// link brings the link on an issue to what its record is. The whole link is sent each time, since Jira empties what is left out,
// and nothing at all when it is there already.
func (s *Service) link(ctx context.Context, t *task) (result, error) {
	shown, err := s.card(ctx, t.target())
	if err != nil {
		return result{}, err
	}
	if shown != nil {
		tied, err := s.store.Client(ctx).RecordReference.Query().Where(recordreference.TargetKind(t.TargetKind), recordreference.TargetID(t.TargetID),
			recordreference.KindEQ(vocab.ReferenceKindJira)).Exist(ctx)
		if err != nil {
			return result{}, s.store.Fault(err)
		}
		if !tied {
			shown = nil
		}
	}
	global := jira.GlobalID(t.target().Kind().Name, t.target().String())
	if shown == nil {
		if t.PushedHash == "" || t.PushedHash == removed {
			return result{}, nil
		}
		return result{pushed: removed}, t.client.DeleteRemoteLink(ctx, t.Issue, global)
	}
	link := s.linkTo(t.target(), *shown, global)
	hash := hashOf(link)
	if hash == t.PushedHash {
		return result{}, nil
	}
	within, err := s.withinBudget(ctx, t)
	if err != nil {
		return result{}, err
	}
	if !within {
		return s.suspend(t), nil
	}
	return result{pushed: hash}, t.client.PutRemoteLink(ctx, t.Issue, link)
}

// linkTo is the link to a record. A restricted record shows its id and nothing else, since readers of the issue need not be of its team.
func (s *Service) linkTo(id vocab.ID, shown card, global string) jira.RemoteLink {
	link := jira.RemoteLink{GlobalID: global, URL: s.page(id), Title: id.String(), Relationship: "learned in", Icon: s.opts.PublicURL + "/favicon.ico", Resolved: shown.closed}
	if shown.restricted {
		return link
	}
	if shown.title != "" {
		link.Title = clip(id.String()+": "+shown.title, 250)
	}
	if shown.status != "" {
		link.Summary = capital(id.Kind().Name) + ", " + strings.ReplaceAll(shown.status, "_", " ")
	}
	return link
}

func capital(word string) string {
	word = strings.ReplaceAll(word, "_", " ")
	return strings.ToUpper(word[:1]) + word[1:]
}

func hashOf(v any) string {
	raw, _ := json.Marshal(v) // texts and flags
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// recent are the writes of the last minute.
func recent(writes []time.Time, now time.Time) []time.Time {
	kept := []time.Time{}
	for _, at := range writes {
		if now.Sub(at) < time.Minute {
			kept = append(kept, at)
		}
	}
	return kept
}

// withinBudget says whether the record may be written for once more, all its work together.
func (s *Service) withinBudget(ctx context.Context, t *task) (bool, error) {
	rows, err := s.store.Client(ctx).Job.Query().Where(job.TargetKind(t.TargetKind), job.TargetID(t.TargetID)).Select(job.FieldWrites).All(ctx)
	if err != nil {
		return false, s.store.Fault(err)
	}
	now := store.UTC(s.now())
	var budget jira.Budget
	for _, row := range rows {
		budget.Writes = append(budget.Writes, recent(row.Writes, now)...)
	}
	_, within := budget.Spend(now)
	return within, nil
}

// suspend stops work that wrote too often, says so in the log and the figures, and keeps it in the audit of the source.
func (s *Service) suspend(t *task) result {
	if s.opts.Alert != nil {
		s.opts.Alert(suspended)
	}
	s.opts.Log.Error("work at a site is suspended: it wrote more than five times in a minute for one record",
		"job", vocab.Job.ID(t.ID).String(), "record", t.target().String())
	return result{suspend: suspended, settle: s.note(t, suspended)}
}

// note keeps in the audit that a source met something somebody should look at.
func (s *Service) note(t *task, action string) settling {
	return func(ctx context.Context, tx *store.Tx, _ updating) error {
		return audit.Record(ctx, tx, audit.Entry{Target: vocab.Source.ID(t.SourceID), Action: action, At: s.now(),
			Changes: []vocab.FieldChange{{Field: "record", To: t.target().String()}}})
	}
}
