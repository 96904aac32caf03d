package jirawork

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/fault"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/jira"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// WebhookRequest asks to register a webhook at the site of a source. Jira ends it after 30 days; it is refreshed before that.
type WebhookRequest struct {
	// The issues that it is for, in the part of JQL that Jira takes for webhooks.
	JQL string `json:"jql" validate:"required" example:"project = UPG" maxLength:"2000"`
	// The events that it is for; all that are applied when it is not given.
	Events []string `json:"events,omitempty" example:"jira:issue_updated" maxItems:"40"`
}

// Check notes every field that breaks a rule by itself.
func (r WebhookRequest) Check(c *fault.Check) {
	c.Required("jql", r.JQL)
	c.Text("jql", r.JQL, fault.MaxURL)
	c.List("events", r.Events)
}

// hookEvents are the events of Jira that are applied, of those a registered webhook may be for.
var hookEvents = []string{
	"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated", "comment_deleted",
	"jira:version_released", "jira:version_unreleased", "jira:version_deleted",
}

// RegisterWebhook asks to register a webhook at the site of a source.
func (s *Service) RegisterWebhook(ctx context.Context, id int, r WebhookRequest) (*ent.Job, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	var check fault.Check
	if r.Check(&check); check.Err() != nil {
		return nil, check.Err()
	}
	if len(r.Events) == 0 {
		r.Events = hookEvents
	}
	return s.askFor(ctx, id, vocab.JobKindWebhook, r)
}

// askFor asks for work of which a source has one piece at a time.
func (s *Service) askFor(ctx context.Context, id int, kind vocab.JobKind, wanted any) (*ent.Job, error) {
	source, err := s.sources.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, err := s.sources.Dial(source); err != nil {
		return nil, noConnection(id, err)
	}
	var row *ent.Job
	err = s.store.Tx(ctx, func(ctx context.Context, tx *store.Tx) error {
		n, err := inbox.Put(ctx, tx, s.now(), auth.From(ctx).Name, inbox.Ask{Source: id, Kind: kind, Key: string(kind), Wanted: wanted})
		if err != nil {
			return err
		}
		if err := s.asked(ctx, tx, vocab.Source.ID(id), kind); err != nil {
			return err
		}
		row, err = tx.Client().Job.Get(ctx, n)
		return err
	})
	if err == nil {
		s.Wake()
	}
	return row, err
}

// webhook registers a webhook, or refreshes the one there is. One that is gone at the site is registered anew, and what it missed is
// read by a backfill.
func (s *Service) webhook(ctx context.Context, t *task) (result, error) {
	wanted := WebhookRequest{JQL: t.source.HookJql, Events: t.source.HookEvents}
	if len(t.Wanted) > 0 {
		var asked WebhookRequest
		if err := json.Unmarshal(t.Wanted, &asked); err != nil {
			return result{}, fmt.Errorf("reading what was wanted: %w", err)
		}
		if asked.JQL != "" {
			wanted = asked
		}
	}
	same := t.source.HookID != 0 && wanted.JQL == t.source.HookJql && hashOf(wanted.Events) == hashOf(t.source.HookEvents)
	if same {
		expires, err := t.client.RefreshWebhooks(ctx, []int64{t.source.HookID})
		if err == nil {
			return result{settle: s.hookSet(t, t.source.HookID, wanted, expires, false)}, nil
		}
		if jira.CodeOf(err) != jira.CodeNotFound {
			return result{}, err
		}
	}
	target := s.opts.PublicURL + "/api/v1/webhooks/jira/" + vocab.Source.ID(t.SourceID).String()
	id, err := t.client.RegisterWebhook(ctx, target, wanted.JQL, wanted.Events)
	if err != nil {
		return result{}, err
	}
	return result{settle: s.hookSet(t, id, wanted, s.now().Add(hookLife), same)}, nil
}

// hookLife is how long a registered webhook lives unless it is refreshed.
const hookLife = 30 * 24 * time.Hour

func (s *Service) hookSet(t *task, id int64, r WebhookRequest, expires time.Time, gap bool) settling {
	if expires.IsZero() {
		expires = s.now().Add(hookLife)
	}
	return func(ctx context.Context, tx *store.Tx, update updating) error {
		update.SetWanted(json.RawMessage(`{}`))
		if gap {
			if _, err := inbox.Put(ctx, tx, s.now(), "jira", inbox.Ask{Source: t.SourceID, Kind: vocab.JobKindBackfill, Key: string(vocab.JobKindBackfill)}); err != nil {
				return err
			}
		}
		return tx.Client().Source.UpdateOneID(t.SourceID).SetHookID(id).SetHookJql(r.JQL).SetHookEvents(r.Events).SetHookExpiresAt(expires).Exec(ctx)
	}
}
