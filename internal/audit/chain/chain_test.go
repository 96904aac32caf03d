package chain_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/internal/audit"
	"github.com/hindcast-kb/hindcast/internal/audit/chain"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/dbtest"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

var at = time.Date(2026, 3, 9, 12, 0, 0, 123_000, time.UTC)

func admin() context.Context { return auth.With(context.Background(), auth.System("test")) }

func record(t *testing.T, s *store.Store, n int) {
	t.Helper()
	err := s.Tx(admin(), func(ctx context.Context, tx *store.Tx) error {
		changes := []vocab.FieldChange{{Field: "threshold", From: 1e21, To: map[string]any{"b": 0.5, "a": "é <"}}, {Field: "n", To: n}}
		return audit.Record(ctx, tx, audit.Entry{Target: vocab.Finding.ID(n), Action: "update", Changes: changes, Reason: "because", At: at})
	})
	if err != nil {
		t.Error(err)
	}
}

func verify(t *testing.T, s *store.Store, known audit.Head) (audit.Head, int) {
	t.Helper()
	head, err := audit.NewLog(s).Verify(admin(), known)
	var broken *audit.ErrBroken
	if errors.As(err, &broken) {
		return head, broken.Entry
	}
	if err != nil {
		t.Fatal(err)
	}
	return head, 0
}

// Entries are edited as somebody with the database at hand would.
func tamper(t *testing.T, s *store.Store, statement string) {
	t.Helper()
	if _, err := s.Writer().ExecContext(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestEveryTamperingIsFound(t *testing.T) {
	for claim, c := range map[string]struct {
		statement string
		broken    int
	}{
		"an edited value":     {"UPDATE audit_entries SET changes = '[]' WHERE id = 3", 3},
		"one word edited":     {`UPDATE audit_entries SET changes = '[{"field":"threshold","from":1,"to":2},{"field":"n","from":null,"to":5}]' WHERE id = 5`, 5},
		"an edited actor":     {"UPDATE audit_entries SET actor = 'other' WHERE id = 2", 2},
		"an entry taken out":  {"DELETE FROM audit_entries WHERE id = 4", 5},
		"two entries swapped": {"UPDATE audit_entries SET id = CASE id WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE id IN (2, 3)", 2},
		"the end cut off":     {"DELETE FROM audit_entries WHERE id > 4", 6},
		"an entry added":      {"INSERT INTO audit_entries (at, actor, action, target_kind, target_id, changes, reason, request_id, hash) SELECT at, actor, action, target_kind, target_id, changes, reason, request_id, hash FROM audit_entries WHERE id = 6", 7},
	} {
		t.Run(claim, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, s *store.Store) {
				for n := range 6 {
					record(t, s, n+1)
				}
				head, broken := verify(t, s, audit.Head{})
				if broken != 0 || head.Entries != 6 {
					t.Fatalf("untouched, entry %d of %d is broken", broken, head.Entries)
				}
				tamper(t, s, c.statement)
				if claim == "two entries swapped" {
					tamper(t, s, "UPDATE audit_entries SET id = -id WHERE id < 0")
				}
				if _, broken := verify(t, s, head); broken != c.broken {
					t.Errorf("the first broken entry is %d, want %d", broken, c.broken)
				}
			})
		})
	}
}

func TestErasedChangesKeepTheChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		for n := range 3 {
			record(t, s, n+1)
		}
		head, _ := verify(t, s, audit.Head{})
		row, err := s.Read().AuditEntry.Query().Where(auditentry.ID(2)).Only(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		erased, err := chain.Erased(row.Changes)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(erased)
		if err != nil {
			t.Fatal(err)
		}
		tamper(t, s, "UPDATE audit_entries SET changes = '"+string(text)+"' WHERE id = 2")
		if now, broken := verify(t, s, head); broken != 0 || now.Erased != 1 {
			t.Errorf("after an erasure entry %d is broken and %d are erased, want none and one", broken, now.Erased)
		}
	})
}

func TestEntriesOfManyWritersMakeOneChain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, s *store.Store) {
		var work sync.WaitGroup
		for n := range 32 {
			work.Go(func() {
				record(t, s, n+1)
				undone := s.Tx(admin(), func(ctx context.Context, tx *store.Tx) error {
					if err := audit.Record(ctx, tx, audit.Entry{Target: vocab.Finding.ID(n + 1), Action: "delete", At: at}); err != nil {
						return err
					}
					return fmt.Errorf("undo")
				})
				if undone == nil {
					t.Error("the transaction was not undone")
				}
			})
		}
		work.Wait()
		head, broken := verify(t, s, audit.Head{})
		if broken != 0 || head.Entries != 32 {
			t.Errorf("%d entries, entry %d broken, want 32 whole ones", head.Entries, broken)
		}
		first, err := s.Read().AuditEntry.Query().Order(ent.Asc(auditentry.FieldID)).First(context.Background())
		if err != nil || first.Hash == "" {
			t.Errorf("the first entry is %v, %v, want it with a hash", first, err)
		}
	})
}
