package audit

import (
	"context"
	"time"

	"github.com/hindcast-kb/hindcast/ent"
	"github.com/hindcast-kb/hindcast/ent/auditentry"
	"github.com/hindcast-kb/hindcast/ent/predicate"
	"github.com/hindcast-kb/hindcast/internal/auth"
	"github.com/hindcast-kb/hindcast/internal/store"
	"github.com/hindcast-kb/hindcast/internal/vocab"
)

// Query says which entries are wanted. What is empty does not narrow.
type Query struct {
	// Targets, Actors and Actions each hold for entries with any of their values.
	Targets []vocab.ID
	Actors  []string
	Actions []string
	// Since leaves out what was done before; the time itself is included.
	Since *time.Time
	// Before leaves out the entry of this number and all later ones; zero leaves out none.
	Before int
	// Limit is how many entries are wanted, above zero.
	Limit int
}

// Log reads what was recorded.
type Log struct{ store *store.Store }

// NewLog reads from s.
func NewLog(s *store.Store) *Log { return &Log{s} }

// List gives entries, the latest first. The caller must be admin: entries show values of records of every team.
func (l *Log) List(ctx context.Context, q Query) ([]*ent.AuditEntry, error) {
	if err := auth.Require(ctx, vocab.ScopeAdmin); err != nil {
		return nil, err
	}
	find := l.store.Client(ctx).AuditEntry.Query().Order(ent.Desc(auditentry.FieldID)).Limit(q.Limit)
	if len(q.Actors) > 0 {
		find.Where(auditentry.ActorIn(q.Actors...))
	}
	if len(q.Actions) > 0 {
		find.Where(auditentry.ActionIn(q.Actions...))
	}
	if q.Since != nil {
		find.Where(auditentry.AtGTE(*q.Since))
	}
	if q.Before > 0 {
		find.Where(auditentry.IDLT(q.Before))
	}
	if len(q.Targets) > 0 {
		ofAny := make([]predicate.AuditEntry, len(q.Targets))
		for i, id := range q.Targets {
			ofAny[i] = auditentry.And(auditentry.TargetKind(id.Prefix), auditentry.TargetID(id.N))
		}
		find.Where(auditentry.Or(ofAny...))
	}
	rows, err := find.All(ctx)
	return rows, l.store.Fault(err)
}
