// Package chain links audit entries by their hashes: each carries one over itself and the hash of the entry before, so that none can
// be changed, moved or taken out without every later hash telling.
package chain

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// lock is the name under which entries are added one after another.
const lock = "audit chain"

// Add adds an entry to the end of the chain when tx commits. It waits until then, so that whoever waits for the lock of the chain
// holds up nobody else: after it comes the commit alone.
func Add(tx *store.Tx, entry *ent.AuditEntry) {
	tx.BeforeCommit(func(ctx context.Context, tx *store.Tx) error { return link(ctx, tx, entry) })
}

func link(ctx context.Context, tx *store.Tx, entry *ent.AuditEntry) error {
	if err := tx.Lock(ctx, lock); err != nil {
		return err
	}
	entries := tx.Client().AuditEntry
	before, err := entries.Query().Order(ent.Desc(auditentry.FieldID)).Limit(1).Select(auditentry.FieldHash).Strings(ctx)
	if err != nil {
		return err
	}
	previous := ""
	if len(before) > 0 {
		previous = before[0]
	}
	hash, err := Hash(previous, entry)
	if err != nil {
		return err
	}
	return entries.Create().SetAt(entry.At).SetActor(entry.Actor).SetNillableTokenID(entry.TokenID).SetAction(entry.Action).
		SetTargetKind(entry.TargetKind).SetTargetID(entry.TargetID).SetChanges(entry.Changes).SetReason(entry.Reason).
		SetRequestID(entry.RequestID).SetHash(hash).Exec(ctx)
}

// Hash is SHA-256 over the hash of the entry before, a line feed, and this entry as canonical JSON, in hexadecimal. In it, the changes
// are told by their digest, so that it holds when they were erased.
func Hash(previous string, e *ent.AuditEntry) (string, error) {
	changes, err := digest(e.Changes)
	if err != nil {
		return "", err
	}
	content, err := json.Marshal([]any{
		store.UTC(e.At).Format(time.RFC3339Nano), e.Actor, e.TokenID, e.Action, e.TargetKind, e.TargetID, changes, e.Reason, e.RequestID,
	})
	if err != nil {
		return "", fmt.Errorf("writing an audit entry: %w", err)
	}
	sum := sha256.Sum256(append([]byte(previous+"\n"), content...))
	return hex.EncodeToString(sum[:]), nil
}

// erasedField is the name of the one change that stands for changes that were erased; its value is their digest.
const erasedField = "(erased)"

// Erased is what may stand in the place of changes without breaking the chain.
func Erased(changes []vocab.FieldChange) ([]vocab.FieldChange, error) {
	sum, err := digest(changes)
	return []vocab.FieldChange{{Field: erasedField, To: sum}}, err
}

// IsErased tells whether changes were erased.
func IsErased(changes []vocab.FieldChange) bool {
	return len(changes) == 1 && changes[0].Field == erasedField
}

// digest is SHA-256 over changes as canonical JSON, in hexadecimal.
func digest(changes []vocab.FieldChange) (string, error) {
	if IsErased(changes) {
		sum, _ := changes[0].To.(string)
		return sum, nil
	}
	plain, err := canonical(changes)
	if err != nil {
		return "", fmt.Errorf("writing the changes of an audit entry: %w", err)
	}
	text, err := json.Marshal(plain)
	if err != nil {
		return "", fmt.Errorf("writing the changes of an audit entry: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// canonical is v as JSON has it: databases keep neither the order of members nor the way a number is written.
func canonical(v any) (any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var plain any
	return plain, json.NewDecoder(bytes.NewReader(text)).Decode(&plain)
}
