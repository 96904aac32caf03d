package jirasync

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/incident"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/record"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/upgrade"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// eventSource is what timeline events say where they come from.
const eventSource = "Jira"

// timeline writes comments as events of the record. An edited comment supersedes its earlier event, since events are never changed;
// one that only a role or group may see is left out.
func (p *Processor) timeline(ctx context.Context, tx *store.Tx, t *tracked, fx jira.Effects) error {
	target := t.target()
	if !target.Is(vocab.Finding) && !target.Is(vocab.Incident) && !target.Is(vocab.Attempt) {
		return nil
	}
	for _, c := range append(slices.Clone(fx.Comments), fx.Buried...) {
		if c.Restricted {
			continue
		}
		text := c.Text().Clip(fault.MaxText).Markdown
		if strings.TrimSpace(text) == "" {
			text = "(a comment without text)"
		}
		if err := p.event(ctx, t, c.ID, text, first(c.Created, c.Updated)); err != nil {
			return err
		}
	}
	deleted := fx.CommentsDeleted
	for _, c := range fx.Buried {
		if !t.state.WentWithIssue(c.ID) {
			deleted = append(deleted, c.ID)
		}
	}
	for _, id := range deleted {
		if t.row.Events[string(id)] == 0 {
			continue
		}
		if err := p.event(ctx, t, id, commentGone, time.Time{}); err != nil {
			return err
		}
	}
	if fx.Deleted {
		return p.unbury(ctx, tx, t)
	}
	return nil
}

// commentGone stands in a timeline for a comment that was deleted.
const commentGone = "(the comment was deleted in Jira)"

// unbury brings the texts back of comments that were taken for deleted, when it turns out that they went with their issue.
func (p *Processor) unbury(ctx context.Context, tx *store.Tx, t *tracked) error {
	for _, id := range slices.Sorted(maps.Keys(t.row.Events)) {
		if !t.state.WentWithIssue(jira.ID(id)) {
			continue
		}
		row, err := tx.Client().Event.Get(ctx, t.row.Events[id])
		if err != nil {
			return err
		}
		if row.Text != commentGone || row.SupersedesID == nil {
			continue
		}
		was, err := tx.Client().Event.Get(ctx, *row.SupersedesID)
		if err != nil {
			return err
		}
		if err := p.event(ctx, t, jira.ID(id), was.Text, was.OccurredAt); err != nil {
			return err
		}
	}
	return nil
}

func (p *Processor) event(ctx context.Context, t *tracked, id jira.ID, text string, at time.Time) error {
	now := p.now()
	if at.IsZero() {
		at = now
	}
	at = record.Happened(at, now)
	in := incident.EventInput{
		Of: t.target(), OccurredAt: &at, Kind: vocab.EventKindCommunication, Text: text, Source: eventSource,
		ExternalKey: clip("jira:comment:"+string(id), 200),
	}
	if was := t.row.Events[string(id)]; was != 0 {
		in.SupersedesID = vocab.Event.ID(was)
		in.ExternalKey += ":" + strconv.Itoa(was)
	}
	added, err := p.Events.Add(ctx, in)
	if err != nil {
		return err
	}
	t.row.Events[string(id)] = added.ID
	t.touched(vocab.Event.ID(added.ID))
	return nil
}

func first(times ...time.Time) time.Time {
	i := slices.IndexFunc(times, func(at time.Time) bool { return !at.IsZero() })
	if i < 0 {
		return time.Time{}
	}
	return times[i]
}

// workRole is whose hours worklogs count as; names of people are not kept.
const workRole = "issue tracker"

// effortOf is the name under which tracked.written keeps the attempt that worklogs were written to.
const effortOf = "effort_of"

// effort writes worklogs as effort on the attempt that the record belongs to. A changed worklog takes its earlier entry back, and so do
// all when the record comes to belong to another attempt.
func (p *Processor) effort(ctx context.Context, tx *store.Tx, t *tracked, at place, fx jira.Effects) error {
	attempt := at.attempt
	if t.target().Is(vocab.Attempt) {
		attempt = t.target()
	}
	if attempt.IsZero() { // what Jira does not tell stays as it is
		attempt, _ = vocab.ParseID(t.written[effortOf]) // zero when there is none
	}
	moved := !attempt.IsZero() && t.written[effortOf] != attempt.String()
	if moved {
		t.written[effortOf] = attempt.String()
	}
	for _, w := range t.state.Logged() {
		changed := slices.ContainsFunc(fx.Worklogs, func(news jira.Worklog) bool { return news.ID == w.ID })
		if w.Gone || moved || changed {
			if err := p.takeBack(ctx, tx, t, w.ID); err != nil {
				return err
			}
		}
		hours := math.Round(float64(w.Seconds)/36) / 100
		if w.Gone || attempt.IsZero() || hours <= 0 || t.row.Efforts[string(w.ID)] != 0 {
			continue
		}
		in := upgrade.EffortInput{Hours: hours, Role: workRole, Phase: vocab.EffortPhaseRepair, AttemptID: attempt, Note: "worklog of " + t.state.Issue().Key}
		if !w.Started.IsZero() {
			started := record.Happened(w.Started, p.now())
			in.SpentAt = &started
		}
		entry, err := p.Efforts.Add(ctx, in)
		if err != nil {
			return err
		}
		t.row.Efforts[string(w.ID)] = entry.ID
		t.touched(vocab.Effort.ID(entry.ID))
	}
	return nil
}

// takeBack reverses the entry of a worklog, if there is one.
func (p *Processor) takeBack(ctx context.Context, tx *store.Tx, t *tracked, id jira.ID) error {
	n := t.row.Efforts[string(id)]
	if n == 0 {
		return nil
	}
	was, err := p.Efforts.Load(ctx, tx.Client(), n)
	if err != nil {
		return err
	}
	in := p.Efforts.Of(was)
	in.Hours, in.ReversesID, in.SpentAt = -in.Hours, vocab.Effort.ID(n), nil
	entry, err := p.Efforts.Add(ctx, in)
	if err != nil {
		return err
	}
	delete(t.row.Efforts, string(id))
	t.touched(vocab.Effort.ID(entry.ID))
	return nil
}

// same compares two inputs by what a client would see of them.
func same(a, b any) bool {
	left, err := json.Marshal(a)
	if err != nil {
		return false
	}
	right, err := json.Marshal(b)
	return err == nil && bytes.Equal(left, right)
}

func clip(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}
