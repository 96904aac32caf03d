package app_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/app/apptest"
	"github.com/hindcast-kb/hindcast/internal/inbox"
	"github.com/hindcast-kb/hindcast/internal/store"
)

func TestJira63AWorkerThatDiesLeavesItsLeaseToTheNext(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		id := src.ok(t, "accepted", issueEvent(change{}))
		// A worker whose context ends while it applies is one that was killed: it settles nothing.
		ctx, kill := context.WithCancel(context.Background())
		dying := inbox.NewWorker(s.Services.Inbox, func(ctx context.Context, tx *store.Tx, d *ent.Delivery, from *ent.Source) (inbox.Outcome, error) {
			if _, err := s.Services.Jira.Process(ctx, tx, d, from); err != nil {
				return inbox.Outcome{}, err
			}
			kill()
			return inbox.Outcome{}, ctx.Err()
		}, slog.New(slog.DiscardHandler))
		_, _ = dying.One(ctx) // it was killed
		src.became(t, id, "processing", "")
		src.drain(t)
		src.became(t, id, "processing", "")
		if n := len(src.findings(t)); n != 0 {
			t.Errorf("%d findings of a worker that was killed", n)
		}
		s.Clock.Move(3 * time.Minute)
		src.drain(t)
		src.became(t, id, "applied", "")
		src.only(t)
	})
}

func TestJira64PoisonIsQuarantinedAndBlocksNobody(t *testing.T) {
	apptest.Each(t, func(t *testing.T, s *apptest.Server) {
		src := source(t, s, nil)
		poison := src.ok(t, "accepted", issueEvent(change{summary: "Poison"}), "X-Atlassian-Webhook-Identifier", "poison")
		other := src.ok(t, "accepted", issueEvent(change{id: "2", key: "UPG-2"}), "X-Atlassian-Webhook-Identifier", "other")
		worker := inbox.NewWorker(s.Services.Inbox, func(ctx context.Context, tx *store.Tx, d *ent.Delivery, from *ent.Source) (inbox.Outcome, error) {
			if d.DedupeKey == "hdr:poison" {
				panic("poison")
			}
			return s.Services.Jira.Process(ctx, tx, d, from)
		}, slog.New(slog.DiscardHandler))
		drain := func() {
			if _, err := worker.Drain(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		drain()
		src.became(t, other, "applied", "")
		src.became(t, poison, "received", "")
		s.Clock.Move(time.Minute)
		drain()
		src.became(t, poison, "quarantined", "panic")
		same := src.ok(t, "accepted", issueEvent(change{at: morning.Add(time.Minute)}), "X-Atlassian-Webhook-Identifier", "same issue")
		drain()
		src.became(t, same, "applied", "")
	})
}
