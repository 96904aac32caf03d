// Package audit keeps who changed what, when, and from what to what. Entries are written in the transaction of the change
// and are never changed themselves: each carries a hash over itself and the hash before it, so that a change to one is found.
package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/internal/audit/chain"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Entry is one deed.
type Entry struct {
	Target  vocab.ID
	Action  string
	Changes []vocab.FieldChange
	Reason  string
	At      time.Time
}

// WithRequest is a context whose entries carry the id of the request.
func WithRequest(ctx context.Context, id string) context.Context { return auth.WithRequest(ctx, id) }

// Record adds an entry to the chain when tx commits, in the name of the actor of the context.
func Record(ctx context.Context, tx *store.Tx, entry Entry) error {
	actor := auth.From(ctx)
	row := &ent.AuditEntry{
		At: store.UTC(entry.At), Actor: actor.Name, Action: entry.Action, TargetKind: entry.Target.Prefix, TargetID: entry.Target.N,
		Changes: entry.Changes, Reason: entry.Reason, RequestID: auth.RequestFrom(ctx),
	}
	if actor.TokenID != 0 {
		row.TokenID = &actor.TokenID
	}
	chain.Add(tx, row)
	return nil
}

// Diff compares two values by their JSON members, in the order of the member names. A nil value has no members.
func Diff(before, after any) ([]vocab.FieldChange, error) {
	old, err := members(before)
	if err != nil {
		return nil, err
	}
	now, err := members(after)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(old)+len(now))
	for name := range old {
		names = append(names, name)
	}
	for name := range now {
		if _, both := old[name]; !both {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	changes := make([]vocab.FieldChange, 0, len(names))
	for _, name := range names {
		if !bytes.Equal(old[name], now[name]) {
			changes = append(changes, vocab.FieldChange{Field: name, From: value(old[name]), To: value(now[name])})
		}
	}
	return changes, nil
}

func members(v any) (map[string]json.RawMessage, error) {
	if v == nil {
		return nil, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	var m map[string]json.RawMessage
	return m, json.Unmarshal(raw, &m)
}

func value(raw json.RawMessage) any {
	if raw == nil {
		return nil
	}
	return raw
}
